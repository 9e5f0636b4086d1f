//! The files of an image as one reads them in a container: any file at any offset, owners and modes
//! included. Layers are read once; what is in files lies in one temporary file without a name after
//! that, which vanishes with the value. A directory is read where it is.

use std::collections::BTreeMap;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;

use scant_core::words::{Entry, Input, InputError, Meta, Problem, ReadAt, Root, TreePath};

use super::OpenError;
use super::files::{Files, Source};
use super::listed_input::{ListedInput, Store};
use super::overlay::Overlay;
use super::stored::{OpenedAs, Piece, Stored};
use crate::inputs::{DirectoryInput, Packages};

/// The files of an image, each to be read at any offset.
pub struct Contents(From);

enum From {
    Directory(DirectoryInput),
    Layers(ListedInput<Spooled>),
}

/// What is in the files of layers.
struct Spooled {
    /// Where the content of the entry with this number of this layer begins.
    offsets: BTreeMap<(usize, u64), u64>,
    content: Stored,
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
        let store = Spooled { offsets, content: Stored::own(content, written) };
        Ok(Self(From::Layers(ListedInput::new(listing, None, store))))
    }

    fn input(&self) -> &dyn Root {
        match &self.0 {
            From::Directory(directory) => directory,
            From::Layers(listed) => listed,
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

impl Store for Spooled {
    fn open(&self, at: (usize, u64), file: OpenedAs) -> Result<Box<dyn ReadAt>, InputError> {
        let start = self.offsets.get(&at).copied();
        let start = start.ok_or_else(|| InputError::new(&file.path, Problem::NotFound))?;
        Ok(Box::new(Piece { stored: self.content.clone(), start, file }))
    }
}
