//! Subkeys: bound by the primary key, and by themselves.

use crate::support::check;

const GOOD: &str = "good: sub of alice, Alice";
const NOT_BOUND: &str = "sub: its key is not bound to the primary key by a good signature";
const NOT_BACK: &str = "sub: its key does not say itself that it belongs to the primary key";

#[track_caller]
fn case(line: &str, expected: &str) {
    let keys = format!("key alice at=1000\nuser Alice flags=c\nsecret bob at=1000\n{line}");
    check(&keys, "sub at=2000", expected);
}

#[test]
fn a_subkey_signs_if_it_is_for_that() {
    case("subkey sub at=1100 flags=s", GOOD);
    case("subkey sub at=1100", GOOD);
    case("subkey sub at=1100 flags=e", "sub: its key is not for signing");
    case("subkey sub at=1100 flags=c", "sub: its key is not for signing");
}

#[test]
fn a_subkey_is_bound_by_the_primary_key() {
    case("subkey sub at=1100 flags=s by=bob", NOT_BOUND);
    case("subkey sub at=1100 flags=s by=bob issuer=alice", NOT_BOUND);
    case("subkey sub at=1100 flags=s broken", NOT_BOUND);
    case("subkey sub at=1100 flags=s kind=1f", NOT_BOUND);
    case("subkey sub at=1100 flags=s critical=100", NOT_BOUND);
    case("subkey sub at=1100 flags=s expires=10", NOT_BOUND);
    case(
        "subkey sub at=1100 flags=s hash=sha1",
        "sub: its key says what it is for only by SHA-1 or weaker, which can be forged",
    );
}

#[test]
fn a_subkey_signs_back() {
    case("subkey sub at=1100 flags=s back=none", NOT_BACK);
    case("subkey sub at=1100 flags=s back=bob", NOT_BACK);
    case("subkey sub at=1100 flags=s back=alice", NOT_BACK);
    case("subkey sub at=1100 flags=s back-broken", NOT_BACK);
    case("subkey sub at=1100 flags=s back-kind=18", NOT_BACK);
    case("subkey sub at=1100 flags=s back-hash=sha1", NOT_BACK);
}

#[test]
fn a_subkey_holds_for_its_time() {
    case("subkey sub at=1100 flags=s key-expires=3901", GOOD);
    case(
        "subkey sub at=1100 flags=s key-expires=3900",
        "sub: its key expired at 1970-01-01 01:23:20 UTC: the keyring may be old",
    );
    case(
        "subkey sub at=2001 flags=s",
        "sub: it was made at 1970-01-01 00:33:20 UTC, before its key",
    );
}

#[test]
fn a_subkey_is_no_better_than_its_primary_key() {
    check(
        "key alice at=1000\nuser Alice flags=c key-expires=4000\nsubkey sub at=1100 flags=s",
        "sub at=2000",
        "sub: its key expired at 1970-01-01 01:23:20 UTC: the keyring may be old",
    );
    check(
        "key alice at=1000\nsubkey sub at=1100 flags=s",
        "sub at=2000",
        "sub: its key has no good signature of its own that says what it is for",
    );
    check(
        "key alice at=1000\nrevoke at=3000 reason=2\nuser Alice flags=c\nsubkey sub at=1100 flags=s",
        "sub at=2000",
        "sub: its key was revoked at 1970-01-01 00:50:00 UTC (it was stolen or lost)",
    );
}
