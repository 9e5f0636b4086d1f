//! Why an index or a package of apk is refused.

use std::io;

use scant_core::formats::alpine::{IndexError, PackageInfoError};
use scant_core::words::{Escaped, OneLine};

use super::trust::Untrusted;
use crate::inputs::ArchiveFault;

/// Why an index or a package is refused.
#[derive(Debug, thiserror::Error)]
pub enum ApkFault {
    /// The operating system refuses.
    #[error("cannot be read: {0}")]
    Read(#[source] io::Error),
    /// Others write to it.
    #[error("it changed while it was read")]
    Changed,
    /// Something else than gzip members of tar archives.
    #[error("damaged: the part at byte {offset} is not whole: {}", OneLine(why))]
    Damaged {
        /// Where the part begins.
        offset: u64,
        /// What is wrong with it.
        why: String,
    },
    /// A part that unpacks to more than it may.
    #[error("the part at byte {offset} unpacks to more than {most} bytes")]
    TooLarge {
        /// Where the part begins.
        offset: u64,
        /// How much it may be.
        most: u64,
    },
    /// The third generation of the form.
    #[error("it is of version 3 of apk's form, which is not read; version 2 is")]
    Version3,
    /// Nobody vouches for it.
    #[error("{0}")]
    Untrusted(#[from] Untrusted),
    /// Something that must be there once.
    #[error("it has {count} entries `{name}`, one is expected")]
    Entries {
        /// The name of the entry.
        name: &'static str,
        /// How many there are.
        count: usize,
    },
    /// The packages it lists cannot be read.
    #[error("`APKINDEX`: {0}")]
    Index(#[from] IndexError),
    /// What the package says of itself cannot be read.
    #[error("`.PKGINFO`: {0}")]
    Info(#[from] PackageInfoError),
    /// Not the package that the index lists.
    #[error(
        "it is not the package that the index lists: {what} is `{found}` instead of `{listed}`"
    )]
    NotListed {
        /// What differs.
        what: &'static str,
        /// What the package says.
        found: String,
        /// What the index says.
        listed: String,
    },
    /// Data of another digest than the package says.
    #[error("its data is not what `.PKGINFO` says: {found} instead of {said}")]
    Data {
        /// The SHA-256 of the data.
        found: String,
        /// What the package says.
        said: String,
    },
    /// A file of another digest than its entry says.
    #[error(
        "`{}` is not what its entry says: SHA-1 {found} instead of {}",
        Escaped(name),
        OneLine(said)
    )]
    File {
        /// Its name.
        name: Vec<u8>,
        /// The SHA-1 of its content.
        found: String,
        /// What the entry says.
        said: String,
    },
    /// What is in it cannot be an input.
    #[error("{0}")]
    Files(#[from] ArchiveFault),
}
