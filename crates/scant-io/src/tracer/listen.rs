//! A program watched without ptrace: the filter tells a listener of each call, and the task waits
//! until the answer, so nothing is lost here either. How a call ends is not told; whether a name is
//! there is looked up meanwhile. Tasks are known by their calls alone.

use std::collections::HashMap;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use scant_core::words::{Access, Action, LastLink, Outcome};

use super::calls;
use super::decode::{Caller, Request};
use super::error::TraceError;
use super::kernel::{self, Notice, Waited};
use super::program::{Exit, exit_of};
use super::recent::Recent;
use super::start::Started;
use super::watch::{Order, Watch};

/// How many processes are remembered at a time. One that was forgotten is told again.
const MOST_PROCESSES: usize = 1024;

/// How long a look at the listener takes at most.
const LOOK: Timespec = Timespec { tv_sec: 0, tv_nsec: 20_000_000 };

/// How many such looks what was killed has to end.
const PATIENCE: usize = 250;

struct Listener<'a> {
    started: &'a Started,
    report: &'a mut dyn FnMut(Access),
    /// What each process runs, and what it asked for.
    known: HashMap<i32, (Box<[u8]>, Recent)>,
    begun: bool,
    exit: Option<Exit>,
    killed: bool,
    failure: Option<TraceError>,
}

/// Follows a started child and its descendants to their end.
pub(super) fn listen(
    mut started: Started,
    listener: OwnedFd,
    mut watch: Watch,
    report: &mut dyn FnMut(Access),
) -> Result<Exit, TraceError> {
    let mut state = Listener {
        started: &started,
        report,
        known: HashMap::new(),
        begun: false,
        exit: None,
        killed: false,
        failure: None,
    };
    state.run(listener.as_fd(), &mut watch);
    let Listener { exit, failure, .. } = state;
    drop(listener);
    if let Some(failure) = failure.or_else(|| started.failure()) {
        return Err(failure);
    }
    exit.ok_or(TraceError::Left)
}

impl Listener<'_> {
    fn run(&mut self, listener: BorrowedFd, watch: &mut Watch) {
        let mut patience = PATIENCE;
        loop {
            let mut descriptors = [PollFd::new(&listener, PollFlags::IN)];
            // A signal is as good as the end of the time.
            let _ = poll(&mut descriptors, Some(&LOOK));
            let seen = descriptors[0].revents();
            if seen.contains(PollFlags::IN) {
                match kernel::receive(listener) {
                    Ok(Some(notice)) => self.notice(listener, &notice),
                    Ok(None) => {}
                    Err(error) => self.fail(TraceError::Kernel(error)),
                }
            }
            self.collect(watch);
            // Nobody has the filter any more.
            let empty = seen.contains(PollFlags::HUP) && !seen.contains(PollFlags::IN);
            if empty && self.exit.is_some() {
                return;
            }
            if empty {
                // Who ends gives up the filter before its end can be waited for, and from then on
                // each look is over at once.
                let _ = poll(&mut [], Some(&LOOK));
            }
            if self.killed {
                patience -= 1;
                if patience == 0 {
                    self.failure.get_or_insert(TraceError::Left);
                    return;
                }
            }
            for order in watch.orders() {
                match order {
                    Order::Forward(signal) => self.signal(signal),
                    Order::Ask => self.signal(libc::SIGTERM),
                    Order::Kill => self.kill(),
                }
            }
        }
    }

    /// Takes the ends of children: the program's own, and in a namespace's first process those of
    /// orphans.
    fn collect(&mut self, watch: &Watch) {
        while let Ok(Waited::Task(task, status)) = kernel::look_for_ended() {
            self.known.remove(&task);
            if task == self.started.process {
                self.exit = Some(exit_of(status));
                if watch.has_asked() && !self.killed {
                    self.signal(libc::SIGTERM);
                }
            }
        }
    }

    fn signal(&self, signal: i32) {
        if self.exit.is_none() {
            return kernel::kill(self.started.process, signal);
        }
        self.known.keys().for_each(|process| kernel::kill(*process, signal));
    }

    fn kill(&mut self) {
        self.killed = true;
        self.known.keys().for_each(|process| kernel::kill(*process, libc::SIGKILL));
        if self.exit.is_none() {
            kernel::kill(self.started.process, libc::SIGKILL);
        }
    }

    fn fail(&mut self, error: TraceError) {
        self.failure.get_or_insert(error);
        self.kill();
    }

    fn notice(&mut self, listener: BorrowedFd, notice: &Notice) {
        if self.killed {
            kernel::kill(notice.task, libc::SIGKILL);
            return kernel::answer(listener, notice, Some(libc::EPERM));
        }
        let asked = self.asked(notice);
        // Otherwise another task may have got its number, and what was read is that one's.
        if kernel::still_waits(listener, notice) {
            self.tell(notice.task, asked);
        }
        let refused = self.killed.then_some(libc::EPERM);
        kernel::answer(listener, notice, refused);
    }

    fn asked(&self, notice: &Notice) -> Vec<Request> {
        let Notice { task, audit, number, arguments, .. } = *notice;
        let found = calls::abi(audit, number).and_then(|abi| Some((abi, abi.call(number)?)));
        let Some((abi, call)) = found else { return Vec::new() };
        let processes = &self.started.processes;
        let root = &processes.root(task);
        Caller { task, abi, arguments, processes, root }.requests(call)
    }

    fn tell(&mut self, task: i32, asked: Vec<Request>) {
        let processes = &self.started.processes;
        let process = processes.process_of(task).unwrap_or(task);
        if self.known.len() >= MOST_PROCESSES {
            self.known.clear();
        }
        // The first call is the one that becomes the program, and is nobody's.
        let begun = std::mem::replace(&mut self.begun, true);
        for request in asked {
            let executes = matches!(request.action, Action::Execute { .. });
            if executes {
                let file = path(&request);
                if let Some(privilege) = processes.would_be_withheld(&file, process) {
                    let program = String::from_utf8_lossy(&file).into_owned();
                    self.fail(TraceError::Privileged { program, privilege });
                }
            }
            let (program, recent) = self.known.entry(process).or_insert_with(|| {
                let program = if begun { processes.program(task) } else { None };
                (program.unwrap_or_default().into(), Recent::default())
            });
            let outcome = outcome(&request);
            let access = Access {
                process: process.unsigned_abs(),
                program: program.clone(),
                by: None,
                action: request.action,
                name: request.name.into(),
                directory: request.directory.into(),
                last: request.last,
                outcome,
            };
            if recent.is_new(&access) {
                (self.report)(access);
            }
            if executes {
                // It may run something else from now on.
                self.known.remove(&process);
            }
        }
    }
}

/// What a request names, from the tracer's root.
fn path(request: &Request) -> Vec<u8> {
    match request.name.first() {
        None => request.directory.clone(),
        Some(b'/') => request.name.clone(),
        Some(_) => [&request.directory, &b"/"[..], &request.name].concat(),
    }
}

/// What can be told before a call is made: that a name is not there, and to those that only look
/// that it is. Names below `/proc` mean something else to everyone.
fn outcome(request: &Request) -> Outcome {
    let path = path(request);
    let made = matches!(request.action, Action::Write | Action::Change);
    if made || request.name.is_empty() || path.starts_with(b"/proc") {
        return Outcome::Unknown;
    }
    let found = match request.last {
        LastLink::Follow => rustix::fs::stat(&path),
        LastLink::Keep => rustix::fs::lstat(&path),
    };
    let missing = [libc::ENOENT, libc::ENOTDIR, libc::ELOOP, libc::ENAMETOOLONG];
    match found {
        Ok(_) if request.action == Action::Look => Outcome::Done,
        Err(error) if missing.contains(&error.raw_os_error()) => {
            Outcome::Failed(error.raw_os_error())
        }
        _ => Outcome::Unknown,
    }
}
