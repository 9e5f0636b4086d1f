//! An archive as an input: tar, compressed or not, and zip. Nothing is unpacked: what is not
//! compressed is read where it is, and nothing is ever created under a name that an archive gives.

mod error;
mod options;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::Path;

use scant_core::words::{Entry, Input, InputError, Meta, ReadAt, Root, TreePath};

use super::Packages;
use crate::images::listed_input::ListedInput;

pub use error::{ArchiveError, ArchiveFault, ArchivePlace};
pub use options::{ArchiveOptions, Limits};

type Members = crate::images::listed_input::Nothing;

/// An archive whose files can be read.
pub struct ArchiveInput {
    files: ListedInput<Members>,
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
    pub fn from_file(_file: File, _options: &ArchiveOptions) -> Result<Self, ArchiveFault> {
        Err(ArchiveFault::NotAnArchive { what: "it is not looked at yet".into() })
    }

    /// The same, with the packages that its files belong to; else what its databases say.
    #[must_use]
    pub fn with_packages(self, packages: Packages) -> Self {
        Self { packages, ..self }
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
}

impl Root for ArchiveInput {
    fn meta(&self, path: &TreePath) -> Result<Option<Meta>, InputError> {
        self.files.meta(path)
    }
}
