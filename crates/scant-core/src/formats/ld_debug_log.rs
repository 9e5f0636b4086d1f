//! Logs of glibc's loader, `LD_DEBUG=libs,files`: which names it searched, where it tried, and for
//! whom. Only `libs` will do, but then nobody says who asked.
//!
//! A file that was tried counts as mapped when the log goes on with it, else as not there: the
//! loader does not say what the kernel answered.

#[cfg(test)]
mod tests;

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::strace_log::Left;
use crate::words::{Access, Action, LastLink, Outcome};

/// `ENOENT`.
const NOT_FOUND: i32 = 2;
/// No line of a loader is longer: a search path.
const LONGEST_LINE: usize = 1 << 20;
/// Processes that are read at once.
const MOST_PROCESSES: usize = 1 << 12;
/// What is kept of one process until its program is known.
const MOST_KEPT: usize = 1 << 14;

/// Reads a log, one line after the other.
#[derive(Default)]
pub struct Reader {
    processes: BTreeMap<u32, Process>,
    lines: u64,
    left: Left,
}

/// A program that is started or runs.
#[derive(Default)]
struct Process {
    /// The program, when the loader has said it.
    program: Option<Box<[u8]>>,
    /// Who asked last, and for which name.
    asked: Option<Asked>,
    /// Searches whose end is not known yet.
    open: Vec<Search>,
    /// What was found out while the program was not known.
    kept: Vec<Access>,
}

/// A name, and who asked for it.
struct Asked {
    name: Box<[u8]>,
    by: Option<Box<[u8]>>,
}

/// Where one name was looked for.
struct Search {
    name: Box<[u8]>,
    by: Option<Box<[u8]>>,
    tried: Vec<Box<[u8]>>,
}

impl Reader {
    /// Reads the next line, without its end.
    pub fn line(&mut self, line: &[u8]) -> Vec<Access> {
        self.lines += 1;
        let Some((number, text)) = divide(line) else {
            if !line.trim_ascii().is_empty() {
                self.left.unreadable += 1;
                self.left.tell(self.lines, line);
            }
            return Vec::new();
        };
        let mut ready = Vec::new();
        if self.processes.len() >= MOST_PROCESSES
            && !self.processes.contains_key(&number)
            && let Some((first, process)) = self.processes.pop_first()
        {
            ready = process.finish(first);
        }
        let process = self.processes.entry(number).or_default();
        ready.extend(process.line(number, text));
        ready
    }

    /// What the end of the log decides, and what could not be used.
    pub fn finish(self) -> (Vec<Access>, Left) {
        let rest = self.processes.into_iter().flat_map(|(number, process)| process.finish(number));
        (rest.collect(), self.left)
    }
}

/// `     1234:\ttext`.
fn divide(line: &[u8]) -> Option<(u32, &[u8])> {
    if line.len() > LONGEST_LINE {
        return None;
    }
    let colon = line.iter().position(|&b| b == b':')?;
    let number = core::str::from_utf8(line[..colon].trim_ascii()).ok()?.parse().ok()?;
    Some((number, line[colon + 1..].trim_ascii()))
}

impl Process {
    fn line(&mut self, number: u32, text: &[u8]) -> Vec<Access> {
        let after = |start: &str| text.strip_prefix(start.as_bytes());
        if let Some(rest) = after("find library=") {
            let name = before_number(rest);
            let asked = self.asked.take().filter(|asked| *asked.name == *name);
            self.search(name, asked.and_then(|asked| asked.by));
        } else if let Some(path) = after("trying file=") {
            if let Some(search) = self.open.last_mut() {
                search.tried.push(path.into());
            }
        } else if let Some(rest) = after("file=") {
            return self.file(number, rest);
        } else if let Some(path) = after("calling init: ") {
            return self.found(number, |search| search.tried.last().is_some_and(|t| **t == *path));
        } else if let Some(program) = after("initialize program: ") {
            return self.starts(number, program);
        } else if after("calling fini:").is_some() {
            return self.fail(number);
        }
        Vec::new()
    }

    /// `NAME [0];  needed by WHO [0]` and its likes.
    fn file(&mut self, number: u32, rest: &[u8]) -> Vec<Access> {
        let name = before_number(rest);
        let Some(what) =
            rest.get(name.len()..).and_then(|rest| rest.splitn(2, |b| *b == b';').nth(1))
        else {
            return Vec::new();
        };
        let what = what.trim_ascii();
        if what.starts_with(b"generating link map") {
            return self.found(number, |search| *search.name == *name);
        }
        let by = ["needed by ", "dynamically loaded by "];
        let by = by.into_iter().find_map(|start| what.strip_prefix(start.as_bytes()));
        if let Some(by) = by.map(before_number) {
            // The program is named as it was started, which tells no path.
            let by = by.starts_with(b"/").then(|| Box::from(by));
            if name.contains(&b'/') {
                // Such a name is not searched: it is the path.
                self.search(name, by);
                if let Some(search) = self.open.last_mut() {
                    search.tried.push(name.into());
                }
            } else {
                self.asked = Some(Asked { name: name.into(), by });
            }
        }
        Vec::new()
    }

    fn search(&mut self, name: &[u8], by: Option<Box<[u8]>>) {
        if self.open.len() < MOST_KEPT {
            self.open.push(Search { name: name.into(), by, tried: Vec::new() });
        }
    }

    /// The last search of this kind ended well.
    fn found(&mut self, number: u32, is_it: impl Fn(&Search) -> bool) -> Vec<Access> {
        match self.open.iter().rposition(is_it) {
            Some(at) => {
                let search = self.open.remove(at);
                let accesses = self.ended(number, search, Outcome::Done);
                self.give(accesses)
            }
            None => Vec::new(),
        }
    }

    /// The program starts: what it is becomes known, and what is not mapped by now never is.
    fn starts(&mut self, number: u32, program: &[u8]) -> Vec<Access> {
        let program: Box<[u8]> =
            if program.starts_with(b"/") { program.into() } else { Box::default() };
        let failed = self.failed(number);
        let mut ready = core::mem::take(&mut self.kept);
        ready.extend(failed);
        for access in &mut ready {
            access.program = program.clone();
        }
        self.program = Some(program);
        ready
    }

    fn fail(&mut self, number: u32) -> Vec<Access> {
        let failed = self.failed(number);
        self.give(failed)
    }

    fn failed(&mut self, number: u32) -> Vec<Access> {
        let open = core::mem::take(&mut self.open);
        let ended = |search| self.ended(number, search, Outcome::Failed(NOT_FOUND));
        open.into_iter().flat_map(ended).collect()
    }

    fn finish(mut self, number: u32) -> Vec<Access> {
        let mut ready = core::mem::take(&mut self.kept);
        let failed = self.failed(number);
        ready.extend(failed);
        ready
    }

    /// Keeps accesses until the program is known, if not for ever.
    fn give(&mut self, accesses: Vec<Access>) -> Vec<Access> {
        if self.program.is_some() {
            return accesses;
        }
        self.kept.extend(accesses);
        if self.kept.len() > MOST_KEPT { core::mem::take(&mut self.kept) } else { Vec::new() }
    }

    /// The accesses of a search: all but the last one found nothing.
    fn ended(&self, process: u32, search: Search, outcome: Outcome) -> Vec<Access> {
        let Search { by, tried, .. } = search;
        let last = tried.len().saturating_sub(1);
        let relative = |path: &[u8]| !path.starts_with(b"/");
        let access = |(at, name): (usize, Box<[u8]>)| Access {
            process,
            program: self.program.clone().unwrap_or_default(),
            by: by.clone(),
            action: Action::Map,
            name,
            directory: Box::from(*b"/"),
            last: LastLink::Follow,
            outcome: if at == last { outcome } else { Outcome::Failed(NOT_FOUND) },
        };
        tried.into_iter().enumerate().filter(|(_, path)| !relative(path)).map(access).collect()
    }
}

/// The name in `NAME [0]`, with what may follow.
fn before_number(text: &[u8]) -> &[u8] {
    let end = text.windows(2).position(|pair| pair == b" [").unwrap_or(text.len());
    &text[..end]
}
