//! Logs of `strace -f`, read line by line to what was asked for. Working directories and
//! descriptors are followed for each process, so that relative names can be placed; `-y` helps, and
//! is not needed where the log begins with the first process.
//!
//! Of what cannot be used a count is kept and the first lines, never all: a log may be long.

mod argument;
mod calls;
mod line;
mod processes;
#[cfg(test)]
mod tests;

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use argument::{Descriptor, Text};
use calls::Asked;
use line::{Call, Event};
use processes::Processes;

use crate::words::{Access, Action, Escaped, LastLink, Outcome};

/// No call that names files is longer: arguments of programs make them long.
const LONGEST_LINE: usize = 1 << 20;
/// Calls that wait for their end at once.
const MOST_UNFINISHED: usize = 1 << 12;
/// Lines that are told in full.
const MOST_TOLD: usize = 5;

/// Reads a log, one line after the other.
#[derive(Default)]
pub struct Reader {
    processes: Processes,
    unfinished: BTreeMap<u32, Vec<u8>>,
    lines: u64,
    left: Left,
}

/// What a log had that could not be used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Left {
    /// How many lines were no lines of such a log.
    pub unreadable: u64,
    /// How many names were cut (`"/usr/lo"...`).
    pub cut: u64,
    /// How many relative names began at a directory that the log does not tell.
    pub unplaced: u64,
    /// The first of all these lines, with their numbers.
    pub first: Vec<(u64, String)>,
}

impl Left {
    /// How many lines there are in all.
    pub fn count(&self) -> u64 {
        self.unreadable + self.cut + self.unplaced
    }

    pub(super) fn tell(&mut self, number: u64, line: &[u8]) {
        const LONGEST_SHOWN: usize = 120;
        if self.first.len() < MOST_TOLD {
            let shown = Escaped(&line[..line.len().min(LONGEST_SHOWN)]).to_string();
            self.first.push((number, shown));
        }
    }
}

impl Reader {
    /// A reader that knows nothing yet. `directory` is where the first process started, if known.
    pub fn new(directory: Option<&[u8]>) -> Self {
        let mut reader = Self::default();
        reader.processes.start_in(directory);
        reader
    }

    /// Reads the next line, without its end.
    pub fn line(&mut self, line: &[u8]) -> Vec<Access> {
        self.lines += 1;
        if line.len() > LONGEST_LINE {
            return self.leave(line, |left| &mut left.unreadable);
        }
        let divided = line::divide(line);
        let process = divided.process.unwrap_or_else(|| self.processes.only());
        match divided.event {
            Event::Nothing => Vec::new(),
            Event::Unreadable => self.leave(line, |left| &mut left.unreadable),
            Event::Exit => {
                self.unfinished.remove(&process);
                self.processes.end(process);
                Vec::new()
            }
            Event::Unfinished(start) => {
                self.processes.begins(process, start);
                if self.unfinished.len() < MOST_UNFINISHED {
                    self.unfinished.insert(process, start.to_vec());
                }
                Vec::new()
            }
            Event::Resumed(name, rest) => {
                let Some(mut whole) = self.unfinished.remove(&process) else {
                    return self.leave(line, |left| &mut left.unreadable);
                };
                self.processes.ends(process);
                whole.extend_from_slice(rest);
                match line::call(&whole).filter(|call| call.name == name) {
                    Some(call) => self.call(process, &call, line),
                    None => self.leave(line, |left| &mut left.unreadable),
                }
            }
            Event::Call(call) => self.call(process, &call, line),
        }
    }

    /// What could not be used.
    pub fn finish(self) -> Left {
        self.left
    }

    fn leave(&mut self, line: &[u8], kind: impl Fn(&mut Left) -> &mut u64) -> Vec<Access> {
        *kind(&mut self.left) += 1;
        self.left.tell(self.lines, line);
        Vec::new()
    }

    fn call(&mut self, process: u32, call: &Call<'_>, line: &[u8]) -> Vec<Access> {
        let Some(ended) = argument::result(call.result) else { return Vec::new() };
        let mut accesses = Vec::new();
        for asked in calls::asked(call) {
            match self.access(process, call, asked, ended.outcome) {
                Ok(access) => accesses.extend(access),
                Err(kind) => {
                    if call.name == b"execve"
                        && ended.outcome == Outcome::Done
                        && let Text::Whole(name) = calls::name(call, 0)
                    {
                        // Its name is something, though nobody knows where it lies.
                        self.processes.runs(process, name);
                    }
                    self.leave(line, kind);
                }
            }
        }
        let is_done = ended.outcome == Outcome::Done;
        if is_done {
            self.processes.follow(process, call, ended.value.as_ref(), accesses.first());
        }
        accesses
    }

    fn access(
        &mut self,
        process: u32,
        call: &Call<'_>,
        asked: Asked,
        outcome: Outcome,
    ) -> Result<Option<Access>, fn(&mut Left) -> &mut u64> {
        let directory = asked.directory.and_then(|at| call.arguments.get(at));
        let directory = directory.and_then(|argument| argument::descriptor(argument));
        let name = match asked.name.map(|at| calls::name(call, at)) {
            None => Box::default(),
            Some(Text::Whole(name)) => name,
            Some(Text::Cut) => return Err(|left| &mut left.cut),
            // An address: strace did not read it, mostly because the call failed.
            Some(Text::None) => return Ok(None),
        };
        let unplaced: fn(&mut Left) -> &mut u64 = |left| &mut left.unplaced;
        let place = if name.starts_with(b"/") {
            Box::from(*b"/")
        } else {
            match self.place(process, directory) {
                Some(place) => place,
                // A descriptor that is no file with a name: a pipe, a socket, what was removed.
                None if name.is_empty() => return Ok(None),
                None => return Err(unplaced),
            }
        };
        let (program, leader) = self.processes.who(process);
        let last = if name.is_empty() { LastLink::Follow } else { asked.last };
        let (action, by) = (asked.action, None);
        Ok(Some(Access {
            process: leader,
            program,
            by,
            action,
            name,
            directory: place,
            last,
            outcome,
        }))
    }

    /// Where a relative name starts.
    fn place(&mut self, process: u32, directory: Option<Descriptor>) -> Option<Box<[u8]>> {
        match directory {
            Some(Descriptor { path: Some(path), number }) => {
                if number.is_none() {
                    self.processes.is_in(process, &path);
                }
                Some(path)
            }
            Some(Descriptor { number: Some(number), .. }) => self.processes.opened(process, number),
            _ => self.processes.directory(process),
        }
    }
}

/// The absolute name that an access means, links not followed.
fn absolute(access: &Access) -> Box<[u8]> {
    match (access.name.is_empty(), access.name.starts_with(b"/")) {
        (true, _) => access.directory.clone(),
        (_, true) => access.name.clone(),
        _ => [&*access.directory, b"/", &*access.name].concat().into(),
    }
}

/// Whether an action gives a descriptor.
fn opens(action: &Action) -> bool {
    matches!(action, Action::Open | Action::List | Action::Write | Action::Look)
}
