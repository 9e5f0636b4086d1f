//! The first process of a traced program: made, taken over by the tracer, then let go.

use std::ffi::{CString, OsStr};
use std::io::{self, Read as _, Write as _};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags,
};

use super::calls;
use super::error::TraceError;
use super::filter::{self, NOTIFY, TRACE};
use super::kernel::{self, Child};
use super::places::Processes;
use super::program::{Engine, Program};

/// What the child waits for: one of these bytes.
pub(super) const GO_TRACED: u8 = 1;
pub(super) const GO_LISTENED: u8 = 2;

/// The step of the child that failed, as it is sent to the parent before the error's number.
pub(super) const STEP_IDENTITY: u8 = 1;
pub(super) const STEP_DIRECTORY: u8 = 2;
pub(super) const STEP_FILTER: u8 = 3;
pub(super) const STEP_EXECUTE: u8 = 4;
/// No failure: the listener comes with it.
pub(super) const STEP_LISTENER: u8 = 5;
pub(super) const STEP_PREPARATION: u8 = 6;

/// A child that is watched and runs, or will at once.
pub(super) struct Started {
    pub(super) process: i32,
    pub(super) processes: Processes,
    /// Where it is not traced.
    pub(super) listener: Option<OwnedFd>,
    file: PathBuf,
    directory: PathBuf,
    failures: UnixStream,
}

/// Starts a program, stopped at nothing yet.
pub(super) fn start(program: &Program, engine: Engine) -> Result<Started, TraceError> {
    if calls::HERE.is_empty() {
        return Err(TraceError::Machine);
    }
    let child = child(program)?;
    let processes = Processes::open().map_err(TraceError::Proc)?;
    let (go, mut let_go) = io::pipe().map_err(TraceError::Fork)?;
    let (failures, say) = UnixStream::pair().map_err(TraceError::Fork)?;
    let process = kernel::start(&child, go.as_fd(), say.as_fd()).map_err(TraceError::Fork)?;
    drop(say);
    let traced = match engine {
        Engine::Notify => false,
        Engine::Best => kernel::seize(process).is_ok(),
        Engine::Trace => match kernel::seize(process) {
            Ok(()) => true,
            Err(error) => {
                end(process);
                return Err(TraceError::NotAllowed(error));
            }
        },
    };
    // If it has ended meanwhile, that is seen where its end is waited for.
    let _ = let_go.write_all(&[if traced { GO_TRACED } else { GO_LISTENED }]);
    let (file, directory) = (program.file.clone(), program.directory.clone());
    let mut started = Started { process, processes, listener: None, file, directory, failures };
    if !traced {
        let listener = started.listener();
        started.listener = Some(listener.inspect_err(|_| end(process))?);
    }
    Ok(started)
}

fn end(process: i32) {
    kernel::kill(process, KILL);
    kernel::wait_for(process);
}

const KILL: i32 = 9;

impl Started {
    /// Takes the filter's listener from the child, or why there is none.
    fn listener(&self) -> Result<OwnedFd, TraceError> {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let mut message = [0; MESSAGE];
        let got = rustix::io::retry_on_intr(|| {
            let mut into = [io::IoSliceMut::new(&mut message)];
            let flags = RecvFlags::CMSG_CLOEXEC;
            rustix::net::recvmsg(&self.failures, &mut into, &mut control, flags)
        });
        let got = got.map_err(|error| TraceError::NoListener(error.into()))?;
        let rights = control.drain().find_map(|message| match message {
            RecvAncillaryMessage::ScmRights(mut descriptors) => descriptors.next(),
            _ => None,
        });
        if let Some(listener) = rights {
            return Ok(listener);
        }
        Err(match self.meaning(message) {
            TraceError::Filter(error) => TraceError::NoListener(error),
            other if got.bytes == MESSAGE => other,
            _ => TraceError::NoListener(io::ErrorKind::UnexpectedEof.into()),
        })
    }

    /// Why the child did not become the program, once it has ended.
    pub(super) fn failure(&mut self) -> Option<TraceError> {
        let mut message = [0; MESSAGE];
        self.failures.read_exact(&mut message).ok()?;
        Some(self.meaning(message))
    }

    fn meaning(&self, message: [u8; MESSAGE]) -> TraceError {
        let [step, number @ ..] = message;
        let error = io::Error::from_raw_os_error(i32::from_ne_bytes(number));
        match step {
            STEP_IDENTITY => TraceError::Identity(error),
            STEP_PREPARATION => TraceError::Preparation(error),
            STEP_DIRECTORY => TraceError::Directory { path: self.directory.clone(), error },
            STEP_FILTER | STEP_LISTENER => TraceError::Filter(error),
            _ => TraceError::Execute { path: self.file.clone(), error },
        }
    }
}

/// A step, and the number of an error.
const MESSAGE: usize = 5;

/// Sends the listener of the filter to the parent. Called in the child of a fork: all it uses is on
/// its stack.
pub(super) fn hand_over(listener: BorrowedFd, to: BorrowedFd) -> bool {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    let descriptors = [listener];
    control.push(SendAncillaryMessage::ScmRights(&descriptors));
    let message = [io::IoSlice::new(&[STEP_LISTENER, 0, 0, 0, 0])];
    rustix::net::sendmsg(to, &message, &mut control, SendFlags::empty()).is_ok()
}

fn child(program: &Program) -> Result<Child<'_>, TraceError> {
    let variable = |(name, value): &(_, _)| {
        let (name, value): (&std::ffi::OsString, &std::ffi::OsString) = (name, value);
        string(&[name.as_bytes(), b"=", value.as_bytes()].concat())
    };
    let argument = |argument: &std::ffi::OsString| string(argument.as_bytes());
    let path = |path: &PathBuf| string(OsStr::as_bytes(path.as_os_str()));
    Ok(Child {
        file: path(&program.file)?,
        arguments: program.arguments.iter().map(argument).collect::<Result<_, _>>()?,
        environment: program.environment.iter().map(variable).collect::<Result<_, _>>()?,
        directory: path(&program.directory)?,
        identity: program
            .identity
            .as_ref()
            .map(|identity| (identity.user, identity.group, identity.groups.clone())),
        preparation: program.preparation.as_ref(),
        filters: [TRACE, NOTIFY].map(|answer| filter::filter(calls::HERE, answer)),
    })
}

fn string(bytes: &[u8]) -> Result<CString, TraceError> {
    CString::new(bytes).map_err(|_| TraceError::Zero(String::from_utf8_lossy(bytes).into_owned()))
}
