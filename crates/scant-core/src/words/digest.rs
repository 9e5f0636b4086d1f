//! SHA-256 digests as OCI writes them. A [`Digest`] names a blob, a [`DiffId`] an uncompressed
//! layer: the bytes look alike and mean different things.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::Digest as _;
use sha2::digest::common::hazmat::SerializableState as _;

/// The digest of a blob as it is stored, `sha256:` and 64 lower-case hexadecimal digits.
/// [Image specification, descriptor: digests](https://github.com/opencontainers/image-spec/blob/v1.1.1/descriptor.md#digests).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

/// The digest of a layer's uncompressed tar archive.
/// [Image specification, config: layer DiffID](https://github.com/opencontainers/image-spec/blob/v1.1.1/config.md#layer-diffid).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DiffId(pub Digest);

/// A text that is not a SHA-256 digest.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a digest of the form `sha256:` and 64 lower-case hexadecimal digits")]
pub struct DigestError(pub String);

/// Computes a digest from bytes as they pass.
#[derive(Clone, Default)]
pub struct Hasher(sha2::Sha256);

impl Hasher {
    /// Takes in the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// What has been taken in so far, to go on later: meant for this very version of scant, for it
    /// is not checked in any way.
    pub fn save(&self) -> Vec<u8> {
        self.0.serialize().to_vec()
    }

    /// The hasher that was saved; none when these bytes are not of one.
    pub fn resume(saved: &[u8]) -> Option<Self> {
        sha2::Sha256::deserialize(saved.try_into().ok()?).ok().map(Self)
    }

    /// The digest of all bytes taken in.
    pub fn finish(self) -> Digest {
        Digest(self.0.finalize().into())
    }
}

impl Digest {
    /// The digest of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        let mut hasher = Hasher::default();
        hasher.update(bytes);
        hasher.finish()
    }

    /// The digest as 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The digest of these 32 bytes.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The digest that 64 hexadecimal digits in lower case write, without the algorithm.
    pub fn from_hex(hex: &str) -> Option<Self> {
        let lower_case = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        if hex.len() != 64 || !hex.bytes().all(lower_case) {
            return None;
        }
        let mut bytes = [0; 32];
        for (byte, digits) in bytes.iter_mut().zip(hex.as_bytes().chunks(2)) {
            *byte = u8::from_str_radix(core::str::from_utf8(digits).ok()?, 16).ok()?;
        }
        Some(Self(bytes))
    }

    /// The 64 hexadecimal digits without the algorithm: the file name in a layout's `blobs/sha256`.
    pub fn hex(&self) -> String {
        self.0.iter().map(|byte| alloc::format!("{byte:02x}")).collect()
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{}", self.hex())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for DiffId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for DiffId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl FromStr for Digest {
    type Err = DigestError;

    fn from_str(text: &str) -> Result<Self, DigestError> {
        let digest = text.strip_prefix("sha256:").and_then(Self::from_hex);
        digest.ok_or_else(|| DigestError(text.to_string()))
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_empty_digest_is_the_known_one() {
        let text = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(Digest::of(b"").to_string(), text);
        assert_eq!(text.parse::<Digest>(), Ok(Digest::of(b"")));
    }

    #[test]
    fn a_saved_hasher_goes_on() {
        let bytes: Vec<u8> = (0..500).map(|n| n as u8).collect();
        for at in [0, 1, 63, 64, 65, 300, 500] {
            let mut first = Hasher::default();
            first.update(&bytes[..at]);
            let mut second = Hasher::resume(&first.save()).unwrap();
            second.update(&bytes[at..]);
            assert_eq!(second.finish(), Digest::of(&bytes), "{at}");
        }
        assert!(Hasher::resume(b"too short").is_none());
    }

    #[test]
    fn other_spellings_are_refused() {
        let upper = Digest::of(b"").to_string().replace('e', "E");
        for text in ["", "sha256:", "sha512:00", upper.as_str()] {
            assert_eq!(text.parse::<Digest>(), Err(DigestError(text.into())));
        }
    }
}
