//! The directories that everything lies in.

use alloc::collections::BTreeMap;

use super::planner::Planner;
use crate::words::{Meta, Mode, Node, NodeKind, Provenance, TreePath, Why};

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
}
