//! Whole directories of inputs that may be meant: those that a run listed and an input has more of,
//! and those of which several files are proposed. They are offered, never proposed.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use super::deny::denied;
use super::propose::{Entry, Question, is_library_directory, node_of};
use super::resolve::{There, follow};
use crate::words::{InputName, LastLink, NodeKind, Section, Tree, TreePath, Why};

/// Directories of which nobody means everything.
const WIDE_DIRECTORIES: [&str; 18] = [
    "/",
    "/bin",
    "/etc",
    "/lib",
    "/lib64",
    "/opt",
    "/sbin",
    "/srv",
    "/usr",
    "/usr/bin",
    "/usr/lib",
    "/usr/lib64",
    "/usr/local",
    "/usr/local/lib",
    "/usr/sbin",
    "/usr/share",
    "/var",
    "/var/lib",
];
/// As many files of one directory are worth a word on the whole of it.
const MANY: usize = 3;

/// A whole directory of an input.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Whole {
    /// The input.
    pub input: InputName,
    /// The directory.
    pub path: TreePath,
}

/// Inputs that have more names in a directory than the image.
pub(super) fn poorer(question: &Question<'_>, directory: &TreePath) -> Vec<Whole> {
    if is_wide(directory) || denied(directory).is_some() {
        return Vec::new();
    }
    let has = |name: &[u8]| {
        let path = directory.join(name);
        follow(question.tree, path.as_bytes(), LastLink::Keep)
            .is_some_and(|led| led.there != There::Nothing)
    };
    let mut found = Vec::new();
    for (input, view) in &question.inputs {
        let Ok(resolved) = view.resolve(directory.as_bytes()) else { continue };
        let Ok(names) = view.input().list(&resolved.path) else { continue };
        let is_wanted = |name: &[u8]| denied(&directory.join(name)).is_none();
        let is_whole = is_packed(question.tree, input, directory);
        if !is_whole && names.iter().any(|name| is_wanted(name) && !has(name)) {
            found.push(Whole { input: (*input).clone(), path: directory.clone() });
        }
    }
    found
}

/// Whether a line of the manifest packs the whole directory from the input already: what is not
/// there of it was left out on purpose.
fn is_packed(tree: &Tree, input: &InputName, directory: &TreePath) -> bool {
    let Some((_, node)) = node_of(tree, directory.as_bytes()) else { return false };
    let is_declared = |why: &Why| match why {
        Why::Declared { place, .. } => matches!(place.section, Section::Data | Section::Packages),
        _ => false,
    };
    matches!(node.kind, NodeKind::Directory)
        && node.provenance.source().is_some_and(|source| *source.input == *input.as_str())
        && node.provenance.reasons().any(is_declared)
}

fn is_wide(directory: &TreePath) -> bool {
    WIDE_DIRECTORIES.iter().any(|wide| wide.as_bytes() == directory.as_bytes())
        || is_library_directory(directory)
}

/// What is offered of directories that were listed, and of those of entries. None lies in another.
pub(super) fn offers<'e>(
    question: &Question<'_>,
    entries: impl Iterator<Item = &'e Entry>,
    poorer: &BTreeSet<Whole>,
) -> Vec<Whole> {
    let mut counts: BTreeMap<Whole, usize> = BTreeMap::new();
    for entry in entries {
        if let Entry::Data { input, path } = entry
            && let Some(directory) = path.parent().filter(|directory| !is_wide(directory))
            && !is_packed(question.tree, input, &directory)
        {
            *counts.entry(Whole { input: input.clone(), path: directory }).or_default() += 1;
        }
    }
    let several = counts.into_iter().filter(|(_, count)| *count >= MANY).map(|(whole, _)| whole);
    let all: BTreeSet<Whole> = several.chain(poorer.iter().cloned()).collect();
    let is_inside = |one: &Whole| {
        all.iter().any(|other| {
            other.input == one.input
                && other.path != one.path
                && one.path.below(&other.path).is_some()
        })
    };
    all.iter().filter(|one| !is_inside(one)).cloned().collect()
}
