//! The packages that were chosen, loaded and compared with what indexes say of them.

use std::io::Read as _;
use std::path::Path;

use scant_core::formats::lock::{self, Place};
use scant_core::words::{Digest, Hasher, Url};

use super::{ApkError, Chosen, Repositories, each};
use crate::cache::{Download, DownloadError, Stored};
use crate::net::Verify;
use crate::packages::FetchError;
use crate::packages::apk::{ApkPackage, Demand, Expected, Key};
use crate::packages::fetch::{LARGEST_PACKAGE, beside};
use crate::packages::regular;

impl Repositories<'_> {
    /// Loads packages, several at a time, and tells what they are.
    pub(super) fn load(
        &self,
        chosen: &[Chosen<'_>],
        keys: &[Key],
    ) -> Result<Vec<lock::Package>, ApkError> {
        each(chosen, |one| {
            let listed = &one.package;
            // What was loaded for the same index entry before is not loaded again, but compared
            // again: a hint is only where to look.
            let name = hint(one);
            let stored = match self.loader.downloads.hinted(&name) {
                Some(stored) if stored.size == listed.size => stored,
                _ => match &one.place {
                    Place::Url(url) => self.remote_package(url, listed.size, one.from.verify)?,
                    Place::File(path) => {
                        self.local_package(&one.place, &beside(self.directory, path), listed.size)?
                    }
                },
            };
            let expected =
                Expected { listed: Some(listed), keys, demand: Demand::Nothing, vendor: "" };
            let opened = ApkPackage::open(&stored.path, &expected, &self.options());
            opened.map_err(|fault| ApkError::Package {
                place: one.place.clone(),
                fault: fault.into(),
            })?;
            self.loader.downloads.keep_hint(&name, &stored.digest);
            Ok(lock::Package {
                name: listed.name.to_string(),
                version: listed.version.as_str().to_string(),
                architecture: listed.architecture.to_string(),
                place: one.place.clone(),
                digest: stored.digest,
                size: stored.size,
            })
        })
    }

    fn remote_package(&self, url: &Url, size: u64, verify: Verify) -> Result<Stored, ApkError> {
        let download =
            Download { size: Some(size), verify, ..Download::of(url.clone(), LARGEST_PACKAGE) };
        let loaded = self.loader.fetch(download)?;
        Ok(Stored { path: loaded.path, digest: loaded.digest, size: loaded.size })
    }

    /// A package of this machine, which is kept in the store: there nobody changes it while it is
    /// read.
    fn local_package(&self, place: &Place, path: &Path, listed: u64) -> Result<Stored, ApkError> {
        let failed = |source| FetchError::Read { path: path.to_path_buf(), source };
        let file = regular::open(path).map_err(failed)?;
        let found = file.metadata().map_err(failed)?.len();
        if found != listed {
            return Err(ApkError::Size { place: place.clone(), found, listed });
        }
        // It may grow meanwhile: one byte more gives it away.
        let stored = self.loader.downloads.insert(&mut file.take(listed.saturating_add(1)), None);
        Ok(stored.map_err(|error: DownloadError| FetchError::Store {
            path: path.to_path_buf(),
            error,
        })?)
    }
}

/// What an index says that tells a package from all others.
fn hint(one: &Chosen<'_>) -> Digest {
    let mut hasher = Hasher::default();
    hasher.update(b"apk\n");
    hasher.update(&one.package.checksum);
    hasher.update(&one.package.size.to_le_bytes());
    hasher.finish()
}
