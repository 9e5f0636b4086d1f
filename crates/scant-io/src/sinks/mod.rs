//! An image to where it was asked for. Everything is written beside its place first and gets there
//! by rename: complete, or not at all. Several outputs of one build share its blobs.

mod engine;
mod error;

pub use engine::EngineError;
pub use error::SinkError;

use scant_core::formats::image_reference::{ImageReference, Name};
use scant_core::words::Digest;

use crate::image::Image;

/// What decides how an image is published, besides the image.
#[derive(Clone, Copy, Debug)]
pub struct Output<'a> {
    /// Where to.
    pub reference: &'a ImageReference,
    /// The name of the image (`-t`); a tag or name in `reference` goes first.
    pub name: Option<&'a Name>,
    /// The time of the entries of archives: seconds since 1970.
    pub mtime: u64,
    /// What happens to a directory of files that is there already.
    pub existing: Existing,
    /// The Docker engine, as `DOCKER_HOST` writes it; none for the usual socket.
    pub docker_host: Option<&'a str>,
}

/// What happens to a directory that a `rootfs:` output would replace. Files are always replaced,
/// layouts always added to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// It is an error, unless the directory is empty.
    Refuse,
    /// It is replaced as a whole.
    Replace,
}

/// What was published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// Where, in full: with the tag that was used.
    pub place: String,
    /// The digest of the manifest, or of the index for several platforms.
    pub digest: Digest,
    /// What a person should know: owners that could not be set, what an engine answered.
    pub notes: Vec<String>,
}

/// Publishes an image.
///
/// # Errors
/// When the output cannot be written. What was there before is unchanged then.
pub fn publish(image: &Image, output: &Output<'_>) -> Result<Published, SinkError> {
    let _ = image;
    Err(SinkError::Unsupported { reference: output.reference.clone() })
}
