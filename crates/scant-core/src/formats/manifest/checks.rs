//! What findings of `scant check` a manifest accepts, and why.

use alloc::string::String;
use alloc::vec::Vec;

use super::Span;
use crate::words::Check;

/// The `checks` section.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checks {
    /// What is accepted, in the order of the text.
    pub allow: Vec<AllowedCheck>,
}

/// A check whose findings are accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowedCheck {
    /// The whole item.
    pub span: Span,
    /// The check.
    pub check: Check,
    /// A valid glob over paths of the image, with the slash at the beginning; none for all paths.
    pub path: Option<String>,
    /// A person's reason, not empty.
    pub reason: String,
}
