//! What is at a place of an archive: loaded from the network, or read from this machine.

use std::io;
use std::path::PathBuf;

use scant_core::formats::lock::Place;
use scant_core::words::{Digest, Url};

use super::{AptError, Archives};
use crate::cache::{Download, DownloadError};
use crate::net::NetError;
use crate::packages::fetch::{FetchError, kept};
use crate::packages::regular;

impl Archives<'_> {
    /// The file of this digest and size, in the store of downloads.
    pub(super) fn file(
        &self,
        place: &Place,
        (digest, size): (Digest, u64),
        limit: u64,
    ) -> Result<PathBuf, AptError> {
        let path = match place {
            Place::Url(url) => return self.loaded(url, Some((digest, size)), limit),
            Place::File(path) => self.directory.join(path),
        };
        kept(self.loader.downloads, &path, (digest, size)).map_err(|error| match error {
            FetchError::Download(error) | FetchError::Store { error, .. } => error.into(),
            FetchError::Read { path, source } => AptError::Read { path, source },
            FetchError::Other { path, expected, found } => {
                AptError::Changed { path, expected, found }
            }
        })
    }

    /// What is there now.
    pub(super) fn bytes(&self, place: &Place, limit: u64) -> Result<Vec<u8>, AptError> {
        let path = match place {
            Place::Url(url) => self.loaded(url, None, limit)?,
            Place::File(path) => self.directory.join(path),
        };
        regular::bytes(&path, limit).map_err(|source| AptError::Read { path, source })
    }

    fn loaded(
        &self,
        url: &Url,
        is: Option<(Digest, u64)>,
        limit: u64,
    ) -> Result<PathBuf, AptError> {
        let download = Download {
            digest: is.map(|(digest, _)| digest),
            size: is.map(|(_, size)| size),
            ..Download::of(url.clone(), limit)
        };
        Ok(self.loader.fetch(download)?.path)
    }
}

/// Whether nothing is there.
pub(super) fn is_absent(error: &AptError) -> bool {
    match error {
        AptError::Download(DownloadError::Net(NetError::Status(status))) => {
            matches!(status.status, 404 | 410)
        }
        AptError::Read { source, .. } => source.kind() == io::ErrorKind::NotFound,
        _ => false,
    }
}

/// A path below an archive.
pub(super) fn below(archive: &Place, path: &str) -> Result<Place, AptError> {
    use std::fmt::Write as _;
    let refused = || AptError::Path { archive: archive.clone(), path: path.to_string() };
    let path = path.trim_start_matches("./");
    if path.is_empty() || path.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return Err(refused());
    }
    let archive = match archive {
        Place::Url(url) => url,
        Place::File(directory) if path.contains('\0') || directory.is_empty() => {
            return Err(refused());
        }
        Place::File(directory) => {
            return Ok(Place::File(format!("{}/{path}", directory.trim_end_matches('/'))));
        }
    };
    let mut text = format!("{}/", archive.to_string().trim_end_matches('/'));
    for byte in path.bytes() {
        match byte {
            b'/' | b'+' | b'-' | b'.' | b'_' | b'~' | b':' => text.push(char::from(byte)),
            byte if byte.is_ascii_alphanumeric() => text.push(char::from(byte)),
            byte => write!(text, "%{byte:02X}").expect("a string can be written to"),
        }
    }
    text.parse().map(Place::Url).map_err(|_| refused())
}
