//! Why an input cannot be opened.

use std::io;
use std::path::PathBuf;

use scant_core::words::{Digest, InputName};

use super::archive::ArchiveError;
use super::{OpenError, Trouble};
use crate::images;
use crate::packages::apk::ApkRootError;
use crate::packages::deb::DebRootError;

/// Why an input cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum InputFaultKind {
    /// It is no directory that can be read.
    #[error(transparent)]
    Directory(#[from] OpenError),
    /// It is no archive that can be read.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// It is no image that can be read.
    #[error(transparent)]
    Image(#[from] images::OpenError),
    /// Its packages cannot be read, or do not go together.
    #[error(transparent)]
    Packages(#[from] DebRootError),
    /// The same of packages of Alpine and its kin.
    #[error(transparent)]
    Apk(#[from] ApkRootError),
    /// It is not here and cannot be had.
    #[error(transparent)]
    Elsewhere(#[from] Trouble),
    /// The operating system refuses.
    #[error("cannot read `{}`: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The manifest asks for other bytes.
    #[error("`{what}` is {found}, but the manifest says {demanded}")]
    Differs {
        /// What is read.
        what: String,
        /// What it must be.
        demanded: Digest,
        /// What it is.
        found: Digest,
    },
    /// The lock asks for other bytes.
    #[error(
        "`{what}` is {found}, but {demanded} is locked; `scant lock --update {name}` takes what is \
         there now"
    )]
    Unlocked {
        /// The input.
        name: InputName,
        /// What is read.
        what: String,
        /// What it must be.
        demanded: Digest,
        /// What it is.
        found: Digest,
    },
    /// It is of a kind that cannot be at such a place.
    #[error("this version cannot read inputs with backend `{0}` from there")]
    Unsupported(&'static str),
}
