//! Versions of Debian packages and their order.
//! [Debian Policy, 5.6.12](https://www.debian.org/doc/debian-policy/ch-controlfields.html#version),
//! deb-version(7).

use alloc::string::{String, ToString};
use core::cmp::Ordering;
use core::fmt;
use core::str::FromStr;

/// `[EPOCH:]UPSTREAM[-REVISION]`. Equal versions may be written in different ways: `1.0` and `1.00`.
#[derive(Clone, Debug)]
pub struct Version {
    text: String,
    epoch: u32,
    /// Where the upstream version begins and ends in the text.
    upstream: (usize, usize),
}

/// A text that is no version.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a version of a Debian package: {problem}")]
pub struct VersionError {
    /// What was given.
    pub text: String,
    /// The rule it breaks.
    pub problem: &'static str,
}

impl Version {
    /// As written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn upstream(&self) -> &str {
        &self.text[self.upstream.0..self.upstream.1]
    }

    fn revision(&self) -> &str {
        self.text.get(self.upstream.1 + 1..).unwrap_or_default()
    }
}

impl FromStr for Version {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, VersionError> {
        let refuse = |problem| Err(VersionError { text: text.to_string(), problem });
        let (epoch, start) = match text.split_once(':') {
            Some((epoch, _)) if epoch.is_empty() || !epoch.bytes().all(|b| b.is_ascii_digit()) => {
                return refuse("before the colon a number is expected");
            }
            Some((epoch, _)) => match epoch.parse() {
                Ok(number) if number <= i32::MAX as u32 => (number, epoch.len() + 1),
                _ => return refuse("the number before the colon is too large"),
            },
            None => (0, 0),
        };
        let end = text[start..].rfind('-').map_or(text.len(), |at| start + at);
        let (upstream, revision) = (&text[start..end], text.get(end + 1..));
        if !upstream.starts_with(|c: char| c.is_ascii_digit()) {
            return refuse("it must begin with a digit");
        }
        if revision == Some("") {
            return refuse("after the last `-` the revision is missing");
        }
        let is_known = |b: u8| b.is_ascii_alphanumeric() || b"+.~".contains(&b);
        if !upstream.bytes().all(|b| is_known(b) || b == b'-' || b == b':')
            || !revision.unwrap_or_default().bytes().all(is_known)
        {
            return refuse("it may hold letters, digits, `.`, `+`, `~` and `-` only");
        }
        Ok(Self { text: text.to_string(), epoch, upstream: (start, end) })
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        // A missing revision is one of `0`, which the comparison makes of it by itself.
        self.epoch
            .cmp(&other.epoch)
            .then_with(|| compare(self.upstream(), other.upstream()))
            .then_with(|| compare(self.revision(), other.revision()))
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

/// Compares parts that are no digits and numbers in turn.
fn compare(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.as_bytes(), b.as_bytes());
    while !a.is_empty() || !b.is_empty() {
        let (text, number) = (take(&mut a, false), take(&mut a, true));
        let (other_text, other_number) = (take(&mut b, false), take(&mut b, true));
        let order = compare_texts(text, other_text).then_with(|| {
            let (number, other) = (without_zeros(number), without_zeros(other_number));
            number.len().cmp(&other.len()).then_with(|| number.cmp(other))
        });
        if order != Ordering::Equal {
            return order;
        }
    }
    Ordering::Equal
}

/// The digits, or what is before the next digit.
fn take<'a>(bytes: &mut &'a [u8], digits: bool) -> &'a [u8] {
    let count = bytes.iter().take_while(|b| b.is_ascii_digit() == digits).count();
    let (taken, rest) = bytes.split_at(count);
    *bytes = rest;
    taken
}

fn without_zeros(number: &[u8]) -> &[u8] {
    &number[number.iter().take_while(|b| **b == b'0').count()..]
}

/// `~` is less than the end, the end less than letters, letters less than all else.
fn compare_texts(a: &[u8], b: &[u8]) -> Ordering {
    let weight = |byte: Option<&u8>| match byte {
        Some(b'~') => -1,
        None => 0,
        Some(byte) if byte.is_ascii_alphabetic() => i32::from(*byte),
        Some(byte) => i32::from(*byte) + 256,
    };
    (0..a.len().max(b.len()))
        .map(|at| weight(a.get(at)).cmp(&weight(b.get(at))))
        .find(|order| *order != Ordering::Equal)
        .unwrap_or(Ordering::Equal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_of_the_order() {
        let case = |a: &str, sign: &str, b: &str| {
            let parse = |text: &str| text.parse::<Version>().unwrap();
            let expected = match sign {
                "<" => Ordering::Less,
                "=" => Ordering::Equal,
                _ => Ordering::Greater,
            };
            assert_eq!(parse(a).cmp(&parse(b)), expected, "{a} {sign} {b}");
            assert_eq!(parse(b).cmp(&parse(a)), expected.reverse(), "{b} {a}");
        };
        case("1", "<", "2");
        case("9", "<", "10");
        case("1.0", "=", "1.00");
        case("1.0", "=", "1.0-0");
        case("0:1", "=", "1");
        case("1:1", ">", "2");
        case("1~", "<", "1");
        case("1~~", "<", "1~");
        case("1~~a", "<", "1~");
        case("1~", "<", "1a");
        case("1", "<", "1a");
        case("1a", "<", "1b");
        case("1Z", "<", "1a");
        case("1a", "<", "1+");
        case("1+", "<", "1-1.1".replace('-', ".").as_str());
        case("1.2-1", "<", "1.2-2");
        case("1.2-1", "<", "1.2-1+b1");
        case("1.2-1~bpo1", "<", "1.2-1");
        case("1-2-3", ">", "1-2");
        case("2.0-rc1-1", ">", "2.0-1");
        case("18446744073709551616", ">", "9");
        case("00000000000000000000009", "<", "10");
        case("1:2:3", ">", "1:2");
    }

    #[test]
    fn what_is_no_version_is_refused() {
        let case = |text: &str, problem: &str| {
            assert_eq!(text.parse::<Version>().unwrap_err().problem, problem, "{text}");
        };
        case("", "it must begin with a digit");
        case("a1", "it must begin with a digit");
        case(":1", "before the colon a number is expected");
        case("x:1", "before the colon a number is expected");
        case("4294967296:1", "the number before the colon is too large");
        case("1-", "after the last `-` the revision is missing");
        case("1 2", "it may hold letters, digits, `.`, `+`, `~` and `-` only");
        case("1-a_b", "it may hold letters, digits, `.`, `+`, `~` and `-` only");
    }
}
