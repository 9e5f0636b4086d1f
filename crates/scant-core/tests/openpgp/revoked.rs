//! Keys that were taken back.

use crate::support::check;

const GOOD: &str = "good: alice of alice, Alice";

#[track_caller]
fn case(lines: &str, expected: &str) {
    let keys = format!("secret eve at=1000\nkey alice at=1000\n{lines}\nuser Alice flags=cs");
    check(&keys, "alice at=2000", expected);
}

#[test]
fn a_key_that_was_stolen_never_signed_anything() {
    let at = "alice: its key was revoked at 1970-01-01 00:50:00 UTC";
    case("revoke at=3000", at);
    case("revoke at=3000 reason=0", &format!("{at} (for another reason)"));
    case("revoke at=3000 reason=2", &format!("{at} (it was stolen or lost)"));
    case("revoke at=3000 hash=sha1", at);
    case("revoke at=3000 critical=100", at);
    // The clock may be wrong, and the key is lost.
    case("revoke at=9000", "alice: its key was revoked at 1970-01-01 02:30:00 UTC");
}

#[test]
fn a_key_that_was_replaced_signed_what_it_signed_before() {
    case("revoke at=3000 reason=1", GOOD);
    case("revoke at=3000 reason=3", GOOD);
    case(
        "revoke at=1500 reason=1",
        "alice: its key was revoked at 1970-01-01 00:25:00 UTC (it was replaced)",
    );
    case(
        "revoke at=2000 reason=3",
        "alice: its key was revoked at 1970-01-01 00:33:20 UTC (it is no longer used)",
    );
    case(
        "revoke at=3000 reason=3\nrevoke at=4000 reason=2",
        "alice: its key was revoked at 1970-01-01 01:06:40 UTC (it was stolen or lost)",
    );
}

#[test]
fn nobody_else_takes_back_a_key() {
    case("revoke at=3000 by=eve", GOOD);
    case("revoke at=3000 by=eve issuer=alice", GOOD);
    case("revoke at=3000 by=eve issuer=none", GOOD);
    case("revoke at=3000 broken", GOOD);
}

#[test]
fn but_those_that_the_key_names() {
    let bob = "key bob at=1000\nuser Bob\nkey alice at=1000\nuser Alice flags=cs";
    let keys = |lines: &str| {
        format!("key bob at=1000\nuser Bob\nkey alice at=1000\n{lines}\nuser Alice flags=cs")
    };
    assert_eq!(keys("").replace("\n\n", "\n"), bob);
    check(
        &keys("direct revoker=bob\nrevoke at=3000 by=bob"),
        "alice at=2000",
        "alice: its key was revoked at 1970-01-01 00:50:00 UTC",
    );
    check(&keys("revoke at=3000 by=bob"), "alice at=2000", GOOD);
    check(&keys("direct revoker=bob\nrevoke at=3000 by=bob broken"), "alice at=2000", GOOD);
    check(&keys("direct revoker=bob broken\nrevoke at=3000 by=bob"), "alice at=2000", GOOD);
    // Who may revoke it may have; the key that could tell is not there.
    case(
        "direct revoker=eve\nrevoke at=3000 by=eve",
        "alice: its key was revoked, by a signature that cannot be checked",
    );
}

#[test]
fn a_revocation_that_cannot_be_checked_is_believed() {
    let expected = "alice: its key was revoked, by a signature that cannot be checked";
    case("revoke at=3000 hash=unknown", expected);
    case("revoke at=3000 version=5", expected);
}

#[test]
fn subkeys_are_taken_back_by_the_primary_key() {
    let case = |line: &str, expected: &str| {
        let keys =
            format!("key alice at=1000\nuser Alice flags=c\nsubkey sub at=1100 flags=s\n{line}");
        check(&keys, "sub at=2000", expected);
    };
    let good = "good: sub of alice, Alice";
    let at = "sub: its key was revoked at 1970-01-01 00:50:00 UTC";
    case("revoke at=3000", at);
    case("revoke at=3000 reason=2", &format!("{at} (it was stolen or lost)"));
    case("revoke at=3000 reason=1", good);
    case("revoke at=3000 broken", good);
    case("revoke at=3000 by=sub", good);
    case(
        "revoke at=3000 version=5",
        "sub: its key was revoked, by a signature that cannot be checked",
    );
}
