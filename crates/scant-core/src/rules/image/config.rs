//! The config of an image, and the marker of a layout.
//! [Image specification, config](https://github.com/opencontainers/image-spec/blob/v1.1.1/config.md).

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::Value;

use super::json::{self, Object, shown};
use super::{MismatchKind, Report, date};
use crate::formats::oci::{self, DescriptorPlatform, ImageConfig};
use crate::words::{DiffId, Digest};

/// What a config says, as far as it can be read.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// The diff IDs of the layers, lowest first; none for one that is no digest.
    pub diff_ids: Vec<Option<DiffId>>,
    /// The platform as `os/architecture[/variant]`.
    pub platform: String,
}

/// Checks the marker of a layout. Consumers compare the version literally.
pub fn layout_marker(bytes: &[u8], report: &mut Report) {
    let place = "oci-layout";
    let Some(value) = json::parse(bytes, place, report) else { return };
    let Some(object) = json::object(&value, place, report) else { return };
    if object.get("imageLayoutVersion").and_then(Value::as_str) != Some("1.0.0") {
        object.wrong(report, MismatchKind::Document, "imageLayoutVersion", "\"1.0.0\"");
    }
}

/// Reads the config of an image of so many layers. `named` is the platform of the descriptor that
/// names the image, where it has one.
pub fn config(
    bytes: &[u8],
    layers: usize,
    named: Option<&DescriptorPlatform>,
    place: &str,
    report: &mut Report,
) -> Option<Config> {
    let value = json::parse(bytes, place, report)?;
    let object = json::object(&value, place, report)?;
    let mut own = Report::default();
    let platform = platform(&object, named, &mut own);
    created(&object, &mut own);
    let diff_ids = diff_ids(&object, layers, &mut own);
    history(&object, layers, place, &mut own);
    // What is not looked at above must have the shape that consumers read it in.
    if own.is_ok()
        && let Err(error) = oci::decode::<ImageConfig>(bytes)
    {
        own.mismatch(MismatchKind::Document, place, "an image config", error);
    }
    report.merge(own);
    Some(Config { diff_ids, platform })
}

fn platform(
    object: &Object<'_>,
    named: Option<&DescriptorPlatform>,
    report: &mut Report,
) -> String {
    let kind = MismatchKind::Platform;
    let expected = |name: Option<&str>| {
        name.map_or("a text".to_string(), |name| {
            format!("{} of the descriptor", Value::String(name.into()))
        })
    };
    let mut parts = Vec::new();
    for (name, named) in
        [("os", named.map(|p| &*p.os)), ("architecture", named.map(|p| &*p.architecture))]
    {
        let found = object.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        if found.is_none() || named.is_some_and(|named| found != Some(named)) {
            object.wrong(report, kind, name, &expected(named));
        }
        parts.push(named.or(found).unwrap_or("unknown").to_string());
    }
    // Older images say the variant in one place only, and are read.
    let found = object.text("variant", report);
    let named_variant = named.and_then(|named| named.variant.as_deref());
    if let (Some(expected_variant), Some(variant)) = (named_variant, found)
        && expected_variant != variant
    {
        object.wrong(report, kind, "variant", &expected(Some(expected_variant)));
    } else if named.is_some()
        && named_variant.is_some() != found.is_some()
        // For arm64 there is one only, and nothing says the same.
        && parts[1] != "arm64"
    {
        let place = object.at("variant");
        report.note(format!("{place}: only one of config and descriptor says the variant"));
    }
    let variant = if named.is_some() { named_variant } else { found };
    parts.extend(variant.filter(|variant| !variant.is_empty()).map(ToString::to_string));
    parts.join("/")
}

/// `created`, which engines refuse to read when it is no date.
fn created(object: &Object<'_>, report: &mut Report) {
    let found = object.get("created");
    if found.is_some_and(|found| !found.as_str().is_some_and(date::is_date)) {
        object.wrong(report, MismatchKind::Document, "created", "a date of RFC 3339");
    }
}

fn diff_ids(object: &Object<'_>, layers: usize, report: &mut Report) -> Vec<Option<DiffId>> {
    let at = object.at("rootfs");
    let Some(rootfs) = object.get("rootfs") else {
        object.wrong(report, MismatchKind::Document, "rootfs", "an object");
        return Vec::new();
    };
    let Some(rootfs) = json::object(rootfs, &at, report) else { return Vec::new() };
    if rootfs.get("type").and_then(Value::as_str) != Some("layers") {
        rootfs.wrong(report, MismatchKind::Document, "type", "\"layers\"");
    }
    let found = rootfs.list("diff_ids", report).unwrap_or_default();
    if found.len() != layers {
        let (expected, found) = (format!("{layers} of them, one for each layer"), found.len());
        report.mismatch(MismatchKind::LayerCount, rootfs.at("diff_ids"), expected, found);
    }
    let mut diff_ids = Vec::new();
    for (number, value) in found.iter().enumerate() {
        let digest = value.as_str().and_then(|text| text.parse::<Digest>().ok());
        if digest.is_none() {
            let place = format!("{}[{number}]", rootfs.at("diff_ids"));
            let expected = "`sha256:` and 64 lower-case hexadecimal digits";
            report.mismatch(MismatchKind::Document, place, expected, shown(Some(value)));
        }
        diff_ids.push(digest.map(DiffId));
    }
    diff_ids
}

/// The history has an entry for each layer and others that say `empty_layer`. Docker refuses an
/// image with more entries for layers than layers; fewer are read by all.
fn history(object: &Object<'_>, layers: usize, place: &str, report: &mut Report) {
    let Some(entries) = object.list("history", report) else { return };
    let mut filled = 0;
    for (number, value) in entries.iter().enumerate() {
        let at = format!("{}[{number}]", object.at("history"));
        let Some(entry) = json::object(value, &at, report) else { continue };
        created(&entry, report);
        filled += usize::from(entry.get("empty_layer").and_then(Value::as_bool) != Some(true));
    }
    if filled > layers {
        let expected = format!("{layers} entries that are not `empty_layer`, one for each layer");
        report.mismatch(MismatchKind::LayerCount, object.at("history"), expected, filled);
    } else if filled < layers && !entries.is_empty() {
        let text =
            format!("{filled} entries of its history are of layers, of which it has {layers}");
        report.note(format!("{place}: {text}"));
    }
}
