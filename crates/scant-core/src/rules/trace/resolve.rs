//! A name as a process gave it, followed through the links of an image's tree as the kernel does in
//! that image: [path_resolution(7)](https://man7.org/linux/man-pages/man7/path_resolution.7.html).

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::words::{Access, LastLink, NodeKind, Tree, TreePath};

/// The kernel gives up after as many links, `MAXSYMLINKS`.
const MOST_LINKS: usize = 40;

/// Where a name leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Led {
    /// The path without links, as far as they lead.
    pub path: TreePath,
    /// The links that were followed, in their order.
    pub hops: Vec<TreePath>,
    /// What the tree has there.
    pub there: There,
}

/// What a tree has at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum There {
    Nothing,
    Directory,
    File,
    /// Only where the last link is not followed.
    Link,
}

/// Where an access leads; none when its name is no path.
pub(super) fn of_access(tree: &Tree, access: &Access) -> Option<Led> {
    let path = match (&*access.name, &*access.directory) {
        (b"", directory) => directory.to_vec(),
        (name, _) if name.starts_with(b"/") => name.to_vec(),
        (name, directory) => [directory, b"/", name].concat(),
    };
    follow(tree, &path, access.last)
}

/// Follows an absolute path. None for what is no path that the kernel takes.
pub fn follow(tree: &Tree, path: &[u8], last: LastLink) -> Option<Led> {
    if !path.starts_with(b"/") || path.contains(&0) || path.len() > 4095 {
        return None;
    }
    let mut pending: Vec<Box<[u8]>> = Vec::new();
    push(&mut pending, path);
    // A slash at the end follows a link at the end.
    let keeps = last == LastLink::Keep && !path.ends_with(b"/");
    let mut led = Led { path: TreePath::root(), hops: Vec::new(), there: There::Directory };
    while let Some(name) = pending.pop() {
        match &*name {
            b"." => continue,
            b".." => {
                led.path = led.path.parent().unwrap_or_else(TreePath::root);
                led.there = there(tree, &led.path);
                continue;
            }
            _ if name.len() > 255 => return None,
            _ => {}
        }
        let next = led.path.join(&name);
        if let Some(NodeKind::Symlink { target }) = tree.get(&next).map(|node| &node.kind)
            && !(keeps && pending.is_empty())
        {
            if led.hops.len() >= MOST_LINKS {
                return None;
            }
            if target.starts_with(b"/") {
                led.path = TreePath::root();
            }
            push(&mut pending, target);
            led.hops.push(next);
            led.there = there(tree, &led.path);
            continue;
        }
        led.there = there(tree, &next);
        led.path = next;
    }
    Some(led)
}

/// What the tree has at a path whose directories are real ones.
pub(super) fn there(tree: &Tree, path: &TreePath) -> There {
    match tree.get(path).map(|node| &node.kind) {
        _ if path.is_root() => There::Directory,
        Some(NodeKind::Directory) => There::Directory,
        Some(NodeKind::File(_) | NodeKind::HardLink { .. }) => There::File,
        Some(NodeKind::Symlink { .. }) => There::Link,
        // Something lies below it: it will be a directory.
        None if tree.below(path).next().is_some() => There::Directory,
        None => There::Nothing,
    }
}

/// Pushes the components of `path` so that the first one is popped first.
fn push(pending: &mut Vec<Box<[u8]>>, path: &[u8]) {
    let components = path.rsplit(|&b| b == b'/').filter(|name| !name.is_empty());
    pending.extend(components.map(Box::from));
}
