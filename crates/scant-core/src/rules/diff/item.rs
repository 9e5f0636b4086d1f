//! One path of an image, as it is compared. It borrows from whoever read the image.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;

use crate::words::{DiffId, Mode, TreePath};

/// One path of an image.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Item<'a> {
    /// What it is.
    pub kind: Kind<'a>,
    /// Permission bits with setuid, setgid and sticky.
    pub mode: Mode,
    /// Numeric owner.
    pub uid: u64,
    /// Numeric group.
    pub gid: u64,
    /// Extended attributes by full name; none when the image cannot tell.
    pub xattrs: &'a BTreeMap<String, Box<[u8]>>,
    /// Modification time, seconds since 1970; none when it does not count.
    pub mtime: Option<i64>,
}

/// What a path is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind<'a> {
    /// A directory.
    Directory,
    /// A regular file.
    File {
        /// Size in bytes.
        size: u64,
        /// What is known of its content without reading it.
        identity: Option<Identity>,
    },
    /// A symbolic link.
    Symlink {
        /// The text of the link.
        target: &'a [u8],
    },
    /// Another name of a regular file.
    HardLink {
        /// The file's own name.
        target: &'a TreePath,
    },
    /// A device or FIFO.
    Special(&'static str),
}

/// An entry of a layer: where layer and number are the same, so is the content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The layer.
    pub layer: DiffId,
    /// The number of the entry in it.
    pub number: u64,
}

impl Kind<'_> {
    /// In words. A second name of a file is a file as well.
    pub fn describe(&self) -> &'static str {
        match self {
            Self::Directory => "a directory",
            Self::File { .. } | Self::HardLink { .. } => "a file",
            Self::Symlink { .. } => "a symbolic link",
            Self::Special(what) => what,
        }
    }
}
