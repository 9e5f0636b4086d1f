//! One entry of an image's tree, without its bytes.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use core::fmt;
use core::str::FromStr;

use super::{InputName, Provenance, Stamp, TreePath};

/// A file, directory or link of the image, with the reason it is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// What it is.
    pub kind: NodeKind,
    /// Owner, mode, extended attributes.
    pub meta: Meta,
    /// Where it came from and why.
    pub provenance: Provenance,
}

/// What a node is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NodeKind {
    /// A directory.
    Directory,
    /// A regular file.
    File(FileContent),
    /// A symbolic link holding this text.
    Symlink {
        /// The text of the link, as it is written into the image.
        target: Box<[u8]>,
    },
    /// Another name of the regular file at `target`.
    HardLink {
        /// The path in the image of the file that has the content.
        target: TreePath,
    },
}

/// Where a file's bytes are read when the layer is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileContent {
    /// Input and path.
    pub content: Content,
    /// Size in bytes when the plan was made.
    pub size: u64,
    /// The stamp when the plan was made, if the input has stamps.
    pub stamp: Option<Stamp>,
}

/// A reference to bytes: never the bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Content {
    /// The input that has them.
    pub input: InputName,
    /// The resolved path inside that input.
    pub path: TreePath,
}

/// Owner, mode and extended attributes of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meta {
    /// Permission bits with setuid, setgid and sticky.
    pub mode: Mode,
    /// Numeric owner.
    pub uid: u32,
    /// Numeric group.
    pub gid: u32,
    /// Extended attributes by full name (`security.capability`, `user.…`), raw values.
    pub xattrs: BTreeMap<String, Box<[u8]>>,
}

impl Meta {
    /// Owner 0:0, this mode, no extended attributes: what everything has that says nothing else.
    pub fn new(mode: Mode) -> Self {
        Self { mode, uid: 0, gid: 0, xattrs: BTreeMap::new() }
    }
}

/// Permission bits, at most `07777`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mode(u32);

/// A text that is not a mode.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a mode: one to four octal digits were expected, such as \"0755\"")]
pub struct ModeError(pub String);

impl Mode {
    /// Directories and executables, if nothing else is said.
    pub const EXECUTABLE: Self = Self(0o755);
    /// Other files, if nothing else is said.
    pub const FILE: Self = Self(0o644);
    /// Symbolic links: Linux ignores it, and archives agree on this.
    pub const SYMLINK: Self = Self(0o777);

    /// The permission bits of a number; higher bits (the file type) are dropped.
    pub fn from_bits(bits: u32) -> Self {
        Self(bits & 0o7777)
    }

    /// The bits.
    pub fn bits(self) -> u32 {
        self.0
    }

    /// Whether anybody may execute it.
    pub fn is_executable(self) -> bool {
        self.0 & 0o111 != 0
    }
}

impl FromStr for Mode {
    type Err = ModeError;

    fn from_str(text: &str) -> Result<Self, ModeError> {
        let digits = text.strip_prefix("0o").unwrap_or(text);
        let octal = !digits.is_empty() && digits.bytes().all(|b| (b'0'..=b'7').contains(&b));
        match u32::from_str_radix(digits, 8) {
            Ok(bits) if octal && bits <= 0o7777 => Ok(Self(bits)),
            _ => Err(ModeError(text.to_string())),
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04o}", self.0)
    }
}

impl fmt::Debug for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_are_octal_text() {
        for (text, shown) in [("0755", "0755"), ("1777", "1777"), ("644", "0644"), ("0", "0000")] {
            assert_eq!(text.parse::<Mode>().unwrap().to_string(), shown);
        }
        for text in ["", "8", "0x1", "10000", "rwx", "+7", "-1"] {
            assert_eq!(text.parse::<Mode>(), Err(ModeError(text.into())));
        }
    }
}
