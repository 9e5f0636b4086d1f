//! What to do about a fault.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::{Fault, FaultKind, MissingName, is_between_declarations};
use crate::formats::yaml::{list_of, nearest, shown};
use crate::words::{Conflict, NodeKind, Relation, Section, TreePath};

impl Fault {
    /// What to do next, a sentence each.
    pub fn help(&self) -> Vec<String> {
        let one = |text: &str| Vec::from([text.to_string()]);
        match &self.kind {
            FaultKind::Input { path, elsewhere, .. } => {
                let places = elsewhere.iter().map(has_it);
                places.chain(relative_destination(path)).collect()
            }
            FaultKind::NotAProgram { .. } => one("files that are not executed belong under `data`"),
            FaultKind::DirectoryAsFile { .. } => {
                one("directories with their contents belong under `data`")
            }
            FaultKind::Missing(missing) => of_missing(missing),
            FaultKind::NotFoundInImage { at, cache_helps, .. } => {
                of_lost(at.as_ref(), *cache_helps)
            }
            FaultKind::MissingVersion { of, .. } => Vec::from([alloc::format!(
                "take {of} and the file that wants it from inputs that fit together"
            )]),
            FaultKind::WrongPlatform { .. } => one(
                "name the platform under `platforms`, and give the input a path for each platform",
            ),
            FaultKind::PathTooLong { .. } => one(
                "`exclude` leaves a part of a directory out, and another destination is shorter",
            ),
            FaultKind::Special { .. } => one("runtimes make /dev, /proc and /sys themselves"),
            FaultKind::UnknownSuggestion { near, .. } => match near {
                Some(near) => Vec::from([alloc::format!("did you mean `{near}`?")]),
                None => one("`scant plan` shows what is suggested"),
            },
            FaultKind::UnknownParameter { name, known, .. } if known.is_empty() => {
                Vec::from([alloc::format!("it has none: leave `{}` out", shown(name))])
            }
            FaultKind::UnknownParameter { name, known, .. } => of_words(name, known, "it has"),
            FaultKind::UnknownValue { known, .. } if known.is_empty() => {
                one("the input has nothing for any value of this list")
            }
            FaultKind::UnknownValue { value, known, .. } => of_words(value, known, "there are"),
            FaultKind::NoSuchAccount { packages, .. } if !packages.is_empty() => {
                let packages = list_of(packages.iter().map(String::as_str));
                Vec::from([alloc::format!("{packages} under `packages` of the manifest brings it")])
            }
            FaultKind::NoSuchAccount { known, .. } if known.is_empty() => {
                one("declare it under `accounts`, or write its number")
            }
            FaultKind::NoSuchAccount { name, known, .. } => of_words(name, known, "there are"),
            FaultKind::NotOfPackages { .. } => {
                one("inputs with `backend: apt` or `backend: apk` are; files are taken by `data`")
            }
            FaultKind::NoSuchPackage { name, known, .. } => of_words(name, known, "it has"),
            FaultKind::Conflict(conflict) => of_conflict(conflict),
            _ => Vec::new(),
        }
    }
}

/// More words than these are not listed.
const MOST_WORDS: usize = 20;

/// Which word was meant, and which there are.
fn of_words(word: &str, known: &[String], there_are: &str) -> Vec<String> {
    let near = nearest(word, known.iter().map(String::as_str));
    let listed = list_of(known.iter().take(MOST_WORDS).map(String::as_str));
    let rest = match known.len().saturating_sub(MOST_WORDS) {
        0 => String::new(),
        rest => alloc::format!(" and {rest} more"),
    };
    let near = near.map(|near| alloc::format!("did you mean `{near}`?"));
    near.into_iter().chain([alloc::format!("{there_are} {listed}{rest}")]).collect()
}

fn has_it(place: &String) -> String {
    alloc::format!("{place} has it")
}

/// A `:` may be part of a name; that it was meant to divide is only likely.
fn relative_destination(path: &str) -> Option<String> {
    let (from, to) = path.split_once(':').filter(|(_, to)| !to.is_empty())?;
    Some(alloc::format!(
        "all of `{path}` was read as one name; a destination is absolute, as in `{from}:/{to}`"
    ))
}

fn of_missing(missing: &MissingName) -> Vec<String> {
    let mut help: Vec<String> = missing.elsewhere.iter().map(has_it).collect();
    if missing.relation == Relation::Shebang && missing.name.ends_with("\\r") {
        help.push("the first line ends in a carriage return: use Unix line ends".into());
    }
    if missing.section == Section::Data {
        help.push("`elf: ignore` takes ELF files of the directory without what they need".into());
    }
    if missing.tries.is_empty() && missing.elsewhere.is_empty() {
        help.push("the loader has no directory to look in".into());
    }
    help
}

fn of_lost(at: Option<&TreePath>, cache_helps: bool) -> Vec<String> {
    let directory = at.and_then(TreePath::parent);
    let directory = directory.map_or(String::new(), |directory| alloc::format!(" to {directory}"));
    let mut help =
        Vec::from([alloc::format!("set LD_LIBRARY_PATH{directory} under `image: env:`")]);
    if cache_helps {
        help.push("or let scant write an ld.so.cache: `ld-so-cache: auto`".into());
    }
    help
}

fn of_conflict(conflict: &Conflict) -> Vec<String> {
    let is_directory = |kind: &NodeKind| *kind == NodeKind::Directory;
    let is_file = |kind: &NodeKind| matches!(kind, NodeKind::File(_));
    let (first, second) = (&conflict.first.kind, &conflict.second.kind);
    let is_mixed = is_directory(first) && is_file(second) || is_file(first) && is_directory(second);
    if is_mixed && is_between_declarations(conflict) {
        let path = &conflict.path;
        return Vec::from([alloc::format!("to put the file into the directory, write `{path}/`")]);
    }
    Vec::new()
}
