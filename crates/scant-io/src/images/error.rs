//! Why an image could not be read.

use std::io;
use std::path::PathBuf;

use scant_core::words::{Digest, OneLine};

use crate::blobs::BlobError;
use crate::registry::RegistryError;

/// Why an image could not be read.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The operating system refuses.
    #[error("cannot read `{}`: {source}", path.display())]
    Read {
        /// The file or directory.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Something else is there.
    #[error("`{}` is not {expected}: {}", path.display(), OneLine(why))]
    NotAnImage {
        /// Where.
        path: PathBuf,
        /// What was expected.
        expected: &'static str,
        /// What is missing or wrong.
        why: String,
    },
    /// A document that is not what it should be.
    #[error("{} in `{}` cannot be read: {}", OneLine(what), path.display(), OneLine(why))]
    Document {
        /// The layout or archive.
        path: PathBuf,
        /// Which document.
        what: String,
        /// What is wrong.
        why: String,
    },
    /// A blob that a document names is not there.
    #[error("`{}` is incomplete: {digest}, {what}, is missing", path.display())]
    MissingBlob {
        /// The layout or archive.
        path: PathBuf,
        /// The blob.
        digest: Digest,
        /// What it would be.
        what: &'static str,
    },
    /// A blob that is damaged.
    #[error(transparent)]
    Blob(#[from] BlobError),
    /// A tag that is not there.
    #[error("`{}` has no image tagged `{}`; {}", path.display(), OneLine(tag), there_is(tags))]
    NoTag {
        /// The layout or archive.
        path: PathBuf,
        /// What was asked for.
        tag: String,
        /// The tags there are.
        tags: Vec<String>,
    },
    /// Several images, and no tag to choose one.
    #[error(
        "`{}` holds several images, name one of them by its tag: {}",
        path.display(),
        OneLine(tags.join(", "))
    )]
    Ambiguous {
        /// The layout or archive.
        path: PathBuf,
        /// The tags there are.
        tags: Vec<String>,
    },
    /// A platform that is not there.
    #[error("the image is not made for {platform}; {}", there_is(platforms))]
    NoPlatform {
        /// What was asked for.
        platform: String,
        /// The platforms there are.
        platforms: Vec<String>,
    },
    /// A layer that no image should have.
    #[error("layer {number} of `{}` cannot be read: {}", path.display(), OneLine(source))]
    Layer {
        /// The layout or archive.
        path: PathBuf,
        /// Its place, from 1.
        number: usize,
        /// What is wrong.
        source: io::Error,
    },
    /// A registry.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// A Docker engine that does not hand the image out.
    #[error(transparent)]
    Engine(#[from] crate::sinks::EngineError),
    /// A transport that cannot be read from.
    #[error("{text}: this version cannot read from there")]
    Unsupported {
        /// The reference.
        text: String,
    },
}

fn there_is(names: &[String]) -> String {
    match names {
        [] => "there is none".to_string(),
        names => format!("there is: {}", OneLine(names.join(", "))),
    }
}
