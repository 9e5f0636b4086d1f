//! What tells whether a file of a server is still the one that was begun.

use crate::net::Response;

/// The header `ETag` or `Last-Modified` of an answer, for `If-Range`.
/// [RFC 9110, 13.1.5](https://www.rfc-editor.org/rfc/rfc9110#section-13.1.5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Validator(String);

/// A longer one is not believed.
const LONGEST: usize = 1 << 10;

impl Validator {
    /// The one of an answer. A weak tag may stand for several contents and is none; a date is one
    /// only where a digest is checked in the end.
    pub(super) fn of(answer: &Response, is_checked: bool) -> Option<Self> {
        let tag = answer.header("etag").filter(|tag| tag.starts_with('"'));
        let date = || answer.header("last-modified").filter(|_| is_checked);
        tag.or_else(date).and_then(Self::parse)
    }

    /// The one of all answers to an address that holds the digest. It is not sent.
    pub(super) fn content() -> Self {
        Self("content".into())
    }

    /// One that was written down.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let is_one = !text.is_empty()
            && text.len() <= LONGEST
            && text.bytes().all(|b| b == b' ' || b.is_ascii_graphic());
        is_one.then(|| Self(text.to_string()))
    }

    /// As it is sent and written down.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}
