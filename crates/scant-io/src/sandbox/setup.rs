//! What happens inside: a process that has just begun takes namespaces of its own, and starts the
//! first process in them, which sets all up, runs the program, and collects whatever ends.

use std::ffi::OsString;
use std::io::{self, BufReader};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, ExitStatus};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};

use rustix::process::{Pid, Signal, WaitOptions};
use scant_core::words::Escaped;

use super::descriptors;
use super::kernel::{self, Become, Executed};
use super::mounts::{Failed, Root};
use super::program;
use super::traced;
use super::wire::{self, Order, Report};
use super::{Exit, Network, Process, ProgramFault, Sandbox};

/// What an image may do as its own root user: what Docker lets it do.
const CAPABILITIES: [u32; 14] = [
    0,  // CAP_CHOWN
    1,  // CAP_DAC_OVERRIDE
    3,  // CAP_FOWNER
    4,  // CAP_FSETID
    5,  // CAP_KILL
    6,  // CAP_SETGID
    7,  // CAP_SETUID
    8,  // CAP_SETPCAP
    10, // CAP_NET_BIND_SERVICE
    13, // CAP_NET_RAW
    18, // CAP_SYS_CHROOT
    27, // CAP_MKNOD
    29, // CAP_AUDIT_WRITE
    31, // CAP_SETFCAP
];

/// How the first process ends when scant is gone.
const ABANDONED: i32 = 137;

/// The life of a process that was started as a sandbox, with the arguments that followed
/// [`ARGUMENT`](super::ARGUMENT). Comes back with the status to end with.
///
/// # Errors
/// When there is nobody to report to: it was not started by scant.
pub fn enter(arguments: impl Iterator<Item = OsString>) -> io::Result<u8> {
    let numbers: Vec<_> = arguments.filter_map(|text| text.to_str()?.parse().ok()).collect();
    let numbers = numbers.try_into().map_err(|_| io::ErrorKind::InvalidInput)?;
    let [socket, files] = kernel::take_sockets(numbers)?;
    let mut reports = UnixStream::from(socket);
    let mut orders = BufReader::new(reports.try_clone()?);
    let Some(Order::Be(sandbox)) = wire::next(&mut orders)? else {
        return Err(io::ErrorKind::InvalidInput.into());
    };
    if let Err(error) = kernel::unshare(sandbox.network == Network::None) {
        wire::send(&mut reports, &Report::Refused(number(&error)))?;
        return Ok(0);
    }
    wire::send(&mut reports, &Report::Unshared)?;
    let Some(Order::Mapped { groups }) = wire::next(&mut orders)? else { return Ok(0) };
    match kernel::fork() {
        Ok(None) => {
            let line = Line { orders, reports, files };
            first_process(&sandbox, groups, line)
        }
        Ok(Some(child)) => {
            // The end of the socket must be seen when the first process ends.
            drop((orders, reports, files));
            wait_for(child);
            Ok(0)
        }
        Err(error) => {
            let what = "a first process".to_string();
            wire::send(&mut reports, &Report::Failed { what, error: number(&error) })?;
            Ok(0)
        }
    }
}

/// The line to scant.
struct Line {
    orders: BufReader<UnixStream>,
    reports: UnixStream,
    files: OwnedFd,
}

fn wait_for(child: i32) {
    while let Err(rustix::io::Errno::INTR) =
        rustix::process::waitpid(Pid::from_raw(child), WaitOptions::empty())
    {}
}

/// All in the sandbox ends when this ends.
fn first_process(sandbox: &Sandbox, groups: bool, line: Line) -> io::Result<u8> {
    let _ = rustix::process::set_parent_process_death_signal(Some(Signal::KILL));
    let Line { orders, mut reports, files } = line;
    let running = Arc::new(Mutex::new(Started::default()));
    let (to_run, programs) = mpsc::channel();
    let obeying = running.clone();
    // Before anything that may take long: it ends all when scant is gone.
    std::thread::spawn(move || obey(orders, &to_run, &obeying));
    let report = match prepare(sandbox) {
        Err((what, error)) => Report::Failed { what, error: number(&error) },
        Ok(()) => Report::Ready,
    };
    wire::send(&mut reports, &report)?;
    for (process, traced) in programs {
        let report = if traced {
            let descriptors: [OwnedFd; 4] = descriptors::receive(&files)?;
            let who = who(&process, groups, &descriptors[0]);
            let stop = Arc::new(AtomicBool::new(false));
            lock(&running).begin(State::Traced(stop.clone()));
            traced::run(&process, who, descriptors, &stop)
        } else {
            let streams = descriptors::receive(&files)?;
            match start(&process, streams, groups) {
                Err(fault) => Report::Fault(fault),
                Ok(child) => {
                    lock(&running).begin(State::Runs(child));
                    Report::Ended(collect(child)?)
                }
            }
        };
        lock(&running).state = State::Idle;
        end_all();
        wire::send(&mut reports, &report)?;
    }
    Ok(0)
}

/// Who a program runs as; without a terminal at its input it leaves the one there is.
fn who(process: &Process, groups: bool, input: &OwnedFd) -> Become {
    let groups = groups.then(|| process.groups.clone());
    let is_detached = !rustix::termios::isatty(input);
    Become { user: process.user, group: process.group, groups, is_detached }
}

fn prepare(sandbox: &Sandbox) -> Result<(), Failed> {
    let root = Root::enter(sandbox, Path::new(&sandbox.temporary))?;
    root.fill(sandbox)?;
    let of = |what: &str, error: io::Error| (what.to_string(), error);
    rustix::system::sethostname(sandbox.hostname.as_bytes())
        .map_err(|error| of("the host's name", error.into()))?;
    if sandbox.network == Network::None {
        kernel::loopback_up().map_err(|error| of("the loopback device", error))?;
    }
    drop_capabilities();
    Ok(())
}

/// Starts a program, as the user and with the rights that it is to have.
fn start(
    process: &Process,
    [input, output, errors]: [OwnedFd; 3],
    groups: bool,
) -> Result<Pid, ProgramFault> {
    rustix::process::chdir(Path::new(&process.directory)).map_err(|error| {
        ProgramFault::Directory {
            path: Escaped(process.directory.as_bytes()).to_string(),
            why: program::plain(&error.into()),
        }
    })?;
    let file = program::find(process)?;
    let who = who(process, groups, &input);
    let mut command = Command::new(&file);
    let executed = Executed::new(&file, process);
    let executed = executed.map_err(|error| program::explain(&file, &error))?;
    command.stdin(input).stdout(output).stderr(errors);
    let (user, group) = (process.user, process.group);
    kernel::become_somebody(&mut command, who, executed);
    match command.spawn() {
        Ok(child) => Ok(Pid::from_child(&child)),
        Err(error) if !can_be(user, group) => {
            Err(ProgramFault::Identity { user, group, why: program::plain(&error) })
        }
        Err(error) => Err(program::explain(&file, &error)),
    }
}

/// Whether the numbers are known in this namespace.
fn can_be(user: u32, group: u32) -> bool {
    let has = |file: &str, number: u32| {
        let map = std::fs::read_to_string(file).unwrap_or_default();
        map.lines().any(|line| {
            let mut numbers = line.split_whitespace().filter_map(|n| n.parse::<u32>().ok());
            let (first, _, count) = (numbers.next(), numbers.next(), numbers.next());
            first.zip(count).is_some_and(|(first, count)| {
                number.checked_sub(first).is_some_and(|after| after < count)
            })
        })
    };
    has("/proc/self/uid_map", user) && has("/proc/self/gid_map", group)
}

/// Nothing that is started later can have other capabilities than these.
fn drop_capabilities() {
    for number in (0..64).filter(|number| !CAPABILITIES.contains(number)) {
        let capability = rustix::thread::CapabilitySet::from_bits_retain(1 << number);
        if rustix::thread::remove_capability_from_bounding_set(capability).is_err() {
            // This kernel knows no more of them.
            break;
        }
    }
}

/// What runs, and the signals that came before it did: the end of its time is one.
#[derive(Default)]
struct Started {
    state: State,
    waiting: Vec<i32>,
}

#[derive(Default)]
enum State {
    #[default]
    Idle,
    /// A program.
    Runs(Pid),
    /// A program under the tracer, which takes the signals of this process for the program, and ends
    /// all when this is set.
    Traced(Arc<AtomicBool>),
}

impl Started {
    fn begin(&mut self, state: State) {
        self.state = state;
        std::mem::take(&mut self.waiting).into_iter().for_each(|number| self.signal(number));
    }

    fn signal(&mut self, number: i32) {
        let Some(signal) = Signal::from_named_raw(number) else { return };
        match &self.state {
            State::Idle => self.waiting.push(number),
            State::Runs(child) => {
                let _ = rustix::process::kill_process(*child, signal);
            }
            State::Traced(stop) if signal == Signal::KILL => stop.store(true, Ordering::SeqCst),
            State::Traced(_) => {
                let _ = rustix::process::kill_process(rustix::process::getpid(), signal);
            }
        }
    }
}

fn lock(running: &Mutex<Started>) -> MutexGuard<'_, Started> {
    running.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Hands on what is to be run, and signals to what runs; ends everything when scant is gone.
fn obey(
    mut orders: BufReader<UnixStream>,
    to_run: &mpsc::Sender<(Process, bool)>,
    running: &Mutex<Started>,
) {
    loop {
        match wire::next(&mut orders) {
            Ok(Some(Order::Run { process, traced })) => {
                // Those of the program before came too late.
                lock(running).waiting.clear();
                let _ = to_run.send((*process, traced));
            }
            Ok(Some(Order::Signal(number))) => {
                lock(running).signal(number);
            }
            Ok(Some(Order::Be(_) | Order::Mapped { .. })) => {}
            Ok(None) | Err(_) => kernel::end(ABANDONED),
        }
    }
}

/// Kills all that a program left behind, and waits for its end.
fn end_all() {
    while kernel::kill_all_others().is_ok() {
        match rustix::process::wait(WaitOptions::empty()) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(_) => break,
        }
    }
}

/// Waits for all that ends, until the program does.
fn collect(child: Pid) -> io::Result<Exit> {
    loop {
        match rustix::process::wait(WaitOptions::empty()) {
            Ok(Some((ended, status))) if ended == child => {
                let status = ExitStatus::from_raw(status.as_raw());
                return Ok(match (status.code(), status.signal()) {
                    (Some(code), _) => Exit::Status(code as u8),
                    (None, signal) => Exit::Signal(signal.unwrap_or(9)),
                });
            }
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

fn number(error: &io::Error) -> i32 {
    error.raw_os_error().unwrap_or(libc::EIO)
}
