//! Image manifests, and what distinguishes an artifact.
//! [Image specification, manifest](https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md).

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::Value;

use super::documents::{Reference, own_media_type, reference};
use super::json::{self, Object};
use super::media::{self, Family};
use super::{MismatchKind, Report};
use crate::formats::oci::media_type;

/// What a manifest says, as far as it can be read.
#[derive(Clone, Debug, Default)]
pub struct Manifest {
    /// The config.
    pub config: Option<Reference>,
    /// The layers, lowest first; none for a descriptor that names no blob.
    pub layers: Vec<Option<Reference>>,
    /// The manifest it says something about.
    pub subject: Option<Reference>,
    /// What kind of artifact it is.
    pub artifact_type: Option<String>,
    /// Whether it is an image: something with a config and layers that a container is made of.
    pub is_image: bool,
}

/// Reads a manifest that `named` names.
pub fn manifest(bytes: &[u8], named: &Reference, place: &str, report: &mut Report) -> Manifest {
    let Some(value) = json::parse(bytes, place, report) else { return Manifest::default() };
    let Some(object) = json::object(&value, place, report) else { return Manifest::default() };
    object.is_number("schemaVersion", 2, report);
    let media_type = named.media_type.as_deref().unwrap_or(media_type::MANIFEST);
    own_media_type(&object, media_type, report);
    if object.get("manifests").is_some() {
        // A reader that goes by the members takes such a document for an index.
        object.wrong(report, MismatchKind::Document, "manifests", "nothing in a manifest");
    }
    object.texts("annotations", report);
    let mut member = |name| {
        let place = object.at(name);
        object.get(name).and_then(|value| reference(value, &place, report))
    };
    let (config, subject) = (member("config"), member("subject"));
    if object.get("config").is_none() {
        object.wrong(report, MismatchKind::Document, "config", "a descriptor");
    }
    let layers = layers(&object, report);
    let artifact_type = object.text("artifactType", report).map(ToString::to_string);
    let config_type = config.as_ref().and_then(|config| config.media_type.as_deref());
    let has_layers = layers.iter().flatten().any(|layer| layer_type(layer).is_some());
    let is_config = config_type.is_none_or(|config| media::config(config).is_some());
    let is_image =
        artifact_type.is_none() && !named.is_for_no_platform() && (is_config || has_layers);
    let is_empty = config_type == Some(media_type::EMPTY);
    let manifest = Manifest { config, layers, subject, artifact_type, is_image };
    if is_image {
        media_types(&manifest, media_type, place, report);
    } else if is_empty && manifest.artifact_type.is_none() {
        let expected = "a media type, since the config is empty";
        object.wrong(report, MismatchKind::Document, "artifactType", expected);
    }
    manifest
}

fn layers(object: &Object<'_>, report: &mut Report) -> Vec<Option<Reference>> {
    let Some(layers) = object.list("layers", report) else {
        if object.get("layers").is_none() {
            object.wrong(report, MismatchKind::Document, "layers", "a list");
        }
        return Vec::new();
    };
    let place = |number| format!("{}[{number}]", object.at("layers"));
    let layers = layers.iter().enumerate();
    layers.map(|(number, value)| reference(value, &place(number), report)).collect()
}

fn layer_type(layer: &Reference) -> Option<media::LayerType> {
    media::layer(layer.media_type.as_deref()?)
}

/// All media types of an image are of one family, the manifest's.
fn media_types(manifest: &Manifest, own: &str, place: &str, report: &mut Report) {
    let family = if own == media_type::DOCKER_MANIFEST { Family::Docker } else { Family::Oci };
    let whose = match family {
        Family::Oci => "the specification's",
        Family::Docker => "Docker's",
    };
    let mut check = |reference: &Reference, what: &str, found: Option<Family>| {
        let Some(media_type) = &reference.media_type else { return };
        let expected = match found {
            Some(found) if found == family => return,
            Some(_) => format!("{whose} media type of {what}, as that of the manifest"),
            None => format!("the media type of {what}"),
        };
        let place = format!("{}.mediaType", reference.place);
        let media_type = Value::String(media_type.clone());
        report.mismatch(MismatchKind::MediaType, place, expected, media_type);
    };
    if let Some(config) = &manifest.config {
        check(config, "a config", config.media_type.as_deref().and_then(media::config));
    }
    for layer in manifest.layers.iter().flatten() {
        check(layer, "a layer", layer_type(layer).map(|layer| layer.family));
    }
    if manifest.layers.is_empty() {
        report.note(format!("{place}: an image without layers, which the schema does not allow"));
    }
}

impl Reference {
    /// Whether the blob of this layer may be absent: it is to be had from somewhere else.
    pub fn is_foreign_layer(&self) -> bool {
        layer_type(self).is_some_and(|layer| layer.is_foreign)
    }

    /// Checks the media type of a layer against what its first bytes are.
    pub fn is_encoded(&self, found: media::Encoding, report: &mut Report) {
        let said = layer_type(self).map(|layer| layer.encoding);
        if let Some(said) = said.filter(|said| *said != found) {
            let place = format!("layer {}: compression", self.digest);
            let expected = format!("{} by its media type", said.name());
            report.mismatch(MismatchKind::MediaType, place, expected, found.name());
        }
    }
}

/// Checks that a manifest is an artifact of this type about the manifest `subject`.
pub fn artifact_of(
    manifest: &Manifest,
    artifact_type: &str,
    subject: &Reference,
    place: &str,
    report: &mut Report,
) {
    let kind = MismatchKind::Provenance;
    let text = |text: &str| Value::String(text.to_string());
    let found = manifest.artifact_type.as_deref();
    if found != Some(artifact_type) {
        let found = found.map_or("nothing".to_string(), |found| text(found).to_string());
        report.mismatch(kind, format!("{place}: artifactType"), text(artifact_type), found);
    }
    let at = format!("{place}: subject");
    let Some(found) = &manifest.subject else {
        return report.mismatch(kind, at, subject.digest, "nothing");
    };
    if found.digest != subject.digest {
        report.mismatch(kind, format!("{at}.digest"), subject.digest, found.digest);
    } else if let (Some(expected), Some(size)) = (subject.size, found.size)
        && expected != size
    {
        report.mismatch(kind, format!("{at}.size"), expected, size);
    }
}
