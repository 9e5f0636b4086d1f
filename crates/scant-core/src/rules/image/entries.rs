//! What the entries of one layer must satisfy.
//! [Image specification, layer](https://github.com/opencontainers/image-spec/blob/v1.1.1/layer.md).
//!
//! Engines agree on little here. What at least one of docker, containerd, podman and umoci refuses
//! is a mismatch; what all of them read (parents left out, `./`, a slash at the start) is a note.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::{MismatchKind, Report};
use crate::words::{Escaped, TreePath};

/// The longest path that Linux opens, without the NUL at its end.
const MOST_PATH: usize = 4095;
/// As many links are followed as the kernel would.
const MOST_LINKS: usize = 40;
/// What one entry takes in memory besides its names, about.
const ENTRY: usize = 64;
/// The most bytes that the entries of a layer may take: a bound for memory, far above real images.
const MOST_BYTES: usize = 512 << 20;

/// One entry of a layer's tar archive.
#[derive(Clone, Copy, Debug)]
pub struct LayerEntry<'a> {
    /// The name, as written.
    pub name: &'a [u8],
    /// Where a link leads, as written.
    pub link: &'a [u8],
    /// The `typeflag`.
    pub flag: u8,
    /// Bytes of content.
    pub size: u64,
    /// Bytes that the names of its extended attributes have, with what each takes besides.
    pub attributes: usize,
    /// Whether it has an SELinux label, which some engines refuse.
    pub has_selinux_label: bool,
}

/// Whether an entry can be laid over those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It can.
    Sound,
    /// It cannot, and a mismatch says why.
    Unsound,
    /// The layer is too large to be looked at any further, and a mismatch says so.
    Stop,
}

/// The entries of one layer, looked at one after the other.
#[derive(Debug)]
pub struct Entries {
    place: String,
    seen: BTreeMap<TreePath, Kind>,
    /// Hard links whose file has not been seen, with that file.
    waiting: Vec<(TreePath, TreePath)>,
    /// How many bytes more may be kept.
    room: usize,
    notes: BTreeMap<Unusual, (u64, String)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Directory,
    File,
    Symlink(Vec<u8>),
    Other,
}

/// What all engines read, and what is worth a note.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Unusual {
    Absolute,
    Dot,
    NoParent,
    Device,
    Fifo,
    LinkToLink,
    FullWhiteout,
    StorageMark,
    SelinuxLabel,
}

impl Unusual {
    fn text(self) -> &'static str {
        match self {
            Self::Absolute => "names that begin with a slash",
            Self::Dot => "names that begin with `./`",
            Self::NoParent => "entries without their parent directory before them",
            Self::Device => "devices, which only root can make",
            Self::Fifo => "FIFOs",
            Self::LinkToLink => "hard links to what is no regular file",
            Self::FullWhiteout => "whiteouts with content",
            Self::StorageMark => "marks of a storage driver",
            Self::SelinuxLabel => "SELinux labels, which some engines refuse",
        }
    }
}

impl Entries {
    /// No entries yet, of the layer at this place.
    pub fn new(place: &str) -> Self {
        Self::with_room(place, MOST_BYTES)
    }

    /// The same with another bound.
    pub(super) fn with_room(place: &str, room: usize) -> Self {
        let (seen, waiting, notes) = (BTreeMap::new(), Vec::new(), BTreeMap::new());
        Self { place: place.to_string(), seen, waiting, room, notes }
    }

    /// Looks at the next entry.
    pub fn entry(&mut self, entry: &LayerEntry<'_>, report: &mut Report) -> Verdict {
        let bytes = entry.name.len() + entry.link.len() + entry.attributes + ENTRY;
        let Some(room) = self.room.checked_sub(bytes) else {
            let expected = "as many entries as are kept in memory";
            report.mismatch(MismatchKind::LayerUnreadable, &self.place, expected, "more");
            return Verdict::Stop;
        };
        self.room = room;
        let Some(path) = self.path(entry.name, "", report) else { return Verdict::Unsound };
        if entry.has_selinux_label {
            self.note(Unusual::SelinuxLabel, &path);
        }
        let Some(kind) = self.kind(entry, &path, report) else { return Verdict::Unsound };
        let Some(name) = path.name() else {
            return self.root(kind, path, report);
        };
        if name.starts_with(b".wh.") {
            let verdict = self.whiteout(entry, name, &path, report);
            return self.once(path, kind, verdict, report);
        }
        let mut verdict = Verdict::Sound;
        let parent = path.parent().filter(|parent| !parent.is_root());
        if let Some(parent) = parent {
            match self.seen.get(&parent) {
                None => self.note(Unusual::NoParent, &path),
                Some(Kind::File | Kind::Other) => {
                    let expected = "an entry in a directory";
                    let found = format!("one below `{parent}`, which is none");
                    report.mismatch(MismatchKind::Entry, self.at(&path), expected, found);
                    verdict = Verdict::Unsound;
                }
                Some(Kind::Directory | Kind::Symlink(_)) => {}
            }
        }
        if entry.flag == b'1' && !self.hard_link(entry, &path, report) {
            return Verdict::Unsound;
        }
        self.once(path, kind, verdict, report)
    }

    /// The end of the layer.
    pub fn finish(self, report: &mut Report) {
        let Self { place, seen, waiting, notes, .. } = self;
        for (path, target) in waiting {
            let found = match seen.get(&target) {
                None => format!("`{target}`, which is not in this layer"),
                Some(_) => format!("`{target}`, which comes after it"),
            };
            let expected = "a hard link to a file before it in the same layer";
            report.mismatch(MismatchKind::HardLink, format!("{place}: {path}"), expected, found);
        }
        for (unusual, (count, first)) in notes {
            let text = unusual.text();
            report.note(format!("{place}: {text}: {count}, the first at {first}"));
        }
    }

    /// A name as a path.
    fn path(&mut self, name: &[u8], what: &str, report: &mut Report) -> Option<TreePath> {
        let shown = format!("{}: {}", self.place, Escaped(name));
        let mut refuse = |expected: &str, found: &dyn core::fmt::Display| {
            report.mismatch(MismatchKind::UnsafePath, &shown, expected, found);
            None
        };
        if name.len() > MOST_PATH {
            let expected = format!("{what}a path of at most {MOST_PATH} bytes");
            return refuse(&expected, &name.len());
        }
        let path = match TreePath::parse([b"/", name].concat()) {
            Ok(path) => path,
            Err(error) => return refuse(&format!("{what}a path inside the image"), &error),
        };
        if name.starts_with(b"/") {
            self.note(Unusual::Absolute, &path);
        } else if name.starts_with(b"./") || name == b"." {
            self.note(Unusual::Dot, &path);
        }
        Some(path)
    }

    fn kind(
        &mut self,
        entry: &LayerEntry<'_>,
        path: &TreePath,
        report: &mut Report,
    ) -> Option<Kind> {
        Some(match entry.flag {
            b'1' => Kind::File,
            b'2' if entry.link.is_empty() || entry.link.len() > MOST_PATH => {
                let expected = format!("a link to a path of 1 to {MOST_PATH} bytes");
                let found = entry.link.len();
                report.mismatch(MismatchKind::UnsafePath, self.at(path), expected, found);
                return None;
            }
            b'2' => Kind::Symlink(entry.link.to_vec()),
            b'3' | b'4' => {
                self.note(Unusual::Device, path);
                Kind::Other
            }
            b'5' => Kind::Directory,
            b'6' => {
                self.note(Unusual::Fifo, path);
                Kind::Other
            }
            // Old archives mark a directory by the slash alone.
            b'\0' if entry.name.ends_with(b"/") => Kind::Directory,
            b'\0' | b'0' | b'7' => Kind::File,
            flag => {
                let found = format!("the type `{}`", Escaped(&[flag]));
                let expected = "a file, directory, link, device or FIFO";
                report.mismatch(MismatchKind::Entry, self.at(path), expected, found);
                return None;
            }
        })
    }

    /// An entry for the root itself.
    fn root(&mut self, kind: Kind, path: TreePath, report: &mut Report) -> Verdict {
        if kind != Kind::Directory {
            let found = "something else";
            report.mismatch(MismatchKind::Entry, self.at(&path), "a directory", found);
            return Verdict::Unsound;
        }
        self.once(path, kind, Verdict::Sound, report)
    }

    fn whiteout(
        &mut self,
        entry: &LayerEntry<'_>,
        name: &[u8],
        path: &TreePath,
        report: &mut Report,
    ) -> Verdict {
        let kind = MismatchKind::Whiteout;
        if !matches!(entry.flag, b'\0' | b'0' | b'7') {
            report.mismatch(kind, self.at(path), "an empty file", "something else");
            return Verdict::Unsound;
        }
        if entry.size > 0 {
            self.note(Unusual::FullWhiteout, path);
        }
        match &name[b".wh.".len()..] {
            b"" | b"." | b".." => {
                report.mismatch(kind, self.at(path), "the name of what is removed", "none");
                return Verdict::Unsound;
            }
            rest if rest.starts_with(b".wh.") && rest != b".wh..opq" => {
                self.note(Unusual::StorageMark, path);
            }
            _ => {}
        }
        Verdict::Sound
    }

    /// Whether the file of a hard link stands before it.
    fn hard_link(&mut self, entry: &LayerEntry<'_>, path: &TreePath, report: &mut Report) -> bool {
        let Some(target) = self.path(entry.link, "a hard link to ", report) else { return false };
        let found = match self.seen.get(&target) {
            None => self.through_links(&target),
            found => found,
        };
        match found {
            Some(Kind::File) => true,
            Some(Kind::Directory) => {
                let expected = "a hard link to a file";
                let found = format!("`{target}`, which is a directory");
                report.mismatch(MismatchKind::HardLink, self.at(path), expected, found);
                false
            }
            Some(Kind::Symlink(_) | Kind::Other) => {
                self.note(Unusual::LinkToLink, path);
                true
            }
            None => {
                self.waiting.push((path.clone(), target));
                false
            }
        }
    }

    /// What is at a path whose directory is reached through symbolic links of this layer.
    fn through_links(&self, path: &TreePath) -> Option<&Kind> {
        let mut rest: Vec<Vec<u8>> = path.components().map(<[u8]>::to_vec).collect();
        rest.reverse();
        let mut real = TreePath::root();
        let mut links = 0;
        while let Some(name) = rest.pop() {
            match &name[..] {
                b"" | b"." => continue,
                b".." => {
                    real = real.parent().unwrap_or(real);
                    continue;
                }
                name if name.contains(&0) => return None,
                _ => {}
            }
            let next = real.join(&name);
            match self.seen.get(&next) {
                Some(Kind::Symlink(target)) if !rest.is_empty() => {
                    links += 1;
                    if links > MOST_LINKS {
                        return None;
                    }
                    if target.starts_with(b"/") {
                        real = TreePath::root();
                    }
                    rest.extend(target.rsplit(|&b| b == b'/').map(<[u8]>::to_vec));
                }
                _ => real = next,
            }
        }
        self.seen.get(&real)
    }

    /// Remembers a path, which must not have been there.
    fn once(
        &mut self,
        path: TreePath,
        kind: Kind,
        verdict: Verdict,
        report: &mut Report,
    ) -> Verdict {
        if self.seen.contains_key(&path) {
            let place = self.at(&path);
            report.mismatch(
                MismatchKind::DuplicatePath,
                place,
                "one entry of this path",
                "another",
            );
        }
        self.seen.insert(path, kind);
        verdict
    }

    fn note(&mut self, unusual: Unusual, path: &TreePath) {
        let first = || (0, path.to_string());
        self.notes.entry(unusual).or_insert_with(first).0 += 1;
    }

    fn at(&self, path: &TreePath) -> String {
        format!("{}: {path}", self.place)
    }
}
