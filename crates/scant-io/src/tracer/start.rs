//! The first process of a traced program: made, taken over by the tracer, then let go.

use std::ffi::{CString, OsStr};
use std::io::{self, PipeReader, Read as _, Write as _};
use std::os::fd::AsFd as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;

use super::calls;
use super::error::TraceError;
use super::filter;
use super::kernel::{self, Child};
use super::places::Processes;
use super::program::Program;

/// A child that is traced and runs, or will at once.
pub(super) struct Started {
    pub(super) process: i32,
    pub(super) processes: Processes,
    file: PathBuf,
    directory: PathBuf,
    failures: PipeReader,
}

/// Starts a program, stopped at nothing yet.
pub(super) fn start(program: &Program) -> Result<Started, TraceError> {
    if calls::HERE.is_empty() {
        return Err(TraceError::Machine);
    }
    let child = child(program)?;
    let processes = Processes::open().map_err(TraceError::Proc)?;
    let (go, mut let_go) = io::pipe().map_err(TraceError::Fork)?;
    let (failures, say) = io::pipe().map_err(TraceError::Fork)?;
    let process = kernel::start(&child, go.as_fd(), say.as_fd()).map_err(TraceError::Fork)?;
    if let Err(error) = kernel::seize(process) {
        // Without the byte that it waits for, it ends.
        drop(let_go);
        kernel::kill(process, KILL);
        kernel::wait_for(process);
        return Err(TraceError::NotAllowed(error));
    }
    // If it has ended meanwhile, that is seen where its end is waited for.
    let _ = let_go.write_all(&[1]);
    let (file, directory) = (program.file.clone(), program.directory.clone());
    Ok(Started { process, processes, file, directory, failures })
}

const KILL: i32 = 9;

impl Started {
    /// Why the child did not become the program, once it has ended.
    pub(super) fn failure(&mut self) -> Option<TraceError> {
        let mut message = [0; 5];
        self.failures.read_exact(&mut message).ok()?;
        let [step, number @ ..] = message;
        let error = io::Error::from_raw_os_error(i32::from_ne_bytes(number));
        Some(match step {
            kernel::STEP_IDENTITY => TraceError::Identity(error),
            kernel::STEP_DIRECTORY => TraceError::Directory { path: self.directory.clone(), error },
            kernel::STEP_FILTER => TraceError::Filter(error),
            _ => TraceError::Execute { path: self.file.clone(), error },
        })
    }
}

fn child(program: &Program) -> Result<Child, TraceError> {
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
        filter: filter::filter(calls::HERE),
    })
}

fn string(bytes: &[u8]) -> Result<CString, TraceError> {
    CString::new(bytes).map_err(|_| TraceError::Zero(String::from_utf8_lossy(bytes).into_owned()))
}
