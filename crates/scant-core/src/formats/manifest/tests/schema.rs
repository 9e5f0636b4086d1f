//! The schema and the page made from it.

use alloc::string::String;
use alloc::vec::Vec;

use serde_json::Value;

use crate::formats::manifest::{reference_markdown, schema};

/// Calls `visit` with every object of a schema and the way to it.
fn walk(schema: &Value, way: &str, visit: &mut impl FnMut(&str, &Value)) {
    match schema {
        Value::Object(object) => {
            visit(way, schema);
            for (key, value) in object {
                walk(value, &alloc::format!("{way}/{key}"), visit);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| walk(item, way, visit)),
        _ => {}
    }
}

#[test]
fn every_key_is_described_and_no_other_is_allowed() {
    let mut faults = Vec::<String>::new();
    let mut keys = 0;
    walk(&schema(), "", &mut |way, value| {
        let Some(properties) = value["properties"].as_object() else { return };
        if value["additionalProperties"] != false {
            faults.push(alloc::format!("{way} allows other keys"));
        }
        for (key, property) in properties {
            keys += 1;
            if property["description"].as_str().is_none_or(str::is_empty) {
                faults.push(alloc::format!("{way}/{key} is not described"));
            }
        }
    });
    assert_eq!(faults, Vec::<String>::new());
    assert!(keys > 60, "{keys}");
}

#[test]
fn it_is_of_the_draft_that_it_names_and_about_the_manifest_only() {
    let schema = schema();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert_eq!(schema["title"], "scant manifest");
    let text = serde_json::to_string(&schema).unwrap();
    for word in ["null", "uint", "Spanned", "Raw"] {
        assert!(!text.contains(word), "{word}: {text}");
    }
}

#[test]
fn the_short_and_the_long_form_are_both_there() {
    let items = &schema()["properties"]["binaries"]["items"];
    assert_eq!(items["anyOf"][0]["type"], "string");
    assert_eq!(items["anyOf"][1]["$ref"], "#/$defs/Binary");
}

#[test]
fn the_reference_names_every_key_once_for_each_mapping() {
    let page = reference_markdown();
    let schema = schema();
    let definitions = schema["$defs"].as_object().unwrap().iter();
    let root = alloc::string::String::from("Manifest");
    for (name, definition) in definitions.chain([(&root, &schema)]) {
        let Some(properties) = definition["properties"].as_object() else { continue };
        let heading = alloc::format!("\n## {name}\n");
        let start = page.find(&heading).unwrap_or_else(|| panic!("no section {name}: {page}"));
        let section = &page[start + heading.len()..];
        let section = section.split("\n## ").next().unwrap();
        for key in properties.keys() {
            assert_eq!(
                section.matches(&alloc::format!("\n| `{key}` |")).count(),
                1,
                "{name} {key}"
            );
        }
    }
}

#[test]
fn a_row_of_the_reference() {
    let page = reference_markdown();
    for row in [
        "| `ld-so-cache` | `auto`, `always`, `never` | `auto` | Whether the image gets an \
         `/etc/ld.so.cache`.<br>`auto`: If a library would not be found without it.<br>`always`: \
         Always, if the image's loader reads one.<br>`never`: Never. |",
        "| `symlinks` | list of: string (`TARGET:LINK`), or [Symlink](#symlink) |  | Symbolic \
         links. |",
        "| `expose` | list of: string, integer |  | Ports that it listens on: `80`, `80/tcp`, \
         `53/udp`, `8000-8005/tcp`. |",
        "| `uid` | integer | *required* | Number. |",
    ] {
        assert!(page.contains(row), "{row}\nis not in\n{page}");
    }
}
