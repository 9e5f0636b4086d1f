//! The sections that put something into the tree, as they are written.

use alloc::string::String;
use alloc::vec::Vec;

use schemars::JsonSchema;
use serde::Deserialize;

use super::Mode;
use super::shapes::Short;
use crate::formats::yaml::{Entries, Spanned, Text};

/// A program.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::formats::manifest) struct Binary {
    /// The file: `NAME/path` in an input, or a path relative to the manifest.
    pub(in crate::formats::manifest) from: Spanned<String>,
    /// Its path in the image. With a slash at the end it goes into that directory under its own
    /// name. Without it: the same path as in the input.
    pub(in crate::formats::manifest) to: Option<Spanned<String>>,
    /// Permission bits, a quoted string of octal digits. Setuid and setgid bits come only from
    /// here: those of the file in the input are dropped.
    #[schemars(extend("default" = "0755"))]
    pub(in crate::formats::manifest) mode: Option<Spanned<Mode>>,
    /// Owner and group: `uid:gid`, `uid`, `name:group` or `name`, names of `accounts` or of
    /// whole packages. The group of a user without one is the user's own, and for a bare number the
    /// same number.
    #[schemars(extend("type" = ["string", "integer"], "default" = "0:0"))]
    pub(in crate::formats::manifest) owner: Option<Spanned<Text>>,
    /// File capabilities in the words of `setcap`, such as `cap_net_bind_service=ep`.
    #[serde(default)]
    pub(in crate::formats::manifest) capabilities: Vec<Spanned<String>>,
    /// Extended attributes by full name, such as `user.note`.
    #[serde(default)]
    pub(in crate::formats::manifest) xattrs: Entries<Spanned<Text>>,
    /// Libraries that the program opens at run time (`dlopen`), by soname or path. They bring what
    /// they need as well.
    #[serde(default)]
    pub(in crate::formats::manifest) libraries: Vec<Spanned<String>>,
    /// Why it is in the image, for the people who ask later.
    pub(in crate::formats::manifest) why: Option<String>,
}

/// A file that is no program, or a directory with what is in it.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::formats::manifest) struct Data {
    /// The file or directory: `NAME/path` in an input, or a path relative to the manifest.
    pub(in crate::formats::manifest) from: Spanned<String>,
    /// Its path in the image. With a slash at the end a file goes into that directory under its
    /// own name. Without it: the same path as in the input.
    pub(in crate::formats::manifest) to: Option<Spanned<String>>,
    /// Permission bits of files, a quoted string of octal digits. Without it: `0755` for
    /// executables, else `0644`. Setuid and setgid bits come only from here.
    pub(in crate::formats::manifest) mode: Option<Spanned<Mode>>,
    /// Permission bits of directories, a quoted string of octal digits.
    #[schemars(extend("default" = "0755"))]
    pub(in crate::formats::manifest) directory_mode: Option<Spanned<Mode>>,
    /// Owner and group: `uid:gid`, `uid`, `name:group` or `name`, names of `accounts` or of
    /// whole packages. The group of a user without one is the user's own, and for a bare number the
    /// same number.
    #[schemars(extend("type" = ["string", "integer"], "default" = "0:0"))]
    pub(in crate::formats::manifest) owner: Option<Spanned<Text>>,
    /// File capabilities in the words of `setcap`, such as `cap_net_bind_service=ep`.
    #[serde(default)]
    pub(in crate::formats::manifest) capabilities: Vec<Spanned<String>>,
    /// Extended attributes by full name, such as `user.note`.
    #[serde(default)]
    pub(in crate::formats::manifest) xattrs: Entries<Spanned<Text>>,
    /// Globs of what to take from a directory, relative to it. Without it: everything.
    #[serde(default)]
    pub(in crate::formats::manifest) include: Vec<Spanned<String>>,
    /// Globs of what to leave out of a directory, relative to it.
    #[serde(default)]
    pub(in crate::formats::manifest) exclude: Vec<Spanned<String>>,
    /// What is done with ELF files (plug-ins, extension modules) in a directory.
    #[schemars(extend("default" = "close"))]
    pub(in crate::formats::manifest) elf: Option<Elf>,
    /// Why it is in the image, for the people who ask later.
    pub(in crate::formats::manifest) why: Option<String>,
}

/// A whole package.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::formats::manifest) struct Package {
    /// The package: `NAME/package` in an input with `backend: apt` or `apk`. A glob means all
    /// packages of such names that the input has, what they depend on among them: `DEBIAN/*`.
    pub(in crate::formats::manifest) from: Spanned<String>,
    /// Globs of the paths to take, from the root on. Without it: everything.
    #[serde(default)]
    pub(in crate::formats::manifest) include: Vec<Spanned<String>>,
    /// Globs of the paths to leave out, from the root on; of a directory all that is in it.
    #[serde(default)]
    pub(in crate::formats::manifest) exclude: Vec<Spanned<String>>,
    /// What is done with ELF files of the package.
    #[schemars(extend("default" = "close"))]
    pub(in crate::formats::manifest) elf: Option<Elf>,
    /// Why it is in the image, for the people who ask later.
    pub(in crate::formats::manifest) why: Option<String>,
}

/// What is done with ELF files among data.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(in crate::formats::manifest) enum Elf {
    /// They bring the libraries they need.
    Close,
    /// They are files like others.
    Ignore,
}

/// A directory that starts empty.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::formats::manifest) struct Directory {
    /// Its path in the image.
    pub(in crate::formats::manifest) path: Spanned<String>,
    /// Permission bits, a quoted string of octal digits.
    #[schemars(extend("default" = "0755"))]
    pub(in crate::formats::manifest) mode: Option<Spanned<Mode>>,
    /// Owner and group: `uid:gid`, `uid`, `name:group` or `name`, names of `accounts` or of
    /// whole packages.
    #[schemars(extend("type" = ["string", "integer"], "default" = "0:0"))]
    pub(in crate::formats::manifest) owner: Option<Spanned<Text>>,
    /// Extended attributes by full name, such as `user.note`.
    #[serde(default)]
    pub(in crate::formats::manifest) xattrs: Entries<Spanned<Text>>,
    /// Why it is in the image, for the people who ask later.
    pub(in crate::formats::manifest) why: Option<String>,
}

/// A symbolic link.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::formats::manifest) struct Symlink {
    /// What it points at: an absolute path in the image, or one relative to the link's directory.
    pub(in crate::formats::manifest) target: Spanned<String>,
    /// The path of the link in the image.
    pub(in crate::formats::manifest) link: Spanned<String>,
    /// Owner and group: `uid:gid`, `uid`, `name:group` or `name`, names of `accounts` or of
    /// whole packages.
    #[schemars(extend("type" = ["string", "integer"], "default" = "0:0"))]
    pub(in crate::formats::manifest) owner: Option<Spanned<Text>>,
    /// Why it is in the image, for the people who ask later.
    pub(in crate::formats::manifest) why: Option<String>,
}

/// A second name of a file.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::formats::manifest) struct HardLink {
    /// The path in the image of the file.
    pub(in crate::formats::manifest) target: Spanned<String>,
    /// Its second path in the image.
    pub(in crate::formats::manifest) link: Spanned<String>,
    /// Why it is in the image, for the people who ask later.
    pub(in crate::formats::manifest) why: Option<String>,
}

/// Whether an image gets an `/etc/ld.so.cache`.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(in crate::formats::manifest) enum LdSoCache {
    /// If a library would not be found without it.
    Auto,
    /// Always, if the image's loader reads one.
    Always,
    /// Never.
    Never,
}

impl Short for Binary {
    const SYNTAX: &'static str = "`FROM:TO`, or `FROM` alone when it keeps its path.";
}

impl Short for Data {
    const SYNTAX: &'static str = "`FROM:TO`, or `FROM` alone when it keeps its path.";
}

impl Short for Package {
    const SYNTAX: &'static str = "`NAME/package`.";
}

impl Short for Directory {
    const SYNTAX: &'static str = "The path in the image.";
}

impl Short for Symlink {
    const SYNTAX: &'static str = "`TARGET:LINK`.";
}

impl Short for HardLink {
    const SYNTAX: &'static str = "`TARGET:LINK`.";
}
