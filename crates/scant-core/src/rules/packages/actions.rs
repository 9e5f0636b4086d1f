//! What the scripts of packages would have done, as data: which files they would have made, and which
//! accounts. No script is ever run; what no action stands for is told.

#[cfg(test)]
mod tests;

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Deserialize;
use serde_json::Value;

use crate::formats::yaml::{self, Fault};
use crate::words::{EntryKind, Input, InputError, TreePath, Wanted, WantedAccount};

/// A file of actions.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct File {
    /// The actions.
    actions: Vec<Action>,
}

/// What scripts of a package do.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Action {
    /// The packages, by name.
    pub packages: Vec<String>,
    /// The system of packages.
    pub system: System,
    /// The scripts that this stands for, by name.
    pub scripts: Vec<String>,
    /// Symbolic links to one program.
    pub links: Option<Links>,
    /// One file of many.
    pub concatenate: Option<Concatenate>,
    /// Users, each with a group.
    #[serde(default)]
    pub users: Vec<User>,
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
    /// Files with a path on each line; `*` may stand in the last component.
    pub lists: String,
    /// The program: the first of these that is there.
    pub to: Vec<String>,
}

/// One file of many, one after the other, sorted by name.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Concatenate {
    /// The files; `*` may stand in the last component.
    pub files: Vec<String>,
    /// What they make.
    pub to: String,
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

/// A package that is there, with the scripts that would have run when it was installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installed<'a> {
    /// Its system.
    pub system: System,
    /// Its name.
    pub name: &'a str,
    /// Its scripts, by name.
    pub scripts: Vec<&'a str>,
}

/// What would have been done for a package.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// Files and links.
    pub made: BTreeMap<TreePath, Made>,
    /// What else is wanted, and which scripts no action stands for.
    pub wanted: Wanted,
}

/// Something that is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Made {
    /// A symbolic link with this text.
    Link(Box<[u8]>),
    /// A file with this content.
    File(Vec<u8>),
}

/// The most bytes of a list or a certificate.
const LARGEST: u64 = 16 << 20;
/// Scripts that do not run when a package is installed for the first time.
const LATER: [&str; 7] = [
    ".pre-upgrade",
    ".post-upgrade",
    ".pre-deinstall",
    ".post-deinstall",
    "prerm",
    "postrm",
    "config",
];

/// Tells what the scripts of a package would have done in this root. What is there already stays.
///
/// # Errors
/// When the root cannot be read.
pub fn apply(
    actions: &[Action],
    installed: &Installed<'_>,
    root: &dyn Input,
) -> Result<Done, InputError> {
    let (mut done, mut covered) = (Done::default(), Vec::new());
    let actions = actions.iter().filter(|action| {
        action.system == installed.system
            && action.packages.iter().any(|name| name == installed.name)
    });
    for action in actions {
        let mut made = BTreeMap::new();
        // A list that is not there says nothing: the script is as uncovered as without it.
        let is_done = match &action.links {
            Some(links) => make_links(links, root, &mut made)?,
            None => true,
        };
        if let Some(concatenate) = &action.concatenate {
            make_file(concatenate, root, &mut made)?;
        }
        for (path, one) in made {
            if root.lookup(&path)?.is_none() {
                done.made.entry(path).or_insert(one);
            }
        }
        done.wanted.accounts.extend(action.users.iter().map(User::wanted));
        if is_done {
            covered.extend(action.scripts.iter().map(String::as_str));
        }
    }
    let is_uncovered = |script: &&&str| !LATER.contains(script) && !covered.contains(*script);
    let uncovered = installed.scripts.iter().filter(is_uncovered);
    done.wanted.uncovered = uncovered.map(ToString::to_string).collect();
    Ok(done)
}

impl User {
    fn wanted(&self) -> WantedAccount {
        let Self { name, group, home, shell } = self.clone();
        WantedAccount::User { name, uid: None, group, home, shell }
    }
}

/// Makes the links of all lists. Whether there was a list, and the program.
fn make_links(
    links: &Links,
    root: &dyn Input,
    made: &mut BTreeMap<TreePath, Made>,
) -> Result<bool, InputError> {
    let mut program = None;
    for candidate in &links.to {
        let Ok(path) = TreePath::parse(candidate) else { continue };
        if let Some(entry) = root.lookup(&path)?
            && entry.file_size().is_some()
        {
            program = Some(path);
            break;
        }
    }
    let Some(program) = program else { return Ok(false) };
    let lists = matching(&links.lists, root)?;
    for list in &lists {
        let content = root.read(list, LARGEST)?;
        for line in content.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii) {
            let path = TreePath::parse([b"/", line].concat());
            if let Ok(path) = path
                && !path.is_root()
                && path != program
            {
                made.insert(path, Made::Link(program.as_bytes().into()));
            }
        }
    }
    Ok(!lists.is_empty())
}

fn make_file(
    concatenate: &Concatenate,
    root: &dyn Input,
    made: &mut BTreeMap<TreePath, Made>,
) -> Result<(), InputError> {
    let mut content = Vec::new();
    for pattern in &concatenate.files {
        for file in matching(pattern, root)? {
            content.extend(root.read(&file, LARGEST)?);
            if content.last().is_some_and(|&byte| byte != b'\n') {
                content.push(b'\n');
            }
        }
    }
    if let (false, Ok(path)) = (content.is_empty(), TreePath::parse(&concatenate.to)) {
        made.insert(path, Made::File(content));
    }
    Ok(())
}

/// The regular files that a pattern means, sorted.
fn matching(pattern: &str, root: &dyn Input) -> Result<Vec<TreePath>, InputError> {
    let (directory, name) = pattern.rsplit_once('/').unwrap_or(("", pattern));
    let Ok(directory) = TreePath::parse(format!("{directory}/")) else { return Ok(Vec::new()) };
    if !root.lookup(&directory)?.is_some_and(|entry| entry.is_directory()) {
        return Ok(Vec::new());
    }
    let mut all = Vec::new();
    for found in root.list(&directory)? {
        let path = directory.join(&found);
        let is_meant = fast_glob::glob_match(name.as_bytes(), &found[..]);
        let entry = if is_meant { root.lookup(&path)? } else { None };
        if matches!(entry, Some(entry) if matches!(entry.kind, EntryKind::File { .. })) {
            all.push(path);
        }
    }
    Ok(all)
}
