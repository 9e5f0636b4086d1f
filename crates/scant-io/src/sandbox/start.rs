//! The side of scant: starts the sandbox, gives it its users, hands signals on, waits for its end.

use std::fs::File;
use std::io::{self, BufReader, PipeReader};
use std::os::fd::{AsFd, AsRawFd as _, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, timerfd_create, timerfd_settime,
};

use scant_core::words::Access;

use super::capture::{Captured, capture};
use super::wire::{self, Order, Report};
use super::{
    ARGUMENT, Bounds, Exit, Process, Sandbox, SandboxError, Streams, descriptors, identity, kernel,
};
use crate::scratch::Scratch;
use crate::tracer::stream;

/// How it went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// How the program ended.
    pub exit: Exit,
    /// Whether its time was over by then.
    pub is_late: bool,
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
    let (theirs, their_files): (OwnedFd, OwnedFd) = (theirs.into(), their_files.into());
    let numbers = [&theirs, &their_files].map(|socket| socket.as_raw_fd().to_string());
    command.arg(ARGUMENT).args(numbers).env_clear().stdin(Stdio::null()).stdout(Stdio::null());
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
        streams: Streams<'_>,
        bounds: &Bounds<'_>,
    ) -> Result<Ended, SandboxError> {
        let done = self.try_run(process, streams, bounds, None);
        done.map_err(|error| self.named(error))
    }

    /// Runs a program as [`Running::run`] does, and gives all that it and its descendants ask for to
    /// `seen`. It ends when the last of them does; at the end of its time it is asked to end, and
    /// killed a few seconds later.
    ///
    /// # Errors
    /// When the program cannot be run or watched; when the sandbox is gone.
    pub fn trace(
        &mut self,
        process: &Process,
        streams: Streams<'_>,
        bounds: &Bounds<'_>,
        seen: &mut dyn FnMut(Access),
    ) -> Result<Ended, SandboxError> {
        let done = self.try_run(process, streams, bounds, Some(seen));
        done.map_err(|error| self.named(error))
    }

    fn try_run(
        &mut self,
        process: &Process,
        streams: Streams<'_>,
        bounds: &Bounds<'_>,
        seen: Option<&mut dyn FnMut(Access)>,
    ) -> Result<Ended, SandboxError> {
        let traced = seen.is_some();
        self.line()?.say(&Order::Run { process: Box::new(process.clone()), traced })?;
        let handed = self.hand_over(streams, traced).map_err(SandboxError::Start)?;
        let mut watching = seen.zip(handed.accesses).map(|(seen, pipe)| Watching::new(seen, pipe));
        let line = self.line()?;
        let is_in_time = line.wait_for_end(bounds, &mut watching)?;
        let report = line.hear()?;
        if let Some(watching) = watching {
            watching.finish().map_err(SandboxError::Start)?;
        }
        match report {
            Report::Ended(exit) => Ok(Ended {
                exit,
                is_late: !is_in_time,
                output: captured(handed.output)?,
                errors: captured(handed.errors)?,
            }),
            report => Err(failure(report)),
        }
    }

    fn hand_over(&self, streams: Streams<'_>, traced: bool) -> io::Result<Handed> {
        use rustix::stdio::{stderr, stdin, stdout};
        let pipe = traced.then(io::pipe).transpose()?;
        let (accesses, to_accesses) = pipe.unzip();
        let more = to_accesses.as_ref().map(|pipe| pipe.as_fd());
        let send = |streams: [BorrowedFd<'_>; 3]| {
            let all: Vec<_> = streams.into_iter().chain(more).collect();
            descriptors::send(&self.files, &all)
        };
        let nothing = File::open("/dev/null")?;
        let (mut output, mut errors) = (None, None);
        match streams {
            Streams::Inherited => send([stdin(), stdout(), stderr()])?,
            Streams::To(file) => send([nothing.as_fd(), file, file])?,
            Streams::Captured { most } => {
                let ((from_output, to_output), (from_errors, to_errors)) =
                    (io::pipe()?, io::pipe()?);
                send([nothing.as_fd(), to_output.as_fd(), to_errors.as_fd()])?;
                (output, errors) =
                    (Some(capture(from_output, most)), Some(capture(from_errors, most)));
            }
        }
        Ok(Handed { accesses, output, errors })
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
        Report::Untraced(why) => SandboxError::Trace(why),
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

    /// Waits until the program has ended. When its time is over it is killed; one that is traced is
    /// asked to end before that. False when it did not end in its time.
    fn wait_for_end(
        &mut self,
        bounds: &Bounds<'_>,
        watching: &mut Option<Watching<'_>>,
    ) -> Result<bool, SandboxError> {
        if self.wait(bounds.time, bounds.end, bounds, watching)? {
            return Ok(true);
        }
        if watching.is_some() {
            self.say(&Order::Signal(bounds.stop_signal))?;
            if self.wait(Some(GRACE), None, bounds, watching)? {
                return Ok(false);
            }
        }
        self.say(&Order::Signal(libc::SIGKILL))?;
        self.wait(None, None, bounds, watching)?;
        Ok(false)
    }

    /// Waits until something is said, and hands signals on meanwhile. False when the time is over.
    fn wait(
        &mut self,
        time: Option<Duration>,
        end: Option<BorrowedFd<'_>>,
        bounds: &Bounds<'_>,
        watching: &mut Option<Watching<'_>>,
    ) -> Result<bool, SandboxError> {
        let alarm = time.map(alarm).transpose().map_err(SandboxError::Start)?;
        while self.reader.buffer().is_empty() {
            let signals = bounds.signals.map(|signals| signals.descriptor().as_fd());
            let pipe = watching.as_ref().and_then(Watching::descriptor);
            let alarm = alarm.as_ref().map(AsFd::as_fd);
            let sources = [Some(self.writer.as_fd()), signals, pipe, alarm, end];
            let ready = ready(sources).map_err(SandboxError::Start)?;
            let [is_said, _, is_seen, is_late, is_enough] = ready;
            while let Some(signal) = bounds.signals.and_then(kernel::Signals::next) {
                let is_stop = signal == libc::SIGTERM;
                let signal = if is_stop { bounds.stop_signal } else { signal };
                self.say(&Order::Signal(signal))?;
            }
            if let Some(watching) = watching.as_mut().filter(|_| is_seen) {
                watching.read().map_err(SandboxError::Start)?;
            } else if is_said {
                break;
            }
            if is_late || is_enough {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// What can be read from, or has nobody at its other end. Waits until there is one.
fn ready<const COUNT: usize>(
    sources: [Option<BorrowedFd<'_>>; COUNT],
) -> io::Result<[bool; COUNT]> {
    let waited = sources.iter().flatten();
    let mut waited: Vec<_> =
        waited.map(|source| PollFd::from_borrowed_fd(*source, PollFlags::IN)).collect();
    loop {
        match poll(&mut waited, None) {
            Err(rustix::io::Errno::INTR) => {}
            polled => {
                polled?;
                break;
            }
        }
    }
    let mut events = waited.iter().map(|waited| !waited.revents().is_empty());
    Ok(sources.map(|source| source.is_some() && events.next().unwrap_or(false)))
}

/// What was handed over, from this side.
struct Handed {
    accesses: Option<PipeReader>,
    output: Option<Reading>,
    errors: Option<Reading>,
}

/// What a tracer sees, as it comes.
struct Watching<'s> {
    seen: &'s mut dyn FnMut(Access),
    pipe: Option<BufReader<PipeReader>>,
}

impl<'s> Watching<'s> {
    fn new(seen: &'s mut dyn FnMut(Access), pipe: PipeReader) -> Self {
        Self { seen, pipe: Some(BufReader::new(pipe)) }
    }

    /// What to wait for, until the other end is closed.
    fn descriptor(&self) -> Option<BorrowedFd<'_>> {
        self.pipe.as_ref().map(|pipe| pipe.get_ref().as_fd())
    }

    /// Takes what there is: whole accesses, for the other side writes no others.
    fn read(&mut self) -> io::Result<()> {
        while let Some(pipe) = &mut self.pipe {
            match stream::read(pipe)? {
                Some(access) => (self.seen)(access),
                None => self.pipe = None,
            }
            if self.pipe.as_ref().is_none_or(|pipe| pipe.buffer().is_empty()) {
                break;
            }
        }
        Ok(())
    }

    /// Takes all to the end.
    fn finish(mut self) -> io::Result<()> {
        while self.pipe.is_some() {
            self.read()?;
        }
        Ok(())
    }
}

/// How long a traced program has between being asked to end and being killed.
const GRACE: Duration = Duration::from_secs(10);

/// A descriptor that can be read from after this time.
fn alarm(time: Duration) -> io::Result<OwnedFd> {
    let alarm = timerfd_create(TimerfdClockId::Monotonic, TimerfdFlags::CLOEXEC)?;
    // A time of nothing would mean that it never comes.
    let time = Timespec::try_from(time.max(Duration::from_nanos(1)));
    let it_value = time.map_err(|_| io::ErrorKind::InvalidInput)?;
    let never = Timespec { tv_sec: 0, tv_nsec: 0 };
    let once = Itimerspec { it_interval: never, it_value };
    timerfd_settime(&alarm, TimerfdTimerFlags::empty(), &once)?;
    Ok(alarm)
}
