//! Packages of distributions as places that files come from: who vouches for them, what is in them,
//! and many of them as one root. Which packages go together is decided in
//! `scant_core::rules::packages`.

pub mod apk;
pub mod apt;
pub mod deb;
mod purl;
mod union;

pub use union::{Collision, Part, Script, Union, UnionError};
