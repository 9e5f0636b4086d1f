//! `image` as it is written.

use alloc::string::String;
use alloc::vec::Vec;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::Arguments;
use crate::formats::yaml::{Entries, Spanned, Text};

/// How the image is run and described, in the words of a Dockerfile.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::formats::manifest) struct Image {
    /// The program and its first arguments.
    pub(in crate::formats::manifest) entrypoint: Option<Spanned<Arguments>>,
    /// Further arguments, which a user may replace.
    pub(in crate::formats::manifest) cmd: Option<Spanned<Arguments>>,
    /// Environment variables. They count for how libraries are found (`LD_LIBRARY_PATH`).
    #[serde(default)]
    pub(in crate::formats::manifest) env: Entries<Spanned<Text>>,
    /// The directory that the program starts in.
    pub(in crate::formats::manifest) workdir: Option<Spanned<String>>,
    /// Whom the program runs as: `uid:gid`, `uid`, `name:group` or `name`, names as in `accounts`.
    /// It is written into the image in numbers; the group of a bare number is that of the account
    /// with this number, else 0. The name of a user that a whole package brings stays a name.
    #[schemars(extend("type" = ["string", "integer"]))]
    pub(in crate::formats::manifest) user: Option<Spanned<Text>>,
    /// Ports that it listens on: `80`, `80/tcp`, `53/udp`, `8000-8005/tcp`.
    #[serde(default)]
    #[schemars(extend("items" = json!({ "type": ["string", "integer"] })))]
    pub(in crate::formats::manifest) expose: Vec<Spanned<Text>>,
    /// Directories for which an engine makes a volume.
    #[serde(default)]
    pub(in crate::formats::manifest) volumes: Vec<Spanned<String>>,
    /// Labels.
    #[serde(default)]
    pub(in crate::formats::manifest) labels: Entries<Spanned<Text>>,
    /// The signal that asks the program to stop: a name such as `SIGTERM`, or a number.
    #[schemars(extend("type" = ["string", "integer"]))]
    pub(in crate::formats::manifest) stopsignal: Option<Spanned<Text>>,
    /// How an engine finds out whether it is well.
    pub(in crate::formats::manifest) healthcheck: Option<Spanned<Healthcheck>>,
    /// Annotations of the image manifest.
    #[serde(default)]
    pub(in crate::formats::manifest) annotations: Entries<Spanned<Text>>,
}

/// How an engine finds out whether a container is well. Times are written like `30s`, `1m30s` or
/// `500ms`.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::formats::manifest) struct Healthcheck {
    /// What is run: `[CMD, /usr/bin/probe, ...]`, `[CMD-SHELL, line]` (which needs a shell in the
    /// image), or `[NONE]`.
    pub(in crate::formats::manifest) test: Spanned<Arguments>,
    /// Time between two runs. Without it: the engine's default.
    #[schemars(extend("type" = "string"))]
    pub(in crate::formats::manifest) interval: Option<Spanned<Text>>,
    /// Time after which a run counts as failed. Without it: the engine's default.
    #[schemars(extend("type" = "string"))]
    pub(in crate::formats::manifest) timeout: Option<Spanned<Text>>,
    /// Time after the start in which failures do not count. Without it: the engine's default.
    #[schemars(extend("type" = "string"))]
    pub(in crate::formats::manifest) start_period: Option<Spanned<Text>>,
    /// Time between two runs after the start. Without it: the engine's default.
    #[schemars(extend("type" = "string"))]
    pub(in crate::formats::manifest) start_interval: Option<Spanned<Text>>,
    /// Failures in a row after which it is unwell. Without it: the engine's default.
    pub(in crate::formats::manifest) retries: Option<u32>,
}
