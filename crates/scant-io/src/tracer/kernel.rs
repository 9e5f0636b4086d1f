//! The calls to the kernel that no safe crate offers: ptrace(2), seccomp(2), process_vm_readv(2),
//! and a child that is prepared between fork(2) and execve(2). The only file of the tracer with
//! `unsafe` in it; each function is one call, and what is done with it is decided elsewhere.

#![allow(unsafe_code, reason = "the kernel is asked by pointers; each block says why it holds")]

use std::ffi::{CString, c_char, c_int, c_long, c_void};
use std::io;
use std::mem;
use std::os::fd::{AsRawFd as _, BorrowedFd, RawFd};
use std::ptr;
use std::sync::atomic::{AtomicU64, Ordering};

use super::filter::Instruction;

/// `PTRACE_*` of `linux/ptrace.h`; libc has not all of them for every C library.
mod request {
    use std::ffi::c_long;

    pub(super) const POKE: c_long = 5;
    pub(super) const CONTINUE: c_long = 7;
    pub(super) const TO_CALL: c_long = 24;
    pub(super) const MESSAGE: c_long = 0x4201;
    pub(super) const SEIZE: c_long = 0x4206;
    pub(super) const LISTEN: c_long = 0x4208;
    pub(super) const CALL: c_long = 0x420e;
}

/// fork, vfork, clone, execve, seccomp, and stops at calls told from signals; all tracees end with
/// the tracer.
const OPTIONS: u64 = 1 | 1 << 1 | 1 << 2 | 1 << 3 | 1 << 4 | 1 << 7 | 1 << 20;

fn ptrace(request: c_long, task: i32, address: u64, data: u64) -> io::Result<()> {
    // SAFETY: the requests made through here either take no pointer, or one that their caller made
    // of memory which it holds mutably during the call.
    let result = unsafe { libc::syscall(libc::SYS_ptrace, request, task, address, data) };
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Becomes the tracer of a task, which does not stop by that.
pub(super) fn seize(task: i32) -> io::Result<()> {
    ptrace(request::SEIZE, task, 0, OPTIONS)
}

/// Lets a stopped task run on, with a signal or 0.
pub(super) fn go_on(task: i32, signal: i32) -> io::Result<()> {
    ptrace(request::CONTINUE, task, 0, u64::from(signal.unsigned_abs()))
}

/// The same until the call that it is in has ended.
pub(super) fn go_on_to_end_of_call(task: i32) -> io::Result<()> {
    ptrace(request::TO_CALL, task, 0, 0)
}

/// Leaves a task of a stopped group stopped, and is told of what ends that.
pub(super) fn listen(task: i32) -> io::Result<()> {
    ptrace(request::LISTEN, task, 0, 0)
}

/// Writes eight bytes into the memory of a stopped task.
pub(super) fn write_word(task: i32, address: u64, value: u64) -> io::Result<()> {
    ptrace(request::POKE, task, address, value)
}

/// What came with an event: the new child, or the number that a task had before.
pub(super) fn event_message(task: i32) -> io::Result<u64> {
    let mut message: u64 = 0;
    ptrace(request::MESSAGE, task, 0, &raw mut message as u64)?;
    Ok(message)
}

/// The call that a stopped task is in: `struct ptrace_syscall_info`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub(super) struct CallInfo {
    /// 1 at its begin, 2 at its end, 3 at its begin as the filter asked.
    pub(super) at: u8,
    padding: [u8; 3],
    /// `AUDIT_ARCH_*`.
    pub(super) audit: u32,
    pub(super) instruction: u64,
    pub(super) stack: u64,
    values: [u64; 9],
}

impl CallInfo {
    pub(super) fn number(&self) -> u64 {
        self.values[0]
    }

    pub(super) fn arguments(&self) -> [u64; 6] {
        let [_, a, b, c, d, e, f, ..] = self.values;
        [a, b, c, d, e, f]
    }

    /// The error that the call ended with; none if it was done.
    pub(super) fn error(&self) -> Option<i32> {
        let failed = self.values[1].to_ne_bytes()[0] != 0;
        failed.then(|| i32::try_from(-self.values[0].cast_signed()).unwrap_or(i32::MAX))
    }
}

/// Reads the call of a stopped task.
pub(super) fn call_info(task: i32) -> io::Result<CallInfo> {
    let mut info = CallInfo::default();
    let size = mem::size_of::<CallInfo>() as u64;
    ptrace(request::CALL, task, size, &raw mut info as u64)?;
    Ok(info)
}

/// What a wait came back with.
#[derive(Clone, Copy, Debug)]
pub(super) enum Waited {
    /// A task, and its status as of wait(2).
    Task(i32, i32),
    /// A signal came instead.
    Interrupted,
    /// There is nobody to wait for.
    Nobody,
}

/// Waits for a child or tracee of this thread.
pub(super) fn wait() -> io::Result<Waited> {
    let mut status: c_int = 0;
    // SAFETY: `status` is a valid place for an int during the call.
    let task = unsafe { libc::waitpid(-1, &raw mut status, libc::__WALL | libc::__WNOTHREAD) };
    if task > 0 {
        return Ok(Waited::Task(task, status));
    }
    let error = io::Error::last_os_error();
    match error.raw_os_error() {
        Some(libc::EINTR) => Ok(Waited::Interrupted),
        Some(libc::ECHILD) => Ok(Waited::Nobody),
        _ => Err(error),
    }
}

/// Waits for the end of one child.
pub(super) fn wait_for(process: i32) {
    // SAFETY: no status is asked for.
    unsafe { libc::waitpid(process, ptr::null_mut(), libc::__WALL) };
}

/// Sends a signal to a process; one that has ended is nobody's fault.
pub(super) fn kill(process: i32, signal: i32) {
    // SAFETY: no memory is involved.
    unsafe { libc::kill(process, signal) };
}

/// Reads memory of another process, up to what is there. Returns how much was read.
pub(super) fn read_memory(task: i32, address: u64, into: &mut [u8]) -> io::Result<usize> {
    let local = libc::iovec { iov_base: into.as_mut_ptr().cast::<c_void>(), iov_len: into.len() };
    let remote = libc::iovec {
        iov_base: ptr::without_provenance_mut(address as usize),
        iov_len: into.len(),
    };
    // SAFETY: `local` is the slice `into`, which is borrowed mutably; `remote` is an address of
    // another process, which the kernel checks.
    let read =
        unsafe { libc::process_vm_readv(task, &raw const local, 1, &raw const remote, 1, 0) };
    usize::try_from(read).map_err(|_| io::Error::last_os_error())
}

/// What a child does before it becomes the program. Made ready before the fork: after it, only
/// calls to the kernel are allowed.
pub(super) struct Child {
    pub(super) file: CString,
    pub(super) arguments: Vec<CString>,
    pub(super) environment: Vec<CString>,
    pub(super) directory: CString,
    /// User, group, and the other groups.
    pub(super) identity: Option<(u32, u32, Vec<u32>)>,
    pub(super) filter: Vec<Instruction>,
}

/// The step of [`Child`] that failed, as it is sent to the parent before the error's number.
pub(super) const STEP_IDENTITY: u8 = 1;
pub(super) const STEP_DIRECTORY: u8 = 2;
pub(super) const STEP_FILTER: u8 = 3;
pub(super) const STEP_EXECUTE: u8 = 4;

/// Starts a child. It waits until a byte can be read from `go`, and says on `failures` what did
/// not work: a step and a number in four bytes.
pub(super) fn start(child: &Child, go: BorrowedFd, failures: BorrowedFd) -> io::Result<i32> {
    let pointers = |strings: &[CString]| -> Vec<*const c_char> {
        strings.iter().map(|s| s.as_ptr()).chain([ptr::null()]).collect()
    };
    let (arguments, environment) = (pointers(&child.arguments), pointers(&child.environment));
    let last_signal = libc::SIGRTMAX();
    // SAFETY: the child only makes calls that are safe between fork and execve: plain calls to the
    // kernel on memory that was made before. It ends by execve or _exit and never returns.
    unsafe {
        match libc::fork() {
            -1 => Err(io::Error::last_os_error()),
            0 => {
                let (go, failures) = (go.as_raw_fd(), failures.as_raw_fd());
                let step = become_program(child, &arguments, &environment, last_signal, go);
                send(failures, step, *libc::__errno_location());
                libc::_exit(127)
            }
            process => Ok(process),
        }
    }
}

fn send(to: RawFd, step: u8, number: i32) {
    let [a, b, c, d] = number.to_ne_bytes();
    let message = [step, a, b, c, d];
    // SAFETY: the message is five bytes on this stack.
    unsafe { libc::write(to, message.as_ptr().cast::<c_void>(), message.len()) };
}

/// Only returns when a step failed, with the error in errno.
///
/// # Safety
/// To be called in a child of fork; the pointers are those of `child`, ended by null.
unsafe fn become_program(
    child: &Child,
    arguments: &[*const c_char],
    environment: &[*const c_char],
    last_signal: c_int,
    go: RawFd,
) -> u8 {
    // SAFETY: plain calls to the kernel; every pointer is to memory of `child` or of this stack,
    // with its length beside it or a null at its end, and lives until the call is over.
    unsafe {
        let mut byte = 0u8;
        if libc::read(go, (&raw mut byte).cast::<c_void>(), 1) != 1 {
            libc::_exit(127);
        }
        for signal in 1..=last_signal {
            libc::signal(signal, libc::SIG_DFL);
        }
        let mut none: libc::sigset_t = mem::zeroed();
        libc::sigemptyset(&raw mut none);
        libc::sigprocmask(libc::SIG_SETMASK, &raw const none, ptr::null_mut());
        if let Some((user, group, groups)) = &child.identity {
            // The kernel's calls, not libc's: those look for other threads.
            let failed = libc::syscall(libc::SYS_setgroups, groups.len(), groups.as_ptr()) != 0
                || libc::syscall(libc::SYS_setresgid, *group, *group, *group) != 0
                || libc::syscall(libc::SYS_setresuid, *user, *user, *user) != 0;
            if failed {
                return STEP_IDENTITY;
            }
        }
        if libc::chdir(child.directory.as_ptr()) != 0 {
            return STEP_DIRECTORY;
        }
        if libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 {
            return STEP_FILTER;
        }
        let program = libc::sock_fprog {
            len: u16::try_from(child.filter.len()).unwrap_or(0),
            filter: child.filter.as_ptr().cast_mut().cast::<libc::sock_filter>(),
        };
        let operation = libc::SECCOMP_SET_MODE_FILTER;
        if libc::syscall(libc::SYS_seccomp, operation, 0, &raw const program) != 0 {
            return STEP_FILTER;
        }
        libc::execve(child.file.as_ptr(), arguments.as_ptr(), environment.as_ptr());
        STEP_EXECUTE
    }
}

/// How often the timer of a thread has come, counted where the handler runs: in that thread.
fn counted() -> u64 {
    TICKS.with(|ticks| ticks.load(Ordering::Relaxed))
}

thread_local! {
    static TICKS: AtomicU64 = const { AtomicU64::new(0) };
}

/// The signals that were sent to this process and are to be handed on, as bits.
static SIGNALS: AtomicU64 = AtomicU64::new(0);

extern "C" fn count(_: c_int) {
    TICKS.with(|ticks| ticks.fetch_add(1, Ordering::Relaxed));
}

extern "C" fn remember(signal: c_int, info: *mut libc::siginfo_t, _: *mut c_void) {
    // SAFETY: the kernel gives the handler a valid structure.
    let code = unsafe { (*info).si_code };
    // What a terminal sends, it sends to the programs in front too.
    if code <= 0 {
        SIGNALS.fetch_or(1 << signal, Ordering::Relaxed);
    }
}

/// A timer that interrupts the waits of this thread, while it lives.
pub(super) struct Timer {
    number: c_int,
    start: u64,
}

/// Times a second that the [`Timer`] comes.
pub(super) const TICKS_PER_SECOND: u64 = 50;

impl Timer {
    pub(super) fn start() -> io::Result<Self> {
        // No standard signal: those mean something to others.
        let signal = libc::SIGRTMAX() - 1;
        handle(signal, count as extern "C" fn(c_int) as usize, 0)?;
        // SAFETY: zero is a valid value of these plain structures; the pointers are to this stack.
        unsafe {
            let mut event: libc::sigevent = mem::zeroed();
            event.sigev_notify = libc::SIGEV_THREAD_ID;
            event.sigev_signo = signal;
            event.sigev_notify_thread_id =
                i32::try_from(libc::syscall(libc::SYS_gettid)).unwrap_or(0);
            let mut number: c_int = 0;
            let clock = libc::CLOCK_MONOTONIC;
            let (event, place) = (&raw mut event, &raw mut number);
            if libc::syscall(libc::SYS_timer_create, clock, event, place) != 0 {
                return Err(io::Error::last_os_error());
            }
            let period = libc::timespec {
                tv_sec: 0,
                tv_nsec: i64::try_from(1_000_000_000 / TICKS_PER_SECOND).unwrap_or(0),
            };
            let times = libc::itimerspec { it_interval: period, it_value: period };
            let old = ptr::null_mut::<libc::itimerspec>();
            libc::syscall(libc::SYS_timer_settime, number, 0, &raw const times, old);
            Ok(Self { number, start: counted() })
        }
    }

    /// How often it has come.
    pub(super) fn ticks(&self) -> u64 {
        counted() - self.start
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        // SAFETY: no memory is involved.
        unsafe { libc::syscall(libc::SYS_timer_delete, self.number) };
    }
}

/// Sets a handler, without restarting calls. Gives what was set before.
fn handle(signal: c_int, handler: usize, flags: c_int) -> io::Result<libc::sigaction> {
    // SAFETY: zero is a valid value of the structure; the handlers given here only touch atomics.
    unsafe {
        let mut action: libc::sigaction = mem::zeroed();
        action.sa_sigaction = handler;
        action.sa_flags = flags;
        let mut before: libc::sigaction = mem::zeroed();
        if libc::sigaction(signal, &raw const action, &raw mut before) != 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(before)
    }
}

/// Takes the signals that are meant for the program, while it lives.
pub(super) struct Forwarding {
    before: Vec<(c_int, libc::sigaction)>,
}

const FORWARDED: [c_int; 7] = [
    libc::SIGHUP,
    libc::SIGINT,
    libc::SIGQUIT,
    libc::SIGUSR1,
    libc::SIGUSR2,
    libc::SIGTERM,
    libc::SIGWINCH,
];

impl Forwarding {
    pub(super) fn start() -> io::Result<Self> {
        let handler: extern "C" fn(c_int, *mut libc::siginfo_t, *mut c_void) = remember;
        let set = |signal| Ok((signal, handle(signal, handler as usize, libc::SA_SIGINFO)?));
        Ok(Self { before: FORWARDED.into_iter().map(set).collect::<io::Result<_>>()? })
    }

    /// What came since it was last asked.
    pub(super) fn take(&self) -> impl Iterator<Item = i32> {
        let signals = SIGNALS.swap(0, Ordering::Relaxed);
        FORWARDED.into_iter().filter(move |signal| signals & (1 << signal) != 0)
    }
}

impl Drop for Forwarding {
    fn drop(&mut self) {
        for (signal, action) in &self.before {
            // SAFETY: the action is one that was set before.
            unsafe { libc::sigaction(*signal, action, ptr::null_mut()) };
        }
    }
}
