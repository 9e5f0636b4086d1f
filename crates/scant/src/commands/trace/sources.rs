//! Where accesses come from: logs of other tools.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::os::unix::ffi::OsStrExt as _;

use scant_core::formats::strace_log::Left;
use scant_core::formats::trace_file::{Run, Use};
use scant_core::formats::{ld_debug_log, strace_log};
use scant_core::plan::Plan;
use scant_core::rules::trace::{Counts, Recorder};

use super::live::Account;
use crate::args::{Log, LogKind, Trace};
use crate::exit::Failure;

/// A longer line is cut, and then is no line of a log.
const LONGEST_LINE: u64 = 2 << 20;

/// One run, and what is to be said of it.
pub(crate) struct Recorded {
    pub(crate) name: String,
    pub(crate) command: Vec<String>,
    pub(crate) uses: BTreeSet<Use>,
    pub(crate) counts: Counts,
    /// What of a log could not be used.
    pub(crate) left: Left,
    /// How a run ended.
    pub(crate) ended: Option<String>,
    /// How it ended, where that was not well.
    pub(crate) failed: Option<String>,
    /// What was to be done with the program when it was ready, and could not be.
    pub(crate) undone: Vec<String>,
    /// Users and groups that the program says it did not find.
    pub(crate) unknown: BTreeSet<Account>,
}

impl Recorded {
    /// Whether all went as it was meant to.
    pub(crate) fn is_well(&self) -> bool {
        self.failed.is_none() && self.undone.is_empty()
    }

    /// As it is kept.
    pub(super) fn to_run(&self) -> Run {
        let first = || self.undone.first().and_then(|text| text.lines().next().map(String::from));
        let failed = self.failed.clone().or_else(first);
        Run { command: self.command.clone(), failed, uses: self.uses.clone() }
    }
}

/// Reads all sources.
pub(super) fn record(args: &Trace, plan: &Plan) -> Result<Vec<Recorded>, Failure> {
    let mut recorded: Vec<Recorded> = Vec::new();
    for log in &args.import {
        let name = name(args, log);
        if recorded.iter().any(|other| other.name == name) {
            return Err(Failure::usage(format_args!("two logs would be the run `{name}`"))
                .hint("import them one after the other, each with a `--run NAME` of its own"));
        }
        recorded.push(import(args, plan, log, name)?);
    }
    Ok(recorded)
}

fn name(args: &Trace, log: &Log) -> String {
    let stem =
        || log.file.file_stem().unwrap_or(log.file.as_os_str()).to_string_lossy().into_owned();
    args.run.clone().unwrap_or_else(stem)
}

fn import(args: &Trace, plan: &Plan, log: &Log, name: String) -> Result<Recorded, Failure> {
    let shown = log.file.display();
    let failed = |error: io::Error| Failure::input(format_args!("the log `{shown}`: {error}"));
    let mut lines = Lines::open(log).map_err(failed)?;
    let mut recorder = Recorder::new(&plan.tree);
    let (kind, left) = match log.kind {
        LogKind::Strace => {
            let directory =
                args.directory.as_ref().map(|directory| directory.as_os_str().as_bytes());
            let mut reader = strace_log::Reader::new(directory);
            while let Some(line) = lines.next().map_err(failed)? {
                reader.line(line).iter().for_each(|access| recorder.take(access));
            }
            ("strace", reader.finish())
        }
        LogKind::LdDebug => {
            let mut reader = ld_debug_log::Reader::default();
            while let Some(line) = lines.next().map_err(failed)? {
                reader.line(line).iter().for_each(|access| recorder.take(access));
            }
            let (rest, left) = reader.finish();
            rest.iter().for_each(|access| recorder.take(access));
            ("ld-debug", left)
        }
    };
    let (uses, counts) = recorder.finish();
    if counts.accesses == 0 {
        let text = format!("the log `{shown}` names no file that can be used");
        let failure = Failure::input(text);
        return Err(match left.first.first() {
            Some((line, text)) => failure.hint(format_args!("line {line} is: {text}")),
            None => failure.hint(format_args!("it was read as one of `{kind}`")),
        });
    }
    let file = log.file.file_name().unwrap_or_default().to_string_lossy();
    let command = vec![format!("{kind}:{file}")];
    let (failed, undone, unknown) = Default::default();
    Ok(Recorded { name, command, uses, counts, left, ended: None, failed, undone, unknown })
}

/// The lines of a log, one at a time.
struct Lines {
    reader: BufReader<File>,
    line: Vec<u8>,
}

impl Lines {
    fn open(log: &Log) -> io::Result<Self> {
        let file = File::open(&log.file)?;
        if file.metadata()?.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        Ok(Self { reader: BufReader::new(file), line: Vec::new() })
    }

    fn next(&mut self) -> io::Result<Option<&[u8]>> {
        self.line.clear();
        let mut limited = (&mut self.reader).take(LONGEST_LINE);
        if limited.read_until(b'\n', &mut self.line)? == 0 {
            return Ok(None);
        }
        Ok(Some(self.line.strip_suffix(b"\n").unwrap_or(&self.line)))
    }
}
