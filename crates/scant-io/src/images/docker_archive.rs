//! An image from what `docker save` wrote, where it is no OCI layout at the same time.

use std::io::{self, Read};

use scant_core::formats::image_reference::Name;
use scant_core::formats::oci::{Descriptor, ImageManifest, encode, media_type};
use scant_core::plan::assemble::Document;
use scant_core::words::Hasher;
use serde::Deserialize;

use super::OpenError;
use super::layout::{assemble, decode};
use super::place::Place;
use crate::blobs::Blob;
use crate::image::Image;

/// One image of `manifest.json`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Saved {
    config: String,
    repo_tags: Option<Vec<String>>,
    layers: Option<Vec<String>>,
}

/// Opens the image of this name, or the only one.
pub(super) fn open(place: &Place, name: Option<&Name>) -> Result<Image, OpenError> {
    let path = || place.path().to_path_buf();
    let manifest = place.document("manifest.json")?.ok_or_else(|| OpenError::NotAnImage {
        path: path(),
        expected: "an archive of `docker save`",
        why: "it has no `manifest.json`".into(),
    })?;
    let saved: Vec<Saved> = decode(place, "`manifest.json`", &manifest)?;
    let tags = || saved.iter().flat_map(|image| image.repo_tags.clone().unwrap_or_default());
    let is_named = |image: &&Saved, name: &Name| {
        let same = |tag: &String| tag.parse::<Name>().is_ok_and(|t| t.tagged() == name.tagged());
        image.repo_tags.iter().flatten().any(same)
    };
    let is_latest =
        |image: &&Saved| image.repo_tags.iter().flatten().any(|tag| tag.ends_with(":latest"));
    let image = match name {
        Some(name) => saved.iter().find(|image| is_named(image, name)).ok_or_else(|| {
            OpenError::NoTag { path: path(), tag: name.familiar(), tags: tags().collect() }
        })?,
        None => match &saved[..] {
            [image] => image,
            _ if saved.iter().filter(is_latest).count() == 1 => {
                saved.iter().find(is_latest).expect("one was counted")
            }
            _ => return Err(OpenError::Ambiguous { path: path(), tags: tags().collect() }),
        },
    };
    let missing = |name: &str| OpenError::Document {
        path: path(),
        what: format!("`{name}`"),
        why: "it is missing".into(),
    };
    let config = place.document(&image.config)?.ok_or_else(|| missing(&image.config))?;
    let mut layers = Vec::new();
    for name in image.layers.iter().flatten() {
        let (file, offset, size) = place.find(name).ok_or_else(|| missing(name))?;
        let (hasher, media_type) = hash(&file, offset, size)
            .map_err(|source| OpenError::Read { path: file.to_path_buf(), source })?;
        let digest = hasher.finish();
        let blob = Blob::in_file(file, offset, digest, size);
        layers.push((Descriptor::new(media_type, digest, size), blob));
    }
    let config =
        Document { descriptor: Descriptor::of(media_type::CONFIG, &config), bytes: config };
    let descriptors = layers.iter().map(|(descriptor, _)| descriptor.clone()).collect();
    let bytes = encode(&ImageManifest::new(config.descriptor.clone(), descriptors));
    let descriptor = Descriptor::of(media_type::MANIFEST, &bytes);
    let manifest = Document { descriptor, bytes };
    Ok(Image::single(assemble(place, config, manifest, layers)?))
}

/// The digest of a member, and its media type by its first bytes.
fn hash(path: &std::path::Path, offset: u64, size: u64) -> io::Result<(Hasher, &'static str)> {
    use std::io::{Seek, SeekFrom};
    let mut file = std::fs::File::open(path)?;
    file.seek(SeekFrom::Start(offset))?;
    let mut file = file.take(size);
    let mut hasher = Hasher::default();
    let mut media_type = None;
    let mut buffer = vec![0; 1 << 16];
    loop {
        let count = file.read(&mut buffer)?;
        let bytes = &buffer[..count];
        media_type.get_or_insert(match bytes {
            [0x1f, 0x8b, ..] => media_type::LAYER_GZIP,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => media_type::LAYER_ZSTD,
            _ => media_type::LAYER,
        });
        if count == 0 {
            return Ok((hasher, media_type.unwrap_or(media_type::LAYER)));
        }
        hasher.update(bytes);
    }
}
