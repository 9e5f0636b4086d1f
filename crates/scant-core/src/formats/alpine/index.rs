//! An index of Alpine packages, `APKINDEX`.
//! [Apk spec](https://wiki.alpinelinux.org/wiki/Apk_spec).

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Dependency, DependencyError, Provided, Version, VersionError};
use crate::words::Escaped;

/// A package, as an index tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// Its name.
    pub name: Box<str>,
    /// Its version.
    pub version: Version,
    /// Its architecture by Alpine's name, or `noarch`.
    pub architecture: Box<str>,
    /// The SHA-1 of its control part as it is stored. It leads to the digest of its data.
    pub checksum: [u8; 20],
    /// The size of its file in bytes.
    pub size: u64,
    /// The package it was built with, by name.
    pub origin: Option<Box<str>>,
    /// What it says of its licence.
    pub license: Box<str>,
    /// What it cannot do without, and what cannot be there with it.
    pub depends: Vec<Dependency>,
    /// Names that it answers to as well.
    pub provides: Vec<Provided>,
    /// What it comes with by itself, once all of that is there.
    pub install_if: Vec<Dependency>,
    /// Of packages that provide the same, one with a higher number is preferred.
    pub provider_priority: u64,
    /// Something that it needs and that makes no sense: nobody can have the package.
    pub unreadable: Option<DependencyError>,
}

/// What is wrong with an index.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IndexError {
    /// Not UTF-8.
    #[error("it is not UTF-8")]
    NotText,
    /// A line without a letter and a colon.
    #[error("line {line}: `{}` is not a letter, a colon and a value", Escaped(text.as_bytes()))]
    Line {
        /// Its number, from 1.
        line: usize,
        /// What stands there.
        text: String,
    },
    /// Something is missing.
    #[error("line {line}: a package without {field}")]
    Missing {
        /// Where it begins.
        line: usize,
        /// What is missing.
        field: &'static str,
    },
    /// A value that makes no sense.
    #[error("line {line}: `{}` is no {what}", Escaped(text.as_bytes()))]
    Value {
        /// Its number, from 1.
        line: usize,
        /// What stands there.
        text: String,
        /// What was expected.
        what: &'static str,
    },
    /// A version that is none.
    #[error("line {line}: {error}")]
    Version {
        /// Its number, from 1.
        line: usize,
        /// Why.
        error: VersionError,
    },
}

/// Reads the text of an index.
///
/// # Errors
/// The first thing that is wrong.
pub fn packages(text: &str) -> Result<Vec<Package>, IndexError> {
    let (mut all, mut entry, mut first) = (Vec::new(), Entry::default(), 1);
    for (number, text) in text.lines().enumerate() {
        let line = number + 1;
        if text.is_empty() {
            all.extend(core::mem::take(&mut entry).finish(first)?);
            first = line + 1;
            continue;
        }
        let (letter, value) = text
            .split_once(':')
            .ok_or_else(|| IndexError::Line { line, text: text.to_string() })?;
        entry.set(line, letter, value)?;
    }
    all.extend(entry.finish(first)?);
    Ok(all)
}

#[derive(Default)]
struct Entry {
    is_begun: bool,
    name: Option<Box<str>>,
    version: Option<Version>,
    architecture: Option<Box<str>>,
    checksum: Option<[u8; 20]>,
    size: Option<u64>,
    origin: Option<Box<str>>,
    license: Box<str>,
    depends: Vec<Dependency>,
    provides: Vec<Provided>,
    install_if: Vec<Dependency>,
    provider_priority: u64,
    unreadable: Option<DependencyError>,
}

impl Entry {
    fn set(&mut self, line: usize, letter: &str, value: &str) -> Result<(), IndexError> {
        self.is_begun = true;
        let number = |what| {
            let wrong = |_| IndexError::Value { line, text: value.to_string(), what };
            value.parse::<u64>().map_err(wrong)
        };
        // One package that makes no sense does not take the whole index with it.
        let dependencies = || {
            let all = value.split_whitespace().map(Dependency::parse);
            all.collect::<Result<Vec<_>, _>>()
        };
        match letter {
            "P" if is_name(value) => self.name = Some(value.into()),
            "P" => {
                let what = "name of a package";
                return Err(IndexError::Value { line, text: value.to_string(), what });
            }
            "V" => {
                let version = value.parse().map_err(|error| IndexError::Version { line, error })?;
                self.version = Some(version);
            }
            "A" => self.architecture = Some(value.into()),
            "C" => {
                let wrong = || IndexError::Value {
                    line,
                    text: value.to_string(),
                    what: "checksum, `Q1` and a SHA-1 in base 64",
                };
                self.checksum = Some(checksum(value).ok_or_else(wrong)?);
            }
            "S" => self.size = Some(number("size")?),
            "o" => self.origin = Some(value.into()),
            "L" => self.license = value.into(),
            "D" => match dependencies() {
                Ok(depends) => self.depends = depends,
                Err(error) => self.unreadable = Some(error),
            },
            "i" => self.install_if = dependencies().unwrap_or_default(),
            "p" => self.provides = value.split_whitespace().filter_map(Provided::read).collect(),
            "k" => self.provider_priority = number("priority")?,
            _ => {}
        }
        Ok(())
    }

    fn finish(self, line: usize) -> Result<Option<Package>, IndexError> {
        if !self.is_begun {
            return Ok(None);
        }
        let missing = |field| IndexError::Missing { line, field };
        Ok(Some(Package {
            name: self.name.ok_or_else(|| missing("a name (P)"))?,
            version: self.version.ok_or_else(|| missing("a version (V)"))?,
            architecture: self.architecture.ok_or_else(|| missing("an architecture (A)"))?,
            checksum: self.checksum.ok_or_else(|| missing("a checksum (C)"))?,
            size: self.size.ok_or_else(|| missing("a size (S)"))?,
            origin: self.origin,
            license: self.license,
            depends: self.depends,
            provides: self.provides,
            install_if: self.install_if,
            provider_priority: self.provider_priority,
            unreadable: self.unreadable,
        }))
    }
}

/// A checksum as apk writes it: `Q1` and a SHA-1 in base 64.
pub fn checksum(text: &str) -> Option<[u8; 20]> {
    STANDARD.decode(text.strip_prefix("Q1")?).ok()?.try_into().ok()
}

pub(super) fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '.' || c == '_')
        && !name.contains("..")
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-._".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "C:Q1ZX+on7zBgcokTctj4tLSmx7q5O4=\nP:a\nV:1-r0\nA:x86_64\nS:12\n";

    #[test]
    fn an_index_is_read() {
        let text = alloc::format!(
            "{GOOD}o:b\nL:MIT\nD:musl !c so:x.so.1\np:cmd:a=1-r0 d\ni:a=1-r0 e\nk:10\nZ:?\n\n\n{GOOD}"
        );
        let all = packages(&text).unwrap();
        assert_eq!(all.len(), 2);
        let depends: Vec<_> = all[0].depends.iter().map(ToString::to_string).collect();
        assert_eq!(depends, ["musl", "!c", "so:x.so.1"]);
        assert_eq!((all[0].provides.len(), all[0].install_if.len()), (2, 2));
        assert_eq!((all[0].provider_priority, all[0].size), (10, 12));
        assert_eq!(all[0].checksum[..3], [0x65, 0x7f, 0xa8]);
        assert_eq!(all[1].origin, None);
    }

    #[test]
    fn what_makes_no_sense_is_the_trouble_of_its_package() {
        let text = alloc::format!("{GOOD}D:a= b\np:pc:x=v2.4 =1 c=1\ni:a= b\n\n{GOOD}");
        let all = packages(&text).unwrap();
        assert_eq!(all[0].unreadable, Some(DependencyError("a=".into())));
        let provides = all[0].provides.iter().map(|one| (&*one.name, one.version.is_some()));
        assert_eq!(provides.collect::<Vec<_>>(), [("pc:x", false), ("c", true)]);
        assert!(all[0].install_if.is_empty() && all[1].unreadable.is_none());
    }

    #[test]
    fn faults_are_told() {
        let case = |text: &str, expected: &str| {
            assert_eq!(packages(text).unwrap_err().to_string(), expected, "{text}");
        };
        case("P:a\n", "line 1: a package without a version (V)");
        case("\n\nV:1\n", "line 3: a package without a name (P)");
        case("P:../a\n", "line 1: `../a` is no name of a package");
        case("x\n", "line 1: `x` is not a letter, a colon and a value");
        case(
            "P:a\nV:x\n",
            "line 2: `x` is not a version of an Alpine package: `1.2.3a_rc1-r0` is one",
        );
        case("S:-1\n", "line 1: `-1` is no size");
        case("C:Q1x\n", "line 1: `Q1x` is no checksum, `Q1` and a SHA-1 in base 64");
        case(
            "C:Q1ZX+on7zBgcokTctj4tLSmx7q5O5=\n",
            "line 1: `Q1ZX+on7zBgcokTctj4tLSmx7q5O5=` is no checksum, `Q1` and a SHA-1 in base 64",
        );
    }
}
