//! What an image probably wants beside what loaders find: rules as data, held against the files of
//! the image. Nothing is placed here, and nothing is executed.
//!
//! ```text
//! evaluate   which rules apply, and what each would add
//! matching   when a rule applies
//! adding     what it then adds
//! lines      words of configuration files
//! glob       globs over the paths of an input
//! literals   names of libraries that files hold as text
//! ```

mod adding;
mod glob;
mod lines;
mod literals;
mod matching;

use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;

pub use literals::{Literal, OPENERS, literals};
pub use matching::is_of_libc;

use crate::formats::suggestion_rules::{self, Level, Parameters, Rule};
use crate::rules::View;
use crate::words::{InputName, TreePath};

/// The built-in rules, as they are written.
pub const BUILTIN: &str = include_str!("builtin.yaml");

/// The built-in rules.
pub fn builtin() -> Vec<Rule> {
    suggestion_rules::parse(BUILTIN).expect("a test reads them")
}

/// The built-in rules with those of a user, which replace built-in ones of their id.
pub fn with_own(own: &[Rule]) -> Vec<Rule> {
    let is_own = |rule: &Rule| own.iter().any(|one| one.id.value == rule.id.value);
    let mut rules = builtin();
    rules.retain(|rule| !is_own(rule));
    rules.extend(own.iter().map(|rule| Rule { is_own: true, ..rule.clone() }));
    rules
}

/// A program or library of the image whose needs are known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its path in the image.
    pub path: TreePath,
    /// The input that stands for the image's root where it is concerned.
    pub root: InputName,
    /// Its path in the input it is taken from.
    pub source: TreePath,
}

/// A library that was looked for as if opened at run time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The input that has it.
    pub input: InputName,
    /// Its path in the image.
    pub path: Box<[u8]>,
    /// Whether the image has it.
    pub is_there: bool,
}

/// What rules ask of an image that is being planned.
pub trait World {
    /// The programs and libraries, sorted by their paths.
    fn members(&self) -> &[Member];
    /// An input.
    fn view(&self, root: &InputName) -> Option<&View<'_>>;
    /// The undefined dynamic symbols of a member that any rule asks for.
    fn imports(&self, member: usize) -> Rc<BTreeSet<Box<[u8]>>>;
    /// Whether a member holds one of these texts, whole. Where nobody reads all members for that,
    /// false, unless this one is `sought` out.
    fn holds(&self, member: usize, texts: &[String], sought: bool) -> bool;
    /// The highest version of glibc that a member defines.
    fn glibc(&self, member: usize) -> Option<(u32, u32)>;
    /// Looks for a library as a member would that opens it.
    fn search(&self, member: usize, soname: &[u8]) -> Option<Found>;
    /// Whether the image has a file at a path, links followed.
    fn has(&self, path: &[u8]) -> bool;
    /// Whether somebody has chosen the file at a path: what comes because others need it is not.
    fn is_chosen(&self, path: &[u8]) -> bool;
    /// The content of the image's own file.
    fn content(&self, path: &[u8]) -> Option<Vec<u8>>;
    /// Paths of files of the image.
    fn paths(&self) -> Vec<TreePath>;
}

/// What a rule says of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// The name it is accepted and declined by.
    pub id: String,
    /// How much it matters.
    pub level: Level,
    /// Why, in half a sentence.
    pub because: String,
    /// The file that it is for.
    pub of: TreePath,
    /// What would come into the image and is not there. Empty when nothing can.
    pub adds: Vec<Addition>,
    /// What was looked for and is nowhere.
    pub missing: Vec<String>,
}

/// One file that a suggestion brings, before what it needs itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Addition {
    /// The input that has it.
    pub input: InputName,
    /// Its path.
    pub path: Box<[u8]>,
    /// The name it is opened by, for a library that is looked for as loaders do.
    pub soname: Option<String>,
}

/// Which rules apply, each once for each input, with what it would add. `parameters` tells what the
/// manifest says of a rule.
pub fn evaluate<'r>(
    rules: impl IntoIterator<Item = &'r Rule>,
    parameters: &dyn Fn(&str) -> Parameters,
    world: &dyn World,
) -> Vec<Suggestion> {
    let members = world.members();
    let roots: BTreeSet<&InputName> = members.iter().map(|member| &member.root).collect();
    let groups: Vec<_> =
        roots.into_iter().filter_map(|root| matching::Group::new(root, world)).collect();
    let mut found: Vec<Suggestion> = Vec::new();
    for rule in rules {
        for group in &groups {
            let Some(matched) = matching::matches(rule, group, world) else { continue };
            let mut parameters = parameters(&rule.id);
            for (name, values) in &rule.params {
                parameters.entry(name.clone()).or_insert_with(|| values.clone());
            }
            let added = adding::added(rule, &parameters, group, &matched, world);
            // Who writes a rule for an image means that it finds something.
            let is_minded = rule.level == Level::Required || rule.is_own;
            let is_lost = is_minded && !added.missing.is_empty();
            if added.adds.is_empty() && !(is_lost && added.there == 0) {
                continue;
            }
            found.push(Suggestion {
                id: rule.id.value.clone(),
                // Of what is partly there, somebody has chosen the part.
                level: match added.chosen {
                    0 => rule.level,
                    _ => rule.level.max(Level::Recommended),
                },
                because: rule.because.clone(),
                of: members[matched.object].path.clone(),
                adds: added.adds,
                missing: added.missing,
            });
        }
    }
    found
}

/// The values of a list of a rule for which any input has files; none where it does not
/// apply, or that cannot be told.
pub fn known_values(rule: &Rule, name: &str, world: &dyn World) -> Option<BTreeSet<String>> {
    let roots: BTreeSet<&InputName> = world.members().iter().map(|member| &member.root).collect();
    let groups = roots.into_iter().filter_map(|root| matching::Group::new(root, world));
    let mut known = None;
    for group in groups {
        let Some(matched) = matching::matches(rule, &group, world) else { continue };
        let of_group = adding::known_values(rule, name, &group, &matched, world)?;
        known.get_or_insert_with(BTreeSet::new).extend(of_group);
    }
    known
}

/// The globs over symbols that rules ask for.
pub fn wanted_imports(rules: &[Rule]) -> Vec<String> {
    let mut globs: Vec<String> =
        rules.iter().flat_map(|rule| rule.when.imports.iter().cloned()).collect();
    globs.sort();
    globs.dedup();
    globs
}

/// Whether a name matches one of these globs, most of which are plain names.
pub fn is_one_of(name: &[u8], globs: &[String]) -> bool {
    globs.iter().any(|glob| match glob.split_once('*') {
        None => glob.as_bytes() == name,
        Some((start, _)) => {
            name.starts_with(start.as_bytes()) && fast_glob::glob_match(glob.as_bytes(), name)
        }
    })
}
