//! The tree that a YAML text stands for.

use alloc::rc::Rc;
use alloc::vec::Vec;

use super::Span;
use super::scalar::{Scalar, ScalarKind};

/// A value with its place. Cloning is cheap: aliases share what their anchor names.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    /// Unlike that of every other node of the tree, but for what aliases share.
    pub(super) id: usize,
    /// Where it is written; for an alias, where the alias is.
    pub(crate) span: Span,
    /// What it is.
    pub(crate) value: Rc<Value>,
    /// Levels of collections in it: 0 for a scalar.
    pub(super) height: usize,
    /// Nodes and bytes of text in it, aliases counted as if they were written out.
    pub(super) weight: usize,
}

/// What a node is.
#[derive(Debug)]
pub(crate) enum Value {
    /// A text, number, boolean or nothing.
    Scalar(Scalar),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping, in the order of the text, no key twice. Keys are scalars.
    Mapping(Vec<(Node, Node)>),
}

impl Node {
    /// The type in YAML's words, for messages.
    pub(super) fn describe(&self) -> &'static str {
        match &*self.value {
            Value::List(_) => "a list",
            Value::Mapping(_) => "a mapping",
            Value::Scalar(scalar) => match scalar.kind() {
                ScalarKind::Null => "nothing",
                ScalarKind::Boolean(_) => "a boolean",
                ScalarKind::Integer | ScalarKind::Float => "a number",
                ScalarKind::String => "a string",
            },
        }
    }

    /// The scalar, if it is one.
    pub(super) fn scalar(&self) -> Option<&Scalar> {
        match &*self.value {
            Value::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// Whether nothing is written here.
    pub(super) fn is_null(&self) -> bool {
        self.scalar().is_some_and(|scalar| scalar.kind() == ScalarKind::Null)
    }

    /// The text of a key; empty for what is no scalar.
    pub(crate) fn text(&self) -> &str {
        self.scalar().map_or("", |scalar| &scalar.text)
    }
}
