//! What is known of each process of a log: where it is, what it runs, what its descriptors are.
//! Threads share that; a child starts with a copy.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;

use super::argument::{Descriptor, descriptor};
use super::calls::has;
use super::line::Call;
use super::{absolute, opens};
use crate::words::{Access, Action};

/// Processes that are remembered. A log of more loses the first ones.
const MOST_PROCESSES: usize = 1 << 14;
/// Descriptors of one process that are remembered.
const MOST_DESCRIPTORS: usize = 1 << 10;

#[derive(Default)]
pub(super) struct Processes {
    known: BTreeMap<u32, Process>,
    /// Threads, and the process that they are of.
    leaders: BTreeMap<u32, u32>,
    /// Processes in the middle of making another, the last one last.
    forking: BTreeMap<u32, bool>,
    /// Where the first process starts.
    start: Option<Box<[u8]>>,
}

#[derive(Clone, Default)]
struct Process {
    directory: Option<Box<[u8]>>,
    program: Box<[u8]>,
    descriptors: BTreeMap<u32, Box<[u8]>>,
}

impl Processes {
    pub(super) fn start_in(&mut self, directory: Option<&[u8]>) {
        self.start = directory.map(Box::from);
    }

    /// The process of a line that names none: strace leaves the number out while there is one.
    pub(super) fn only(&self) -> u32 {
        match self.known.len() {
            1 => self.known.keys().next().copied().unwrap_or_default(),
            _ => 0,
        }
    }

    /// The program of a process, and the number that stands for all its threads.
    pub(super) fn who(&mut self, process: u32) -> (Box<[u8]>, u32) {
        let program = self.process(process).program.clone();
        (program, self.leader(process))
    }

    pub(super) fn directory(&mut self, process: u32) -> Option<Box<[u8]>> {
        self.process(process).directory.clone()
    }

    /// Notes the working directory that `-y` tells.
    pub(super) fn is_in(&mut self, process: u32, directory: &[u8]) {
        self.process(process).directory = Some(directory.into());
    }

    /// Notes the program of a process.
    pub(super) fn runs(&mut self, process: u32, program: Box<[u8]>) {
        self.process(process).program = program;
    }

    pub(super) fn opened(&mut self, process: u32, number: u32) -> Option<Box<[u8]>> {
        self.process(process).descriptors.get(&number).cloned()
    }

    pub(super) fn end(&mut self, process: u32) {
        self.forking.remove(&process);
        self.leaders.remove(&process);
        // Threads of a process may outlive its first one; only what nobody is part of goes.
        if !self.leaders.values().any(|leader| *leader == process) {
            self.known.remove(&process);
        }
    }

    /// A call began whose end comes later.
    pub(super) fn begins(&mut self, process: u32, start: &[u8]) {
        let is_fork = [&b"clone"[..], b"fork", b"vfork"].iter().any(|name| start.starts_with(name));
        if is_fork && self.forking.len() < MOST_PROCESSES {
            let is_thread = super::line::find(start, b"CLONE_THREAD").is_some();
            self.forking.insert(process, is_thread);
        }
    }

    pub(super) fn ends(&mut self, process: u32) {
        self.forking.remove(&process);
    }

    /// Follows what a call that was done changes.
    pub(super) fn follow(
        &mut self,
        process: u32,
        call: &Call<'_>,
        value: Option<&Descriptor>,
        access: Option<&Access>,
    ) {
        let number = value.and_then(|value| value.number);
        match (call.name, access) {
            (b"clone" | b"clone3" | b"fork" | b"vfork", _) => {
                if let Some(child) = number {
                    let is_thread =
                        (0..call.arguments.len()).any(|at| has(call, at, "CLONE_THREAD"));
                    self.makes(process, child, is_thread);
                }
            }
            (b"getcwd", _) => {
                if let super::Text::Whole(path) = super::calls::name(call, 0)
                    && path.starts_with(b"/")
                {
                    self.is_in(process, &path);
                }
            }
            (b"dup" | b"dup2" | b"dup3" | b"fcntl" | b"fcntl64", _) => {
                let is_copy = call.name.starts_with(b"dup")
                    || has(call, 1, "F_DUPFD")
                    || has(call, 1, "F_DUPFD_CLOEXEC");
                let from = call.arguments.first().and_then(|first| descriptor(first));
                let path =
                    from.and_then(|from| from.path.or_else(|| self.opened(process, from.number?)));
                if let (true, Some(path), Some(number)) = (is_copy, path, number) {
                    self.open(process, number, path);
                }
            }
            (_, Some(access)) if access.action == Action::Enter => {
                self.is_in(process, &absolute(access));
            }
            (_, Some(access)) if matches!(access.action, Action::Execute { .. }) => {
                self.runs(process, absolute(access));
            }
            (b"open" | b"openat" | b"openat2" | b"creat", Some(access))
                if opens(&access.action) =>
            {
                let told = value.and_then(|value| value.path.clone());
                if let Some(number) = number {
                    self.open(process, number, told.unwrap_or_else(|| absolute(access)));
                }
            }
            _ => {}
        }
    }

    fn open(&mut self, process: u32, number: u32, path: Box<[u8]>) {
        let descriptors = &mut self.process(process).descriptors;
        if descriptors.len() < MOST_DESCRIPTORS || descriptors.contains_key(&number) {
            descriptors.insert(number, path);
        }
    }

    fn makes(&mut self, parent: u32, child: u32, is_thread: bool) {
        if is_thread {
            let leader = self.leader(parent);
            // Lines of the thread may have come before the end of the call that made it.
            self.known.remove(&child);
            self.leaders.insert(child, leader);
        } else if !self.known.contains_key(&child) {
            let copy = self.process(parent).clone();
            self.insert(child, copy);
        }
    }

    fn leader(&self, process: u32) -> u32 {
        self.leaders.get(&process).copied().unwrap_or(process)
    }

    fn process(&mut self, process: u32) -> &mut Process {
        let mut process = self.leader(process);
        if !self.known.contains_key(&process) {
            // Nobody said yet who made it: whoever is making one.
            let parent = self.forking.iter().next_back().map(|(parent, thread)| (*parent, *thread));
            match parent.filter(|(parent, _)| *parent != process) {
                Some((parent, true)) => {
                    let leader = self.leader(parent);
                    self.leaders.insert(process, leader);
                    process = leader;
                }
                Some((parent, false)) => {
                    let copy = self.known.get(&self.leader(parent)).cloned().unwrap_or_default();
                    self.insert(process, copy);
                }
                None => {
                    // strace names the first process only when a second one is there.
                    let first = self.known.remove(&0);
                    let start = || Process { directory: self.start.take(), ..Process::default() };
                    let first = first.unwrap_or_else(start);
                    self.insert(process, first);
                }
            }
        }
        self.known.entry(process).or_default()
    }

    fn insert(&mut self, process: u32, what: Process) {
        if self.known.len() >= MOST_PROCESSES {
            self.known.pop_first();
        }
        if self.leaders.len() >= MOST_PROCESSES {
            self.leaders.pop_first();
        }
        self.known.insert(process, what);
    }
}

#[cfg(test)]
impl Processes {
    pub(super) fn count(&self) -> usize {
        self.known.len()
    }
}
