//! Whole files of the network, kept by what they are: one that was loaded once is never asked for
//! again, by any version of scant.
//!
//! ```text
//! downloads/sha256/HEX       a complete file; it gets its name by rename, once its digest is known
//! downloads/used/HEX         empty; its time says when the file was last handed out
//! downloads/hints/KEY        the digest of the file that was found for something else than a digest
//! downloads/partial/KEY/     what is there of a file so far, and what tells whether it still is so
//! downloads/lock             shared by all who were handed a file; none is removed meanwhile
//! ```
//!
//! A process may be killed at any moment. What it leaves is complete, or the start of something that
//! the next one goes on with. Files are not flushed to the disk: after a power cut one may be damaged,
//! so each is hashed before it is handed out for the first time by a process.

mod error;
mod fetch;
mod hints;
pub(super) mod kept;
mod partial;
mod server;
mod store;
mod transfer;
mod validator;
mod vendor;

use std::path::{Path, PathBuf};

use scant_core::words::{Digest, Url};

use crate::net::Verify;

pub use error::DownloadError;
pub use fetch::several;
pub(crate) use server::Server;
pub use store::Downloads;
pub use vendor::{Vendor, VendorError};

/// What is to be loaded.
#[derive(Clone, Debug)]
pub struct Download {
    /// From where.
    pub url: Url,
    /// What it must be; none when that is to be found out.
    pub digest: Option<Digest>,
    /// How many bytes it must have.
    pub size: Option<u64>,
    /// The value of the header `authorization`, for the server of `url` and no other.
    pub authorization: Option<Authorization>,
    /// The most bytes that it may have.
    pub limit: u64,
    /// Whether the server must prove who it is.
    pub verify: Verify,
}

impl Download {
    /// What is there, whatever it is: that it is right is found by what is in it.
    #[must_use]
    pub fn of(url: Url, limit: u64) -> Self {
        let verify = Verify::Content;
        Self { url, digest: None, size: None, authorization: None, limit, verify }
    }
}

/// The value of a header that proves who asks. It cannot be shown.
#[derive(Clone)]
pub struct Authorization(pub String);

impl std::fmt::Debug for Authorization {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Authorization(***)")
    }
}

/// A complete file of the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Where it is.
    pub path: PathBuf,
    /// What it is.
    pub digest: Digest,
    /// How many bytes it has.
    pub size: u64,
}

/// A file that was asked for, loaded now or earlier.
#[derive(Clone, Debug)]
pub struct Downloaded {
    /// Where it is.
    pub path: PathBuf,
    /// What it is.
    pub digest: Digest,
    /// How many bytes it has.
    pub size: u64,
    /// Who sent it, after all redirects; what was asked for if it was there already. Its query may
    /// hold a key: it is shown by [`Url::shown`].
    pub url: Url,
    /// Whether it was there already.
    pub was_there: bool,
}

/// What happens while files are loaded, for those who show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step<'a> {
    /// A file of this name is going to be loaded.
    Begun(&'a str),
    /// It is there, or cannot be had.
    Ended(&'a str),
    /// A file of so many bytes is being loaded.
    Expected(u64),
    /// So many more bytes are there.
    Received(u64),
    /// So many bytes that were there are loaded again.
    Lost(u64),
}

/// Who is told of each step, by any thread.
pub type Watch<'a> = &'a (dyn Fn(Step<'_>) + Sync);

/// The directory of downloads in a cache.
pub(super) fn directory(cache: &Path) -> PathBuf {
    cache.join("downloads")
}
