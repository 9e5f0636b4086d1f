//! The side of scant: starts the sandbox, gives it its users, hands signals on, waits for its end.

use std::fs::File;
use std::io::{self, BufReader};
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::capture::{Captured, capture};
use super::wire::{self, Order, Report};
use super::{
    ARGUMENT, Bounds, Exit, Process, Sandbox, SandboxError, Streams, descriptors, identity, kernel,
};
use crate::scratch::Scratch;

/// How it went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// How the program ended; none if its time was over.
    pub exit: Option<Exit>,
    /// What it printed to its standard output, if that was captured.
    pub output: Captured,
    /// The same of its standard error.
    pub errors: Captured,
}

/// A sandbox that is set up. It ends when this is dropped, with all that is in it.
#[derive(Debug)]
pub struct Running {
    child: Child,
    line: Option<Line>,
    files: OwnedFd,
    _place: Scratch,
}

/// Sets a sandbox up.
///
/// # Errors
/// When there is none to be had here. Nothing of it is left then.
pub fn start(sandbox: &Sandbox) -> Result<Running, SandboxError> {
    let place = Scratch::within(Path::new(&sandbox.temporary)).map_err(SandboxError::Start)?;
    let inner = Sandbox { temporary: place.path().into(), ..sandbox.clone() };
    let (line, theirs) = UnixStream::pair().map_err(SandboxError::Start)?;
    let (files, their_files) = UnixStream::pair().map_err(SandboxError::Start)?;
    // As the kernel knows it: it may have another name by now, or none.
    let mut command = Command::new("/proc/self/exe");
    command.arg(ARGUMENT).env_clear().stdin(Stdio::null()).stdout(Stdio::null());
    let (theirs, their_files) = (theirs.into(), their_files.into());
    kernel::hand_over(&mut command, [&theirs, &their_files]);
    let child = command.spawn().map_err(SandboxError::Start)?;
    drop((theirs, their_files));
    let reader = line.try_clone().map_err(SandboxError::Start)?;
    let line = Line { reader: BufReader::new(reader), writer: line };
    let (line, files) = (Some(line), files.into());
    let mut running = Running { child, line, files, _place: place };
    match running.set_up(&inner) {
        Ok(()) => Ok(running),
        Err(error) => Err(running.named(error)),
    }
}

impl Running {
    fn set_up(&mut self, sandbox: &Sandbox) -> Result<(), SandboxError> {
        let process = self.child.id();
        let line = self.line()?;
        line.say(&Order::Be(Box::new(sandbox.clone())))?;
        loop {
            match line.hear()? {
                Report::Unshared => {
                    let (user, group) = sandbox.identity;
                    let groups = identity::map(process, user, group);
                    let groups = groups.map_err(SandboxError::Identity)?;
                    line.say(&Order::Mapped { groups })?;
                }
                Report::Ready => return Ok(()),
                report => return Err(failure(report)),
            }
        }
    }

    /// Runs a program to its end, or to the end of its time. What it leaves running is killed then;
    /// what it wrote is there for the next.
    ///
    /// # Errors
    /// When the program cannot be run; when the sandbox is gone.
    pub fn run(
        &mut self,
        process: &Process,
        streams: Streams,
        bounds: &Bounds<'_>,
    ) -> Result<Ended, SandboxError> {
        let done = self.try_run(process, streams, bounds);
        done.map_err(|error| self.named(error))
    }

    fn try_run(
        &mut self,
        process: &Process,
        streams: Streams,
        bounds: &Bounds<'_>,
    ) -> Result<Ended, SandboxError> {
        self.line()?.say(&Order::Run(Box::new(process.clone())))?;
        let [output, errors] = self.hand_over(streams).map_err(SandboxError::Start)?;
        let end = bounds.time.map(|time| Instant::now() + time);
        let line = self.line()?;
        let is_in_time = line.wait(end, bounds)?;
        if !is_in_time {
            line.say(&Order::Signal(libc::SIGKILL))?;
        }
        match line.hear()? {
            Report::Ended(exit) => Ok(Ended {
                exit: is_in_time.then_some(exit),
                output: captured(output)?,
                errors: captured(errors)?,
            }),
            report => Err(failure(report)),
        }
    }

    fn hand_over(&self, streams: Streams) -> io::Result<[Option<Reading>; 2]> {
        use rustix::stdio::{stderr, stdin, stdout};
        let Streams::Captured { most } = streams else {
            descriptors::send(&self.files, [stdin(), stdout(), stderr()])?;
            return Ok([None, None]);
        };
        let nothing = File::open("/dev/null")?;
        let ((output, to_output), (errors, to_errors)) = (io::pipe()?, io::pipe()?);
        let streams = [nothing.as_fd(), to_output.as_fd(), to_errors.as_fd()];
        descriptors::send(&self.files, streams)?;
        Ok([Some(capture(output, most)), Some(capture(errors, most))])
    }

    fn line(&mut self) -> Result<&mut Line, SandboxError> {
        self.line.as_mut().ok_or_else(|| SandboxError::Gone("it was ended".into()))
    }

    /// Says how a sandbox that is gone went.
    fn named(&mut self, error: SandboxError) -> SandboxError {
        match error {
            SandboxError::Gone(_) => {
                self.line = None;
                let status = self.child.wait().map(|status| status.to_string());
                SandboxError::Gone(status.unwrap_or_else(|error| error.to_string()))
            }
            other => other,
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // The sandbox ends when nobody is at the other end.
        self.line = None;
        let _ = self.child.wait();
    }
}

fn failure(report: Report) -> SandboxError {
    match report {
        Report::Refused(error) => {
            SandboxError::Namespaces { source: io::Error::from_raw_os_error(error) }
        }
        Report::Failed { what, error } => {
            SandboxError::Setup { what, source: io::Error::from_raw_os_error(error) }
        }
        Report::Fault(fault) => fault.into(),
        Report::Unshared | Report::Ready | Report::Ended(_) => {
            SandboxError::Gone("it says what nobody asked for".into())
        }
    }
}

type Reading = JoinHandle<io::Result<Captured>>;

fn captured(reading: Option<Reading>) -> Result<Captured, SandboxError> {
    let Some(reading) = reading else { return Ok(Captured::default()) };
    let read = reading.join().map_err(|_| io::Error::other("a thread of scant's panicked"));
    read.and_then(|read| read).map_err(SandboxError::Start)
}

/// The line to the sandbox.
#[derive(Debug)]
struct Line {
    reader: BufReader<UnixStream>,
    writer: UnixStream,
}

impl Line {
    fn say(&mut self, order: &Order) -> Result<(), SandboxError> {
        wire::send(&mut self.writer, order).map_err(|error| match error.kind() {
            io::ErrorKind::BrokenPipe => SandboxError::Gone(String::new()),
            _ => SandboxError::Start(error),
        })
    }

    fn hear(&mut self) -> Result<Report, SandboxError> {
        let report = wire::next(&mut self.reader).map_err(SandboxError::Start)?;
        report.ok_or_else(|| SandboxError::Gone(String::new()))
    }

    /// Waits until something is said, and hands signals on meanwhile. False when the time is over.
    fn wait(&mut self, end: Option<Instant>, bounds: &Bounds<'_>) -> Result<bool, SandboxError> {
        while self.reader.buffer().is_empty() {
            let left = end.map(|end| end.saturating_duration_since(Instant::now()));
            if left == Some(Duration::ZERO) {
                return Ok(false);
            }
            let mut waited = vec![PollFd::new(&self.writer, PollFlags::IN)];
            let signals = bounds.signals.map(|signals| signals.descriptor().as_fd());
            waited.extend(signals.map(|signals| PollFd::from_borrowed_fd(signals, PollFlags::IN)));
            let time = left.and_then(|left| Timespec::try_from(left).ok());
            match poll(&mut waited, time.as_ref()) {
                Err(rustix::io::Errno::INTR) => continue,
                polled => polled.map_err(|error| SandboxError::Start(error.into()))?,
            };
            let is_said = !waited[0].revents().is_empty();
            while let Some(signal) = bounds.signals.and_then(kernel::Signals::next) {
                let is_stop = signal == libc::SIGTERM;
                let signal = if is_stop { bounds.stop_signal } else { signal };
                self.say(&Order::Signal(signal))?;
            }
            if is_said {
                break;
            }
        }
        Ok(true)
    }
}
