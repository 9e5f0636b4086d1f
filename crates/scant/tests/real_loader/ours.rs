//! What the built `scant` says.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::Value;

use crate::answer::Answer;

/// As many files are asked about in one process.
const BATCH: usize = 200;

/// The answers about all files. A batch with a file that is refused is asked again, one by one.
pub(crate) fn answers(files: &[PathBuf], level: &Option<String>) -> BTreeMap<PathBuf, Answer> {
    let mut answers = BTreeMap::new();
    for batch in files.chunks(BATCH) {
        let output = ask(batch, level);
        if is_answer(&output) {
            answers.extend(parse(batch, &output));
            continue;
        }
        for file in batch {
            let one = std::slice::from_ref(file);
            let output = ask(one, level);
            if is_answer(&output) {
                answers.extend(parse(one, &output));
            } else {
                let reason = String::from_utf8_lossy(&output.stderr).trim().to_string();
                answers.insert(file.clone(), Answer::Refused(reason));
            }
        }
    }
    answers
}

fn ask(files: &[PathBuf], level: &Option<String>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_scant"));
    command.args(["deps", "--json", "--dlopen", "none"]);
    if let Some(level) = level {
        command.args(["--cpu", level]);
    }
    command.arg("--").args(files).current_dir("/").output().expect("scant can be started")
}

/// 0 and 1 say that everything or not everything was found; all else is an error.
fn is_answer(output: &Output) -> bool {
    matches!(output.status.code(), Some(0 | 1))
}

fn parse(files: &[PathBuf], output: &Output) -> Vec<(PathBuf, Answer)> {
    let json: Value = serde_json::from_slice(&output.stdout).expect("the output is JSON");
    let closures = json.as_array().expect("an array, one element a file");
    assert_eq!(closures.len(), files.len());
    files.iter().cloned().zip(closures.iter().map(answer)).collect()
}

fn answer(closure: &Value) -> Answer {
    let list = |key: &str| closure[key].as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_string();
    let missing = list("missing");
    if let Some(end) = missing.iter().find_map(|m| m["ended_at"].as_str()) {
        return Answer::Refused(end.into());
    }
    let is_interpreter = |path: &str| {
        list("edges").iter().any(|edge| edge["relation"] == "interpreter" && edge["to"] == path)
    };
    let loader = crate::real::loader().and_then(|path| fs::canonicalize(path).ok());
    let loader = loader.map(|path| path.to_string_lossy().into_owned());
    let objects = list("objects").into_iter().skip(1);
    let objects = objects.filter(|object| !is_interpreter(&text(&object["path"])));
    let mut loads: BTreeSet<String> = objects.map(|object| text(&object["real"])).collect();
    loads.retain(|path| Some(path) != loader.as_ref());
    loads.extend(missing.iter().map(|m| format!("MISSING {}", text(&m["name"]))));
    Answer::Loads(loads)
}
