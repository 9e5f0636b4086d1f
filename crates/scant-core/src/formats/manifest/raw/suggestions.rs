//! `suggestions` as it is written.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer};

use super::Item;
use super::shapes::Short;
use crate::formats::yaml::{Entries, Form, Spanned};

/// What an image probably wants beside what its programs name, and whether it gets it:
/// `scant plan` shows it.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::formats::manifest) struct Suggestions {
    /// Files of further rules, relative to the manifest. An id of a built-in rule replaces it.
    #[serde(default)]
    pub(in crate::formats::manifest) rules: Vec<Spanned<String>>,
    /// What is taken in: ids of rules, `soname:NAME` or `note:FEATURE`.
    #[serde(default)]
    pub(in crate::formats::manifest) accept: Vec<Item<Accepted>>,
    /// What is left out on purpose.
    #[serde(default)]
    pub(in crate::formats::manifest) decline: Vec<Spanned<Decline>>,
}

/// A suggestion that is taken in.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::formats::manifest) struct Accepted {
    /// Its id.
    pub(in crate::formats::manifest) id: Spanned<String>,
    /// Lists of the rule with other values than its own, such as `charsets`; `all` stands for
    /// whatever there is.
    #[serde(default)]
    pub(in crate::formats::manifest) with: Option<Entries<Vec<Spanned<String>>>>,
}

/// A suggestion that is left out on purpose.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::formats::manifest) struct Declined {
    /// Its id.
    pub(in crate::formats::manifest) id: Spanned<String>,
    /// Why.
    pub(in crate::formats::manifest) reason: Spanned<String>,
}

/// As [`Declined`]; an id alone is read to be told what it lacks.
pub(in crate::formats::manifest) struct Decline(pub(in crate::formats::manifest) Form<Declined>);

impl<'de> Deserialize<'de> for Decline {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Form::deserialize(deserializer).map(Self)
    }
}

impl JsonSchema for Decline {
    fn inline_schema() -> bool {
        Declined::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        Declined::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        Declined::schema_id()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Declined::json_schema(generator)
    }
}

impl Short for Accepted {
    const SYNTAX: &'static str = "Its id.";
}
