//! `checks` as it is written.

use alloc::string::String;
use alloc::vec::Vec;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::formats::yaml::Spanned;

/// What `scant check` and `scant build` accept.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::formats::manifest) struct Checks {
    /// Findings that are accepted, each with a reason.
    #[serde(default)]
    pub(in crate::formats::manifest) allow: Vec<Spanned<AllowedCheck>>,
}

/// A check whose findings are accepted.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::formats::manifest) struct AllowedCheck {
    /// The name of the check; `scant check --list` prints all.
    pub(in crate::formats::manifest) name: Spanned<String>,
    /// A glob over paths of the image, such as `/usr/share/**`. Without it: all paths.
    #[serde(default)]
    pub(in crate::formats::manifest) path: Option<Spanned<String>>,
    /// Why it is accepted.
    pub(in crate::formats::manifest) reason: Spanned<String>,
}
