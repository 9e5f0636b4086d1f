//! Keys that are named where trust is given, as apt's `Signed-By` names them.

use core::fmt;
use core::str::FromStr;

use crate::formats::openpgp::{Fingerprint, FingerprintError};

/// A key that may sign: a fingerprint, with `!` after it if its subkeys may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Allowed {
    /// Of a primary key or of a subkey.
    pub fingerprint: Fingerprint,
    /// Whether it is this very key that must sign.
    pub exactly: bool,
}

impl Allowed {
    /// Whether a key may sign that belongs to a primary key, or is one.
    pub(super) fn allows(&self, key: Fingerprint, primary: Fingerprint) -> bool {
        self.fingerprint == key || (!self.exactly && self.fingerprint == primary)
    }
}

impl FromStr for Allowed {
    type Err = FingerprintError;

    fn from_str(text: &str) -> Result<Self, FingerprintError> {
        let (digits, exactly) = match text.strip_suffix('!') {
            Some(digits) => (digits, true),
            None => (text, false),
        };
        Ok(Self { fingerprint: digits.parse()?, exactly })
    }
}

impl fmt::Display for Allowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = if self.exactly { "!" } else { "" };
        write!(f, "{}{mark}", self.fingerprint)
    }
}
