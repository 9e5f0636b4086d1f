//! The image's file system before it is written: sorted paths to nodes, and one rule for merging.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::collections::btree_map::Entry as Slot;
use core::ops::Bound;

use super::{Node, NodeKind, Provenance, TreePath};

/// Paths to nodes, sorted depth first. The root itself is not in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree(BTreeMap<TreePath, Node>);

/// Two nodes that disagree on one path. The tree keeps the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The path both claim.
    pub path: TreePath,
    /// The node that is in the tree.
    pub first: Box<Node>,
    /// The node that could not enter it.
    pub second: Box<Node>,
}

impl Tree {
    /// Puts a node at `path`. A node that is equal but for its provenance adds its reasons to the
    /// one that is there.
    ///
    /// # Errors
    /// When a different node is there already. The tree is unchanged then.
    pub fn insert(&mut self, path: TreePath, node: Node) -> Result<(), Box<Conflict>> {
        match self.0.entry(path) {
            Slot::Vacant(slot) => {
                slot.insert(node);
                Ok(())
            }
            Slot::Occupied(mut slot) => {
                let first = slot.get_mut();
                if first.kind == node.kind && first.meta == node.meta {
                    first.provenance.merge(node.provenance);
                    return Ok(());
                }
                let (first, second) = (Box::new(first.clone()), Box::new(node));
                Err(Box::new(Conflict { path: slot.key().clone(), first, second }))
            }
        }
    }

    /// The node at `path`.
    pub fn get(&self, path: &TreePath) -> Option<&Node> {
        self.0.get(path)
    }

    /// The provenance of the node at `path`, to add reasons to.
    pub fn provenance_mut(&mut self, path: &TreePath) -> Option<&mut Provenance> {
        self.0.get_mut(path).map(|node| &mut node.provenance)
    }

    /// All nodes, each directory right before its contents.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&TreePath, &Node)> {
        self.0.iter()
    }

    /// All nodes below `directory`, itself excluded.
    pub fn below(&self, directory: &TreePath) -> impl Iterator<Item = (&TreePath, &Node)> {
        let (first, root) = (directory.clone(), directory.is_root());
        let start = if root { Bound::Unbounded } else { Bound::Excluded(directory) };
        self.0
            .range((start, Bound::Unbounded))
            .take_while(move |(path, _)| path.below(&first).is_some())
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The sum of all files' sizes, in bytes.
    pub fn content_size(&self) -> u64 {
        self.0
            .values()
            .map(|node| match &node.kind {
                NodeKind::File(file) => file.size,
                _ => 0,
            })
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::{Meta, Mode, Place, Section, Why};
    use alloc::string::ToString;
    use alloc::vec::Vec;

    fn directory(mode: u32, line: u32) -> Node {
        let place = Place { section: Section::Directories, line };
        Node {
            kind: NodeKind::Directory,
            meta: Meta::new(Mode::from_bits(mode)),
            provenance: Provenance::new(None, Why::Declared { place, reason: None }),
        }
    }

    #[test]
    fn equal_nodes_merge_and_different_ones_conflict() {
        let path = TreePath::literal("/tmp");
        let mut tree = Tree::default();
        tree.insert(path.clone(), directory(0o755, 1)).unwrap();
        tree.insert(path.clone(), directory(0o755, 2)).unwrap();
        assert_eq!(tree.get(&path).unwrap().provenance.reasons().count(), 2);
        let conflict = tree.insert(path.clone(), directory(0o700, 3)).unwrap_err();
        assert_eq!((&conflict.path, conflict.second.meta.mode.bits()), (&path, 0o700));
        assert_eq!(tree.get(&path).unwrap().meta.mode.bits(), 0o755);
    }

    #[test]
    fn below_lists_exactly_the_contents() {
        let mut tree = Tree::default();
        for path in ["/a", "/a/b", "/a/b/c", "/a-b", "/b"] {
            tree.insert(TreePath::parse(path).unwrap(), directory(0o755, 1)).unwrap();
        }
        let below = |path: &str| -> Vec<_> {
            let path = TreePath::parse(path).unwrap();
            tree.below(&path).map(|(path, _)| path.to_string()).collect()
        };
        assert_eq!(below("/a"), ["/a/b", "/a/b/c"]);
        assert_eq!(below("/").len(), 5);
        assert_eq!(below("/b"), [""; 0]);
    }
}
