//! What the scripts of packages would have done, as data: which files they would have made, and which
//! accounts. No script is ever run; what no action stands for is told.

mod apply;
#[cfg(test)]
mod tests;

pub use apply::{Done, Installed, Made, apply};

use alloc::string::String;
use alloc::vec::Vec;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Deserialize;
use serde_json::Value;

use crate::formats::yaml::{self, Fault};

/// A file of actions.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct File {
    /// The actions.
    actions: Vec<Action>,
}

/// What scripts of a package do.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Action {
    /// The packages: globs of their names.
    pub packages: Vec<String>,
    /// The system of packages.
    pub system: System,
    /// The scripts that this stands for, by name.
    pub scripts: Vec<String>,
    /// Symbolic links to one program.
    pub links: Option<Links>,
    /// One file of many.
    pub concatenate: Option<Concatenate>,
    /// Symbolic links, where what they lead to is there.
    #[serde(default)]
    pub symlinks: Vec<Symlink>,
    /// Symbolic links to all files of a directory.
    pub link_all: Option<LinkAll>,
    /// Users, each with a group.
    #[serde(default)]
    pub users: Vec<User>,
    /// Groups without a user.
    #[serde(default)]
    pub groups: Vec<Group>,
    /// Directories.
    #[serde(default)]
    pub directories: Vec<Directory>,
}

/// A system of packages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum System {
    /// Alpine's and Wolfi's.
    Apk,
    /// Debian's.
    Deb,
}

/// Symbolic links to one program.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Links {
    /// Files with a path on each line; `*` may stand in any component.
    pub lists: String,
    /// The program: the first of these that is there.
    pub to: Vec<String>,
}

/// One file of many, one after the other, sorted by name.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Concatenate {
    /// The files; `*` may stand in any component.
    pub files: Vec<String>,
    /// What they make.
    pub to: String,
}

/// A symbolic link.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Symlink {
    /// The link.
    pub link: String,
    /// The path that it leads to, from the root on.
    pub to: String,
}

/// Links to all files of a directory.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkAll {
    /// The files; `*` may stand in any component.
    pub files: String,
    /// The directory of the links.
    pub into: String,
}

/// A group.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Its name.
    pub name: String,
}

/// A directory.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Directory {
    /// Its path.
    pub path: String,
    /// The name of its user.
    #[serde(default = "root")]
    pub user: String,
    /// The name of its group.
    #[serde(default = "root")]
    pub group: String,
    /// Permission bits, octal digits; without it what it has, or `0755`.
    pub mode: Option<String>,
}

fn root() -> String {
    "root".into()
}

/// A user.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// Its name.
    pub name: String,
    /// Its group.
    pub group: String,
    /// Its home.
    pub home: String,
    /// Its shell.
    pub shell: String,
}

/// Reads a file of actions.
///
/// # Errors
/// All that is wrong with it.
pub fn parse(text: &str) -> Result<Vec<Action>, Vec<Fault>> {
    let (tree, mut faults) = yaml::parse(text);
    let file = tree.and_then(|tree| {
        let (file, more) = yaml::deserialize::<File>(&tree);
        faults.extend(more);
        file
    });
    match file {
        Some(file) if faults.is_empty() => Ok(file.actions),
        _ => Err(faults),
    }
}

/// The JSON schema (draft 2020-12) of a file of actions, for editors.
pub fn schema() -> Value {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = generator.into_root_schema_for::<File>().to_value();
    if let Value::Object(root) = &mut schema {
        root.insert("title".into(), "scant actions of packages".into());
    }
    schema
}

/// The actions that scant knows.
pub fn builtin() -> Vec<Action> {
    parse(include_str!("actions.yaml")).expect("a test reads them")
}
