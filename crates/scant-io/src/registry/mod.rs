//! Registries, as the OCI distribution specification has them: images are read from them and written
//! to them. What an image is, is not known here, but for what goes before what in a push.
//! [Distribution specification](https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md).
//!
//! ```text
//! registries   what is known of all of them in one run: settings, credentials, who answered
//! server       one registry: its scheme, what it asks for
//! session      one repository: requests with authorization
//! token        authorization for a challenge
//! credentials  files and helpers
//! manifests    documents by tag or digest
//! download     a blob to a file, where it went on the last time
//! remote       a blob that is not here yet
//! upload       a blob to a repository
//! push         an image to a repository
//! referrers    what refers to an image
//! login        credentials in and out
//! ```

mod credentials;
mod download;
mod error;
mod helper;
mod login;
mod manifests;
pub(crate) mod parallel;
mod push;
mod referrers;
mod registries;
mod remote;
mod server;
mod session;
mod token;
mod upload;

pub use error::RegistryError;
pub use login::{LoggedIn, login, logout};
pub use push::{Pushed, push};
pub use registries::{Registries, Settings, Traffic};

pub(crate) use manifests::Manifest;
pub(crate) use parallel::each;
pub(crate) use remote::{RemoteBlob, fetch_all};
pub(crate) use session::{Access, Session};

/// The largest document that is read: what registries must take at least.
pub(crate) const MOST_DOCUMENT: u64 = 4 << 20;
/// How many blobs are on their way at a time.
pub(crate) const THREADS: usize = 4;
