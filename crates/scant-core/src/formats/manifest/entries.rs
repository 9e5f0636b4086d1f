//! What a manifest puts into the tree: one type for each section.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use super::{Reference, Span, Spanned};
use crate::words::{InputName, Mode, TreePath};

/// A program, which brings its interpreter and its libraries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binary {
    /// The whole item.
    pub span: Span,
    /// The file.
    pub from: Reference,
    /// Where it goes.
    pub to: Destination,
    /// Permission bits, if not the default.
    pub mode: Option<Mode>,
    /// Owner, if not 0:0.
    pub owner: Option<Owner>,
    /// File capabilities as text.
    pub capabilities: Vec<Spanned<String>>,
    /// Extended attributes.
    pub xattrs: BTreeMap<String, String>,
    /// Libraries it opens at run time, by soname or path.
    pub libraries: Vec<Spanned<String>>,
    /// A person's reason.
    pub why: Option<String>,
}

/// A file that is no program, or a directory with what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Data {
    /// The whole item.
    pub span: Span,
    /// The file or directory.
    pub from: Reference,
    /// Where it goes.
    pub to: Destination,
    /// Permission bits of files, if not the default.
    pub mode: Option<Mode>,
    /// Permission bits of directories, if not the default.
    pub directory_mode: Option<Mode>,
    /// Owner, if not 0:0.
    pub owner: Option<Owner>,
    /// File capabilities as text.
    pub capabilities: Vec<Spanned<String>>,
    /// Extended attributes.
    pub xattrs: BTreeMap<String, String>,
    /// Valid globs, relative to `from`; empty means everything.
    pub include: Vec<Spanned<String>>,
    /// Valid globs, relative to `from`.
    pub exclude: Vec<Spanned<String>>,
    /// What is done with ELF files in it.
    pub elf: Elf,
    /// A person's reason.
    pub why: Option<String>,
}

/// Packages that are taken whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WholePackage {
    /// The whole item.
    pub span: Span,
    /// The input that is made of packages.
    pub input: InputName,
    /// A glob of the names of packages.
    pub name: Spanned<String>,
    /// Globs of paths without the slash at the start; empty means everything.
    pub include: Vec<Spanned<String>>,
    /// Globs of paths without the slash at the start.
    pub exclude: Vec<Spanned<String>>,
    /// What is done with ELF files in it.
    pub elf: Elf,
    /// A person's reason.
    pub why: Option<String>,
}

/// A directory of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directory {
    /// The whole item.
    pub span: Span,
    /// The directory.
    pub path: TreePath,
    /// Permission bits, if not 0755.
    pub mode: Option<Mode>,
    /// Owner, if not 0:0.
    pub owner: Option<Owner>,
    /// Extended attributes.
    pub xattrs: BTreeMap<String, String>,
    /// A person's reason.
    pub why: Option<String>,
}

/// A symbolic link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symlink {
    /// The whole item.
    pub span: Span,
    /// The text of the link: not empty, perhaps relative to the link's directory.
    pub target: String,
    /// The link itself.
    pub link: TreePath,
    /// Owner, if not 0:0.
    pub owner: Option<Owner>,
    /// A person's reason.
    pub why: Option<String>,
}

/// A second name of a regular file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HardLink {
    /// The whole item.
    pub span: Span,
    /// The file that is there already.
    pub target: TreePath,
    /// Its other name.
    pub link: TreePath,
    /// A person's reason.
    pub why: Option<String>,
}

/// Where a file goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    /// The path in the image.
    pub path: TreePath,
    /// Whether it was written with a slash at the end: a file then goes into that directory under
    /// its own name.
    pub into: bool,
}

/// An owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// What is known from the manifest alone.
    Numbers {
        /// User.
        uid: u32,
        /// Group.
        gid: u32,
    },
    /// With a name that only whole packages may have.
    Named {
        /// User, by name or number.
        user: String,
        /// Group, likewise; none for the user's own.
        group: Option<String>,
    },
}

/// What is done with ELF files in a data directory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Elf {
    /// They bring what they need.
    #[default]
    Close,
    /// They are files like others.
    Ignore,
}

/// Whether an image gets an `ld.so.cache`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LdSoCache {
    /// If a library would not be found without it.
    #[default]
    Auto,
    /// If the image's loader reads one.
    Always,
    /// In no case.
    Never,
}
