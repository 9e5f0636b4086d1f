//! An image back from where it was published: its documents, checked by their digests, and its
//! files. Nothing is ever unpacked to look at it, and nothing it holds is trusted.

mod contents;
mod digests;
pub(crate) mod directory;
mod docker_archive;
mod error;
mod files;
mod layout;
pub(crate) mod listed_input;
pub(crate) mod listing;
pub(crate) mod overlay;
mod place;
mod remote;
mod root;
pub(crate) mod sparse;
pub(crate) mod stored;
pub(crate) mod tar_reader;
mod verify;

pub use contents::Contents;
pub use error::OpenError;
pub use files::Files;
pub(crate) use files::plain;
pub use listing::{Listed, ListedKind, Listing};
pub use remote::Sources;
pub use root::is_doubtful;
pub use verify::{Verification, VerifiedLayer, VerifiedPlatform, verify};

use std::path::Path;

use scant_core::formats::image_reference::{ImageArgument, ImageReference};
use scant_core::words::Platform;

use crate::image::{Image, PlatformImage};
use layout::Wanted;
use place::Place;

/// An image, or files without one.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "there is one of it at a time")]
pub enum Opened {
    /// An image with its documents, for all its platforms.
    Image(Image),
    /// Files only: what `rootfs:` and `tar:` name.
    Files(Files),
}

/// Opens what `argument` names, of registries and engines too.
///
/// # Errors
/// As [`open`], or when it cannot be had.
pub fn open_from(argument: &ImageArgument, sources: &Sources) -> Result<Opened, OpenError> {
    match argument {
        ImageArgument::Reference(ImageReference::Docker { name }) => match &sources.registries {
            Some(registries) => {
                remote::open(registries, name, (sources.platform, sources.only_files))
                    .map(Opened::Image)
            }
            None => open(argument),
        },
        ImageArgument::Reference(ImageReference::DockerDaemon { name }) => {
            remote::of_engine(sources, name).map(Opened::Image)
        }
        argument => open(argument),
    }
}

/// Brings all blobs of an image here that are in a registry, several at a time.
///
/// # Errors
/// When one cannot be had.
pub fn fetch(image: &Image) -> Result<(), OpenError> {
    crate::registry::fetch_all(image).map_err(OpenError::from)
}

/// Opens what `argument` names on this machine. A path without a transport is looked at: a layout, an archive, or a
/// directory of files.
///
/// # Errors
/// When nothing is there, when it is no image, or when it is damaged.
pub fn open(argument: &ImageArgument) -> Result<Opened, OpenError> {
    match argument {
        ImageArgument::Reference(reference) => open_reference(reference),
        ImageArgument::Path(path) => open_path(Path::new(path)),
    }
}

fn open_reference(reference: &ImageReference) -> Result<Opened, OpenError> {
    match reference {
        ImageReference::Oci { directory, tag } => {
            let place = Place::Directory(Path::new(directory).to_path_buf());
            exists(place.path())?;
            layout::open(&place, wanted_tag(tag.as_deref())).map(Opened::Image)
        }
        ImageReference::OciArchive { file, tag } => {
            let place = Place::archive(Path::new(file))?;
            layout::open(&place, wanted_tag(tag.as_deref())).map(Opened::Image)
        }
        ImageReference::DockerArchive { file, name } => {
            let place = Place::archive(Path::new(file))?;
            if place.find("oci-layout").is_none() || place.find("index.json").is_none() {
                return docker_archive::open(&place, name.as_ref()).map(Opened::Image);
            }
            let full = name.as_ref().map(|name| name.tagged());
            let wanted = full.as_deref().map_or(Wanted::Only, Wanted::Name);
            layout::open(&place, wanted).map(Opened::Image)
        }
        ImageReference::Rootfs { directory } => {
            exists(Path::new(directory))?;
            Ok(Opened::Files(Files::in_directory(Path::new(directory))))
        }
        ImageReference::Tar { file } => {
            exists(Path::new(file))?;
            Ok(Opened::Files(Files::in_archive(Path::new(file))))
        }
        ImageReference::DockerDaemon { .. } | ImageReference::Docker { .. } => {
            Err(OpenError::Unsupported { text: reference.to_string() })
        }
    }
}

fn wanted_tag(tag: Option<&str>) -> Wanted<'_> {
    tag.map_or(Wanted::Only, Wanted::Tag)
}

fn open_path(path: &Path) -> Result<Opened, OpenError> {
    exists(path)?;
    if path.is_dir() {
        if !path.join("oci-layout").is_file() {
            root::is_something(path)?;
            return Ok(Opened::Files(Files::in_directory(path)));
        }
        let place = Place::Directory(path.to_path_buf());
        return layout::open(&place, Wanted::Only).map(Opened::Image);
    }
    match Place::archive(path) {
        Ok(place) if place.find("oci-layout").is_some() => {
            layout::open(&place, Wanted::Only).map(Opened::Image)
        }
        Ok(place) if place.find("manifest.json").is_some() => {
            docker_archive::open(&place, None).map(Opened::Image)
        }
        // An archive of files, compressed or not; what it is worth is seen when it is read.
        Ok(_) | Err(OpenError::NotAnImage { .. }) => Ok(Opened::Files(Files::in_archive(path))),
        Err(error) => Err(error),
    }
}

fn exists(path: &Path) -> Result<(), OpenError> {
    path.metadata()
        .map(|_| ())
        .map_err(|source| OpenError::Read { path: path.to_path_buf(), source })
}

/// The image for a platform; the first one if none is named.
///
/// # Errors
/// When the image has no such platform.
pub fn pick(image: &Image, platform: Option<Platform>) -> Result<&PlatformImage, OpenError> {
    let is = |candidate: &&PlatformImage| {
        let found = candidate.manifest.descriptor.platform.as_ref();
        platform.is_none_or(|wanted| found.and_then(|p| p.to_platform()) == Some(wanted))
    };
    image.platforms.iter().find(is).ok_or_else(|| OpenError::NoPlatform {
        platform: platform.map(|platform| platform.to_string()).unwrap_or_default(),
        platforms: image.platforms.iter().map(PlatformImage::platform).collect(),
    })
}

#[cfg(test)]
mod tests;
