//! OCI documents as values: descriptor, image manifest, image index, config, layout marker.
//!
//! Unknown members are kept when a document is read, `null` is read as absent and never written,
//! and what is written is compact with sorted keys ([`encode`]). These types say what a document
//! may hold; that an image is sound is checked elsewhere.

mod config;
mod descriptor;
mod manifest;
pub mod runtime;

pub use config::{Empty, Healthcheck, History, ImageConfig, RootFs, RunConfig};
pub use descriptor::{Descriptor, DescriptorPlatform};
pub use manifest::{ImageIndex, ImageManifest};

use alloc::string::String;
use alloc::vec::Vec;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};

/// Media types, as the [specification lists them](https://github.com/opencontainers/image-spec/blob/v1.1.1/media-types.md).
pub mod media_type {
    /// An image index.
    pub const INDEX: &str = "application/vnd.oci.image.index.v1+json";
    /// An image manifest.
    pub const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
    /// An image config.
    pub const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
    /// A layer that is not compressed.
    pub const LAYER: &str = "application/vnd.oci.image.layer.v1.tar";
    /// A layer compressed with gzip.
    pub const LAYER_GZIP: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
    /// A layer compressed with zstd.
    pub const LAYER_ZSTD: &str = "application/vnd.oci.image.layer.v1.tar+zstd";
    /// The empty config of an artifact.
    pub const EMPTY: &str = "application/vnd.oci.empty.v1+json";
    /// Docker's name of an image index.
    pub const DOCKER_INDEX: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
    /// Docker's name of an image manifest.
    pub const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
    /// The provenance document of scant, and the artifact that holds it.
    pub const PROVENANCE: &str = "application/vnd.scant.provenance.v1+json";
}

/// Annotation keys.
pub mod annotation {
    /// The tag, on descriptors of a layout's `index.json` only.
    /// [Image specification, layout](https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md#indexjson-file).
    pub const REF_NAME: &str = "org.opencontainers.image.ref.name";
    /// The full name: containerd, and those that build on it, name a loaded image so.
    pub const CONTAINERD_NAME: &str = "io.containerd.image.name";
    /// On a descriptor of a layout's `index.json`: where the provenance of the image is, as
    /// `platform=digest` pairs with a space between them. A digest is that of an image manifest
    /// whose `subject` is the platform's image.
    ///
    /// The layout's `index.json` cannot list that manifest itself: skopeo, podman and others refuse
    /// `oci:DIR` without a tag as soon as there are two descriptors.
    pub const PROVENANCE: &str = "dev.scant.provenance";
}

/// The content of a layout's `oci-layout` file. Consumers compare the version literally.
pub const LAYOUT_MARKER: &[u8] = br#"{"imageLayoutVersion":"1.0.0"}"#;

/// The content of an artifact's empty config.
pub const EMPTY_CONFIG: &[u8] = b"{}";

/// The object of an `oci-layout` file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LayoutMarker {
    /// `1.0.0`.
    pub image_layout_version: String,
}

/// A document as it is stored: compact, keys sorted bytewise on every level.
pub fn encode(document: &impl Serialize) -> Vec<u8> {
    // A `Value` keeps objects in a `BTreeMap`, which sorts members of all origins together.
    let value = serde_json::to_value(document).expect("all keys of OCI documents are strings");
    serde_json::to_vec(&value).expect("a JSON value can be written")
}

/// Reads a document.
///
/// # Errors
/// When the bytes are not JSON of this shape.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, serde_json::Error> {
    serde_json::from_slice(bytes)
}

/// Reads `null` as the default: other tools write it for empty lists and maps.
fn null_is_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Option::<T>::deserialize(deserializer).map(Option::unwrap_or_default)
}

#[cfg(test)]
mod tests;
