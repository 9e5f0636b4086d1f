//! What holds of the layers of any tree, by any rule.

use std::collections::BTreeSet;

use proptest::prelude::*;
use scant_core::formats::manifest::{self, Manifest};
use scant_core::formats::tar;
use scant_core::plan::{NamedLayer, document, split};
use scant_core::words::{
    Architecture, Content, FileContent, InputName, Meta, Mode, Node, NodeKind, Place, Platform,
    Provenance, Section, Source, Tree, TreePath, Why,
};

/// What is put at a path, if nothing is there and all above it are directories.
#[derive(Clone, Debug)]
struct Wish {
    path: Vec<&'static str>,
    kind: u8,
    number: u64,
    input: Option<&'static str>,
    package: Option<&'static str>,
}

fn wish() -> impl Strategy<Value = Wish> {
    let name = prop::sample::select(vec!["a", "b", "a-b", "usr"]);
    let input = prop::option::weighted(0.8, prop::sample::select(vec!["A", "B", "manifest"]));
    let packages = vec!["p0", "p1", "p2", "p3", "p4", "p5", "p6", "p7", "rest", "other-packages"];
    let package = prop::option::weighted(0.7, prop::sample::select(packages));
    (prop::collection::vec(name, 1..5), 0..7_u8, 0..4_u64, input, package).prop_map(
        |(path, kind, number, input, package)| Wish { path, kind, number, input, package },
    )
}

/// The paths and nodes of a tree, directories above all included.
fn nodes(wishes: &[Wish]) -> Vec<(TreePath, Node)> {
    let mut tree = Tree::default();
    for wish in wishes {
        let path = TreePath::parse(format!("/{}", wish.path.join("/"))).unwrap();
        let is_blocked =
            |above: &TreePath| tree.get(above).is_some_and(|node| node.kind != NodeKind::Directory);
        if tree.get(&path).is_some() || path.ancestors().any(|above| is_blocked(&above)) {
            continue;
        }
        for above in path.ancestors().filter(|above| !above.is_root()) {
            if tree.get(&above).is_none() {
                let why = Why::Parent { of: path.clone() };
                let node = node(NodeKind::Directory, wish.number, None, why);
                tree.insert(above, node).unwrap();
            }
        }
        let place = Place { section: Section::Data, line: 1 };
        let node = node(
            kind(wish, &path, &tree),
            wish.number,
            source(wish, &path),
            Why::Declared { place, reason: None },
        );
        tree.insert(path, node).unwrap();
    }
    tree.iter().map(|(path, node)| (path.clone(), node.clone())).collect()
}

fn kind(wish: &Wish, path: &TreePath, tree: &Tree) -> NodeKind {
    let is_file = |node: &Node| matches!(node.kind, NodeKind::File(_) | NodeKind::HardLink { .. });
    let file = tree.iter().filter(|(_, node)| is_file(node)).nth(wish.number as usize);
    match (wish.kind, file) {
        (0, _) => NodeKind::Directory,
        (1, _) => NodeKind::Symlink { target: b"a".as_slice().into() },
        (2 | 3, Some((target, _))) => NodeKind::HardLink { target: target.clone() },
        _ => {
            let content = Content { input: InputName::new("A"), path: path.clone() };
            NodeKind::File(FileContent { content, size: wish.number, stamp: None })
        }
    }
}

fn source(wish: &Wish, path: &TreePath) -> Option<Source> {
    let package = wish.package.map(str::to_string);
    wish.input.map(|input| Source { input: input.into(), path: path.clone(), package })
}

fn node(kind: NodeKind, number: u64, source: Option<Source>, why: Why) -> Node {
    let meta = Meta::new(Mode::from_bits(0o700 + number as u32));
    Node { kind, meta, provenance: Provenance::new(source, why) }
}

fn tree_of<'n>(nodes: impl Iterator<Item = &'n (TreePath, Node)>) -> Tree {
    let mut tree = Tree::default();
    nodes.for_each(|(path, node)| tree.insert(path.clone(), node.clone()).unwrap());
    tree
}

/// Manifests that divide in every way.
fn rules() -> Vec<Manifest> {
    let groups = "
  - {name: one, packages: [p0, 'p[12]'], paths: ['/usr/**']}
  - {name: two, inputs: [B]}
  - {name: none, packages: [p0]}
  - {name: three, paths: ['!/a/**']}";
    [
        "single",
        "by-input",
        "by-package",
        groups,
        "\n  - {name: all, paths: ['/**']}",
        "\n  - {name: files, paths: ['/a', '/a/*']}",
    ]
    .map(|rule| {
        let text =
            format!("inputs: {{A: {{backend: host}}, B: {{backend: host}}}}\nlayers: {rule}");
        manifest::parse(&text).unwrap()
    })
    .to_vec()
}

fn homes<'l>(layers: &'l [NamedLayer<'_>], path: &TreePath) -> Vec<&'l Node> {
    layers.iter().filter_map(|layer| layer.tree.get(path)).collect()
}

fn check(tree: &Tree, layers: &[NamedLayer<'_>]) {
    let is_leaf = |path: &TreePath| {
        tree.get(path).unwrap().kind != NodeKind::Directory || tree.below(path).next().is_none()
    };
    // Everything is somewhere: a leaf once, a directory in each layer with something below it.
    for (path, node) in tree.iter() {
        let homes = homes(layers, path);
        assert!(homes.iter().all(|home| *home == node), "{path} changes");
        let expected = match is_leaf(path) {
            true => 1,
            false => layers.iter().filter(|l| l.tree.below(path).next().is_some()).count(),
        };
        assert_eq!(homes.len(), expected, "{path}");
        assert!(expected > 0, "{path} is lost");
    }
    // One over the other they are the tree, and nothing else.
    let mut merged = Tree::default();
    for layer in layers {
        for (path, node) in layer.tree.iter() {
            match merged.get(path) {
                None => merged.insert(path.clone(), node.clone()).unwrap(),
                Some(below) => assert_eq!((below, &node.kind), (node, &NodeKind::Directory)),
            }
        }
    }
    assert_eq!(merged, *tree);
    for layer in layers {
        // Each is complete by itself: parents, and the files of hard links.
        for (path, _) in layer.tree.iter() {
            for above in path.ancestors().filter(|above| !above.is_root()) {
                let kind = layer.tree.get(&above).map(|node| &node.kind);
                assert_eq!(kind, Some(&NodeKind::Directory), "{above} in {}", layer.name);
            }
        }
        assert!(tar::recipe(&layer.tree, 0).is_ok(), "{}", layer.name);
        assert!(!layer.tree.is_empty() || tree.is_empty(), "{} is empty", layer.name);
    }
    assert!(!layers.is_empty());
    // No two are equal, in name or content: a blob is never there twice.
    let names: BTreeSet<_> = layers.iter().map(|layer| &layer.name).collect();
    assert_eq!(names.len(), layers.len(), "{names:?}");
    for (number, layer) in layers.iter().enumerate() {
        assert!(layers[..number].iter().all(|other| other.tree != layer.tree), "{}", layer.name);
    }
    // The provenance says it for each leaf where there are several.
    for entry in document(tree, Platform::linux(Architecture::Amd64), layers).nodes {
        let named = layers.iter().find(|layer| layer.tree.get(&entry.path).is_some());
        let name = named.filter(|_| layers.len() > 1 && is_leaf(&entry.path));
        assert_eq!(entry.layer.as_ref(), name.map(|layer| &layer.name), "{}", entry.path);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn layers_are_the_tree(
        wishes in prop::collection::vec(wish(), 0..40),
        order in any::<u64>(),
    ) {
        let nodes = nodes(&wishes);
        let tree = tree_of(nodes.iter());
        // Some other order: nodes sorted by a mix of their number and `order`.
        let mut other: Vec<_> = (0_u64..).zip(&nodes).collect();
        other.sort_by_key(|(number, _)| (number ^ order).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let reordered = tree_of(other.into_iter().map(|(_, node)| node));
        for manifest in rules() {
            let layers = split(&tree, &manifest);
            check(&tree, &layers);
            prop_assert_eq!(&layers, &split(&reordered, &manifest));
            prop_assert!(layers.len() <= 10);
        }
    }
}
