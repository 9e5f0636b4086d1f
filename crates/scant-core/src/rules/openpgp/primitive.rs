//! Whether the numbers of a signature fit a key and bytes: the mathematics, and nothing of policy.

use alloc::vec::Vec;
use core::cell::Cell;

use ring::signature::{self, RsaParameters, RsaPublicKeyComponents, UnparsedPublicKey};
use sha2::Digest as _;

use super::Reason;
use crate::formats::openpgp::{HashAlgorithm, Material, PublicKey, Signature, Values};

/// More than enough for any text and the keys that signed it; a hostile one ends here.
const MAX_CHECKS: u32 = 4096;

/// How many signatures may still be checked.
pub(super) struct Budget(Cell<u32>);

impl Budget {
    pub(super) fn new() -> Self {
        Self(Cell::new(MAX_CHECKS))
    }

    /// Whether a key made the signature over these bytes, put one after the other.
    pub(super) fn check(
        &self,
        key: &PublicKey,
        signature: &Signature,
        content: &[&[u8]],
    ) -> Result<(), Reason> {
        let left = self.0.get().checked_sub(1).ok_or(Reason::TooMany)?;
        self.0.set(left);
        if key.algorithm != signature.algorithm {
            return Err(Reason::Bad);
        }
        let message = [content, &[&signature.trailer]].concat().concat();
        check(key, signature, &message)
    }
}

fn check(key: &PublicKey, signature: &Signature, message: &[u8]) -> Result<(), Reason> {
    let hash = signature.hash;
    let is_good = match (&key.material, &signature.values) {
        (Material::Rsa { modulus, exponent }, Values::One(value)) => {
            let bits =
                modulus.len() * 8 - modulus.first().map_or(0, |b| b.leading_zeros() as usize);
            if !(2048..=8192).contains(&bits) {
                return Err(Reason::KeySize(bits));
            }
            let parameters = rsa(hash).ok_or(Reason::Digest(hash))?;
            let key = RsaPublicKeyComponents { n: modulus, e: exponent };
            let value = padded(value, modulus.len()).ok_or(Reason::Bad)?;
            key.verify(parameters, message, &value).is_ok()
        }
        (Material::Ed25519(key), Values::Two(r, s)) => {
            let digest = digest(hash, message).ok_or(Reason::Digest(hash))?;
            let (Some(r), Some(s)) = (padded(r, 32), padded(s, 32)) else {
                return Err(Reason::Bad);
            };
            let key = UnparsedPublicKey::new(&signature::ED25519, key);
            key.verify(&digest, &[r, s].concat()).is_ok()
        }
        (Material::Ed25519(key), Values::Ed25519(value)) => {
            let digest = digest(hash, message).ok_or(Reason::Digest(hash))?;
            UnparsedPublicKey::new(&signature::ED25519, key).verify(&digest, value).is_ok()
        }
        (Material::P256(key), Values::Two(r, s)) => {
            let algorithm = match hash {
                HashAlgorithm::SHA256 => &signature::ECDSA_P256_SHA256_ASN1,
                HashAlgorithm::SHA384 => &signature::ECDSA_P256_SHA384_ASN1,
                _ => return Err(Reason::Digest(hash)),
            };
            UnparsedPublicKey::new(algorithm, key).verify(message, &der(r, s, 32)?).is_ok()
        }
        (Material::P384(key), Values::Two(r, s)) => {
            let algorithm = match hash {
                HashAlgorithm::SHA256 => &signature::ECDSA_P384_SHA256_ASN1,
                HashAlgorithm::SHA384 => &signature::ECDSA_P384_SHA384_ASN1,
                _ => return Err(Reason::Digest(hash)),
            };
            UnparsedPublicKey::new(algorithm, key).verify(message, &der(r, s, 48)?).is_ok()
        }
        _ => return Err(Reason::Algorithm(key.algorithm)),
    };
    if is_good { Ok(()) } else { Err(Reason::Bad) }
}

/// SHA-1 is among them for what it may still say: that a key is not to be used.
fn rsa(hash: HashAlgorithm) -> Option<&'static RsaParameters> {
    match hash {
        HashAlgorithm::SHA1 => Some(&signature::RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY),
        HashAlgorithm::SHA256 => Some(&signature::RSA_PKCS1_2048_8192_SHA256),
        HashAlgorithm::SHA384 => Some(&signature::RSA_PKCS1_2048_8192_SHA384),
        HashAlgorithm::SHA512 => Some(&signature::RSA_PKCS1_2048_8192_SHA512),
        _ => None,
    }
}

fn digest(hash: HashAlgorithm, message: &[u8]) -> Option<Vec<u8>> {
    match hash {
        HashAlgorithm::SHA1 => {
            let algorithm = &ring::digest::SHA1_FOR_LEGACY_USE_ONLY;
            Some(ring::digest::digest(algorithm, message).as_ref().to_vec())
        }
        HashAlgorithm::SHA256 => Some(sha2::Sha256::digest(message).to_vec()),
        HashAlgorithm::SHA384 => Some(sha2::Sha384::digest(message).to_vec()),
        HashAlgorithm::SHA512 => Some(sha2::Sha512::digest(message).to_vec()),
        _ => None,
    }
}

/// A number in so many bytes.
fn padded(value: &[u8], length: usize) -> Option<Vec<u8>> {
    let zeros = length.checked_sub(value.len())?;
    Some([&[0].repeat(zeros), value].concat())
}

/// Two numbers of at most so many bytes, as ASN.1 writes those of ECDSA.
/// [RFC 3279, 2.2.3](https://www.rfc-editor.org/rfc/rfc3279#section-2.2.3).
fn der(r: &[u8], s: &[u8], length: usize) -> Result<Vec<u8>, Reason> {
    let mut numbers = Vec::new();
    for number in [r, s] {
        if number.is_empty() || number.len() > length {
            return Err(Reason::Bad);
        }
        // A first bit would make it negative.
        let sign: &[u8] = if number[0] & 0x80 == 0 { &[] } else { &[0] };
        // At most 49, and two of them at most 102: one byte says so.
        numbers.extend([2, (sign.len() + number.len()) as u8]);
        numbers.extend_from_slice(sign);
        numbers.extend_from_slice(number);
    }
    let mut sequence = alloc::vec![0x30, numbers.len() as u8];
    sequence.append(&mut numbers);
    Ok(sequence)
}
