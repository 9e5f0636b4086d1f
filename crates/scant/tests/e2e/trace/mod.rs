//! `scant trace` on programs that do what no reading of files can tell.

mod composed_name;
mod failing;
mod ordinary_user;
mod server;

use std::fs;

use tempfile::TempDir;

use crate::run::run;
use crate::tools::{CC, UNSHARE, present, skip};

/// A directory with a program made of `source`, and a manifest `app.yaml` for it; none, with a line
/// that says why, where it cannot be made or run.
fn place(source: &str) -> Option<TempDir> {
    if !present(&[&CC, &UNSHARE]) {
        return None;
    }
    let place = tempfile::tempdir().expect("a directory can be made");
    let probe =
        run("unshare").words("--user --map-root-user --mount --pid --fork --net true").end();
    if probe.code != Some(0) {
        skip(&format!("no namespaces here: {}", probe.stderr.trim()));
        return None;
    }
    fs::write(place.path().join("app.c"), source).expect("it can be written");
    run("cc").words("-o app app.c").directory(place.path()).ok();
    fs::write(place.path().join("app.yaml"), MANIFEST).expect("it can be written");
    Some(place)
}

const MANIFEST: &str = "\
# My program.
inputs:
  HOST: {backend: host}

binaries:
  - ./app:/usr/bin/app # opens what it likes

image:
  entrypoint: [/usr/bin/app]
";
