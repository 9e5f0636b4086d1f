//! Which layer a leaf goes into. Layers are numbered, lowest first; the last takes what no other
//! does: what is of no input or package, what the manifest alone declares, and what scant makes.
//! That changes most often, and a layer that changes is best above those that do not.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Reverse;

use super::marked;
use crate::formats::manifest::{InputDeclaration, LayerGroup, Layers, Manifest, Selector};
use crate::words::{Escaped, Node, NodeKind, Source, Tree, TreePath};

/// How many packages have a layer of their own at the most. With the layer of the other packages and
/// the last one that makes ten: each layer costs whoever pulls the image a request, engines fetch
/// only three to six at once, and what is gained by dividing further is little, as packages beyond
/// the largest few are small. Another number changes the bytes of every image divided by package.
const OWN_LAYERS: usize = 8;

/// The name of the layer of all packages that have none of their own. No package's layer is called
/// so: theirs begin with an input, which is in capitals.
const OTHER_PACKAGES: &str = "other-packages";

/// A rule for one tree.
pub(super) enum Rule<'m> {
    Inputs(&'m [InputDeclaration]),
    Packages(Packages),
    Groups(&'m [LayerGroup]),
}

/// A package of an input. Packages of one name in two inputs are two packages.
type Package = (String, String);

/// Which packages have which layer.
pub(super) struct Packages {
    /// Those with a layer of their own, sorted.
    own: Vec<(Package, String)>,
    /// Whether there are others, which share one.
    has_others: bool,
}

impl<'m> Rule<'m> {
    /// The rule of a manifest for this tree.
    pub(super) fn new(tree: &Tree, manifest: &'m Manifest) -> Self {
        match &manifest.layers {
            Layers::Single => Self::Groups(&[]),
            Layers::ByInput => Self::Inputs(&manifest.inputs),
            Layers::ByPackage(_) => Self::Packages(Packages::of(tree)),
            Layers::Groups(groups) => Self::Groups(groups),
        }
    }

    /// The name of a layer.
    pub(super) fn name(&self, number: usize) -> &str {
        let name = match self {
            Self::Inputs(inputs) => inputs.get(number).map(|input| input.name.as_str()),
            Self::Packages(packages) => packages.name(number),
            Self::Groups(groups) => groups.get(number).map(|group| &*group.name),
        };
        name.unwrap_or(Layers::REST)
    }

    /// The layer of a node that is no hard link.
    pub(super) fn home(&self, path: &TreePath, node: &Node) -> usize {
        let source = node.provenance.source();
        match self {
            Self::Inputs(inputs) => inputs
                .iter()
                .position(|input| source.is_some_and(|source| source.input == input.name.as_str()))
                .unwrap_or(inputs.len()),
            Self::Packages(packages) => packages.home(source),
            Self::Groups(groups) => groups
                .iter()
                .position(|group| group.takes.iter().any(|takes| takes_node(takes, path, node)))
                .unwrap_or(groups.len()),
        }
    }
}

/// Whether a selector takes a node, whatever groups before it do.
pub(super) fn takes_node(selector: &Selector, path: &TreePath, node: &Node) -> bool {
    let source = node.provenance.source();
    match selector {
        Selector::Package(glob) => source
            .and_then(|source| source.package.as_ref())
            .is_some_and(|package| fast_glob::glob_match(glob, package)),
        // As with `include`: a slash at the end says that a directory is meant, and nothing more.
        Selector::Path(glob) => {
            fast_glob::glob_match(glob.trim_end_matches('/').as_bytes(), path.as_bytes())
        }
        Selector::Input(input) => source.is_some_and(|source| source.input == input.as_str()),
    }
}

impl Packages {
    /// The largest packages of a tree, in the order of their names: a package that grows a little
    /// may then take another's place, but does not move the layers of all between.
    fn of(tree: &Tree) -> Self {
        let mut sizes = BTreeMap::<Package, u64>::new();
        for (_, node, is_leaf) in marked(tree) {
            let package = node.provenance.source().and_then(package_of);
            if let Some(package) = package.filter(|_| is_leaf) {
                let size = match &node.kind {
                    NodeKind::File(file) => file.size,
                    _ => 0,
                };
                let total = sizes.entry(package).or_default();
                *total = total.saturating_add(size);
            }
        }
        let mut packages: Vec<_> = sizes.into_iter().collect();
        packages
            .sort_by(|(a, size_a), (b, size_b)| (Reverse(size_a), a).cmp(&(Reverse(size_b), b)));
        // One package alone is not "the others".
        let count = if packages.len() <= OWN_LAYERS + 1 { packages.len() } else { OWN_LAYERS };
        let has_others = packages.len() > count;
        let own: BTreeSet<Package> = packages.drain(..count).map(|(package, _)| package).collect();
        let named = |package: Package| {
            let name = format!("{}:{}", package.0, Escaped(package.1.as_bytes()));
            (package, name)
        };
        Self { own: own.into_iter().map(named).collect(), has_others }
    }

    fn name(&self, number: usize) -> Option<&str> {
        match self.own.get(number) {
            Some((_, name)) => Some(name),
            None => (self.has_others && number == self.own.len()).then_some(OTHER_PACKAGES),
        }
    }

    fn home(&self, source: Option<&Source>) -> usize {
        match source.and_then(package_of) {
            None => self.own.len() + usize::from(self.has_others),
            Some(package) => {
                let own = self.own.binary_search_by(|(known, _)| known.cmp(&package));
                own.unwrap_or(self.own.len())
            }
        }
    }
}

fn package_of(source: &Source) -> Option<Package> {
    Some((source.input.clone(), source.package.clone()?))
}
