//! Descriptors, and the index that lists them.
//! [Image specification, descriptor](https://github.com/opencontainers/image-spec/blob/v1.1.1/descriptor.md),
//! [index](https://github.com/opencontainers/image-spec/blob/v1.1.1/image-index.md).

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::Value;

use super::json::{self, Object, shown};
use super::{MismatchKind, Report, is_index, is_manifest};
use crate::formats::oci::{Descriptor, DescriptorPlatform, media_type};
use crate::words::Digest;

/// What a descriptor says, as far as it can be read.
#[derive(Clone, Debug)]
pub struct Reference {
    /// Where the descriptor is.
    pub place: String,
    /// The digest.
    pub digest: Digest,
    /// The media type.
    pub media_type: Option<String>,
    /// The size.
    pub size: Option<u64>,
    /// The platform.
    pub platform: Option<DescriptorPlatform>,
    /// What kind of artifact it is.
    pub artifact_type: Option<String>,
    /// Annotations.
    pub annotations: BTreeMap<String, String>,
}

/// What an index lists.
#[derive(Clone, Debug, Default)]
pub struct Index {
    /// The descriptors that name a blob.
    pub manifests: Vec<Reference>,
}

impl Reference {
    /// The same in the words of a document.
    pub fn to_descriptor(&self) -> Descriptor {
        let media_type = self.media_type.as_deref().unwrap_or_default();
        let mut descriptor = Descriptor::new(media_type, self.digest, self.size.unwrap_or(0));
        descriptor.annotations = self.annotations.clone();
        descriptor.artifact_type = self.artifact_type.clone();
        descriptor.platform = self.platform.clone();
        descriptor
    }

    /// Whether it is for no platform at all, as BuildKit marks attestations.
    pub fn is_for_no_platform(&self) -> bool {
        self.platform.as_ref().is_some_and(|platform| platform.os == "unknown")
    }
}

/// Reads a descriptor. None when it names no blob, which has been said then.
pub(super) fn reference(value: &Value, place: &str, report: &mut Report) -> Option<Reference> {
    let object = json::object(value, place, report)?;
    let document = MismatchKind::Document;
    let media_type = object.get("mediaType").and_then(Value::as_str);
    if media_type.is_none_or(|media_type| !media_type.contains('/')) {
        object.wrong(report, MismatchKind::MediaType, "mediaType", "a media type");
    }
    let size = object.get("size").and_then(Value::as_u64);
    if size.is_none() {
        object.wrong(report, document, "size", "a number of bytes");
    }
    let digest = object.get("digest").and_then(Value::as_str);
    let digest = digest.and_then(|digest| digest.parse::<Digest>().ok());
    if digest.is_none() {
        let expected = "`sha256:` and 64 lower-case hexadecimal digits";
        object.wrong(report, document, "digest", expected);
    }
    let at_platform = object.at("platform");
    let platform = object.get("platform").and_then(|value| platform(value, &at_platform, report));
    let artifact_type = object.text("artifactType", report).map(ToString::to_string);
    let annotations = object.texts("annotations", report);
    Some(Reference {
        place: place.to_string(),
        digest: digest?,
        media_type: media_type.map(ToString::to_string),
        size,
        platform,
        artifact_type,
        annotations,
    })
}

fn platform(value: &Value, place: &str, report: &mut Report) -> Option<DescriptorPlatform> {
    let object = json::object(value, place, report)?;
    let mut required = |name| {
        let text = object.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        if text.is_none() {
            object.wrong(report, MismatchKind::Platform, name, "a text");
        }
        text.map(ToString::to_string)
    };
    let (architecture, os) = (required("architecture"), required("os"));
    let variant = object.text("variant", report).map(ToString::to_string);
    let other = BTreeMap::new();
    Some(DescriptorPlatform { architecture: architecture?, os: os?, variant, other })
}

/// Reads an index. `named` is the media type of the descriptor that names it; none for a layout's
/// `index.json`.
pub fn index(bytes: &[u8], named: Option<&str>, place: &str, report: &mut Report) -> Index {
    let Some(value) = json::parse(bytes, place, report) else { return Index::default() };
    let Some(object) = json::object(&value, place, report) else { return Index::default() };
    object.is_number("schemaVersion", 2, report);
    own_media_type(&object, named.unwrap_or(media_type::INDEX), report);
    for name in ["config", "layers"] {
        if object.get(name).is_some() {
            // A reader that goes by the members takes such a document for a manifest.
            object.wrong(report, MismatchKind::Document, name, "nothing in an index");
        }
    }
    object.texts("annotations", report);
    let Some(manifests) = object.list("manifests", report) else {
        if object.get("manifests").is_none() {
            object.wrong(report, MismatchKind::Document, "manifests", "a list");
        }
        return Index::default();
    };
    let mut index = Index::default();
    for (number, value) in manifests.iter().enumerate() {
        let place = format!("{}[{number}]", object.at("manifests"));
        let Some(found) = reference(value, &place, report) else { continue };
        if let Some(media_type) = &found.media_type
            && !is_index(media_type)
            && !is_manifest(media_type)
        {
            let place = format!("{place}.mediaType");
            let media_type = shown(Some(&Value::String(media_type.clone())));
            report.mismatch(
                MismatchKind::MediaType,
                place,
                "that of an image manifest or index",
                media_type,
            );
        }
        index.manifests.push(found);
    }
    index
}

/// Checks the `mediaType` of a document, which may be left out, against that of its descriptor.
pub(super) fn own_media_type(object: &Object<'_>, named: &str, report: &mut Report) {
    if object.get("mediaType").is_some_and(|own| own.as_str() != Some(named)) {
        let expected = Value::String(named.to_string()).to_string();
        object.wrong(report, MismatchKind::MediaType, "mediaType", &expected);
    }
}
