//! What `why` and `ls` are asked about: an image, or a manifest that would become one.

use std::path::{Path, PathBuf};

use scant_core::formats::image_reference::{ImageArgument, ImageReference};
use scant_core::formats::provenance::{self, Document};
use scant_core::words::Platform;
use scant_io::image::PlatformImage;
use scant_io::images::{self, Files, Listing, Opened};

use crate::exit::Failure;

/// A manifest or an image.
pub(crate) enum Subject {
    Manifest(PathBuf),
    Image(ImageArgument),
}

/// The files of an image and, where it carries them, their reasons.
pub(crate) struct Contents {
    /// What the image holds, read from its layers.
    pub(crate) listing: Listing,
    /// Its provenance document.
    pub(crate) document: Option<Document>,
}

impl Subject {
    /// What the user means: a file that ends in `.yaml` or `.yml` is a manifest, anything else an
    /// image.
    pub(crate) fn parse(text: &str) -> Result<Self, Failure> {
        let path = Path::new(text);
        let is_yaml = path.extension().is_some_and(|end| end == "yaml" || end == "yml");
        if text == "-" || (is_yaml && !text.contains(':')) {
            return Ok(Self::Manifest(path.to_path_buf()));
        }
        ImageReference::parse_or_path(text).map(Self::Image).map_err(Failure::usage)
    }
}

impl Contents {
    /// Opens an image and reads what it holds.
    pub(crate) fn open(image: &ImageArgument, platform: Option<Platform>) -> Result<Self, Failure> {
        match images::open(image).map_err(Failure::input)? {
            Opened::Files(files) => {
                let listing = files.list().map_err(Failure::input)?;
                Ok(Self { listing, document: None })
            }
            Opened::Image(image) => {
                let platform = images::pick(&image, platform).map_err(Failure::input)?;
                Self::of(platform)
            }
        }
    }

    fn of(platform: &PlatformImage) -> Result<Self, Failure> {
        let listing = Files::of(platform).list().map_err(Failure::input)?;
        let document = platform.provenance.as_ref();
        let document = document.map(|artifact| provenance::decode(&artifact.document));
        Ok(Self { listing, document: document.transpose().map_err(Failure::input)? })
    }
}
