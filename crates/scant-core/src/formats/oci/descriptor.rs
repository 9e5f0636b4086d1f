//! A reference to a blob, and the platform it may carry.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::null_is_default;
use crate::words::{Digest, Platform};

/// [Image specification, descriptor](https://github.com/opencontainers/image-spec/blob/v1.1.1/descriptor.md).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Descriptor {
    /// What the blob is.
    pub media_type: String,
    /// Its digest.
    pub digest: Digest,
    /// Its size in bytes.
    pub size: u64,
    /// The platform, on descriptors of manifests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<DescriptorPlatform>,
    /// What kind of artifact the manifest is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact_type: Option<String>,
    /// The blob itself in base64, if it is small.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
    /// Annotations.
    #[serde(
        default,
        deserialize_with = "null_is_default",
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    pub annotations: BTreeMap<String, String>,
    /// Members this version does not know.
    #[serde(flatten)]
    pub other: BTreeMap<String, Value>,
}

impl Descriptor {
    /// A descriptor that says no more than it must.
    pub fn new(media_type: &str, digest: Digest, size: u64) -> Self {
        Self {
            media_type: media_type.to_string(),
            digest,
            size,
            platform: None,
            artifact_type: None,
            data: None,
            annotations: BTreeMap::new(),
            other: BTreeMap::new(),
        }
    }

    /// The descriptor of these bytes.
    pub fn of(media_type: &str, bytes: &[u8]) -> Self {
        Self::new(media_type, Digest::of(bytes), bytes.len() as u64)
    }
}

/// The platform of a descriptor as written: images of other tools name platforms scant does not
/// know. [Image specification, index](https://github.com/opencontainers/image-spec/blob/v1.1.1/image-index.md).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DescriptorPlatform {
    /// The processor, in Go's words.
    pub architecture: String,
    /// The operating system, in Go's words.
    pub os: String,
    /// The variant of the processor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// Members this version does not know.
    #[serde(flatten)]
    pub other: BTreeMap<String, Value>,
}

impl DescriptorPlatform {
    /// The platform in scant's words; none when scant does not know it.
    pub fn to_platform(&self) -> Option<Platform> {
        let variant = self.variant.as_deref().filter(|variant| !variant.is_empty());
        let text = match variant {
            Some(variant) => alloc::format!("{}/{}/{variant}", self.os, self.architecture),
            None => alloc::format!("{}/{}", self.os, self.architecture),
        };
        text.parse().ok()
    }
}

impl From<Platform> for DescriptorPlatform {
    fn from(platform: Platform) -> Self {
        Self {
            architecture: platform.oci_architecture().to_string(),
            os: platform.os().to_string(),
            variant: platform.variant().map(ToString::to_string),
            other: BTreeMap::new(),
        }
    }
}
