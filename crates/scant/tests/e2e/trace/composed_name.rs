//! A library whose name is put together when the program runs: no reading of the file finds it.

use std::fs;

use super::place;
use crate::docker::docker;
use crate::scant::{everything_is_explained, scant};
use crate::tools::{require, require_ok};

const SOURCE: &str = r#"
#include <dlfcn.h>
#include <stdio.h>

int main(void) {
    char name[64];
    snprintf(name, sizeof name, "lib%c.so.%d", 'm', 6);
    puts(dlopen(name, RTLD_NOW) ? "opened" : dlerror());
    return fopen("/etc/services", "r") == NULL;
}
"#;

#[test]
fn a_run_finds_it_and_the_next_one_has_it() {
    let Some(place) = place(SOURCE) else { return };
    let directory = place.path();
    let checked = scant(directory, "trace app.yaml --check --timeout 60").end();
    assert_eq!(checked.code, Some(1), "{}", checked.stderr);
    assert!(checked.stderr.contains("libm.so.6: cannot open shared object"), "{}", checked.stderr);
    assert!(!directory.join("app.trace.json").exists());
    let traced = scant(directory, "trace app.yaml --until-stable --timeout 60").end();
    assert_eq!(traced.code, Some(0), "{}", traced.stderr);
    let manifest = fs::read_to_string(directory.join("app.yaml")).unwrap();
    let expected = "\
# My program.
inputs:
  HOST: {backend: host}

binaries:
  - from: ./app # opens what it likes
    to: /usr/bin/app
    libraries:
      - libm.so.6 # opened by /usr/bin/app, run `/usr/bin/app`

data:
  - from: HOST/etc/services
    why: opened by /usr/bin/app, run `/usr/bin/app`

image:
  entrypoint: [/usr/bin/app]
";
    assert_eq!(manifest, expected);
    let checked = scant(directory, "trace app.yaml --check --timeout 60").end();
    assert_eq!(checked.code, Some(0), "{}", checked.stderr);
    assert!(checked.stderr.contains("opened\n"), "{}", checked.stderr);
    scant(directory, "build app.yaml --no-cache -o oci:image").ok();
    let record = fs::read_to_string(directory.join("app.trace.json")).unwrap();
    scant(directory, "trace app.yaml --timeout 60").ok();
    let again = fs::read_to_string(directory.join("app.trace.json")).unwrap();
    assert_eq!(record, again, "a run that did the same changes the record");
}

#[test]
fn the_whole_way_by_the_command_line_alone() {
    let Some(place) = place(SOURCE) else { return };
    let docker = require_ok!(docker());
    let directory = place.path();
    // It can be built, and lacks what no reading tells.
    scant(directory, "build app.yaml --no-cache -o oci:before").ok();
    let ran = scant(directory, "run app.yaml").end().expect(1);
    assert!(ran.stdout.contains("libm.so.6: cannot open shared object"), "{}", ran.stdout);

    scant(directory, "trace app.yaml --write --timeout 60").ok();
    let image = "docker-daemon:composed-name:latest";
    let build = format!("build app.yaml --no-cache -o oci:after -o {image}");
    scant(directory, &build).env("DOCKER_HOST", docker.host()).ok();
    everything_is_explained(directory, "oci:after");
    scant(directory, "check app.yaml").ok();
    scant(directory, "trace app.yaml --check --timeout 60").ok();
    assert_eq!(scant(directory, "run app.yaml").ok(), "opened\n");
    let said = docker.run("run --rm --network none --read-only composed-name").ok();
    assert_eq!(said, "opened\n");
}

/// What is added may need what only rules tell: that comes with it, so that the next build is not
/// refused.
#[test]
fn what_an_added_program_ends_without_is_accepted_with_it() {
    require!(GIT);
    const RUNS_GIT: &str = r#"
#include <unistd.h>
int main(void) { return execl("/usr/bin/git", "git", "--version", (char *)0); }
"#;
    let Some(place) = place(RUNS_GIT) else { return };
    let directory = place.path();
    let patch = scant(directory, "trace app.yaml --timeout 60").ok();
    assert!(patch.contains("+  accept:\n+    - glibc.libgcc_s # required for /usr/"), "{patch}");
    scant(directory, "trace app.yaml --write --timeout 60").ok();
    scant(directory, "build app.yaml --no-cache -o oci:image").ok();
    assert!(scant(directory, "run app.yaml").ok().starts_with("git version "));
}
