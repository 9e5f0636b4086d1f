//! Keys and texts that the targets of OpenPGP start from.

use scant_testkit::openpgp::Keys;

/// The texts that the keys signed.
pub const SIGNED: [&str; 3] = ["Origin: a\n", "", "- a\n\n- b\nFrom c\n"];

/// What the keys say besides, each for all of the texts.
const SIGNATURES: [&str; 8] = [
    "alice at=2000",
    "sub at=2000 hash=sha256\nalice at=2000",
    "alice at=2000 hash=sha1",
    "bob at=2000 kind=00 issuer=id",
    "bob at=2000 expires=10\nstranger at=2000",
    "retired at=1500 hash=sha384",
    "alice at=2000 notation",
    "alice at=2000 broken\nbob at=2000 issuer=unhashed",
];

/// The keys.
pub fn keys() -> Keys {
    Keys::new(
        "key alice at=1000
         direct flags=cs key-expires=9000 revoker=bob
         user alice flags=cs primary
         user other flags=c
         revoke at=1200
         subkey sub at=1100 flags=s key-expires=9000
         subkey gone at=1100 flags=s back=none
         revoke at=1300 reason=2
         key bob at=1000 algorithm=27
         user bob flags=cs hash=sha1
         user bob flags=cs at=1001
         key retired at=1000
         revoke at=1600 reason=1
         user retired
         secret stranger at=1000",
    )
}

/// All texts, signed in all ways.
pub fn signed_inline() -> Vec<Vec<u8>> {
    let keys = keys();
    let texts = SIGNED.iter().flat_map(|text| SIGNATURES.iter().map(move |lines| (text, lines)));
    texts.map(|(text, lines)| keys.inline(text, lines)).collect()
}

/// Signatures over `text`, made in all ways.
pub fn signed_detached() -> Vec<Vec<u8>> {
    let keys = keys();
    SIGNATURES.iter().map(|lines| keys.detached(b"text", lines)).collect()
}
