//! A directory with an image that has a shell, and `scant test` in it.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::run::{Ran, run};
use crate::scant::scant;

/// A static shell with all of its applets, and a user besides root.
const MANIFEST: &str = "\
inputs: {HOST: {backend: host}}
binaries: [HOST/usr/bin/busybox:/bin/busybox]
symlinks:
  - {target: busybox, link: /bin/sh}
  - {target: busybox, link: /bin/echo}
  - {target: busybox, link: /bin/cat}
  - {target: busybox, link: /bin/touch}
  - {target: busybox, link: /bin/sleep}
  - {target: busybox, link: /bin/id}
  - {target: busybox, link: /bin/ls}
  - {target: busybox, link: /bin/rm}
  - {target: busybox, link: /bin/env}
directories:
  - {path: /tmp, mode: '1777'}
  - /srv
data:
  - {from: ./file, to: /srv/file}
  - {from: ./die, to: /srv/die}
image:
  entrypoint: [/bin/echo, entrypoint]
  env: {PATH: /bin, GREETING: hello}
  workdir: /srv
";

/// A directory of its own, which anybody may write to.
pub(super) struct Place(TempDir);

impl Place {
    /// A place with the image `oci:image`.
    pub(super) fn new() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory can be made");
        run("chmod").arg("0777").arg(directory.path()).ok();
        let place = Self(directory);
        place.write("image.yaml", MANIFEST);
        place.write("file", "of the image\n");
        place.write("die", "kill -TERM $$\n");
        scant(place.path(), "build image.yaml -q -o oci:image").ok();
        place
    }

    /// A place with nothing in it.
    pub(super) fn empty() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory can be made");
        Self(directory)
    }

    pub(super) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(super) fn write(&self, name: &str, text: &str) {
        fs::write(self.path().join(name), text).expect("the directory is ours");
    }

    /// What came of tests of schema 2.0.0 on `oci:image`: a line for each, `ok` or what is wrong.
    #[track_caller]
    pub(super) fn check(&self, options: &str, tests: &str, expected: &str) {
        self.write("tests.yaml", &format!("schemaVersion: 2.0.0\n{tests}"));
        let ran = scant(self.path(), &format!("test image -c tests.yaml --json {options}")).end();
        assert_eq!(outcomes(&ran).trim(), expected.trim(), "{}", ran.stderr);
    }
}

/// Whether commands can be run on this machine; else why not.
pub(super) fn sandbox() -> Result<(), String> {
    let place = Place::empty();
    place.write("tests.yaml", "schemaVersion: 2.0.0\ncommandTests: [{name: a, command: gone}]\n");
    let ran = scant(place.path(), "test rootfs:. -c tests.yaml").end();
    if ran.code == Some(1) { Ok(()) } else { Err(ran.stderr) }
}

/// Each test with what is wrong.
#[track_caller]
pub(super) fn outcomes(ran: &Ran) -> String {
    let document: Value = serde_json::from_str(&ran.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}{}", ran.stdout, ran.stderr));
    let tests = document["tests"].as_array().expect("there are tests");
    let mut text = String::new();
    for test in tests {
        let wrong = test["wrong"].as_array().expect("a list");
        let wrong: Vec<_> = wrong.iter().filter_map(Value::as_str).collect();
        let outcome = if wrong.is_empty() { "ok".to_string() } else { wrong.join("\n") };
        text += &format!("{}: {outcome}\n", test["name"].as_str().expect("it has a name"));
    }
    let is_ok = text.lines().all(|line| line.ends_with(": ok"));
    assert_eq!(ran.code, Some(i32::from(!is_ok)), "{text}");
    text
}
