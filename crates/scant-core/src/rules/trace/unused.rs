//! Declared files that no run touched.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use super::resolve::follow;
use crate::formats::trace_file::{TraceFile, UseKind};
use crate::words::{LastLink, NodeKind, Place, Section, Tree, TreePath, Why};

/// The files of the image that a line of the manifest declares and no run touched, by lines.
pub fn unused(tree: &Tree, runs: &TraceFile) -> BTreeMap<Place, Vec<TreePath>> {
    let touched = touched(tree, runs);
    let mut found: BTreeMap<Place, Vec<TreePath>> = BTreeMap::new();
    for (path, node) in tree.iter() {
        let is_file = !matches!(node.kind, NodeKind::Directory);
        if !is_file || touched.contains(path) {
            continue;
        }
        for why in node.provenance.reasons() {
            if let Why::Declared { place, .. } = why
                && matches!(
                    place.section,
                    Section::Binaries | Section::Data | Section::Packages | Section::Symlinks
                )
            {
                found.entry(place.clone()).or_default().push(path.clone());
            }
        }
    }
    found
}

/// Everything that a run named, and the other names of it.
fn touched(tree: &Tree, runs: &TraceFile) -> BTreeSet<TreePath> {
    let mut touched = BTreeSet::new();
    let mut touch = |path: &[u8]| {
        if let Some(led) = follow(tree, path, LastLink::Follow) {
            touched.extend(led.hops);
            if let Some(NodeKind::HardLink { target }) = tree.get(&led.path).map(|node| &node.kind)
            {
                touched.insert(target.clone());
            }
            touched.insert(led.path);
        }
    };
    for one in runs.runs.values().flat_map(|run| &run.uses) {
        let programs: [Option<&Box<[u8]>>; 2] = [Some(&one.program), one.by.as_ref()];
        programs.into_iter().flatten().for_each(|program| touch(program));
        // What was only listed with its directory was not touched itself.
        if one.kind != UseKind::Written {
            touch(one.path.as_bytes());
            one.asked.iter().for_each(|asked| touch(asked.as_bytes()));
        }
    }
    touched
}
