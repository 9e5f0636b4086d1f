//! All tasks of a traced program, from its start to the end of the last one: what their stops
//! mean, and how they go on. The rules are those of
//! [ptrace(2)](https://man7.org/linux/man-pages/man2/ptrace.2.html); tasks end at any time, so a
//! request that finds none is no fault.

use std::collections::HashMap;
use std::io;

use scant_core::words::{Access, Outcome};

use super::attribute::{self, Code};
use super::calls;
use super::decode::{Caller, Request};
use super::error::TraceError;
use super::kernel::{self, Waited};
use super::places::Processes;
use super::program::{Exit, exit_of};
use super::recent::Recent;
use super::start::Started;
use super::watch::{Order, Watch};

/// What a stop is about: the upper part of its status. `PTRACE_EVENT_*`.
mod event {
    pub(super) const FORK: i32 = 1;
    pub(super) const VFORK: i32 = 2;
    pub(super) const CLONE: i32 = 3;
    pub(super) const EXEC: i32 = 4;
    pub(super) const SECCOMP: i32 = 7;
    pub(super) const STOP: i32 = 128;
}

/// A stop at the end of a call, told from one by a signal.
const END_OF_CALL: i32 = libc::SIGTRAP | 0x80;

/// The kernel makes a call again that ended with one of these.
const RESTARTED: std::ops::RangeInclusive<i32> = 512..=516;

/// A thread, or the only one of a process.
#[derive(Default)]
struct Task {
    /// Its process; not asked for before it is needed.
    process: Option<i32>,
    /// What the call asks for that it is in.
    asked: Vec<Request>,
    /// How wide the words on its stack are.
    word: usize,
}

#[derive(Default)]
struct Process {
    /// What it runs.
    program: Option<Box<[u8]>>,
    /// Its root as the tracer sees it, empty if it is the same.
    root: Option<Vec<u8>>,
    code: Option<Code>,
    recent: Recent,
}

struct Supervisor<'a> {
    main: i32,
    /// Whether the child has become the program.
    begun: bool,
    tasks: HashMap<i32, Task>,
    known: HashMap<i32, Process>,
    processes: &'a Processes,
    watch: Watch<'a>,
    report: &'a mut dyn FnMut(Access),
    killed: bool,
    exit: Option<Exit>,
    failure: Option<TraceError>,
}

/// Follows a started child and its descendants to their end.
pub(super) fn supervise(
    mut started: Started,
    watch: Watch,
    report: &mut dyn FnMut(Access),
) -> Result<Exit, TraceError> {
    let main = started.process;
    let mut supervisor = Supervisor {
        main,
        begun: false,
        tasks: HashMap::from([(main, Task::default())]),
        known: HashMap::new(),
        processes: &started.processes,
        watch,
        report,
        killed: false,
        exit: None,
        failure: None,
    };
    supervisor.run();
    let Supervisor { failure, begun, exit, .. } = supervisor;
    if let Some(failure) = failure.or_else(|| if begun { None } else { started.failure() }) {
        return Err(failure);
    }
    exit.ok_or_else(|| TraceError::Kernel(io::Error::other("the program's end was told to nobody")))
}

impl Supervisor<'_> {
    fn run(&mut self) {
        while !self.tasks.is_empty() {
            match kernel::wait() {
                Ok(Waited::Task(task, status)) => self.waited(task, status),
                Ok(Waited::Interrupted) => {}
                Ok(Waited::Nobody) => break,
                Err(error) => return self.fail(TraceError::Kernel(error)),
            }
            // A busy program never lets a wait be interrupted: so this is looked at in any case.
            for order in self.watch.orders() {
                match order {
                    Order::Forward(signal) if self.exit.is_none() => {
                        kernel::kill(self.main, signal);
                    }
                    Order::Forward(signal) => self.kill_all(signal),
                    Order::Ask => self.ask_to_end(),
                    Order::Kill => self.kill(),
                }
            }
        }
    }

    /// The program itself is asked, and knows its children; what is left without it is asked too.
    fn ask_to_end(&self) {
        if self.exit.is_none() {
            kernel::kill(self.main, libc::SIGTERM);
        } else {
            self.kill_all(libc::SIGTERM);
        }
    }

    fn kill(&mut self) {
        self.killed = true;
        self.kill_all(libc::SIGKILL);
    }

    /// Sends a signal to every process. A thread's number is good for that too, but then a process
    /// would get the signal several times.
    fn kill_all(&self, signal: i32) {
        for (number, task) in &self.tasks {
            if signal == libc::SIGKILL || task.process.is_none_or(|process| process == *number) {
                kernel::kill(*number, signal);
            }
        }
    }

    fn fail(&mut self, error: TraceError) {
        self.failure.get_or_insert(error);
        self.kill();
    }

    fn waited(&mut self, task: i32, status: i32) {
        if libc::WIFSTOPPED(status) {
            self.tasks.entry(task).or_default();
            if self.killed {
                return kernel::kill(task, libc::SIGKILL);
            }
            return self.stopped(task, libc::WSTOPSIG(status), status >> 16);
        }
        self.ended(task, exit_of(status));
    }

    fn ended(&mut self, task: i32, exit: Exit) {
        self.tell(task, None);
        self.tasks.remove(&task);
        self.known.remove(&task);
        if task == self.main {
            self.exit = Some(exit);
            if self.watch.has_asked() && !self.killed {
                self.ask_to_end();
            }
        }
    }

    fn stopped(&mut self, task: i32, signal: i32, event: i32) {
        let done = match (signal, event) {
            (END_OF_CALL, 0) => self.end_of_call(task),
            (_, event::SECCOMP) => self.begin_of_call(task),
            (_, event::EXEC) => self.executed(task),
            (_, event::FORK | event::VFORK | event::CLONE) => self.forked(task),
            (libc::SIGSTOP | libc::SIGTSTP | libc::SIGTTIN | libc::SIGTTOU, event::STOP) => {
                kernel::listen(task)
            }
            (signal, 0) => kernel::go_on(task, signal),
            // A new task, or one that goes on after a stop.
            _ => kernel::go_on(task, 0),
        };
        match done {
            // Killed meanwhile: its end is told next.
            Err(error) if error.raw_os_error() == Some(libc::ESRCH) => {}
            Err(error) => self.fail(TraceError::Kernel(error)),
            Ok(()) => {}
        }
    }

    fn forked(&mut self, task: i32) -> io::Result<()> {
        let child = i32::try_from(kernel::event_message(task)?).map_err(io::Error::other)?;
        // It may have been seen already.
        self.tasks.entry(child).or_default();
        if self.tasks.len() > self.watch.most_tasks() {
            self.fail(TraceError::TooManyTasks(self.watch.most_tasks()));
            return Ok(());
        }
        kernel::go_on(task, 0)
    }

    /// A program was replaced. Whichever thread did it has the process's number from now on, and
    /// all others have ended.
    fn executed(&mut self, task: i32) -> io::Result<()> {
        let before = i32::try_from(kernel::event_message(task)?).unwrap_or(task);
        if before != task {
            self.tell(task, None);
            let caller = self.tasks.remove(&before).unwrap_or_default();
            self.tasks.insert(task, Task { process: Some(task), ..caller });
        }
        self.tell(task, Some((Outcome::Done, 0)));
        self.begun |= task == self.main;
        self.known.remove(&task);
        if let Some(privilege) = self.processes.withheld(task) {
            let program = self.processes.program(task).unwrap_or_default();
            let program = String::from_utf8_lossy(&program).into_owned();
            self.fail(TraceError::Privileged { program, privilege });
            return Ok(());
        }
        kernel::go_on(task, 0)
    }

    fn begin_of_call(&mut self, task: i32) -> io::Result<()> {
        let info = kernel::call_info(task)?;
        let (number, arguments) = (info.number(), info.arguments());
        let found = calls::abi(info.audit, number).and_then(|abi| Some((abi, abi.call(number)?)));
        let Some((abi, call)) = found else { return kernel::go_on(task, 0) };
        let process = self.process_of(task);
        let known = self.known.entry(process).or_default();
        let root = known.root.get_or_insert_with(|| self.processes.root(task));
        let caller = Caller { task, abi, arguments, processes: self.processes, root };
        let mut asked = caller.requests(call);
        asked.retain(|request| !known.recent.was_done(request));
        if asked.is_empty() {
            return kernel::go_on(task, 0);
        }
        let state = self.tasks.entry(task).or_default();
        state.asked = asked;
        state.word = abi.pointer();
        kernel::go_on_to_end_of_call(task)
    }

    fn end_of_call(&mut self, task: i32) -> io::Result<()> {
        let info = kernel::call_info(task)?;
        let outcome = match info.error() {
            None => Outcome::Done,
            Some(error) if RESTARTED.contains(&error) => Outcome::Failed(libc::EINTR),
            Some(error) => Outcome::Failed(error),
        };
        self.tell(task, Some((outcome, info.stack)));
        kernel::go_on(task, 0)
    }

    /// The process of a task.
    fn process_of(&mut self, task: i32) -> i32 {
        let state = self.tasks.entry(task).or_default();
        let processes = self.processes;
        *state.process.get_or_insert_with(|| processes.process_of(task).unwrap_or(task))
    }

    /// Tells what a task asked for, with its outcome and its stack if they are known.
    fn tell(&mut self, task: i32, end: Option<(Outcome, u64)>) {
        let Some(state) = self.tasks.get_mut(&task) else { return };
        if state.asked.is_empty() {
            return;
        }
        let (asked, word) = (std::mem::take(&mut state.asked), state.word);
        let process = self.process_of(task);
        let begun = self.begun || process != self.main;
        let known = self.known.entry(process).or_default();
        let processes = self.processes;
        let program = known.program.get_or_insert_with(|| {
            let program = if begun { processes.program(task) } else { None };
            program.unwrap_or_default().into()
        });
        let program = program.clone();
        for request in asked {
            let mut access = Access {
                process: process.unsigned_abs(),
                program: program.clone(),
                by: None,
                action: request.action,
                name: request.name.into(),
                directory: request.directory.into(),
                last: request.last,
                outcome: end.map_or(Outcome::Unknown, |(outcome, _)| outcome),
            };
            known.forget(&access);
            if let Some((_, stack)) = end.filter(|_| begun && attribute::is_worth_it(&access)) {
                let code = known.code.get_or_insert_with(|| Code::new(processes.code(task)));
                access.by = code.asker(task, stack, word).map(Into::into);
            }
            if known.recent.is_new(&access) {
                (self.report)(access);
            }
        }
    }
}

impl Process {
    /// Forgets what an access has made untrue.
    fn forget(&mut self, access: &Access) {
        use scant_core::words::Action;
        match access.action {
            Action::Map => self.code = None,
            // It may have been chroot.
            Action::Enter => self.root = None,
            _ => {}
        }
    }
}
