//! An Ed25519 key that follows from its name.

use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use sha2::Digest as _;

use super::options::Options;

/// A key.
pub(super) struct Key {
    pub(super) pair: Ed25519KeyPair,
    pub(super) created: u32,
    pub(super) algorithm: u8,
}

impl Key {
    pub(super) fn new(name: &str, options: &Options<'_>) -> Self {
        let seed = sha2::Sha256::digest(name.as_bytes());
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed).expect("a seed has 32 bytes");
        let created = options.number("at").expect("a key is made at a time");
        let algorithm = options.number("algorithm").map_or(22, |number| number as u8);
        Self { pair, created, algorithm }
    }

    /// The body of its packet.
    pub(super) fn body(&self) -> Vec<u8> {
        let point = self.pair.public_key().as_ref();
        let head = [&[4][..], &self.created.to_be_bytes(), &[self.algorithm]].concat();
        if self.algorithm == 27 {
            return [&head, point].concat();
        }
        let curve = [9, 0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x0f, 0x01];
        // 263 bits: seven of the first byte, which says how the point is written.
        [&head, &curve[..], &[1, 7, 0x40], point].concat()
    }

    /// What is signed of it.
    pub(super) fn signed(&self) -> Vec<u8> {
        let body = self.body();
        let length = u16::try_from(body.len()).expect("a key is short");
        [&[0x99][..], &length.to_be_bytes(), &body].concat()
    }

    pub(super) fn fingerprint(&self) -> Vec<u8> {
        digest(&SHA1_FOR_LEGACY_USE_ONLY, &self.signed()).as_ref().to_vec()
    }
}
