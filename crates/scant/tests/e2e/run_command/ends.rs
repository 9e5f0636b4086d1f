//! How a program ends, and what ends with it.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use scant_testkit::{Elf, Machine};

use super::place::{Place, Who, sandbox};
use crate::tools::{require, require_ok};

#[test]
fn the_exit_code_is_the_programs() {
    require!(BUSYBOX, SETPRIV);
    let place = Place::new();
    require_ok!(sandbox(&place));
    for who in [Who::Tester, Who::Nobody] {
        place.script(who, "", "exit 7").expect(7);
        place.script(who, "", "kill -KILL $$").expect(137);
        place.script(who, "", "busybox sleep 1000 & exit 3").expect(3);
    }
}

#[test]
fn a_program_that_fails_on_a_root_that_is_read_only_is_followed_by_one_hint() {
    require!(BUSYBOX, SETPRIV);
    let place = Place::new();
    require_ok!(sandbox(&place));
    let hint = "hint: if it could not write somewhere: the root is read-only; `--writable` lets the program write anywhere\n";
    let case = |options: &str, script: &str, code: i32, expected: &str| {
        let ran = place.script(Who::Nobody, options, script).expect(code);
        assert_eq!(ran.stderr, expected, "{options} {script}");
    };
    case("", "exit 7", 7, hint);
    case("", "exit 0", 0, "");
    case("", "kill -KILL $$", 137, "");
    case("--quiet", "exit 7", 7, "");
    case("--writable", "exit 7", 7, "");
}

#[test]
fn what_cannot_be_run_has_the_codes_of_shells() {
    require!(BUSYBOX, SETPRIV);
    let place = Place::new();
    require_ok!(sandbox(&place));
    let case = |words: &str, code: i32, expected: &str| {
        for who in [Who::Tester, Who::Nobody] {
            let ran = place.run(who, words).end().expect(code);
            assert_eq!(ran.stderr, expected, "{words}");
        }
    };
    case("oci:image --entrypoint gone", 127, "error: `gone` is not in the image: looked in /bin\n");
    case("oci:image --entrypoint /gone", 127, "error: `/gone` is not in the image\n");
    case(
        "oci:image --entrypoint /srv/not-executable",
        126,
        "error: `/srv/not-executable` cannot be executed: permission denied\n",
    );
    case(
        "oci:image --entrypoint /bin",
        126,
        "error: `/bin` cannot be executed: it is a directory\n",
    );
    case(
        "oci:image --entrypoint /dev/null",
        126,
        "error: `/dev/null` cannot be executed: it is no file\n",
    );
    case(
        "oci:image --workdir /gone",
        126,
        "error: the working directory `/gone` cannot be entered: no such file or directory\n",
    );
}

/// scant that runs a script which says when it has begun.
fn begun(place: &Place, script: &str) -> Child {
    let mut child = Command::new("timeout")
        .args(["--foreground", "--kill-after=5", "120", "sh", "-c"])
        .arg("echo $$ >&2; exec \"$@\"")
        .args(["sh", "./scant", "run", "oci:image", "--entrypoint", "/bin/sh", "--", "-c", script])
        .current_dir(place.path())
        .env_remove("HOME")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("coreutils has it");
    let mut line = String::new();
    let output = child.stdout.as_mut().expect("it is a pipe");
    BufReader::new(output).read_line(&mut line).expect("it can be read");
    assert_eq!(line, "begun\n");
    child
}

/// The number of scant itself, which the shell before it printed.
fn number(child: &mut Child) -> String {
    let mut line = String::new();
    let errors = child.stderr.as_mut().expect("it is a pipe");
    BufReader::new(errors).read_line(&mut line).expect("it can be read");
    line.trim().to_string()
}

fn send(signal: &str, process: &str) {
    crate::run::run("sh").words("-c").arg(format!("kill -{signal} {process}")).ok();
}

#[test]
fn sigterm_is_the_images_stop_signal() {
    require!(BUSYBOX, SETPRIV);
    let place = Place::new();
    require_ok!(sandbox(&place));
    let script =
        "trap 'exit 42' USR1; trap 'exit 1' TERM; echo begun; while :; do busybox sleep 0.1; done";
    let mut child = begun(&place, script);
    send("TERM", &number(&mut child));
    assert_eq!(child.wait().expect("it is ours").code(), Some(42));
}

#[test]
fn nothing_is_left_when_scant_is_killed() {
    require!(BUSYBOX, SETPRIV);
    let place = Place::new();
    require_ok!(sandbox(&place));
    let marker = format!("marker-{}", std::process::id());
    let script = format!("busybox sleep 1000 & echo begun; busybox tail -f /dev/null {marker}");
    let mut child = begun(&place, &script);
    assert!(is_running(&marker));
    send("KILL", &number(&mut child));
    child.wait().expect("it is ours");
    let late = Instant::now() + Duration::from_secs(60);
    while is_running(&marker) {
        assert!(Instant::now() < late, "something of the sandbox still runs");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Whether a process has these words among its arguments.
fn is_running(marker: &str) -> bool {
    let processes = fs::read_dir("/proc").expect("it is mounted");
    let lines = processes.flatten().filter_map(|entry| fs::read(entry.path().join("cmdline")).ok());
    lines.into_iter().any(|line| String::from_utf8_lossy(&line).contains(marker))
}

#[test]
fn a_terminal_is_passed_through() {
    require!(BUSYBOX, SETPRIV, SCRIPT);
    let place = Place::new();
    require_ok!(sandbox(&place));
    let inner = "test -t 0 && test -t 1 && echo a terminal; echo $TERM";
    let line = format!("TERM=vt100 ./scant run oci:image --entrypoint /bin/sh -- -c '{inner}'");
    for who in [Who::Tester, Who::Nobody] {
        let said = place.any(who, "script").words("-qec").arg(&line).arg("/dev/null").ok();
        assert_eq!(said, "a terminal\r\nvt100\r\n");
    }
}

#[test]
fn a_program_for_another_machine_says_what_would_run_it() {
    require!(BUSYBOX, SETPRIV);
    let place = Place::new();
    require_ok!(sandbox(&place));
    if fs::read_dir("/proc/sys/fs/binfmt_misc").is_ok_and(|handlers| handlers.count() > 2) {
        return crate::tools::skip("this machine has handlers for other machines' programs");
    }
    let other = if cfg!(target_arch = "aarch64") { Machine::X86_64 } else { Machine::Aarch64 };
    let program = Elf::static_program(other).build();
    fs::write(place.path().join("other"), program).expect("the directory is ours");
    crate::run::run("chmod").arg("0755").arg(place.path().join("other")).ok();
    let name = if cfg!(target_arch = "aarch64") { "amd64" } else { "arm64" };
    for who in [Who::Tester, Who::Nobody] {
        let ran = place.run(who, "oci:image --mount other:/other:ro --entrypoint /other").end();
        let expected = format!(
            "error: `/other` is a program for linux/{name}, and this machine cannot run it\n\
             hint: an emulator that is registered for linux/{name} runs it: `apt-get install \
             qemu-user-static binfmt-support`, or `docker run --privileged --rm tonistiigi/binfmt \
             --install {name}`\n"
        );
        assert_eq!(ran.expect(126).stderr, expected);
    }
}

#[test]
fn a_shell_stops_and_resumes_and_interrupts_it() {
    require!(BUSYBOX, SETPRIV, BASH, PYTHON3);
    let place = Place::new();
    require_ok!(sandbox(&place));
    place.write("keyboard.py", include_str!("keyboard.py"));
    // The first python3 of PATH may be one that only the tester can run.
    place.any(Who::Tester, "python3").arg("keyboard.py").ok();
}
