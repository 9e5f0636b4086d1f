//! Image configs.
//! [Image specification, config](https://github.com/opencontainers/image-spec/blob/v1.1.1/config.md)

use serde_json::Value;

use super::Check;
use super::descriptor::is_digest;
use super::json::Object;

impl Check<'_> {
    /// Checks a config and returns its diff IDs.
    pub(super) fn config(&mut self, place: &str, bytes: &[u8], layers: usize) -> Vec<String> {
        let Some(config) = self.object(place, bytes) else { return Vec::new() };
        for key in ["architecture", "os"] {
            if config.get(key).and_then(Value::as_str).is_none_or(str::is_empty) {
                self.report(place, format!("`{key}` is missing"));
            }
        }
        if let Some(created) = config.get("created") {
            self.time(place, "created", created);
        }
        if let Some(Value::Object(inner)) = config.get("config") {
            self.execution(place, inner);
        }
        self.history(place, &config, layers);
        let Some(Value::Object(rootfs)) = config.get("rootfs") else {
            self.report(place, "`rootfs` is missing");
            return Vec::new();
        };
        self.must_be(place, rootfs, "type", "layers");
        let diff_ids = self.array(place, rootfs, "diff_ids");
        if diff_ids.len() != layers {
            self.report(place, format!("{} diff IDs for {layers} layers", diff_ids.len()));
        }
        let mut known = Vec::new();
        for value in diff_ids {
            let text = value.as_str().unwrap_or_default();
            if !is_digest(text) {
                self.report(place, format!("the diff ID `{text}` is not `sha256:` and 64 digits"));
            }
            known.push(text.to_string());
        }
        known
    }

    /// Entries that are not of empty layers are as many as the layers: engines insist on it.
    fn history(&mut self, place: &str, config: &Object, layers: usize) {
        if !config.contains_key("history") {
            return;
        }
        let mut entries = 0;
        for (i, entry) in self.array(place, config, "history").iter().enumerate() {
            if entry.get("empty_layer") != Some(&Value::Bool(true)) {
                entries += 1;
            }
            if let Some(created) = entry.get("created") {
                self.time(place, &format!("history[{i}].created"), created);
            }
        }
        if entries != layers {
            self.report(place, format!("{entries} history entries for {layers} layers"));
        }
    }

    fn execution(&mut self, place: &str, config: &Object) {
        // Nulls are reported as such.
        let present = |key| config.get(key).filter(|value| !value.is_null());
        for key in ["ExposedPorts", "Volumes"] {
            let Some(value) = present(key) else { continue };
            let empty = |value: &Value| value.as_object().is_some_and(|object| object.is_empty());
            if !value.as_object().is_some_and(|object| object.values().all(empty)) {
                self.report(place, format!("`config.{key}` is not an object of empty objects"));
            }
        }
        for key in ["Env", "Entrypoint", "Cmd"] {
            let Some(value) = present(key) else { continue };
            if !value.as_array().is_some_and(|items| items.iter().all(Value::is_string)) {
                self.report(place, format!("`config.{key}` is not an array of strings"));
            }
        }
        for variable in config.get("Env").and_then(Value::as_array).into_iter().flatten() {
            let text = variable.as_str().unwrap_or_default();
            if text.split_once('=').is_none_or(|(name, _)| name.is_empty()) {
                self.report(place, format!("`{text}` in `config.Env` is not NAME=VALUE"));
            }
        }
    }

    /// The platform in the index is that of the config: some consumers read one, some the other.
    pub(super) fn platform(&mut self, place: &str, descriptor: &Object, config: &[u8]) {
        let Ok(config) = serde_json::from_slice::<Object>(config) else { return };
        let Some(Value::Object(platform)) = descriptor.get("platform") else {
            return self.report(place, "`platform` is missing");
        };
        for key in ["architecture", "os", "variant"] {
            let (said, is) = (platform.get(key), config.get(key));
            if said != is {
                let show = |value: Option<&Value>| value.map_or("absent".into(), Value::to_string);
                let problem =
                    format!("`platform.{key}` is {}, in the config {}", show(said), show(is));
                self.report(place, problem);
            }
        }
    }

    /// [RFC 3339](https://www.rfc-editor.org/rfc/rfc3339#section-5.6), in UTC and whole seconds.
    fn time(&mut self, place: &str, key: &str, value: &Value) {
        let text = value.as_str().unwrap_or_default();
        let shape: String =
            text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
        if shape != "0000-00-00T00:00:00Z" {
            self.report(place, format!("`{key}` is `{text}`, not a time as 1970-01-01T00:00:00Z"));
        }
    }
}
