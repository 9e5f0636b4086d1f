//! The trees that are measured: made once from fixed seeds, no file of the host among them, so
//! that everybody measures the same.
//!
//! ```text
//! sketch    which files, how large, of which kind
//! content   the bytes of a kind
//! made      a tree in the file system, whole or not at all
//! ```

mod content;
mod made;
mod sketch;

pub(crate) use made::{Made, remove};
pub(crate) use sketch::Sketch;
