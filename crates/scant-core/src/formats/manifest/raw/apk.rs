//! What `backend: apk` has beside other inputs, as it is written.

use alloc::string::String;

use schemars::JsonSchema;
use serde::Deserialize;

use super::shapes::Short;
use crate::formats::yaml::Spanned;

/// A repository of packages of Alpine and its kin.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::formats::manifest) struct ApkRepository {
    /// The directory that has one for each architecture: `https://` or `http://`, or a directory of
    /// this machine; a relative path starts at the manifest's directory.
    pub(in crate::formats::manifest) url: Spanned<String>,
    /// A word: packages come from this repository only where they are asked for with `@TAG`, and
    /// what they need as well.
    pub(in crate::formats::manifest) tag: Option<Spanned<String>>,
    /// Whether it is believed though nobody has signed what it has.
    #[schemars(extend("default" = false))]
    pub(in crate::formats::manifest) allow_unsigned: Option<bool>,
}

/// A key that signs repositories.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::formats::manifest) struct ApkKey {
    /// A file in PEM, as in `/etc/apk/keys`; its name may have a glob. A relative path starts at the
    /// manifest's directory. Either this or `url`.
    pub(in crate::formats::manifest) file: Option<Spanned<String>>,
    /// Where it is on the network, `https://` or `http://`; with `fingerprint`.
    pub(in crate::formats::manifest) url: Option<Spanned<String>>,
    /// The SHA-256 of the key as DER: 64 hexadecimal digits. Another key is refused.
    pub(in crate::formats::manifest) fingerprint: Option<Spanned<String>>,
}

impl Short for ApkRepository {
    const SYNTAX: &'static str = "Where it is: a URL, or a directory of this machine.";
}

impl Short for ApkKey {
    const SYNTAX: &'static str = "A file, whose name may have a glob.";
}
