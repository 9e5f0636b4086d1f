//! An input in memory, made from a listing.

use std::collections::{BTreeMap, BTreeSet};

use scant_core::words::{
    Entry, EntryKind, Input, InputError, InstalledPackage, Meta, Mode, Packaged, Problem, ReadAt,
    Record, Stamp, TreePath,
};
use scant_testkit::listing::{ItemKind, Listing};

use crate::packaged::Packages;

/// The entries of a listing. Some kinds of lines are understood on top of the testkit's: `PATH
/// fifo`, files of mode 0000, which cannot be read, and those that say which packages the paths that
/// follow are of (see `packaged`).
pub(crate) struct MemoryInput {
    entries: BTreeMap<TreePath, Held>,
    /// The package of everything, where there is one.
    pub(crate) package: Option<String>,
    /// Packages of single paths.
    owners: BTreeMap<TreePath, String>,
    packages: Packages,
}

struct Held {
    entry: Entry,
    content: Vec<u8>,
}

struct Bytes(Vec<u8>);

impl MemoryInput {
    #[track_caller]
    pub(crate) fn new(text: &str) -> Self {
        let (text, packages) = Packages::parse(text);
        let text = &*text;
        let fifos = text.lines().filter_map(|line| line.trim().strip_suffix(" fifo"));
        let listing = Listing::new(&text.replace(" fifo", " \"\""));
        let mut entries = BTreeMap::new();
        for (number, (path, kind)) in (1..).zip(listing.iter()) {
            let held = held(&listing, number, path, kind);
            entries.insert(TreePath::parse(path).unwrap(), held);
        }
        for line in fifos {
            let path = line.trim();
            let entry = Entry { kind: EntryKind::Special("a FIFO"), mode: 0o644, stamp: None };
            let held = Held { entry, content: Vec::new() };
            entries.insert(TreePath::parse(path).unwrap(), held);
        }
        Self { entries, package: None, owners: BTreeMap::new(), packages }
    }

    /// Says that `path` is of this package.
    pub(crate) fn own(&mut self, path: &str, package: &str) {
        self.owners.insert(TreePath::parse(path).unwrap(), package.into());
    }

    pub(crate) fn paths(&self) -> impl DoubleEndedIterator<Item = &TreePath> {
        self.entries.keys()
    }
}

fn held(listing: &Listing, number: u64, path: &[u8], kind: &ItemKind) -> Held {
    let entry = |kind, mode| Entry {
        kind,
        mode,
        stamp: Some(Stamp { device: 1, inode: number, ..Stamp::default() }),
    };
    let file = |bytes: &[u8], mode| Held {
        entry: entry(EntryKind::File { size: bytes.len() as u64 }, mode),
        content: bytes.to_vec(),
    };
    let other = |kind, mode| Held { entry: entry(kind, mode), content: Vec::new() };
    match kind {
        ItemKind::Directory { mode } => other(EntryKind::Directory, *mode),
        ItemKind::Symlink { target } => {
            other(EntryKind::Symlink { target: target.as_slice().into() }, 0o777)
        }
        ItemKind::File { bytes, mode } => file(bytes, *mode),
        ItemKind::HardLink { target } => {
            let mut items = (1..).zip(listing.iter());
            let first = items.find(|(_, (other, _))| *other == target.as_slice());
            match first {
                Some((number, (path, kind))) => held(listing, number, path, kind),
                None => panic!("no target for the hard link {}", path.escape_ascii()),
            }
        }
    }
}

impl Input for MemoryInput {
    fn lookup(&self, path: &TreePath) -> Result<Option<Entry>, InputError> {
        Ok(self.entries.get(path).map(|held| held.entry.clone()))
    }

    fn list(&self, path: &TreePath) -> Result<Vec<Box<[u8]>>, InputError> {
        match self.entries.get(path).map(|held| (&held.entry.kind, held.entry.mode)) {
            Some((EntryKind::Directory, 0)) => {
                return Err(InputError::new(path, Problem::PermissionDenied));
            }
            Some((EntryKind::Directory, _)) => {}
            _ => return Err(InputError::new(path, Problem::NotADirectory)),
        }
        let children = self.entries.keys().filter(|other| other.parent().as_ref() == Some(path));
        let mut names: Vec<Box<[u8]>> =
            children.filter_map(|child| child.name()).map(Box::from).collect();
        names.sort();
        Ok(names)
    }

    fn open(&self, path: &TreePath) -> Result<Box<dyn ReadAt>, InputError> {
        match self.entries.get(path) {
            None => Err(InputError::new(path, Problem::NotFound)),
            Some(held) if held.entry.file_size().is_none() => {
                Err(InputError::new(path, Problem::NotAFile(held.entry.kind.describe())))
            }
            Some(held) if held.entry.mode == 0 => {
                Err(InputError::new(path, Problem::PermissionDenied))
            }
            Some(held) => Ok(Box::new(Bytes(held.content.clone()))),
        }
    }

    fn packages(&self, paths: &BTreeSet<TreePath>) -> BTreeMap<TreePath, String> {
        let owned = |path: &TreePath| {
            let package = self.owners.get(path).or(self.package.as_ref());
            let package = package.or_else(|| self.packages.owner(path))?;
            Some((path.clone(), package.clone()))
        };
        paths.iter().filter_map(owned).collect()
    }

    fn packaged(&self) -> Option<&dyn Packaged> {
        (!self.packages.all.is_empty()).then_some(self)
    }
}

impl Packaged for MemoryInput {
    fn all(&self) -> &[InstalledPackage] {
        &self.packages.all
    }

    fn paths(&self, package: usize) -> Result<Vec<TreePath>, InputError> {
        Ok(self.packages.paths[package].clone())
    }

    fn record(&self, package: usize) -> Option<Record> {
        self.packages.records.get(package).cloned()
    }

    fn meta(&self, path: &TreePath) -> Result<Option<Meta>, InputError> {
        let mode = self.entries.get(path).map(|held| Mode::from_bits(held.entry.mode));
        Ok(mode.map(|mode| Meta { uid: 7 * u32::from(mode.bits() > 0o777), ..Meta::new(mode) }))
    }
}

impl ReadAt for Bytes {
    fn size(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, InputError> {
        let rest = self.0.get(offset as usize..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }
}
