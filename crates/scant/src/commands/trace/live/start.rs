//! One run in the sandbox, under the tracer.

use std::collections::BTreeSet;
use std::io::{self, BufRead as _, BufReader, PipeReader, Read as _, Write as _};
use std::os::fd::AsFd as _;
use std::thread;
use std::time::Duration;

use scant_core::words::Access;
use scant_io::sandbox::{self, Bounds, Exit, SandboxError, Streams};

use super::accounts::Account;
use super::ready::{Seen, is_open, wait_and_ask};
use crate::args::{Net, Trace};
use crate::commands::run::mount;
use crate::exit::Failure;
use crate::guest::{Changes, Guest, Wishes};
use crate::surroundings::Surroundings;

/// SIGTERM: what asks a program to end, unless its image says another.
const TERMINATE: i32 = 15;
/// SIGKILL: what ends it a few seconds later.
const KILL: i32 = 9;

/// How a run ended, in words for people.
pub(super) struct Ended {
    pub(super) text: String,
    /// Whether that was well: with the expected status, or because it was asked to.
    pub(super) is_well: bool,
    /// What was to be done with it and could not be.
    pub(super) undone: Vec<String>,
    /// Accounts that it did not find.
    pub(super) unknown: BTreeSet<Account>,
}

/// Runs the program of a guest, and gives each access as it comes. What it prints goes to standard
/// error: what comes of the run is printed to standard output.
pub(super) fn start(
    args: &Trace,
    guest: &Guest,
    take: &mut dyn FnMut(&Access),
    surroundings: &Surroundings,
) -> Result<Ended, Failure> {
    if let Some(port) = args.until_port.filter(|port| is_open(*port)) {
        let text = format!("port {port} takes connections before the program is started");
        return Err(Failure::usage(text).hint("another server of this machine has it"));
    }
    let mounts = args.mount.iter().map(|text| mount(text, surroundings));
    let mounts = mounts.collect::<Result<_, _>>()?;
    let process = guest.process(Changes {
        entrypoint: args.entrypoint.as_ref().map(|program| vec![program.clone()]),
        arguments: args.arguments.clone(),
        environment: variables(args)?,
        user: args.user.as_deref(),
        directory: args.workdir.as_deref(),
    })?;
    // What it would write to is to be found too.
    let (has_network, is_writable) = (args.net == Net::Host, !args.read_only);
    let wishes = Wishes { has_network, is_writable, mounts };
    let sandbox = guest.sandbox(&process, wishes);
    let mut running = sandbox::start(&sandbox).map_err(refused)?;
    let (printed, printing) = io::pipe().map_err(failed)?;
    let (end, ask) = io::pipe().map_err(failed)?;
    let stop_signal = guest.stop_signal().and_then(sandbox::signal_number).unwrap_or(TERMINATE);
    let time = args.timeout.map(Duration::from_secs);
    let bounds = Bounds { time, end: Some(end.as_fd()), signals: None, stop_signal };
    let seen = Seen::new(args.until_log.as_deref());
    thread::scope(|scope| {
        let copier = scope.spawn(|| copy(printed, &seen));
        let waiter = scope.spawn(|| wait_and_ask(args, &seen, &ask));
        let streams = Streams::To(printing.as_fd());
        let ended = running.trace(&process, streams, &bounds, &mut |access| take(&access));
        // All that could print has ended.
        drop(printing);
        copier.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        seen.end();
        let undone = waiter.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        let ended = ended.map_err(refused)?;
        let (text, is_well) = in_words(&ended, seen.was_asked(), stop_signal, args);
        Ok(Ended { text, is_well, undone, unknown: seen.unknown() })
    })
}

fn variables(args: &Trace) -> Result<Vec<(std::ffi::OsString, std::ffi::OsString)>, Failure> {
    let split = |variable: &String| match variable.split_once('=') {
        Some((name, value)) => Ok((name.into(), value.into())),
        None => Err(Failure::usage(format_args!("`--env {variable}` has no `=`"))),
    };
    args.environment.iter().map(split).collect()
}

/// How it ended, and whether that was well.
fn in_words(
    ended: &sandbox::Ended,
    was_asked: bool,
    stop_signal: i32,
    args: &Trace,
) -> (String, bool) {
    if ended.is_late && !was_asked {
        return (format!("did not end within {} s", args.timeout.unwrap_or_default()), false);
    }
    match ended.exit {
        Exit::Status(status) => {
            let is_expected = match args.expect_status {
                Some(expected) => status == expected,
                None => status == 0 || was_asked,
            };
            (format!("exited with {status}"), is_expected)
        }
        Exit::Signal(signal) => {
            let is_ours = signal == stop_signal || signal == KILL;
            (format!("ended by signal {signal}"), was_asked && is_ours)
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
