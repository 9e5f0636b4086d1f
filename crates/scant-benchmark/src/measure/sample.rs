//! One measurement, and what many of them come to.

use std::fs;
use std::io;
use std::path::Path;

use serde::Serialize;

/// What a case took, once.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Sample {
    /// Seconds from start to end.
    pub(crate) wall: f64,
    /// Seconds of user and system time, of all processes.
    pub(crate) cpu: f64,
    /// The peak memory of the largest process in bytes.
    pub(crate) peak: u64,
    /// The share of the machine that others used meanwhile, 0 to 1.
    pub(crate) others: f64,
    /// What was written.
    pub(crate) output: Option<Written>,
}

/// The size of what was written, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Written {
    /// All files together.
    pub(crate) total: u64,
    /// The largest file: in an image layout that is the layer.
    pub(crate) largest: u64,
}

impl Written {
    /// What is at a path: a file, or a directory with all that is below it.
    pub(crate) fn at(path: &Path) -> io::Result<Self> {
        let metadata = fs::symlink_metadata(path)?;
        if !metadata.is_dir() {
            return Ok(Self { total: metadata.len(), largest: metadata.len() });
        }
        let mut sum = Self { total: 0, largest: 0 };
        for entry in fs::read_dir(path)? {
            let part = Self::at(&entry?.path())?;
            sum.total += part.total;
            sum.largest = sum.largest.max(part.largest);
        }
        Ok(sum)
    }
}

/// The medians of several samples, and how far they are apart.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Summary {
    pub(crate) runs: usize,
    pub(crate) wall: f64,
    /// The shortest and the longest.
    pub(crate) wall_range: (f64, f64),
    pub(crate) cpu: f64,
    /// The largest of all runs.
    pub(crate) peak: u64,
    pub(crate) others: f64,
    pub(crate) output: Option<Written>,
}

impl Summary {
    /// None without samples.
    pub(crate) fn of(samples: &[Sample]) -> Option<Self> {
        let last = samples.last()?;
        let walls = sorted(samples.iter().map(|sample| sample.wall));
        Some(Self {
            runs: samples.len(),
            wall: median(&walls),
            wall_range: (walls[0], walls[walls.len() - 1]),
            cpu: median(&sorted(samples.iter().map(|sample| sample.cpu))),
            peak: samples.iter().map(|sample| sample.peak).max().unwrap_or(0),
            others: median(&sorted(samples.iter().map(|sample| sample.others))),
            output: last.output,
        })
    }
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}

/// Of sorted values; of an even number the mean of the two in the middle.
fn median(sorted: &[f64]) -> f64 {
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 { sorted[middle] } else { (sorted[middle - 1] + sorted[middle]) / 2.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_a_file_or_all_below_a_directory() {
        let directory = tempfile::tempdir().unwrap();
        let place = directory.path();
        fs::create_dir(place.join("blobs")).unwrap();
        fs::write(place.join("index"), "12").unwrap();
        fs::write(place.join("blobs/layer"), "12345").unwrap();
        assert_eq!(Written::at(place).unwrap(), Written { total: 7, largest: 5 });
        assert_eq!(Written::at(&place.join("index")).unwrap(), Written { total: 2, largest: 2 });
    }

    #[test]
    fn a_summary_has_the_middle_and_the_ends() {
        let sample = |wall| Sample { wall, cpu: 2.0 * wall, peak: 10, others: 0.0, output: None };
        let of = |walls: &[f64]| {
            let samples: Vec<Sample> = walls.iter().map(|wall| sample(*wall)).collect();
            let summary = Summary::of(&samples)?;
            Some((summary.wall, summary.wall_range, summary.cpu))
        };
        assert_eq!(of(&[3.0, 1.0, 2.0]), Some((2.0, (1.0, 3.0), 4.0)));
        assert_eq!(of(&[4.0, 2.0]), Some((3.0, (2.0, 4.0), 6.0)));
        assert_eq!(of(&[]), None);
    }
}
