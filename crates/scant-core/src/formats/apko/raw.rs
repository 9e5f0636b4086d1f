//! The file as it is written: serde types, with apko's names of keys. A key that is not here is an
//! error to apko, and here.

use alloc::vec::Vec;

use serde::Deserialize;

use crate::formats::yaml::{Entries, Spanned, Text};

/// Texts in a list.
pub(super) type Texts = Vec<Spanned<Text>>;

/// The whole file.
#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct File {
    pub(super) contents: Option<Contents>,
    pub(super) entrypoint: Option<Spanned<Entrypoint>>,
    pub(super) cmd: Option<Spanned<Text>>,
    pub(super) stop_signal: Option<Spanned<Text>>,
    pub(super) work_dir: Option<Spanned<Text>>,
    pub(super) accounts: Option<Accounts>,
    #[serde(default)]
    pub(super) archs: Texts,
    #[serde(default)]
    pub(super) environment: Entries<Option<Spanned<Text>>>,
    #[serde(default)]
    pub(super) paths: Vec<Spanned<Path>>,
    pub(super) vcs_url: Option<Spanned<Text>>,
    #[serde(default)]
    pub(super) annotations: Entries<Option<Spanned<Text>>>,
    pub(super) include: Option<Spanned<Text>>,
    #[serde(default)]
    pub(super) volumes: Texts,
    pub(super) layering: Option<Spanned<Layering>>,
    pub(super) format: Option<Spanned<Text>>,
    pub(super) certificates: Option<Certificates>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) struct Contents {
    #[serde(default)]
    pub(super) repositories: Texts,
    #[serde(default)]
    pub(super) build_repositories: Texts,
    #[serde(default)]
    pub(super) runtime_repositories: Texts,
    #[serde(default)]
    pub(super) keyring: Texts,
    #[serde(default)]
    pub(super) runtime_keyring: Vec<Spanned<Named>>,
    #[serde(default)]
    pub(super) packages: Texts,
    pub(super) baseimage: Option<Spanned<BaseImage>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only read to refuse other keys")]
pub(super) struct BaseImage {
    image: Option<Text>,
    apkindex: Option<Text>,
}

/// A text by name: a key or a certificate.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Named {
    pub(super) name: Option<Text>,
    #[expect(dead_code, reason = "only read to refuse other keys")]
    content: Option<Text>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Entrypoint {
    #[serde(rename = "type")]
    pub(super) kind: Option<Spanned<Text>>,
    pub(super) command: Option<Spanned<Text>>,
    pub(super) shell_fragment: Option<Spanned<Text>>,
    #[serde(default)]
    pub(super) services: Entries<Option<Spanned<Text>>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Accounts {
    pub(super) run_as: Option<Spanned<Text>>,
    #[serde(default)]
    pub(super) users: Vec<Spanned<User>>,
    #[serde(default)]
    pub(super) groups: Vec<Spanned<Group>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct User {
    pub(super) username: Option<Spanned<Text>>,
    pub(super) uid: Option<Spanned<Text>>,
    pub(super) gid: Option<Spanned<Text>>,
    pub(super) shell: Option<Spanned<Text>>,
    pub(super) homedir: Option<Spanned<Text>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Group {
    pub(super) groupname: Option<Spanned<Text>>,
    pub(super) gid: Option<Spanned<Text>>,
    #[serde(default)]
    pub(super) members: Texts,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Path {
    pub(super) path: Option<Spanned<Text>>,
    #[serde(rename = "type")]
    pub(super) kind: Option<Spanned<Text>>,
    pub(super) uid: Option<Spanned<Text>>,
    pub(super) gid: Option<Spanned<Text>>,
    pub(super) permissions: Option<Spanned<Text>>,
    pub(super) source: Option<Spanned<Text>>,
    pub(super) recursive: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Layering {
    pub(super) strategy: Option<Spanned<Text>>,
    pub(super) budget: Option<Spanned<Text>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Certificates {
    #[serde(default)]
    pub(super) additional: Vec<Spanned<Named>>,
    #[serde(default)]
    pub(super) providers: Texts,
}
