//! A tree to a layer blob: the tar stream is cut into pieces of a fixed size, each piece is hashed
//! and compressed on its own, and the pieces are put together in order.
//!
//! ```text
//! tree -producer-> pieces of 1 MiB, hashed: diff ID -workers-> compressed -writer-> blob, digest
//! ```
//!
//! Where pieces end depends on the stream alone, so the bytes do not depend on how many threads
//! there are or how much a read returns. Memory is a few pieces for each thread, whatever the size
//! of the files.

mod compression;
mod pipeline;
mod produce;

pub use compression::{Compression, CompressionError, Level};
pub use pipeline::write;

use std::path::PathBuf;

use scant_core::formats::tar::{self, LinkError};
use scant_core::words::{InputError, InputName, Tree, TreePath};

/// How much of the tar stream is compressed as one piece. Changing it changes the digest of every
/// compressed layer.
const PIECE: usize = 1 << 20;

/// What decides how a layer is written, besides its tree.
#[derive(Clone, Copy)]
pub struct Options<'a> {
    /// How the blob is compressed.
    pub compression: Compression,
    /// How many threads compress; 0 counts as 1. Does not change the bytes.
    pub threads: usize,
    /// The time of every entry: seconds since 1970.
    pub mtime: u64,
    /// Is told, now and then, how many bytes of the tar archive are done.
    pub progress: &'a (dyn Fn(u64) + Sync),
}

/// Why a layer could not be written.
#[derive(Debug, thiserror::Error)]
pub enum LayerError {
    /// A hard link without its file.
    #[error(transparent)]
    Link(#[from] Box<LinkError>),
    /// The tree names an input that is not there.
    #[error("`{path}` of the image is read from the input `{input}`, which is not open")]
    NoInput {
        /// The input.
        input: InputName,
        /// The path in the image.
        path: TreePath,
    },
    /// An input cannot be read.
    #[error("cannot read from the input `{input}`: {source}")]
    Input {
        /// The input.
        input: InputName,
        /// The path in the input, and why.
        source: InputError,
    },
    /// A file does not have the size it had when the plan was made.
    #[error(
        "`{path}` of the input `{input}` changed while it was read: it had {planned} bytes, now it \
         has {found}"
    )]
    Changed {
        /// The input.
        input: InputName,
        /// The path in the input.
        path: TreePath,
        /// The size of the plan.
        planned: u64,
        /// The size now; what could be read if it became shorter meanwhile.
        found: u64,
    },
    /// The blob cannot be written.
    #[error("cannot write to `{}`: {source}", path.display())]
    Write {
        /// The file or directory.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A compressor fails, which it should not.
    #[error("cannot compress: {0}")]
    Compress(String),
}

/// The size of the tar archive of a tree in bytes: what progress counts up to.
///
/// # Errors
/// When a hard link leads nowhere.
pub fn tar_size(tree: &Tree) -> Result<u64, Box<LinkError>> {
    let entry = |step: tar::Step<'_>| {
        let content = step.content.map_or(0, |content| content.size);
        step.header.len() as u64 + content + tar::padding(content) as u64
    };
    Ok(tar::recipe(tree, 0)?.map(entry).sum::<u64>() + tar::END.len() as u64)
}

#[cfg(test)]
mod tests;
