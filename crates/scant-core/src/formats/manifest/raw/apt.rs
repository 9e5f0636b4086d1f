//! What `backend: apt` has beside other inputs, as it is written.

use alloc::string::String;
use alloc::vec::Vec;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::formats::yaml::Spanned;

/// Archives of Debian packages that have the same suites and components, or files of packages.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::formats::manifest) struct AptSource {
    /// Where they are, such as `https://mirror.example.com/debian`, or `file:./debian` beside the
    /// manifest. `@SNAPSHOTID@` stands for the name of a snapshot.
    #[serde(default)]
    pub(in crate::formats::manifest) uris: Vec<Spanned<String>>,
    /// Releases, such as `bookworm`; with a slash at the end a directory that is an archive by
    /// itself.
    #[serde(default)]
    pub(in crate::formats::manifest) suites: Vec<Spanned<String>>,
    /// Parts of a release, such as `main`.
    #[serde(default)]
    pub(in crate::formats::manifest) components: Vec<Spanned<String>>,
    /// A file of OpenPGP keys, of which one must have signed the release; a relative path starts at
    /// the manifest's directory.
    pub(in crate::formats::manifest) signed_by: Option<Spanned<String>>,
    /// Whether a release counts only until the time that it says itself. Snapshots of archives need
    /// `false`.
    #[schemars(extend("default" = true))]
    pub(in crate::formats::manifest) check_valid_until: Option<bool>,
    /// The snapshot that is meant, such as `20260101T000000Z`: it takes the place of `@SNAPSHOTID@`;
    /// without that, the release says where its snapshots are.
    pub(in crate::formats::manifest) snapshot: Option<Spanned<String>>,
    /// Packages that are in no archive: files, directories with files, or patterns such as
    /// `./debs/*.deb`. Nobody has signed them. Without the other keys.
    #[serde(default)]
    pub(in crate::formats::manifest) files: Vec<Spanned<String>>,
}

/// A version of a package that is preferred or not.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::formats::manifest) struct AptPin {
    /// Its name.
    pub(in crate::formats::manifest) package: Spanned<String>,
    /// Which versions; `*` at the end stands for anything.
    pub(in crate::formats::manifest) version: Spanned<String>,
    /// How much: 500 is usual, a higher number is preferred over a higher version, a negative one
    /// forbids it.
    #[schemars(extend("default" = 990))]
    pub(in crate::formats::manifest) priority: Option<Spanned<i32>>,
}
