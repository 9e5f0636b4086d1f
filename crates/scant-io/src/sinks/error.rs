//! Why an image could not be published.

use std::io;
use std::path::PathBuf;

use scant_core::formats::image_reference::ImageReference;

use crate::images::OpenError;

/// Why an image could not be published. What was at the place before is unchanged.
#[derive(Debug, thiserror::Error)]
pub enum SinkError {
    /// A file or directory cannot be written.
    #[error("cannot write `{}`: {source}", path.display())]
    Write {
        /// The file or directory.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The image's own blobs cannot be read.
    #[error(transparent)]
    Read(#[from] OpenError),
    /// A directory that is not empty is in the way.
    #[error(
        "`{}` is there already and is not empty: remove it, name another directory, or ask for it \
         to be replaced", path.display()
    )]
    NotEmpty {
        /// The directory.
        path: PathBuf,
    },
    /// Something else than expected is in the way.
    #[error("`{}` is there already and is {found}, not {expected}", path.display())]
    Other {
        /// Where.
        path: PathBuf,
        /// What is there.
        found: &'static str,
        /// What could be written to.
        expected: &'static str,
    },
    /// A directory that is no layout is in the way.
    #[error("`{}` is there already and is not an OCI image layout: {why}", path.display())]
    NotALayout {
        /// The directory.
        path: PathBuf,
        /// What is missing or wrong.
        why: String,
    },
    /// Several platforms for an output that can hold one.
    #[error("{reference} holds files of one platform, and the image has several: {}", platforms.join(", "))]
    SeveralPlatforms {
        /// The output.
        reference: Box<ImageReference>,
        /// The platforms there are.
        platforms: Vec<String>,
    },
    /// A Docker engine does not take the image.
    #[error(transparent)]
    Engine(#[from] super::EngineError),
    /// An output that this cannot write to.
    #[error("{reference}: this version cannot write to {}", reference.transport())]
    Unsupported {
        /// The output.
        reference: Box<ImageReference>,
    },
}
