//! Paths that are left out of a comparison.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::words::TreePath;

/// Globs of paths. What is below a directory that matches is left out with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exclude(pub Vec<String>);

impl Exclude {
    /// A glob of paths.
    ///
    /// # Errors
    /// When it is none, in words.
    pub fn glob(text: &str) -> Result<String, String> {
        match fast_glob::validate(text) {
            _ if !text.starts_with('/') => Err("a glob of paths starts with `/`".to_string()),
            Ok(_) => Ok(text.to_string()),
            Err(_) => Err("a bracket or brace is not closed".to_string()),
        }
    }

    /// Whether a path is left out.
    pub fn has(&self, path: &TreePath) -> bool {
        let matches = |path: &TreePath| {
            self.0.iter().any(|glob| fast_glob::glob_match(glob.as_bytes(), path.as_bytes()))
        };
        !self.0.is_empty() && (matches(path) || path.ancestors().any(|above| matches(&above)))
    }
}
