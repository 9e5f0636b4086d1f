//! Where a package or a list of packages is: on the network, or a file of this machine.

use alloc::string::{String, ToString};
use core::fmt;

use serde::{Serialize, Serializer};

use crate::words::{Url, UrlError};

/// Where something is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// On the network.
    Url(Url),
    /// On this machine; a relative path starts at the manifest's directory.
    File(String),
}

impl Place {
    /// Reads one as it is stored: what has no `://` is a path.
    ///
    /// # Errors
    /// When it is no URL and no path.
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        match text.contains("://") || text.is_empty() {
            true => text.parse().map(Self::Url),
            false => Ok(Self::File(text.into())),
        }
    }

    /// As it may be shown.
    pub fn shown(&self) -> &str {
        match self {
            Self::Url(url) => url.shown(),
            Self::File(path) => path,
        }
    }
}

impl From<Url> for Place {
    fn from(url: Url) -> Self {
        Self::Url(url)
    }
}

/// As it is stored.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url(url) => write!(f, "{url}"),
            Self::File(path) => f.write_str(path),
        }
    }
}

impl Serialize for Place {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_string())
    }
}
