//! The reference of the manifest as Markdown, made from its JSON schema.

use alloc::collections::VecDeque;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::Value;

use super::schema;

/// Every key of the manifest with its type, its default and its meaning, as Markdown.
pub fn reference_markdown() -> String {
    let schema = schema();
    let mut page = String::from(
        "# Manifest reference\n\n<!-- Made from the types that read the manifest. -->\n",
    );
    let mut seen = Vec::new();
    let mut waiting = VecDeque::from(["Manifest".to_string()]);
    while let Some(name) = waiting.pop_front() {
        if seen.contains(&name) {
            continue;
        }
        let definition = match &*name {
            "Manifest" => &schema,
            name => &schema["$defs"][name],
        };
        if definition["properties"].is_object() {
            page += &section(&name, definition, &schema, &mut waiting);
        }
        seen.push(name);
    }
    page
}

/// One mapping: its meaning and a table of its keys. Adds the mappings that it names to `waiting`.
fn section(
    name: &str,
    definition: &Value,
    schema: &Value,
    waiting: &mut VecDeque<String>,
) -> String {
    let mut text = format!("\n## {name}\n\n{}\n", description(definition));
    text += "\n| key | type | default | meaning |\n|---|---|---|---|\n";
    let required = |key: &str| {
        let keys = definition["required"].as_array();
        keys.is_some_and(|keys| keys.iter().any(|required| required == key))
    };
    let Some(properties) = definition["properties"].as_object() else { return text };
    let mut keys: Vec<_> = properties.iter().collect();
    // The order of a JSON map depends on how serde_json is built.
    keys.sort_by_key(|(key, _)| (!required(key), *key));
    for (key, property) in keys {
        let default = match &property["default"] {
            _ if required(key) => "*required*".into(),
            Value::String(default) if default.is_empty() => "empty".into(),
            Value::String(default) => format!("`{default}`"),
            _ => String::new(),
        };
        let kind = kind(property, schema, waiting);
        let mut meaning = description(property).to_string();
        for (variant, what) in variants(property, schema) {
            meaning += &format!("<br>`{variant}`: {what}");
        }
        let cells = [format!("`{key}`"), kind, default, meaning];
        let cells = cells.map(|cell| cell.replace('|', "\\|"));
        text += &format!("| {} |\n", cells.join(" | "));
    }
    text
}

fn description(schema: &Value) -> &str {
    schema["description"].as_str().unwrap_or("")
}

/// The name of the definition that a schema refers to.
fn target(property: &Value) -> Option<&str> {
    property["$ref"].as_str()?.strip_prefix("#/$defs/")
}

/// The words that may be written, each with its meaning, if there is a list of them.
fn variants<'a>(property: &'a Value, schema: &'a Value) -> Vec<(&'a str, &'a str)> {
    if let Some(choices) = property["anyOf"].as_array() {
        return choices.iter().flat_map(|choice| variants(choice, schema)).collect();
    }
    let definition = target(property).map_or(property, |name| &schema["$defs"][name]);
    let choices = definition["oneOf"].as_array().map_or(&[][..], Vec::as_slice);
    let variant = |choice: &'a Value| Some((choice["const"].as_str()?, description(choice)));
    choices.iter().filter_map(variant).collect()
}

/// The type of a value in words.
fn kind(property: &Value, schema: &Value, waiting: &mut VecDeque<String>) -> String {
    if let Some(name) = target(property) {
        let definition = &schema["$defs"][name];
        if definition["properties"].is_object() {
            waiting.push_back(name.to_string());
            return format!("[{name}](#{})", name.to_ascii_lowercase());
        }
        let words: Vec<_> =
            variants(property, schema).iter().map(|(word, _)| format!("`{word}`")).collect();
        return match words.is_empty() {
            true => kind(definition, schema, waiting),
            false => words.join(", "),
        };
    }
    if let Some(choices) = property["anyOf"].as_array() {
        let choice = |choice: &Value| match (&choice["type"], description(choice)) {
            (Value::String(kind), what) if kind == "string" && !what.is_empty() => {
                format!("string ({})", what.trim_end_matches('.'))
            }
            _ => kind(choice, schema, waiting),
        };
        return choices.iter().map(choice).collect::<Vec<_>>().join(", or ");
    }
    match &property["type"] {
        Value::Array(types) => {
            types.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
        }
        Value::String(name) if name == "array" => {
            format!("list of: {}", kind(&property["items"], schema, waiting))
        }
        Value::String(name) if name == "object" => {
            format!("mapping to: {}", kind(&property["additionalProperties"], schema, waiting))
        }
        Value::String(name) => name.clone(),
        _ => String::new(),
    }
}
