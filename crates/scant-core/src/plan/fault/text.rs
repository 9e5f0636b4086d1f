//! How faults read: one sentence each.

use alloc::string::ToString;
use core::fmt;

use super::{FaultKind, MissingName, is_between_declarations, is_declared};
use crate::formats::elf::DlopenPriority;
use crate::formats::yaml::shown;
use crate::plan::placer::LONGEST_PATH;
use crate::words::{Conflict, Escaped, InputError, InputName, Node, NodeKind, Problem, Relation};

/// How much is told of a path that is too long to be read.
const SHOWN_OF_LONG: usize = 64;

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input { input, path, error, .. } => write_input(f, input, path, error),
            Self::NotAProgram { file, found } => {
                write!(f, "`{file}` is neither an ELF program nor a script: {found}")
            }
            Self::DirectoryAsFile { file } => {
                write!(f, "`{file}` is a directory, and a file is meant")
            }
            Self::Special { file, kind } => write!(f, "`{file}` is {kind}, which is never copied"),
            Self::WrongPlatform { file, found, wanted } => {
                write!(f, "`{file}` is made for {found}, and the image is for {wanted}")
            }
            Self::Damaged { file, reason } => write!(f, "`{file}`: {reason}"),
            Self::Conflict(conflict) => write_conflict(f, conflict),
            Self::BelowFile { path, file } => {
                write!(f, "`{path}` cannot be placed: `{file}` is not a directory")
            }
            Self::LinkLoop { path } => {
                write!(f, "`{path}` cannot be placed: links of the image lead in a circle")
            }
            Self::Missing(missing) => write_missing(f, missing),
            Self::MissingVersion { version, by, of } => {
                write!(f, "{by} wants the version {version} of {of}, which does not define it")
            }
            Self::NotFoundInImage { name, by, at: Some(at), .. } => {
                write!(f, "{at}, needed by {by} as {name}, would not be found in the image")
            }
            Self::NotFoundInImage { name, by, at: None, .. } => {
                write!(f, "{name}, needed by {by}, would not be found in the image")
            }
            Self::Capabilities(error) => error.fmt(f),
            Self::HardLinkTarget { link, target, found } => {
                write!(f, "`{link}` cannot be another name of `{target}`, which is {found}")
            }
            Self::Whiteout { path } => {
                write!(f, "no layer can hold `{path}`: a name with `.wh.` in front removes a file")
            }
            Self::PathTooLong { path } => {
                let bytes = path.as_bytes();
                let start = Escaped(&bytes[..SHOWN_OF_LONG.min(bytes.len())]);
                let length = bytes.len();
                write!(f, "`{start}...` cannot be placed: its path has {length} bytes, ")?;
                write!(f, "and Linux opens none of more than {LONGEST_PATH}")
            }
            Self::TooManyInterpreters { path } => {
                write!(f, "`{path}` cannot be started: more than 5 scripts interpret one another")
            }
            Self::UnknownSuggestion { id, .. } => write!(f, "no rule is called `{id}`"),
            Self::UnknownParameter { id, name, .. } => {
                write!(f, "`{id}` has no list `{}`", shown(name))
            }
            Self::UnknownValue { id, name, value, .. } => {
                write!(f, "`{}` under `{name}` of `{id}`: nothing of it is there", shown(value))
            }
            Self::NoSuchAccount { kind, name, .. } => {
                let name = shown(name);
                write!(
                    f,
                    "there is no {kind} `{name}` in `accounts` or of a package that is taken whole"
                )
            }
            Self::NotOfPackages { input } => {
                write!(f, "input {input} is not made of packages that could be taken whole")
            }
            Self::NoSuchPackage { input, name, .. } => {
                write!(f, "input {input} has no package `{}`", shown(name))
            }
            Self::NoInputForPlatform { input, platform } => {
                write!(f, "input {input} has no path for {platform}")
            }
        }
    }
}

fn write_input(
    f: &mut fmt::Formatter<'_>,
    input: &InputName,
    path: &str,
    error: &InputError,
) -> fmt::Result {
    let is_beside = *input == InputName::manifest();
    let is_other = error.path.to_string() != path;
    match &error.problem {
        Problem::NotFound if is_beside => write!(f, "`{path}` is not there"),
        Problem::NotFound if is_other => {
            write!(f, "input {input} has no `{path}`: nothing is at `{}`", error.path)
        }
        Problem::NotFound => write!(f, "input {input} has no `{path}`"),
        problem if is_beside => write!(f, "`{path}` cannot be used: {problem}"),
        problem if is_other => {
            write!(f, "input {input} has no usable `{path}`: `{}`: {problem}", error.path)
        }
        problem => write!(f, "input {input} has no usable `{path}`: {problem}"),
    }
}

fn write_conflict(f: &mut fmt::Formatter<'_>, conflict: &Conflict) -> fmt::Result {
    let Conflict { path, first, second } = conflict;
    match is_between_declarations(conflict) {
        true => write!(f, "two declarations disagree on `{path}`: ")?,
        false => write!(f, "`{path}` cannot be two things: ")?,
    }
    if first.kind != second.kind {
        write_claim(f, first)?;
        f.write_str(" or ")?;
        return write_claim(f, second);
    }
    let (a, b) = (&first.meta, &second.meta);
    if a.mode != b.mode {
        write!(f, "mode {} or {}", a.mode, b.mode)
    } else if (a.uid, a.gid) != (b.uid, b.gid) {
        write!(f, "owner {}:{} or {}:{}", a.uid, a.gid, b.uid, b.gid)
    } else {
        f.write_str("different extended attributes or capabilities")
    }
}

/// What a node is, with its place in an input, and its reason where that is no declaration.
fn write_claim(f: &mut fmt::Formatter<'_>, node: &Node) -> fmt::Result {
    write!(f, "{}", node.kind)?;
    match node.provenance.source() {
        Some(source) => write!(f, " from {}{}", source.input, source.path)?,
        None if matches!(node.kind, NodeKind::File(_)) => f.write_str(" that scant makes")?,
        None => {}
    }
    match node.provenance.reasons().next() {
        Some(why) if !is_declared(node) => write!(f, " ({why})"),
        _ => Ok(()),
    }
}

fn write_missing(f: &mut fmt::Formatter<'_>, missing: &MissingName) -> fmt::Result {
    let (what, how) = match missing.relation {
        Relation::Interpreter | Relation::Shebang => ("interpreter", "named by".to_string()),
        relation => ("library", relation.to_string()),
    };
    write!(f, "{what} `{}` was not found; {how} ", missing.name)?;
    let mut by = missing.by.iter();
    if let Some(first) = by.next() {
        write!(f, "{first}")?;
    }
    match by.len() {
        0 => Ok(()),
        1..=3 => by.try_for_each(|path| write!(f, ", {path}")),
        more => write!(f, " and {more} more files"),
    }
}

impl fmt::Display for NodeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Directory => f.write_str("a directory"),
            Self::File(_) => f.write_str("a file"),
            Self::Symlink { target } => {
                write!(f, "a symbolic link to `{}`", Escaped(target))
            }
            Self::HardLink { target } => write!(f, "another name of `{target}`"),
        }
    }
}

impl fmt::Display for DlopenPriority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Required => "required",
            Self::Recommended => "recommended",
            Self::Suggested => "suggested",
        })
    }
}
