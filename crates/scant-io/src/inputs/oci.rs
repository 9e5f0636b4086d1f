//! The files of an image as an input: as one reads them in a container for one platform.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use scant_core::words::{
    Entry, Input, InputError, PackageIdentity, Platform, ReadAt, Record, TreePath,
};

use super::Packages;
use crate::image::Image;
use crate::images::{self, Contents, Files, OpenError};

/// The files of an image.
pub(super) struct ImageInput {
    contents: Contents,
    packages: Packages,
}

impl ImageInput {
    /// Reads the files once, into a temporary file.
    pub(super) fn read(
        image: &Image,
        platform: Option<Platform>,
        temporary: &Path,
    ) -> Result<Self, OpenError> {
        let files = Files::of(images::pick(image, platform)?);
        let contents = Contents::read(&files, temporary)?;
        Ok(Self { contents, packages: Packages::default() })
    }
}

impl Input for ImageInput {
    fn lookup(&self, path: &TreePath) -> Result<Option<Entry>, InputError> {
        self.contents.lookup(path)
    }

    fn list(&self, path: &TreePath) -> Result<Vec<Box<[u8]>>, InputError> {
        self.contents.list(path)
    }

    fn open(&self, path: &TreePath) -> Result<Box<dyn ReadAt>, InputError> {
        self.contents.open(path)
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
