//! The first process in the namespaces: enters the root, runs the program under the tracer, sends
//! what is asked for. Started by `scant trace` alone, as a command that no help tells of.

use std::io::{BufWriter, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use scant_io::confine;
use scant_io::tracer::{self, Bounds, Exit, Identity, Program, stream};
use serde::{Deserialize, Serialize};

use super::program::Command;
use crate::exit::{Done, Failure, Outcome};

/// The first argument of the process; the second is its [`Order`].
pub(crate) const INSIDE: &str = "--trace-inside";

/// What the process is told.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Order {
    /// The directory that becomes the root.
    pub(super) root: PathBuf,
    /// An empty directory to mount it at.
    pub(super) at: PathBuf,
    /// The socket, to be connected to twice: for accesses, then for the end.
    pub(super) socket: PathBuf,
    pub(super) command: Command,
    /// Seconds that the program has.
    pub(super) timeout: Option<u64>,
    /// Whether other users than root exist in the namespaces.
    pub(super) has_users: bool,
    /// Whether the root is a copy, which may be written to.
    pub(super) is_copy: bool,
}

/// Does what it is told.
pub(crate) fn run(order: &str) -> Outcome {
    let order: Order = serde_json::from_str(order)
        .map_err(|error| Failure::usage(format_args!("this command is not for people: {error}")))?;
    let connect = || UnixStream::connect(&order.socket).map_err(Failure::input);
    let (accesses, mut end) = (connect()?, connect()?);
    let stop: &'static AtomicBool = Box::leak(Box::new(AtomicBool::new(false)));
    let mut asked = end.try_clone().map_err(Failure::input)?;
    let result = confine::enter(&order.root, &order.at, &order.command.volumes, order.is_copy)
        .map_err(|error| format!("the image cannot be entered: {error}"));
    std::thread::spawn(move || {
        // A byte asks for the end, and so does an end without one: whoever asked is gone.
        let _ = asked.read(&mut [0]);
        stop.store(true, Ordering::Relaxed);
    });
    let result = result.and_then(|()| trace(&order, stop, accesses));
    let text = match result {
        Ok(Exit::Status(status)) => format!("status {status}"),
        Ok(Exit::Signal(signal)) => format!("signal {signal}"),
        Err(error) => format!("error {error}"),
    };
    end.write_all(text.as_bytes()).map_err(Failure::output)?;
    Ok(Done::Yes)
}

fn trace(order: &Order, stop: &AtomicBool, accesses: UnixStream) -> Result<Exit, String> {
    let program = program(&order.command, order.has_users);
    let time = order.timeout.map(Duration::from_secs);
    let bounds = Bounds { time, stop: Some(stop), forward: true, ..Bounds::default() };
    let mut out = BufWriter::new(accesses);
    let mut lost = None;
    let exit = tracer::trace(&program, &bounds, &mut |access| {
        if let Err(error) = stream::write(&access, &mut out) {
            lost.get_or_insert(error);
            stop.store(true, Ordering::Relaxed);
        }
    });
    let exit = exit.map_err(|error| error.to_string())?;
    match lost.or(out.flush().err()) {
        Some(error) => Err(format!("what was asked for cannot be sent: {error}")),
        None => Ok(exit),
    }
}

/// The program as the tracer wants it.
pub(super) fn program(command: &Command, has_users: bool) -> Program {
    let identity = |(user, group)| Identity { user, group, groups: Vec::new() };
    let variable = |(name, value): (&String, &String)| (name.into(), value.into());
    Program {
        file: PathBuf::from(&command.file),
        arguments: command.arguments.iter().map(Into::into).collect(),
        environment: command.environment.iter().map(variable).collect(),
        directory: PathBuf::from(&command.directory),
        identity: command.user.filter(|_| has_users).map(identity),
        preparation: None,
    }
}
