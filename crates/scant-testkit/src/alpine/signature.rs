//! Signatures by a key that was made for tests.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};

use super::gzip;
use crate::RawTar;

/// The name of the public half of the key that signs.
pub const KEY: &str = "test-1.rsa.pub";
/// That half.
pub const KEY_PEM: &[u8] = include_bytes!("keys/test-1.rsa.pub");

/// A member with a signature of `bytes` over SHA-256, which says that it is of another kind or by
/// another key if that is asked for.
///
/// # Panics
/// Never: the key is good.
pub fn signature(kind: &str, key: &str, bytes: &[u8]) -> Vec<u8> {
    let text = include_bytes!("keys/signing.base64");
    let text: Vec<u8> = text.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let der = BASE64_STANDARD.decode(text).expect("it is base 64");
    let pair = RsaKeyPair::from_pkcs8(&der).expect("it is a key");
    let mut signature = vec![0; pair.public().modulus_len()];
    pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), bytes, &mut signature)
        .expect("its length is right");
    let mut tar = RawTar::default();
    gzip(&tar.entry(format!(".SIGN.{kind}.{key}"), b'0', "", signature).0)
}
