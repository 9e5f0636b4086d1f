//! The shapes that serde's own types do not have: a value with its place, a text whatever it looks
//! like, a short or a long form, a mapping with places of its keys. The deserializer of this
//! module knows them by name; no other deserializer does.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::{Span, Spanned};

/// Asks for the four numbers of a place and the value.
pub(super) const SPANNED: &str = "$scant::spanned";
/// Asks for a scalar's text, also when it is a number or boolean.
pub(super) const TEXT: &str = "$scant::text";
/// Asks for a string or, as a newtype, for a collection.
pub(crate) const FORM: &str = "$scant::form";

/// The text of a string, number or boolean as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Text(pub(crate) String);

/// A value that can be written as a string or in full.
#[derive(Clone, Debug)]
pub(crate) enum Form<T> {
    /// As a string.
    Short(String),
    /// In full.
    Long(Box<T>),
}

/// A mapping with free keys, in the order of the text.
#[derive(Clone, Debug)]
pub(crate) struct Entries<T>(pub(crate) Vec<(Spanned<String>, T)>);

impl<T> Default for Entries<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Spanned<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Read<T> {
            type Value = Spanned<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value with its place")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Spanned<T>, A::Error> {
                let absent = || A::Error::custom("a place has four numbers");
                let mut number = || parts.next_element::<u64>()?.ok_or_else(absent);
                let [start, end, line, column] = [number()?, number()?, number()?, number()?];
                let span = Span {
                    start: usize::try_from(start).map_err(A::Error::custom)?,
                    end: usize::try_from(end).map_err(A::Error::custom)?,
                    line: u32::try_from(line).map_err(A::Error::custom)?,
                    column: u32::try_from(column).map_err(A::Error::custom)?,
                };
                let value = parts.next_element()?.ok_or_else(absent)?;
                Ok(Spanned { value, span })
            }
        }

        deserializer.deserialize_newtype_struct(SPANNED, Read(PhantomData))
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;

        impl Visitor<'_> for Read {
            type Value = Text;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Text, E> {
                Ok(Text(text.into()))
            }
        }

        deserializer.deserialize_newtype_struct(TEXT, Read)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Form<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Read<T> {
            type Value = Form<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or a mapping")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Form<T>, E> {
                Ok(Form::Short(text.into()))
            }

            fn visit_newtype_struct<D: Deserializer<'de>>(
                self,
                deserializer: D,
            ) -> Result<Form<T>, D::Error> {
                T::deserialize(deserializer).map(|value| Form::Long(Box::new(value)))
            }
        }

        deserializer.deserialize_newtype_struct(FORM, Read(PhantomData))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Entries<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Read<T> {
            type Value = Entries<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a mapping")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries<T>, A::Error> {
                let mut entries = Vec::new();
                while let Some((key, value)) = map.next_entry::<Spanned<Text>, T>()? {
                    entries.push((key.map(|text| text.0), value));
                }
                Ok(Entries(entries))
            }
        }

        deserializer.deserialize_map(Read(PhantomData))
    }
}
