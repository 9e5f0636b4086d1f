//! What goes wrong between here and a registry. No text holds a credential.

use std::io;
use std::path::PathBuf;

use scant_core::formats::registries_conf::Blocked;
use scant_core::words::{Digest, OneLine, UrlError};

use crate::cache::DownloadError;
use crate::net::NetError;

/// Why a registry could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// The network, or what the registry says.
    #[error(transparent)]
    Net(#[from] NetError),
    /// The registry wants to know who asks, or knows and refuses.
    #[error("{what} is refused: {source}; {}", shown(account))]
    Denied {
        /// What was asked for.
        what: String,
        /// What was said.
        source: Box<NetError>,
        /// Whose credentials were used, and where they are from.
        account: Option<String>,
    },
    /// An image that is not there.
    #[error("`{image}` is not there{}", after(said))]
    NotFound {
        /// The image.
        image: String,
        /// What the registry says.
        said: String,
    },
    /// Something else came than was asked for.
    #[error("`{place}` is damaged: {expected} was expected, {found} came")]
    Digest {
        /// The repository.
        place: String,
        /// What was asked for.
        expected: Digest,
        /// What came.
        found: String,
    },
    /// A document that is not what it should be.
    #[error("`{place}` cannot be read: {}", OneLine(why))]
    Document {
        /// The image or repository.
        place: String,
        /// What is wrong.
        why: String,
    },
    /// A host that cannot be one.
    #[error(transparent)]
    Host(#[from] UrlError),
    /// A registry that is not to be used.
    #[error(transparent)]
    Blocked(#[from] Blocked),
    /// A blob cannot be had or kept.
    #[error(transparent)]
    Download(#[from] DownloadError),
    /// A file of settings or credentials that cannot be used.
    #[error("`{}`: {}", path.display(), OneLine(why))]
    Settings {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// A credential helper that fails.
    #[error("`docker-credential-{helper}`, which `{}` names, {}", file.display(), OneLine(why))]
    Helper {
        /// Its name.
        helper: String,
        /// Who names it.
        file: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// A blob cannot be kept, or one that is sent cannot be read.
    #[error("cannot {doing} `{}`: {source}", path.display())]
    File {
        /// `read` or `write`.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl RegistryError {
    /// A failed exchange about `what`.
    pub(super) fn of(error: NetError, what: &str, account: Option<&str>) -> Self {
        let account = account.map(ToString::to_string);
        match error.status() {
            Some(401 | 403) => {
                Self::Denied { what: what.to_string(), source: Box::new(error), account }
            }
            _ => Self::Net(error),
        }
    }
}

fn shown(account: &Option<String>) -> String {
    match account {
        Some(account) => format!("credentials are those of {account}"),
        None => "there are no credentials for it (`scant login` makes some)".to_string(),
    }
}

fn after(said: &str) -> String {
    if said.is_empty() { String::new() } else { format!(": {}", OneLine(said)) }
}
