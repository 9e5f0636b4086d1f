//! What a scalar means by YAML 1.2's
//! [core schema](https://yaml.org/spec/1.2.2/#103-core-schema): `no` and `0:0` are strings.

use alloc::string::String;

/// A scalar as written, quotes and escapes undone.
#[derive(Debug)]
pub(crate) struct Scalar {
    /// The text.
    pub(super) text: String,
    /// Whether it is written without quotes, so that it may mean something other than a string.
    pub(super) plain: bool,
}

/// What a scalar is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ScalarKind {
    Null,
    Boolean(bool),
    Integer,
    Float,
    String,
}

impl Scalar {
    /// What it is.
    pub(super) fn kind(&self) -> ScalarKind {
        if !self.plain {
            return ScalarKind::String;
        }
        match &*self.text {
            "" | "~" | "null" | "Null" | "NULL" => ScalarKind::Null,
            "true" | "True" | "TRUE" => ScalarKind::Boolean(true),
            "false" | "False" | "FALSE" => ScalarKind::Boolean(false),
            text if is_integer(text) => ScalarKind::Integer,
            text if is_float(text) => ScalarKind::Float,
            _ => ScalarKind::String,
        }
    }

    /// The number, if it is a whole one from 0 that fits.
    pub(super) fn unsigned(&self) -> Option<u64> {
        if self.kind() != ScalarKind::Integer {
            return None;
        }
        match self.text.get(..2) {
            Some("0o") => u64::from_str_radix(&self.text[2..], 8).ok(),
            Some("0x") => u64::from_str_radix(&self.text[2..], 16).ok(),
            _ => self.text.parse().ok(),
        }
    }
}

/// Whether a text without quotes is a string.
pub(crate) fn is_string(text: &str) -> bool {
    Scalar { text: text.into(), plain: true }.kind() == ScalarKind::String
}

fn is_integer(text: &str) -> bool {
    let all =
        |digits: &str, is: fn(&u8) -> bool| !digits.is_empty() && digits.bytes().all(|b| is(&b));
    match (text.strip_prefix("0o"), text.strip_prefix("0x")) {
        (Some(digits), _) => all(digits, |b| (b'0'..=b'7').contains(b)),
        (_, Some(digits)) => all(digits, u8::is_ascii_hexdigit),
        _ => all(text.strip_prefix(['-', '+']).unwrap_or(text), u8::is_ascii_digit),
    }
}

fn is_float(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    match unsigned {
        ".inf" | ".Inf" | ".INF" => return true,
        ".nan" | ".NaN" | ".NAN" => return text == unsigned,
        _ => {}
    }
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent = exponent.map(|text| text.strip_prefix(['-', '+']).unwrap_or(text));
    digits(whole)
        && digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && exponent.is_none_or(|text| !text.is_empty() && digits(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(kind: ScalarKind, texts: &[&str]) {
        for text in texts {
            let scalar = Scalar { text: (*text).into(), plain: true };
            assert_eq!(scalar.kind(), kind, "{text}");
        }
    }

    #[test]
    fn plain_scalars_mean_what_the_core_schema_says() {
        case(ScalarKind::Null, &["", "~", "null"]);
        case(ScalarKind::Boolean(true), &["true", "TRUE"]);
        case(ScalarKind::Integer, &["0", "-7", "+7", "0755", "0o755", "0xfF"]);
        case(ScalarKind::Float, &["1.5", ".5", "1.", "1e3", "-1.5E-3", ".inf", ".nan"]);
        case(
            ScalarKind::String,
            &["no", "yes", "on", "0:0", "1_000", ".", "e3", "0x", "-", "1.2.3"],
        );
    }

    #[test]
    fn quotes_make_a_string() {
        assert_eq!(Scalar { text: "5".into(), plain: false }.kind(), ScalarKind::String);
    }
}
