//! Versions of Alpine packages and their order, which is that of apk-tools:
//! `DIGITS{.DIGITS}[LETTER]{_SUFFIX[DIGITS]}[~HASH][-rDIGITS]`.
//! [apk-package(5)](https://gitlab.alpinelinux.org/alpine/apk-tools/-/blob/master/doc/apk-package.5.scd).
//! A number may follow the letter, as apk-tools had it before version 2.14: there are packages of
//! that time with such versions.

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::fmt;
use core::str::FromStr;

use crate::words::Escaped;

/// A version. Two that are equal may be written in different ways.
#[derive(Clone, Debug)]
pub struct Version {
    text: Box<str>,
}

/// A text that is no version.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{}` is not a version of an Alpine package: `1.2.3a_rc1-r0` is one",
    Escaped(.0.as_bytes())
)]
pub struct VersionError(pub String);

/// The parts of a version, in the order in which they may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    First,
    Number,
    Letter,
    Suffix,
    SuffixNumber,
    Hash,
    Revision,
    End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Part<'a> {
    kind: Kind,
    text: &'a str,
}

/// What a suffix says, from the oldest to the newest; without any lies between `rc` and `cvs`.
const SUFFIXES: [&str; 10] = ["alpha", "beta", "pre", "rc", "", "cvs", "svn", "git", "hg", "p"];
const NO_SUFFIX: usize = 4;

impl Version {
    /// As written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether this version is `other` or a later form of it, as `~` means: all parts that `other`
    /// has are the same.
    pub fn is_like(&self, other: &Self) -> bool {
        compare(&self.text, &other.text, true) == Ordering::Equal
    }
}

/// Takes the next part, which comes after one of this kind. None if there is none such.
fn next<'a>(before: Kind, rest: &mut &'a str) -> Option<Part<'a>> {
    let take = |kind, skip: usize, count: usize, rest: &mut &'a str| {
        let text = rest.get(skip..skip + count).filter(|text| !text.is_empty())?;
        *rest = &rest[skip + count..];
        Some(Part { kind, text })
    };
    let count = |skip: usize, is: fn(u8) -> bool, rest: &str| {
        rest.bytes().skip(skip).take_while(|b| is(*b)).count()
    };
    let digits = |skip, rest: &str| count(skip, |b| b.is_ascii_digit(), rest);
    match rest.bytes().next() {
        None => Some(Part { kind: Kind::End, text: "" }),
        Some(b'.') if before <= Kind::Number => take(Kind::Number, 1, digits(1, rest), rest),
        Some(b'a'..=b'z') if before <= Kind::Number => take(Kind::Letter, 0, 1, rest),
        Some(b'_') if before <= Kind::SuffixNumber => {
            let length = count(1, |b| b.is_ascii_lowercase(), rest);
            let part = take(Kind::Suffix, 1, length, rest)?;
            SUFFIXES.contains(&part.text).then_some(part)
        }
        Some(b'0'..=b'9') if before == Kind::Suffix => {
            take(Kind::SuffixNumber, 0, digits(0, rest), rest)
        }
        Some(b'0'..=b'9') if before == Kind::Letter => take(Kind::Number, 0, digits(0, rest), rest),
        Some(b'~') if before < Kind::Hash => {
            let is_hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
            take(Kind::Hash, 1, count(1, is_hex, rest), rest)
        }
        Some(b'-') if before < Kind::Revision && rest.starts_with("-r") => {
            take(Kind::Revision, 2, digits(2, rest), rest)
        }
        _ => None,
    }
}

fn parts(text: &str) -> Option<Vec<Part<'_>>> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let first = Part { kind: Kind::First, text: text.get(..digits).filter(|t| !t.is_empty())? };
    let (mut rest, mut all) = (&text[digits..], alloc::vec![first]);
    loop {
        let part = next(all.last()?.kind, &mut rest)?;
        all.push(part);
        if part.kind == Kind::End {
            return Some(all);
        }
    }
}

fn compare(a: &str, b: &str, is_fuzzy: bool) -> Ordering {
    // Both were read once, so that both have parts.
    let (a, b) = (parts(a).unwrap_or_default(), parts(b).unwrap_or_default());
    for (a, b) in a.iter().zip(&b) {
        if a.kind != b.kind {
            return match (a.kind, b.kind) {
                (_, Kind::End) if is_fuzzy => Ordering::Equal,
                // Who goes on with `_rc` or older comes before who ends there.
                (Kind::Suffix, _) if is_before_release(a) => Ordering::Less,
                (_, Kind::Suffix) if is_before_release(b) => Ordering::Greater,
                (a, b) => b.cmp(&a),
            };
        }
        let order = compare_parts(a, b);
        if order != Ordering::Equal {
            return order;
        }
    }
    Ordering::Equal
}

fn is_before_release(part: &Part<'_>) -> bool {
    suffix(part.text) < NO_SUFFIX
}

fn suffix(text: &str) -> usize {
    SUFFIXES.iter().position(|suffix| *suffix == text).unwrap_or(NO_SUFFIX)
}

fn compare_parts(a: &Part<'_>, b: &Part<'_>) -> Ordering {
    match a.kind {
        // A number that begins with a zero counts as if it stood after a point: 1.01 < 1.1.
        Kind::Number if a.text.starts_with('0') || b.text.starts_with('0') => a.text.cmp(b.text),
        Kind::First | Kind::Number | Kind::SuffixNumber | Kind::Revision => {
            let (a, b) = (a.text.trim_start_matches('0'), b.text.trim_start_matches('0'));
            a.len().cmp(&b.len()).then_with(|| a.cmp(b))
        }
        Kind::Suffix => suffix(a.text).cmp(&suffix(b.text)),
        Kind::Letter | Kind::Hash | Kind::End => a.text.cmp(b.text),
    }
}

impl FromStr for Version {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, VersionError> {
        match parts(text) {
            Some(_) => Ok(Self { text: text.into() }),
            None => Err(VersionError(text.to_string())),
        }
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        compare(&self.text, &other.text, false)
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Version {}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests;
