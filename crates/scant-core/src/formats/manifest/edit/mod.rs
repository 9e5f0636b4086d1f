//! Additions to a manifest, made in its own text: comments, order, quotes, indentation and the ends
//! of lines stay, and only what must be is inserted. The result is read again and held against what
//! was meant; a text that cannot be edited so is left alone.
//!
//! ```text
//! place    where in the text something goes
//! write    entries as text, for the place they go to
//! patch    what changed, as a unified diff
//! ```

mod patch;
mod place;
#[cfg(test)]
mod tests;
mod write;

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

pub use patch::patch;
use place::{Change, Layout};
pub use write::yaml_word;

use crate::formats::yaml::{self, Node, Plain, Value};
use crate::words::Mode;

/// The sections in the order in which people write them.
const ORDER: [&str; 14] = [
    "input",
    "inputs",
    "binaries",
    "data",
    "directories",
    "symlinks",
    "hardlinks",
    "accounts",
    "image",
    "platforms",
    "ld-so-cache",
    "package-database",
    "layers",
    "suggestions",
];

/// Something that a manifest gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Addition {
    /// A program, under `binaries`.
    Binary {
        /// The reference, such as `HOST/usr/bin/x`.
        from: String,
        /// The reason.
        why: String,
    },
    /// A file or directory, under `data`.
    Data {
        /// The reference.
        from: String,
        /// The reason.
        why: String,
    },
    /// A directory, under `directories`.
    Directory {
        /// The path in the image.
        path: String,
        /// Permission bits, if not the usual ones.
        mode: Option<Mode>,
        /// The reason.
        why: String,
    },
    /// A library that a program opens, under `libraries` of its item.
    Library {
        /// The item under `binaries`, from 0.
        binary: usize,
        /// The library, by soname or path.
        name: String,
        /// The reason: a comment, where there is place for one.
        why: String,
    },
    /// A suggestion that is taken in, under `accept` of `suggestions`.
    Accept {
        /// Its id.
        id: String,
        /// The reason: a comment, where there is place for one.
        why: String,
    },
}

/// A text that was edited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edited {
    /// The new text.
    pub text: String,
    changes: Vec<Change>,
}

/// Why a text cannot be edited.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// It is no manifest.
    #[error("the manifest cannot be read: {0}")]
    Unreadable(String),
    /// The way it is written leaves no place that is sure to be right.
    #[error(
        "the manifest is written in a way that scant does not dare to edit: add the entries yourself"
    )]
    NotSure,
}

/// An item of a section: its keys in their order.
type Item = Vec<(&'static str, String)>;

/// Adds to a manifest.
///
/// # Errors
/// When the text cannot be read, or what comes out would not mean what was meant.
pub fn edit(text: &str, additions: &[Addition]) -> Result<Edited, EditError> {
    let root = read(text)?;
    let intended = intended(&root, additions).ok_or(EditError::NotSure)?;
    let changes = changes(text, &root, additions).ok_or(EditError::NotSure)?;
    let edited = Edited { text: place::apply(text, &changes), changes };
    match read(&edited.text) {
        Ok(root) if Plain::from(&root) == intended => Ok(edited),
        _ => Err(EditError::NotSure),
    }
}

fn read(text: &str) -> Result<Node, EditError> {
    match yaml::parse(text) {
        (Some(root), faults) if faults.is_empty() => Ok(root),
        (_, faults) => {
            let first = faults.first().map_or_else(String::new, |fault| alloc::format!("{fault}"));
            Err(EditError::Unreadable(first))
        }
    }
}

fn changes(text: &str, root: &Node, additions: &[Addition]) -> Option<Vec<Change>> {
    let layout = Layout::new(text, root)?;
    let mut changes = Vec::new();
    // What lies further inside comes first: both may go to the same place in the text.
    for (binary, names) in libraries(additions) {
        layout.add_libraries(binary, &names, &mut changes)?;
    }
    for section in ["binaries", "data", "directories"] {
        let items: Vec<Item> = additions
            .iter()
            .filter_map(item)
            .filter(|(of, _)| *of == section)
            .map(|(_, i)| i)
            .collect();
        if !items.is_empty() {
            layout.add_items(section, &items, &mut changes)?;
        }
    }
    let accepted = accepted(additions);
    if !accepted.is_empty() {
        layout.add_accepted(&accepted, &mut changes)?;
    }
    // Stable: what goes to the same place keeps its order.
    changes.sort_by_key(|change| change.at);
    let is_apart = |pair: &[Change]| pair[0].at + pair[0].removed <= pair[1].at;
    changes.windows(2).all(is_apart).then_some(changes)
}

/// The item that an addition is, and its section.
fn item(addition: &Addition) -> Option<(&'static str, Item)> {
    match addition {
        Addition::Binary { from, why } => Some(("binaries", taken(from, why))),
        Addition::Data { from, why } => Some(("data", taken(from, why))),
        Addition::Directory { path, mode, why } => {
            let mut item = Vec::from([("path", path.clone())]);
            item.extend(mode.map(|mode| ("mode", alloc::format!("{mode}"))));
            item.push(("why", why.clone()));
            Some(("directories", item))
        }
        Addition::Library { .. } | Addition::Accept { .. } => None,
    }
}

fn taken(from: &str, why: &str) -> Item {
    Vec::from([("from", from.into()), ("why", why.into())])
}

/// The libraries that are added, with their reasons, by the items they go to.
fn libraries(additions: &[Addition]) -> BTreeMap<usize, Vec<(&str, &str)>> {
    let mut found: BTreeMap<usize, Vec<(&str, &str)>> = BTreeMap::new();
    for addition in additions {
        if let Addition::Library { binary, name, why } = addition {
            found.entry(*binary).or_default().push((name, why));
        }
    }
    found
}

/// The suggestions that are taken in, with their reasons.
fn accepted(additions: &[Addition]) -> Vec<(&str, &str)> {
    let accepted = additions.iter().filter_map(|addition| match addition {
        Addition::Accept { id, why } => Some((&**id, &**why)),
        _ => None,
    });
    accepted.collect()
}

/// What the text must mean when it is edited.
fn intended(root: &Node, additions: &[Addition]) -> Option<Plain> {
    let mut plain = Plain::from(root);
    for (binary, names) in libraries(additions) {
        let item = plain.list_mut("binaries")?.get_mut(binary)?;
        if let Plain::Scalar(text, _) = item {
            let (from, to) = super::check::halves(text);
            let mut entries = Vec::from([("from".into(), Plain::string(from))]);
            entries.extend(to.map(|to| ("to".into(), Plain::string(to))));
            *item = Plain::Mapping(entries);
        }
        item.list_mut("libraries")?.extend(names.iter().map(|(name, _)| Plain::string(name)));
    }
    for (section, item) in additions.iter().filter_map(item) {
        let entries = item.into_iter().map(|(key, value)| (key.into(), Plain::string(&value)));
        plain.list_mut(section)?.push(Plain::Mapping(entries.collect()));
    }
    let accepted = accepted(additions);
    if !accepted.is_empty() {
        let ids = accepted.iter().map(|(id, _)| Plain::string(id));
        mapping_mut(&mut plain, "suggestions")?.list_mut("accept")?.extend(ids);
    }
    Some(plain)
}

/// The mapping that is the value of a key; made where there is none.
fn mapping_mut<'p>(plain: &'p mut Plain, key: &str) -> Option<&'p mut Plain> {
    if plain.get_mut(key).is_none()
        && let Plain::Mapping(entries) = plain
    {
        entries.push((key.into(), Plain::Mapping(Vec::new())));
    }
    let value = plain.get_mut(key)?;
    if matches!(value, Plain::Scalar(_, false)) {
        *value = Plain::Mapping(Vec::new());
    }
    Some(value)
}

/// The entries of a mapping.
fn entries(node: &Node) -> Option<&[(Node, Node)]> {
    match &*node.value {
        Value::Mapping(entries) => Some(entries),
        _ => None,
    }
}

/// The items of a list.
fn items(node: &Node) -> Option<&[Node]> {
    match &*node.value {
        Value::List(items) => Some(items),
        _ => None,
    }
}
