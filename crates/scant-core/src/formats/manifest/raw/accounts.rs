//! `accounts` as it is written.

use alloc::string::String;
use alloc::vec::Vec;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::formats::yaml::Spanned;

/// Users and groups.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::formats::manifest) struct Accounts {
    /// Users: the lines of `/etc/passwd`. One whose group is not declared gets a group of its own
    /// name.
    #[serde(default)]
    pub(in crate::formats::manifest) users: Vec<Spanned<User>>,
    /// Groups: the lines of `/etc/group`.
    #[serde(default)]
    pub(in crate::formats::manifest) groups: Vec<Spanned<Group>>,
}

/// A user.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::formats::manifest) struct User {
    /// Login name: letters, digits, `_` and `-`.
    pub(in crate::formats::manifest) name: Spanned<String>,
    /// Number.
    pub(in crate::formats::manifest) uid: Spanned<u32>,
    /// Number of the primary group. Without it: the same as `uid`.
    pub(in crate::formats::manifest) gid: Option<Spanned<u32>>,
    /// Home directory. It is not made.
    #[schemars(extend("default" = "/"))]
    pub(in crate::formats::manifest) home: Option<Spanned<String>>,
    /// Login shell. It is not brought.
    #[schemars(extend("default" = "/sbin/nologin"))]
    pub(in crate::formats::manifest) shell: Option<Spanned<String>>,
    /// Free text, such as a full name.
    #[schemars(extend("default" = ""))]
    pub(in crate::formats::manifest) comment: Option<Spanned<String>>,
}

/// A group.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::formats::manifest) struct Group {
    /// Name: letters, digits, `_` and `-`.
    pub(in crate::formats::manifest) name: Spanned<String>,
    /// Number.
    pub(in crate::formats::manifest) gid: Spanned<u32>,
    /// Names of declared users who are in it besides those whose primary group it is.
    #[serde(default)]
    pub(in crate::formats::manifest) members: Vec<Spanned<String>>,
}
