//! Signals that ask scant to end: nothing unfinished is left, and it ends by the signal. What SIGKILL
//! leaves is swept later: `killed`.

use std::fs;
use std::os::unix::net::UnixListener;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use super::place::Place;
use crate::run::run;
use crate::tools::{require, require_ok, skip};

const SIGNALS: [(&str, i32); 3] = [("HUP", 1), ("INT", 2), ("TERM", 15)];

/// scant in a place, whose temporary files are in `temporary` there.
fn command(place: &Place, words: &str) -> Command {
    let mut command = with_signals(env!("CARGO_BIN_EXE_scant"));
    command.args(words.split_whitespace());
    surrounded(place, command)
}

/// A program to which signals are what they usually are. Who started these tests may ignore some, as
/// shells do for what runs in the background, and then programs begin with them ignored.
fn with_signals(program: &str) -> Command {
    let mut command = Command::new("env");
    command.arg("--default-signal=HUP,INT,TERM").arg(program);
    command
}

/// Whether `env` can do what [`with_signals`] asks of it: GNU coreutils 8.31.
fn signals_can_be_reset() -> Result<(), String> {
    let reset = with_signals("true").output();
    match reset.is_ok_and(|output| output.status.success()) {
        true => Ok(()),
        false => Err("`env` knows no `--default-signal` (apt-get install coreutils)".into()),
    }
}

fn surrounded(place: &Place, mut command: Command) -> Command {
    let temporary = place.file("temporary");
    fs::create_dir_all(&temporary).expect("it is ours");
    command
        .current_dir(place.path())
        .env("TMPDIR", temporary)
        .env_remove("HOME")
        .env_remove("XDG_CACHE_HOME")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        // A terminal's signals go to a group, and this is not to be the one of the tests.
        .process_group(0);
    command
}

/// Waits until something is so, for as long as a slow machine needs.
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let late = Instant::now() + Duration::from_secs(60);
    while !is_so() {
        assert!(Instant::now() < late, "{what}: not within a minute");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn send(signal: &str, to: &str) {
    run("kill").words("-s").arg(signal).words("--").arg(to).ok();
}

/// Waits for its end, and says how that was and what it printed.
fn ended(mut child: Child) -> (ExitStatus, String) {
    until("its end", || child.try_wait().expect("it is ours").is_some());
    let output = child.wait_with_output().expect("it is ours");
    (output.status, String::from_utf8_lossy(&output.stderr).into_owned())
}

fn unfinished(place: &Place) -> usize {
    let is_it = |name: &String| name.starts_with(".scant-unfinished-");
    ["temporary", "."]
        .map(|at| place.names(at).iter().filter(|name| is_it(name)).count())
        .iter()
        .sum()
}

#[test]
fn a_build_that_is_interrupted_leaves_nothing() {
    require_ok!(signals_can_be_reset());
    let place = Place::new(10, 1000);
    // An engine that never answers: the layer is made by then.
    let engine = UnixListener::bind(place.file("socket")).expect("the directory is ours");
    for (signal, number) in SIGNALS {
        let mut command = command(&place, "build app.yml --no-cache -q -o docker-daemon:app:1");
        command.env("DOCKER_HOST", format!("unix://{}", place.file("socket").display()));
        let child = command.spawn().expect("it was built");
        until("the layer", || unfinished(&place) > 0);
        send(signal, &child.id().to_string());
        let (status, said) = ended(child);
        assert_eq!((status.signal(), &*said), (Some(number), ""), "{signal}");
        assert_eq!(unfinished(&place), 0, "{signal}");
    }
    drop(engine);
}

#[test]
fn a_signal_that_is_ignored_stays_ignored() {
    require_ok!(signals_can_be_reset());
    let place = Place::new(10, 1000);
    let engine = UnixListener::bind(place.file("socket")).expect("the directory is ours");
    let socket = format!("unix://{}", place.file("socket").display());
    let script = "trap '' HUP; exec \"$0\" build app.yml --no-cache -q -o docker-daemon:app:1";
    let mut nohup = with_signals("sh");
    nohup.args(["-c", script, env!("CARGO_BIN_EXE_scant")]).env("DOCKER_HOST", socket);
    let mut nohup = surrounded(&place, nohup);
    let child = nohup.spawn().expect("there is a shell");
    until("the layer", || unfinished(&place) > 0);
    send("HUP", &child.id().to_string());
    send("TERM", &child.id().to_string());
    let (status, said) = ended(child);
    assert_eq!((status.signal(), &*said), (Some(15), ""));
    assert_eq!(unfinished(&place), 0);
    drop(engine);
}

#[test]
fn a_trace_that_is_interrupted_leaves_nothing_and_nobody() {
    require!(BUSYBOX);
    require_ok!(signals_can_be_reset());
    let place = Place::new(1, 1);
    let marker = format!("600.{}", std::process::id());
    place.write(
        "traced.yml",
        format!(
            "inputs: {{HOST: {{backend: host}}}}\nbinaries: [HOST/usr/bin/busybox:/bin/busybox]\n\
             image:\n  entrypoint: [/bin/busybox, sleep, \"{marker}\"]\n"
        ),
    );
    let probe = place.scant("run traced.yml -q --entrypoint /bin/busybox -- true").end();
    if probe.code != Some(0) {
        return skip(&probe.stderr);
    }
    for (signal, number) in SIGNALS {
        let child = command(&place, "trace traced.yml").spawn().expect("it was built");
        until("the program", || is_running(&marker));
        assert!(unfinished(&place) > 0);
        // As a terminal does it: all of its group.
        send(signal, &format!("-{}", child.id()));
        let (status, _) = ended(child);
        assert_eq!(status.signal(), Some(number));
        assert_eq!(unfinished(&place), 0, "{signal}");
        until("the program's end", || !is_running(&marker));
    }
}

/// Whether a process has this among its arguments.
fn is_running(marker: &str) -> bool {
    let processes = fs::read_dir("/proc").expect("it is mounted");
    let lines = processes.flatten().filter_map(|entry| fs::read(entry.path().join("cmdline")).ok());
    let is_it = |line: Vec<u8>| line.split(|&byte| byte == 0).any(|word| word == marker.as_bytes());
    lines.into_iter().any(is_it)
}
