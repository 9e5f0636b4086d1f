//! Files of one kind that are given where another is read: told by the keys at their top, so that
//! one fault says it instead of one for each key.

use alloc::format;

use super::yaml::{Fault, Node, Value};

/// A kind of file: what it is, keys that no other kind has, and what reads it.
struct Kind {
    name: &'static str,
    keys: &'static [&'static str],
    reader: &'static str,
}

const MANIFEST: Kind = Kind {
    name: "a manifest",
    // `accounts` alone could be of a file of apko as well.
    keys: &["input", "inputs", "packages", "binaries", "data", "image", "directories", "symlinks"],
    reader: "`scant build` and `scant plan` take manifests",
};

const APKO: Kind = Kind {
    name: "a file of apko",
    keys: &[
        "contents",
        "entrypoint",
        "cmd",
        "environment",
        "archs",
        "paths",
        "work-dir",
        "stop-signal",
        "include",
    ],
    reader: "`scant import FILE` makes a manifest of it",
};

const TESTS: Kind = Kind {
    name: "a file of tests",
    keys: &[
        "schemaVersion",
        "commandTests",
        "fileExistenceTests",
        "fileContentTests",
        "metadataTest",
        "licenseTests",
        "globalEnvVars",
        "containerRunOptions",
    ],
    reader: "`scant test --config FILE IMAGE` makes tests; in a manifest they stand under `tests`",
};

const RULES: Kind = Kind {
    name: "a file of suggestion rules",
    keys: &["rules"],
    reader: "a manifest names it under `suggestions: rules:`",
};

/// What to say of a file that is no manifest but something else that scant reads.
pub(super) fn fault_of_manifest(root: &Node) -> Option<Fault> {
    fault(root, &MANIFEST, &[&TESTS, &RULES, &APKO])
}

/// The same of what is no file of tests.
pub(super) fn fault_of_tests(root: &Node) -> Option<Fault> {
    fault(root, &TESTS, &[&MANIFEST, &RULES])
}

/// The same of what is no file of rules.
pub(super) fn fault_of_rules(root: &Node) -> Option<Fault> {
    fault(root, &RULES, &[&MANIFEST, &TESTS])
}

/// The same of what is no file of apko.
pub(super) fn fault_of_apko(root: &Node) -> Option<Fault> {
    fault(root, &APKO, &[&MANIFEST, &TESTS, &RULES])
}

fn fault(root: &Node, wanted: &Kind, others: &[&Kind]) -> Option<Fault> {
    let Value::Mapping(entries) = &*root.value else { return None };
    let of_kind = |kind: &Kind| entries.iter().find(|(key, _)| kind.keys.contains(&key.text()));
    if of_kind(wanted).is_some() {
        return None;
    }
    let (kind, (key, _)) = others.iter().find_map(|kind| Some((kind, of_kind(kind)?)))?;
    let message = format!("this is {}, not {}: it has `{}`", kind.name, wanted.name, key.text());
    Some(Fault::new(key.span, message).help(kind.reader))
}
