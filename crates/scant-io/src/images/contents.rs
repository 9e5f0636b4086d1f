//! The files of an image as one reads them in a container: any file at any offset, owners and modes
//! included. Layers are read once; what is in files lies in one temporary file without a name after
//! that, which vanishes with the value. A directory is read where it is.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use scant_core::words::{
    Entry, EntryKind, Input, InputError, Meta, Mode, Problem, ReadAt, Root, Stamp, Time, TreePath,
};

use super::OpenError;
use super::files::{Files, Source};
use super::listing::{Listed, ListedKind, Listing};
use super::overlay::Overlay;
use crate::inputs::{DirectoryInput, Packages};

/// The files of an image, each to be read at any offset.
pub struct Contents(From);

enum From {
    Directory(DirectoryInput),
    Layers(Spooled),
}

/// What layers hold, laid one over the other.
struct Spooled {
    listing: Listing,
    /// The names in each directory, sorted.
    names: BTreeMap<TreePath, Vec<Box<[u8]>>>,
    /// Where the content of the entry with this number of this layer begins.
    offsets: BTreeMap<(usize, u64), u64>,
    content: Arc<File>,
}

impl Contents {
    /// Reads the files once, into a temporary file in `temporary` where they come from layers.
    ///
    /// # Errors
    /// When a layer cannot be read or is damaged, or the temporary file cannot be written.
    pub fn read(files: &Files, temporary: &Path) -> Result<Self, OpenError> {
        if let Source::Directory = files.source {
            let opened = DirectoryInput::open(&files.path, Packages::default());
            let failed = |error: crate::inputs::OpenError| OpenError::Read {
                path: error.path,
                source: error.error,
            };
            return opened.map(From::Directory).map(Self).map_err(failed);
        }
        let failed = |source| OpenError::Read { path: temporary.to_path_buf(), source };
        let content = tempfile::tempfile_in(temporary);
        let content = content.map_err(|error| failed(io::Error::from(error.kind())))?;
        let mut spool = BufWriter::with_capacity(1 << 18, content);
        let (mut overlay, mut offsets, mut written) = (Overlay::default(), BTreeMap::new(), 0);
        files.entries(&mut |entry, at, reader| {
            let is_file = matches!(entry.flag, b'\0' | b'0' | b'7');
            overlay.apply(entry, at).map_err(io::Error::other)?;
            // A layer above may hide it, which is not known yet: that is rare, and costs space only.
            if is_file {
                offsets.insert(at, written);
                written += io::copy(reader, &mut spool)?;
            }
            Ok(())
        })?;
        spool.flush().map_err(failed)?;
        let content = spool.into_inner().map_err(|error| failed(error.into_error()))?;
        let listing = files.finish(overlay)?;
        let mut names: BTreeMap<TreePath, Vec<Box<[u8]>>> = BTreeMap::new();
        for (path, _) in listing.iter() {
            if let (Some(parent), Some(name)) = (path.parent(), path.name()) {
                names.entry(parent).or_default().push(name.into());
            }
        }
        names.values_mut().for_each(|names| names.sort());
        Ok(Self(From::Layers(Spooled { listing, names, offsets, content: Arc::new(content) })))
    }

    fn input(&self) -> &dyn Root {
        match &self.0 {
            From::Directory(directory) => directory,
            From::Layers(spooled) => spooled,
        }
    }
}

impl Input for Contents {
    fn lookup(&self, path: &TreePath) -> Result<Option<Entry>, InputError> {
        self.input().lookup(path)
    }

    fn list(&self, path: &TreePath) -> Result<Vec<Box<[u8]>>, InputError> {
        self.input().list(path)
    }

    fn open(&self, path: &TreePath) -> Result<Box<dyn ReadAt>, InputError> {
        self.input().open(path)
    }
}

impl Root for Contents {
    fn meta(&self, path: &TreePath) -> Result<Option<Meta>, InputError> {
        self.input().meta(path)
    }
}

impl Spooled {
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

impl Input for Spooled {
    fn lookup(&self, path: &TreePath) -> Result<Option<Entry>, InputError> {
        if path.is_root() {
            return Ok(Some(Entry { kind: EntryKind::Directory, mode: 0o755, stamp: None }));
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
        let start = self.offsets.get(&listed.at).copied();
        let start = start.ok_or_else(|| InputError::new(path, Problem::NotFound))?;
        let (content, path) = (self.content.clone(), path.clone());
        Ok(Box::new(Piece { content, start, size, path, stamp: stamp(listed) }))
    }
}

impl Root for Spooled {
    fn meta(&self, path: &TreePath) -> Result<Option<Meta>, InputError> {
        if path.is_root() {
            return Ok(Some(Meta::new(Mode::EXECUTABLE)));
        }
        // What does not fit is nobody the kernel knows.
        let number = |id: u64| u32::try_from(id).unwrap_or(u32::MAX);
        Ok(self.get(path).map(|listed| Meta {
            mode: listed.mode,
            uid: number(listed.uid),
            gid: number(listed.gid),
            xattrs: listed.xattrs.clone(),
        }))
    }
}

/// One file in the temporary file.
struct Piece {
    content: Arc<File>,
    start: u64,
    size: u64,
    path: TreePath,
    stamp: Stamp,
}

impl ReadAt for Piece {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, InputError> {
        let left = self.size.saturating_sub(offset).min(buffer.len() as u64) as usize;
        if left == 0 {
            return Ok(0);
        }
        loop {
            match self.content.read_at(&mut buffer[..left], self.start + offset) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    return Err(InputError::new(&self.path, Problem::Other(error.to_string())));
                }
                Ok(count) => return Ok(count),
            }
        }
    }

    fn stamp(&self) -> Result<Option<Stamp>, InputError> {
        Ok(Some(self.stamp))
    }
}
