//! The indexes of repositories, for one architecture.

use std::fs;
use std::io;
use std::path::Path;

use scant_core::formats::lock::{self, Place};
use scant_core::formats::manifest::{Apk, ApkPlace, ApkRepository};
use scant_core::words::{Digest, Escaped, Platform, UrlError};

use super::{ApkError, Repositories, each};
use crate::cache::{Download, DownloadError};
use crate::net::{NetError, Verify};
use crate::packages::apk::trust::{Demand, Untrusted};
use crate::packages::apk::{ApkFault, ApkIndex, Key};
use crate::packages::fetch::beside;
use crate::packages::regular;

/// The largest index that is accepted, compressed: those of Alpine have under 3 MB.
const LARGEST: u64 = 64 << 20;
/// The name of an index.
const NAME: &str = "APKINDEX.tar.gz";

/// An index that is believed.
pub(super) struct ReadIndex {
    pub(super) base: Base,
    pub(super) tag: Option<String>,
    pub(super) index: ApkIndex,
    pub(super) lock: lock::Index,
    /// Whether plain HTTP will do for packages: an index that is signed vouches for them.
    pub(super) verify: Verify,
}

/// Where the files of a repository are.
#[derive(Clone)]
pub(super) struct Base(ApkPlace);

impl Base {
    /// A file for an architecture.
    pub(super) fn file(&self, architecture: &str, name: &str) -> Result<Place, UrlError> {
        match &self.0 {
            ApkPlace::Url(url) => {
                let base = url.to_string();
                format!("{}/{architecture}/{name}", base.trim_end_matches('/'))
                    .parse()
                    .map(Place::Url)
            }
            ApkPlace::Directory(path) => {
                Ok(Place::File(format!("{}/{architecture}/{name}", path.trim_end_matches('/'))))
            }
        }
    }
}

impl Repositories<'_> {
    /// Reads all indexes, several at a time.
    pub(super) fn indexes(
        &self,
        apk: &Apk,
        architecture: &str,
        platform: Platform,
        keys: &[Key],
    ) -> Result<Vec<ReadIndex>, ApkError> {
        each(&apk.repositories, |repository: &ApkRepository| {
            let (demand, verify) = match apk.allow_unsigned || repository.allow_unsigned {
                false => (Demand::Signature, Verify::Content),
                true => (Demand::Nothing, Verify::Yes),
            };
            let base = Base(repository.place.clone());
            let place = base.file(architecture, NAME)?;
            let absent = |why| ApkError::NoIndex {
                repository: repository.place.to_string(),
                platform,
                architecture: architecture.to_string(),
                why,
            };
            let bytes = match &repository.place {
                ApkPlace::Url(_) => match self.remote_index(&place, verify) {
                    Err(ApkError::Download(error)) if is_absent(&error) => {
                        return Err(absent(error.to_string()));
                    }
                    Err(ApkError::Download(DownloadError::Offline { .. })) => {
                        return Err(ApkError::Offline { place });
                    }
                    bytes => bytes?,
                },
                ApkPlace::Directory(path) => {
                    let directory = beside(self.directory, path);
                    match self.local_index(&place)? {
                        Some(bytes) => bytes,
                        None => return Err(absent(what_is_there(&directory, architecture)?)),
                    }
                }
            };
            let index = ApkIndex::read(&bytes, keys, demand).map_err(|fault| {
                let (place, hint) = (place.clone(), hint(&fault, &repository.place));
                ApkError::Index { place, fault: fault.into(), hint }
            })?;
            let lock = lock::Index { place, digest: Digest::of(&bytes), size: bytes.len() as u64 };
            Ok(ReadIndex { base, tag: repository.tag.clone(), index, lock, verify })
        })
    }

    fn remote_index(&self, place: &Place, verify: Verify) -> Result<Vec<u8>, ApkError> {
        let Place::Url(url) = place else { unreachable!("a URL has files at URLs") };
        let download = Download { verify, ..Download::of(url.clone(), LARGEST) };
        let loaded = self.loader.fetch(download)?;
        fs::read(&loaded.path).map_err(|source| ApkError::Read { path: loaded.path, source })
    }

    /// The bytes of an index of this machine; none if there is none.
    fn local_index(&self, place: &Place) -> Result<Option<Vec<u8>>, ApkError> {
        let path = beside(self.directory, place.shown());
        match regular::bytes(&path, LARGEST) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(ApkError::Read { path, source }),
        }
    }
}

/// Whether nothing is there.
fn is_absent(error: &DownloadError) -> bool {
    matches!(error, DownloadError::Net(NetError::Status(status)) if matches!(status.status, 404 | 410))
}

/// Which architectures a directory has instead.
fn what_is_there(directory: &Path, architecture: &str) -> Result<String, ApkError> {
    let failed = |source| ApkError::Read { path: directory.to_path_buf(), source };
    let mut names = Vec::new();
    for entry in fs::read_dir(directory).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if entry.path().join(NAME).is_file() {
            names.push(Escaped(entry.file_name().as_encoded_bytes()).to_string());
        }
    }
    names.sort();
    let there = match (names.is_empty(), directory.join(NAME).is_file()) {
        (false, _) => format!("there are {}", names.join(", ")),
        (true, true) => format!(
            "there is an index in the directory itself; it belongs into a directory {architecture}"
        ),
        (true, false) => "there is none for any other".into(),
    };
    Ok(format!("there is no `{architecture}/{NAME}` in it; {there}"))
}

fn hint(fault: &ApkFault, place: &ApkPlace) -> &'static str {
    match (fault, place) {
        (ApkFault::Untrusted(Untrusted::NoSignature), ApkPlace::Directory(_)) => {
            "; `abuild-sign` and `melange sign-index` sign one, and {url: ..., allow-unsigned: true} \
             believes it as it is"
        }
        (ApkFault::Untrusted(Untrusted::UnknownKey { .. }), _) => {
            "; name the file of its key with `keys`"
        }
        _ => "",
    }
}
