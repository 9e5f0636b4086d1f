//! Why an image could not be published.

use std::error::Error;
use std::io;
use std::path::PathBuf;

use scant_core::formats::image_reference::ImageReference;

use crate::cache::Lost;
use crate::images::OpenError;
use crate::registry::RegistryError;

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
    #[error("`{}` is there already and is not empty", path.display())]
    NotEmpty {
        /// The directory.
        path: PathBuf,
    },
    /// Something else than expected is in the way.
    #[error("`{}` is there already and is {found}", path.display())]
    Other {
        /// Where.
        path: PathBuf,
        /// What is there.
        found: &'static str,
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
    /// A registry.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// An output that this cannot write to.
    #[error("{reference}: this version cannot write to {}", reference.transport())]
    Unsupported {
        /// The output.
        reference: Box<ImageReference>,
    },
}

impl SinkError {
    /// Whether a layer that was remembered turned out to be gone from the cache. Making it again
    /// helps.
    pub fn is_lost(&self) -> bool {
        let mut error: Option<&(dyn Error + 'static)> = Some(self);
        while let Some(now) = error {
            let inner = now.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
            if now.is::<Lost>() || inner.is_some_and(|inner| inner.is::<Lost>()) {
                return true;
            }
            error = now.source();
        }
        false
    }
}
