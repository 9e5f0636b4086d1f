//! An archive as an input: tar, compressed or not, and zip. Nothing is unpacked: what is not
//! compressed is read where it is, and nothing is ever created under a name that an archive gives.

mod decompress;
mod error;
mod kind;
mod members;
mod options;
mod tar;
mod zip;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::Path;

use scant_core::words::{
    Entry, Input, InputError, Meta, PackageIdentity, ReadAt, Record, Root, TreePath,
};

use super::Packages;
use crate::images::listed_input::ListedInput;
use crate::images::stored::Stored;
use kind::Kind;
use members::Contents;

pub(crate) use decompress::{Reading, Spool};

pub use error::{ArchiveError, ArchiveFault, ArchivePlace};
pub use options::{ArchiveOptions, Limits};

/// What is compressed, decompressed; all else as it is. What it is, is told by its first bytes.
pub(crate) fn plain(stored: &Stored, options: &ArchiveOptions) -> Result<Stored, ArchiveFault> {
    let mut head = vec![0; stored.size().min(kind::HEAD as u64) as usize];
    stored.read_exact_at(0, &mut head).map_err(ArchiveFault::Read)?;
    match Kind::of(&head) {
        Kind::Compressed(compression) => {
            decompress::decompress(stored, compression, options, |_| Ok(()))
        }
        _ => Ok(stored.clone()),
    }
}

/// An archive whose files can be read.
pub struct ArchiveInput {
    files: ListedInput<Contents>,
    packages: Packages,
}

impl ArchiveInput {
    /// Opens the archive at `path`. What it is, is told by its first bytes, not by its name.
    ///
    /// # Errors
    /// When it cannot be read, is no archive, is damaged, or holds what no input may.
    pub fn open(path: &Path, options: &ArchiveOptions) -> Result<Self, ArchiveError> {
        let failed = |fault| ArchiveError { path: path.to_path_buf(), fault };
        let file = File::open(path).map_err(|error| failed(ArchiveFault::Read(error)))?;
        Self::from_file(file, options).map_err(failed)
    }

    /// The same for a file that is open already. It is read from its start, wherever it stands.
    ///
    /// # Errors
    /// As [`ArchiveInput::open`].
    pub fn from_file(file: File, options: &ArchiveOptions) -> Result<Self, ArchiveFault> {
        let metadata = file.metadata().map_err(ArchiveFault::Read)?;
        if !metadata.is_file() {
            let what = if metadata.is_dir() { "it is a directory" } else { "it is no file" };
            return Err(ArchiveFault::NotAnArchive { what: what.into() });
        }
        let stored = Stored::watched(file).map_err(ArchiveFault::Read)?;
        let mut head = vec![0; stored.size().min(kind::HEAD as u64) as usize];
        stored.read_exact_at(0, &mut head).map_err(ArchiveFault::Read)?;
        // A name at the start of a tar archive may look like anything.
        let is_tar = tar::check(&head, "").is_ok();
        let files = match if is_tar { Kind::Tar } else { Kind::of(&head) } {
            Kind::Zip => zip::read(stored, options)?,
            Kind::Other(what) => {
                return Err(ArchiveFault::NotAnArchive { what: what.into() });
            }
            Kind::Tar => {
                tar::check(&head, "it does not begin with a header of tar")?;
                tar::read(stored, None, options)?
            }
            Kind::Compressed(compression) => {
                let name = compression.name();
                let what = format!("it is one file that is compressed with {name}");
                let check = |head: &[u8]| tar::check(head, &what);
                let stored = decompress::decompress(&stored, compression, options, check)?;
                tar::read(stored, Some(name), options)?
            }
        };
        Ok(Self { files, packages: Packages::default() })
    }
}

impl Input for ArchiveInput {
    fn lookup(&self, path: &TreePath) -> Result<Option<Entry>, InputError> {
        self.files.lookup(path)
    }

    fn list(&self, path: &TreePath) -> Result<Vec<Box<[u8]>>, InputError> {
        self.files.list(path)
    }

    fn open(&self, path: &TreePath) -> Result<Box<dyn ReadAt>, InputError> {
        Input::open(&self.files, path)
    }

    fn packages(&self, paths: &BTreeSet<TreePath>) -> BTreeMap<TreePath, String> {
        self.packages.owners(self, paths)
    }

    fn identities(&self, names: &BTreeSet<String>) -> BTreeMap<String, PackageIdentity> {
        self.packages.identities(self, names)
    }

    fn records(&self, names: &BTreeSet<String>) -> BTreeMap<String, Record> {
        self.packages.records(self, names)
    }
}

impl Root for ArchiveInput {
    fn meta(&self, path: &TreePath) -> Result<Option<Meta>, InputError> {
        self.files.meta(path)
    }
}
