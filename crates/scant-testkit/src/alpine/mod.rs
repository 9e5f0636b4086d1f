//! Packages and repositories of Alpine, made byte by byte and signed.

mod package;
mod repository;
mod signature;

pub use package::{Apk, gzip};
pub use repository::AlpineRepository;
pub use signature::{KEY, KEY_PEM, signature};
