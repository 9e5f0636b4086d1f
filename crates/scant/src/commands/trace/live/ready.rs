//! When a server is ready, and what is done then: a command that uses it, then the end.

use std::io::{PipeWriter, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::args::Trace;

/// How often it is looked whether a server is ready.
const BETWEEN: Duration = Duration::from_millis(20);

/// What is seen of a running program.
#[derive(Default)]
pub(super) struct Seen {
    /// The text that is waited for.
    wanted: Option<String>,
    /// As much of what was printed last as may be the beginning of it.
    tail: Mutex<Vec<u8>>,
    is_found: AtomicBool,
    is_over: AtomicBool,
    was_asked: AtomicBool,
}

impl Seen {
    /// Nothing yet, of a program that is to print a text.
    pub(super) fn new(wanted: Option<&str>) -> Self {
        Self { wanted: wanted.map(String::from), ..Self::default() }
    }

    /// It printed this.
    pub(super) fn printed(&self, line: &[u8]) {
        let Some(wanted) = self.wanted.as_ref().filter(|wanted| !wanted.is_empty()) else { return };
        let Ok(mut text) = self.tail.lock() else { return };
        text.extend_from_slice(line);
        if text.windows(wanted.len()).any(|part| part == wanted.as_bytes()) {
            self.is_found.store(true, Ordering::Relaxed);
        }
        let kept = text.len().min(wanted.len() - 1);
        let cut = text.len() - kept;
        text.drain(..cut);
    }

    /// The program has ended.
    pub(super) fn end(&self) {
        self.is_over.store(true, Ordering::Relaxed);
    }

    /// Whether its end was asked for.
    pub(super) fn was_asked(&self) -> bool {
        self.was_asked.load(Ordering::Relaxed)
    }

    fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }

    fn has_printed(&self) -> bool {
        self.wanted.as_ref().is_none_or(String::is_empty) || self.is_found.load(Ordering::Relaxed)
    }
}

/// Waits until the program is ready or over, exercises it, and asks for its end.
pub(super) fn wait_and_ask(args: &Trace, seen: &Seen, mut end: &PipeWriter) -> Result<(), String> {
    let Trace { until_port, until_log, seconds, exercise, .. } = args;
    if until_port.is_none() && until_log.is_none() && seconds.is_none() && exercise.is_none() {
        return Ok(());
    }
    let port = |port: u16| TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    let is_ready = || until_port.is_none_or(|number| port(number).is_ok()) && seen.has_printed();
    while !seen.is_over() && !is_ready() {
        thread::sleep(BETWEEN);
    }
    if seen.is_over() {
        return Ok(());
    }
    let result = exercise.as_ref().map_or(Ok(()), |line| exercised(line));
    let until = seconds.map(|seconds| Instant::now() + Duration::from_secs(seconds));
    while !seen.is_over() && until.is_some_and(|until| Instant::now() < until) {
        thread::sleep(BETWEEN);
    }
    seen.was_asked.store(true, Ordering::Relaxed);
    // If it has ended meanwhile, nobody reads this.
    let _ = end.write_all(b"e");
    result
}

/// Runs a command of the user on this machine.
fn exercised(line: &str) -> Result<(), String> {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", line]).stdin(Stdio::null()).stdout(std::io::stderr());
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("`--exercise {line}` failed: {status}")),
        Err(error) => Err(format!("`--exercise {line}` cannot be started: {error}")),
    }
}
