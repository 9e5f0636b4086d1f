//! Layers and settings to the documents of an image. Writes nothing.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use crate::formats::oci::{
    self, Descriptor, DescriptorPlatform, History, ImageConfig, ImageIndex, ImageManifest, RootFs,
    RunConfig, media_type,
};
use crate::words::{DiffId, Platform};

/// A layer that has been written.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// The digest of the uncompressed tar archive.
    pub diff_id: DiffId,
    /// The blob.
    pub descriptor: Descriptor,
    /// What the history says about it.
    pub created_by: String,
}

/// All that decides the documents of an image for one platform.
#[derive(Clone, Copy, Debug)]
pub struct Recipe<'a> {
    /// The platform.
    pub platform: Platform,
    /// The layers, lowest first.
    pub layers: &'a [Layer],
    /// How a container is run.
    pub config: &'a RunConfig,
    /// Annotations of the image manifest.
    pub annotations: &'a BTreeMap<String, String>,
    /// The one date of the image: seconds since 1970.
    pub epoch: u64,
}

/// A document, and the descriptor that names it.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// Media type, digest, size; and the platform where there is one.
    pub descriptor: Descriptor,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// Config and manifest of an image for one platform.
#[derive(Clone, Debug, PartialEq)]
pub struct Assembled {
    /// The config. Its digest is the image ID.
    pub config: Document,
    /// The manifest.
    pub manifest: Document,
}

/// The documents of an image for one platform.
pub fn image(recipe: &Recipe<'_>) -> Assembled {
    let created = rfc3339(recipe.epoch);
    let history = |layer: &Layer| History {
        created: Some(created.clone()),
        created_by: Some(layer.created_by.clone()),
        ..History::default()
    };
    let platform = DescriptorPlatform::from(recipe.platform);
    let config = Document::new(
        media_type::CONFIG,
        &ImageConfig {
            architecture: platform.architecture.clone(),
            os: platform.os.clone(),
            variant: platform.variant.clone(),
            created: Some(created.clone()),
            author: None,
            config: recipe.config.clone(),
            rootfs: RootFs::layers(recipe.layers.iter().map(|layer| layer.diff_id).collect()),
            history: recipe.layers.iter().map(history).collect(),
            other: BTreeMap::new(),
        },
    );
    let layers = recipe.layers.iter().map(|layer| layer.descriptor.clone()).collect();
    let mut manifest = ImageManifest::new(config.descriptor.clone(), layers);
    manifest.annotations = recipe.annotations.clone();
    let mut manifest = Document::new(media_type::MANIFEST, &manifest);
    manifest.descriptor.platform = Some(platform);
    Assembled { config, manifest }
}

/// The index of an image for several platforms, given the descriptors of their manifests in order
/// of preference: consumers take the first that matches.
pub fn index(manifests: Vec<Descriptor>, annotations: &BTreeMap<String, String>) -> Document {
    let mut index = ImageIndex::new(manifests);
    index.annotations = annotations.clone();
    Document::new(media_type::INDEX, &index)
}

/// The manifest that ties a provenance document to the image it is about: an artifact whose
/// `subject` is the image manifest.
/// [Image specification, artifacts](https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md#guidelines-for-artifact-usage).
pub fn provenance_referrer(document: &[u8], subject: &Descriptor) -> Document {
    let mut config = Descriptor::of(media_type::EMPTY, oci::EMPTY_CONFIG);
    config.data = Some(EMPTY_CONFIG_BASE64.to_string());
    let layer = Descriptor::of(media_type::PROVENANCE, document);
    let mut manifest = ImageManifest::new(config, vec![layer]);
    manifest.artifact_type = Some(media_type::PROVENANCE.to_string());
    manifest.subject = Some(Descriptor::new(&subject.media_type, subject.digest, subject.size));
    let mut document = Document::new(media_type::MANIFEST, &manifest);
    document.descriptor.artifact_type = Some(media_type::PROVENANCE.to_string());
    document
}

/// [`oci::EMPTY_CONFIG`] in base64.
const EMPTY_CONFIG_BASE64: &str = "e30=";

impl Document {
    /// A document of this type.
    fn new(media_type: &str, value: &impl serde::Serialize) -> Self {
        let bytes = oci::encode(value);
        Self { descriptor: Descriptor::of(media_type, &bytes), bytes }
    }
}

/// Seconds since 1970 as RFC 3339 writes them, in UTC.
pub fn rfc3339(seconds: u64) -> String {
    let (mut days, second) = (seconds / 86_400, seconds % 86_400);
    let leap = |year: u64| {
        (year.is_multiple_of(4) && !year.is_multiple_of(100)) || year.is_multiple_of(400)
    };
    // The calendar repeats after 400 years, which keeps the loop below short.
    let mut year = 1970 + days / DAYS_OF_400_YEARS * 400;
    days %= DAYS_OF_400_YEARS;
    while days >= 365 + u64::from(leap(year)) {
        days -= 365 + u64::from(leap(year));
        year += 1;
    }
    let february = 28 + u64::from(leap(year));
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{:02}T{hour:02}:{minute:02}:{second:02}Z", days + 1)
}

/// 400 years of the Gregorian calendar.
const DAYS_OF_400_YEARS: u64 = 146_097;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::{Architecture, Digest};

    #[test]
    fn dates_are_utc() {
        let case = |seconds, expected| assert_eq!(rfc3339(seconds), expected);
        case(0, "1970-01-01T00:00:00Z");
        case(951_782_399, "2000-02-28T23:59:59Z");
        case(951_782_400, "2000-02-29T00:00:00Z");
        case(1_700_000_000, "2023-11-14T22:13:20Z");
        case(4_107_542_400, "2100-03-01T00:00:00Z");
        case(253_402_300_799, "9999-12-31T23:59:59Z");
    }

    fn text(document: &Document) -> &str {
        core::str::from_utf8(&document.bytes).unwrap()
    }

    #[test]
    fn an_image_and_what_refers_to_it() {
        let digest = Digest::of(b"");
        let layer = Layer {
            diff_id: DiffId(digest),
            descriptor: Descriptor::new(media_type::LAYER, digest, 0),
            created_by: "scant build".into(),
        };
        let config = RunConfig { cmd: Some(vec!["/a".into()]), ..RunConfig::default() };
        let image = image(&Recipe {
            platform: Platform::linux(Architecture::ArmV7),
            layers: &[layer],
            config: &config,
            annotations: &BTreeMap::from([("k".into(), "v".into())]),
            epoch: 1,
        });
        assert_eq!(
            text(&image.config),
            format!(
                "{{\"architecture\":\"arm\",\"config\":{{\"Cmd\":[\"/a\"]}},\
                 \"created\":\"1970-01-01T00:00:01Z\",\"history\":[{{\"created\":\
                 \"1970-01-01T00:00:01Z\",\"created_by\":\"scant build\"}}],\"os\":\"linux\",\
                 \"rootfs\":{{\"diff_ids\":[\"{digest}\"],\"type\":\"layers\"}},\
                 \"variant\":\"v7\"}}"
            )
        );
        assert_eq!(
            text(&image.manifest),
            format!(
                "{{\"annotations\":{{\"k\":\"v\"}},\"config\":{{\"digest\":\"{}\",\
                 \"mediaType\":\"application/vnd.oci.image.config.v1+json\",\"size\":{}}},\
                 \"layers\":[{{\"digest\":\"{digest}\",\
                 \"mediaType\":\"application/vnd.oci.image.layer.v1.tar\",\"size\":0}}],\
                 \"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\
                 \"schemaVersion\":2}}",
                image.config.descriptor.digest, image.config.descriptor.size
            )
        );
        let referrer = provenance_referrer(b"{}", &image.manifest.descriptor);
        let subject = &image.manifest.descriptor;
        assert!(text(&referrer).ends_with(&format!(
            "\"schemaVersion\":2,\"subject\":{{\"digest\":\"{}\",\
             \"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"size\":{}}}}}",
            subject.digest, subject.size
        )));
        assert!(text(&referrer).contains("\"data\":\"e30=\""));
        let index = super::index(vec![subject.clone()], &BTreeMap::new());
        assert!(text(&index).contains(
            "\"platform\":{\"architecture\":\"arm\",\"os\":\"linux\",\"variant\":\"v7\"}"
        ));
    }
}
