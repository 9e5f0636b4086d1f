//! One rule as it is written. The doc comments are the descriptions in the schema, so they speak to
//! the user.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use schemars::JsonSchema;
use serde::Deserialize;

use super::Parameters;
use crate::formats::yaml::Spanned;

/// Rules that tell what an image probably needs beside what its programs name themselves.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "SuggestionRules")]
pub(super) struct File {
    /// The rules. An id of a built-in rule replaces it.
    pub(super) rules: Vec<Spanned<Rule>>,
}

/// When an image has this, then it probably wants that.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Rule {
    /// The name that it is accepted and declined by.
    pub id: Spanned<String>,
    /// When it applies: every key that is there must hold, of a list one item is enough.
    pub when: When,
    /// What the image then wants.
    pub add: Add,
    /// How much it matters.
    pub level: Level,
    /// Why, in half a sentence.
    pub because: String,
    /// Lists that paths of `add` refer to as `{name}`, with what they hold unless the manifest says
    /// otherwise.
    #[serde(default)]
    pub params: Parameters,
    /// Whether it is a user's.
    #[serde(skip)]
    pub is_own: bool,
}

/// When a rule applies.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct When {
    /// Names of files that are loaded in the image: globs, such as `libcrypto.so.*`.
    #[serde(default)]
    pub closure: Vec<String>,
    /// Dynamic symbols that a program or library other than libc itself leaves undefined: globs.
    #[serde(default)]
    pub imports: Vec<String>,
    /// Paths of programs in the image: globs, such as `**/bin/python3*`.
    #[serde(default)]
    pub path: Vec<String>,
    /// The C library.
    #[serde(default)]
    pub libc: Option<Libc>,
    /// A range of versions of glibc, such as `>=2.34`.
    #[serde(default)]
    pub glibc: Option<Spanned<String>>,
    /// A configuration file has words like these.
    #[serde(default)]
    pub file_has: Option<FileHas>,
    /// Texts that a program or library holds, whole: looked for by `plan` and `init`. With `path`,
    /// that the program of that path holds: looked for always.
    #[serde(default)]
    pub string: Vec<String>,
}

/// A C library.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Libc {
    Glibc,
    Musl,
    Uclibc,
}

/// How much a suggestion matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// The program fails without it.
    Required,
    /// A part of what it does fails without it.
    Recommended,
    /// Some uses want it.
    Suggested,
}

/// What a rule adds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Add {
    /// Libraries, looked for as the matched program or library would open them.
    #[serde(default)]
    pub sonames: Vec<Spanned<String>>,
    /// Files: globs from the root on. `{libdir}` is the directory of the matched library (of the
    /// C library where none is matched), `{multiarch}` such as `x86_64-linux-gnu`, `{program_dir}`
    /// that of the matched program and `{program}` its name, links followed; `{a,b}` either; `?` at the end: not missed when it is not there.
    #[serde(default)]
    pub files: Vec<Spanned<String>>,
    /// What is left out of `files`: globs as there.
    #[serde(default)]
    pub except: Vec<Spanned<String>>,
    /// What words of configuration files name.
    #[serde(default)]
    pub from_config: Vec<FromConfig>,
    /// What a value of JSON files names.
    #[serde(default)]
    pub from_json: Option<FromJson>,
}

/// Files that have words like these.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct FileHas {
    /// Globs over paths; the image's own count where it has any, else those of the
    /// input.
    pub files: Vec<String>,
    /// Which words of which lines.
    pub lines: Lines,
}

/// Words of the lines of a configuration file. What follows a `#` is a comment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Lines {
    /// What a line begins with, and what is cut from it; without any, every line counts.
    #[serde(default)]
    pub after: Vec<String>,
    /// Characters at both ends of a word that are not part of it.
    #[serde(default)]
    pub trim: String,
    /// What a word is like: globs. Without any, every word counts.
    #[serde(default)]
    pub like: Vec<String>,
    /// Words that do not count: globs.
    #[serde(default)]
    pub skip: Vec<String>,
}

/// What words of configuration files name.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct FromConfig {
    /// Globs over paths; the image's own count where it has any, else those of the
    /// input.
    pub files: Vec<String>,
    /// Whether only the image's own files count.
    #[serde(default)]
    pub only_image: bool,
    /// Which words of which lines.
    pub lines: Lines,
    /// Libraries, with `{word}` in their names.
    #[serde(default)]
    pub sonames: Vec<Spanned<String>>,
    /// Files, with `{word}` in their paths; a word that is a path from the root on stands for the
    /// whole path.
    #[serde(default)]
    pub add: Vec<Spanned<String>>,
}

/// What a value of JSON files names: a library by its name, or a path, which may be relative to the
/// JSON file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct FromJson {
    /// Globs over paths. The files themselves are added too.
    pub files: Vec<String>,
    /// The JSON pointer of the value, such as `/ICD/library_path`.
    pub pointer: String,
}

impl Rule {
    /// All globs over names and words: paths are told by [`Rule::paths`].
    pub(super) fn globs(&self) -> impl Iterator<Item = &str> {
        let When { closure, imports, path, file_has, .. } = &self.when;
        let lines = file_has.iter().map(|has| &has.lines);
        let lines = lines.chain(self.add.from_config.iter().map(|from| &from.lines));
        let words = lines.flat_map(|lines| lines.like.iter().chain(&lines.skip));
        [closure, imports, path].into_iter().flatten().chain(words).map(String::as_str)
    }

    /// All globs over paths of an input.
    pub(super) fn paths(&self) -> impl Iterator<Item = &str> {
        let Add { files, from_config, from_json, .. } = &self.add;
        let has = self.when.file_has.iter().flat_map(|has| &has.files);
        let from_config = from_config.iter().flat_map(|from| &from.files);
        let from_json = from_json.iter().flat_map(|from| &from.files);
        let files = files.iter().map(|path| &path.value);
        let except = self.add.except.iter().map(|path| &path.value);
        files.chain(except).chain(has).chain(from_config).chain(from_json).map(String::as_str)
    }
}

/// `>=2.34` or `<2.34`.
pub(super) fn version_range(text: &str) -> Option<(bool, (u32, u32))> {
    let at_least = text.strip_prefix(">=").map(|version| (true, version));
    let (at_least, version) = at_least.or_else(|| Some((false, text.strip_prefix('<')?)))?;
    let (major, minor) = version.trim().split_once('.')?;
    Some((at_least, (major.parse().ok()?, minor.parse().ok()?)))
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Required => "required",
            Self::Recommended => "recommended",
            Self::Suggested => "suggested",
        })
    }
}
