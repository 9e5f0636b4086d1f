//! Paths in a tree that is being made: links of the tree followed, directories that are only
//! implied (something lies below them) counted as directories.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::words::{Node, NodeKind, Problem, Tree, TreePath};

/// The kernel gives up after as many links.
pub(super) const MOST_LINKS: usize = 40;

/// What a tree has at a path once links are followed.
pub(super) enum Seen<'t> {
    /// A directory, declared or implied.
    Directory,
    /// Anything else: never a symbolic link.
    Node(&'t Node),
}

/// Follows an absolute path in the tree as the kernel would in the image.
pub(super) fn resolve<'t>(tree: &'t Tree, path: &[u8]) -> Result<(TreePath, Seen<'t>), Problem> {
    resolve_from(tree, TreePath::root(), path, 0)
}

/// The same from a real directory of the tree on, when as many links have been followed.
pub(super) fn resolve_from<'t>(
    tree: &'t Tree,
    directory: TreePath,
    path: &[u8],
    mut links: usize,
) -> Result<(TreePath, Seen<'t>), Problem> {
    let mut current = if path.starts_with(b"/") { TreePath::root() } else { directory };
    let mut pending = Vec::new();
    push_components(&mut pending, path);
    let mut seen = Seen::Directory;
    while let Some(name) = pending.pop() {
        if !matches!(seen, Seen::Directory) {
            return Err(Problem::NotADirectory);
        }
        match &*name {
            b"." => continue,
            b".." => {
                current = current.parent().unwrap_or_else(TreePath::root);
                continue;
            }
            _ if name.len() > 255 => return Err(Problem::NotFound),
            _ => {}
        }
        let next = current.join(&name);
        match tree.get(&next) {
            Some(node) => match &node.kind {
                NodeKind::Symlink { target } => {
                    links += 1;
                    if links > MOST_LINKS {
                        return Err(Problem::LinkLoop);
                    }
                    if target.starts_with(b"/") {
                        current = TreePath::root();
                    }
                    push_components(&mut pending, target);
                    continue;
                }
                NodeKind::Directory => {}
                NodeKind::File(_) | NodeKind::HardLink { .. } => seen = Seen::Node(node),
            },
            None if is_implied(tree, &next) => {}
            None => return Err(Problem::NotFound),
        }
        current = next;
    }
    Ok((current, seen))
}

/// Where a path leads by the links of the tree, whether or not anything is there: what is not in
/// the tree will be a directory or a file. Gives the links as well.
pub(super) fn lead(tree: &Tree, path: &[u8]) -> Result<(TreePath, Vec<TreePath>), Problem> {
    let mut current = TreePath::root();
    let mut pending = Vec::new();
    push_components(&mut pending, path);
    let mut links = Vec::new();
    while let Some(name) = pending.pop() {
        match &*name {
            b"." => continue,
            b".." => current = current.parent().unwrap_or_else(TreePath::root),
            _ => {
                let next = current.join(&name);
                let Some(NodeKind::Symlink { target }) = tree.get(&next).map(|node| &node.kind)
                else {
                    current = next;
                    continue;
                };
                if links.len() == MOST_LINKS {
                    return Err(Problem::LinkLoop);
                }
                if target.starts_with(b"/") {
                    current = TreePath::root();
                }
                push_components(&mut pending, target);
                links.push(next);
            }
        }
    }
    Ok((current, links))
}

/// Where an input is asked for what the image will find at `path`. A link of the image at `path`
/// itself decides; links of the image on the way do where the input has nothing at `path`.
pub(super) fn sought(tree: &Tree, path: &[u8], is_there: impl Fn(&[u8]) -> bool) -> Box<[u8]> {
    let Ok((led, links)) = lead(tree, path) else { return path.into() };
    let is_link = links.iter().any(|link| is_at(tree, link, path));
    if is_link || !links.is_empty() && !is_there(path) {
        led.as_bytes().into()
    } else {
        path.into()
    }
}

/// Whether `link` is what `path` names before the link itself is followed.
fn is_at(tree: &Tree, link: &TreePath, path: &[u8]) -> bool {
    let split = path.iter().rposition(|&b| b == b'/').map_or(0, |at| at + 1);
    let (directory, name) = path.split_at(split);
    !matches!(name, b"" | b"." | b"..")
        && lead(tree, directory).is_ok_and(|(directory, _)| directory.join(name) == *link)
}

/// Whether something lies below `path`, so that it must be a directory.
pub(super) fn is_implied(tree: &Tree, path: &TreePath) -> bool {
    tree.below(path).next().is_some()
}

/// Pushes the components of `path` so that the first one is popped first.
pub(super) fn push_components(pending: &mut Vec<Box<[u8]>>, path: &[u8]) {
    let components = path.rsplit(|&b| b == b'/').filter(|name| !name.is_empty());
    pending.extend(components.map(Box::from));
}
