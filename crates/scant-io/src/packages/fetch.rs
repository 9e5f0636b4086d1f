//! The files of packages that were chosen: from the store of downloads, the network, or this machine.
//! They are what they were when they were chosen, or are refused.

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use scant_core::formats::lock::{Package, Place};
use scant_core::words::Digest;

use super::{Loader, regular};
use crate::cache::{Download, DownloadError, Downloads};

/// The largest package that is accepted.
pub(super) const LARGEST_PACKAGE: u64 = 8 << 30;

/// A package that cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// Not from the network.
    #[error(transparent)]
    Download(#[from] DownloadError),
    /// Not from this machine.
    #[error("the package `{}` cannot be read: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is another file than it was.
    #[error(
        "the package `{}` is not the one that was chosen: expected {expected}, found {found}",
        path.display()
    )]
    Other {
        /// The file.
        path: PathBuf,
        /// What it was.
        expected: Digest,
        /// What it is.
        found: Digest,
    },
    /// The store cannot be used.
    #[error("the package `{}`: {error}", path.display())]
    Store {
        /// The file.
        path: PathBuf,
        /// Why.
        error: DownloadError,
    },
}

impl FetchError {
    /// What helps, if something does.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Download(error) | Self::Store { error, .. } => error.hint(),
            Self::Read { .. } | Self::Other { .. } => None,
        }
    }
}

/// All that is needed to have the files of packages.
#[derive(Clone, Copy)]
pub(super) struct Fetching<'a> {
    pub(super) loader: Loader<'a>,
    /// Where relative paths start.
    pub(super) directory: &'a Path,
}

impl Fetching<'_> {
    /// The files of packages, in their order.
    pub(super) fn files(&self, packages: &[Package]) -> Result<Vec<PathBuf>, Vec<FetchError>> {
        let (mut files, mut remote, mut errors) = (Vec::new(), Vec::new(), Vec::new());
        for package in packages {
            match &package.place {
                Place::Url(url) => {
                    remote.push(Download {
                        digest: Some(package.digest),
                        size: Some(package.size),
                        ..Download::of(url.clone(), LARGEST_PACKAGE)
                    });
                    files.push(None);
                }
                Place::File(path) => {
                    let path = beside(self.directory, path);
                    match kept(self.loader.downloads, &path, (package.digest, package.size)) {
                        Ok(path) => files.push(Some(path)),
                        Err(error) => errors.push(error),
                    }
                }
            }
        }
        let loaded = match self.loader.fetch_all(&remote) {
            Ok(loaded) => loaded,
            Err(more) => {
                errors.extend(more.into_iter().map(FetchError::Download));
                Vec::new()
            }
        };
        if !errors.is_empty() {
            return Err(errors);
        }
        let mut loaded = loaded.into_iter();
        let path = |here: Option<PathBuf>| {
            here.unwrap_or_else(|| loaded.next().expect("each was loaded").path)
        };
        Ok(files.into_iter().map(path).collect())
    }
}

/// A file of this machine, kept in the store, where nobody changes it while it is read.
pub(super) fn kept(
    downloads: &Downloads,
    path: &Path,
    (digest, size): (Digest, u64),
) -> Result<PathBuf, FetchError> {
    if let Some(path) = downloads.find(&digest, Some(size)) {
        return Ok(path);
    }
    let path = || path.to_path_buf();
    let file =
        regular::open(&path()).map_err(|source| FetchError::Read { path: path(), source })?;
    let mut file = file.take(size.saturating_add(1));
    match downloads.insert(&mut file, Some(digest)) {
        Ok(stored) => Ok(stored.path),
        Err(DownloadError::WrongContent { expected, found }) => {
            Err(FetchError::Other { path: path(), expected, found })
        }
        Err(error) => Err(FetchError::Store { path: path(), error }),
    }
}

/// A path that starts at a directory, without the `.` that people write at its start.
pub(super) fn beside(directory: &Path, path: &str) -> PathBuf {
    directory.join(path).components().collect()
}
