//! Signatures over texts: which count.

use crate::support::check;

const ALICE: &str = "key alice at=1000
                     user Alice flags=cs";

#[test]
fn one_good_signature_is_enough() {
    check(ALICE, "alice at=2000", "good: alice of alice, Alice");
    check(ALICE, "alice at=2000 hash=sha256", "good: alice of alice, Alice");
    check(ALICE, "alice at=2000 hash=sha384", "good: alice of alice, Alice");
    check(
        &format!("{ALICE}\nsecret stranger at=1000"),
        "stranger at=2000\nalice at=2001\nalice at=2000 expires=1",
        "good: alice of alice, Alice
         stranger: the key is not among those that are trusted
         alice: it expired at 1970-01-01 00:33:21 UTC",
    );
    let two = format!("{ALICE}\nkey bob at=1000\nuser Bob flags=cs");
    check(&two, "alice at=2000\nbob at=2001", "good: alice of alice, Alice\ngood: bob of bob, Bob");
}

#[test]
fn one_that_does_not_fit_is_too_much() {
    let bad = "alice: it does not fit: the text or the signature was changed";
    check(ALICE, "alice at=2000 broken", bad);
    check(ALICE, "alice at=2000 broken\nalice at=2001", bad);
    check(ALICE, "alice at=2000\nalice at=2001 broken", bad);
    // Whether that of a strange key fits, nobody knows.
    check(
        &format!("{ALICE}\nsecret stranger at=1000"),
        "stranger at=2000 broken\nalice at=2001",
        "good: alice of alice, Alice
         stranger: the key is not among those that are trusted",
    );
}

#[test]
fn a_strange_key_is_named() {
    let keys = &format!("{ALICE}\nsecret stranger at=1000");
    let expected = "stranger: the key is not among those that are trusted";
    check(keys, "stranger at=2000", expected);
    check(keys, "stranger at=2000 issuer=id", expected);
    check(keys, "stranger at=2000 issuer=unhashed", expected);
}

#[test]
fn an_issuer_is_only_a_hint() {
    for issuer in ["hashed", "unhashed", "id"] {
        check(ALICE, &format!("alice at=2000 issuer={issuer}"), "good: alice of alice, Alice");
    }
    check(ALICE, "alice at=2000 issuer=none", "nobody: it does not say whose it is");
    let two = &format!("{ALICE}\nkey bob at=1000\nuser Bob flags=cs");
    check(
        two,
        "alice at=2000 issuer=bob",
        "bob: it does not fit: the text or the signature was changed",
    );
}

#[test]
fn both_numbers_of_ed25519_are_known() {
    check(
        "key alice at=1000 algorithm=27\nuser Alice flags=cs",
        "alice at=2000",
        "good: alice of alice, Alice",
    );
}

#[test]
fn weak_digests_are_refused() {
    check(
        ALICE,
        "alice at=2000 hash=sha1",
        "alice: SHA1 is too weak: the archive must be signed with SHA-256 or better",
    );
}

#[test]
fn the_header_names_the_digest() {
    check(ALICE, "alice at=2000 header=sha256", "alice: the text has no line `Hash: SHA512`");
    check(
        ALICE,
        "alice at=2000 header=sha512\nalice at=2000 hash=sha256 header=sha512",
        "alice: the text has no line `Hash: SHA256`",
    );
}

#[test]
fn a_signature_holds_for_its_time() {
    check(ALICE, "alice at=2000 expires=4000", "good: alice of alice, Alice");
    check(ALICE, "alice at=2000 expires=0", "good: alice of alice, Alice");
    check(ALICE, "alice at=2000 expires=3000", "alice: it expired at 1970-01-01 01:23:20 UTC");
    check(ALICE, "alice at=5000", "good: alice of alice, Alice");
    check(
        ALICE,
        "alice at=5001",
        "alice: it was made at 1970-01-01 01:23:21 UTC and now is 1970-01-01 01:23:20 UTC: is the clock right?",
    );
    check(ALICE, "alice at=999", "alice: it was made at 1970-01-01 00:16:39 UTC, before its key");
}

#[test]
fn what_must_be_understood_is_understood() {
    check(
        ALICE,
        "alice at=2000 critical=100",
        "alice: it says something that must be understood, and is not: a subpacket of type 100",
    );
    check(
        ALICE,
        "alice at=2000 notation",
        "alice: it says something that must be understood, and is not: a notation",
    );
    // Nor does another one help, as gpgv has it.
    check(
        ALICE,
        "alice at=2000\nalice at=2000 notation",
        "alice: it says something that must be understood, and is not: a notation",
    );
    // Said to be critical, and known to say nothing about the signature: a policy's address.
    check(ALICE, "alice at=2000 critical=26", "good: alice of alice, Alice");
}

#[test]
fn only_texts_are_signed() {
    check(ALICE, "alice at=2000 kind=00", "good: alice of alice, Alice");
    for kind in ["02", "10", "13", "18", "1f", "20", "40", "50"] {
        let expected = format!("alice: it is of type 0x{kind}, which does not sign texts");
        check(ALICE, &format!("alice at=2000 kind={kind}"), &expected);
    }
    check(
        ALICE,
        "alice at=2000 version=6",
        "nobody: it cannot be read: it is of version 6, and only 4 is read",
    );
    check(
        ALICE,
        "alice at=2000 version=3",
        "nobody: it cannot be read: it is of version 3, and only 4 is read",
    );
}

#[test]
fn other_signatures_are_company() {
    let two = &format!("key old at=1000\nuser Old key-expires=1500\n{ALICE}");
    let good = "good: alice of alice, Alice\n";
    for (line, reason) in [
        (
            "alice at=2000 version=6",
            "nobody: it cannot be read: it is of version 6, and only 4 is read",
        ),
        ("alice at=2000 kind=10", "alice: it is of type 0x10, which does not sign texts"),
        (
            "alice at=2000 hash=sha1",
            "alice: SHA1 is too weak: the archive must be signed with SHA-256 or better",
        ),
        ("old at=1200", "old: its key expired at 1970-01-01 00:41:40 UTC: the keyring may be old"),
    ] {
        check(two, &format!("alice at=2000\n{line}"), &format!("{good}{reason}"));
    }
}

#[test]
fn there_is_an_end_of_signatures() {
    let many = |count: usize| vec!["alice at=2000"; count].join("\n");
    check(ALICE, &many(64), &vec!["good: alice of alice, Alice"; 64].join("\n"));
    check(ALICE, &many(65), "there are more than 64 signatures");
    check(ALICE, "", "there is no signature");
}
