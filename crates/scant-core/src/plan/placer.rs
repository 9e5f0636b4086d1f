//! Where a path lands in the image. Links that the manifest declares are followed; links that the
//! input has on the way (merged `/usr`, soname links) are brought along, each with its reason.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use super::fault::FaultKind;
use super::tree_view::{self, MOST_LINKS, Seen};
use crate::rules::View;
use crate::words::{
    Conflict, Escaped, InputName, Meta, Mode, Node, NodeKind, Provenance, Source, Tree, TreePath,
    Why,
};

/// In layers, a name that starts so says that the rest of the name is removed
/// ([whiteouts](https://github.com/opencontainers/image-spec/blob/v1.1.1/layer.md#whiteouts)).
const WHITEOUT: &[u8] = b".wh.";

/// The longest path that Linux opens: `PATH_MAX` without the NUL at its end. Nothing in a container
/// could reach what is deeper.
pub(super) const LONGEST_PATH: usize = 4095;

/// The tree in the making.
#[derive(Default)]
pub(super) struct Placer {
    pub(super) tree: Tree,
    /// Whether two nodes claimed one path: what lies below it may lie below what is no directory.
    has_refused: bool,
}

/// The way to a file in the input it is taken from: its links come along.
#[derive(Clone, Copy)]
pub(super) struct Route<'r> {
    pub(super) input: &'r InputName,
    pub(super) view: &'r View<'r>,
}

/// What is done with a link that is the last component.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Last {
    /// It is followed: what is placed is what it points at.
    Follow,
    /// It is where the new node goes, so that two declarations meet there.
    Stay,
}

/// A link of the input on the way.
struct Brought {
    at: TreePath,
    target: Box<[u8]>,
    source: TreePath,
}

impl Placer {
    /// Finds where `path` lands, and brings the links of the route along. Without a route only
    /// links that are in the tree already count.
    pub(super) fn land(
        &mut self,
        path: &[u8],
        route: Option<Route<'_>>,
        last: Last,
    ) -> Result<TreePath, FaultKind> {
        let mut walk = Walk {
            image: TreePath::root(),
            source: route.map(|_| TreePath::root()),
            pending: Vec::new(),
            links: 0,
            brought: Vec::new(),
            through: Vec::new(),
        };
        tree_view::push_components(&mut walk.pending, path);
        while let Some(name) = walk.pending.pop() {
            self.step(&mut walk, &name, route, last, path)?;
        }
        let Walk { image, brought, through, .. } = walk;
        for link in brought {
            let input = route.map(|route| route.input.as_str().into()).unwrap_or_default();
            let source = Source { input, path: link.source, package: None };
            let why = Why::Link { to: image.clone() };
            let node = Node {
                kind: NodeKind::Symlink { target: link.target },
                meta: Meta::new(Mode::SYMLINK),
                provenance: Provenance::new(Some(source), why),
            };
            reachable(&link.at)?;
            self.tree.insert(link.at, node).map_err(FaultKind::Conflict)?;
        }
        for link in through {
            if let Some(provenance) = self.tree.provenance_mut(&link) {
                provenance.add(Why::Link { to: image.clone() });
            }
        }
        Ok(image)
    }

    fn step(
        &self,
        walk: &mut Walk,
        name: &[u8],
        route: Option<Route<'_>>,
        last: Last,
        path: &[u8],
    ) -> Result<(), FaultKind> {
        match name {
            b"." => return Ok(()),
            b".." => {
                walk.image = walk.image.parent().unwrap_or_else(TreePath::root);
                walk.source = walk.source.take().map(|s| s.parent().unwrap_or_else(TreePath::root));
                return Ok(());
            }
            _ => {}
        }
        let shown = || alloc::format!("{}", Escaped(path));
        let above = self.tree.get(&walk.image).map(|node| &node.kind);
        if let Some(NodeKind::File(_) | NodeKind::HardLink { .. }) = above {
            return Err(FaultKind::BelowFile { path: shown(), file: walk.image.clone() });
        }
        let next = walk.image.join(name);
        let is_last = walk.pending.is_empty();
        let in_input = walk.link_of_input(name, route);
        match self.tree.get(&next).map(|node| &node.kind) {
            Some(NodeKind::Symlink { target }) => {
                // A file that keeps its place does not go through a link of the image there: the two
                // disagree.
                if is_last && (last == Last::Stay || walk.has_file(name, route)) {
                    walk.advance(next, name, route);
                    return Ok(());
                }
                walk.count_link().ok_or_else(|| FaultKind::LinkLoop { path: shown() })?;
                if in_input.as_deref() == Some(&**target) {
                    walk.through.push(next);
                    walk.follow(target);
                } else {
                    // The image goes another way than the input from here on.
                    let led = tree_view::lead(&self.tree, next.as_bytes());
                    let (image, links) = led.map_err(|_| FaultKind::LinkLoop { path: shown() })?;
                    walk.through.extend(links);
                    walk.source = walk.past_or_at(name, &image, route);
                    walk.image = image;
                }
            }
            Some(_) => walk.advance(next, name, route),
            None if tree_view::is_implied(&self.tree, &next) => walk.advance(next, name, route),
            None => match in_input {
                Some(target) if !(is_last && last == Last::Stay) => {
                    walk.count_link().ok_or_else(|| FaultKind::LinkLoop { path: shown() })?;
                    if walk.is_elsewhere() && climbs(&target) {
                        // In the image the link would lead somewhere else: what it points at takes
                        // its place.
                        walk.advance(next, name, route);
                        return Ok(());
                    }
                    let source = walk.source.clone().unwrap_or_else(TreePath::root).join(name);
                    let known = walk.brought.iter().any(|link| link.at == next);
                    if !known {
                        walk.brought.push(Brought { at: next, target: target.clone(), source });
                    }
                    walk.follow(&target);
                }
                _ => walk.advance(next, name, route),
            },
        }
        Ok(())
    }

    /// Puts a declared node into the tree.
    pub(super) fn declare(&mut self, path: TreePath, node: Node) -> Result<(), FaultKind> {
        let placed = self.try_declare(path, node);
        self.has_refused |= matches!(placed, Err(FaultKind::Conflict(_)));
        placed
    }

    fn try_declare(&mut self, path: TreePath, node: Node) -> Result<(), FaultKind> {
        reachable(&path)?;
        if path.components().any(|name| name.starts_with(WHITEOUT)) {
            return Err(FaultKind::Whiteout { path });
        }
        if node.kind != NodeKind::Directory && tree_view::is_implied(&self.tree, &path) {
            let implied = self.tree.below(&path).next().map(|(_, node)| node.provenance.clone());
            let first = Node {
                kind: NodeKind::Directory,
                meta: Meta::new(Mode::EXECUTABLE),
                provenance: implied.unwrap_or_else(|| node.provenance.clone()),
            };
            let conflict = Conflict { path, first: Box::new(first), second: Box::new(node) };
            return Err(FaultKind::Conflict(Box::new(conflict)));
        }
        self.tree.insert(path, node).map_err(FaultKind::Conflict)
    }

    /// Puts a node into the tree because something needs it: what is declared there already stays
    /// as it is declared, and gains the reason.
    pub(super) fn need(&mut self, path: TreePath, node: Node) -> Result<(), FaultKind> {
        let is_same = self.tree.get(&path).is_some_and(|known| known.kind == node.kind);
        match self.tree.provenance_mut(&path) {
            Some(provenance) if is_same => {
                provenance.merge(node.provenance);
                Ok(())
            }
            _ => self.declare(path, node),
        }
    }

    /// What the image has at `path`, links followed.
    pub(super) fn seen(&self, path: &[u8]) -> Option<(TreePath, Seen<'_>)> {
        tree_view::resolve(&self.tree, path).ok()
    }

    /// As [`Placer::seen`] for what lies in the tree at `path` itself. What is above it is known to
    /// be directories, so they are not walked through: a tree may be deep and have many links.
    pub(super) fn seen_at(&self, path: &TreePath) -> Option<(TreePath, Seen<'_>)> {
        match self.tree.get(path).map(|node| &node.kind) {
            Some(NodeKind::Symlink { target }) if !self.has_refused => {
                let above = path.parent().unwrap_or_else(TreePath::root);
                tree_view::resolve_from(&self.tree, above, target, 1).ok()
            }
            _ => self.seen(path.as_bytes()),
        }
    }
}

/// The state of one walk: where it is in the image and, as long as both go the same way, in the
/// input.
struct Walk {
    image: TreePath,
    source: Option<TreePath>,
    pending: Vec<Box<[u8]>>,
    links: usize,
    brought: Vec<Brought>,
    through: Vec<TreePath>,
}

impl Walk {
    /// The text of the link that the input has at `name`, if it is one.
    fn link_of_input(&self, name: &[u8], route: Option<Route<'_>>) -> Option<Box<[u8]>> {
        let at = self.source.as_ref()?.join(name);
        let entry = route?.view.lookup(&at).ok()??;
        entry.link_target().map(Box::from)
    }

    /// Whether the input has a file at `name`.
    fn has_file(&self, name: &[u8], route: Option<Route<'_>>) -> bool {
        let at = self.source.as_ref().map(|source| source.join(name));
        let entry = at.zip(route).and_then(|(at, route)| route.view.lookup(&at).ok()?);
        entry.is_some_and(|entry| entry.file_size().is_some())
    }

    /// Takes the way of a link that both have.
    fn follow(&mut self, target: &[u8]) {
        if target.starts_with(b"/") {
            self.image = TreePath::root();
            self.source = self.source.take().map(|_| TreePath::root());
        }
        tree_view::push_components(&mut self.pending, target);
    }

    /// Goes one component down in both.
    fn advance(&mut self, next: TreePath, name: &[u8], route: Option<Route<'_>>) {
        self.source = self.past(name, route);
        self.image = next;
    }

    /// Where the input is after `name`, its own links followed.
    fn past(&self, name: &[u8], route: Option<Route<'_>>) -> Option<TreePath> {
        let at = self.source.as_ref()?.join(name);
        match self.link_of_input(name, route) {
            Some(_) => route?.view.resolve(at.as_bytes()).ok().map(|found| found.path),
            None => Some(at),
        }
    }

    /// As [`Walk::past`]; where the input has nothing there, the place that the image goes to.
    fn past_or_at(
        &self,
        name: &[u8],
        image: &TreePath,
        route: Option<Route<'_>>,
    ) -> Option<TreePath> {
        let past = self.past(name, route)?;
        let view = route?.view;
        match view.lookup(&past) {
            Ok(None) => view.resolve(image.as_bytes()).ok().map(|found| found.path).or(Some(past)),
            _ => Some(past),
        }
    }

    /// Whether the image is at another place than the input.
    fn is_elsewhere(&self) -> bool {
        self.source.as_ref().is_some_and(|source| *source != self.image)
    }

    fn count_link(&mut self) -> Option<()> {
        self.links += 1;
        (self.links <= MOST_LINKS).then_some(())
    }
}

/// Refuses a path that is too long to be opened.
pub(super) fn reachable(path: &TreePath) -> Result<(), FaultKind> {
    match path.as_bytes().len() > LONGEST_PATH {
        true => Err(FaultKind::PathTooLong { path: path.clone() }),
        false => Ok(()),
    }
}

/// Whether a link's text leads out of its directory by `..`.
fn climbs(target: &[u8]) -> bool {
    !target.starts_with(b"/") && target.split(|&b| b == b'/').any(|name| name == b"..")
}

/// A path with its input, as references are written: `HOST/usr/bin/x`.
pub(super) fn named(input: &InputName, path: &TreePath) -> String {
    alloc::format!("{input}{path}")
}
