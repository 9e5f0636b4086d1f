//! The tree of a text without its places: what two texts are compared by.

use alloc::string::String;
use alloc::vec::Vec;

use super::scalar::ScalarKind;
use super::{Node, Value};

/// A value and nothing about how it is written. Two mappings are equal whatever the order of their
/// keys.
#[derive(Clone, Debug)]
pub(crate) enum Plain {
    /// A scalar, and whether it is a string whatever it looks like.
    Scalar(String, bool),
    /// A sequence.
    List(Vec<Plain>),
    /// A mapping.
    Mapping(Vec<(String, Plain)>),
}

impl Plain {
    /// A string.
    pub(crate) fn string(text: &str) -> Self {
        Self::Scalar(text.into(), true)
    }

    /// The value of a key of a mapping.
    pub(crate) fn get_mut(&mut self, key: &str) -> Option<&mut Self> {
        match self {
            Self::Mapping(entries) => {
                entries.iter_mut().find(|(name, _)| name == key).map(|(_, value)| value)
            }
            _ => None,
        }
    }

    /// The items of a list that is the value of a key; made where there is none.
    pub(crate) fn list_mut(&mut self, key: &str) -> Option<&mut Vec<Self>> {
        if self.get_mut(key).is_none()
            && let Self::Mapping(entries) = self
        {
            entries.push((key.into(), Self::List(Vec::new())));
        }
        let value = self.get_mut(key)?;
        if matches!(value, Self::Scalar(_, false)) {
            *value = Self::List(Vec::new());
        }
        match value {
            Self::List(items) => Some(items),
            _ => None,
        }
    }
}

impl From<&Node> for Plain {
    fn from(node: &Node) -> Self {
        match &*node.value {
            Value::Scalar(scalar) => {
                Self::Scalar(scalar.text.clone(), scalar.kind() == ScalarKind::String)
            }
            Value::List(items) => Self::List(items.iter().map(Self::from).collect()),
            Value::Mapping(entries) => {
                let entry = |(key, value): &(Node, Node)| (key.text().into(), Self::from(value));
                Self::Mapping(entries.iter().map(entry).collect())
            }
        }
    }
}

impl PartialEq for Plain {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Scalar(a, is_a), Self::Scalar(b, is_b)) => a == b && is_a == is_b,
            (Self::List(a), Self::List(b)) => a == b,
            (Self::Mapping(a), Self::Mapping(b)) => {
                let has = |(key, value): &(String, Self)| {
                    b.iter().any(|(name, other)| name == key && other == value)
                };
                a.len() == b.len() && a.iter().all(has)
            }
            _ => false,
        }
    }
}
