//! What is worth knowing of how an image is divided: words of the manifest that take nothing.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::rule::{Rule, takes_node};
use super::{home, marked};
use crate::formats::manifest::{LayerGroup, Layers, Selector, Span};
use crate::plan::fault::Severity;
use crate::plan::planner::Planner;
use crate::words::{Node, NodeKind, TreePath};

impl Planner<'_> {
    /// Tells of layers that would be empty and of patterns that match nothing.
    pub(in crate::plan) fn check_layers(&mut self) {
        match &self.request.manifest.layers {
            Layers::Single | Layers::ByInput => {}
            Layers::ByPackage(span) => self.check_packages(*span),
            Layers::Groups(groups) => self.check_groups(groups),
        }
    }

    /// Inputs of which something is in the image, and no package is known.
    fn check_packages(&mut self, span: Span) {
        let (mut known, mut unknown) = (BTreeSet::<String>::new(), BTreeSet::<String>::new());
        let declared = &self.request.manifest.inputs;
        for (_, node, is_leaf) in marked(&self.placer.tree) {
            let Some(source) = node.provenance.source().filter(|_| is_leaf) else { continue };
            if source.package.is_some() {
                known.insert(source.input.clone());
            } else if declared.iter().any(|input| input.name.as_str() == source.input) {
                unknown.insert(source.input.clone());
            }
        }
        if known.is_empty() {
            let text = "`by-package` makes one layer: no input knows the packages of its files";
            self.find(Some(span), Severity::Warning, text.into());
            return;
        }
        for input in unknown.difference(&known) {
            let text = format!(
                "input {input} knows no packages: `by-package` leaves its files in the layer `{}`",
                Layers::REST
            );
            self.find(Some(span), Severity::Warning, text);
        }
    }

    fn check_groups(&mut self, groups: &[LayerGroup]) {
        let mut filled = BTreeSet::new();
        let mut matched = BTreeSet::new();
        let tree = &self.placer.tree;
        let rule = Rule::Groups(groups);
        for (path, node, _) in marked(tree).filter(|(.., is_leaf)| *is_leaf) {
            filled.insert(home(tree, &rule, path, node));
            matched.extend(matches(groups, path, node));
        }
        for (number, group) in groups.iter().enumerate() {
            let unmatched: Vec<_> = group
                .takes
                .iter()
                .enumerate()
                .filter(|(selector, _)| !matched.contains(&(number, *selector)))
                .map(|(_, selector)| selector)
                .collect();
            if filled.contains(&number) {
                for selector in unmatched {
                    self.find(Some(selector.span), Severity::Warning, nothing(&selector.value));
                }
                continue;
            }
            let why = match unmatched.len() == group.takes.len() {
                true => "nothing that it takes is in the image",
                false => "layers before it take all of that",
            };
            let text = format!("the layer `{}` is left out: {why}", group.name);
            self.find(Some(group.span), Severity::Warning, text);
        }
    }
}

/// The selectors that take a node, by the numbers of their group and their own.
fn matches(
    groups: &[LayerGroup],
    path: &TreePath,
    node: &Node,
) -> impl Iterator<Item = (usize, usize)> {
    // A hard link goes where its file goes.
    let is_link = matches!(node.kind, NodeKind::HardLink { .. });
    let groups = groups.iter().enumerate().filter(move |_| !is_link);
    groups.flat_map(move |(number, group)| {
        let selectors = group.takes.iter().enumerate();
        let takes = selectors.filter(move |(_, selector)| takes_node(selector, path, node));
        takes.map(move |(selector, _)| (number, selector))
    })
}

/// What a selector does not find.
fn nothing(selector: &Selector) -> String {
    match selector {
        Selector::Package(glob) => format!("no package of the image matches `{glob}`"),
        Selector::Path(glob) => {
            format!("no file, link or empty directory of the image matches `{glob}`")
        }
        Selector::Input(input) => format!("nothing of the image is from input {input}"),
    }
}
