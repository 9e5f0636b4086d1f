//! The manifest as it is written, before names are resolved: serde types. Their doc comments are
//! the descriptions in the JSON schema and in the reference, so they speak to the user.

mod accounts;
mod apk;
mod apt;
mod checks;
mod entries;
mod image;
mod inputs;
mod layers;
mod shapes;
mod suggestions;
mod tests;

pub(super) use accounts::{Accounts, User};
pub(super) use apk::{ApkKey, ApkRepository};
pub(super) use apt::{AptPin, AptSource};
pub(super) use checks::{AllowedCheck, Checks};
pub(super) use entries::{Binary, Data, Directory, Elf, HardLink, LdSoCache, Package, Symlink};
pub(super) use image::{Healthcheck, Image};
pub(super) use inputs::{Backend, BuildrootMode, ByPlatform, Input};
pub(super) use layers::{LayerGroup, LayerRule, Layers};
pub(super) use shapes::{Arguments, Mode};
pub(super) use suggestions::{Accepted, Decline, Suggestions};

use alloc::string::String;
use alloc::vec::Vec;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::formats::structure_test::raw::StructureTests;
use crate::formats::yaml::{Entries, Form, Spanned};

/// An item of a section: as one string, or as a mapping.
pub(super) type Item<T> = Spanned<Form<T>>;

/// Declares what is in an image. The image starts empty and holds only what is declared here and
/// what those files need.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "Manifest")]
pub(super) struct Manifest {
    /// The one place that files come from. References name it by its backend in capitals:
    /// `BUILDROOT/usr/bin/x`. Not together with `inputs`.
    pub(super) input: Option<Spanned<Input>>,
    /// Several places that files come from, by the names that references start with: capitals,
    /// digits, `_` and `-`, beginning with a letter. Not together with `input`.
    #[serde(default)]
    pub(super) inputs: Option<Spanned<Entries<Spanned<Input>>>>,
    /// Programs. Each brings its interpreter and the libraries it needs.
    #[serde(default)]
    pub(super) binaries: Vec<Item<Binary>>,
    /// Other files, and directories with what is in them.
    #[serde(default)]
    pub(super) data: Vec<Item<Data>>,
    /// Whole packages of inputs that are made of packages: every file, link and directory of theirs,
    /// with its owner and mode, and what those files need. What the rest of the manifest declares at
    /// the same path takes its place.
    #[serde(default)]
    pub(super) packages: Vec<Item<Package>>,
    /// Directories that start empty.
    #[serde(default)]
    pub(super) directories: Vec<Item<Directory>>,
    /// Symbolic links.
    #[serde(default)]
    pub(super) symlinks: Vec<Item<Symlink>>,
    /// Second names of files that are in the image.
    #[serde(default)]
    pub(super) hardlinks: Vec<Item<HardLink>>,
    /// Users and groups: makes `/etc/passwd` and `/etc/group`.
    #[serde(default)]
    pub(super) accounts: Option<Accounts>,
    /// How the image is run and described.
    #[serde(default)]
    pub(super) image: Option<Image>,
    /// The platforms to build for, such as `linux/amd64`. Without it: what the binaries are made
    /// for.
    #[serde(default)]
    pub(super) platforms: Vec<Spanned<String>>,
    /// Whether the image gets an `/etc/ld.so.cache`.
    #[serde(default)]
    #[schemars(extend("default" = "auto"))]
    pub(super) ld_so_cache: Option<LdSoCache>,
    /// Whether the image tells which packages its files are of, as scanners read it: the databases of
    /// dpkg and apk, of just the files that are there, `os-release`, and the terms under which those
    /// packages may be used.
    #[serde(default)]
    #[schemars(extend("default" = false))]
    pub(super) package_database: Option<Spanned<bool>>,
    /// How the image is divided into layers: a rule, or the layers by name, lowest first. What none
    /// of them takes is the last layer.
    #[serde(default)]
    #[schemars(extend("default" = "single"))]
    pub(super) layers: Option<Spanned<Layers>>,
    /// What the image probably wants beside what its programs name, and whether it gets it.
    #[serde(default)]
    pub(super) suggestions: Option<Suggestions>,
    /// Which findings of `scant check` are accepted.
    #[serde(default)]
    pub(super) checks: Option<Checks>,
    /// Tests of the image: made by `scant test`, and by `scant build --test` before anything is
    /// published.
    #[serde(default)]
    pub(super) tests: Vec<Item<StructureTests>>,
}
