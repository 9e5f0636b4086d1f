//! A program that does not end by itself: it is ready when it says so, and ends when it is asked to.

use super::place;
use crate::scant::scant;

const SOURCE: &str = r#"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void end(int signal) { _exit(fopen("/etc/services", "r") != NULL); }

int main(void) {
    signal(SIGTERM, end);
    puts("ready now");
    fflush(stdout);
    for (;;) pause();
}
"#;

#[test]
fn it_is_ended_when_it_is_ready() {
    let Some(place) = place(SOURCE) else { return };
    let directory = place.path();
    let traced = scant(directory, "trace app.yaml --until-log ready --timeout 60 --json").end();
    assert_eq!(traced.code, Some(0), "{}", traced.stderr);
    // What it did after it was asked to end counts as well.
    assert!(traced.stdout.contains("\"from\": \"HOST/etc/services\""), "{}", traced.stdout);
    assert!(traced.stdout.contains("\"ended\": \"exited with 0\""), "{}", traced.stdout);
}
