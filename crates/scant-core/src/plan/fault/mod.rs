//! What is wrong with a plan, and what is worth knowing: values, with their text in `Display`.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::formats::capabilities::CapabilityError;
use crate::formats::elf::DlopenPriority;
use crate::formats::manifest::Span;
use crate::words::{Conflict, InputError, InputName, Platform, Relation, TreePath, Why};

/// Something that keeps an image from being built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The declaration it comes from.
    pub span: Span,
    /// What is wrong.
    pub kind: FaultKind,
}

/// The kinds of faults.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// An input does not have what is declared, or cannot be read there.
    Input {
        /// The input.
        input: InputName,
        /// What was asked for.
        path: String,
        /// The answer.
        error: InputError,
    },
    /// A file is named as a binary that nothing can execute.
    NotAProgram {
        /// The file in its input.
        file: String,
        /// What it is instead.
        found: String,
    },
    /// A directory is named where a file is meant.
    DirectoryAsFile {
        /// The directory in its input.
        file: String,
    },
    /// Something that no image can hold a copy of: a device, a FIFO, a socket.
    Special {
        /// The file in its input.
        file: String,
        /// What it is.
        kind: &'static str,
    },
    /// An ELF file for another platform.
    WrongPlatform {
        /// The file in its input.
        file: String,
        /// The platform it is for, in words.
        found: String,
        /// The platform of the image.
        wanted: Platform,
    },
    /// A damaged ELF file.
    Damaged {
        /// The file in its input.
        file: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Two declarations that disagree on one path.
    Conflict(Box<Conflict>),
    /// Something must lie below a path that is no directory.
    BelowFile {
        /// What was to be placed.
        path: String,
        /// What is in the way.
        file: TreePath,
    },
    /// Links of the image lead in a circle.
    LinkLoop {
        /// What was to be placed.
        path: String,
    },
    /// Names that the loader would not find.
    Missing(MissingName),
    /// A symbol version that the library found does not define.
    MissingVersion {
        /// The version.
        version: String,
        /// The file that wants it.
        by: TreePath,
        /// The library.
        of: TreePath,
    },
    /// A library that was found for the build would not be found in the image.
    NotFoundInImage {
        /// The name.
        name: String,
        /// The file that needs it.
        by: TreePath,
    },
    /// A text that gives no file capabilities.
    Capabilities(CapabilityError),
    /// A hard link to what is no regular file of the image.
    HardLinkTarget {
        /// The link.
        link: TreePath,
        /// What it should be another name of.
        target: TreePath,
        /// What is there.
        found: &'static str,
    },
    /// An input says nothing for this platform.
    NoInputForPlatform {
        /// The input.
        input: InputName,
        /// The platform.
        platform: Platform,
    },
}

/// A name that nothing was found for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingName {
    /// The name.
    pub name: String,
    /// In which way it is needed.
    pub relation: Relation,
    /// The files that need it.
    pub by: Vec<TreePath>,
    /// What was tried for the first of them, in order: one line each.
    pub tries: Vec<String>,
    /// Where else it lies, in words: the inputs that have it.
    pub elsewhere: Vec<String>,
}

/// Something a person should know that does not stop a build.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The declaration it comes from, where there is one.
    pub span: Option<Span>,
    /// How much it matters.
    pub severity: Severity,
    /// What it is, in one sentence.
    pub text: String,
    /// A manifest entry that takes care of it, where there is one.
    pub remedy: Option<String>,
}

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The image may not work.
    Warning,
    /// Something was done that nobody asked for.
    Notice,
    /// Something may be missing.
    Suggestion,
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input { input, path, error } if error.path.as_bytes() == path.as_bytes() => {
                write!(f, "input {input} has no usable `{path}`: {}", error.problem)
            }
            Self::Input { input, path, error } => {
                write!(f, "input {input} has no usable `{path}`: {error}")
            }
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
            Self::NotFoundInImage { name, by } => {
                write!(f, "{name}, needed by {by}, would not be found in the image")
            }
            Self::Capabilities(error) => error.fmt(f),
            Self::HardLinkTarget { link, target, found } => {
                write!(f, "`{link}` cannot be another name of `{target}`, which is {found}")
            }
            Self::NoInputForPlatform { input, platform } => {
                write!(f, "input {input} has no path for {platform}")
            }
        }
    }
}

fn write_conflict(f: &mut fmt::Formatter<'_>, conflict: &Conflict) -> fmt::Result {
    let Conflict { path, first, second } = conflict;
    write!(f, "two declarations disagree on `{path}`: ")?;
    if first.kind != second.kind {
        let describe = |node: &crate::words::Node| match node.provenance.source() {
            Some(source) => alloc::format!("{} from {}{}", node.kind, source.input, source.path),
            None => alloc::format!("{}", node.kind),
        };
        return write!(f, "{} or {}", describe(first), describe(second));
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

fn write_missing(f: &mut fmt::Formatter<'_>, missing: &MissingName) -> fmt::Result {
    let what = match missing.relation {
        Relation::Interpreter | Relation::Shebang => "interpreter",
        _ => "library",
    };
    write!(f, "{what} `{}` was not found; {} ", missing.name, missing.relation)?;
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

impl Fault {
    /// The other declaration that is part of the fault, as a line of the manifest.
    pub fn other_line(&self) -> Option<u32> {
        let FaultKind::Conflict(conflict) = &self.kind else { return None };
        conflict.first.provenance.reasons().find_map(|why| match why {
            Why::Declared { place, .. } => Some(place.line),
            _ => None,
        })
    }

    /// What to do next.
    pub fn help(&self) -> Vec<String> {
        match &self.kind {
            FaultKind::NotAProgram { .. } => {
                Vec::from(["files that are not executed belong under `data`".into()])
            }
            FaultKind::DirectoryAsFile { .. } => {
                Vec::from(["directories with their contents belong under `data`".into()])
            }
            FaultKind::Missing(missing) => missing_help(missing),
            FaultKind::NotFoundInImage { .. } => Vec::from([
                "let scant write an ld.so.cache (`ld-so-cache: auto`), or set LD_LIBRARY_PATH \
                 under `image: env:`"
                    .into(),
            ]),
            FaultKind::MissingVersion { of, .. } => Vec::from([alloc::format!(
                "take {of} and the file that wants it from inputs that fit together"
            )]),
            FaultKind::WrongPlatform { .. } => Vec::from([
                "name the platform under `platforms`, and give the input a path for each platform"
                    .into(),
            ]),
            FaultKind::Special { .. } => {
                Vec::from(["runtimes make /dev themselves; leave it out with `exclude`".into()])
            }
            _ => Vec::new(),
        }
    }
}

fn missing_help(missing: &MissingName) -> Vec<String> {
    let mut help: Vec<String> =
        missing.elsewhere.iter().map(|place| alloc::format!("{place} has it")).collect();
    if missing.tries.is_empty() && missing.elsewhere.is_empty() {
        help.push("the loader has no directory to look in".into());
    }
    help
}

impl fmt::Display for crate::words::NodeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Directory => f.write_str("a directory"),
            Self::File(_) => f.write_str("a file"),
            Self::Symlink { target } => {
                write!(f, "a symbolic link to `{}`", crate::words::Escaped(target))
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
