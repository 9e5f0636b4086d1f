//! What the core asks of a place that files come from. Backends implement it elsewhere.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::{Escaped, PackageIdentity, Packaged, Record, Stamp, TreePath};

/// The name a manifest gives an input, such as `BUILDROOT`; file references start with it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InputName(Box<str>);

impl InputName {
    /// A name; the manifest's rules about its spelling are checked where the manifest is read.
    pub fn new(name: &str) -> Self {
        Self(name.into())
    }

    /// The input of files beside the manifest.
    pub fn manifest() -> Self {
        Self("manifest".into())
    }

    /// The input of files that scant itself makes (accounts, `ld.so.cache`).
    pub fn scant() -> Self {
        Self("scant".into())
    }

    /// The name as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for InputName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for InputName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A file system that files are taken from. Implementors do the least; following links inside the
/// root, globbing and the closure are written once over this.
///
/// Paths given to it are resolved: every directory above the last component is a real directory.
/// An implementation must not leave its root even when that is not so.
pub trait Input: Sync {
    /// The entry at `path`, links not followed; none when nothing is there.
    ///
    /// # Errors
    /// When the input cannot tell (no permission, a damaged medium).
    fn lookup(&self, path: &TreePath) -> Result<Option<Entry>, InputError>;

    /// The names in the directory at `path`, sorted bytewise, without `.` and `..`.
    ///
    /// # Errors
    /// When `path` is no directory or cannot be read.
    fn list(&self, path: &TreePath) -> Result<Vec<Box<[u8]>>, InputError>;

    /// Opens the regular file at `path` for reading.
    ///
    /// # Errors
    /// When it is not a regular file or cannot be read.
    fn open(&self, path: &TreePath) -> Result<Box<dyn ReadAt>, InputError>;

    /// The whole content of the regular file at `path`, of at most `limit` bytes.
    ///
    /// # Errors
    /// As [`Input::open`], or [`Problem::TooLarge`].
    fn read(&self, path: &TreePath, limit: u64) -> Result<Vec<u8>, InputError> {
        let file = self.open(path)?;
        let size = file.size();
        if size > limit {
            return Err(InputError { path: path.clone(), problem: Problem::TooLarge { limit } });
        }
        let mut content = alloc::vec![0; size as usize];
        let mut filled = 0;
        while filled < content.len() {
            match file.read_at(filled as u64, &mut content[filled..])? {
                0 => return Err(InputError { path: path.clone(), problem: Problem::Changed }),
                count => filled += count,
            }
        }
        Ok(content)
    }

    /// The packages that own these paths, where the input knows.
    fn packages(&self, _paths: &BTreeSet<TreePath>) -> BTreeMap<TreePath, String> {
        BTreeMap::new()
    }

    /// What packages of these names are called in full, where the input knows.
    fn identities(&self, names: &BTreeSet<String>) -> BTreeMap<String, PackageIdentity> {
        let all = self.packaged().map(Packaged::all).unwrap_or_default().iter();
        let identities = all.map(|package| &package.identity);
        let wanted = identities.filter(|identity| names.contains(&identity.name));
        wanted.map(|identity| (identity.name.clone(), identity.clone())).collect()
    }

    /// What a package manager keeps of the packages of these names, or would keep.
    fn records(&self, names: &BTreeSet<String>) -> BTreeMap<String, Record> {
        let Some(packaged) = self.packaged() else { return BTreeMap::new() };
        let mut records = BTreeMap::new();
        for (number, package) in packaged.all().iter().enumerate() {
            let name = &package.identity.name;
            if names.contains(name) && !records.contains_key(name) {
                records.extend(packaged.record(number).map(|record| (name.clone(), record)));
            }
        }
        records
    }

    /// The packages that it is made of, where it is made of whole ones.
    fn packaged(&self) -> Option<&dyn Packaged> {
        None
    }
}

/// An open regular file, read at any offset.
pub trait ReadAt {
    /// The size in bytes when it was opened.
    fn size(&self) -> u64;

    /// Reads at `offset` into `buffer`; 0 means the end of the file.
    ///
    /// # Errors
    /// When the medium fails.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, InputError>;

    /// The stamp as it is now; none when the input has no such notion.
    ///
    /// # Errors
    /// When the medium fails.
    fn stamp(&self) -> Result<Option<Stamp>, InputError> {
        Ok(None)
    }
}

/// What an input has at one path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its type.
    pub kind: EntryKind,
    /// Permission bits, with setuid, setgid and sticky.
    pub mode: u32,
    /// What tells it from other files and from itself after a change; none when the input has no
    /// such notion.
    pub stamp: Option<Stamp>,
}

/// The type of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A regular file of this many bytes.
    File {
        /// Size in bytes.
        size: u64,
    },
    /// A directory.
    Directory,
    /// A symbolic link and the text it holds.
    Symlink {
        /// The text of the link, as it is.
        target: Box<[u8]>,
    },
    /// A device, FIFO or socket: never taken into an image.
    Special(&'static str),
}

impl EntryKind {
    /// The type in words, for messages.
    pub fn describe(&self) -> &'static str {
        match self {
            Self::File { .. } => "a file",
            Self::Directory => "a directory",
            Self::Symlink { .. } => "a symbolic link",
            Self::Special(what) => what,
        }
    }
}

/// A failed question to an input: where, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{path}`: {problem}")]
pub struct InputError {
    /// The path inside the input.
    pub path: TreePath,
    /// What went wrong.
    pub problem: Problem,
}

/// What can go wrong with one path of an input.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// Nothing is there.
    #[error("no such file or directory")]
    NotFound,
    /// A directory was expected.
    #[error("not a directory")]
    NotADirectory,
    /// A regular file was expected.
    #[error("not a regular file but {0}")]
    NotAFile(&'static str),
    /// The kernel refuses.
    #[error("permission denied")]
    PermissionDenied,
    /// More than 40 symbolic links on the way, as the kernel counts.
    #[error("too many levels of symbolic links")]
    LinkLoop,
    /// The file is larger than what reads it accepts.
    #[error("larger than {limit} bytes")]
    TooLarge {
        /// The most that is accepted, in bytes.
        limit: u64,
    },
    /// The file changed while it was read.
    #[error("changed while it was read")]
    Changed,
    /// The input holds a name that no image can hold.
    #[error("a name that cannot be used: {0}")]
    BadName(String),
    /// Any other error of the operating system, in its words.
    #[error("{0}")]
    Other(String),
}

impl InputError {
    /// An error at `path`.
    pub fn new(path: &TreePath, problem: Problem) -> Self {
        Self { path: path.clone(), problem }
    }
}

impl Entry {
    /// The link's text, if this is a symbolic link.
    pub fn link_target(&self) -> Option<&[u8]> {
        match &self.kind {
            EntryKind::Symlink { target } => Some(target),
            _ => None,
        }
    }

    /// A number that two names of one file share (hard links), unique within the input; 0 when the
    /// input has no such notion.
    pub fn identity(&self) -> (u64, u64) {
        self.stamp.map_or((0, 0), |stamp| (stamp.device, stamp.inode))
    }

    /// The size in bytes, if this is a regular file.
    pub fn file_size(&self) -> Option<u64> {
        match self.kind {
            EntryKind::File { size } => Some(size),
            _ => None,
        }
    }

    /// Whether this is a directory.
    pub fn is_directory(&self) -> bool {
        self.kind == EntryKind::Directory
    }
}

impl fmt::Display for EntryKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Symlink { target } => write!(f, "a symbolic link to `{}`", Escaped(target)),
            other => f.write_str(other.describe()),
        }
    }
}
