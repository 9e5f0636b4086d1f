//! Names of files that an image takes: `NAME/path` in an input, or a path beside the manifest.

use alloc::string::String;
use core::fmt;

use crate::words::{InputName, TreePath};

/// A file or directory to take.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reference {
    /// In a declared input.
    Input {
        /// Which.
        input: InputName,
        /// The path inside it.
        path: TreePath,
    },
    /// Beside the manifest: a relative path, from the manifest's directory. It may hold `..`.
    Beside(String),
}

impl Reference {
    /// The input; [`InputName::manifest`] for what lies beside the manifest.
    pub fn input(&self) -> InputName {
        match self {
            Self::Input { input, .. } => input.clone(),
            Self::Beside(_) => InputName::manifest(),
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input { input, path } => write!(f, "{input}{path}"),
            Self::Beside(path) => f.write_str(path),
        }
    }
}
