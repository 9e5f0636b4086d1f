//! `manifest.json`, by which `docker load` finds its way in an archive.
//! [Docker image specification 1.2, combined image](https://github.com/moby/docker-image-spec/blob/v1.2.0/v1.2.md).

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::Value;

use super::json::{self, shown};
use super::{MismatchKind, Report};
use crate::formats::image_reference::Name;

/// One image of `manifest.json`, as far as it can be read.
#[derive(Clone, Debug)]
pub struct Saved {
    /// Where: `manifest.json: [0]`.
    pub place: String,
    /// The member with the config.
    pub config: Option<String>,
    /// The members with the layers, lowest first.
    pub layers: Vec<String>,
    /// The names of the image.
    pub tags: Vec<String>,
}

/// Reads `manifest.json`.
pub fn saved(bytes: &[u8], report: &mut Report) -> Vec<Saved> {
    let place = "manifest.json";
    let Some(value) = json::parse(bytes, place, report) else { return Vec::new() };
    let Some(images) = value.as_array().filter(|images| !images.is_empty()) else {
        report.mismatch(MismatchKind::Document, place, "a list of images", shown(Some(&value)));
        return Vec::new();
    };
    let images = images.iter().enumerate();
    images
        .filter_map(|(number, image)| one(image, format!("{place}: [{number}]"), report))
        .collect()
}

fn one(image: &Value, place: String, report: &mut Report) -> Option<Saved> {
    let object = json::object(image, &place, report)?;
    let config = object.get("Config").and_then(Value::as_str);
    if config.is_none() {
        object.wrong(report, MismatchKind::Document, "Config", "the name of a member");
    }
    let mut texts = |name: &str, expected: &str| {
        let mut texts = Vec::new();
        for (number, value) in object.list(name, report).unwrap_or_default().iter().enumerate() {
            match value.as_str() {
                Some(text) => texts.push(text.to_string()),
                None => {
                    let place = format!("{}[{number}]", object.at(name));
                    report.mismatch(MismatchKind::Document, place, expected, shown(Some(value)));
                }
            }
        }
        texts
    };
    let layers = texts("Layers", "the name of a member");
    let tags = texts("RepoTags", "the name of an image");
    for tag in tags.iter().filter(|tag| tag.parse::<Name>().is_err()) {
        let tag = Value::String(tag.clone());
        let place = object.at("RepoTags");
        report.mismatch(MismatchKind::DockerManifest, place, "names with tags", tag);
    }
    let config = config.map(ToString::to_string);
    Some(Saved { place: place.clone(), config, layers, tags })
}
