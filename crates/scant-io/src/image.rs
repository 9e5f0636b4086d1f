//! An image as blobs and documents that belong together: what a build makes, what reading an image
//! gives, and what a sink takes.

use std::collections::BTreeMap;

use scant_core::formats::oci::{Descriptor, media_type};
use scant_core::plan::assemble::{Assembled, Document, Layer, provenance_referrer};
use scant_core::words::{DiffId, Digest};

use crate::blobs::Blob;

/// An image, for one platform or several.
#[derive(Clone, Debug)]
pub struct Image {
    /// One for each platform, the preferred one first. Never empty.
    pub platforms: Vec<PlatformImage>,
    /// The index of the manifests; none for an image of one platform without an index.
    pub index: Option<Document>,
    /// Blobs that the index reaches and that belong to no platform: attestations of other tools.
    pub others: Vec<Blob>,
}

/// An image for one platform.
#[derive(Clone, Debug)]
pub struct PlatformImage {
    /// The config.
    pub config: Document,
    /// The manifest. Its descriptor carries the platform.
    pub manifest: Document,
    /// The layers, lowest first.
    pub layers: Vec<LayerBlob>,
    /// The provenance, where it is known.
    pub provenance: Option<ProvenanceArtifact>,
}

/// A layer that has been written.
#[derive(Clone, Debug)]
pub struct LayerBlob {
    /// The digest of its uncompressed tar archive.
    pub diff_id: DiffId,
    /// The size of its uncompressed tar archive; 0 if that is not known.
    pub tar_size: u64,
    /// The blob in the words of a manifest.
    pub descriptor: Descriptor,
    /// The blob.
    pub blob: Blob,
}

/// A provenance document with the manifest that ties it to its image.
#[derive(Clone, Debug)]
pub struct ProvenanceArtifact {
    /// The document.
    pub document: Vec<u8>,
    /// The manifest; its `subject` is the manifest of the image.
    pub manifest: Document,
}

impl LayerBlob {
    /// The layer in the words of the assembly.
    pub fn to_layer(&self, created_by: &str) -> Layer {
        let (diff_id, descriptor) = (self.diff_id, self.descriptor.clone());
        Layer { diff_id, descriptor, created_by: created_by.to_string() }
    }
}

impl PlatformImage {
    /// An image of these parts, with its provenance document if there is one.
    pub fn new(assembled: Assembled, layers: Vec<LayerBlob>, document: Option<Vec<u8>>) -> Self {
        let Assembled { config, manifest } = assembled;
        let provenance = document.map(|document| ProvenanceArtifact {
            manifest: provenance_referrer(&document, &manifest.descriptor),
            document,
        });
        Self { config, manifest, layers, provenance }
    }

    /// The platform as `os/architecture[/variant]`, as written in the image.
    pub fn platform(&self) -> String {
        self.manifest.descriptor.platform.as_ref().map_or_else(String::new, |platform| {
            let variant = platform.variant.as_deref().filter(|variant| !variant.is_empty());
            let parts = [Some(&*platform.os), Some(&*platform.architecture), variant];
            parts.into_iter().flatten().collect::<Vec<_>>().join("/")
        })
    }
}

impl Image {
    /// An image of one platform, without an index.
    pub fn single(platform: PlatformImage) -> Self {
        Self { platforms: vec![platform], index: None, others: Vec::new() }
    }

    /// What a tag points at: the index, or the one manifest.
    pub fn top(&self) -> &Document {
        self.index.as_ref().unwrap_or(&self.platforms[0].manifest)
    }

    /// Every blob of the image, documents included, each once, sorted by digest.
    pub fn blobs(&self) -> BTreeMap<Digest, Blob> {
        let mut blobs = BTreeMap::new();
        let mut add = |blob: Blob| {
            blobs.entry(blob.digest()).or_insert(blob);
        };
        if let Some(index) = &self.index {
            add(Blob::of_bytes(&index.bytes));
        }
        for other in &self.others {
            add(other.clone());
        }
        for platform in &self.platforms {
            add(Blob::of_bytes(&platform.config.bytes));
            add(Blob::of_bytes(&platform.manifest.bytes));
            for layer in &platform.layers {
                add(layer.blob.clone());
            }
            if let Some(provenance) = &platform.provenance {
                add(Blob::of_bytes(&provenance.document));
                add(Blob::of_bytes(&provenance.manifest.bytes));
                add(Blob::of_bytes(scant_core::formats::oci::EMPTY_CONFIG));
            }
        }
        blobs
    }

    /// The value of [`scant_core::formats::oci::annotation::PROVENANCE`]; none without provenance.
    pub fn provenance_annotation(&self) -> Option<String> {
        let pair = |platform: &PlatformImage| {
            let artifact = platform.provenance.as_ref()?;
            Some(format!("{}={}", platform.platform(), artifact.manifest.descriptor.digest))
        };
        let pairs: Vec<_> = self.platforms.iter().filter_map(pair).collect();
        (!pairs.is_empty()).then(|| pairs.join(" "))
    }

    /// Whether `top` is an index.
    pub fn is_index(&self) -> bool {
        let media_type = &*self.top().descriptor.media_type;
        matches!(media_type, media_type::INDEX | media_type::DOCKER_INDEX)
    }
}
