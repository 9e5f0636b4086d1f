//! What is run under the tracer, how long, and how it is watched.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use super::kernel::Preparation;

/// A program to run.
#[derive(Debug)]
pub struct Program {
    /// The file, which is not looked for in any path.
    pub file: PathBuf,
    /// Its arguments, the name that it is called by first.
    pub arguments: Vec<OsString>,
    /// Its whole environment.
    pub environment: Vec<(OsString, OsString)>,
    /// Its working directory.
    pub directory: PathBuf,
    /// Who it runs as, if not as the caller.
    pub identity: Option<Identity>,
    /// What else its process does first.
    pub preparation: Option<Preparation>,
}

/// Who a program runs as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The user's number.
    pub user: u32,
    /// The group's number.
    pub group: u32,
    /// The numbers of all other groups.
    pub groups: Vec<u32>,
}

/// How far a traced program may go.
#[derive(Clone, Copy, Debug)]
pub struct Bounds<'a> {
    /// How many of its tasks may be alive at a time.
    pub tasks: usize,
    /// How long it may take; then it is asked to end.
    pub time: Option<Duration>,
    /// It is asked to end when this is set.
    pub stop: Option<&'a AtomicBool>,
    /// How long it has from being asked to end until it is killed.
    pub grace: Duration,
    /// Whether signals sent to this process are meant for the program. Handlers are set meanwhile.
    pub forward: bool,
    /// How it is watched.
    pub engine: Engine,
}

/// How a program is watched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Engine {
    /// By ptrace, and by notifications where ptrace is not allowed.
    #[default]
    Best,
    /// By ptrace: how each call ends is seen.
    Trace,
    /// By notifications of the filter: calls are seen and not how they end. Whether a name is there
    /// is looked up instead. What never asks for a file is not seen at all: such processes are not
    /// counted, and a program that must be killed may leave one of them behind.
    Notify,
}

impl Default for Bounds<'_> {
    fn default() -> Self {
        Self {
            tasks: 4096,
            time: None,
            stop: None,
            grace: Duration::from_secs(10),
            forward: false,
            engine: Engine::Best,
        }
    }
}

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// By itself, with this status.
    Status(u8),
    /// By this signal.
    Signal(i32),
}

/// What wait(2) says of an end.
pub(super) fn exit_of(status: i32) -> Exit {
    if libc::WIFSIGNALED(status) {
        Exit::Signal(libc::WTERMSIG(status))
    } else {
        Exit::Status(libc::WEXITSTATUS(status) as u8)
    }
}
