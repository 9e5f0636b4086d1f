//! A listing as an input: what is where comes from the listing, and what is in files from a store
//! that knows each entry by its layer and number.

use std::collections::BTreeMap;

use scant_core::words::{
    Entry, EntryKind, Input, InputError, Meta, Mode, Problem, ReadAt, Root, Stamp, Time, TreePath,
};

use super::listing::{Listed, ListedKind, Listing};
use super::stored::OpenedAs;

/// Where the content of the files of a listing is.
pub(crate) trait Store: Send + Sync {
    /// Opens the file that came from the entry of this number in this layer.
    fn open(&self, at: (usize, u64), file: OpenedAs) -> Result<Box<dyn ReadAt>, InputError>;
}

/// A listing whose files can be read.
pub(crate) struct ListedInput<S> {
    listing: Listing,
    /// The names in each directory, sorted.
    names: BTreeMap<TreePath, Vec<Box<[u8]>>>,
    /// What is known of the root itself.
    root: Meta,
    store: S,
}

impl<S> ListedInput<S> {
    pub(crate) fn new(listing: Listing, root: Option<Listed>, store: S) -> Self {
        let mut names: BTreeMap<TreePath, Vec<Box<[u8]>>> = BTreeMap::new();
        for (path, _) in listing.iter() {
            if let (Some(parent), Some(name)) = (path.parent(), path.name()) {
                names.entry(parent).or_default().push(name.into());
            }
        }
        names.values_mut().for_each(|names| names.sort());
        let root = root.as_ref().map_or_else(|| Meta::new(Mode::EXECUTABLE), meta);
        Self { listing, names, root, store }
    }

    /// What is at `path`, and of a second name of a file the file.
    fn get(&self, path: &TreePath) -> Option<&Listed> {
        let listed = self.listing.get(path)?;
        match &listed.kind {
            ListedKind::HardLink { target } => self.listing.get(target),
            _ => Some(listed),
        }
    }
}

/// Tells the files of one image apart. The time of change says nothing, so that nobody takes it for
/// a proof that a file has not changed.
fn stamp(listed: &Listed) -> Stamp {
    let (layer, number) = listed.at;
    let modified = Time { seconds: listed.mtime, nanoseconds: 0 };
    Stamp { device: layer as u64, inode: number + 1, modified, changed: Time::default() }
}

fn meta(listed: &Listed) -> Meta {
    // What does not fit is nobody the kernel knows.
    let number = |id: u64| u32::try_from(id).unwrap_or(u32::MAX);
    Meta {
        mode: listed.mode,
        uid: number(listed.uid),
        gid: number(listed.gid),
        xattrs: listed.xattrs.clone(),
    }
}

impl<S: Store> Input for ListedInput<S> {
    fn lookup(&self, path: &TreePath) -> Result<Option<Entry>, InputError> {
        if path.is_root() {
            let (kind, mode) = (EntryKind::Directory, self.root.mode.bits());
            return Ok(Some(Entry { kind, mode, stamp: None }));
        }
        let Some(listed) = self.get(path) else { return Ok(None) };
        let kind = match &listed.kind {
            ListedKind::Directory => EntryKind::Directory,
            ListedKind::File { size } => EntryKind::File { size: *size },
            ListedKind::Symlink { target } => EntryKind::Symlink { target: target.clone() },
            ListedKind::Special(what) => EntryKind::Special(what),
            ListedKind::HardLink { .. } => return Ok(None),
        };
        // An implied directory comes from no entry.
        let stamp = (kind != EntryKind::Directory).then(|| stamp(listed));
        Ok(Some(Entry { kind, mode: listed.mode.bits(), stamp }))
    }

    fn list(&self, path: &TreePath) -> Result<Vec<Box<[u8]>>, InputError> {
        let is_directory = |listed: &Listed| listed.kind == ListedKind::Directory;
        match self.listing.get(path) {
            None if !path.is_root() => Err(InputError::new(path, Problem::NotFound)),
            Some(listed) if !is_directory(listed) => {
                Err(InputError::new(path, Problem::NotADirectory))
            }
            _ => Ok(self.names.get(path).cloned().unwrap_or_default()),
        }
    }

    fn open(&self, path: &TreePath) -> Result<Box<dyn ReadAt>, InputError> {
        let Some(listed) = self.get(path) else {
            let problem =
                if path.is_root() { Problem::NotAFile("a directory") } else { Problem::NotFound };
            return Err(InputError::new(path, problem));
        };
        let wrong = |what| Err(InputError::new(path, Problem::NotAFile(what)));
        let size = match &listed.kind {
            ListedKind::File { size } => *size,
            ListedKind::Directory => return wrong("a directory"),
            ListedKind::Symlink { .. } => return wrong("a symbolic link"),
            ListedKind::HardLink { .. } => return wrong("a link to a link"),
            ListedKind::Special(what) => return wrong(what),
        };
        let (path, stamp) = (path.clone(), stamp(listed));
        self.store.open(listed.at, OpenedAs { path, size, stamp })
    }
}

impl<S: Store> Root for ListedInput<S> {
    fn meta(&self, path: &TreePath) -> Result<Option<Meta>, InputError> {
        if path.is_root() {
            return Ok(Some(self.root.clone()));
        }
        Ok(self.get(path).map(meta))
    }
}
