//! What goes wrong between a tree and a serde type, and at which node.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use core::fmt;

use serde::de;

use super::{Fault, Node, Span, Value};

/// A fault that first has no place, and then that of the innermost node it passes.
#[derive(Debug)]
pub(super) struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    message: String,
    help: Option<String>,
    missing: Option<&'static str>,
    /// What the visitor wanted, while the node that it got is not known yet.
    expected: Option<String>,
    place: Option<Place>,
}

#[derive(Debug)]
struct Place {
    span: Span,
    id: usize,
    /// It only follows from an earlier fault.
    silent: bool,
}

impl Error {
    fn new(message: String) -> Self {
        Self(Box::new(Inner { message, help: None, missing: None, expected: None, place: None }))
    }

    /// Something else stands where `expected` was expected.
    pub(super) fn unexpected(node: &Node, expected: &dyn fmt::Display) -> Self {
        Self::new(format!("expected {expected}, found {}", node.describe())).at(node, |_| false)
    }

    pub(super) fn with_help(mut self, help: String) -> Self {
        self.0.help = Some(help);
        self
    }

    /// The error at this node, if it has no place yet. `pruned` tells whether a key was there and
    /// has been taken out.
    pub(super) fn at(mut self, node: &Node, pruned: impl Fn(&str) -> bool) -> Self {
        if self.0.place.is_some() {
            return self;
        }
        if let Some(expected) = self.0.expected.take() {
            self.0.message = format!("expected {expected}, found {}", node.describe());
        }
        let span = match (&*node.value, self.0.missing) {
            (Value::Mapping(entries), Some(_)) => {
                entries.first().map_or(node.span, |(key, _)| key.span)
            }
            _ => node.span,
        };
        let silent = self.0.missing.is_some_and(pruned);
        self.0.place = Some(Place { span, id: node.id, silent });
        self
    }

    /// The node to leave out, and the fault to tell.
    pub(super) fn into_parts(self, root: &Node) -> (usize, Option<Fault>) {
        let Inner { message, help, place, .. } = *self.0;
        let place = place.unwrap_or(Place { span: root.span, id: root.id, silent: false });
        let fault = Fault { span: place.span, message, help, also: None };
        (place.id, (!place.silent).then_some(fault))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl core::error::Error for Error {}

impl de::Error for Error {
    /// The first line is the message; what follows, if anything, is the help.
    fn custom<T: fmt::Display>(message: T) -> Self {
        let text = message.to_string();
        match text.split_once('\n') {
            Some((message, help)) => Self::new(message.into()).with_help(help.into()),
            None => Self::new(text),
        }
    }

    fn invalid_type(_: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        let mut error = Self::new(String::new());
        error.0.expected = Some(expected.to_string());
        error
    }

    fn missing_field(field: &'static str) -> Self {
        let mut error = Self::new(format!("`{field}` is missing here"));
        error.0.missing = Some(field);
        error
    }
}
