//! Runs scant itself, and asks it about what it made.

use std::path::Path;

use serde_json::Value;

use crate::run::{Run, run};

/// scant in this directory, with these words after it. Nothing of the surroundings reaches it.
pub(crate) fn scant(directory: &Path, words: &str) -> Run {
    run(env!("CARGO_BIN_EXE_scant"))
        .directory(directory)
        .without_env("SOURCE_DATE_EPOCH")
        .without_env("DOCKER_HOST")
        .words(words)
}

/// All paths of an image, as `scant ls` lists them.
#[track_caller]
pub(crate) fn paths(directory: &Path, image: &str) -> Vec<String> {
    let text = scant(directory, &format!("ls --json {image}")).ok();
    let list: Value = serde_json::from_str(&text).expect("`--json` prints JSON");
    let path = |file: &Value| file["path"].as_str().expect("a file has a path").to_string();
    let files = list["files"].as_array().expect("there is a list of files");
    files.iter().map(path).collect()
}

/// Expects that `scant ls` says of every path its mode, owner, size and reason, and that `scant
/// why` answers for it.
#[track_caller]
pub(crate) fn everything_is_explained(directory: &Path, image: &str) {
    let paths = paths(directory, image);
    assert!(!paths.is_empty(), "{image} is empty");
    let listing = scant(directory, &format!("ls {image}")).ok();
    assert!(listing.lines().count() >= paths.len(), "{listing}");
    for path in paths {
        let chain = scant(directory, &format!("why {image}")).arg(&path).ok();
        assert!(!chain.trim().is_empty(), "no reason for {path}");
    }
}
