//! `input` and `inputs` as they are written.

use alloc::string::String;

use schemars::JsonSchema;
use serde::Deserialize;

use super::shapes::Short;
use crate::formats::yaml::{Entries, Form, Spanned};

/// A place that files come from.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::formats::manifest) struct Input {
    /// How it is read.
    pub(in crate::formats::manifest) backend: Backend,
    /// Which of Buildroot's trees it is; only with `backend: buildroot`.
    #[schemars(extend("default" = "staging"))]
    pub(in crate::formats::manifest) mode: Option<Spanned<BuildrootMode>>,
    /// Where it is; a relative path starts at the manifest's directory. A mapping from platforms
    /// to paths when each platform has its own. May be left out for `backend: host`, which is
    /// then `/`.
    pub(in crate::formats::manifest) path: Option<Spanned<Form<Paths>>>,
}

/// How an input is read.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(in crate::formats::manifest) enum Backend {
    /// An output directory of Buildroot.
    Buildroot,
    /// Any directory that holds a root file system.
    Sysroot,
    /// The file system of the machine that builds.
    Host,
}

/// One of Buildroot's trees.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(in crate::formats::manifest) enum BuildrootMode {
    /// `output/staging`: headers and unstripped libraries included.
    Staging,
    /// `output/target`: what Buildroot puts on the device.
    Target,
}

/// Paths by platform, such as `linux/arm64: ./arm64`.
#[derive(Deserialize, JsonSchema)]
#[serde(transparent)]
pub(in crate::formats::manifest) struct Paths(
    pub(in crate::formats::manifest) Entries<Spanned<String>>,
);

impl Short for Paths {
    const SYNTAX: &'static str = "One path for all platforms.";
}
