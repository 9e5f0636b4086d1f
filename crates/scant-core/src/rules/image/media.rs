//! What media types say: which document, which layer, how compressed.

use crate::formats::oci::media_type as oci;

/// How a layer is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Not at all.
    None,
    /// With gzip.
    Gzip,
    /// With zstd.
    Zstd,
}

impl Encoding {
    /// What the first bytes of a layer tell.
    pub fn of(head: &[u8]) -> Self {
        match head {
            [0x1f, 0x8b, ..] => Self::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Self::Zstd,
            // A frame that holds nothing to decompress: pzstd begins with one.
            // [RFC 8878, 3.1.2](https://www.rfc-editor.org/rfc/rfc8878#section-3.1.2).
            [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Self::Zstd,
            _ => Self::None,
        }
    }

    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "a tar archive that is not compressed",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }
}

/// Whose words a media type is of. A manifest in one family with layers of the other is refused by
/// umoci and skopeo.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    Oci,
    Docker,
}

/// What a layer's media type says.
#[derive(Clone, Copy)]
pub(super) struct LayerType {
    pub(super) family: Family,
    pub(super) encoding: Encoding,
    /// Whether the blob may be absent, to be had from somewhere else.
    pub(super) is_foreign: bool,
}

/// Docker's config.
const DOCKER_CONFIG: &str = "application/vnd.docker.container.image.v1+json";

/// The media types of layers. [Image specification, media types](https://github.com/opencontainers/image-spec/blob/v1.1.1/media-types.md).
const LAYERS: [(&str, Family, Encoding, bool); 9] = [
    (oci::LAYER, Family::Oci, Encoding::None, false),
    (oci::LAYER_GZIP, Family::Oci, Encoding::Gzip, false),
    (oci::LAYER_ZSTD, Family::Oci, Encoding::Zstd, false),
    ("application/vnd.oci.image.layer.nondistributable.v1.tar", Family::Oci, Encoding::None, true),
    (
        "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
        Family::Oci,
        Encoding::Gzip,
        true,
    ),
    (
        "application/vnd.oci.image.layer.nondistributable.v1.tar+zstd",
        Family::Oci,
        Encoding::Zstd,
        true,
    ),
    ("application/vnd.docker.image.rootfs.diff.tar", Family::Docker, Encoding::None, false),
    ("application/vnd.docker.image.rootfs.diff.tar.gzip", Family::Docker, Encoding::Gzip, false),
    (
        "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
        Family::Docker,
        Encoding::Gzip,
        true,
    ),
];

/// Whether it is that of an index.
pub fn is_index(media_type: &str) -> bool {
    matches!(media_type, oci::INDEX | oci::DOCKER_INDEX)
}

/// Whether it is that of an image manifest.
pub fn is_manifest(media_type: &str) -> bool {
    matches!(media_type, oci::MANIFEST | oci::DOCKER_MANIFEST)
}

/// The family of a config of an image; none for other media types.
pub(super) fn config(media_type: &str) -> Option<Family> {
    match media_type {
        oci::CONFIG => Some(Family::Oci),
        DOCKER_CONFIG => Some(Family::Docker),
        _ => None,
    }
}

/// What the media type of a layer says; none for other media types.
pub(super) fn layer(media_type: &str) -> Option<LayerType> {
    let (_, family, encoding, is_foreign) =
        *LAYERS.iter().find(|(name, ..)| *name == media_type)?;
    Some(LayerType { family, encoding, is_foreign })
}
