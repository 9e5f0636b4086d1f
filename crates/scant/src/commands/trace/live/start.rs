//! Starts the process in the namespaces, with `unshare` of util-linux, and takes what it sends.

use std::io::{self, BufRead as _, BufReader, Read, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command as Process, Stdio};
use std::thread;
use std::time::Duration;

use scant_core::words::Access;
use scant_io::confine;
use scant_io::tracer::stream;

use super::inside::{INSIDE, Order};
use super::program::Command;
use super::ready::{Seen, wait_and_ask};
use crate::args::{Net, Trace};
use crate::exit::Failure;

/// How a run ended, in words for people.
pub(super) struct Ended {
    pub(super) text: String,
    /// Whether that was well: status 0, or ended because it was asked to.
    pub(super) is_well: bool,
}

/// Runs a command in a root, and gives each access as it comes.
pub(super) fn start(
    args: &Trace,
    root: &Path,
    beside: &Path,
    command: Command,
    take: &mut dyn FnMut(&Access),
) -> Result<Ended, Failure> {
    let socket = beside.join("socket");
    // The directory is new with every round, the socket need not be.
    let _ = std::fs::remove_file(&socket);
    let listener = UnixListener::bind(&socket).map_err(failed)?;
    listener.set_nonblocking(true).map_err(failed)?;
    let has_users = confine::is_root();
    let at = std::fs::canonicalize(beside).map_err(failed)?.join("mount");
    std::fs::create_dir(&at).map_err(failed)?;
    let (timeout, is_copy) = (args.timeout, args.in_root.is_none());
    let order =
        Order { root: root.to_path_buf(), at, socket, command, timeout, has_users, is_copy };
    let mut child = spawn(args, &order)?;
    let seen = Seen::default();
    thread::scope(|scope| {
        let (out, err) = (child.stdout.take(), child.stderr.take());
        scope.spawn(|| copy(out, &seen));
        scope.spawn(|| copy(err, &seen));
        let mut run = || {
            let mut accesses = accept(&listener, &mut child)?;
            let end = accept(&listener, &mut child)?;
            let asker = end.try_clone().map_err(failed)?;
            let waiter = scope.spawn(|| wait_and_ask(args, &seen, asker));
            let taken = receive(&mut accesses, take);
            let text = read_end(end);
            seen.end();
            let exercise = waiter.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            taken?;
            exercise.map_err(Failure::input)?;
            ended(&text, seen.was_asked())
        };
        let result = run();
        // It has ended, or cannot go on without us: then `--kill-child` ends all of it.
        seen.end();
        let _ = child.kill();
        let _ = child.wait();
        result
    })
}

fn failed(error: io::Error) -> Failure {
    Failure::output(format_args!("the run cannot be started: {error}"))
}

fn spawn(args: &Trace, order: &Order) -> Result<Child, Failure> {
    let itself = std::fs::read_link("/proc/self/exe").map_err(failed)?;
    let order = serde_json::to_string(order).map_err(|error| Failure::usage(error.to_string()))?;
    let mut process = Process::new("unshare");
    if !confine::is_root() {
        process.args(["--user", "--map-root-user"]);
    }
    process.args(["--mount", "--pid", "--ipc", "--uts", "--fork", "--kill-child"]);
    if args.net == Net::None {
        process.arg("--net");
    }
    process.arg("--").arg(itself).arg(INSIDE).arg(order);
    process.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    process.spawn().map_err(|error| {
        let text = format!("`unshare`, which makes the namespaces, cannot be started: {error}");
        Failure::input(text).hint("it is part of util-linux; `--import` needs no run")
    })
}

/// Waits for a connection as long as the process is there.
fn accept(listener: &UnixListener, child: &mut Child) -> Result<UnixStream, Failure> {
    loop {
        match listener.accept() {
            Ok((stream, _)) => {
                stream.set_nonblocking(false).map_err(failed)?;
                return Ok(stream);
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(failed(error)),
        }
        if let Some(status) = child.try_wait().map_err(failed)? {
            let text = format!("the namespaces for the run cannot be made ({status})");
            return Err(Failure::input(text).hint(
                "look for `kernel.unprivileged_userns_clone` and `user.max_user_namespaces`, and \
                 in a container for its seccomp profile; `--import` needs no namespaces",
            ));
        }
        thread::sleep(Duration::from_millis(5));
    }
}

fn receive(from: &mut UnixStream, take: &mut dyn FnMut(&Access)) -> Result<(), Failure> {
    let mut from = BufReader::new(from);
    while let Some(access) = stream::read(&mut from).map_err(Failure::input)? {
        take(&access);
    }
    Ok(())
}

fn read_end(end: UnixStream) -> String {
    let mut text = String::new();
    // Nothing said is an end as well, which `ended` names.
    let _ = end.take(1 << 16).read_to_string(&mut text);
    text
}

fn ended(text: &str, was_asked: bool) -> Result<Ended, Failure> {
    match text.split_once(' ') {
        Some(("error", error)) => Err(Failure::input(error)),
        Some(("status", status)) => {
            Ok(Ended { text: format!("exited with {status}"), is_well: status == "0" || was_asked })
        }
        Some(("signal", signal)) => {
            Ok(Ended { text: format!("ended by signal {signal}"), is_well: was_asked })
        }
        _ => Err(Failure::input("the run ended without a word")),
    }
}

/// Passes what the program prints to standard error, and looks at it on the way.
fn copy(from: Option<impl Read>, seen: &Seen) {
    let Some(from) = from else { return };
    let mut from = BufReader::new(from);
    let mut line = Vec::new();
    // A line without end is passed on in pieces.
    while matches!((&mut from).take(1 << 16).read_until(b'\n', &mut line), Ok(count) if count > 0) {
        seen.printed(&line);
        let _ = io::stderr().write_all(&line);
        line.clear();
    }
}

/// A place for the sockets of a run that has no directory of its own.
pub(super) fn exists(root: &Path) -> Result<PathBuf, Failure> {
    std::fs::canonicalize(root)
        .map_err(|error| Failure::input(format_args!("`{}`: {error}", root.display())))
}
