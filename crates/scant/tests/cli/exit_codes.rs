//! Each exit code of `docs/exit-codes.md`, by an example of each of its causes.

use crate::place::{MANIFEST, Place};

#[track_caller]
fn check(place: &Place, line: &str, expected: i32) {
    let output = place.run(line);
    assert_eq!(output.status.code(), Some(expected), "{line}: {}", place.seen(&output));
}

#[test]
fn done_is_0() {
    let place = Place::with_app();
    check(&place, "plan app.yaml", 0);
    check(&place, "build app.yaml -q", 0);
    check(&place, "why app.tar /usr/bin/app", 0);
    check(&place, "why --not app.tar /usr/bin/sh", 0);
    check(&place, "ls app.tar", 0);
    check(&place, "verify app.tar", 0);
    check(&place, "deps --root root /usr/bin/app", 0);
    check(&place, "--help", 0);
    check(&place, "--version", 0);
}

#[test]
fn what_is_not_so_is_1() {
    let place = Place::with_app();
    check(&place, "why app.yaml /usr/bin/sh", 1);
    check(&place, "why --not app.yaml /usr/bin/app", 1);
    check(&place, "deps --root root /usr/bin/broken", 1);
    check(&place, "build app.yaml -q -o oci:app", 0);
    std::fs::write(place.path().join("app/oci-layout"), "{}").unwrap();
    check(&place, "verify app", 1);
    let damaged = place.path().join("cache/downloads/sha256");
    std::fs::create_dir_all(&damaged).unwrap();
    std::fs::write(damaged.join("0".repeat(64)), "").unwrap();
    check(&place, "cache verify --cache-dir cache", 1);
}

#[test]
fn wrong_usage_is_2() {
    let place = Place::with_app().file("wrong.yaml", "binary: []\n");
    check(&place, "", 2);
    check(&place, "plan", 2);
    check(&place, "plan wrong.yaml", 2);
    check(&place, "plan nothing.yaml", 2);
    check(&place, "build app.yaml -o nowhere:app", 2);
    check(&place, "verify rootfs:root", 2);
}

#[test]
fn an_input_is_3() {
    let place = Place::with_app()
        .file("broken.yaml", &MANIFEST.replace("bin/app", "bin/broken"))
        .file("absent.yaml", &MANIFEST.replace("bin/app", "bin/absent"))
        .file("closed.yaml", &MANIFEST.replace("path: root", "path: absent"));
    check(&place, "plan broken.yaml", 3);
    check(&place, "plan absent.yaml", 3);
    check(&place, "plan closed.yaml", 3);
    check(&place, "ls oci:absent", 3);
    check(&place, "verify oci:absent", 3);
    check(&place, "deps --root root /usr/bin/absent", 3);
    check(&place, "init --root root /usr/bin/absent", 3);
}

#[test]
fn a_run_that_did_not_come_to_a_program_is_125() {
    let place = Place::with_app().file("wrong.yaml", "binary: []\n");
    check(&place, "run", 125);
    check(&place, "run --no-such-option", 125);
    check(&place, "run oci:absent", 125);
    check(&place, "run wrong.yaml", 125);
    check(&place, "run rootfs:root", 125);
    check(&place, "run --help", 0);
    check(&place, "run rootfs:root --bundle root -- /usr/bin/app", 4);
}

#[test]
fn an_output_is_4() {
    let place = Place::with_app();
    check(&place, "build app.yaml -o oci:absent/app", 4);
    check(&place, "build app.yaml -o rootfs:root", 4);
    check(&place, "build app.yaml -o oci-archive:root", 4);
    check(&place, "man --directory app.yaml", 4);
}
