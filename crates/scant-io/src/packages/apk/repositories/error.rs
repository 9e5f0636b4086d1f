//! Why packages cannot be taken from repositories.

use std::io;
use std::path::PathBuf;

use scant_core::formats::lock::Place;
use scant_core::rules::packages::Unsolvable;
use scant_core::words::{Platform, UrlError};

use crate::cache::DownloadError;
use crate::packages::FetchError;
use crate::packages::apk::{ApkFault, KeyFault};

/// Why packages cannot be taken from repositories.
#[derive(Debug, thiserror::Error)]
pub enum ApkError {
    /// Alpine has no such port.
    #[error("Alpine and its kin have no packages for {platform}")]
    Platform {
        /// What is built for.
        platform: Platform,
    },
    /// A file or directory of this machine cannot be read.
    #[error("cannot read `{}`: {source}", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A glob that matches no file.
    #[error("no file of keys is named like `{pattern}`")]
    NoKeys {
        /// What is written.
        pattern: String,
    },
    /// A file that is no key, or not the one that is meant.
    #[error("the key in `{place}`: {fault}")]
    Key {
        /// Where it is.
        place: String,
        /// Why.
        fault: KeyFault,
    },
    /// A place that is none.
    #[error("{0}")]
    Place(#[from] UrlError),
    /// A repository without this architecture.
    #[error(
        "the repository `{repository}` has nothing for {platform}, which Alpine calls \
         {architecture}: {why}"
    )]
    NoIndex {
        /// The repository.
        repository: String,
        /// What is built for.
        platform: Platform,
        /// Alpine's name of it.
        architecture: String,
        /// What was tried, and what there is.
        why: String,
    },
    /// An index, which is another one tomorrow.
    #[error(
        "the index `{}` is asked for in each run without a lock, and this is an offline run: with \
         what `scant lock` has written no index is needed", .place.shown()
    )]
    Offline {
        /// Which.
        place: Place,
    },
    /// Something of a repository cannot be had.
    #[error(transparent)]
    Download(#[from] DownloadError),
    /// An index that is damaged, or that nobody vouches for.
    #[error("the index `{}`: {fault}{}", .place.shown(), .hint)]
    Index {
        /// Which.
        place: Place,
        /// Why.
        fault: Box<ApkFault>,
        /// What helps.
        hint: &'static str,
    },
    /// A package that is damaged, or not the one that an index lists.
    #[error("the package `{}`: {fault}", .place.shown())]
    Package {
        /// Which.
        place: Place,
        /// Why.
        fault: Box<ApkFault>,
    },
    /// A package of another size than an index says.
    #[error("the package `{}` has {found} bytes, and the index says {listed}", .place.shown())]
    Size {
        /// Which.
        place: Place,
        /// How many it has.
        found: u64,
        /// How many the index says.
        listed: u64,
    },
    /// Packages cannot be had.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Fetch(Vec<FetchError>),
    /// Packages that are asked for and that no repository has, each a sentence.
    #[error("{}", .0.join("\n"))]
    Absent(Vec<String>),
    /// No packages go together so.
    #[error("for {platform}, {why}")]
    Unsolvable {
        /// What is built for.
        platform: Platform,
        /// Why.
        why: Unsolvable,
    },
    /// Several things that have nothing to do with one another.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Several(Vec<ApkError>),
}

impl ApkError {
    /// What helps, if something does.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Download(error) => error.hint(),
            Self::Fetch(errors) => errors.iter().find_map(FetchError::hint),
            Self::Several(errors) => errors.iter().find_map(Self::hint),
            _ => None,
        }
    }
}

impl From<FetchError> for ApkError {
    fn from(error: FetchError) -> Self {
        Self::Fetch(vec![error])
    }
}
