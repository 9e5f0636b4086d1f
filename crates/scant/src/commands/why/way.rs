//! A path of an image, followed through the links that its provenance document lists.

use scant_core::formats::provenance::{Document, Entry, Kind};
use scant_core::words::{Escaped, TreePath};

/// A path followed through the links of the image.
pub(super) struct Way<'d> {
    /// The path as it was asked for.
    pub(super) asked: TreePath,
    /// The links on the way.
    pub(super) links: Vec<&'d Entry>,
    /// What it leads to.
    pub(super) end: Option<&'d Entry>,
    /// The nearest directory of the image above it, when it leads nowhere.
    pub(super) nearest: TreePath,
    /// Where it would be, with those links followed, when it leads nowhere.
    pub(super) place: TreePath,
}

impl<'d> Way<'d> {
    pub(super) fn to(path: &TreePath, document: &'d Document) -> Self {
        let mut way = Self {
            asked: path.clone(),
            links: Vec::new(),
            end: None,
            nearest: TreePath::root(),
            place: path.clone(),
        };
        let mut pending: Vec<Vec<u8>> = path.components().map(<[u8]>::to_vec).collect();
        pending.reverse();
        let mut current = TreePath::root();
        while let Some(name) = pending.pop() {
            current = step(current, &name);
            if name == b".." || name == b"." {
                continue;
            }
            let Some(entry) = document.get(&current) else {
                way.place = pending.iter().rev().fold(current, |place, name| step(place, name));
                return way;
            };
            match &entry.kind {
                // What was asked for may be the link itself: then its own reasons are told too.
                Kind::Symlink { target } if way.links.len() < 40 => {
                    way.links.push(entry);
                    let target = Escaped::parse(target).unwrap_or_default();
                    current = match target.starts_with(b"/") {
                        true => TreePath::root(),
                        false => current.parent().unwrap_or_else(TreePath::root),
                    };
                    let names = target.rsplit(|&b| b == b'/').filter(|name| !name.is_empty());
                    pending.extend(names.map(<[u8]>::to_vec));
                }
                Kind::Symlink { .. } => return way,
                Kind::Directory => way.nearest = current.clone(),
                Kind::File { .. } | Kind::HardLink { .. } if !pending.is_empty() => return way,
                Kind::File { .. } | Kind::HardLink { .. } => {}
            }
        }
        way.end = document.get(&current);
        way
    }

    /// Whether an entry is what was asked for, or what that leads to.
    pub(super) fn is_about(&self, entry: &Entry) -> bool {
        entry.path == self.asked || self.end.is_some_and(|end| end.path == entry.path)
    }

    /// The entries to tell about: links first, then what they lead to.
    pub(super) fn entries(&self) -> impl Iterator<Item = &'d Entry> {
        let links = self.links.iter().copied();
        links.chain(self.end.filter(|end| self.links.iter().all(|link| link.path != end.path)))
    }
}

/// One component further.
fn step(from: TreePath, name: &[u8]) -> TreePath {
    match name {
        b"." => from,
        b".." => from.parent().unwrap_or(from),
        name => from.join(name),
    }
}
