//! A program that is run under the tracer, inside the sandbox: what it asks for goes through a pipe.

use std::fs::File;
use std::io::Write as _;
use std::os::fd::OwnedFd;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use super::kernel::{self, Become};
use super::wire::Report;
use super::{Process, ProgramFault, program};
use crate::tracer::{self, Bounds, Engine, Program, TraceError, stream};

/// As much is written at once: whole accesses, so that the other end never waits for half of one.
const AT_ONCE: usize = 32 << 10;

/// How long a program has from SIGTERM on before all of it is killed.
const GRACE: Duration = Duration::from_secs(5);

/// As many processes and threads a program may have at a time.
const TASKS: usize = 4096;

/// Runs a program to the end of its last process, or until it is to stop.
pub(super) fn run(
    process: &Process,
    who: Become,
    [input, output, errors, accesses]: [OwnedFd; 4],
    stop: &AtomicBool,
) -> Report {
    let file = match program::find(process) {
        Ok(file) => file,
        Err(fault) => return Report::Fault(fault),
    };
    let program = Program {
        file: file.clone(),
        arguments: process.arguments.clone(),
        environment: process.environment.clone(),
        directory: (&process.directory).into(),
        identity: None,
        preparation: Some(kernel::preparation(who, [input, output, errors])),
    };
    let bounds = Bounds {
        tasks: TASKS,
        time: None,
        stop: Some(stop),
        grace: GRACE,
        forward: true,
        engine: Engine::Best,
    };
    let (mut pipe, mut ahead) = (File::from(accesses), Vec::with_capacity(AT_ONCE + (8 << 10)));
    let done = tracer::trace(&program, &bounds, &mut |access| {
        ahead.extend_from_slice(&stream::encode(&access));
        if ahead.len() >= AT_ONCE {
            // Whoever read it is gone: then this process ends too.
            let _ = pipe.write_all(&ahead);
            ahead.clear();
        }
    });
    let _ = pipe.write_all(&ahead);
    match done {
        Ok(exit) => Report::Ended(exit),
        Err(error) => failure(process, &file, error),
    }
}

fn failure(process: &Process, file: &std::path::Path, error: TraceError) -> Report {
    let (user, group) = (process.user, process.group);
    match error {
        TraceError::Execute { error, .. } => Report::Fault(program::explain(file, &error)),
        TraceError::Directory { path, error } => Report::Fault(ProgramFault::Directory {
            path: path.display().to_string(),
            why: program::plain(&error),
        }),
        TraceError::Preparation(error) | TraceError::Identity(error) => {
            Report::Fault(ProgramFault::Identity { user, group, why: program::plain(&error) })
        }
        other => Report::Untraced(other.to_string()),
    }
}
