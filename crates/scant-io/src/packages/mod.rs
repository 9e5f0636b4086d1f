//! Packages of distributions as places that files come from: who vouches for them, what is in them,
//! and many of them as one root. Which packages go together is decided in
//! `scant_core::rules::packages`.

pub mod apk;
pub mod apt;
mod contents;
pub mod deb;
mod fetch;
mod loader;
mod regular;
mod union;
mod vendor;

use scant_core::formats::lock;

pub use fetch::FetchError;
pub use loader::Loader;
pub use union::{Collision, Part, Script, Union, UnionError};
pub(crate) use vendor::vendor;

/// Packages that go together, and where they were found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// The lists that they were chosen from.
    pub indexes: Vec<lock::Index>,
    /// The packages, sorted.
    pub packages: Vec<lock::Package>,
    /// What a person should know of the choice, each a sentence.
    pub notes: Vec<String>,
}
