//! What a key is called: the SHA-1 digest of its packet, or the end of that.
//! [RFC 9580, 5.5.4](https://www.rfc-editor.org/rfc/rfc9580#section-5.5.4).

use core::fmt;
use core::str::FromStr;

/// The fingerprint of a key of version 4.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; 20]);

/// The last eight bytes of a fingerprint: no more than a hint, for others can be made to match.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub [u8; 8]);

/// A text that is no fingerprint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "it is not a fingerprint: 40 hexadecimal digits; `gpg --show-keys FILE` shows those of a file"
)]
pub struct FingerprintError;

impl Fingerprint {
    /// The fingerprint of these bytes.
    pub fn from_bytes(bytes: [u8; 20]) -> Self {
        Self(bytes)
    }

    /// Of the body of a key's packet.
    pub(super) fn of_key(body: &[u8]) -> Option<Self> {
        let length = u16::try_from(body.len()).ok()?.to_be_bytes();
        // What version 4 names keys by; whoever can choose both of two keys could make them the
        // same, but keys are chosen by the one who trusts them.
        let mut sha1 = ring::digest::Context::new(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY);
        sha1.update(&[0x99]);
        sha1.update(&length);
        sha1.update(body);
        sha1.finish().as_ref().try_into().ok().map(Self)
    }

    /// Its end.
    pub fn key_id(&self) -> KeyId {
        let mut id = [0; 8];
        id.copy_from_slice(&self.0[12..]);
        KeyId(id)
    }
}

impl FromStr for Fingerprint {
    type Err = FingerprintError;

    fn from_str(text: &str) -> Result<Self, FingerprintError> {
        let digits = text.as_bytes();
        let mut bytes = [0; 20];
        if digits.len() != 40 {
            return Err(FingerprintError);
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
            let digit = |digit: u8| char::from(digit).to_digit(16).ok_or(FingerprintError);
            // Two hexadecimal digits are below 256.
            *byte = (digit(pair[0])? * 16 + digit(pair[1])?) as u8;
        }
        Ok(Self(bytes))
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02X}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02X}"))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn fingerprints_are_forty_digits() {
        let text = "1F89983E0081FDE018F3CC9673A4F27B8DD47936";
        let fingerprint: Fingerprint = text.to_lowercase().parse().unwrap();
        assert_eq!(fingerprint.to_string(), text);
        assert_eq!(fingerprint.key_id().to_string(), "73A4F27B8DD47936");
        for wrong in
            ["", "73A4F27B8DD47936", "1F89983E0081FDE018F3CC9673A4F27B8DD4793+", &text[1..]]
        {
            assert_eq!(wrong.parse::<Fingerprint>(), Err(FingerprintError), "{wrong}");
        }
    }
}
