//! The JSON schema of the manifest, made from the serde types that read it.

use alloc::string::String;

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::raw;

/// The JSON schema (draft 2020-12) of the manifest, for editors.
///
/// It says what is best written. [`parse`](super::parse) accepts a little more (nothing after a
/// key means that the key is absent) and checks a lot more (paths, references, names).
pub fn schema() -> Value {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = generator.into_root_schema_for::<raw::Manifest>().to_value();
    tidy(&mut schema);
    if let Value::Object(root) = &mut schema {
        root.insert("title".into(), "scant manifest".into());
    }
    schema
}

/// Takes out of the generated schema what is about Rust and not about the manifest.
pub(in crate::formats) fn tidy(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(tidy),
        Value::Object(object) => {
            object.values_mut().for_each(tidy);
            without_null(object);
            if object.get("format").and_then(Value::as_str) == Some("uint32") {
                object.remove("format");
                object.insert("maximum".into(), u32::MAX.into());
            }
            if let Some(Value::String(text)) = object.get_mut("description") {
                *text = text.split_whitespace().collect::<alloc::vec::Vec<_>>().join(" ");
            }
        }
        _ => {}
    }
}

/// An optional key is absent; that it may also be null need not be suggested.
fn without_null(object: &mut Map<String, Value>) {
    if let Some(Value::Array(types)) = object.get_mut("type") {
        types.retain(|kind| kind != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            object.insert("type".into(), only);
        }
    }
    if let Some(Value::Array(choices)) = object.get_mut("anyOf") {
        choices.retain(|choice| *choice != json!({ "type": "null" }));
        if let [Value::Object(only)] = choices.as_slice() {
            let only = only.clone();
            object.remove("anyOf");
            for (key, value) in only {
                object.entry(key).or_insert(value);
            }
        }
    }
}
