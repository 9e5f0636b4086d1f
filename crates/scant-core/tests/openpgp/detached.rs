//! Signatures in files of their own.

use scant_core::formats::openpgp::Keyring;
use scant_core::rules::openpgp::{Trust, verify_detached};
use scant_testkit::openpgp::{Keys, armored};

use crate::gpgv::Gpgv;
use crate::support::{NOW, shown};

const ALICE: &str = "key alice at=1000\nuser Alice flags=cs";

/// Signs some bytes, and checks what becomes of others.
#[track_caller]
fn case(signed: &[u8], data: &[u8], signatures: &str, expected: &str) {
    let keys = Keys::new(ALICE);
    let binary = keys.detached(signed, signatures);
    let armored = armored("SIGNATURE", &binary).into_bytes();
    for signatures in [&binary, &armored] {
        assert_eq!(verified(&keys, data, signatures), expected);
        if let Some(gpgv) = Gpgv::new() {
            let report = gpgv.detached(data, signatures, &keys.keyring());
            assert!(report.is_good || !expected.starts_with("good"), "{}", report.said);
        }
    }
}

fn verified(keys: &Keys, data: &[u8], signatures: &[u8]) -> String {
    let keyring = Keyring::parse(&keys.keyring()).unwrap();
    let trust = Trust { keyring: &keyring, only: None, now: NOW };
    shown(keys, &verify_detached(data, signatures, trust))
}

const GOOD: &str = "good: alice of alice, Alice\n";
const BAD: &str = "alice: it does not fit: the text or the signature was changed\n";

#[test]
fn bytes_are_signed_as_they_are() {
    case(b"a\r\nb \n\0", b"a\r\nb \n\0", "alice at=2000", GOOD);
    case(b"a\nb\n", b"a\r\nb\r\n", "alice at=2000", BAD);
    case(b"", b"", "alice at=2000", GOOD);
    case(b"", b"\n", "alice at=2000", BAD);
}

#[test]
fn texts_are_signed_whatever_ends_their_lines() {
    case(b"a\r\nb\r\n", b"a\nb\n", "alice at=2000 kind=01", GOOD);
    case(b"a\r\nb\r\n", b"a\r\nb\n", "alice at=2000 kind=01", GOOD);
    case(b"a\r\nb\r\n", b"a\nb", "alice at=2000 kind=01", BAD);
}

#[test]
fn blocks_may_follow_each_other_and_nothing_else() {
    let keys = Keys::new(ALICE);
    let block = armored("SIGNATURE", &keys.detached(b"a", "alice at=2000"));
    let two = |between: &str| verified(&keys, b"a", format!("{block}{between}{block}").as_bytes());
    assert_eq!(two(""), GOOD.repeat(2));
    assert_eq!(two("\n"), GOOD.repeat(2));
    assert_eq!(two("x\n"), "line 8 stands outside of what is signed");
    let key = String::from_utf8(keys.armored()).unwrap();
    assert_eq!(two(&key), "line 8 begins a block of another kind than `SIGNATURE`");
}

#[test]
fn only_signatures_are_signatures() {
    let keys = Keys::new(ALICE);
    let case = |bytes: &[u8], expected: &str| assert_eq!(verified(&keys, b"a", bytes), expected);
    let signature = keys.detached(b"a", "alice at=2000");
    case(&keys.keyring(), "packet 1 of the signatures is of type 6, which is no signature");
    case(
        &[&signature[..], &keys.keyring()].concat(),
        "packet 2 of the signatures is of type 6, which is no signature",
    );
    case(&signature[..50], "the OpenPGP packet at byte 0 is cut off");
    case(
        &[&signature[..], b"\n"].concat(),
        &format!("no OpenPGP packet begins at byte {}", signature.len()),
    );
    case(b"", "there is no `-----BEGIN PGP SIGNATURE-----`");
    case(b"<html>", "line 1 stands outside of what is signed");
    case(armored("SIGNATURE", b"").as_bytes(), "there is no signature");
}
