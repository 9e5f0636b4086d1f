//! The machine that was measured on. Nothing that names it.

use std::fs;
use std::path::Path;

use serde::Serialize;

#[derive(Debug, Serialize)]
pub(crate) struct Machine {
    /// The model of its processors.
    pub(crate) processor: String,
    /// How many of them may be used.
    pub(crate) cores: usize,
    /// Bytes.
    pub(crate) memory: u64,
    pub(crate) kernel: String,
    /// The type of the file system that holds trees and outputs.
    pub(crate) file_system: String,
}

impl Machine {
    /// This one, with the file system of a directory.
    pub(crate) fn this(directory: &Path) -> Self {
        let read = |path| fs::read_to_string(path).unwrap_or_default();
        let unknown = || "unknown".to_string();
        Self {
            processor: value(&read("/proc/cpuinfo"), "model name").unwrap_or_else(unknown),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            memory: value(&read("/proc/meminfo"), "MemTotal").map_or(0, |text| kilobytes(&text)),
            kernel: read("/proc/sys/kernel/osrelease").trim().to_string(),
            file_system: file_system(&read("/proc/self/mountinfo"), directory)
                .unwrap_or_else(unknown),
        }
    }

    /// One line for each.
    pub(crate) fn facts(&self) -> Vec<String> {
        let Self { processor, cores, memory, kernel, file_system } = self;
        let plural = if *cores == 1 { "" } else { "s" };
        vec![
            format!("{processor}, {cores} core{plural}, {:.0} GB of memory", *memory as f64 / 1e9),
            format!("Linux {kernel}, {file_system}"),
        ]
    }
}

/// The first line `key : value`.
fn value(text: &str, key: &str) -> Option<String> {
    let pairs = text.lines().filter_map(|line| line.split_once(':'));
    let mut values = pairs.filter(|(found, _)| found.trim() == key).map(|(_, value)| value.trim());
    values.next().map(str::to_string)
}

fn kilobytes(text: &str) -> u64 {
    text.split_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or(0) * 1024
}

/// The type of the mount that is nearest above a directory.
/// [proc_pid_mountinfo(5)](https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html).
fn file_system(mountinfo: &str, directory: &Path) -> Option<String> {
    let mount = |line: &str| {
        let (fields, rest) = line.split_once(" - ")?;
        let point = fields.split(' ').nth(4)?.to_string();
        Some((point, rest.split(' ').next()?.to_string()))
    };
    let mounts = mountinfo.lines().filter_map(mount);
    // The last of two at the same place covers the other.
    let above = mounts.filter(|(point, _)| directory.starts_with(point));
    above.max_by_key(|(point, _)| point.len()).map(|(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_read_from_proc() {
        assert_eq!(value("a : b\nmodel name\t: X 1\n", "model name").as_deref(), Some("X 1"));
        assert_eq!(kilobytes("12 kB"), 12 * 1024);
        let mounts = "22 1 8:1 / / rw - ext4 /dev/a rw\n23 22 0:1 / /home rw shared:1 - xfs b rw\n";
        let of = |path: &str| file_system(mounts, Path::new(path));
        assert_eq!(of("/home/x").as_deref(), Some("xfs"));
        assert_eq!(of("/homes").as_deref(), Some("ext4"));
    }
}
