//! What both sides of a sandbox tell each other, as lines of JSON through a socket.

use std::io::{self, BufRead, Write};

use serde::{Deserialize, Serialize};

use super::{Exit, Process, Sandbox};

/// From scant to the sandbox.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Order {
    /// What to be: the first line.
    Be(Box<Sandbox>),
    /// The namespaces have their users and groups.
    Mapped {
        /// Whether a process can take other groups.
        groups: bool,
    },
    /// Everything is set up: a program is to be run. Its standard streams come through the other
    /// socket.
    Run { process: Box<Process>, traced: bool },
    /// A signal for the program.
    Signal(i32),
}

/// From the sandbox to scant.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Report {
    /// The namespaces are there, and have no users yet.
    Unshared,
    /// There are no namespaces: the number of the error.
    Refused(i32),
    /// All is set up.
    Ready,
    /// Something could not be set up.
    Failed {
        /// What was tried.
        what: String,
        /// The number of the error.
        error: i32,
    },
    /// The program cannot be run.
    Fault(ProgramFault),
    /// The program cannot be traced: why.
    Untraced(String),
    /// The program ended, and whatever it left behind with it.
    Ended(Exit),
}

/// Why a program of an image cannot be run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum ProgramFault {
    #[error("there is no program to run")]
    None,
    #[error("`{name}` is not in the image{}", looked(searched))]
    NotFound { name: String, searched: Vec<String> },
    #[error("`{path}` cannot be executed: {why}")]
    NotExecutable { path: String, why: String },
    #[error("`{path}` is a program for {machine}, and this machine cannot run it")]
    WrongMachine { path: String, machine: String },
    #[error("`{path}` needs `{interpreter}` to run, which is not in the image")]
    NoInterpreter { path: String, interpreter: String },
    #[error("the working directory `{path}` cannot be entered: {why}")]
    Directory { path: String, why: String },
    #[error("the program cannot run as user {user} and group {group}: {why}")]
    Identity { user: u32, group: u32, why: String },
}

fn looked(searched: &[String]) -> String {
    match searched {
        [] => String::new(),
        all => format!(": looked in {}", all.join(", ")),
    }
}

impl ProgramFault {
    /// The exit code that shells and Docker have for it: 127 for what is not there, else 126.
    pub fn code(&self) -> u8 {
        match self {
            Self::None | Self::NotFound { .. } => 127,
            _ => 126,
        }
    }
}

/// Sends one message.
pub(super) fn send(to: &mut dyn Write, message: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    to.write_all(&line)
}

/// The next message; none at the end.
pub(super) fn next<T: for<'a> Deserialize<'a>>(from: &mut dyn BufRead) -> io::Result<Option<T>> {
    let mut line = Vec::new();
    match from.read_until(b'\n', &mut line)? {
        0 => Ok(None),
        _ => Ok(Some(serde_json::from_slice(&line)?)),
    }
}
