//! What every JSON document of an image has to keep to.

use serde_json::{Map, Value};

use super::Check;

pub(super) type Object = Map<String, Value>;

impl Check<'_> {
    /// The object in a document, after the checks of its spelling.
    pub(super) fn object(&mut self, place: &str, bytes: &[u8]) -> Option<Object> {
        match self.document(place, bytes)? {
            Value::Object(object) => Some(object),
            _ => {
                self.report(place, "it is not a JSON object");
                None
            }
        }
    }

    /// The value of a document. Canonical JSON: sorted keys, none twice, no blanks.
    pub(super) fn document(&mut self, place: &str, bytes: &[u8]) -> Option<Value> {
        let value: Value = match serde_json::from_slice(bytes) {
            Ok(value) => value,
            Err(problem) => {
                self.report(place, format!("it is not JSON: {problem}"));
                return None;
            }
        };
        let mut canonical = value.clone();
        canonical.sort_all_objects();
        if serde_json::to_vec(&canonical).ok().as_deref() != Some(bytes) {
            self.report(place, "it is not canonical JSON (sorted keys, none twice, no blanks)");
        }
        self.nulls(place, "", &value);
        Some(value)
    }

    fn nulls(&mut self, place: &str, path: &str, value: &Value) {
        match value {
            Value::Null => self.report(place, format!("`{path}` is null")),
            Value::Array(items) => {
                for (i, item) in items.iter().enumerate() {
                    self.nulls(place, &format!("{path}[{i}]"), item);
                }
            }
            Value::Object(object) => {
                for (key, item) in object {
                    let dot = if path.is_empty() { "" } else { "." };
                    self.nulls(place, &format!("{path}{dot}{key}"), item);
                }
            }
            Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    /// A member that must be this string.
    pub(super) fn must_be(&mut self, place: &str, object: &Object, key: &str, wanted: &str) {
        match object.get(key).and_then(Value::as_str) {
            Some(found) if found == wanted => {}
            Some(found) => self.report(place, format!("`{key}` is `{found}`, not `{wanted}`")),
            None => self.report(place, format!("`{key}` is missing, not `{wanted}`")),
        }
    }

    pub(super) fn schema_version(&mut self, place: &str, object: &Object) {
        if object.get("schemaVersion").and_then(Value::as_u64) != Some(2) {
            self.report(place, "`schemaVersion` is not 2");
        }
    }

    /// A member that must be an array.
    pub(super) fn array<'v>(&mut self, place: &str, object: &'v Object, key: &str) -> &'v [Value] {
        match object.get(key) {
            Some(Value::Array(items)) => items,
            _ => {
                self.report(place, format!("`{key}` is not an array"));
                &[]
            }
        }
    }

    /// Annotations are strings, and left out when there are none.
    pub(super) fn annotations(&mut self, place: &str, object: &Object) {
        match object.get("annotations") {
            None => {}
            Some(Value::Object(annotations)) if annotations.is_empty() => {
                self.report(place, "`annotations` is empty");
            }
            Some(Value::Object(annotations)) => {
                for (key, _) in annotations.iter().filter(|(_, value)| !value.is_string()) {
                    self.report(place, format!("the annotation `{key}` is not a string"));
                }
            }
            Some(_) => self.report(place, "`annotations` is not an object"),
        }
    }
}
