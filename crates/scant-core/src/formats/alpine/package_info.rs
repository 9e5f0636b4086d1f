//! What a package says of itself: `.PKGINFO`, lines of `KEY = VALUE` of which some come many times.
//! [apk-v2(5)](https://gitlab.alpinelinux.org/alpine/apk-tools/-/blob/master/doc/apk-v2.5.scd).

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::{Dependency, DependencyError, Provided, Version, VersionError};
use crate::words::{Digest, Escaped};

/// What a package says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageInfo {
    /// Its name.
    pub name: Box<str>,
    /// Its version.
    pub version: Version,
    /// Its architecture by Alpine's name, or `noarch`; nothing in old packages.
    pub architecture: Box<str>,
    /// The package it was built with, by name.
    pub origin: Option<Box<str>>,
    /// What it says of its licence.
    pub license: Box<str>,
    /// What it is.
    pub description: Box<str>,
    /// Where it is from.
    pub url: Box<str>,
    /// The revision of the recipes that it was built from.
    pub commit: Option<Box<str>>,
    /// What it cannot do without, and what cannot be there with it.
    pub depends: Vec<Dependency>,
    /// Names that it answers to as well.
    pub provides: Vec<Provided>,
    /// What it comes with by itself, once all of that is there.
    pub install_if: Vec<Dependency>,
    /// Packages whose files it may take the place of.
    pub replaces: Vec<Dependency>,
    /// Of two that may replace each other's files, the higher one does.
    pub replaces_priority: u64,
    /// Directories that its trigger is for.
    pub triggers: Vec<Box<str>>,
    /// The SHA-256 of its data as it is stored; none when it has no data.
    pub data_hash: Option<[u8; 32]>,
}

/// What is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PackageInfoError {
    /// Not UTF-8.
    #[error("it is not UTF-8")]
    NotText,
    /// A line of another form.
    #[error("line {line}: `{}` is not `KEY = VALUE`", Escaped(text.as_bytes()))]
    Line {
        /// Its number, from 1.
        line: usize,
        /// What stands there.
        text: String,
    },
    /// A key that may be there once.
    #[error("line {line}: `{key}` is there twice")]
    Twice {
        /// The number of the line, from 1.
        line: usize,
        /// The key.
        key: &'static str,
    },
    /// A key that must be there.
    #[error("it has no `{key}`")]
    Missing {
        /// The key.
        key: &'static str,
    },
    /// A value that makes no sense.
    #[error("line {line}: `{}` is no {what}", Escaped(text.as_bytes()))]
    Value {
        /// The number of the line, from 1.
        line: usize,
        /// What stands there.
        text: String,
        /// What was expected.
        what: &'static str,
    },
    /// A version that is none.
    #[error("line {line}: {error}")]
    Version {
        /// The number of the line, from 1.
        line: usize,
        /// Why.
        error: VersionError,
    },
    /// A dependency that is none.
    #[error("line {line}: {error}")]
    Dependency {
        /// The number of the line, from 1.
        line: usize,
        /// Why.
        error: DependencyError,
    },
}

/// The keys that may be there once.
const ONCE: [&str; 11] = [
    "pkgname",
    "pkgver",
    "arch",
    "origin",
    "license",
    "pkgdesc",
    "url",
    "commit",
    "replaces_priority",
    "datahash",
    "triggers",
];

#[derive(Default)]
struct Fields<'a> {
    once: [Option<(usize, &'a str)>; ONCE.len()],
    depends: Vec<Dependency>,
    provides: Vec<Provided>,
    install_if: Vec<Dependency>,
    replaces: Vec<Dependency>,
}

impl PackageInfo {
    /// Reads a `.PKGINFO`. Keys that are not known say nothing.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn parse(text: &[u8]) -> Result<Self, PackageInfoError> {
        let text = core::str::from_utf8(text).map_err(|_| PackageInfoError::NotText)?;
        let mut fields = Fields::default();
        for (number, text) in text.lines().enumerate() {
            let line = number + 1;
            let trimmed = text.trim();
            if trimmed.is_empty() || trimmed.starts_with('#') {
                continue;
            }
            let (key, value) = trimmed
                .split_once('=')
                .ok_or_else(|| PackageInfoError::Line { line, text: text.to_string() })?;
            fields.set(line, key.trim(), value.trim())?;
        }
        fields.finish()
    }
}

impl<'a> Fields<'a> {
    fn set(&mut self, line: usize, key: &str, value: &'a str) -> Result<(), PackageInfoError> {
        let failed = |error| PackageInfoError::Dependency { line, error };
        let dependencies = |to: &mut Vec<Dependency>| {
            for text in value.split_whitespace() {
                to.push(Dependency::parse(text).map_err(failed)?);
            }
            Ok(())
        };
        match key {
            "depend" => dependencies(&mut self.depends),
            "install_if" => dependencies(&mut self.install_if),
            "replaces" => dependencies(&mut self.replaces),
            "provides" => {
                self.provides.extend(value.split_whitespace().filter_map(Provided::read));
                Ok(())
            }
            _ => {
                let Some(place) = ONCE.iter().position(|known| *known == key) else {
                    return Ok(());
                };
                match self.once[place].replace((line, value)) {
                    None => Ok(()),
                    Some(_) => Err(PackageInfoError::Twice { line, key: ONCE[place] }),
                }
            }
        }
    }

    fn get(&self, key: &str) -> Option<(usize, &'a str)> {
        ONCE.iter().position(|known| *known == key).and_then(|place| self.once[place])
    }

    fn text(&self, key: &str) -> Box<str> {
        self.get(key).map(|(_, value)| value).unwrap_or_default().into()
    }

    fn finish(self) -> Result<PackageInfo, PackageInfoError> {
        let needed = |key| self.get(key).ok_or(PackageInfoError::Missing { key });
        let wrong = |line, text: &str, what| {
            let text = text.to_string();
            Err(PackageInfoError::Value { line, text, what })
        };
        let (line, name) = needed("pkgname")?;
        if !super::index::is_name(name) {
            return wrong(line, name, "name of a package");
        }
        let (line, version) = needed("pkgver")?;
        let version = version.parse().map_err(|error| PackageInfoError::Version { line, error })?;
        let replaces_priority = match self.get("replaces_priority") {
            None => 0,
            Some((line, text)) => match text.parse() {
                Ok(number) => number,
                Err(_) => return wrong(line, text, "priority"),
            },
        };
        let data_hash = match self.get("datahash") {
            None => None,
            Some((line, text)) => match sha256(text) {
                Some(hash) => Some(hash),
                None => return wrong(line, text, "SHA-256 in hexadecimal digits"),
            },
        };
        let optional = |key| self.get(key).map(|(_, value)| value.into());
        let triggers = self.get("triggers").map(|(_, value)| value).unwrap_or_default();
        Ok(PackageInfo {
            name: name.into(),
            version,
            architecture: self.text("arch"),
            origin: optional("origin"),
            license: self.text("license"),
            description: self.text("pkgdesc"),
            url: self.text("url"),
            commit: optional("commit"),
            replaces_priority,
            triggers: triggers.split_whitespace().map(Into::into).collect(),
            data_hash,
            depends: self.depends,
            provides: self.provides,
            install_if: self.install_if,
            replaces: self.replaces,
        })
    }
}

fn sha256(text: &str) -> Option<[u8; 32]> {
    Digest::from_hex(&text.to_ascii_lowercase()).map(|digest| *digest.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_package_says_of_itself() {
        let text = "# made by hand\npkgname = foo\npkgver = 1.2-r0\npkgdesc = a = b\narch = x86_64\n\
                    origin = bar\nlicense = MIT AND BSD-2-Clause\ndepend = so:libc.so.1\n\
                    depend = !baz\nprovides = cmd:foo=1.2-r0\nreplaces = old<2\nreplaces = other\n\
                    replaces_priority = 10\ninstall_if = docs foo=1.2-r0\ntriggers = /bin /usr/*\n\
                    size = 12\nunknown = x\n\
                    datahash = 00000000000000000000000000000000000000000000000000000000000000FF\n";
        let info = PackageInfo::parse(text.as_bytes()).unwrap();
        assert_eq!(
            (&*info.name, info.version.as_str(), &*info.description),
            ("foo", "1.2-r0", "a = b")
        );
        assert_eq!((info.depends.len(), info.provides.len(), info.install_if.len()), (2, 1, 2));
        let replaces: Vec<_> = info.replaces.iter().map(ToString::to_string).collect();
        assert_eq!(
            (&replaces[..], info.replaces_priority),
            (&["old<2".into(), "other".into()][..], 10)
        );
        assert_eq!(info.triggers, ["/bin".into(), "/usr/*".into()]);
        assert_eq!(info.data_hash.unwrap()[31], 255);
    }

    #[test]
    fn faults_are_told() {
        let case = |text: &str, expected: &str| {
            let error = PackageInfo::parse(text.as_bytes()).unwrap_err();
            assert_eq!(error.to_string(), expected, "{text}");
        };
        case("", "it has no `pkgname`");
        case("pkgname = a\n", "it has no `pkgver`");
        case("pkgname = ../a\npkgver = 1\n", "line 1: `../a` is no name of a package");
        case("pkgname a\n", "line 1: `pkgname a` is not `KEY = VALUE`");
        case("pkgname = a\npkgname = b\n", "line 2: `pkgname` is there twice");
        case(
            "pkgname = a\npkgver = 1\ndatahash = 12\n",
            "line 3: `12` is no SHA-256 in hexadecimal digits",
        );
        case("pkgname = a\npkgver = 1\nreplaces_priority = -1\n", "line 3: `-1` is no priority");
        case(
            "depend = a=\n",
            "line 1: `a=` is not a dependency of an Alpine package: `name>=1.2-r0` is one",
        );
        assert_eq!(PackageInfo::parse(b"\xff"), Err(PackageInfoError::NotText));
    }
}
