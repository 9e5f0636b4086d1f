//! Keys that are named where trust is given.

use crate::support::check_only;

#[test]
fn only_named_keys_sign() {
    let keys = "key alice at=1000
                user Alice flags=cs
                subkey sub at=1100 flags=s
                subkey other at=1100 flags=s
                key bob at=1000
                user Bob flags=cs";
    let no = "the key is trusted, but not one of those that may sign this";
    let case = |signer: &str, only: &[&str], is_good: bool| {
        let expected = match is_good {
            true if signer == "bob" => "good: bob of bob, Bob".into(),
            true => format!("good: {signer} of alice, Alice"),
            false => format!("{signer}: {no}"),
        };
        check_only(keys, &format!("{signer} at=2000"), Some(only), &expected);
    };
    case("alice", &["alice"], true);
    case("alice", &["alice!"], true);
    case("alice", &["bob", "alice"], true);
    case("alice", &["bob"], false);
    case("alice", &["sub"], false);
    case("alice", &[], false);
    case("sub", &["alice"], true);
    case("sub", &["alice!"], false);
    case("sub", &["sub"], true);
    case("sub", &["sub!"], true);
    case("sub", &["other"], false);
    case("bob", &["alice", "sub"], false);
    case("bob", &["bob!"], true);
}
