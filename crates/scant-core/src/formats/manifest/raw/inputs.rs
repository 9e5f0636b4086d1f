//! `input` and `inputs` as they are written.

use alloc::string::String;
use alloc::vec::Vec;

use schemars::JsonSchema;
use serde::Deserialize;

use super::apk::{ApkKey, ApkRepository};
use super::apt::{AptPin, AptSource};
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
    /// then `/`. With `backend: tar` the archive; either this or `url`.
    pub(in crate::formats::manifest) path: Option<Spanned<Form<ByPlatform>>>,
    /// Where it is on the network, `https://` or `http://`; with `backend: http` and `backend:
    /// tar`. A mapping from platforms to URLs when each platform has its own.
    pub(in crate::formats::manifest) url: Option<Spanned<Form<ByPlatform>>>,
    /// The SHA-256 digest of the archive or file: 64 hexadecimal digits. Needed with `url`. A
    /// mapping from platforms to digests when each platform has its own `url` or `path`.
    pub(in crate::formats::manifest) sha256: Option<Spanned<Form<ByPlatform>>>,
    /// The image whose files it is: `docker://NAME`, `oci:DIRECTORY:TAG`, `oci-archive:FILE`,
    /// `docker-archive:FILE` or `docker-daemon:NAME`; only with `backend: oci`. A mapping from
    /// platforms to images when each platform has its own.
    pub(in crate::formats::manifest) image: Option<Spanned<Form<ByPlatform>>>,
    /// How many components each name in the archive loses at its beginning; only with `backend:
    /// tar`.
    #[schemars(extend("default" = 0))]
    pub(in crate::formats::manifest) strip_components: Option<Spanned<u32>>,
    /// What the file is called; only with `backend: http`. Without it: the last part of the URL.
    pub(in crate::formats::manifest) name: Option<Spanned<String>>,
    /// Whether the file is a program; only with `backend: http`.
    #[schemars(extend("default" = false))]
    pub(in crate::formats::manifest) executable: Option<Spanned<bool>>,
    /// The packages whose files it has. With `backend: apt` as relations of Debian: `nginx-light`,
    /// `curl (>= 7.88)`, `default-mta | mail-transport-agent`. With `backend: apk` as Alpine writes
    /// them: `nginx`, `curl>=8`, `curl@edge`, `!busybox`. What they depend on comes with them.
    pub(in crate::formats::manifest) packages: Option<Spanned<Vec<Spanned<String>>>>,
    /// The archives that packages come from; only with `backend: apt`. Without it: those that apt has
    /// on this machine.
    pub(in crate::formats::manifest) sources: Option<Spanned<Vec<Spanned<AptSource>>>>,
    /// Whether packages that are recommended come too; only with `backend: apt`.
    #[schemars(extend("default" = false))]
    pub(in crate::formats::manifest) recommends: Option<Spanned<bool>>,
    /// Versions that are preferred or not; only with `backend: apt`.
    pub(in crate::formats::manifest) pins: Option<Spanned<Vec<AptPin>>>,
    /// Whether archives and repositories are believed that nobody has signed; only with `backend:
    /// apt` and `backend: apk`.
    #[schemars(extend("default" = false))]
    pub(in crate::formats::manifest) allow_unsigned: Option<Spanned<bool>>,
    /// The repositories that packages come from, earlier ones preferred; only with `backend: apk`.
    pub(in crate::formats::manifest) repositories: Option<Spanned<Vec<super::Item<ApkRepository>>>>,
    /// The keys of which one must have signed what a repository has; only with `backend: apk`.
    pub(in crate::formats::manifest) keys: Option<Spanned<Vec<super::Item<ApkKey>>>>,
    /// Whether packages come by themselves once all is there that they name in `install_if`; only
    /// with `backend: apk`.
    #[schemars(extend("default" = true))]
    pub(in crate::formats::manifest) install_if: Option<Spanned<bool>>,
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
    /// A tar archive, compressed or not, on this machine or on the network.
    Tar,
    /// One file from the network.
    Http,
    /// The files of an image.
    Oci,
    /// The files of packages of Debian, and of what they depend on.
    Apt,
    /// The files of packages of Alpine and its kin, and of what they depend on.
    Apk,
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

/// One for each platform, such as `linux/arm64: ./arm64`.
#[derive(Deserialize, JsonSchema)]
#[serde(transparent)]
pub(in crate::formats::manifest) struct ByPlatform(
    pub(in crate::formats::manifest) Entries<Spanned<String>>,
);

impl Short for ByPlatform {
    const SYNTAX: &'static str = "One for all platforms.";
}
