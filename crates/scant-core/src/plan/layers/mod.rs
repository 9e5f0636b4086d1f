//! A tree to the trees of its layers: nothing is added, nothing is left out.
//!
//! What is divided are the *leaves*: files, links, and directories with nothing in them. Each is in
//! one layer, as itself. The directories above a leaf are repeated in every layer that has something
//! below them, with the same owner and mode, so that each layer is complete by itself and whoever
//! unpacks it makes no directory up. A layer has no other directories: one that changes does not
//! change layers that have nothing in it.
//!
//! A directory over a link of a lower layer replaces the link, and a link a directory
//! ([changesets](https://github.com/opencontainers/image-spec/blob/v1.1.1/layer.md#changeset-over-existing-files)).
//! Neither can happen here: a path of all layers is one node of one tree, and what lies above a node
//! of a planned tree is a directory, never a link.

mod findings;
mod rule;

use alloc::borrow::Cow;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::formats::manifest::{Layers, Manifest};
use crate::formats::provenance::Document;
use crate::words::{Node, NodeKind, Platform, Tree, TreePath};
use rule::Rule;

/// One layer of an image, before it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedLayer<'t> {
    /// Its name: no other layer of the image has it, and it does not depend on what is in the layer.
    pub name: String,
    /// What is in it.
    pub tree: Cow<'t, Tree>,
}

/// The layers of an image, lowest first. None of them is empty, but a tree without nodes has one
/// empty layer: an image must have one.
pub fn split<'t>(tree: &'t Tree, manifest: &Manifest) -> Vec<NamedLayer<'t>> {
    let rule = match &manifest.layers {
        Layers::Single => return Vec::from([whole("all".into(), tree)]),
        _ => Rule::new(tree, manifest),
    };
    let trees = divide(tree, &rule);
    let named = trees.into_iter().map(|(home, tree)| NamedLayer {
        name: rule.name(home).to_string(),
        tree: Cow::Owned(tree),
    });
    let layers: Vec<_> = named.collect();
    if layers.is_empty() { Vec::from([whole(Layers::REST.into(), tree)]) } else { layers }
}

fn whole(name: String, tree: &Tree) -> NamedLayer<'_> {
    NamedLayer { name, tree: Cow::Borrowed(tree) }
}

/// The trees of those layers that have something.
fn divide(tree: &Tree, rule: &Rule<'_>) -> BTreeMap<usize, Tree> {
    let mut trees = BTreeMap::<usize, Tree>::new();
    let mut above: Vec<Above<'_>> = Vec::new();
    for (path, node, is_leaf) in marked(tree) {
        // They lie in one another, so those that are left are at the end.
        while above.pop_if(|directory| path.below(directory.path).is_none()).is_some() {}
        if !is_leaf {
            above.push(Above { path, node, layers: BTreeSet::new() });
            continue;
        }
        let home = home(tree, rule, path, node);
        let layer = trees.entry(home).or_default();
        let directories = above.iter_mut().filter_map(|directory| {
            directory.layers.insert(home).then_some((directory.path, directory.node))
        });
        for (path, node) in directories.chain([(path, node)]) {
            let placed = layer.insert(path.clone(), node.clone());
            placed.expect("a tree has one node at a path");
        }
    }
    trees
}

/// A directory above the node that is looked at, and the layers that have it.
struct Above<'t> {
    path: &'t TreePath,
    node: &'t Node,
    layers: BTreeSet<usize>,
}

/// All nodes of a tree, each with whether it is a leaf.
fn marked(tree: &Tree) -> impl Iterator<Item = (&TreePath, &Node, bool)> {
    let mut nodes = tree.iter().peekable();
    core::iter::from_fn(move || {
        let (path, node) = nodes.next()?;
        // The contents of a directory come right after it.
        let has_contents = nodes.peek().is_some_and(|(next, _)| next.below(path).is_some());
        Some((path, node, node.kind != NodeKind::Directory || !has_contents))
    })
}

/// The layer of a leaf. All names of a file are in one: a hard link cannot lead to a lower layer.
fn home(tree: &Tree, rule: &Rule<'_>, path: &TreePath, node: &Node) -> usize {
    let (mut path, mut node) = (path, node);
    // Links may lead to links, but a tree does not have more of them than nodes.
    for _ in 0..tree.len() {
        let NodeKind::HardLink { target } = &node.kind else { break };
        let Some(file) = tree.get(target) else { break };
        (path, node) = (target, file);
    }
    rule.home(path, node)
}

/// The provenance document of an image of these layers. Where there are several, each leaf is told
/// with the layer that it is in.
pub fn document(tree: &Tree, platform: Platform, layers: &[NamedLayer<'_>]) -> Document {
    let mut document = Document::of(tree, platform);
    if layers.len() > 1 {
        let leaves = layers.iter().flat_map(|layer| {
            let leaves = marked(&layer.tree).filter(|(.., is_leaf)| *is_leaf);
            leaves.map(|(path, ..)| (path, &layer.name))
        });
        let names: BTreeMap<_, _> = leaves.collect();
        for entry in &mut document.nodes {
            entry.layer = names.get(&entry.path).map(|name| (*name).clone());
        }
    }
    document
}
