//! Why an archive cannot serve as an input.

use std::fmt;
use std::io;
use std::path::PathBuf;

use scant_core::words::{Escaped, OneLine};

/// So many bytes of a name are shown: it may be as long as a header.
const MOST_SHOWN: usize = 400;

/// An archive that cannot serve as an input.
#[derive(Debug, thiserror::Error)]
#[error("`{}`: {fault}", path.display())]
pub struct ArchiveError {
    /// The archive.
    pub path: PathBuf,
    /// What is wrong with it.
    #[source]
    pub fault: ArchiveFault,
}

/// What can be wrong with an archive.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveFault {
    /// The operating system refuses.
    #[error("cannot be read: {0}")]
    Read(#[source] io::Error),
    /// What is decompressed has no place.
    #[error("cannot be decompressed into a temporary file in `{}`: {source}", directory.display())]
    Temporary {
        /// Where the file would be.
        directory: PathBuf,
        /// Why it is not.
        source: io::Error,
    },
    /// Something else than an archive that can be read.
    #[error("{what}; an archive is expected: tar, by itself or in gzip, xz, zstd or bzip2, or zip")]
    NotAnArchive {
        /// What it is.
        what: String,
    },
    /// It is cut off, or its bytes contradict each other.
    #[error("damaged at {place}: {}", OneLine(why))]
    Damaged {
        /// Where.
        place: ArchivePlace,
        /// How.
        why: String,
    },
    /// It is whole, and holds what no input may.
    #[error("refused at {place}: {}", OneLine(why))]
    Refused {
        /// Where.
        place: ArchivePlace,
        /// What.
        why: String,
    },
    /// It holds more than it may.
    #[error("{what}, more than {limit}; raise `{option}` if it is meant")]
    Limit {
        /// What there is too much of.
        what: String,
        /// The most there may be.
        limit: u64,
        /// The field of [`super::Limits`] that says so.
        option: &'static str,
    },
}

/// A place in an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchivePlace {
    /// The byte, counted from 0, in what the archive is when it is decompressed.
    pub offset: u64,
    /// How it is compressed, if it is.
    pub decompressed: Option<&'static str>,
    /// The name of the member, as it is written.
    pub member: Option<Vec<u8>>,
}

impl fmt::Display for ArchivePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "byte {}", self.offset)?;
        if let Some(compression) = self.decompressed {
            write!(f, " of what {compression} holds")?;
        }
        match &self.member {
            Some(member) if member.len() > MOST_SHOWN => {
                write!(f, ", in `{}...`", Escaped(&member[..MOST_SHOWN]))
            }
            Some(member) => write!(f, ", in `{}`", Escaped(member)),
            None => Ok(()),
        }
    }
}
