//! Keyrings: read within bounds, the same when read twice, and asked who signed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scant_core::formats::openpgp::Keyring;
use scant_core::rules::openpgp::{Trust, VerifyError, verify_detached};
use scant_fuzz::{assert_plain, find};

/// The keyring comes after the signatures, if there is a mark between them.
const MARK: &[u8] = b"@@KEYS";

fuzz_target!(|bytes: &[u8]| {
    let (signatures, keys) = match find(bytes, MARK) {
        Some(at) => (&bytes[..at], &bytes[at + MARK.len()..]),
        None => (&b""[..], bytes),
    };
    let keyring = match Keyring::parse(keys) {
        Ok(keyring) => keyring,
        Err(error) => return assert_plain(&error.to_string()),
    };
    assert!(!keyring.certificates.is_empty());
    let mut twice = keyring.clone();
    twice.merge(keyring.clone());
    let names = |keyring: &Keyring| -> Vec<_> {
        keyring.certificates.iter().map(|known| known.primary.fingerprint).collect()
    };
    assert_eq!(names(&twice), names(&keyring), "a key is there once");
    for now in [0, 5_000, i64::MAX] {
        let [once, twice] = [&keyring, &twice].map(|keyring| {
            let trust = Trust { keyring, only: None, now };
            verify_detached(b"text", signatures, trust)
        });
        match (&once, &twice) {
            (Ok(found), Ok(again)) => {
                assert_eq!(found.signers, again.signers);
                for signer in &found.signers {
                    assert!(signer.signed <= now && signer.key_created <= signer.signed);
                    assert_plain(&signer.user_id);
                }
            }
            (Err(error), Err(_)) => assert_plain(&error.to_string()),
            // What is said twice is more to check.
            (_, Err(VerifyError::NoGood(_))) => {}
            other => panic!("{other:?}"),
        }
    }
});
