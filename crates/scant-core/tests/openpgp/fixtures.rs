//! Keys and signatures that GnuPG 2.2 made in 2020, for the kinds of keys that the test kit does not
//! make. `gpg --faked-system-time 20200101T000000! --quick-generate-key NAME KIND sign never`, then
//! `--clearsign` and `--detach-sign` of the same text half a year later.

use scant_core::formats::openpgp::Keyring;
use scant_core::rules::openpgp::{Trust, VerifyError, verify_detached, verify_inline};

const TEXT: &str = "Origin: a\nSuite: b\n";
/// 2021-01-01.
const NOW: i64 = 1_609_459_200;

#[track_caller]
fn case(keys: &str, inline: &str, detached: &str, expected: &str) {
    let keyring = Keyring::parse(keys.as_bytes()).unwrap();
    let trust = Trust { keyring: &keyring, only: None, now: NOW };
    let verified = verify_inline(inline.as_bytes(), trust).unwrap();
    assert_eq!(String::from_utf8(verified.text).unwrap(), TEXT);
    let signatures = verify_detached(TEXT.as_bytes(), detached.as_bytes(), trust).unwrap();
    for found in [verified.signatures, signatures] {
        let [signer] = &found.signers[..] else { panic!("{found:?}") };
        assert_eq!(format!("{} {}", signer.user_id, signer.key_created), expected);
        assert!(found.refused.is_empty());
    }
    // Another text, and a time before the signature.
    let changed = inline.replace("Suite: b", "Suite: c");
    let early = Trust { now: NOW - 31_536_000, ..trust };
    for result in [
        verify_inline(changed.as_bytes(), trust).map(drop),
        verify_inline(inline.as_bytes(), early).map(drop),
        verify_detached(b"Origin: a\n", detached.as_bytes(), trust).map(drop),
    ] {
        assert!(matches!(result, Err(VerifyError::NoGood(_))), "{result:?}");
    }
}

/// The three files of a kind of key.
macro_rules! fixture {
    ($name:literal) => {
        case(
            include_str!(concat!("fixtures/", $name, ".keys")),
            include_str!(concat!("fixtures/", $name, ".inline")),
            include_str!(concat!("fixtures/", $name, ".detached")),
            concat!("Fixture ", $name, " <", $name, "@example.com> 1577836800"),
        )
    };
}

#[test]
fn rsa() {
    fixture!("rsa2048");
}

#[test]
fn ecdsa() {
    fixture!("nistp256");
    fixture!("nistp384");
}

#[test]
fn ed25519() {
    fixture!("ed25519");
}
