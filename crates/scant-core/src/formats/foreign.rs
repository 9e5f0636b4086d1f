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
    keys: &["input", "inputs", "binaries", "data", "image", "accounts", "directories", "symlinks"],
    reader: "`scant build` and `scant plan` take manifests",
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
    fault(root, &MANIFEST, &[&TESTS, &RULES])
}

/// The same of what is no file of tests.
pub(super) fn fault_of_tests(root: &Node) -> Option<Fault> {
    fault(root, &TESTS, &[&MANIFEST, &RULES])
}

/// The same of what is no file of rules.
pub(super) fn fault_of_rules(root: &Node) -> Option<Fault> {
    fault(root, &RULES, &[&MANIFEST, &TESTS])
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
