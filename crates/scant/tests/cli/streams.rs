//! Data goes to stdout, words to stderr, and a reader may go away at any time.

use std::io::Read as _;
use std::process::Stdio;

use crate::place::Place;

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    // More than a pipe holds, so that scant is still writing when the reader is gone.
    let files: String = (0..2000).map(|n| format!("/data/a-long-name-{n} \"\"\n")).collect();
    let manifest = "input: {backend: sysroot, path: root}\ndata: [SYSROOT/data]\n\
                    platforms: [linux/amd64]\nimage: {cmd: [/data]}\n";
    let place = Place::new(&files).file("app.yaml", manifest);
    assert!(place.run("build app.yaml -q --no-check").status.success());
    for line in ["plan app.yaml", "plan app.yaml --json", "ls app.tar", "ls app.tar --json"] {
        let mut command = place.scant(line.split(' '));
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut first = [0; 100];
        let mut stdout = child.stdout.take().unwrap();
        stdout.read_exact(&mut first).unwrap();
        drop(stdout);
        let mut said = String::new();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert!(!said.contains("error") && !said.contains("pipe"), "{line}: {said}");
        assert_eq!(child.wait().unwrap().code(), Some(0), "{line}");
    }
}

#[test]
fn short_results_survive_a_reader_that_is_gone_already() {
    let place = Place::with_app();
    for line in [
        "build app.yaml -q --no-check",
        "why app.yaml /usr/bin/app",
        "why app.yaml --json /usr/bin/app",
        "deps --root root /usr/bin/app",
        "init --root root /usr/bin/app",
        "schema",
        "schema --markdown",
        "completions bash",
        "man",
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = place.scant(line.split(' ')).stdout(writer).output().unwrap();
        assert_eq!(place.seen(&output), "exit 0\n", "{line}");
    }
}

#[test]
fn nothing_is_said_on_stderr_when_there_is_nothing_to_say() {
    let place = Place::with_app();
    for line in ["build app.yaml --quiet", "ls app.tar", "why app.tar /usr", "schema"] {
        let output = place.run(line);
        assert!(output.status.success() && output.stderr.is_empty(), "{}", place.seen(&output));
    }
}

#[test]
fn no_escape_codes_where_there_is_no_terminal() {
    let place = Place::with_app().file("wrong.yaml", "binary: []\n");
    for line in ["plan app.yaml", "plan wrong.yaml", "--help", "build"] {
        let output = place.run(line);
        assert!(![output.stdout, output.stderr].concat().contains(&0x1b), "{line}");
    }
}
