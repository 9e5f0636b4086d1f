//! An image looked at as a whole: everything about it is computed again from its bytes, and all
//! that is not as it is said to be is reported. Nothing that is damaged stops the rest. What must
//! be so is decided in `scant_core::rules::image`; reading is done here.

mod archive;
mod artifact;
mod blob;
mod docker;
mod image;
mod layer;
mod strays;
mod tally;
mod walk;

use std::path::Path;

use scant_core::formats::image_reference::{ImageArgument, ImageReference, Name};
use scant_core::rules::image::Report;
use scant_core::words::{DiffId, Digest};

use super::layout::Wanted;
use super::place::Place;
use super::{OpenError, exists, wanted_tag};
use walk::Walk;

/// What was looked at, and what was found.
#[derive(Clone, Debug)]
pub struct Verification {
    /// The images that could be read, one for each platform.
    pub platforms: Vec<VerifiedPlatform>,
    /// What is not as it is said to be, and notes.
    pub report: Report,
}

/// An image for one platform, as its bytes have it.
#[derive(Clone, Debug)]
pub struct VerifiedPlatform {
    /// The tags or names that it has in the layout or archive, sorted.
    pub tags: Vec<String>,
    /// The platform as `os/architecture[/variant]`.
    pub platform: String,
    /// The digest of the manifest; none in an archive that has no manifests.
    pub manifest: Option<Digest>,
    /// The digest of the config, which is the image ID.
    pub image_id: Option<Digest>,
    /// The layers that could be read, lowest first.
    pub layers: Vec<VerifiedLayer>,
    /// How many paths the layers have together; none when one of them is damaged.
    pub paths: Option<usize>,
    /// Whether it carries a provenance document.
    pub has_provenance: bool,
}

/// A layer that was read to its end.
#[derive(Clone, Copy, Debug)]
pub struct VerifiedLayer {
    /// Its digest.
    pub digest: Digest,
    /// Its size in bytes.
    pub size: u64,
    /// The digest of its tar archive.
    pub diff_id: DiffId,
    /// The size of its tar archive.
    pub tar_size: u64,
}

/// Verifies what `argument` names: the image of a tag or name, or all images that are there.
///
/// # Errors
/// When nothing is there, or nothing that is an image.
pub fn verify(argument: &ImageArgument) -> Result<Verification, OpenError> {
    match argument {
        ImageArgument::Reference(reference) => match reference {
            ImageReference::Oci { directory, tag } => {
                in_directory(Path::new(directory), wanted_tag(tag.as_deref()))
            }
            ImageReference::OciArchive { file, tag } => {
                let opened = archive::open(Path::new(file))?;
                opened.layout(wanted_tag(tag.as_deref()), "an OCI image layout")
            }
            ImageReference::DockerArchive { file, name } => {
                in_archive(Path::new(file), name.as_ref(), "an archive of `docker save`")
            }
            ImageReference::Rootfs { directory: path } | ImageReference::Tar { file: path } => {
                exists(Path::new(path))?;
                Err(no_image(Path::new(path), "an image", "it names files alone"))
            }
            ImageReference::DockerDaemon { .. } | ImageReference::Docker { .. } => {
                Err(OpenError::Unsupported { text: reference.to_string() })
            }
        },
        ImageArgument::Path(path) if Path::new(path).is_dir() => {
            in_directory(Path::new(path), Wanted::Only)
        }
        ImageArgument::Path(path) => in_archive(Path::new(path), None, "an image"),
    }
}

fn in_directory(directory: &Path, wanted: Wanted<'_>) -> Result<Verification, OpenError> {
    exists(directory)?;
    let has = |name: &str| directory.join(name).is_file();
    let is_layout = has("oci-layout") || (has("index.json") && directory.join("blobs").is_dir());
    if !is_layout {
        let why = "it has no `oci-layout`, and no `index.json` beside `blobs`";
        return Err(no_image(directory, "an OCI image layout", why));
    }
    let place = Place::Directory(directory.to_path_buf());
    Walk::new(&place).layout(wanted)
}

fn in_archive(
    path: &Path,
    name: Option<&Name>,
    expected: &'static str,
) -> Result<Verification, OpenError> {
    let opened = archive::open(path)?;
    let full = name.map(Name::tagged);
    if opened.is_layout() {
        let wanted = full.as_deref().map_or(Wanted::Only, Wanted::Name);
        return opened.layout(wanted, expected);
    }
    opened.saved(name, expected)
}

fn no_image(path: &Path, expected: &'static str, why: &str) -> OpenError {
    OpenError::NotAnImage { path: path.to_path_buf(), expected, why: why.to_string() }
}

#[cfg(test)]
mod tests;
