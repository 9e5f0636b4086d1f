//! The keys that vouch for indexes and packages: RSA, as PEM files of their public half. Where they
//! come from is the caller's business; nothing is trusted because it was found.

use ring::signature::{
    RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA512, RsaParameters, UnparsedPublicKey,
};
use rustls_pki_types::SubjectPublicKeyInfoDer;
use rustls_pki_types::pem::PemObject;
use scant_core::words::Digest;

/// A public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The name of its file: signatures name their key by it.
    pub name: String,
    /// The SHA-256 of the key as DER (`SubjectPublicKeyInfo`).
    pub fingerprint: Digest,
    /// The RSA key in it (`RSAPublicKey`).
    rsa: Vec<u8>,
}

/// Why a text is no key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyFault {
    /// No PEM block of a public key.
    #[error("`{name}` is no public key: a PEM block `PUBLIC KEY` is expected")]
    NotPem {
        /// The name of the key.
        name: String,
    },
    /// Something else than RSA.
    #[error("`{name}` is not a key for RSA, which is all that apk knows")]
    NotRsa {
        /// The name of the key.
        name: String,
    },
    /// Not the one that was meant.
    #[error(
        "`{name}` is not the key that is pinned: its fingerprint is {found}, which is none of {}",
        list(pinned)
    )]
    NotPinned {
        /// The name of the key.
        name: String,
        /// Its fingerprint.
        found: Digest,
        /// Those that were expected.
        pinned: Vec<Digest>,
    },
}

fn list(digests: &[Digest]) -> String {
    let all: Vec<_> = digests.iter().map(ToString::to_string).collect();
    all.join(", ")
}

/// How a signature is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Algorithm {
    /// RSA over SHA-1, which all of Alpine's are: `.SIGN.RSA.NAME`.
    RsaSha1,
    /// RSA over SHA-256: `.SIGN.RSA256.NAME`.
    RsaSha256,
    /// RSA over SHA-512: `.SIGN.RSA512.NAME`.
    RsaSha512,
}

impl Algorithm {
    /// By the word in the name of a signature.
    pub(super) fn named(word: &str) -> Option<Self> {
        match word {
            "RSA" => Some(Self::RsaSha1),
            "RSA256" => Some(Self::RsaSha256),
            "RSA512" => Some(Self::RsaSha512),
            _ => None,
        }
    }

    fn parameters(self) -> &'static RsaParameters {
        match self {
            Self::RsaSha1 => &RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
            Self::RsaSha256 => &RSA_PKCS1_2048_8192_SHA256,
            Self::RsaSha512 => &RSA_PKCS1_2048_8192_SHA512,
        }
    }
}

impl Key {
    /// Reads a key. `name` is that of its file, without directories.
    ///
    /// # Errors
    /// When it is none, or not one for RSA.
    pub fn parse(name: &str, pem: &[u8]) -> Result<Self, KeyFault> {
        let name = || name.to_string();
        let der = SubjectPublicKeyInfoDer::from_pem_slice(pem)
            .map_err(|_| KeyFault::NotPem { name: name() })?;
        let rsa = rsa_key(der.as_ref()).ok_or_else(|| KeyFault::NotRsa { name: name() })?;
        Ok(Self { name: name(), fingerprint: Digest::of(der.as_ref()), rsa: rsa.to_vec() })
    }

    /// The same, of a key that may come from anywhere: it is one of those whose fingerprints are
    /// known.
    ///
    /// # Errors
    /// As [`Key::parse`], and when it is another one.
    pub fn pinned(name: &str, pem: &[u8], pinned: &[Digest]) -> Result<Self, KeyFault> {
        let key = Self::parse(name, pem)?;
        if pinned.contains(&key.fingerprint) {
            return Ok(key);
        }
        let (name, found) = (key.name, key.fingerprint);
        Err(KeyFault::NotPinned { name, found, pinned: pinned.to_vec() })
    }

    /// Whether the signature is this key's, of these bytes.
    pub(super) fn verifies(&self, algorithm: Algorithm, bytes: &[u8], signature: &[u8]) -> bool {
        let key = UnparsedPublicKey::new(algorithm.parameters(), &self.rsa);
        key.verify(bytes, signature).is_ok()
    }
}

/// `AlgorithmIdentifier` of `rsaEncryption`, without parameters. RFC 8017, A.1.
const RSA_ENCRYPTION: [u8; 15] =
    [0x30, 13, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1, 5, 0];

/// The RSA key in a `SubjectPublicKeyInfo`. RFC 5280, 4.1.
fn rsa_key(der: &[u8]) -> Option<&[u8]> {
    let (inner, rest) = element(0x30, der)?;
    let bits = inner.strip_prefix(&RSA_ENCRYPTION)?;
    let (bits, after) = element(3, bits)?;
    // No bit of the last byte is unused.
    let key = bits.strip_prefix(&[0])?;
    (rest.is_empty() && after.is_empty()).then_some(key)
}

/// The content of the element with this tag at the start, and what comes after it.
fn element(tag: u8, der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&first, rest) = der.strip_prefix(&[tag])?.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81..=0x83 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    rest.split_at_checked(length)
}
