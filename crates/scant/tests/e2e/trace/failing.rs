//! Programs that fail, are killed, or never become what they are waited for: no trace of such a run
//! is a clean one.

use std::fs;
use std::path::Path;

use super::place;
use crate::net::free_port;
use crate::run::Ran;
use crate::scant::scant;

/// Does what its arguments say: ends with a status or a signal, waits, says a text, or serves.
const SOURCE: &str = r#"
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int serve(int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int on = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 9)) return 9;
    for (;;) close(accept(listener, NULL, NULL));
}

int main(int count, char **words) {
    const char *what = words[1], *with = words[2];
    if (!strcmp(what, "open")) return fopen(with, "r") == NULL;
    if (!strcmp(what, "exit")) return fopen("/etc/services", "r"), atoi(with);
    if (!strcmp(what, "signal")) return raise(atoi(with));
    if (!strcmp(what, "wait")) for (;;) pause();
    if (!strcmp(what, "say")) return puts(with), 1;
    if (!strcmp(what, "serve")) return serve(atoi(with));
    if (!strcmp(what, "log")) return fopen("/var/log/app/app.log", "w") == NULL;
    if (!strcmp(what, "who")) return printf("user %d\n", getuid()), 0;
    return 77;
}
"#;

#[track_caller]
fn trace(directory: &Path, words: &str, code: i32) -> Ran {
    scant(directory, &format!("trace app.yaml {words}")).end().expect(code)
}

#[track_caller]
fn says(ran: &Ran, text: &str) {
    assert!(ran.stderr.contains(text), "{text} is not said:\n{}", ran.stderr);
}

fn manifest(directory: &Path) -> String {
    fs::read_to_string(directory.join("app.yaml")).expect("it is there")
}

#[test]
fn a_check_of_a_run_that_fails_is_not_clean() {
    let Some(place) = place(SOURCE) else { return };
    let directory = place.path();
    says(&trace(directory, "--check -- signal 11", 1), "failed: ended by signal 11\n");
    says(&trace(directory, "--check --timeout 1 -- wait x", 1), "failed: did not end within 1 s\n");
    trace(directory, "--write -- exit 0", 0);
    for command in ["--check", "--until-stable"] {
        let ran = trace(directory, &format!("{command} -- exit 3"), 1);
        says(&ran, "run `/usr/bin/app exit 3` failed: exited with 3\n");
        says(&ran, "nothing that a run asked for and an input has is missing\n");
        trace(directory, &format!("{command} --expect-status 3 -- exit 3"), 0);
        trace(directory, &format!("{command} --expect-status 3 -- exit 0"), 1);
        trace(directory, &format!("{command} --allow-failure -- exit 3"), 0);
    }
    // The record keeps how it ended.
    trace(directory, "-- exit 3", 0);
    says(&trace(directory, "--no-run --check", 1), "run `/usr/bin/app exit 3` failed");
    trace(directory, "--no-run --check --allow-failure", 0);
    let listed = trace(directory, "--list-runs", 0).stdout;
    assert!(listed.contains("/usr/bin/app exit 3: "), "{listed}");
    assert!(listed.contains(", failed: exited with 3\n"), "{listed}");
    let forget = scant(directory, "trace app.yaml --forget").arg("/usr/bin/app exit 3");
    forget.words("--forget").arg("/usr/bin/app exit 0").end().expect(0);
    trace(directory, "--no-run --check", 2);
    assert_eq!(trace(directory, "--list-runs --json", 0).stdout, "[]\n");
}

#[test]
fn what_is_proposed_for_a_run_that_failed_says_so() {
    let Some(place) = place(SOURCE) else { return };
    let ran = trace(place.path(), "-- exit 3", 0);
    let why = "why: opened by /usr/bin/app, run `/usr/bin/app exit 3`, from a run that failed\n";
    assert!(ran.stdout.contains(why), "{}", ran.stdout);
    let ran = trace(place.path(), "--expect-status 3 -- exit 3", 0);
    assert!(!ran.stdout.contains("failed"), "{}", ran.stdout);
}

#[test]
fn an_account_that_is_missing_is_told_and_nothing_is_written() {
    let Some(place) = place(SOURCE) else { return };
    let before = manifest(place.path());
    let ran = trace(place.path(), "--until-stable -- say getpwnam(\"web\")", 1);
    says(&ran, "the user `web` that the program asked for is not in /etc/passwd");
    assert_eq!(manifest(place.path()), before);
}

#[test]
fn a_server_that_is_never_ready_is_told() {
    let Some(place) = place(SOURCE) else { return };
    let (directory, port) = (place.path(), free_port());
    let wait = format!("--net host --until-port {port} --exercise true");
    let ran = trace(directory, &format!("{wait} -- exit 0"), 1);
    says(&ran, &format!("    port {port} took no connection before it ended\n"));
    says(&ran, "    `--exercise` was not run\n");
    let ran = trace(directory, &format!("{wait} --timeout 1 -- wait x"), 1);
    says(&ran, &format!("    port {port} took no connection "));
    let ran = trace(directory, "--until-log hello -- say goodbye", 1);
    says(&ran, "    `hello` was not printed before it ended\n");
}

#[test]
fn a_server_is_used_and_what_fails_then_is_told() {
    let Some(place) = place(SOURCE) else { return };
    let (directory, port) = (place.path(), free_port());
    let with = |exercise: &str, more: &str, code: i32| {
        let words = format!("trace app.yaml --check --net host --until-port {port} {more}");
        let run = scant(directory, &words).arg("--exercise").arg(exercise);
        run.words(&format!("-- serve {port}")).end().expect(code)
    };
    with("true", "", 0);
    let ran = with("echo first; echo no page >&2; exit 22", "", 1);
    says(&ran, "exit 22` failed: exit status: 22\n    first\n    no page\n");
    says(
        &with("sleep 1000", "--timeout 5", 1),
        "    `--exercise sleep 1000` did not end in time\n",
    );
}

#[test]
fn a_port_that_is_taken_says_nothing_of_the_program() {
    let Some(place) = place(SOURCE) else { return };
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let ran = trace(place.path(), &format!("--net host --until-port {port} -- wait x"), 2);
    says(&ran, &format!("port {port} takes connections before the program is started"));
}

#[test]
fn logs_want_a_directory() {
    let Some(place) = place(SOURCE) else { return };
    let ran = trace(place.path(), "--until-stable -- log x", 0);
    says(&ran, "directories: /var/log/app\n");
    let text = manifest(place.path());
    assert!(text.contains("directories:\n  - path: /var/log/app\n    why: written by "), "{text}");
    assert!(!text.contains("data:"), "{text}");
}

#[test]
fn what_is_mounted_is_no_file_of_the_image() {
    let Some(place) = place(SOURCE) else { return };
    let directory = place.path();
    let check = |mount: &str, what: &str, code: i32| {
        trace(directory, &format!("--check {mount} -- open {what}"), code)
    };
    let ran = check("", "/etc/services", 1);
    assert!(ran.stdout.contains("HOST/etc/services"), "{}", ran.stdout);
    check("--mount /etc/services:/etc/services:ro", "/etc/services", 0);
    // The mounted directory has no such file, and the machine has: that is not proposed.
    fs::create_dir(directory.join("empty")).unwrap();
    let ran = check("--mount ./empty:/usr/share", "/usr/share/common-licenses/GPL-3", 1);
    assert_eq!(ran.stdout, "");
}

#[test]
fn it_runs_as_run_does() {
    let Some(place) = place(SOURCE) else { return };
    let directory = place.path();
    trace(directory, "--check --read-only -- log x", 1);
    trace(directory, "--check --entrypoint /usr/bin/app -- who", 0);
    says(&trace(directory, "--user nobody -- who", 2), "nobody");
    trace(directory, "--workdir /usr/bin --check --entrypoint ./app -- who", 0);
}
