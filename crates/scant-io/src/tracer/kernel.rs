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
use super::info::CallInfo;
use super::start::{
    GO_LISTENED, STEP_DIRECTORY, STEP_EXECUTE, STEP_FILTER, STEP_IDENTITY, STEP_LISTENER,
    STEP_PREPARATION, hand_over,
};

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
    wait_with(0)
}

/// Looks for one that has ended, and does not wait: nobody is then whoever has not ended.
pub(super) fn look_for_ended() -> io::Result<Waited> {
    wait_with(libc::WNOHANG)
}

fn wait_with(options: c_int) -> io::Result<Waited> {
    let mut status: c_int = 0;
    let options = options | libc::__WALL | libc::__WNOTHREAD;
    // SAFETY: `status` is a valid place for an int during the call.
    let task = unsafe { libc::waitpid(-1, &raw mut status, options) };
    match task {
        0 => return Ok(Waited::Nobody),
        1.. => return Ok(Waited::Task(task, status)),
        _ => {}
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

/// A call that the filter has told a listener, which the task waits in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Notice {
    id: u64,
    pub(super) task: i32,
    pub(super) audit: u32,
    pub(super) number: u64,
    pub(super) arguments: [u64; 6],
}

/// Takes the next call from a listener. None if its task has ended meanwhile.
pub(super) fn receive(listener: BorrowedFd) -> io::Result<Option<Notice>> {
    // SAFETY: the kernel wants a structure of zeros, which is a valid value, and fills it.
    let (result, notice) = unsafe {
        let mut notice: libc::seccomp_notif = mem::zeroed();
        let request = libc::SECCOMP_IOCTL_NOTIF_RECV;
        (libc::ioctl(listener.as_raw_fd(), request as _, &raw mut notice), notice)
    };
    if result != 0 {
        let error = io::Error::last_os_error();
        return match error.raw_os_error() {
            Some(libc::ENOENT | libc::EINTR) => Ok(None),
            _ => Err(error),
        };
    }
    let data = notice.data;
    Ok(Some(Notice {
        id: notice.id,
        task: notice.pid.cast_signed(),
        audit: data.arch,
        number: u64::from(data.nr.cast_unsigned()),
        arguments: data.args,
    }))
}

/// Lets a call go on, or fail with an error. A task that has ended needs no answer.
pub(super) fn answer(listener: BorrowedFd, notice: &Notice, error: Option<i32>) {
    let go_on = libc::SECCOMP_USER_NOTIF_FLAG_CONTINUE as u32;
    let mut response = libc::seccomp_notif_resp {
        id: notice.id,
        val: 0,
        error: error.map_or(0, |error| -error),
        flags: if error.is_some() { 0 } else { go_on },
    };
    let request = libc::SECCOMP_IOCTL_NOTIF_SEND;
    // SAFETY: the kernel reads the structure, which is on this stack.
    unsafe { libc::ioctl(listener.as_raw_fd(), request as _, &raw mut response) };
}

/// Whether the task still waits: what was read from its memory is then its own.
pub(super) fn still_waits(listener: BorrowedFd, notice: &Notice) -> bool {
    let request = libc::SECCOMP_IOCTL_NOTIF_ID_VALID;
    // SAFETY: the kernel reads the number, which is borrowed.
    unsafe { libc::ioctl(listener.as_raw_fd(), request as _, &raw const notice.id) == 0 }
}

/// What a child does before it becomes the program. Made ready before the fork: after it, only
/// calls to the kernel are allowed.
pub(super) struct Child<'a> {
    pub(super) file: CString,
    pub(super) arguments: Vec<CString>,
    pub(super) environment: Vec<CString>,
    pub(super) directory: CString,
    /// User, group, and the other groups.
    pub(super) identity: Option<(u32, u32, Vec<u32>)>,
    pub(super) preparation: Option<&'a Preparation>,
    /// For a tracer, and for a listener.
    pub(super) filters: [Vec<Instruction>; 2],
}

/// What a process does before it becomes the program, besides what the tracer has it do: its
/// streams, its terminal, its user.
pub struct Preparation(Box<dyn Fn() -> io::Result<()>>);

impl Preparation {
    /// Wraps a function that is called in the child of a fork.
    ///
    /// # Safety
    /// The function must only do what is allowed between fork and exec in a process with threads:
    /// calls to the kernel on memory that it has already. It must not allocate, lock or panic.
    pub unsafe fn new(prepare: impl Fn() -> io::Result<()> + 'static) -> Self {
        Self(Box::new(prepare))
    }
}

impl std::fmt::Debug for Preparation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Preparation")
    }
}

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
                let step =
                    become_program(child, &arguments, &environment, last_signal, go, failures);
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
    failures: RawFd,
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
        if let Some(error) = child.preparation.and_then(|Preparation(prepare)| prepare().err()) {
            *libc::__errno_location() = error.raw_os_error().unwrap_or(libc::EIO);
            return STEP_PREPARATION;
        }
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
        let listened = byte == GO_LISTENED;
        let filter = &child.filters[usize::from(listened)];
        let program = libc::sock_fprog {
            len: u16::try_from(filter.len()).unwrap_or(0),
            filter: filter.as_ptr().cast_mut().cast::<libc::sock_filter>(),
        };
        let flags = if listened { libc::SECCOMP_FILTER_FLAG_NEW_LISTENER } else { 0 };
        let operation = libc::SECCOMP_SET_MODE_FILTER;
        let listener = libc::syscall(libc::SYS_seccomp, operation, flags, &raw const program);
        let Ok(listener) = RawFd::try_from(listener) else { return STEP_FILTER };
        if listener < 0 {
            return STEP_FILTER;
        }
        if listened {
            let listener = BorrowedFd::borrow_raw(listener);
            let failures = BorrowedFd::borrow_raw(failures);
            // rustix calls the kernel with what is on this stack.
            if !hand_over(listener, failures) {
                return STEP_LISTENER;
            }
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
            let nanoseconds = i64::try_from(1_000_000_000 / TICKS_PER_SECOND).unwrap_or(0);
            let period = libc::timespec { tv_sec: 0, tv_nsec: nanoseconds };
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

#[cfg(test)]
mod tests {
    use super::super::{Bounds, Exit, Program, TraceError, trace};
    use super::*;

    fn run(prepare: fn() -> io::Result<()>) -> Result<Exit, TraceError> {
        let program = Program {
            file: "/bin/sh".into(),
            arguments: ["sh", "-c", "exit $(umask)"].map(Into::into).into(),
            environment: Vec::new(),
            directory: "/".into(),
            identity: None,
            // SAFETY: the functions below make one call at most.
            preparation: Some(unsafe { Preparation::new(prepare) }),
        };
        trace(&program, &Bounds::default(), &mut |_| {})
    }

    #[test]
    fn a_process_is_prepared_before_it_is_the_program() {
        // SAFETY: no memory is involved.
        let umask = || {
            unsafe { libc::umask(0o011) };
            Ok(())
        };
        assert!(matches!(run(umask), Ok(Exit::Status(11))));
        let fails = || Err(io::Error::from_raw_os_error(libc::ENOTTY));
        assert!(matches!(run(fails), Err(TraceError::Preparation(_))));
    }
}
