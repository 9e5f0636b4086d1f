//! A root file system as a container sees it: an input that also tells owners and modes.

use super::{Input, InputError, Meta, TreePath};

/// The files of an image, or of what will become one.
pub trait Root: Input {
    /// Owner, mode and extended attributes of what is at `path`, links not followed; none when
    /// nothing is there. The root directory always has some.
    ///
    /// # Errors
    /// When the root cannot tell.
    fn meta(&self, path: &TreePath) -> Result<Option<Meta>, InputError>;
}
