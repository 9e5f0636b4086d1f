//! `layers` as it is written.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::{Deserializer, Error, SeqAccess, Visitor};

use crate::formats::yaml::{Spanned, list_of, nearest, shown};

/// A rule, or groups.
pub(in crate::formats::manifest) enum Layers {
    Rule(LayerRule),
    Groups(Vec<Spanned<LayerGroup>>),
}

/// A rule that divides an image into layers.
#[derive(Clone, Copy, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(in crate::formats::manifest) enum LayerRule {
    /// One layer.
    Single,
    /// A layer for each input, in their order, and one for all else.
    ByInput,
    /// A layer for each of the eight packages that are largest in the image, one for all others,
    /// and one for all that is of no package.
    ByPackage,
}

/// A layer by name, and what goes into it: whatever one of its lists takes.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::formats::manifest) struct LayerGroup {
    /// Its name in the image's history: letters, digits, `.`, `_` and `-`. The last layer is called
    /// `rest`.
    pub(in crate::formats::manifest) name: Spanned<String>,
    /// Globs over names of packages, such as `libssl*`.
    #[serde(default)]
    pub(in crate::formats::manifest) packages: Vec<Spanned<String>>,
    /// Globs over paths of the image, such as `/usr/share/**`.
    #[serde(default)]
    pub(in crate::formats::manifest) paths: Vec<Spanned<String>>,
    /// Names of inputs: all that is taken from them.
    #[serde(default)]
    pub(in crate::formats::manifest) inputs: Vec<Spanned<String>>,
}

const RULES: [(&str, LayerRule); 3] = [
    ("single", LayerRule::Single),
    ("by-input", LayerRule::ByInput),
    ("by-package", LayerRule::ByPackage),
];

impl<'de> Deserialize<'de> for Layers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;

        impl<'de> Visitor<'de> for Read {
            type Value = Layers;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "one of {}, or a list of layers", list_of(RULES.map(|(word, _)| word)))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Layers, E> {
                if let Some((_, rule)) = RULES.iter().find(|(word, _)| *word == text) {
                    return Ok(Layers::Rule(*rule));
                }
                let near = nearest(text, RULES.map(|(word, _)| word));
                let help = near.map_or(String::new(), |near| format!("\ndid you mean `{near}`?"));
                Err(E::custom(format!(
                    "expected one of {}, or a list of layers, found `{}`{help}",
                    list_of(RULES.map(|(word, _)| word)),
                    shown(text)
                )))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Layers, A::Error> {
                let mut groups = Vec::new();
                while let Some(group) = items.next_element()? {
                    groups.push(group);
                }
                Ok(Layers::Groups(groups))
            }
        }

        deserializer.deserialize_any(Read)
    }
}

impl JsonSchema for Layers {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Layers".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "anyOf": [
                generator.subschema_for::<LayerRule>(),
                { "type": "array", "items": generator.subschema_for::<LayerGroup>() },
            ]
        })
    }
}
