//! What the config of an image says, against what a test expects.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::formats::oci::RunConfig;
use crate::formats::structure_test::{Metadata, Value, variables};
use crate::words::{Escaped, OneLine};

/// What of the config is not as the test says.
pub fn metadata(test: &Metadata, config: &RunConfig) -> Vec<String> {
    let mut wrong = Vec::new();
    let env = variables(&config.env);
    values("the variable", &test.env, &env, &mut wrong);
    for name in test.unbound_env.iter().filter(|name| env.contains_key(*name)) {
        wrong.push(format!("the variable {} is set", quoted(name)));
    }
    values("the label", &test.labels, &config.labels, &mut wrong);
    list("the entrypoint", test.entrypoint.as_ref(), config.entrypoint.as_ref(), &mut wrong);
    list("the command", test.cmd.as_ref(), config.cmd.as_ref(), &mut wrong);
    let workdir = config.working_dir.as_ref();
    text("the working directory", test.workdir.as_ref(), workdir, &mut wrong);
    text("the user", test.user.as_ref(), config.user.as_ref(), &mut wrong);
    let exposed = |wanted: &String| config.exposed_ports.keys().any(|port| is_port(wanted, port));
    for port in test.exposed_ports.iter().filter(|port| !exposed(port)) {
        wrong.push(format!("the port {} is not exposed", quoted(port)));
    }
    for port in test.unexposed_ports.iter().filter(|port| exposed(port)) {
        wrong.push(format!("the port {} is exposed", quoted(port)));
    }
    for path in test.volumes.iter().filter(|path| !config.volumes.contains_key(*path)) {
        wrong.push(format!("{} is not a volume", quoted(path)));
    }
    for path in test.unmounted_volumes.iter().filter(|path| config.volumes.contains_key(*path)) {
        wrong.push(format!("{} is a volume", quoted(path)));
    }
    wrong
}

fn quoted(text: &str) -> String {
    format!("`{}`", OneLine(text))
}

/// Variables or labels.
fn values(
    what: &str,
    expected: &[(String, Value)],
    found: &BTreeMap<String, String>,
    wrong: &mut Vec<String>,
) {
    for (key, expected) in expected {
        let key_shown = quoted(key);
        let Some(value) = found.get(key) else {
            wrong.push(format!("{what} {key_shown} is not set"));
            continue;
        };
        let shown = quoted(value);
        match expected {
            Value::Exact(text) if text != value => {
                wrong.push(format!("{what} {key_shown} is {shown}, not {}", quoted(text)));
            }
            Value::Matching(pattern) if !pattern.is_match(value) => {
                let pattern = quoted(pattern.as_str());
                wrong
                    .push(format!("{what} {key_shown} is {shown}, which does not match {pattern}"));
            }
            _ => {}
        }
    }
}

/// The entrypoint or the command; not to have one is to have an empty one.
fn list(
    what: &str,
    expected: Option<&Vec<String>>,
    found: Option<&Vec<String>>,
    wrong: &mut Vec<String>,
) {
    let shown = |words: &[String]| match words {
        [] => "empty".into(),
        words => {
            let word = |word: &String| format!("{:?}", Escaped(word.as_bytes()));
            let words: Vec<_> = words.iter().map(word).collect();
            format!("[{}]", words.join(", "))
        }
    };
    let found = found.map_or(&[][..], Vec::as_slice);
    if let Some(expected) = expected.filter(|expected| *expected != found) {
        wrong.push(format!("{what} is {}, not {}", shown(found), shown(expected)));
    }
}

fn text(what: &str, expected: Option<&String>, found: Option<&String>, wrong: &mut Vec<String>) {
    let found = found.map_or("", String::as_str);
    if let Some(expected) = expected.filter(|expected| *expected != found) {
        let shown = if found.is_empty() { "not set".into() } else { quoted(found) };
        wrong.push(format!("{what} is {shown}, not {}", quoted(expected)));
    }
}

/// Whether a port of the config is the wanted one, which may leave out the protocol.
fn is_port(wanted: &str, port: &str) -> bool {
    let (number, protocol) = port.split_once('/').unwrap_or((port, "tcp"));
    match wanted.split_once('/') {
        Some(wanted) => wanted == (number, protocol),
        None => wanted == number,
    }
}
