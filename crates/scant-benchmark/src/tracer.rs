//! What tracing costs: the same calls without a tracer, under scant's, and under strace.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::ValueEnum;
use scant_io::tracer::{Bounds, Exit, Program, trace};

use crate::measure::{Sample, Step, Summary, measure};

/// Calls that are made many times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Load {
    /// A million reads of one byte: no names at all.
    Reads,
    /// Opens a file and closes it, a hundred thousand times.
    Opens,
    /// Runs another program, three hundred times.
    Execs,
}

const LOADS: [(Load, &str, &str); 3] = [
    (Load::Reads, "reads", "1,000,000 reads of one byte"),
    (Load::Opens, "opens", "100,000 times open and close"),
    (Load::Execs, "execs", "300 programs"),
];

impl Load {
    /// Makes the calls.
    pub(crate) fn run(self) -> io::Result<()> {
        match self {
            Self::Reads => {
                let mut zeros = File::open("/dev/zero")?;
                for _ in 0..1_000_000 {
                    zeros.read_exact(&mut [0])?;
                }
            }
            Self::Opens => {
                for _ in 0..100_000 {
                    drop(File::open("/dev/null")?);
                }
            }
            Self::Execs => {
                for _ in 0..300 {
                    Command::new("/bin/true").status()?;
                }
            }
        }
        Ok(())
    }

    /// Makes them under scant's tracer, which tells this many accesses.
    pub(crate) fn trace(self) -> Result<usize, String> {
        let own = own_program()?;
        let (_, name, _) = LOADS[self as usize];
        let program = Program {
            arguments: vec![own.clone().into(), "load".into(), name.into()],
            file: own,
            environment: Vec::new(),
            directory: "/".into(),
            identity: None,
            preparation: None,
        };
        let mut told = 0;
        match trace(&program, &Bounds::default(), &mut |_| told += 1) {
            Ok(Exit::Status(0)) => Ok(told),
            Ok(exit) => Err(format!("{exit:?}")),
            Err(error) => Err(error.to_string()),
        }
    }
}

/// Who traces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tracer {
    Nobody,
    Scant,
    StraceOfFiles,
    StraceOfAll,
}

const TRACERS: [(Tracer, &str); 4] = [
    (Tracer::Nobody, "none"),
    (Tracer::Scant, "scant"),
    (Tracer::StraceOfFiles, "strace -f --seccomp-bpf -e trace=file"),
    (Tracer::StraceOfAll, "strace -f"),
];

impl Tracer {
    fn step(self, own: &Path, load: &str) -> Step {
        let own_text = own.to_string_lossy().into_owned();
        let strace = |options: &[&str]| {
            let words = options.iter().copied().chain(["-o", "/dev/null", &own_text, "load", load]);
            Step::new(Path::new("strace"), words)
        };
        match self {
            Self::Nobody => Step::new(own, ["load", load]),
            Self::Scant => Step::new(own, ["traced", load]),
            Self::StraceOfFiles => strace(&["-f", "--seccomp-bpf", "-e", "trace=file"]),
            Self::StraceOfAll => strace(&["-f"]),
        }
    }
}

fn own_program() -> Result<PathBuf, String> {
    std::env::current_exe().map_err(|error| format!("cannot find this program: {error}"))
}

/// Measures all in turn, and prints a table.
///
/// # Errors
/// When the log cannot be written, or a case fails.
pub(crate) fn run(runs: usize) -> Result<(), String> {
    let own = own_program()?;
    let directory = tempfile::tempdir().map_err(|error| error.to_string())?;
    let log = directory.path().join("log");
    fs::write(&log, "").map_err(|error| format!("`{}`: {error}", log.display()))?;
    let strace = Command::new("strace").arg("-V").output().is_ok();
    if !strace {
        eprintln!("left out: strace is not installed");
    }
    let ours = |tracer| strace || matches!(tracer, Tracer::Nobody | Tracer::Scant);
    for (_, name, title) in LOADS {
        let mut rows: Vec<(Tracer, &str, Vec<Sample>)> = TRACERS
            .into_iter()
            .filter(|(tracer, _)| ours(*tracer))
            .map(|(tracer, title)| (tracer, title, Vec::new()))
            .collect();
        for round in 0..=runs {
            for (tracer, title, samples) in &mut rows {
                eprintln!("{name}, {round} of {runs}: {title}");
                let sample = measure(&[tracer.step(&own, name)], &log, None)?;
                if round > 0 {
                    samples.push(sample);
                }
            }
        }
        print!("{}", table(title, &rows));
    }
    Ok(())
}

fn table(title: &str, rows: &[(Tracer, &str, Vec<Sample>)]) -> String {
    let summaries: Vec<(&str, Summary)> =
        rows.iter().filter_map(|(_, name, s)| Some((*name, Summary::of(s)?))).collect();
    let Some((_, native)) = summaries.first() else { return String::new() };
    let (native, last) = (native.wall, summaries[summaries.len() - 1].1.wall);
    let mut table = format!(
        "| {title} | time | of none | above none, of strace -f's | others |\n\
         |---|--:|--:|--:|--:|\n"
    );
    for (name, summary) in &summaries {
        let (shortest, longest) = summary.wall_range;
        table += &format!(
            "| {name} | {:.3} s ({shortest:.3} to {longest:.3}) | {:.2} | {:.0} % | {:.0} % |\n",
            summary.wall,
            summary.wall / native,
            100.0 * (summary.wall - native) / (last - native),
            100.0 * summary.others,
        );
    }
    table + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loads_stand_in_the_order_of_their_names() {
        for (index, (load, name, _)) in LOADS.into_iter().enumerate() {
            assert_eq!(load as usize, index);
            assert_eq!(Load::from_str(name, false), Ok(load));
        }
    }

    #[test]
    fn costs_are_compared_with_none_and_with_all() {
        let sample = |wall| Sample { wall, cpu: wall, peak: 0, others: 0.0, output: None };
        let row = |tracer, name, wall| (tracer, name, vec![sample(wall)]);
        let rows = [
            row(Tracer::Nobody, "none", 1.0),
            row(Tracer::Scant, "scant", 1.5),
            row(Tracer::StraceOfAll, "strace -f", 6.0),
        ];
        let table = table("calls", &rows);
        let lines: Vec<&str> = table.lines().collect();
        assert_eq!(lines[3], "| scant | 1.500 s (1.500 to 1.500) | 1.50 | 10 % | 0 % |");
    }
}
