//! Why a signature does not count.

use alloc::string::String;
use core::fmt;

use crate::formats::openpgp::{Critical, Fingerprint, HashAlgorithm, KeyId, SignatureError};

/// Why a signature does not count. A key is the one that signed, a primary one or a subkey.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// It cannot be read.
    #[error("it cannot be read: {0}")]
    Unreadable(SignatureError),
    /// It is over a key, for example.
    #[error("it is of type 0x{0:02x}, which does not sign texts")]
    Kind(u8),
    /// SHA-1 and before.
    #[error("{0} is too weak: the archive must be signed with SHA-256 or better")]
    WeakDigest(HashAlgorithm),
    /// A digest that is not known, or not for this kind of key.
    #[error("{0} is not supported for this kind of key")]
    Digest(HashAlgorithm),
    /// The text is digested by something else, it says itself.
    #[error("the text has no line `Hash: {0}`")]
    HashHeader(HashAlgorithm),
    /// DSA, for example.
    #[error(
        "keys of its kind (algorithm {0}) are not supported: RSA, Ed25519, P-256 and P-384 are"
    )]
    Algorithm(u8),
    /// RSA with few bits.
    #[error("its RSA key has {0} bits: from 2048 to 8192 are supported")]
    KeySize(usize),
    /// It says something that must be understood.
    #[error("it says something that must be understood, and is not: {}", critical(*.0))]
    Critical(Critical),
    /// It names nobody.
    #[error("it does not say whose it is")]
    NoIssuer,
    /// By somebody who is not trusted.
    #[error("the key is not among those that are trusted")]
    UnknownKey,
    /// By somebody who is trusted, but not for this.
    #[error("the key is trusted, but not one of those that may sign this")]
    NotAllowed,
    /// The text is another, or the signature is made up.
    #[error("it does not fit: the text or the signature was changed")]
    Bad,
    /// Made later than now.
    #[error("it was made at {} and now is {}: is the clock right?", Date(*.made), Date(*.now))]
    Future {
        /// When it was made.
        made: i64,
        /// When it was checked.
        now: i64,
    },
    /// Made before its key.
    #[error("it was made at {}, before its key", Date(*.0))]
    BeforeKey(i64),
    /// It was to hold for a time.
    #[error("it expired at {}", Date(*.0))]
    Expired(i64),
    /// Its key is from later than now.
    #[error("its key was made at {}: is the clock right?", Date(*.0))]
    KeyFuture(i64),
    /// Its key was to hold for a time.
    #[error("its key expired at {}: the keyring may be old", Date(*.0))]
    KeyExpired(i64),
    /// Its key was taken back.
    #[error("its key was revoked{}", revoked(*.why, *.at))]
    KeyRevoked {
        /// The number of the reason, if one is given.
        why: Option<u8>,
        /// When; none when the revocation cannot be read or checked, and is believed nevertheless.
        at: Option<i64>,
    },
    /// Its key is for something else.
    #[error("its key is not for signing")]
    NotForSigning,
    /// No statement of the key about itself is good.
    #[error("its key has no good signature of its own that says what it is for")]
    NoSelfSignature,
    /// All of them are by SHA-1.
    #[error("its key says what it is for only by SHA-1 or weaker, which can be forged")]
    WeakSelfSignature,
    /// The primary key does not say that the subkey is its own.
    #[error("its key is not bound to the primary key by a good signature")]
    NotBound,
    /// The subkey does not say that it belongs to the primary key.
    #[error("its key does not say itself that it belongs to the primary key")]
    NoBackSignature,
    /// More work than honest texts make.
    #[error("there are too many signatures to check")]
    TooMany,
}

/// A signature that does not count: whose it says to be, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Whose.
    pub issuer: Issuer,
    /// Why.
    pub reason: Reason,
}

/// Whose a signature says to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Issuer {
    /// A fingerprint.
    Fingerprint(Fingerprint),
    /// The end of one.
    KeyId(KeyId),
    /// Nobody's.
    Nobody,
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fingerprint(fingerprint) => fingerprint.fmt(f),
            Self::KeyId(id) => id.fmt(f),
            Self::Nobody => f.write_str("a key without a name"),
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the signature by {}: {}", self.issuer, self.reason)
    }
}

fn critical(what: Critical) -> String {
    match what {
        Critical::Subpacket(kind) => alloc::format!("a subpacket of type {kind}"),
        Critical::Notation => "a notation".into(),
    }
}

fn revoked(why: Option<u8>, at: Option<i64>) -> String {
    // RFC 9580, 5.2.3.31.
    let why = match why {
        None => "",
        Some(1) => " (it was replaced)",
        Some(2) => " (it was stolen or lost)",
        Some(3) => " (it is no longer used)",
        Some(_) => " (for another reason)",
    };
    match at {
        Some(at) => alloc::format!(" at {}{why}", Date(at)),
        None => ", by a signature that cannot be checked".into(),
    }
}

/// A time for people, in UTC.
struct Date(i64);

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (days, second) = (self.0.div_euclid(86_400), self.0.rem_euclid(86_400));
        // Years that begin in March, in ages of 400 years, so that a leap day is the last of all.
        let day = days + 719_468;
        let (age, day) = (day.div_euclid(146_097), day.rem_euclid(146_097));
        let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        let month = (5 * day + 2) / 153;
        let day = day - (153 * month + 2) / 5 + 1;
        let (year, month) = (age * 400 + year, month + 3);
        let (year, month) = if month > 12 { (year + 1, month - 12) } else { (year, month) };
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        write!(f, "{year}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} UTC")
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn times_are_dates() {
        let case = |seconds: i64, expected: &str| assert_eq!(Date(seconds).to_string(), expected);
        case(0, "1970-01-01 00:00:00 UTC");
        case(-1, "1969-12-31 23:59:59 UTC");
        case(951_782_399, "2000-02-28 23:59:59 UTC");
        case(951_782_400, "2000-02-29 00:00:00 UTC");
        case(1_709_251_199, "2024-02-29 23:59:59 UTC");
        case(1_783_764_997, "2026-07-11 10:16:37 UTC");
        case(4_107_542_399, "2100-02-28 23:59:59 UTC");
        case(4_107_542_400, "2100-03-01 00:00:00 UTC");
        case(8_589_934_590, "2242-03-16 12:56:30 UTC");
    }
}
