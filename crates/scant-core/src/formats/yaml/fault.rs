//! What is wrong with a text, and where.

use alloc::string::String;
use core::fmt;

use super::Span;
use crate::words::Escaped;

/// One thing that is wrong with a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where.
    pub span: Span,
    /// What is wrong, in one sentence.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// A second place that has to do with it, such as the first of two definitions, and its label.
    pub also: Option<(Span, String)>,
}

impl Fault {
    /// A fault without help or second place.
    pub fn new(span: Span, message: impl Into<String>) -> Self {
        Self { span, message: message.into(), help: None, also: None }
    }

    /// The fault with a word on what to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The fault with a second place.
    #[must_use]
    pub fn also(mut self, span: Span, label: impl Into<String>) -> Self {
        self.also = Some((span, label.into()));
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.span, self.message)
    }
}

impl core::error::Error for Fault {}

/// A text of the user as messages show it: on one line, and not longer than a line.
pub(crate) fn shown(text: &str) -> String {
    const LONGEST: usize = 80;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => alloc::format!("{}…", Escaped(&text.as_bytes()[..end])),
        None => alloc::format!("{}", Escaped(text.as_bytes())),
    }
}
