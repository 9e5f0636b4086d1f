//! Why packages cannot serve as an input.

use std::path::PathBuf;

use scant_core::formats::debian::PackageError;
use scant_core::words::OneLine;

use crate::inputs::ArchiveFault;

/// A package that cannot serve as an input.
#[derive(Debug, thiserror::Error)]
#[error("the package `{}`: {fault}", path.display())]
pub struct DebError {
    /// The package.
    pub path: PathBuf,
    /// What is wrong with it.
    #[source]
    pub fault: Box<DebFault>,
}

/// What can be wrong with a package.
#[derive(Debug, thiserror::Error)]
pub enum DebFault {
    /// The operating system refuses.
    #[error("cannot be read: {0}")]
    Read(#[source] std::io::Error),
    /// Something else, or damaged.
    #[error("it is no Debian package: {0}")]
    NotAPackage(String),
    /// An archive in it cannot be read.
    #[error("{member}: {fault}")]
    Archive {
        /// Which.
        member: &'static str,
        /// Why.
        fault: ArchiveFault,
    },
    /// What it says of itself makes no sense.
    #[error("its control file: {}", OneLine(&.0.to_string()))]
    Control(#[from] PackageError),
    /// Files that do not go together.
    #[error("{0}")]
    Refused(String),
}
