//! One run in the sandbox, under the tracer.

use std::io::{self, BufRead as _, BufReader, PipeReader, Read as _, Write as _};
use std::os::fd::AsFd as _;
use std::thread;
use std::time::Duration;

use scant_core::words::Access;
use scant_io::sandbox::{self, Bounds, Exit, SandboxError, Streams};

use super::ready::{Seen, wait_and_ask};
use crate::args::{Net, Trace};
use crate::exit::Failure;
use crate::guest::{Changes, Guest, Wishes};

/// SIGTERM: what asks a program to end, unless its image says another.
const TERMINATE: i32 = 15;

/// How a run ended, in words for people.
pub(super) struct Ended {
    pub(super) text: String,
    /// Whether that was well: status 0, or ended because it was asked to.
    pub(super) is_well: bool,
}

/// Runs the program of a guest, and gives each access as it comes. What it prints goes to standard
/// error: what comes of the run is printed to standard output.
pub(super) fn start(
    args: &Trace,
    guest: &Guest,
    take: &mut dyn FnMut(&Access),
) -> Result<Ended, Failure> {
    let process = guest.process(Changes {
        arguments: args.arguments.clone(),
        environment: variables(args)?,
        user: args.user.as_deref(),
        ..Changes::default()
    })?;
    // What it would write to is to be found too.
    let (has_network, is_writable) = (args.net == Net::Host, true);
    let wishes = Wishes { has_network, is_writable, mounts: Vec::new() };
    let sandbox = guest.sandbox(&process, wishes);
    let mut running = sandbox::start(&sandbox).map_err(refused)?;
    let (printed, printing) = io::pipe().map_err(failed)?;
    let (end, ask) = io::pipe().map_err(failed)?;
    let stop_signal = guest.stop_signal().and_then(sandbox::signal_number).unwrap_or(TERMINATE);
    let time = args.timeout.map(Duration::from_secs);
    let bounds = Bounds { time, end: Some(end.as_fd()), signals: None, stop_signal };
    let seen = Seen::new(args.until_log.as_deref());
    thread::scope(|scope| {
        scope.spawn(|| copy(printed, &seen));
        let waiter = scope.spawn(|| wait_and_ask(args, &seen, &ask));
        let streams = Streams::To(printing.as_fd());
        let ended = running.trace(&process, streams, &bounds, &mut |access| take(&access));
        seen.end();
        // All that could print has ended.
        drop(printing);
        let exercise = waiter.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        let ended = ended.map_err(refused)?;
        exercise.map_err(Failure::input)?;
        Ok(in_words(&ended, seen.was_asked(), args.timeout))
    })
}

fn variables(args: &Trace) -> Result<Vec<(std::ffi::OsString, std::ffi::OsString)>, Failure> {
    let split = |variable: &String| match variable.split_once('=') {
        Some((name, value)) => Ok((name.into(), value.into())),
        None => Err(Failure::usage(format_args!("`--env {variable}` has no `=`"))),
    };
    args.environment.iter().map(split).collect()
}

fn in_words(ended: &sandbox::Ended, was_asked: bool, timeout: Option<u64>) -> Ended {
    if ended.is_late && !was_asked {
        let text = format!("did not end within {} s", timeout.unwrap_or_default());
        return Ended { text, is_well: false };
    }
    match ended.exit {
        Exit::Status(status) => {
            Ended { text: format!("exited with {status}"), is_well: status == 0 || was_asked }
        }
        Exit::Signal(signal) => {
            Ended { text: format!("ended by signal {signal}"), is_well: was_asked }
        }
    }
}

fn failed(error: io::Error) -> Failure {
    Failure::output(format_args!("the run cannot be started: {error}"))
}

fn refused(error: SandboxError) -> Failure {
    match error {
        SandboxError::Program(fault) => {
            Failure::input(fault).hint("a program that is run must be declared under `binaries`")
        }
        SandboxError::Trace(text) => Failure::input(text),
        error => Failure::input(error).hint("`--import` reads the log of a run elsewhere"),
    }
}

/// Passes what the program prints to standard error, and looks at it on the way.
fn copy(from: PipeReader, seen: &Seen) {
    let mut from = BufReader::new(from);
    let mut line = Vec::new();
    // A line without end is passed on in pieces.
    while matches!((&mut from).take(1 << 16).read_until(b'\n', &mut line), Ok(count) if count > 0) {
        seen.printed(&line);
        let _ = io::stderr().write_all(&line);
        line.clear();
    }
}
