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
        // Without a user there is no cache.
        .without_env("HOME")
        .without_env("XDG_CACHE_HOME")
        .words(words)
}

/// All paths of an image, as `scant ls` lists them.
#[track_caller]
pub(crate) fn paths(directory: &Path, image: &str) -> Vec<String> {
    files(directory, image).iter().map(|file| path(file).to_string()).collect()
}

#[track_caller]
fn files(directory: &Path, image: &str) -> Vec<Value> {
    let text = scant(directory, &format!("ls --json {image}")).ok();
    serde_json::from_str(&text).expect("`--json` prints a list of files")
}

fn path(file: &Value) -> &str {
    file["path"].as_str().expect("a file has a path")
}

/// So many paths of an image are asked about one by one; of a larger one, paths spread over it.
const ASKED: usize = 150;

/// Expects that `scant ls` gives a reason for every path, and that `scant why` tells its chain.
#[track_caller]
pub(crate) fn everything_is_explained(directory: &Path, image: &str) {
    let files = files(directory, image);
    assert!(!files.is_empty(), "{image} is empty");
    for file in &files {
        let reasons = file["reasons"].as_array().map_or(0, Vec::len);
        assert!(reasons > 0, "{file}");
    }
    for file in files.iter().step_by(files.len().div_ceil(ASKED)) {
        let path = path(file);
        let answer = scant(directory, &format!("why {image}")).arg(path).ok();
        let (first, chain) = answer.split_once('\n').expect("the path, and its chain");
        assert!(first.starts_with(&format!("{path} (")), "{first}");
        let ends = ["at line ", "made by scant"];
        assert!(
            chain.lines().last().is_some_and(|last| ends.iter().any(|end| last.contains(end))),
            "not back to the manifest:\n{answer}"
        );
    }
}
