//! What is wrong with a plan, and what is worth knowing, as values. Their words are in `text`, what
//! to do about them in `help`.

mod help;
mod text;

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use crate::formats::capabilities::CapabilityError;
use crate::formats::manifest::Span;
use crate::words::{
    AccountKind, Conflict, InputError, InputName, Node, Platform, Relation, Section, TreePath, Why,
};

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
        /// Where the input has a program or library of that name.
        elsewhere: Vec<String>,
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
        /// Where it is in the image, where it is known.
        at: Option<TreePath>,
        /// Whether an `ld.so.cache` would change that.
        cache_helps: bool,
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
    /// A script that names a script as its interpreter, and so on, further than the kernel goes.
    TooManyInterpreters {
        /// The script.
        path: String,
    },
    /// A name that means something else in a layer.
    Whiteout {
        /// The path in the image.
        path: TreePath,
    },
    /// A path that no kernel opens.
    PathTooLong {
        /// The path in the image.
        path: TreePath,
    },
    /// A list that the rule of an accepted suggestion does not have.
    UnknownParameter {
        /// The id.
        id: String,
        /// The name of the list.
        name: String,
        /// The lists that the rule has.
        known: Vec<String>,
    },
    /// A value of a list for which nothing is there.
    UnknownValue {
        /// The id.
        id: String,
        /// The name of the list.
        name: String,
        /// The value.
        value: String,
        /// The values for which something is there.
        known: Vec<String>,
    },
    /// A suggestion that no rule makes.
    UnknownSuggestion {
        /// The id.
        id: String,
        /// The id that was probably meant.
        near: Option<String>,
    },
    /// An owner that neither the manifest nor a package has.
    NoSuchAccount {
        /// What it is of.
        kind: AccountKind,
        /// Its name.
        name: String,
        /// Those that there are.
        known: Vec<String>,
        /// Packages of inputs that have it and are not taken whole, as a manifest names them.
        packages: Vec<String>,
    },
    /// A whole package of an input that is made of files.
    NotOfPackages {
        /// The input.
        input: InputName,
    },
    /// A package that an input does not have.
    NoSuchPackage {
        /// The input.
        input: InputName,
        /// The glob that its name was to match.
        name: String,
        /// The packages that the input has.
        known: Vec<String>,
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
    /// The section of the declaration that brought the first of them.
    pub section: Section,
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

impl FaultKind {
    /// Whether something could not be placed.
    pub(super) fn is_about_a_place(&self) -> bool {
        matches!(self, Self::Conflict(_) | Self::BelowFile { .. } | Self::LinkLoop { .. })
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
}

/// Whether both nodes of a conflict are declared: else at least one comes because something needs
/// it.
pub(super) fn is_between_declarations(conflict: &Conflict) -> bool {
    is_declared(&conflict.first) && is_declared(&conflict.second)
}

fn is_declared(node: &Node) -> bool {
    node.provenance.reasons().any(|why| matches!(why, Why::Declared { .. }))
}
