//! How serde walks through a list, a mapping, a value with its place and the name of a variant.

use core::slice;

use serde::de::value::{BorrowedStrDeserializer, U64Deserializer};
use serde::de::{DeserializeSeed, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor};

use super::Node;
use super::deserialize::Reader;
use super::error::Error;

/// The items of a list that are not left out.
pub(super) struct Items<'de, 'a> {
    pub(super) rest: slice::Iter<'de, Node>,
    pub(super) reader: Reader<'de, 'a>,
}

impl<'de> SeqAccess<'de> for Items<'de, '_> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Error> {
        let reader = self.reader;
        let next = self.rest.find(|node| !reader.is_pruned(node));
        next.map(|node| seed.deserialize(self.reader.at(node))).transpose()
    }
}

/// The entries of a mapping that are known and not left out.
pub(super) struct Pairs<'de, 'a> {
    pub(super) rest: slice::Iter<'de, (Node, Node)>,
    pub(super) value: Option<&'de Node>,
    /// The known keys; none when all are good.
    pub(super) fields: Option<&'static [&'static str]>,
    pub(super) reader: Reader<'de, 'a>,
}

impl<'de> MapAccess<'de> for Pairs<'de, '_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        for (key, value) in self.rest.by_ref() {
            match self.fields {
                Some(fields) if !fields.contains(&key.text()) => {
                    self.reader.record_unknown(key, fields);
                }
                _ if self.reader.is_pruned(key) || self.reader.is_pruned(value) => {}
                _ => {
                    self.value = Some(value);
                    return seed.deserialize(self.reader.at(key)).map(Some);
                }
            }
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        let value = self.value.take().expect("serde asks for a value only after its key");
        seed.deserialize(self.reader.at(value))
    }
}

/// The four numbers of a place, then the value.
pub(super) struct Placed<'de, 'a> {
    pub(super) numbers: core::array::IntoIter<u64, 4>,
    pub(super) reader: Option<Reader<'de, 'a>>,
}

impl<'de> SeqAccess<'de> for Placed<'de, '_> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Error> {
        match self.numbers.next() {
            Some(number) => seed.deserialize(U64Deserializer::new(number)).map(Some),
            None => self.reader.take().map(|reader| seed.deserialize(reader)).transpose(),
        }
    }
}

/// The name of a variant that holds nothing.
pub(super) struct Variant<'de>(pub(super) &'de str);

impl<'de> EnumAccess<'de> for Variant<'de> {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Error> {
        Ok((seed.deserialize(BorrowedStrDeserializer::new(self.0))?, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'de> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, _: T) -> Result<T::Value, Error> {
        Err(serde::de::Error::custom("a variant with a value is not supported"))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Error> {
        Err(serde::de::Error::custom("a variant with a value is not supported"))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Error> {
        Err(serde::de::Error::custom("a variant with a value is not supported"))
    }
}
