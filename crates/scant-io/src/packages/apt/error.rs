//! Why packages cannot be taken from archives.

use std::io;
use std::path::PathBuf;

use scant_core::formats::debian::{ReleaseError, SourcesError};
use scant_core::formats::lock::Place;
use scant_core::formats::openpgp::KeyringError;
use scant_core::rules::openpgp::VerifyError;
use scant_core::rules::packages::Unsolvable;
use scant_core::words::{Digest, OneLine, Platform, UrlError};

use crate::cache::DownloadError;
use crate::inputs::ArchiveFault;
use crate::packages::FetchError;
use crate::packages::deb::DebFault;

/// Why packages cannot be taken from archives.
#[derive(Debug, thiserror::Error)]
pub enum AptError {
    /// Debian has no such port.
    #[error("Debian has no packages for {platform}")]
    Platform {
        /// What is built for.
        platform: Platform,
    },
    /// This machine has no archives.
    #[error(
        "apt has no archives on this machine: none is named in `{0}/sources.list` and \
         `{0}/sources.list.d`; name some with `sources`", directory.display()
    )]
    NoSources {
        /// Where lists were looked for.
        directory: PathBuf,
    },
    /// A file of this machine cannot be read.
    #[error("cannot read `{}`: {source}", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A list of archives makes no sense.
    #[error("`{}`, {error}", path.display())]
    Sources {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        error: SourcesError,
    },
    /// An archive is at no place that is read.
    #[error("{error}: archives are read by http and https, and as `file:` of this machine")]
    Uri {
        /// What is wrong.
        error: UrlError,
    },
    /// A file of keys cannot be used.
    #[error("the keys in `{place}`: {error}")]
    Keys {
        /// Where they are.
        place: String,
        /// Why.
        error: KeyringError,
    },
    /// What is to name a key does not.
    #[error("`{text}` names no file of keys and no fingerprint of a key")]
    SignedBy {
        /// What is written.
        text: String,
    },
    /// There are no keys at all.
    #[error(
        "no key is trusted: there is none in `{0}/trusted.gpg.d`, and the archive names none with \
         `Signed-By`", directory.display()
    )]
    NoKeys {
        /// Where apt has its keys.
        directory: PathBuf,
    },
    /// Something of an archive cannot be had.
    #[error(transparent)]
    Download(#[from] DownloadError),
    /// Packages cannot be had.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Packages(Vec<FetchError>),
    /// Nobody who is trusted has signed it.
    #[error("`{}` is not signed by a key that is trusted: {error}", .url.shown())]
    Unsigned {
        /// What.
        url: Place,
        /// Why not.
        error: VerifyError,
    },
    /// A release that makes no sense.
    #[error("`{}`: {error}", .url.shown())]
    Release {
        /// Which.
        url: Place,
        /// What is wrong.
        error: ReleaseError,
    },
    /// Bytes that are no text.
    #[error("`{}` is not UTF-8", .url.shown())]
    Text {
        /// Which.
        url: Place,
    },
    /// A release that is over: somebody may hold back what came after it.
    #[error(
        "`{}` counted until {} s after 1970 and it is {now} s: a mirror that is not kept up to \
         date, or somebody who holds back what is newer; a snapshot needs `check-valid-until: false`",
        .url.shown(), valid_until
    )]
    Over {
        /// Which.
        url: Place,
        /// Until when it counted.
        valid_until: i64,
        /// The time.
        now: i64,
    },
    /// A release of a time that is not yet.
    #[error("`{}` is of {date} s after 1970 and it is {now} s: is the clock right?", .url.shown())]
    NotYet {
        /// Which.
        url: Place,
        /// When it was made.
        date: i64,
        /// The time.
        now: i64,
    },
    /// A release of something else.
    #[error(
        "`{}` is of `{}` (`{}`), not of `{suite}`", .url.shown(), OneLine(codename), OneLine(found)
    )]
    OtherSuite {
        /// Which.
        url: Place,
        /// What is asked for.
        suite: String,
        /// What it says it is.
        found: String,
        /// How it calls itself.
        codename: String,
    },
    /// It has no list of packages.
    #[error(
        "`{}` has no list of packages in `{component}` for {architecture}; its architectures are {has}",
        .url.shown()
    )]
    NoIndex {
        /// The release.
        url: Place,
        /// The component.
        component: String,
        /// Debian's name of the architecture.
        architecture: String,
        /// What it has.
        has: String,
    },
    /// A list of packages that cannot be decompressed.
    #[error("`{}`: {fault}", .url.shown())]
    Compressed {
        /// Which.
        url: Place,
        /// Why.
        fault: ArchiveFault,
    },
    /// A list of packages that is something else when it is decompressed.
    #[error("`{}` is decompressed to {found}, and the release says {expected}", .url.shown())]
    Decompressed {
        /// Which.
        url: Place,
        /// What it must be.
        expected: Digest,
        /// What it is.
        found: Digest,
    },
    /// A list of packages that makes no sense.
    #[error("`{}`: {}", .url.shown(), OneLine(why))]
    Index {
        /// Which.
        url: Place,
        /// Why.
        why: String,
    },
    /// A file of an archive of this machine is not what its release says.
    #[error("`{}` is not what it is said to be: expected {expected}, found {found}", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
        /// What it must be.
        expected: Digest,
        /// What it is.
        found: Digest,
    },
    /// A package by itself that is none.
    #[error("the package `{}`: {fault}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        fault: Box<DebFault>,
    },
    /// A pattern that no file has.
    #[error("no file is called `{pattern}`")]
    NoFiles {
        /// The pattern.
        pattern: String,
    },
    /// It does not say where its snapshots are.
    #[error(
        "`{}` does not say where its snapshots are; if they are somewhere, write `@SNAPSHOTID@` into \
         the `uris`", .url.shown()
    )]
    NoSnapshots {
        /// The release.
        url: Place,
    },
    /// What no archive has, each a sentence.
    #[error("{}", .0.join("\n"))]
    Absent(Vec<String>),
    /// No packages go together so.
    #[error("{0}")]
    Unsolvable(Unsolvable),
    /// A package without a digest.
    #[error("the archive says no SHA-256 of the package {name}: nothing would vouch for it")]
    NoDigest {
        /// Its name.
        name: String,
    },
    /// A path that leads out of the archive.
    #[error("`{path}` is no path below `{}`", .archive.shown())]
    Path {
        /// The archive.
        archive: Place,
        /// What it says.
        path: String,
    },
}

impl AptError {
    /// What helps, if something does.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Download(error) => error.hint(),
            Self::Packages(errors) => errors.iter().find_map(FetchError::hint),
            _ => None,
        }
    }
}

impl From<FetchError> for AptError {
    fn from(error: FetchError) -> Self {
        Self::Packages(vec![error])
    }
}
