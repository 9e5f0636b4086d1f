//! What a primary key says of itself: for what it is, and until when.

use crate::support::check;

const GOOD: &str = "good: alice of alice, Alice";
const OVER: &str = "alice: its key expired at 1970-01-01 01:23:20 UTC: the keyring may be old";

#[track_caller]
fn case(lines: &str, expected: &str) {
    check(&format!("key alice at=1000\n{lines}"), "alice at=2000", expected);
}

#[test]
fn a_key_says_what_it_is_for() {
    case("user Alice flags=cs", GOOD);
    case("user Alice flags=s", GOOD);
    // From before there were flags.
    case("user Alice", GOOD);
    case("direct flags=cs", "good: alice of alice,");
    case("user Alice flags=c", "alice: its key is not for signing");
    case("user Alice flags=e", "alice: its key is not for signing");
    case("user Alice flags=", "alice: its key is not for signing");
    case("direct flags=c\nuser Alice flags=cs", "alice: its key is not for signing");
    case("user Alice flags=cs\nuser Alice flags=c at=1500", "alice: its key is not for signing");
    case("user Alice flags=c\nuser Alice flags=cs at=1500", GOOD);
}

#[test]
fn a_key_without_a_word_of_its_own_signs_nothing() {
    let expected = "alice: its key has no good signature of its own that says what it is for";
    case("", expected);
    case("secret bob at=1000\nuser Alice by=bob flags=cs", expected);
    case("secret bob at=1000\nuser Alice by=bob flags=cs issuer=alice", expected);
    case("user Alice flags=cs broken", expected);
    case("user Alice flags=cs version=3", expected);
    case("user Alice flags=cs expires=10", expected);
    // Before the key, and after now.
    case("user Alice flags=cs at=900", expected);
    case("user Alice flags=cs at=2000000000", expected);
    case("user Alice flags=cs critical=100", expected);
    case("user Alice flags=cs kind=18", expected);
}

#[test]
fn a_key_holds_for_its_time() {
    case("user Alice flags=cs key-expires=4001", GOOD);
    case("user Alice flags=cs key-expires=4000", OVER);
    case("user Alice flags=cs key-expires=0", GOOD);
    // The last word counts, in whatever order they stand.
    case("user Alice key-expires=4000\nuser Alice key-expires=5000 at=1500", GOOD);
    case("user Alice key-expires=5000 at=1500\nuser Alice key-expires=4000", GOOD);
    case("user Alice key-expires=5000\nuser Alice key-expires=4000 at=1500", OVER);
    case("user Alice key-expires=4000\nuser Alice at=1500", GOOD);
    case("direct flags=cs key-expires=4000\nuser Alice flags=cs", OVER);
    case("direct flags=cs\nuser Alice flags=cs key-expires=4000", OVER);
    // A name that says no time does not give away that of another.
    case("user Alice key-expires=4000\nuser Other at=1500", OVER);
    check(
        "key alice at=6000\nuser Alice",
        "alice at=2000",
        "alice: it was made at 1970-01-01 00:33:20 UTC, before its key",
    );
}

#[test]
fn what_only_weak_digests_say_is_not_believed() {
    let weak = "alice: its key says what it is for only by SHA-1 or weaker, which can be forged";
    case("user Alice flags=cs hash=sha1", weak);
    case("direct flags=cs hash=sha1", weak);
    case("user Alice flags=cs hash=sha1\nuser Alice flags=cs", GOOD);
    // They take away, and do not give.
    case("user Alice flags=cs\nuser Alice flags=cs key-expires=4000 at=1500 hash=sha1", OVER);
    case("user Alice flags=cs key-expires=4000\nuser Alice flags=cs at=1500 hash=sha1", OVER);
    case(
        "user Alice flags=c\nuser Alice flags=cs at=1500 hash=sha1",
        "alice: its key is not for signing",
    );
}

#[test]
fn the_marked_name_is_shown_else_the_last() {
    case("user Alice primary\nuser Other at=1500", GOOD);
    case("user Other\nuser Alice at=1500", GOOD);
    case("user Other primary\nuser Alice primary at=1500", GOOD);
    case("user Alice\nuser Other at=1500\nrevoke at=1600", GOOD);
    case("user \u{1b}[31mAlice", "good: alice of alice, \\u{1b}[31mAlice");
}

#[test]
fn a_name_that_was_taken_back_says_nothing() {
    let expected = "alice: its key has no good signature of its own that says what it is for";
    case("user Alice flags=cs\nrevoke at=1500", expected);
    case("user Alice flags=cs\nrevoke at=1500 hash=sha1", expected);
    case("user Alice flags=cs\nrevoke at=1500\nuser Alice flags=cs at=1600", GOOD);
    case("user Alice flags=cs\nrevoke at=1500 broken", GOOD);
    case("secret bob at=1000\nuser Alice flags=cs\nrevoke at=1500 by=bob", GOOD);
}
