//! What goes wrong when files are loaded. URLs are shown without their query.

use std::io;
use std::path::{Path, PathBuf};

use scant_core::words::{Digest, Url};

use crate::net::NetError;

/// A file that could not be had.
#[derive(Debug, thiserror::Error)]
pub enum DownloadError {
    /// It is not there, and the network is not to be used.
    #[error("`{}`{} is not in {}", .url.shown(), named(.digest), looked_into(.vendor))]
    Offline {
        /// What is needed.
        url: Url,
        /// What it must be.
        digest: Option<Digest>,
        /// The directory that was looked into first.
        vendor: Option<Box<Path>>,
    },
    /// It cannot be found out who the user is to the server.
    #[error("{0}")]
    Credentials(String),
    /// What goes with the project is damaged.
    #[error("`{}` is damaged: expected {expected}, found {found}", path.display())]
    Vendored {
        /// The file.
        path: PathBuf,
        /// What it must be.
        expected: Digest,
        /// What it is.
        found: Digest,
    },
    /// The exchange failed, more often than is tried.
    #[error(transparent)]
    Net(#[from] NetError),
    /// Something else came.
    #[error("`{}` is not what it is said to be: expected {expected}, found {found}", .url.shown())]
    WrongDigest {
        /// Who sent it.
        url: Url,
        /// What it must be.
        expected: Digest,
        /// What it is.
        found: Digest,
    },
    /// It has another size.
    #[error("`{}` is not what it is said to be: expected {expected} bytes, found {}", .url.shown(), more_than(*.found, *.is_more))]
    WrongSize {
        /// Who sent it.
        url: Url,
        /// How many bytes it must have.
        expected: u64,
        /// How many it has.
        found: u64,
        /// Whether it has more than those.
        is_more: bool,
    },
    /// It has more bytes than are accepted.
    #[error("`{}` has more than {limit} bytes, which are the most that are accepted", .url.shown())]
    TooLarge {
        /// Who sent it.
        url: Url,
        /// The most that are accepted.
        limit: u64,
    },
    /// There is no cache to keep anything in.
    #[error(
        "what is loaded is kept in the user's cache directory, and there is none: set HOME or XDG_CACHE_HOME"
    )]
    NoStore,
    /// The store cannot be used.
    #[error("downloads in `{path}`: {source}")]
    Store {
        /// The file or directory.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// What was to be put into the store is something else.
    #[error("expected {expected}, found {found}")]
    WrongContent {
        /// What it must be.
        expected: Digest,
        /// What it is.
        found: Digest,
    },
    /// What was to be put into the store cannot be read.
    #[error("{0}")]
    Content(io::Error),
}

impl DownloadError {
    /// What helps, if something does.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Offline { .. } => Some(
                "without `--offline` it is loaded, and kept for the next time; `scant cache` shows \
                 what is there",
            ),
            Self::Vendored { .. } => Some("`scant lock --vendor` puts it there anew"),
            Self::WrongDigest { .. } | Self::WrongSize { .. } => Some(
                "nothing of it was kept; if it was changed on purpose, `scant lock` takes it as it \
                 is now",
            ),
            Self::Net(NetError::Status(status)) if matches!(status.status, 401 | 403) => {
                Some(match status.url.is_private() {
                    true => {
                        "names and passwords are read from ~/.netrc, or from the file that NETRC \
                         names"
                    }
                    false => "a name and a password are sent by `https:` only",
                })
            }
            _ => None,
        }
    }
}

fn named(digest: &Option<Digest>) -> String {
    digest.map_or(String::new(), |digest| format!(" ({digest})"))
}

fn looked_into(vendor: &Option<Box<Path>>) -> String {
    match vendor {
        None => "the cache, and this is an offline run".into(),
        Some(path) => {
            format!("`{}` and not in the cache, and nobody else is asked", path.display())
        }
    }
}

fn more_than(found: u64, is_more: bool) -> String {
    if is_more { "more".into() } else { found.to_string() }
}
