//! The calls to the kernel that no safe crate offers for a sandbox: unshare(2), fork(2),
//! signalfd(2), mount_setattr(2), and what a child does between fork and exec. The only file of the
//! sandbox with `unsafe` in it; each function is one thing asked of the kernel.

#![allow(unsafe_code, reason = "the kernel is asked by pointers; each block says why it holds")]

use std::ffi::{CString, OsString, c_char, c_int};
use std::io;
use std::mem;
use std::os::fd::{AsRawFd as _, FromRawFd as _, OwnedFd, RawFd};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;
use std::ptr;

use super::Process;
use crate::tracer::Preparation;

/// Namespaces of its own for this process, and for processes its children will be in. It must have
/// one thread only.
pub(super) fn unshare(is_own_network: bool) -> io::Result<()> {
    let network = if is_own_network { libc::CLONE_NEWNET } else { 0 };
    let all = libc::CLONE_NEWUSER
        | libc::CLONE_NEWNS
        | libc::CLONE_NEWPID
        | libc::CLONE_NEWIPC
        | libc::CLONE_NEWUTS
        | network;
    // SAFETY: no memory is involved.
    check(unsafe { libc::unshare(all) })
}

/// Goes on as two processes. Gives the child's number in the parent, and nothing in the child. It
/// must have one thread only.
pub(super) fn fork() -> io::Result<Option<i32>> {
    // SAFETY: with one thread no lock is held by another, so that the child may go on as the parent.
    match unsafe { libc::fork() } {
        -1 => Err(io::Error::last_os_error()),
        0 => Ok(None),
        child => Ok(Some(child)),
    }
}

/// Kills every process but this one, which is the first of its namespace. An error when there is
/// none.
pub(super) fn kill_all_others() -> io::Result<()> {
    // SAFETY: no memory is involved.
    check(unsafe { libc::kill(-1, libc::SIGKILL) })
}

/// Has a command keep two descriptors, under the numbers that they have.
pub(super) fn hand_over(command: &mut Command, sockets: [&OwnedFd; 2]) {
    let sockets = sockets.map(|socket| socket.as_raw_fd());
    // SAFETY: fcntl may be called between fork and exec. The descriptors are open, for the caller
    // holds them until the command was started.
    unsafe {
        command.pre_exec(move || {
            for socket in sockets {
                check(libc::fcntl(socket, libc::F_SETFD, 0))?;
            }
            Ok(())
        });
    }
}

/// Takes the descriptors that were handed over, and closes all others but the standard streams: what
/// scant was started with is not for what runs in the sandbox. To be called once, at the start.
pub(super) fn take_sockets(numbers: [RawFd; 2]) -> io::Result<[OwnedFd; 2]> {
    for number in numbers {
        // SAFETY: no memory is involved.
        check(unsafe { libc::fcntl(number, libc::F_SETFD, libc::FD_CLOEXEC) })?;
    }
    let [first, last] = [numbers[0].min(numbers[1]), numbers[0].max(numbers[1])];
    for (from, to) in [(3, first - 1), (first + 1, last - 1), (last + 1, c_int::MAX)] {
        if from <= to {
            // SAFETY: this process has just begun: it has opened nothing that it would miss.
            check(unsafe { libc::syscall(libc::SYS_close_range, from, to, 0) } as c_int)?;
        }
    }
    // SAFETY: the descriptors are open, and nobody else in this process knows them.
    Ok(numbers.map(|number| unsafe { OwnedFd::from_raw_fd(number) }))
}

/// Ends this process at once, with all its threads.
pub(super) fn end(status: c_int) -> ! {
    // SAFETY: no memory is involved.
    unsafe { libc::_exit(status) }
}

/// Who a child becomes.
pub(super) struct Become {
    pub(super) user: u32,
    pub(super) group: u32,
    /// Other groups; none where there can be none.
    pub(super) groups: Option<Vec<u32>>,
    /// Whether it leaves the terminal.
    pub(super) is_detached: bool,
}

/// Has a command run this file as somebody else, with no signal blocked, and without the calls by
/// which a program types into the terminal of whoever started it.
pub(super) fn become_somebody(command: &mut Command, who: Become, executed: Executed) {
    let become_somebody = becoming(who);
    let run = move || {
        become_somebody()?;
        Err(executed.execute())
    };
    // SAFETY: only system calls are made, on memory that the closure owns: nothing is allocated.
    unsafe { command.pre_exec(run) };
}

/// A file with its arguments and environment, as execve(2) takes them. The library's own way gives
/// to a shell what the kernel does not take: a program of another machine would be its script.
pub(super) struct Executed {
    file: CString,
    arguments: Vec<*const c_char>,
    environment: Vec<*const c_char>,
    _texts: Vec<CString>,
}

// SAFETY: the pointers are to the texts, which nobody changes and which go with it.
unsafe impl Send for Executed {}
// SAFETY: the same.
unsafe impl Sync for Executed {}

impl Executed {
    /// The file with these.
    pub(super) fn new(file: &Path, process: &Process) -> io::Result<Self> {
        let text = |text: &[u8]| CString::new(text).map_err(io::Error::from);
        let variable = |(name, value): &(OsString, OsString)| {
            text(&[name.as_bytes(), b"=", value.as_bytes()].concat())
        };
        let arguments = process.arguments.iter().map(|argument| text(argument.as_bytes()));
        let arguments = arguments.collect::<io::Result<Vec<_>>>()?;
        let environment =
            process.environment.iter().map(variable).collect::<io::Result<Vec<_>>>()?;
        let pointers = |texts: &[CString]| {
            texts.iter().map(|text| text.as_ptr()).chain([ptr::null()]).collect()
        };
        Ok(Self {
            file: text(file.as_os_str().as_bytes())?,
            arguments: pointers(&arguments),
            environment: pointers(&environment),
            _texts: arguments.into_iter().chain(environment).collect(),
        })
    }

    /// Comes back only with an error.
    fn execute(&self) -> io::Error {
        // SAFETY: all pointers are to texts that live on, and the last of each list is null.
        unsafe {
            libc::execve(self.file.as_ptr(), self.arguments.as_ptr(), self.environment.as_ptr());
        }
        io::Error::last_os_error()
    }
}

/// The same for a program that is traced, which gets its standard streams by this as well.
pub(super) fn preparation(who: Become, streams: [OwnedFd; 3]) -> Preparation {
    let become_somebody = becoming(who);
    let prepare = move || {
        for (number, stream) in (0..).zip(&streams) {
            // SAFETY: no memory is involved. None of the three has such a number itself: those are
            // taken in every process.
            check(unsafe { libc::dup2(stream.as_raw_fd(), number) })?;
        }
        become_somebody()
    };
    // SAFETY: only system calls are made, on memory that the closure owns: nothing is allocated.
    unsafe { Preparation::new(prepare) }
}

/// What is done between fork and exec. It makes system calls only, on memory that it owns.
fn becoming(who: Become) -> impl Fn() -> io::Result<()> + Send + Sync + 'static {
    let filter = no_typing();
    move || {
        // SAFETY: zero is a valid set of signals; all pointers are to this closure or its stack.
        unsafe {
            let mut none: libc::sigset_t = mem::zeroed();
            libc::sigemptyset(&raw mut none);
            check(libc::sigprocmask(libc::SIG_SETMASK, &raw const none, ptr::null_mut()))?;
            if who.is_detached {
                check(libc::setsid())?;
            }
            // The kernel's calls, not libc's: those look for other threads.
            if let Some(groups) = &who.groups {
                let groups = libc::syscall(libc::SYS_setgroups, groups.len(), groups.as_ptr());
                check(groups as c_int)?;
            }
            let (user, group) = (who.user, who.group);
            check(libc::syscall(libc::SYS_setresgid, group, group, group) as c_int)?;
            check(libc::syscall(libc::SYS_setresuid, user, user, user) as c_int)?;
            check(libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))?;
            let program =
                libc::sock_fprog { len: filter.len() as u16, filter: filter.as_ptr().cast_mut() };
            let mode = libc::SECCOMP_SET_MODE_FILTER;
            check(libc::syscall(libc::SYS_seccomp, mode, 0, &raw const program) as c_int)
        }
    }
}

/// A filter that refuses the ioctls TIOCSTI and TIOCLINUX, in whatever convention of calling: the
/// number of `ioctl` is looked at for those that a machine may have.
fn no_typing() -> [libc::sock_filter; 11] {
    const LOAD: u16 = 0x20;
    const EQUAL: u16 = 0x15;
    const RETURN: u16 = 0x06;
    const ALLOW: u32 = 0x7fff_0000;
    const REFUSE: u32 = 0x0005_0000 | libc::EPERM as u32;
    let make = |code, k, jt, jf| libc::sock_filter { code, jt, jf, k };
    // `struct seccomp_data`: the number at 0, the second argument's lower half at 24 (or 28).
    let second = if cfg!(target_endian = "big") { 28 } else { 24 };
    [
        make(LOAD, 0, 0, 0),
        make(EQUAL, 16, 4, 0),                // x86-64
        make(EQUAL, 29, 3, 0),                // aarch64 and all younger ones
        make(EQUAL, 54, 2, 0),                // i386, arm, powerpc, s390
        make(EQUAL, 0x4000_0000 + 514, 1, 0), // x32
        make(RETURN, ALLOW, 0, 0),
        make(LOAD, second, 0, 0),
        make(EQUAL, 0x5412, 2, 0), // TIOCSTI
        make(EQUAL, 0x541c, 1, 0), // TIOCLINUX
        make(RETURN, ALLOW, 0, 0),
        make(RETURN, REFUSE, 0, 0),
    ]
}

/// Makes what is mounted at `path` read-only; with all that is mounted below it.
pub(super) fn read_only(path: &Path, with_all_below: bool) -> io::Result<()> {
    const READ_ONLY: u64 = 1;
    /// `struct mount_attr` of `linux/mount.h`.
    #[repr(C)]
    struct Attributes {
        set: u64,
        clear: u64,
        propagation: u64,
        user_namespace: u64,
    }
    let path = CString::new(path.as_os_str().as_bytes())?;
    let flags = if with_all_below { libc::AT_RECURSIVE } else { 0 };
    let attributes = Attributes { set: READ_ONLY, clear: 0, propagation: 0, user_namespace: 0 };
    let size = mem::size_of::<Attributes>();
    // SAFETY: the path ends in a NUL byte, and the structure is as long as is said; both live on.
    let done = unsafe {
        let (path, attributes) = (path.as_ptr(), &raw const attributes);
        libc::syscall(libc::SYS_mount_setattr, libc::AT_FDCWD, path, flags, attributes, size)
    };
    check(done as c_int)
}

/// Switches the loopback device on.
pub(super) fn loopback_up() -> io::Result<()> {
    // SAFETY: zero is a valid value of the plain structure, whose name is two letters and a NUL byte;
    // the descriptor that socket gives is nobody else's.
    unsafe {
        let socket = libc::socket(libc::AF_INET, libc::SOCK_DGRAM | libc::SOCK_CLOEXEC, 0);
        check(socket)?;
        let socket = OwnedFd::from_raw_fd(socket);
        let mut request: libc::ifreq = mem::zeroed();
        for (to, from) in request.ifr_name.iter_mut().zip(b"lo") {
            *to = *from as libc::c_char;
        }
        request.ifr_ifru.ifru_flags = (libc::IFF_UP | libc::IFF_RUNNING) as libc::c_short;
        check(libc::ioctl(socket.as_raw_fd(), libc::SIOCSIFFLAGS as _, &raw const request))
    }
}

/// Signals that come to this process and are read from here, not acted upon.
#[derive(Debug)]
pub struct Signals(OwnedFd);

/// What a user or a manager of services sends.
const TAKEN: [c_int; 9] = [
    libc::SIGHUP,
    libc::SIGINT,
    libc::SIGQUIT,
    libc::SIGUSR1,
    libc::SIGUSR2,
    libc::SIGTERM,
    libc::SIGWINCH,
    libc::SIGALRM,
    libc::SIGCONT,
];

impl Signals {
    /// Takes them from now on. To be called while the process has one thread, of which later ones
    /// inherit that these signals are blocked.
    ///
    /// # Errors
    /// When there are no more descriptors.
    pub fn take() -> io::Result<Self> {
        // SAFETY: zero is a valid value of a set of signals; the descriptor is new.
        unsafe {
            let mut set: libc::sigset_t = mem::zeroed();
            libc::sigemptyset(&raw mut set);
            for signal in TAKEN {
                libc::sigaddset(&raw mut set, signal);
            }
            check(libc::sigprocmask(libc::SIG_BLOCK, &raw const set, ptr::null_mut()))?;
            let flags = libc::SFD_CLOEXEC | libc::SFD_NONBLOCK;
            let descriptor = libc::signalfd(-1, &raw const set, flags);
            check(descriptor)?;
            Ok(Self(OwnedFd::from_raw_fd(descriptor)))
        }
    }

    /// The descriptor, which can be read from when a signal has come.
    pub(super) fn descriptor(&self) -> &OwnedFd {
        &self.0
    }

    /// The next signal that was sent to this process; not what a terminal sends, which it sends to
    /// the program too, unless that has left the terminal for its input is none.
    pub(super) fn next(&self) -> Option<c_int> {
        const FROM_KERNEL: i32 = 0x80;
        let is_detached = !rustix::termios::isatty(rustix::stdio::stdin());
        loop {
            let mut bytes = [0; mem::size_of::<libc::signalfd_siginfo>()];
            let count = rustix::io::read(&self.0, &mut bytes).ok()?;
            if count < bytes.len() {
                return None;
            }
            // SAFETY: the structure is plain numbers, and the kernel has filled all of it.
            let info: libc::signalfd_siginfo = unsafe { mem::transmute(bytes) };
            if is_detached || info.ssi_code != FROM_KERNEL {
                return i32::try_from(info.ssi_signo).ok();
            }
        }
    }
}

fn check(result: c_int) -> io::Result<()> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}
