//! serde over the tree. A fault does not end the reading: the node that has it is left out and
//! the tree is read again, so that one run finds all faults.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::RefCell;

use serde::de::{Deserialize, Deserializer, Expected, Visitor};

use super::access::{Items, Pairs, Placed, Variant};
use super::error::Error;
use super::forms::{FORM, SPANNED, TEXT};
use super::scalar::ScalarKind;
use super::{Fault, Node, Span, Value, list_of, nearest, shown};

/// With this many faults more of them do not help; each costs a reading of the whole tree.
const FAULT_LIMIT: usize = 50;

/// The value of a tree, as far as it has one, and all faults on the way. What has a fault is
/// missing from the value.
pub(crate) fn deserialize<'a, T: Deserialize<'a>>(root: &'a Node) -> (Option<T>, Vec<Fault>) {
    let mut pruned = BTreeSet::new();
    let mut faults = Vec::new();
    let unknown = RefCell::new(BTreeMap::new());
    let value = loop {
        let reader = Reader { node: root, context: Context { pruned: &pruned, unknown: &unknown } };
        match T::deserialize(reader) {
            Ok(value) => break Some(value),
            Err(error) => {
                let (id, fault) = error.into_parts(root);
                faults.extend(fault);
                if id == root.id || faults.len() >= FAULT_LIMIT || !pruned.insert(id) {
                    break None;
                }
            }
        }
    };
    faults.extend(unknown.into_inner().into_values());
    (value, faults)
}

/// What all readers of one run share.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    /// Nodes to leave out.
    pruned: &'a BTreeSet<usize>,
    /// Unknown keys by their node.
    unknown: &'a RefCell<BTreeMap<usize, Fault>>,
}

/// A node that serde reads from.
#[derive(Clone, Copy)]
pub(super) struct Reader<'de, 'a> {
    node: &'de Node,
    context: Context<'a>,
}

impl<'de, 'a> Reader<'de, 'a> {
    pub(super) fn at(self, node: &'de Node) -> Self {
        Self { node, ..self }
    }

    pub(super) fn is_pruned(self, node: &Node) -> bool {
        self.context.pruned.contains(&node.id)
    }

    /// Gives an error that has no place yet this node's.
    fn place<T>(self, result: Result<T, Error>) -> Result<T, Error> {
        result.map_err(|error| {
            error.at(self.node, |field| match &*self.node.value {
                Value::Mapping(entries) => {
                    entries.iter().any(|(key, value)| key.text() == field && self.is_pruned(value))
                }
                _ => false,
            })
        })
    }

    /// Something else than a string where a string was expected.
    fn no_string(self, expected: &dyn core::fmt::Display) -> Error {
        let error = Error::unexpected(self.node, expected);
        match self.node.scalar() {
            Some(_) if self.node.is_null() => {
                error.with_help("for an empty string, write \"\"".into())
            }
            Some(scalar) => error.with_help(format!("quote it: \"{}\"", shown(&scalar.text))),
            None => error,
        }
    }

    fn string(self) -> Option<&'de str> {
        let scalar = self.node.scalar()?;
        (scalar.kind() == ScalarKind::String).then_some(&*scalar.text)
    }

    fn unsigned(self, most: u64) -> Result<u64, Error> {
        let expected = format!("a whole number from 0 to {most}");
        let scalar = self.node.scalar();
        match scalar.and_then(|scalar| scalar.unsigned()) {
            Some(number) if number <= most => Ok(number),
            _ => match scalar.map(|scalar| scalar.kind()) {
                Some(ScalarKind::Integer | ScalarKind::Float) => {
                    let found = shown(self.node.text());
                    let message = format!("expected {expected}, found {found}");
                    self.place(Err(serde::de::Error::custom(message)))
                }
                _ => Err(Error::unexpected(self.node, &expected)),
            },
        }
    }

    fn items(self) -> Result<Items<'de, 'a>, Error> {
        match &*self.node.value {
            Value::List(items) => Ok(Items { rest: items.iter(), reader: self }),
            _ if self.node.is_null() => Ok(Items { rest: [].iter(), reader: self }),
            _ => {
                let error = Error::unexpected(self.node, &"a list");
                Err(match self.node.scalar() {
                    Some(scalar) if !matches!(scalar.kind(), ScalarKind::Boolean(_)) => {
                        error.with_help(as_list(&scalar.text))
                    }
                    _ => error,
                })
            }
        }
    }

    fn entries(self, fields: Option<&'static [&'static str]>) -> Result<Pairs<'de, 'a>, Error> {
        let entries: &[_] = match &*self.node.value {
            Value::Mapping(entries) => entries,
            _ if self.node.is_null() => &[],
            _ => {
                let error = Error::unexpected(self.node, &"a mapping");
                return Err(match as_mapping(self.node, fields) {
                    Some(help) => error.with_help(help),
                    None => error,
                });
            }
        };
        Ok(Pairs { rest: entries.iter(), value: None, fields, reader: self })
    }

    pub(super) fn record_unknown(self, key: &Node, fields: &[&'static str]) {
        let text = key.text();
        let mut fault = Fault::new(key.span, format!("unknown key `{}`", shown(text)));
        let known = format!("known keys here: {}", list_of(fields.iter().copied()));
        fault.help = Some(match nearest(text, fields.iter().copied()) {
            Some(near) => format!("did you mean `{near}`? {known}"),
            None => known,
        });
        self.context.unknown.borrow_mut().insert(key.id, fault);
    }
}

impl<'de> Deserializer<'de> for Reader<'de, '_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let result = match &*self.node.value {
            Value::List(_) => visitor.visit_seq(self.items()?),
            Value::Mapping(_) => visitor.visit_map(self.entries(None)?),
            Value::Scalar(scalar) => match scalar.kind() {
                ScalarKind::Null => visitor.visit_unit(),
                ScalarKind::Boolean(value) => visitor.visit_bool(value),
                ScalarKind::String => visitor.visit_borrowed_str(&scalar.text),
                ScalarKind::Integer | ScalarKind::Float => match scalar.unsigned() {
                    Some(number) => visitor.visit_u64(number),
                    None => visitor.visit_f64(scalar.text.parse().unwrap_or(f64::NAN)),
                },
            },
        };
        self.place(result)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        let result = match name {
            SPANNED => {
                let Span { start, end, line, column } = self.node.span;
                let numbers = [start as u64, end as u64, line.into(), column.into()].into_iter();
                visitor.visit_seq(Placed { numbers, reader: Some(self) })
            }
            TEXT => match self.node.scalar() {
                Some(scalar) if !self.node.is_null() => visitor.visit_borrowed_str(&scalar.text),
                _ => return Err(self.no_string(&(&visitor as &dyn Expected))),
            },
            FORM => match (self.string(), &*self.node.value) {
                (Some(text), _) => visitor.visit_borrowed_str(text),
                (None, Value::Mapping(_)) => visitor.visit_newtype_struct(self),
                _ => return Err(self.no_string(&(&visitor as &dyn Expected))),
            },
            _ => visitor.visit_newtype_struct(self),
        };
        self.place(result)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.node.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.node.scalar().map(|scalar| scalar.kind()) {
            Some(ScalarKind::Boolean(value)) => self.place(visitor.visit_bool(value)),
            _ => Err(Error::unexpected(self.node, &"`true` or `false`")),
        }
    }

    fn deserialize_i32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.node.text().parse::<i32>() {
            Ok(number)
                if self
                    .node
                    .scalar()
                    .is_some_and(|scalar| scalar.kind() == ScalarKind::Integer) =>
            {
                self.place(visitor.visit_i32(number))
            }
            _ => Err(Error::unexpected(self.node, &"a whole number")),
        }
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let number = self.unsigned(u32::MAX.into())?;
        self.place(visitor.visit_u64(number))
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let number = self.unsigned(u64::MAX)?;
        self.place(visitor.visit_u64(number))
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.string() {
            Some(text) => self.place(visitor.visit_borrowed_str(text)),
            None => Err(self.no_string(&"a string")),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.place(visitor.visit_borrowed_str(self.node.text()))
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let items = self.items()?;
        self.place(visitor.visit_seq(items))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let entries = self.entries(None)?;
        self.place(visitor.visit_map(entries))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let entries = self.entries(Some(fields))?;
        self.place(visitor.visit_map(entries))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let expected = || format!("one of {}", list_of(variants.iter().copied()));
        match self.string() {
            Some(text) if variants.contains(&text) => self.place(visitor.visit_enum(Variant(text))),
            Some(text) => {
                let message = format!("expected {}, found `{}`", expected(), shown(text));
                let near = nearest(text, variants.iter().copied());
                let help = near.map_or_else(alloc::string::String::new, |near| {
                    format!("\ndid you mean `{near}`?")
                });
                self.place(Err(serde::de::Error::custom(message + &help)))
            }
            None => Err(Error::unexpected(self.node, &expected())),
        }
    }

    serde::forward_to_deserialize_any! {
        i8 i16 i64 i128 u8 u16 u128 f32 f64 char bytes byte_buf unit unit_struct tuple
        tuple_struct ignored_any
    }
}

/// How one text is written where a list is expected.
fn as_list(text: &str) -> String {
    let text = shown(text);
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/_.+-".contains(c);
    let item = if text.chars().all(is_plain) { text } else { format!("\"{text}\"") };
    format!("a list of one item is written [{item}]")
}

/// How a mapping is written that stands there as something else.
fn as_mapping(node: &Node, fields: Option<&[&str]>) -> Option<String> {
    match (&*node.value, fields) {
        (Value::List(items), None) => {
            let first = items.first().and_then(Node::scalar).map(|scalar| &*scalar.text);
            let (name, value) = first?.split_once('=')?;
            let (name, value) = (shown(name), shown(value));
            Some(format!("write `NAME: value`, not a list: {{{name}: \"{value}\"}}"))
        }
        (Value::Scalar(_), Some(fields)) => {
            let known = list_of(fields.iter().copied());
            Some(format!("as in {{{}: ...}}; known keys here: {known}", fields.first()?))
        }
        _ => None,
    }
}
