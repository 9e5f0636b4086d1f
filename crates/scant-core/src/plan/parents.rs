//! The directories that everything lies in, and the packages that own things.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use super::planner::Planner;
use crate::words::{InputName, Meta, Mode, Node, NodeKind, Provenance, TreePath, Why};

impl Planner<'_> {
    /// Adds every directory that is only implied, with the first entry below it as its reason.
    pub(super) fn add_parents(&mut self) {
        let mut parents: BTreeMap<TreePath, TreePath> = BTreeMap::new();
        for (path, _) in self.placer.tree.iter() {
            for directory in path.ancestors().take_while(|directory| !directory.is_root()) {
                // What is above a directory that was met before was met with it: a tree has it
                // before its contents.
                if parents.contains_key(&directory) || self.placer.tree.get(&directory).is_some() {
                    break;
                }
                parents.insert(directory, path.clone());
            }
        }
        for (path, of) in parents {
            let node = Node {
                kind: NodeKind::Directory,
                meta: Meta::new(Mode::EXECUTABLE),
                provenance: Provenance::new(None, Why::Parent { of }),
            };
            let placed = self.placer.tree.insert(path, node);
            placed.expect("a path that has no node takes one");
        }
    }

    /// Names the package of every node that was taken from an input that knows.
    pub(super) fn name_packages(&mut self) {
        let mut sources: BTreeMap<InputName, BTreeMap<TreePath, Vec<TreePath>>> = BTreeMap::new();
        for (path, node) in self.placer.tree.iter() {
            if let Some(source) = node.provenance.source() {
                let of_input = sources.entry(InputName::new(&source.input)).or_default();
                of_input.entry(source.path.clone()).or_default().push(path.clone());
            }
        }
        for (input, paths) in sources {
            let Some(view) = self.request.inputs.get(&input) else { continue };
            let wanted: BTreeSet<TreePath> = paths.keys().cloned().collect();
            for (source, package) in view.input().packages(&wanted) {
                for path in paths.get(&source).into_iter().flatten() {
                    if let Some(provenance) = self.placer.tree.provenance_mut(path) {
                        provenance.set_package(package.clone());
                    }
                }
            }
        }
    }
}
