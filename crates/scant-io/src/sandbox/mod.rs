//! Runs a program with a directory as its root file system, without root: namespaces of its own for
//! users, mounts, processes, IPC, host name and network. What an image asks for is not known here.
//!
//! ```text
//! start        scant itself: starts the sandbox, tells it what happens outside, waits for its end
//! setup        in the sandbox: namespaces, then the first process, which starts the program
//! mounts       in the sandbox: the root, /proc, /dev, what is writable
//! traced       in the sandbox: a program that is watched
//! program      in the sandbox: which file is run, and why it cannot be
//! signal       the numbers of signals
//! identity     which users and groups there are in the sandbox
//! capture      what the program prints
//! limits       what keeps a user from having namespaces
//! processes    how many processes there may be
//! wire         what both sides tell each other
//! descriptors  files that are handed over
//! kernel       unshare, fork, signals: the unsafe calls
//! ```
//!
//! The sandbox is scant once more, started with [`ARGUMENT`]: a process that has threads cannot be
//! forked safely, and one that has just begun can.

mod capture;
mod descriptors;
mod identity;
mod kernel;
mod limits;
mod mounts;
mod processes;
mod program;
mod setup;
mod signal;
mod start;
mod traced;
mod wire;

use std::ffi::OsString;
use std::io;
use std::os::fd::BorrowedFd;
use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use capture::Captured;
pub use identity::numbers_of_bundle;
pub use kernel::Signals;
pub use limits::{Limit, limits};
pub use setup::enter;
pub use signal::signal_number;
pub use start::{Ended, Running, start};
pub use wire::ProgramFault;

/// The first argument of the process that becomes the sandbox: `main` hands it to [`enter`].
pub const ARGUMENT: &str = "--sandbox";

/// What is run, on which root, and what it may see of the world.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sandbox {
    /// The directory that is the root.
    pub root: OsString,
    /// How the root is used.
    pub base: Base,
    /// Where a directory is made that nothing is ever written to: mounts need a place.
    pub temporary: OsString,
    /// The network it sees.
    pub network: Network,
    /// What is mounted into it, in this order.
    pub mounts: Vec<Mount>,
    /// Directories of the root that can be written to, although the root cannot. What is in them is
    /// seen, and what is written to them is gone afterwards.
    pub volumes: Vec<OsString>,
    /// The host's name in it.
    pub hostname: String,
    /// The user and the group that there must be in it.
    pub identity: (u32, u32),
    /// How much of the machine it may take.
    pub limits: Limits,
}

/// How much of the machine a sandbox may take; nothing for what is usual.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Processes and threads at a time. The usual limit is not there where the system has none.
    pub processes: Option<u32>,
    /// The bytes that each file system in memory may hold.
    pub memory: Option<u64>,
}

/// How the root is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Base {
    /// Below an overlay: nothing is ever written to it. What the program writes is gone afterwards;
    /// a read-only root cannot be written to at all.
    #[expect(missing_docs, reason = "the name says it")]
    Overlay { writable: bool },
    /// As it is, with all that is mounted in it, and not writable: for the root of a host.
    Host,
}

/// The network that is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Network {
    /// Nothing but a loopback device of its own.
    None,
    /// The host's.
    Host,
}

/// A file or directory of the host that is mounted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mount {
    /// Where it is on the host.
    pub source: OsString,
    /// Where it is in the sandbox: an absolute path.
    pub target: OsString,
    /// Whether it cannot be written to.
    pub read_only: bool,
}

/// A program and who it runs as.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// The program, and what it is given. Without a slash it is looked for in `PATH`.
    pub arguments: Vec<OsString>,
    /// Its whole environment.
    pub environment: Vec<(OsString, OsString)>,
    /// Its working directory.
    pub directory: OsString,
    /// Its user.
    pub user: u32,
    /// Its group.
    pub group: u32,
    /// Its other groups.
    pub groups: Vec<u32>,
}

/// What is done with the program's standard streams.
#[derive(Clone, Copy, Debug)]
pub enum Streams<'a> {
    /// They are those of this process.
    Inherited,
    /// Nothing can be read, and what is printed goes to this file.
    To(BorrowedFd<'a>),
    /// Nothing can be read, and what is printed is kept: of each stream the first bytes.
    Captured {
        /// How many bytes of each stream are kept.
        most: usize,
    },
}

/// How long a program may run, and which signals it is given.
#[derive(Clone, Copy, Debug)]
pub struct Bounds<'a> {
    /// It is killed after this time.
    pub time: Option<Duration>,
    /// Its time is over as well when this can be read from.
    pub end: Option<BorrowedFd<'a>>,
    /// Signals that this process gets are given to it.
    pub signals: Option<&'a Signals>,
    /// The signal that it is given for SIGTERM.
    pub stop_signal: i32,
}

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Exit {
    /// By itself, with this status.
    Status(u8),
    /// By this signal.
    Signal(i32),
}

impl Exit {
    /// The status as a shell tells it: 128 and the number of the signal.
    pub fn code(self) -> u8 {
        match self {
            Self::Status(status) => status,
            Self::Signal(signal) => u8::try_from(128 + signal).unwrap_or(u8::MAX),
        }
    }
}

/// Why there is no sandbox, or no program in it.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// scant could not start itself.
    #[error("the sandbox cannot be started: {0}")]
    Start(#[source] io::Error),
    /// There are no namespaces for this user.
    #[error("the system gives this user no namespaces of its own: {source}")]
    Namespaces {
        /// What the kernel said.
        source: io::Error,
    },
    /// The users of the sandbox could not be set.
    #[error("the sandbox cannot be given its users and groups: {0}")]
    Identity(String),
    /// Something could not be set up inside.
    #[error("the sandbox cannot be set up: {what}: {source}")]
    #[expect(missing_docs, reason = "the names say it")]
    Setup { what: String, source: io::Error },
    /// The program could not be started.
    #[error(transparent)]
    Program(#[from] ProgramFault),
    /// The program cannot be watched, or not to its end.
    #[error("{0}")]
    Trace(String),
    /// The sandbox ended before it said how the program did.
    #[error("the sandbox ended by itself ({0})")]
    Gone(String),
}
