//! An image back from where it was published: its documents, checked by their digests, and its
//! files. Nothing is ever unpacked to look at it, and nothing it holds is trusted.

mod error;
mod listing;

pub use error::OpenError;
pub use listing::{Listed, ListedKind, Listing};

use std::io::Read;

use scant_core::formats::image_reference::ImageArgument;
use scant_core::words::TreePath;

use crate::image::Image;

/// An image, or files without one.
#[derive(Debug)]
pub enum Opened {
    /// An image with its documents, for all its platforms.
    Image(Image),
    /// Files only: what `rootfs:` and `tar:` name.
    Files(Files),
}

/// The files of one platform's image.
#[derive(Debug)]
pub struct Files {}

/// Opens what `argument` names. A path without a transport is looked at: a layout, an archive, or a
/// directory of files.
///
/// # Errors
/// When nothing is there, when it is no image, or when it is damaged.
pub fn open(argument: &ImageArgument) -> Result<Opened, OpenError> {
    Err(OpenError::Unsupported { text: format!("{argument:?}") })
}

impl Files {
    /// The files, sorted.
    ///
    /// # Errors
    /// When a layer cannot be read or is damaged.
    pub fn list(&self) -> Result<Listing, OpenError> {
        Ok(Listing::default())
    }

    /// Gives the content of every regular file of `listing` to `each`, in the order of the layers.
    /// What `each` does not read is skipped.
    ///
    /// # Errors
    /// When a layer cannot be read, or `each` fails.
    pub fn visit(
        &self,
        listing: &Listing,
        each: &mut dyn FnMut(&TreePath, &Listed, &mut dyn Read) -> std::io::Result<()>,
    ) -> Result<(), OpenError> {
        let _ = (listing, each);
        Ok(())
    }
}
