//! The files of an image as one sees them in a container: all layers, one over the other.

use std::collections::BTreeMap;
use std::fmt;

use scant_core::words::{Escaped, Mode, TreePath};

/// Paths to what is there, sorted depth first. The root itself is not in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing(pub(super) BTreeMap<TreePath, Listed>);

/// One path of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// What it is.
    pub kind: ListedKind,
    /// Permission bits with setuid, setgid and sticky.
    pub mode: Mode,
    /// Numeric owner.
    pub uid: u64,
    /// Numeric group.
    pub gid: u64,
    /// Modification time, seconds since 1970.
    pub mtime: i64,
    /// Extended attributes.
    pub xattrs: BTreeMap<String, Box<[u8]>>,
    /// Where its content is: the layer and the entry of it.
    pub(super) at: (usize, u64),
}

/// What a path of an image is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListedKind {
    /// A directory.
    Directory,
    /// A regular file; of several names the first.
    File {
        /// Size in bytes.
        size: u64,
    },
    /// A symbolic link.
    Symlink {
        /// The text of the link.
        target: Box<[u8]>,
    },
    /// Another name of a file.
    HardLink {
        /// The first of the file's names.
        target: TreePath,
    },
    /// A device or FIFO.
    Special(&'static str),
}

impl Listed {
    /// A directory that something lies in and that no layer lists.
    pub(super) fn implied_directory() -> Self {
        let (kind, mode) = (ListedKind::Directory, Mode::EXECUTABLE);
        Self { kind, mode, uid: 0, gid: 0, mtime: 0, xattrs: BTreeMap::new(), at: (0, 0) }
    }
}

impl Listing {
    /// What is at `path`.
    pub fn get(&self, path: &TreePath) -> Option<&Listed> {
        self.0.get(path)
    }

    /// All paths, each directory right before its contents.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&TreePath, &Listed)> {
        self.0.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing is there.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for ListedKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Directory => f.write_str("directory"),
            Self::File { size } => write!(f, "file {size}"),
            Self::Symlink { target } => write!(f, "link to {}", Escaped(target)),
            Self::HardLink { target } => write!(f, "hard link to {target}"),
            Self::Special(what) => f.write_str(what),
        }
    }
}
