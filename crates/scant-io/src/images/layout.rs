//! An image from an OCI image layout, in a directory or an archive.
//! [Image specification, layout](https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md).

use scant_core::formats::oci::{
    self, Descriptor, DescriptorPlatform, ImageConfig, ImageIndex, ImageManifest, LayoutMarker,
    annotation, media_type,
};
use scant_core::plan::assemble::Document;
use serde::de::DeserializeOwned;

use super::OpenError;
use super::place::{MOST_DOCUMENT, Place};
use crate::blobs::Blob;
use crate::image::{Image, LayerBlob, PlatformImage, ProvenanceArtifact};

/// The tag that is meant where there are several and none is named, as it is when one is written.
const LATEST: &str = "latest";

/// Which image of a layout is meant.
#[derive(Clone, Copy)]
pub(super) enum Wanted<'a> {
    /// The only one; of several the one tagged `latest`.
    Only,
    /// The one with this `ref.name`.
    Tag(&'a str),
    /// The one with this full name.
    Name(&'a str),
}

/// Opens an image of the layout.
pub(super) fn open(place: &Place, wanted: Wanted<'_>) -> Result<Image, OpenError> {
    let index: ImageIndex = index(place)?;
    let top = choose(place, &index, wanted)?.clone();
    let mut image = if is_index(&top) {
        platforms(place, &top)?
    } else {
        Image::single(platform(place, &top)?)
    };
    for pair in top.annotations.get(annotation::PROVENANCE).into_iter().flat_map(|t| t.split(' ')) {
        let Some((name, Ok(digest))) = pair.split_once('=').map(|(n, d)| (n, d.parse())) else {
            continue;
        };
        if let Some(platform) = image.platforms.iter_mut().find(|p| p.platform() == name) {
            platform.provenance = Some(provenance(place, digest)?);
        }
    }
    Ok(image)
}

/// `index.json` of a directory or archive that is a layout.
fn index(place: &Place) -> Result<ImageIndex, OpenError> {
    let wrong = |why: &str| OpenError::NotAnImage {
        path: place.path().to_path_buf(),
        expected: "an OCI image layout",
        why: why.to_string(),
    };
    let marker = place.document("oci-layout")?.ok_or_else(|| wrong("it has no `oci-layout`"))?;
    let marker: LayoutMarker = decode(place, "`oci-layout`", &marker)?;
    if marker.image_layout_version != "1.0.0" {
        return Err(wrong(&format!("its version is {}", marker.image_layout_version)));
    }
    let index = place.document("index.json")?.ok_or_else(|| wrong("it has no `index.json`"))?;
    decode(place, "`index.json`", &index)
}

/// The image that is meant.
pub(super) fn choose<'a>(
    place: &Place,
    index: &'a ImageIndex,
    wanted: Wanted<'_>,
) -> Result<&'a Descriptor, OpenError> {
    let images = || index.manifests.iter().filter(|d| d.artifact_type.is_none());
    let annotation = |d: &'a Descriptor, key| d.annotations.get(key).map(String::as_str);
    let path = || place.path().to_path_buf();
    let tags = || {
        let names = images().map(|d| annotation(d, annotation::REF_NAME).unwrap_or("(no tag)"));
        names.map(ToString::to_string).collect::<Vec<_>>()
    };
    let with = |key, value: &str| images().find(|d| annotation(d, key) == Some(value));
    let missing = |tag: &str| OpenError::NoTag { path: path(), tag: tag.to_string(), tags: tags() };
    match wanted {
        Wanted::Tag(tag) => with(annotation::REF_NAME, tag)
            .or_else(|| with(annotation::CONTAINERD_NAME, tag))
            .ok_or_else(|| missing(tag)),
        Wanted::Name(name) => with(annotation::CONTAINERD_NAME, name)
            .or_else(|| with(annotation::REF_NAME, name))
            .or_else(|| with(annotation::REF_NAME, name.rsplit(':').next()?))
            .ok_or_else(|| missing(name)),
        Wanted::Only => match images().collect::<Vec<_>>()[..] {
            [] => Err(missing(LATEST)),
            [first, ref more @ ..] if more.iter().all(|d| d.digest == first.digest) => Ok(first),
            _ => with(annotation::REF_NAME, LATEST)
                .ok_or_else(|| OpenError::Ambiguous { path: path(), tags: tags() }),
        },
    }
}

fn is_index(descriptor: &Descriptor) -> bool {
    matches!(&*descriptor.media_type, media_type::INDEX | media_type::DOCKER_INDEX)
}

/// The images of an index. What is no image of a platform, such as BuildKit's attestations, is kept
/// as blobs alone.
fn platforms(place: &Place, top: &Descriptor) -> Result<Image, OpenError> {
    let bytes = place.blob(top, "the index")?.read(MOST_DOCUMENT)?;
    let index: ImageIndex = decode(place, "the index", &bytes)?;
    let mut image = Image { platforms: Vec::new(), index: None, others: Vec::new() };
    for child in &index.manifests {
        let unknown = child.platform.as_ref().is_some_and(|platform| platform.os == "unknown");
        if unknown || child.artifact_type.is_some() {
            let blob = place.blob(child, "a manifest")?;
            let manifest: ImageManifest = decode(place, "a manifest", &blob.read(MOST_DOCUMENT)?)?;
            image.others.push(blob);
            for part in manifest.layers.iter().chain([&manifest.config]) {
                image.others.push(place.blob(part, "a part of an artifact")?);
            }
        } else {
            image.platforms.push(platform(place, child)?);
        }
    }
    if image.platforms.is_empty() {
        return Err(OpenError::Document {
            path: place.path().to_path_buf(),
            what: "the index".into(),
            why: "it lists no image".into(),
        });
    }
    let descriptor = Descriptor::new(&top.media_type, top.digest, top.size);
    image.index = Some(Document { descriptor, bytes });
    Ok(image)
}

fn platform(place: &Place, descriptor: &Descriptor) -> Result<PlatformImage, OpenError> {
    let bytes = place.blob(descriptor, "the manifest")?.read(MOST_DOCUMENT)?;
    let manifest: ImageManifest = decode(place, "the manifest", &bytes)?;
    let config = place.blob(&manifest.config, "the config")?.read(MOST_DOCUMENT)?;
    let config = Document { descriptor: manifest.config.clone(), bytes: config };
    let blobs = manifest.layers.iter().map(|layer| place.blob(layer, "a layer"));
    let blobs = blobs.collect::<Result<Vec<_>, _>>()?;
    let mut named = Descriptor::new(&descriptor.media_type, descriptor.digest, descriptor.size);
    named.platform = descriptor.platform.clone();
    let document = Document { descriptor: named, bytes };
    assemble(place, config, document, manifest.layers.into_iter().zip(blobs).collect())
}

/// The image of these parts, checked against its config.
pub(super) fn assemble(
    place: &Place,
    config: Document,
    mut manifest: Document,
    layers: Vec<(Descriptor, Blob)>,
) -> Result<PlatformImage, OpenError> {
    let parsed: ImageConfig = decode(place, "the config", &config.bytes)?;
    let diff_ids = parsed.rootfs.diff_ids;
    if diff_ids.len() != layers.len() {
        return Err(OpenError::Document {
            path: place.path().to_path_buf(),
            what: "the config".into(),
            why: format!("it lists {} layers, the manifest {}", diff_ids.len(), layers.len()),
        });
    }
    manifest.descriptor.platform.get_or_insert(DescriptorPlatform {
        architecture: parsed.architecture,
        os: parsed.os,
        variant: parsed.variant,
        other: Default::default(),
    });
    let layer =
        |((descriptor, blob), diff_id)| LayerBlob { diff_id, tar_size: 0, descriptor, blob };
    let layers = layers.into_iter().zip(diff_ids).map(layer).collect();
    Ok(PlatformImage { config, manifest, layers, provenance: None })
}

/// The provenance document and its manifest.
fn provenance(
    place: &Place,
    digest: scant_core::words::Digest,
) -> Result<ProvenanceArtifact, OpenError> {
    let what = "the provenance";
    let name = format!("blobs/sha256/{}", digest.hex());
    let missing = || OpenError::MissingBlob { path: place.path().to_path_buf(), digest, what };
    let (path, offset, size) = place.find(&name).ok_or_else(missing)?;
    let bytes = Blob::in_file(path, offset, digest, size).read(MOST_DOCUMENT)?;
    let manifest: ImageManifest = decode(place, what, &bytes)?;
    let layer = manifest.layers.first().ok_or_else(missing)?;
    let document = place.blob(layer, what)?.read(MOST_DOCUMENT)?;
    let mut descriptor = Descriptor::new(media_type::MANIFEST, digest, size);
    descriptor.artifact_type = manifest.artifact_type;
    Ok(ProvenanceArtifact { document, manifest: Document { descriptor, bytes } })
}

pub(super) fn decode<T: DeserializeOwned>(
    place: &Place,
    what: &str,
    bytes: &[u8],
) -> Result<T, OpenError> {
    oci::decode(bytes).map_err(|error| OpenError::Document {
        path: place.path().to_path_buf(),
        what: what.to_string(),
        why: error.to_string(),
    })
}
