//! The keys that a manifest names: files of this machine, or pinned ones of the network.

use std::fs;
use std::path::{Path, PathBuf};

use scant_core::formats::manifest::{ApkKeyPlace, ApkKeys};
use scant_core::words::Digest;

use super::{ApkError, Repositories, each};
use crate::cache::Download;
use crate::packages::apk::Key;
use crate::packages::fetch::beside;
use crate::packages::regular;

/// A key has under a kilobyte.
const LARGEST: u64 = 64 << 10;

impl Repositories<'_> {
    /// All keys, and what is wrong with any.
    pub(super) fn keys(&self, named: &[ApkKeys]) -> Result<Vec<Key>, ApkError> {
        let keys = each(named, |keys| match &keys.place {
            ApkKeyPlace::Url(url) => {
                // It has a fingerprint.
                let download = Download::of(url.clone(), LARGEST);
                let loaded = self.loader.fetch(download)?;
                let pem = read(&loaded.path)?;
                Ok(vec![key(url.file_name(), url.shown(), &pem, keys.fingerprint)?])
            }
            place @ ApkKeyPlace::Files(path) => {
                let files = match place.glob() {
                    None => vec![beside(self.directory, path)],
                    Some((directory, _)) => meant(&beside(self.directory, directory), place)?,
                };
                let of = |path: &PathBuf| {
                    let name = path.file_name().unwrap_or_default().to_string_lossy();
                    let pem = read(path)?;
                    key(&name, &path.display().to_string(), &pem, keys.fingerprint)
                };
                match files.is_empty() {
                    true => Err(ApkError::NoKeys { pattern: path.clone() }),
                    false => each(&files, of),
                }
            }
        })?;
        Ok(keys.concat())
    }
}

fn key(name: &str, place: &str, pem: &[u8], pin: Option<Digest>) -> Result<Key, ApkError> {
    let key = match pin {
        None => Key::parse(name, pem),
        Some(pin) => Key::pinned(name, pem, &[pin]),
    };
    key.map_err(|fault| ApkError::Key { place: place.to_string(), fault })
}

/// The files of a directory whose names are meant, sorted.
fn meant(directory: &Path, place: &ApkKeyPlace) -> Result<Vec<PathBuf>, ApkError> {
    let failed = |source| ApkError::Read { path: directory.to_path_buf(), source };
    let mut all = Vec::new();
    // An empty path is no directory.
    let open = if directory.as_os_str().is_empty() { Path::new(".") } else { directory };
    for entry in fs::read_dir(open).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name();
        if place.is_meant(name.as_encoded_bytes()) {
            all.push(directory.join(&name));
        }
    }
    all.sort();
    Ok(all)
}

fn read(path: &Path) -> Result<Vec<u8>, ApkError> {
    let failed = |source| ApkError::Read { path: path.to_path_buf(), source };
    regular::bytes(path, LARGEST).map_err(failed)
}
