//! Packages of Alpine and its kin that an input is made of, as declared. Choosing and fetching them is
//! not done here.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use crate::formats::alpine::Dependency;
use crate::words::{Digest, Url};

/// Packages of Alpine and its kin, and where they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Apk {
    /// What is asked for, and what must not be there. What packages need comes with them.
    pub packages: Vec<Dependency>,
    /// Where packages are; earlier ones are preferred.
    pub repositories: Vec<ApkRepository>,
    /// Who must have signed what repositories have.
    pub keys: Vec<ApkKeys>,
    /// Whether packages come by themselves once all is there that they name in `install_if`.
    pub has_install_if: bool,
    /// Whether nobody needs to have signed what repositories have.
    pub allow_unsigned: bool,
}

/// A repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApkRepository {
    /// The directory that has one for each architecture.
    pub place: ApkPlace,
    /// Its tag: then packages come from it only where they are asked for with `@TAG`.
    pub tag: Option<String>,
    /// Whether nobody needs to have signed what it has.
    pub allow_unsigned: bool,
}

/// Where a repository is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApkPlace {
    /// On the network.
    Url(Url),
    /// On this machine; a relative path starts at the manifest's directory.
    Directory(String),
}

/// Keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApkKeys {
    /// Where they are.
    pub place: ApkKeyPlace,
    /// The SHA-256 of the one key that is meant, as DER.
    pub fingerprint: Option<Digest>,
}

/// Where keys are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApkKeyPlace {
    /// On the network.
    Url(Url),
    /// Files on this machine, whose names may have a glob; a relative path starts at the manifest's
    /// directory.
    Files(String),
}

impl Apk {
    /// Whose packages they seem to be, by where they are: package URLs name it.
    pub fn vendor(&self) -> &'static str {
        let places: String = self.repositories.iter().map(|one| one.place.to_string()).collect();
        let named = |vendor: &&&str| places.contains(**vendor);
        ["wolfi", "chainguard"].iter().find(named).copied().unwrap_or("alpine")
    }
}

impl ApkKeyPlace {
    /// The directory and the glob over names in it; none if one file or URL is named.
    pub fn glob(&self) -> Option<(&str, &str)> {
        let Self::Files(path) = self else { return None };
        let (directory, name) = match path.rfind('/') {
            Some(slash) => path.split_at(slash + 1),
            None => ("", &**path),
        };
        name.contains(['*', '?', '[', '{', '\\']).then_some((directory, name))
    }

    /// Whether a name in its directory is one that is meant.
    pub fn is_meant(&self, name: &[u8]) -> bool {
        self.glob().is_some_and(|(_, glob)| fast_glob::glob_match(glob.as_bytes(), name))
    }
}

impl fmt::Display for ApkKeyPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url(url) => f.write_str(url.shown()),
            Self::Files(path) => f.write_str(path),
        }
    }
}

impl fmt::Display for ApkPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url(url) => f.write_str(url.shown()),
            Self::Directory(path) => f.write_str(path),
        }
    }
}

/// All that decides which packages there are, in one line.
impl fmt::Display for Apk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let wishes: Vec<_> = self.packages.iter().map(ToString::to_string).collect();
        f.write_str(&wishes.join(", "))?;
        if !self.has_install_if {
            f.write_str(" without what comes by itself")?;
        }
        for ApkRepository { place, tag, allow_unsigned, .. } in &self.repositories {
            write!(f, "; {place}")?;
            tag.iter().try_for_each(|tag| write!(f, " @{tag}"))?;
            if *allow_unsigned || self.allow_unsigned {
                f.write_str(" unsigned")?;
            }
        }
        // Who is believed is part of the question: other keys ask it anew.
        for ApkKeys { place, fingerprint, .. } in &self.keys {
            write!(f, "; signed by {place}")?;
            fingerprint.iter().try_for_each(|fingerprint| write!(f, " {fingerprint}"))?;
        }
        Ok(())
    }
}
