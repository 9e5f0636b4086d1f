//! An input made of a listing.

use std::collections::BTreeMap;

use scant_core::words::{Entry, EntryKind, Input, InputError, Problem, ReadAt, Stamp, TreePath};
use scant_testkit::{ItemKind, Listing};

/// The entries of a listing, each with the number that its hard links share.
#[derive(Default)]
pub(crate) struct MemoryInput {
    entries: BTreeMap<Vec<u8>, (Entry, Vec<u8>)>,
}

impl MemoryInput {
    #[track_caller]
    pub(crate) fn new(listing: &str) -> Self {
        let mut input = Self::default();
        let listing = Listing::new(listing);
        let (links, others): (Vec<_>, Vec<_>) =
            listing.iter().partition(|(_, kind)| matches!(kind, ItemKind::HardLink { .. }));
        for (number, (path, kind)) in others.into_iter().enumerate() {
            let (kind, mode, content) = match kind {
                ItemKind::Directory { mode } => (EntryKind::Directory, *mode, Vec::new()),
                ItemKind::File { bytes, mode } => {
                    (EntryKind::File { size: bytes.len() as u64 }, *mode, bytes.clone())
                }
                ItemKind::Symlink { target } => {
                    (EntryKind::Symlink { target: target.as_slice().into() }, 0o777, Vec::new())
                }
                ItemKind::HardLink { .. } => unreachable!("they are set apart"),
            };
            let stamp = stamp(1, number as u64 + 1);
            input.entries.insert(path.to_vec(), (Entry { kind, mode, stamp }, content));
        }
        for (path, kind) in links {
            let ItemKind::HardLink { target } = kind else { unreachable!("they are set apart") };
            let entry = input.entries[target].clone();
            input.entries.insert(path.to_vec(), entry);
        }
        input
    }

    /// Puts a file whose bytes no listing can say.
    pub(crate) fn put(&mut self, path: &str, bytes: &[u8]) {
        self.insert(path, EntryKind::File { size: bytes.len() as u64 });
        self.entries.get_mut(path.as_bytes()).expect("it was put there").1 = bytes.to_vec();
    }

    /// Puts something at a path that no listing can say, such as a FIFO.
    pub(crate) fn insert(&mut self, path: &str, kind: EntryKind) {
        let entry = Entry { kind, mode: 0o644, stamp: stamp(2, self.entries.len() as u64) };
        self.entries.insert(path.into(), (entry, Vec::new()));
    }
}

impl Input for MemoryInput {
    fn lookup(&self, path: &TreePath) -> Result<Option<Entry>, InputError> {
        Ok(self.entries.get(path.as_bytes()).map(|(entry, _)| entry.clone()))
    }

    fn list(&self, path: &TreePath) -> Result<Vec<Box<[u8]>>, InputError> {
        let children = self.entries.keys().filter_map(|key| TreePath::parse(key).ok());
        let children = children.filter(|key| key.parent().as_ref() == Some(path));
        Ok(children.filter_map(|key| key.name().map(Box::from)).collect())
    }

    fn open(&self, path: &TreePath) -> Result<Box<dyn ReadAt>, InputError> {
        match self.entries.get(path.as_bytes()) {
            Some((Entry { kind: EntryKind::File { .. }, .. }, content)) => {
                Ok(Box::new(Bytes(content.clone())))
            }
            Some((entry, _)) => {
                Err(InputError::new(path, Problem::NotAFile(entry.kind.describe())))
            }
            None => Err(InputError::new(path, Problem::NotFound)),
        }
    }
}

fn stamp(device: u64, inode: u64) -> Option<Stamp> {
    Some(Stamp { device, inode, ..Stamp::default() })
}

/// A file in memory.
pub(crate) struct Bytes(pub(crate) Vec<u8>);

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
