//! What differs between two images: values in, values out. Nothing is read here: who compares asks
//! [`uncertain`] which files must be read to know, and brings their digests to [`paths`].
//!
//! ```text
//! item       one path of an image, as it is compared
//! change     one way in which a path differs
//! exclude    what is left out
//! settings   config and annotations
//! layers     the blobs, for who wants to know
//! ```

mod change;
mod exclude;
mod item;
mod layers;
mod settings;
#[cfg(test)]
mod tests;

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

pub use change::{Change, Turn};
pub use exclude::Exclude;
pub use item::{Identity, Item, Kind};
pub use layers::{Layer, LayerChange, layers};
pub use settings::{Setting, Settings, settings};

use serde::Serialize;

use crate::words::{Digest, TreePath};

/// What an image holds. A hard link points at a regular file of the same listing.
pub type Listing<'a> = BTreeMap<&'a TreePath, Item<'a>>;

/// The digests of files.
pub type Contents = BTreeMap<TreePath, Digest>;

/// Two sides of something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sides<T> {
    /// The first image's.
    pub before: T,
    /// The second image's.
    pub after: T,
}

/// One path that differs.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference<'a> {
    /// The path.
    pub path: &'a TreePath,
    /// In what.
    pub what: What<'a>,
}

/// How a path differs.
#[derive(Clone, Debug, PartialEq)]
pub enum What<'a> {
    /// Only the second image has it.
    Added(Item<'a>),
    /// Only the first image has it.
    Removed(Item<'a>),
    /// Both have it, and it is not the same.
    Changed(Vec<Change>),
}

/// The regular files that must be read to know whether they are the same, on each side by the name
/// that is the file's own.
pub fn uncertain(sides: Sides<&Listing<'_>>, exclude: &Exclude) -> Sides<BTreeSet<TreePath>> {
    let mut wanted = Sides::<BTreeSet<TreePath>>::default();
    for path in sides.before.keys().filter(|path| !exclude.has(path)) {
        let found = (file(sides.before, path), file(sides.after, path));
        if let (Some(before), Some(after)) = found
            && is_same(&before, &after).is_none()
        {
            wanted.before.insert(before.path.clone());
            wanted.after.insert(after.path.clone());
        }
    }
    wanted
}

/// All paths that differ, sorted, but those that are left out. `contents` holds the digests of what
/// is [`uncertain`].
pub fn paths<'a>(
    sides: Sides<&Listing<'a>>,
    contents: Sides<&Contents>,
    exclude: &Exclude,
) -> Vec<Difference<'a>> {
    let names = Sides { before: first_names(sides), after: first_names(sides.swapped()) };
    let all: BTreeSet<&'a TreePath> =
        sides.before.keys().chain(sides.after.keys()).copied().collect();
    let mut differences = Vec::new();
    for path in all.into_iter().filter(|path| !exclude.has(path)) {
        let what = match (sides.before.get(path), sides.after.get(path)) {
            (None, Some(after)) => What::Added(*after),
            (Some(before), None) => What::Removed(*before),
            (Some(before), Some(after)) => {
                let mut changes = change::of(Sides { before, after });
                changes.extend(content(sides, contents, path));
                changes.extend(shared(sides, &names, path));
                What::Changed(changes)
            }
            (None, None) => continue,
        };
        if what != What::Changed(Vec::new()) {
            differences.push(Difference { path, what });
        }
    }
    differences
}

/// How much an image holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Total {
    /// How many paths.
    pub paths: usize,
    /// How many bytes in files, each file once.
    pub bytes: u64,
}

/// How much an image holds, but what is left out.
pub fn total(listing: &Listing<'_>, exclude: &Exclude) -> Total {
    let mut total = Total::default();
    for (_, item) in listing.iter().filter(|(path, _)| !exclude.has(path)) {
        total.paths += 1;
        if let Kind::File { size, .. } = item.kind {
            total.bytes = total.bytes.saturating_add(size);
        }
    }
    total
}

impl<T> Sides<T> {
    fn swapped(self) -> Self {
        Self { before: self.after, after: self.before }
    }
}

/// A regular file, by the name that is its own.
struct File<'a> {
    path: &'a TreePath,
    size: u64,
    identity: Option<Identity>,
}

fn file<'a>(listing: &Listing<'a>, path: &TreePath) -> Option<File<'a>> {
    let (path, item) = listing.get_key_value(path)?;
    let (path, item) = match item.kind {
        Kind::HardLink { target } => listing.get_key_value(target)?,
        _ => (path, item),
    };
    match item.kind {
        Kind::File { size, identity } => Some(File { path, size, identity }),
        _ => None,
    }
}

/// Whether two files have the same content; none when they must be read to know.
fn is_same(before: &File<'_>, after: &File<'_>) -> Option<bool> {
    match () {
        () if before.size != after.size => Some(false),
        () if before.size == 0 => Some(true),
        () if before.identity.is_some() && before.identity == after.identity => Some(true),
        () => None,
    }
}

fn content(
    sides: Sides<&Listing<'_>>,
    contents: Sides<&Contents>,
    path: &TreePath,
) -> Option<Change> {
    let (before, after) = (file(sides.before, path)?, file(sides.after, path)?);
    let digests = (contents.before.get(before.path), contents.after.get(after.path));
    let is_same = is_same(&before, &after)
        .unwrap_or_else(|| matches!(digests, (Some(before), Some(after)) if before == after));
    (!is_same).then_some(Change::Content { before: before.size, after: after.size })
}

/// Of each file of the first side, by its own name: the first of its names that both sides have.
fn first_names<'a>(sides: Sides<&Listing<'a>>) -> BTreeMap<&'a TreePath, &'a TreePath> {
    let mut names = BTreeMap::new();
    for path in sides.before.keys().filter(|path| file(sides.after, path).is_some()) {
        if let Some(file) = file(sides.before, path) {
            names.entry(file.path).or_insert(*path);
        }
    }
    names
}

/// Which file a name stands for: names that one side alone has are told as such.
fn shared(
    sides: Sides<&Listing<'_>>,
    names: &Sides<BTreeMap<&TreePath, &TreePath>>,
    path: &TreePath,
) -> Option<Change> {
    let (before, after) = (file(sides.before, path)?, file(sides.after, path)?);
    let (before, after) = (names.before.get(before.path)?, names.after.get(after.path)?);
    let other = |name: &TreePath| (name != path).then(|| name.clone());
    (before != after).then(|| Change::Names { before: other(before), after: other(after) })
}
