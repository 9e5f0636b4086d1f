//! Files of keys: which are read, and what becomes of the others.

use scant_core::formats::openpgp::Keyring;
use scant_testkit::openpgp::{Keys, armored};

use crate::support::check;

#[track_caller]
fn case(bytes: &[u8], expected: &str) {
    let shown = match Keyring::parse(bytes) {
        Ok(keyring) => {
            let keys = keyring.certificates.iter().map(|known| {
                let names = known.user_ids.iter().map(|user| String::from_utf8_lossy(&user.name));
                format!("{}+{}", names.collect::<Vec<_>>().join(","), known.subkeys.len())
            });
            keys.collect::<Vec<_>>().join(" ")
        }
        Err(error) => error.to_string(),
    };
    assert_eq!(shown, expected);
}

/// A packet of any tag below 16.
fn packet(tag: u8, body: &[u8]) -> Vec<u8> {
    [&[0x80 | tag << 2, body.len() as u8][..], body].concat()
}

#[test]
fn both_forms_are_read() {
    let keys = Keys::new("key a at=1\nuser A\nsubkey s at=1\nkey b at=1\nuser B\nuser C");
    case(&keys.keyring(), "A+1 B,C+0");
    case(&keys.armored(), "A+1 B,C+0");
    case(&[&keys.armored()[..], b"\n", &keys.armored()].concat(), "A+1 B,C+0");
    case(&[b"The keys:\n", &keys.armored()[..]].concat(), "A+1 B,C+0");
}

#[test]
fn what_is_no_keyring_is_refused_with_advice() {
    let key = Keys::new("key a at=1\nuser A").keyring();
    let cut = &key[..key.len() - 1];
    case(b"", "it holds no public key of version 4");
    case(
        b"<html>404",
        "it is no OpenPGP key, neither binary nor with a line `-----BEGIN PGP PUBLIC KEY BLOCK-----`",
    );
    case(
        b"\0\0\0\x20\x01\x01\0\x02KBXf\0\0",
        "it is a keybox, the database of one GnuPG: export its keys by `gpg --no-default-keyring --keyring FILE --export > KEYS.gpg`",
    );
    let secret = "it holds a secret key: export the public one by `gpg --export KEY > KEYS.gpg`";
    case(&packet(5, b"?"), secret);
    case(armored("PRIVATE KEY BLOCK", &key).as_bytes(), secret);
    case(
        armored("SIGNATURE", &key).as_bytes(),
        "line 1 begins a block of another kind than `PUBLIC KEY BLOCK`",
    );
    case(
        cut,
        &format!("the OpenPGP packet at byte {} is cut off", key.len() - signature_length(&key)),
    );
    case(
        &[&key[..], &packet(11, b"b")].concat(),
        "its packet 4 is of type 11, which is not part of a public key",
    );
    case(&packet(6, b"\x03\0\0\0\x01\0\0\x01?"), "it holds no public key of version 4");
    case(
        &vec![0x99; (4 << 20) + 1],
        "it is larger than 4 MiB: export only the keys that are trusted",
    );
    let many: Vec<u8> =
        (0..2100).flat_map(|number: u32| packet(13, &number.to_be_bytes())).collect();
    case(
        &[key, many].concat(),
        "it holds more than 2048 keys, or a key with more than 2048 names and subkeys: export only the keys that are trusted",
    );
}

/// The length of the last packet, which is a signature.
fn signature_length(key: &[u8]) -> usize {
    let user = key.windows(3).position(|bytes| bytes == [0xb5, 0, 1]).unwrap();
    key.len() - user - 4
}

#[test]
fn what_is_not_known_is_skipped_with_all_that_is_over_it() {
    let keys = Keys::new("key a at=1\nuser A flags=cs").keyring();
    let old = packet(6, b"\x03\0\0\0\x01\0\0\x01?");
    // Trust of a database, a marker, a name by somebody's own kind of packet, and a picture.
    let others =
        [packet(12, b"?"), packet(10, b"PGP"), vec![0xc0 | 60, 1, b'?'], vec![0xc0 | 17, 1, b'?']];
    for other in others {
        case(&[&keys[..], &other, &keys].concat(), "A+0");
        case(&[&old[..], &other, &packet(13, b"B"), &keys].concat(), "A+0");
    }
    case(&[&keys[..], &old, &packet(13, b"B")].concat(), "A+0");
}

#[test]
fn what_two_copies_say_is_said_by_both() {
    check(
        "key alice at=1000\nuser Alice flags=cs\nkey alice at=1000\nrevoke at=3000",
        "alice at=2000",
        "alice: its key was revoked at 1970-01-01 00:50:00 UTC",
    );
}
