//! The archives and keys that apt has on this machine.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use scant_core::formats::debian::{Source, SourcesError, lines_of_sources, paragraphs_of_sources};
use scant_core::formats::openpgp::Keyring;
use scant_core::rules::openpgp::Allowed;

use super::{AptError, Archives, Named};
use crate::packages::regular;

/// A list of archives has some lines, and a file of keys some kilobytes.
const LARGEST: u64 = 8 << 20;

/// Who must have signed an archive.
pub(super) enum Keys {
    /// One of these.
    Trusted { keyring: Keyring, only: Option<Vec<Allowed>> },
    /// Nobody needs to: the user says so.
    Anybody,
}

impl Archives<'_> {
    /// The archives of this machine: `sources.list`, then `sources.list.d`, sorted.
    pub(super) fn of_machine(&self) -> Result<Vec<Named>, AptError> {
        let mut files = vec![self.apt.join("sources.list")];
        files.extend(names(&self.apt.join("sources.list.d"), &["list", "sources"])?);
        let mut all = Vec::new();
        for path in files {
            let Some(bytes) = read(&path)? else { continue };
            let text = String::from_utf8_lossy(&bytes);
            let parse: fn(&str) -> Result<Vec<Source>, SourcesError> =
                match path.extension().is_some_and(|ending| ending == "sources") {
                    true => paragraphs_of_sources,
                    false => lines_of_sources,
                };
            let sources =
                parse(&text).map_err(|error| AptError::Sources { path: path.clone(), error })?;
            let named = |source| Named { source, file: Some(path.clone()) };
            all.extend(sources.into_iter().map(named));
        }
        match all.is_empty() {
            true => Err(AptError::NoSources { directory: self.apt.to_path_buf() }),
            false => Ok(all),
        }
    }

    /// Who must have signed an archive.
    pub(super) fn keys(&self, named: &Named, allow_unsigned: bool) -> Result<Keys, AptError> {
        let source = &named.source;
        let has_keys = source.key.is_some() || !source.signed_by.is_empty();
        // Who names keys means them, whatever else is allowed.
        if source.is_trusted || (allow_unsigned && !has_keys) {
            return Ok(Keys::Anybody);
        }
        let (mut keyring, mut only) = (Keyring::default(), Vec::new());
        let mut has_files = false;
        if let Some(key) = &source.key {
            let place = named.file.as_deref().unwrap_or(Path::new("the manifest"));
            keyring.merge(parse(key.as_bytes(), place)?);
            has_files = true;
        }
        for text in &source.signed_by {
            let is_file = named.file.is_none() || text.starts_with('/');
            if is_file {
                let path = self.directory.join(text);
                let bytes = read(&path)?.ok_or_else(|| AptError::Read {
                    path: path.clone(),
                    source: io::ErrorKind::NotFound.into(),
                })?;
                keyring.merge(parse(&bytes, &path)?);
                has_files = true;
            } else {
                let refused = |_| AptError::SignedBy { text: text.clone() };
                only.push(text.trim_end_matches(',').parse::<Allowed>().map_err(refused)?);
            }
        }
        if !has_files {
            keyring = self.keys_of_machine()?;
        }
        let only = Some(only).filter(|only| !only.is_empty());
        Ok(Keys::Trusted { keyring, only })
    }

    /// The keys that apt trusts for archives that name none.
    fn keys_of_machine(&self) -> Result<Keyring, AptError> {
        let mut files = vec![self.apt.join("trusted.gpg")];
        files.extend(names(&self.apt.join("trusted.gpg.d"), &["asc", "gpg"])?);
        let mut keyring = Keyring::default();
        for path in files {
            // One that apt makes before there are keys is empty.
            let Some(bytes) = read(&path)?.filter(|bytes| !bytes.is_empty()) else { continue };
            keyring.merge(parse(&bytes, &path)?);
        }
        match keyring.certificates.is_empty() {
            true => Err(AptError::NoKeys { directory: self.apt.to_path_buf() }),
            false => Ok(keyring),
        }
    }
}

fn parse(bytes: &[u8], path: &Path) -> Result<Keyring, AptError> {
    let place = path.display().to_string();
    Keyring::parse(bytes).map_err(|error| AptError::Keys { place, error })
}

/// The files with one of these endings in a directory, sorted; none where there is no directory.
/// Names are those that apt reads: sources.list(5).
fn names(directory: &Path, endings: &[&str]) -> Result<Vec<PathBuf>, AptError> {
    let failed = |source| AptError::Read { path: directory.to_path_buf(), source };
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    let mut all = Vec::new();
    for entry in entries {
        let name = entry.map_err(failed)?.file_name();
        let is_known = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-.".contains(byte);
        let ending = Path::new(&name).extension();
        let has_ending = endings.iter().any(|known| ending.is_some_and(|ending| ending == *known));
        if has_ending && name.as_encoded_bytes().iter().all(is_known) {
            all.push(directory.join(&name));
        }
    }
    all.sort();
    Ok(all)
}

/// A file; none if it is not there.
fn read(path: &Path) -> Result<Option<Vec<u8>>, AptError> {
    match regular::bytes(path, LARGEST) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(AptError::Read { path: path.to_path_buf(), source }),
    }
}
