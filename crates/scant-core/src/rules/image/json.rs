//! Documents looked at member by member, so that one wrong member does not hide the others. Typed
//! reading, which stops at the first fault, is in `formats::oci`.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::{MismatchKind, Report};

/// An object of a document: where it is, and its members.
#[derive(Clone, Copy)]
pub(super) struct Object<'a> {
    pub(super) place: &'a str,
    pub(super) members: &'a Map<String, Value>,
}

/// Reads a document that is JSON: one value, and no object with two members of one name, of which
/// one reader takes the first and another the last.
pub(super) fn parse(bytes: &[u8], place: &str, report: &mut Report) -> Option<Value> {
    match serde_json::from_slice::<Strict>(bytes) {
        Ok(Strict(value)) => Some(value),
        Err(error) => {
            report.mismatch(MismatchKind::Document, place, "JSON", error);
            None
        }
    }
}

/// The value as an object.
pub(super) fn object<'a>(
    value: &'a Value,
    place: &'a str,
    report: &mut Report,
) -> Option<Object<'a>> {
    match value {
        Value::Object(members) => Some(Object { place, members }),
        other => {
            report.mismatch(MismatchKind::Document, place, "an object", shown(Some(other)));
            None
        }
    }
}

impl<'a> Object<'a> {
    /// The member of this name; `null` counts as absent, as consumers read it.
    pub(super) fn get(&self, name: &str) -> Option<&'a Value> {
        self.members.get(name).filter(|value| !value.is_null())
    }

    /// Where the member is.
    pub(super) fn at(&self, name: &str) -> String {
        let separator = if self.place.contains(": ") { "." } else { ": " };
        format!("{}{separator}{name}", self.place)
    }

    /// Says that a member is not what it should be.
    pub(super) fn wrong(
        &self,
        report: &mut Report,
        kind: MismatchKind,
        name: &str,
        expected: &str,
    ) {
        report.mismatch(kind, self.at(name), expected, shown(self.get(name)));
    }

    /// The text of a member; none when it is absent or, which is said, no text.
    pub(super) fn text(&self, name: &str, report: &mut Report) -> Option<&'a str> {
        let value = self.get(name)?;
        if value.as_str().is_none() {
            self.wrong(report, MismatchKind::Document, name, "a text");
        }
        value.as_str()
    }

    /// The elements of a member that is a list; none for what is absent or no list.
    pub(super) fn list(&self, name: &str, report: &mut Report) -> Option<&'a [Value]> {
        let value = self.get(name)?;
        if value.as_array().is_none() {
            self.wrong(report, MismatchKind::Document, name, "a list");
        }
        value.as_array().map(Vec::as_slice)
    }

    /// A member that maps texts to texts.
    pub(super) fn texts(&self, name: &str, report: &mut Report) -> BTreeMap<String, String> {
        let mut texts = BTreeMap::new();
        match self.get(name) {
            None => {}
            Some(Value::Object(members)) => {
                for (key, value) in members {
                    match value.as_str() {
                        Some(text) => {
                            texts.insert(key.clone(), text.to_string());
                        }
                        None => {
                            let place = format!("{}.{key}", self.at(name));
                            let found = shown(Some(value));
                            report.mismatch(MismatchKind::Document, place, "a text", found);
                        }
                    }
                }
            }
            Some(_) => self.wrong(report, MismatchKind::Document, name, "an object of texts"),
        }
        texts
    }

    /// Checks that a member is this number.
    pub(super) fn is_number(&self, name: &str, number: u64, report: &mut Report) {
        if self.get(name).and_then(Value::as_u64) != Some(number) {
            self.wrong(report, MismatchKind::Document, name, &number.to_string());
        }
    }
}

/// A value as a mismatch shows it.
pub(super) fn shown(value: Option<&Value>) -> String {
    match value {
        None => "nothing".to_string(),
        // A long list or object says no more than what it is.
        Some(Value::Array(elements)) if !elements.is_empty() => "a list".to_string(),
        Some(Value::Object(members)) if !members.is_empty() => "an object".to_string(),
        Some(value) => value.to_string(),
    }
}

/// A JSON value without two members of one name in any object.
struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Strict;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Strict, E> {
        Ok(Strict(Value::Bool(value)))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Strict, E> {
        Ok(Strict(Value::Number(value.into())))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Strict, E> {
        Ok(Strict(Value::Number(value.into())))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Strict, E> {
        Ok(Strict(Number::from_f64(value).map_or(Value::Null, Value::Number)))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Strict, E> {
        Ok(Strict(Value::String(value.to_string())))
    }

    fn visit_unit<E: de::Error>(self) -> Result<Strict, E> {
        Ok(Strict(Value::Null))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Strict, A::Error> {
        let mut elements = Vec::new();
        while let Some(Strict(element)) = sequence.next_element()? {
            elements.push(element);
        }
        Ok(Strict(Value::Array(elements)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Strict, A::Error> {
        let mut members = Map::new();
        while let Some((name, Strict(value))) = map.next_entry::<String, Strict>()? {
            if members.contains_key(&name) {
                return Err(de::Error::custom(format!("the member `{name}` twice")));
            }
            members.insert(name, value);
        }
        Ok(Strict(Value::Object(members)))
    }
}
