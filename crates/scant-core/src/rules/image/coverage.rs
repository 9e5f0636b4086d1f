//! The provenance document and the files of the image: the same paths, and each is the same.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::{MismatchKind, Report};
use crate::formats::provenance::{Document, Entry, Kind};
use crate::words::{Escaped, Mode, TreePath};

/// A path of the image, as its layers have it.
#[derive(Clone, Debug)]
pub struct Found<'a> {
    /// What it is.
    pub kind: FoundKind<'a>,
    /// Permission bits.
    pub mode: Mode,
    /// Numeric owner.
    pub uid: u64,
    /// Numeric group.
    pub gid: u64,
    /// The names of its extended attributes.
    pub xattrs: Vec<&'a str>,
}

/// What a path is. Of several names of a file the first is the file, and the others are links.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FoundKind<'a> {
    /// A directory.
    Directory,
    /// A regular file of so many bytes.
    File(u64),
    /// A symbolic link with this text.
    Symlink(String),
    /// Another name of the file at this path.
    HardLink(&'a TreePath),
    /// Something else.
    Special(&'static str),
}

impl fmt::Display for FoundKind<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Directory => f.write_str("a directory"),
            Self::File(size) => write!(f, "a file of {size} bytes"),
            Self::Symlink(target) => write!(f, "a link to {target}"),
            Self::HardLink(target) => write!(f, "another name of {target}"),
            Self::Special(what) => f.write_str(what),
        }
    }
}

impl FoundKind<'_> {
    /// A symbolic link with this text.
    pub fn symlink(target: &[u8]) -> Self {
        Self::Symlink(format!("{}", Escaped(target)))
    }
}

/// Compares a provenance document with the files of the image.
pub fn coverage<'a>(
    document: &Document,
    files: impl Iterator<Item = (&'a TreePath, Found<'a>)>,
    place: &str,
    report: &mut Report,
) {
    let mut explained: BTreeMap<&TreePath, &Entry> = BTreeMap::new();
    for entry in &document.nodes {
        if explained.insert(&entry.path, entry).is_some() {
            let place = format!("{place}: {}", entry.path);
            report.mismatch(MismatchKind::Provenance, place, "one entry", "two of them");
        }
        if entry.reasons.is_empty() {
            let place = format!("{place}: {}", entry.path);
            report.mismatch(MismatchKind::ProvenanceMissing, place, "a reason", "none");
        }
    }
    let first_names = first_names(&explained);
    let mut left = explained.clone();
    for (path, found) in files {
        let at = format!("{place}: {path}");
        match left.remove(path) {
            None => report.mismatch(
                MismatchKind::ProvenanceMissing,
                at,
                "nothing, since no reason is given",
                found.kind,
            ),
            Some(entry) => {
                let file = followed(&explained, entry);
                let kind = kind(entry, file, &first_names);
                compare(&kind, file.unwrap_or(entry), &found, &at, report);
            }
        }
    }
    for (path, entry) in left {
        let kind = kind(entry, followed(&explained, entry), &first_names);
        let at = format!("{place}: {path}");
        report.mismatch(MismatchKind::ProvenanceSurplus, at, kind, "nothing in the layers");
    }
}

/// The entry of the file that `entry` is, or is another name of.
fn followed<'d>(all: &BTreeMap<&TreePath, &'d Entry>, entry: &'d Entry) -> Option<&'d Entry> {
    let mut entry = entry;
    for _ in 0..40 {
        match &entry.kind {
            Kind::File { .. } => return Some(entry),
            Kind::HardLink { target } => entry = all.get(target)?,
            Kind::Directory | Kind::Symlink { .. } => return None,
        }
    }
    None
}

/// For each file that has several names, the first of them. A layer holds the content there,
/// whichever of the names was declared as the file.
fn first_names<'d>(
    all: &BTreeMap<&'d TreePath, &'d Entry>,
) -> BTreeMap<&'d TreePath, &'d TreePath> {
    let mut first_names = BTreeMap::new();
    for (path, entry) in all {
        if let Some(file) = followed(all, entry) {
            first_names.entry(&file.path).or_insert(*path);
        }
    }
    first_names
}

/// What a layer holds for `entry`.
fn kind<'d>(
    entry: &'d Entry,
    file: Option<&'d Entry>,
    first_names: &BTreeMap<&TreePath, &'d TreePath>,
) -> FoundKind<'d> {
    match (&entry.kind, file.map(|file| (&file.path, &file.kind))) {
        (_, Some((path, Kind::File { size }))) => match first_names.get(path) {
            Some(first) if **first != entry.path => FoundKind::HardLink(first),
            _ => FoundKind::File(*size),
        },
        (Kind::Directory, _) => FoundKind::Directory,
        (Kind::Symlink { target }, _) => FoundKind::Symlink(target.clone()),
        (Kind::HardLink { target }, _) => FoundKind::HardLink(target),
        (Kind::File { size }, _) => FoundKind::File(*size),
    }
}

fn compare(
    kind: &FoundKind<'_>,
    said: &Entry,
    found: &Found<'_>,
    place: &str,
    report: &mut Report,
) {
    let mut differs = |what: &str, expected: &dyn fmt::Display, found: &dyn fmt::Display| {
        let place = format!("{place}{what}");
        report.mismatch(MismatchKind::ProvenanceDiffers, place, expected, found);
    };
    if *kind != found.kind {
        return differs("", kind, &found.kind);
    }
    if said.mode != found.mode {
        differs(": mode", &said.mode, &found.mode);
    }
    if (u64::from(said.uid), u64::from(said.gid)) != (found.uid, found.gid) {
        let owner = |uid: u64, gid: u64| format!("{uid}:{gid}");
        differs(": owner", &owner(said.uid.into(), said.gid.into()), &owner(found.uid, found.gid));
    }
    // Attributes of symbolic links are not written.
    let is_link = matches!(kind, FoundKind::Symlink(_));
    if !is_link && !said.xattrs.iter().eq(found.xattrs.iter()) {
        let none = |names: String| if names.is_empty() { "none".into() } else { names };
        let (said, found) = (none(said.xattrs.join(", ")), none(found.xattrs.join(", ")));
        differs(": extended attributes", &said, &found);
    }
}
