//! One way in which a path of two images differs, and how that reads.

use alloc::collections::BTreeSet;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use serde::Serialize;

use super::{Item, Kind, Sides};
use crate::words::{Escaped, OneLine, TreePath};

/// One way in which a path differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub enum Change {
    /// It is something else.
    Type {
        /// What it was, in words.
        before: &'static str,
        /// What it is, in words.
        after: &'static str,
    },
    /// The file holds other bytes.
    Content {
        /// How many there were.
        before: u64,
        /// How many there are.
        after: u64,
    },
    /// The symbolic link holds another text.
    Target {
        /// The old text, escaped.
        before: String,
        /// The new text, escaped.
        after: String,
    },
    /// The permission bits.
    Mode {
        /// The old ones.
        before: String,
        /// The new ones.
        after: String,
    },
    /// Owner or group.
    Owner {
        /// `uid:gid`.
        before: String,
        /// `uid:gid`.
        after: String,
    },
    /// An extended attribute.
    Xattr {
        /// Its full name.
        name: String,
        /// What became of it.
        turn: Turn,
    },
    /// Which names stand for one file, of the names that both images have.
    Names {
        /// The first of the other names that the file had; none when this was the first.
        before: Option<TreePath>,
        /// The first of the other names that it has.
        after: Option<TreePath>,
    },
    /// The modification time.
    Time {
        /// Seconds since 1970.
        before: i64,
        /// Seconds since 1970.
        after: i64,
    },
}

/// What became of something that has a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Turn {
    /// It was not there.
    Added,
    /// It is gone.
    Removed,
    /// It has another value.
    Changed,
}

/// All that two items of one path say themselves. Content and names are another matter.
pub(super) fn of(sides: Sides<&Item<'_>>) -> Vec<Change> {
    let Sides { before, after } = sides;
    let mut changes = Vec::new();
    let types = (before.kind.describe(), after.kind.describe());
    if types.0 != types.1 {
        changes.push(Change::Type { before: types.0, after: types.1 });
    }
    if let (Kind::Symlink { target: old }, Kind::Symlink { target: new }) =
        (before.kind, after.kind)
        && old != new
    {
        let [before, after] = [old, new].map(|target| Escaped(target).to_string());
        changes.push(Change::Target { before, after });
    }
    // Linux ignores the mode of a symbolic link, and archives write what they like.
    let has_mode = |item: &Item<'_>| !matches!(item.kind, Kind::Symlink { .. });
    if before.mode != after.mode && has_mode(before) && has_mode(after) {
        let [before, after] = [before, after].map(|item| item.mode.to_string());
        changes.push(Change::Mode { before, after });
    }
    if (before.uid, before.gid) != (after.uid, after.gid) {
        let [before, after] = [before, after].map(|it| alloc::format!("{}:{}", it.uid, it.gid));
        changes.push(Change::Owner { before, after });
    }
    changes.extend(xattrs(sides));
    if let (Some(before), Some(after)) = (before.mtime, after.mtime)
        && before != after
    {
        changes.push(Change::Time { before, after });
    }
    changes
}

fn xattrs(sides: Sides<&Item<'_>>) -> Vec<Change> {
    let (before, after) = (sides.before.xattrs, sides.after.xattrs);
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let turn = |name: &&String| match (before.get(*name), after.get(*name)) {
        (None, Some(_)) => Some(Turn::Added),
        (Some(_), None) => Some(Turn::Removed),
        (before, after) => (before != after).then_some(Turn::Changed),
    };
    let change = |name: &String, turn| Change::Xattr { name: name.clone(), turn };
    names.into_iter().filter_map(|name| turn(&name).map(|turn| change(name, turn))).collect()
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |name: &Option<TreePath>| match name {
            None => "a file of its own".to_string(),
            Some(name) => alloc::format!("another name of {name}"),
        };
        match self {
            Self::Type { before, after } => write!(f, "{before} → {after}"),
            Self::Content { before, after } if before == after => {
                write!(f, "content, {before} B")
            }
            Self::Content { before, after } => write!(f, "content, {before} → {after} B"),
            Self::Target { before, after } => write!(f, "target {before} → {after}"),
            Self::Mode { before, after } => write!(f, "mode {before} → {after}"),
            Self::Owner { before, after } => write!(f, "owner {before} → {after}"),
            Self::Xattr { name, turn } => write!(f, "{} {turn}", OneLine(name)),
            Self::Names { before, after } => write!(f, "{} → {}", name(before), name(after)),
            Self::Time { before, after } => write!(f, "time {before} → {after}"),
        }
    }
}

impl fmt::Display for Turn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed => "changed",
        })
    }
}
