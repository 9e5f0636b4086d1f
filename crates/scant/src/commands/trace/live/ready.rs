//! When a server is ready, and what is done then: a command that uses it, then the end.

use std::collections::BTreeSet;
use std::io::{PipeWriter, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::accounts::{self, Account};
use super::exercise::exercise;
use crate::args::Trace;

/// How often it is looked whether a server is ready.
const BETWEEN: Duration = Duration::from_millis(20);
/// How long it may take to be ready, unless `--timeout` says another time.
const READY: Duration = Duration::from_secs(60);
/// How long a command that uses it may go on when it is there no more.
const ALONE: Duration = Duration::from_secs(5);

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
    unknown: Mutex<BTreeSet<Account>>,
}

impl Seen {
    /// Nothing yet, of a program that is to print a text.
    pub(super) fn new(wanted: Option<&str>) -> Self {
        Self { wanted: wanted.map(String::from), ..Self::default() }
    }

    /// The accounts that it said it does not find.
    pub(super) fn unknown(&self) -> BTreeSet<Account> {
        self.unknown.lock().map(|unknown| unknown.clone()).unwrap_or_default()
    }

    /// It printed this.
    pub(super) fn printed(&self, line: &[u8]) {
        if let (Some(account), Ok(mut unknown)) = (accounts::unknown(line), self.unknown.lock()) {
            unknown.insert(account);
        }
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

/// Whether somebody listens at a port of this machine.
pub(super) fn is_open(port: u16) -> bool {
    TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).is_ok()
}

/// Waits until the program is ready or over, exercises it, and asks for its end. Gives what of that
/// could not be done.
pub(super) fn wait_and_ask(args: &Trace, seen: &Seen, mut end: &PipeWriter) -> Vec<String> {
    let Trace { until_port, until_log, seconds, exercise: command, timeout, .. } = args;
    if until_port.is_none() && until_log.is_none() && seconds.is_none() && command.is_none() {
        return Vec::new();
    }
    let begin = Instant::now();
    let limit = timeout.map(Duration::from_secs);
    let mut undone = wait_until_ready(args, seen, begin + limit.unwrap_or(READY));
    if undone.is_empty()
        && let Some(line) = command
    {
        let over = Mutex::new(None);
        let is_alone = || {
            let Ok(mut over) = over.lock() else { return true };
            seen.is_over() && over.get_or_insert_with(Instant::now).elapsed() >= ALONE
        };
        let is_late = || limit.is_some_and(|limit| begin.elapsed() >= limit) || is_alone();
        undone.extend(exercise(line, &is_late).err());
    }
    let until = seconds.map(|seconds| Instant::now() + Duration::from_secs(seconds));
    let goes_on = || until.is_some_and(|until| Instant::now() < until);
    while undone.is_empty() && !seen.is_over() && goes_on() {
        thread::sleep(BETWEEN);
    }
    if !seen.is_over() {
        seen.was_asked.store(true, Ordering::Relaxed);
        // If it has ended meanwhile, nobody reads this.
        let _ = end.write_all(b"e");
    }
    undone
}

/// What was waited for in vain; nothing when the program is ready.
fn wait_until_ready(args: &Trace, seen: &Seen, until: Instant) -> Vec<String> {
    let is_open = || args.until_port.is_none_or(is_open);
    while !(is_open() && seen.has_printed()) {
        if seen.is_over() {
            // What it printed last may have been looked at after the question.
            let is_ready = args.until_port.is_none() && seen.has_printed();
            return if is_ready { Vec::new() } else { missed(args, seen, "before it ended") };
        }
        if Instant::now() >= until {
            let limit = args.timeout.unwrap_or(READY.as_secs());
            return missed(args, seen, &format!("in {limit} s"));
        }
        thread::sleep(BETWEEN);
    }
    Vec::new()
}

fn missed(args: &Trace, seen: &Seen, until: &str) -> Vec<String> {
    let mut missed = Vec::new();
    if let Some(port) = args.until_port.filter(|port| !is_open(*port)) {
        missed.push(format!("port {port} took no connection {until}"));
    }
    if let Some(text) = args.until_log.as_ref().filter(|_| !seen.has_printed()) {
        missed.push(format!("`{text}` was not printed {until}"));
    }
    if missed.is_empty() {
        missed.push(format!("the program was not ready {until}"));
    }
    if args.exercise.is_some() {
        missed.push("`--exercise` was not run".to_string());
    }
    missed
}
