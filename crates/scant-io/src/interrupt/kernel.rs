//! Handlers of signals, and an end by one: what no safe crate offers. The only file of its module
//! with `unsafe` in it.

#![allow(unsafe_code, reason = "the kernel is asked by pointers; each block says why it holds")]

use std::ffi::c_int;
use std::io::{self, PipeWriter};
use std::mem;
use std::os::fd::IntoRawFd as _;
use std::ptr;
use std::sync::atomic::{AtomicI32, Ordering};

/// What ends a program that does nothing about it, and is sent by those who mean that.
const ENDING: [c_int; 3] = [libc::SIGHUP, libc::SIGINT, libc::SIGTERM];

/// The first signal that came, or 0.
static CAME: AtomicI32 = AtomicI32::new(0);

/// The descriptor that says so, or -1.
static PIPE: AtomicI32 = AtomicI32::new(-1);

/// The signal that has come.
pub(super) fn signal() -> Option<c_int> {
    Some(CAME.load(Ordering::SeqCst)).filter(|signal| *signal != 0)
}

/// Does something, such as starting a thread, while no signal can come: a thread inherits that.
pub(super) fn without_signals<T>(does: impl FnOnce() -> T) -> T {
    // SAFETY: zero is a valid set of signals, and both live until the calls are over.
    let before = unsafe {
        let (mut all, mut before): (libc::sigset_t, libc::sigset_t) = mem::zeroed();
        libc::sigfillset(&raw mut all);
        libc::pthread_sigmask(libc::SIG_SETMASK, &raw const all, &raw mut before);
        before
    };
    let done = does();
    // SAFETY: the set was filled by the call above.
    unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &raw const before, ptr::null_mut()) };
    done
}

/// Has a byte written to the pipe by each signal, unless it is ignored, as behind nohup(1).
pub(super) fn handle(pipe: PipeWriter) -> io::Result<()> {
    PIPE.store(pipe.into_raw_fd(), Ordering::SeqCst);
    let handler: extern "C" fn(c_int) = note;
    for signal in ENDING {
        // SAFETY: zero is a valid action; the handler only makes calls that are safe in one.
        unsafe {
            let mut before: libc::sigaction = mem::zeroed();
            check(libc::sigaction(signal, ptr::null(), &raw mut before))?;
            if before.sa_sigaction == libc::SIG_IGN {
                continue;
            }
            let mut action: libc::sigaction = mem::zeroed();
            action.sa_sigaction = handler as usize;
            action.sa_flags = libc::SA_RESTART;
            check(libc::sigaction(signal, &raw const action, ptr::null_mut()))?;
        }
    }
    Ok(())
}

/// What a handler may do, as signal-safety(7) has it.
extern "C" fn note(signal: c_int) {
    let _ = CAME.compare_exchange(0, signal, Ordering::SeqCst, Ordering::SeqCst);
    // SAFETY: one byte is written from a constant, to a descriptor that is never closed. Whoever was
    // interrupted finds its error as it was.
    unsafe {
        let errno = libc::__errno_location();
        let before = *errno;
        libc::write(PIPE.load(Ordering::SeqCst), ptr::from_ref(&0u8).cast(), 1);
        *errno = before;
    }
}

/// Signals end this process at once again.
pub(super) fn handle_no_more() {
    for signal in ENDING {
        // SAFETY: no memory is involved.
        unsafe {
            if libc::signal(signal, libc::SIG_DFL) == libc::SIG_IGN {
                libc::signal(signal, libc::SIG_IGN);
            }
        }
    }
}

/// Ends this process by the signal that has come; with the status that shells have for that where it
/// cannot, as the first process of a PID namespace.
pub(super) fn end_by_signal() -> ! {
    let signal = signal().unwrap_or(libc::SIGTERM);
    // SAFETY: zero is a valid set of signals; this thread alone gets them.
    unsafe {
        let mut none: libc::sigset_t = mem::zeroed();
        libc::sigemptyset(&raw mut none);
        libc::pthread_sigmask(libc::SIG_SETMASK, &raw const none, ptr::null_mut());
        libc::raise(signal);
        libc::_exit(128 + signal)
    }
}

fn check(result: c_int) -> io::Result<()> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}
