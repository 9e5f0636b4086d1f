//! `suggestions` as it is written.

use alloc::string::String;
use alloc::vec::Vec;

use schemars::JsonSchema;
use serde::Deserialize;

use super::Item;
use super::shapes::Short;
use crate::formats::yaml::{Entries, Spanned};

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
    pub(in crate::formats::manifest) decline: Vec<Spanned<Declined>>,
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

impl Short for Accepted {
    const SYNTAX: &'static str = "Its id.";
}
