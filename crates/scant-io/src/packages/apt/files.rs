//! Packages that are in no archive: what they say of themselves is their list. Nobody has signed it.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use scant_core::formats::debian::control::paragraphs;
use scant_core::formats::lock::{self, Place};
use scant_core::words::Digest;

use super::index::ReadIndex;
use super::{AptError, Archives};
use crate::inputs::{ArchiveOptions, Limits};
use crate::packages::deb::control_of;
use crate::packages::fetch::{FetchError, LARGEST_PACKAGE};
use crate::packages::regular;

/// What lists say of a package and it does not say itself.
const OF_LISTS: [&str; 6] = ["Filename", "Size", "MD5sum", "SHA1", "SHA256", "SHA512"];
/// The priority of what is in an archive: apt_preferences(5).
const PRIORITY: i32 = 500;

impl Archives<'_> {
    /// The packages that a file, a directory or a pattern names.
    pub(super) fn files(&self, pattern: &str) -> Result<ReadIndex, AptError> {
        let mut text = String::new();
        for name in self.names(pattern)? {
            let path = self.directory.join(&name);
            let opened = regular::open(&path);
            let mut file = opened.map_err(|source| FetchError::Read { path, source })?;
            // Its bytes are kept first: what it says of itself is then read of what was kept.
            let mut file = std::io::Read::take(&mut file, LARGEST_PACKAGE);
            let stored = self.loader.downloads.insert(&mut file, None)?;
            let options = ArchiveOptions {
                strip_components: 0,
                limits: Limits::default(),
                temporary: self.temporary.to_path_buf(),
            };
            let control = control_of(&stored.path, &options).map_err(|error| AptError::File {
                path: name.clone().into(),
                fault: error.fault,
            })?;
            let paragraph = paragraphs(&control).next();
            for (field, value) in paragraph.iter().flat_map(|paragraph| paragraph.fields()) {
                if !OF_LISTS.iter().any(|name| field.eq_ignore_ascii_case(name)) {
                    writeln!(text, "{field}: {value}").expect("a string can be written to");
                }
            }
            let (digest, size) = (stored.digest.hex(), stored.size);
            writeln!(text, "Filename: {name}\nSize: {size}\nSHA256: {digest}\n")
                .expect("a string can be written to");
        }
        let place = Place::File(pattern.to_string());
        let (digest, size) = (Digest::of(text.as_bytes()), text.len() as u64);
        let lock = lock::Index { place: place.clone(), digest, size };
        Ok(ReadIndex { archive: None, place, text, priority: PRIORITY, lock, is_unsigned: true })
    }

    /// The names of the files, sorted, in the words of the pattern.
    fn names(&self, pattern: &str) -> Result<Vec<String>, AptError> {
        let is_directory = self.directory.join(pattern).is_dir();
        let (directory, name) = match pattern.rsplit_once('/') {
            _ if is_directory => (pattern.trim_end_matches('/'), "*.deb"),
            Some((directory, name)) => (directory, name),
            None => ("", pattern),
        };
        if !name.contains('*') {
            return Ok(vec![pattern.to_string()]);
        }
        let path = match directory {
            "" if pattern.starts_with('/') => Path::new("/").to_path_buf(),
            "" => self.directory.to_path_buf(),
            directory => self.directory.join(directory),
        };
        let failed = |source| AptError::Read { path: path.clone(), source };
        let mut names = Vec::new();
        for entry in fs::read_dir(&path).map_err(failed)? {
            let found = entry.map_err(failed)?.file_name();
            // Names of packages are ASCII: others are not meant.
            let Some(found) = found.to_str().filter(|found| matches(name, found)) else { continue };
            names.push(match directory {
                "" if !pattern.starts_with('/') => found.to_string(),
                directory => format!("{directory}/{found}"),
            });
        }
        names.sort();
        match names.is_empty() {
            true => Err(AptError::NoFiles { pattern: pattern.to_string() }),
            false => Ok(names),
        }
    }
}

/// Whether a name is one of a pattern, in which only `*` stands for something else than itself.
fn matches(pattern: &str, name: &str) -> bool {
    let mut glob = String::new();
    for c in pattern.chars() {
        if "?[]{}!\\".contains(c) {
            glob.push('\\');
        }
        glob.push(c);
    }
    !name.starts_with('.') && fast_glob::glob_match(glob.as_bytes(), name.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn names_are_those_of_a_pattern() {
        let case = |pattern: &str, name: &str, expected: bool| {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        };
        case("*.deb", "a.deb", true);
        case("*.deb", "a.deb.part", false);
        case("*.deb", ".a.deb", false);
        case("a*_*.deb", "ab_1_all.deb", true);
        case("a*_*.deb", "b_1_all.deb", false);
        case("a*a", "a", false);
        case("a", "a", true);
        case("a", "ab", false);
        case("[a]{b}?!_*.deb", "[a]{b}?!_1.deb", true);
        case("[a]_*.deb", "a_1.deb", false);
    }
}
