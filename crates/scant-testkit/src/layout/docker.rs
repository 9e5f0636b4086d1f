//! `manifest.json`, by which `docker load` finds its way in a layout.

use serde_json::Value;

use super::layer::decompress;
use super::{Check, digest_of};

impl Check<'_> {
    pub(super) fn docker_manifest(&mut self, bytes: &[u8]) {
        let place = "manifest.json";
        let Some(value) = self.document(place, bytes) else { return };
        let Some(images) = value.as_array().filter(|images| !images.is_empty()) else {
            return self.report(place, "it is not an array of images");
        };
        for (i, image) in images.iter().enumerate() {
            let place = format!("{place}: [{i}]");
            self.repository_tags(&place, image);
            let layers = image.get("Layers").and_then(Value::as_array);
            let Some(layers) = layers else {
                self.report(&place, "`Layers` is not an array");
                continue;
            };
            let Some(config) = self.named_file(&place, image.get("Config")) else { continue };
            let config: Value = serde_json::from_slice(config).unwrap_or_default();
            let diff_ids = config.pointer("/rootfs/diff_ids").and_then(Value::as_array);
            let diff_ids = diff_ids.map(Vec::as_slice).unwrap_or_default();
            if diff_ids.len() != layers.len() {
                let counts = format!("{} layers for {} diff IDs", layers.len(), diff_ids.len());
                self.report(&place, counts);
            }
            for (j, (layer, diff_id)) in layers.iter().zip(diff_ids).enumerate() {
                let place = format!("{place}: Layers[{j}]");
                let Some(bytes) = self.named_file(&place, Some(layer)) else { continue };
                let found = decompress(bytes).map(|tar| digest_of(&tar)).unwrap_or_default();
                if diff_id != &found {
                    let problem = format!("the diff ID is `{found}`, in the config {diff_id}");
                    self.report(&place, problem);
                }
            }
        }
    }

    fn named_file(&mut self, place: &str, path: Option<&Value>) -> Option<&[u8]> {
        let path = path.and_then(Value::as_str).unwrap_or_default();
        let files = self.files;
        let found = files.get(path).map(Vec::as_slice);
        if found.is_none() {
            self.report(place, format!("the file `{path}` is missing"));
        }
        found
    }

    fn repository_tags(&mut self, place: &str, image: &Value) {
        let Some(tags) = image.get("RepoTags") else { return };
        let Some(tags) = tags.as_array() else {
            return self.report(place, "`RepoTags` is not an array");
        };
        for tag in tags {
            let text = tag.as_str().unwrap_or_default();
            let last = text.rsplit('/').next().unwrap_or(text);
            if last.split_once(':').is_none_or(|(name, tag)| name.is_empty() || tag.is_empty()) {
                self.report(place, format!("`{text}` in `RepoTags` is not NAME:TAG"));
            }
        }
    }
}
