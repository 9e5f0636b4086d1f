//! A tree to a layer blob: the tar archive is cut into pieces, where names and sizes of files say so,
//! each is compressed on its own, and they are put together in order.
//!
//! ```text
//! tree -pieces-> read -in turn-> hashed: diff ID -> compressed -in turn-> written, hashed: digest
//! ```
//!
//! Where pieces end depends on the tree alone, so the bytes do not depend on how many threads
//! there are or how much a read returns. Each thread works on one piece at a time: memory is two
//! buffers and a compressor for each, whatever the size of the files. Pieces that a cache has are
//! not compressed again, and those at the start that are unchanged are not even read.

mod compression;
mod digests;
mod memory;
mod order;
mod output;
mod pipeline;
mod read;

pub use compression::{Compression, CompressionError, Compressor, Level};
pub use digests::digests;
pub use pipeline::write;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use scant_core::formats::tar::{self, LinkError};
use scant_core::words::{InputError, InputName, Tree, TreePath};

use crate::cache::Cache;

/// What decides how a layer is written, besides its tree.
#[derive(Clone, Copy)]
pub struct Options<'a> {
    /// How the blob is compressed.
    pub compression: Compression,
    /// How many threads work; 0 counts as 1. Does not change the bytes.
    pub threads: usize,
    /// The time of every entry: seconds since 1970.
    pub mtime: u64,
    /// Is told, now and then, how many bytes of the tar archive are done.
    pub progress: &'a (dyn Fn(u64) + Sync),
    /// What remembers the layer; none to make all of it anew.
    pub slot: Option<&'a Slot>,
}

/// A layer that is built again and again, and the cache that remembers it.
#[derive(Clone, Debug)]
pub struct Slot {
    /// The cache.
    pub cache: Arc<Cache>,
    /// What stays the same from build to build: which manifest, which platform, which layer.
    pub name: String,
}

impl Slot {
    /// Forgets the layer: what was remembered of it has turned out to be gone.
    pub fn forget(&self, compression: Compression) {
        self.cache.forget_record(&self.full_name(compression));
    }

    /// The name of the record.
    fn full_name(&self, compression: Compression) -> String {
        format!("{}\n{compression}", self.name)
    }
}

/// In what a file differs from what the plan saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is longer or shorter.
    Size {
        /// The size of the plan.
        planned: u64,
        /// The size now.
        found: u64,
    },
    /// It became shorter while it was read.
    Cut {
        /// The size of the plan.
        planned: u64,
    },
    /// Somebody has written to it, or put another file in its place.
    Content,
    /// It is not there any more.
    Gone,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Size { planned, found } => {
                write!(f, "it had {planned} bytes, now it has {found}")
            }
            Self::Cut { planned } => write!(f, "it had {planned} bytes, and ended before them"),
            Self::Content => f.write_str("it was written to or replaced"),
            Self::Gone => f.write_str("it is not there any more"),
        }
    }
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
    /// A file is not what it was when the plan was made.
    #[error("`{path}` of the input `{input}` changed while the image was built: {change}")]
    Changed {
        /// The input.
        input: InputName,
        /// The path in the input.
        path: TreePath,
        /// In what it differs.
        change: Change,
    },
    /// The blob cannot be written.
    #[error("cannot write to `{}`: {source}", path.display())]
    Write {
        /// The file or directory.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// What was remembered of the layer does not hold: it has to be made without.
    #[error("what the cache remembers of the layer does not hold")]
    Forgotten,
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
