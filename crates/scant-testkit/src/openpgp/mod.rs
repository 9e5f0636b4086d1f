//! OpenPGP keys and signatures, from lines of text: also those that no honest program makes. All
//! keys are Ed25519 and follow from their names, so the same text gives the same bytes.
//!
//! ```text
//! key NAME at=TIME [algorithm=27]       a primary key, and what is said of it:
//! user NAME [...]                       a name
//! direct [...]                          a statement about the key alone
//! subkey NAME at=TIME [back=KEY|none]   another key of it, which signs back by itself
//! revoke [...]                          takes back what stands in the line before
//! secret NAME at=TIME                   a key that signs, and is not in the keyring
//! ```
//!
//! What a signature says comes after, in any order: `by=KEY at=TIME hash=sha1|sha256|sha384|sha512
//! kind=HEX flags=c|s|e expires=SECONDS key-expires=SECONDS reason=NUMBER revoker=KEY primary
//! critical=NUMBER notation issuer=hashed|unhashed|id|none|KEY version=NUMBER broken`. The signature
//! of a subkey that signs back takes `back-hash`, `back-kind` and `back-broken`.

mod armor;
mod key;
mod options;
mod signature;

use std::collections::BTreeMap;

pub use armor::armored;
use key::Key;
use options::Options;
use signature::{packet, sign};

/// Keys, and the keyring that they are in.
#[derive(Default)]
pub struct Keys {
    keys: BTreeMap<String, Key>,
    keyring: Vec<u8>,
}

impl Keys {
    /// The keys of these lines.
    pub fn new(text: &str) -> Self {
        let mut keys = Self::default();
        // A statement may name keys of lines below it.
        for line in text.lines() {
            let options = Options::new(line);
            if let ["key" | "subkey" | "secret", name] = options.words()[..] {
                keys.keys.insert(name.into(), Key::new(name, &options));
            }
        }
        let (mut primary, mut last) = (String::new(), Over::Primary);
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            keys.line(&Options::new(line), &mut primary, &mut last);
        }
        keys
    }

    /// The binary keyring.
    pub fn keyring(&self) -> Vec<u8> {
        self.keyring.clone()
    }

    /// The keyring in armor.
    pub fn armored(&self) -> Vec<u8> {
        armored("PUBLIC KEY BLOCK", &self.keyring).into_bytes()
    }

    /// The fingerprint of a key, in upper case.
    pub fn fingerprint(&self, name: &str) -> String {
        self.key(name).fingerprint().iter().map(|byte| format!("{byte:02X}")).collect()
    }

    /// The name of the key with this fingerprint, or with this end of it; the digits if there is none.
    pub fn name(&self, digits: &str) -> String {
        let named = |name: &&String| self.fingerprint(name).ends_with(digits);
        self.keys.keys().find(named).map_or(digits, String::as_str).into()
    }

    /// A clear-signed text, with one signature for each line: a key, and what the signature says.
    pub fn inline(&self, text: &str, lines: &str) -> Vec<u8> {
        let canonical = text.strip_suffix('\n').unwrap_or(text).replace('\n', "\r\n");
        let (mut packets, mut hashes) = (Vec::new(), Vec::new());
        for line in lines.lines().filter(|line| !line.trim().is_empty()) {
            let options = Options::new(line);
            packets.extend(self.signature(&options, canonical.as_bytes(), 1));
            let hash = options.get("header").or(options.get("hash")).unwrap_or("sha512");
            hashes.push(hash.to_uppercase());
            hashes.dedup();
        }
        let escape = |line: &str| match line.strip_prefix('-') {
            Some(_) => format!("- {line}\n"),
            None => format!("{line}\n"),
        };
        let body: String = text.lines().map(escape).collect();
        let hashes = match hashes.join(",") {
            none if none.is_empty() => none,
            names => format!("Hash: {names}\n"),
        };
        let armor = armored("SIGNATURE", &packets);
        format!("-----BEGIN PGP SIGNED MESSAGE-----\n{hashes}\n{body}{armor}").into_bytes()
    }

    /// Signatures over bytes, binary, as lines of [`Keys::inline`] say.
    pub fn detached(&self, data: &[u8], lines: &str) -> Vec<u8> {
        let lines = lines.lines().filter(|line| !line.trim().is_empty());
        lines.flat_map(|line| self.signature(&Options::new(line), data, 0)).collect()
    }

    fn key(&self, name: &str) -> &Key {
        self.keys.get(name).unwrap_or_else(|| panic!("no key `{name}`"))
    }

    fn signature(&self, options: &Options<'_>, data: &[u8], kind: u8) -> Vec<u8> {
        let signer = self.key(options.words()[0]);
        packet(2, &sign(self, options, "", signer, kind, &[data]))
    }

    fn line(&mut self, options: &Options<'_>, primary: &mut String, last: &mut Over) {
        let words = options.words();
        let added = match words[..] {
            ["secret", _] => return,
            ["key", name] => {
                *primary = name.into();
                *last = Over::Primary;
                packet(6, &self.key(name).body())
            }
            ["direct"] => {
                let signer = self.key(options.get("by").unwrap_or(primary));
                let key = self.key(primary).signed();
                packet(2, &sign(self, options, "", signer, 0x1f, &[&key]))
            }
            ["user", name] => {
                let signer = self.key(options.get("by").unwrap_or(primary));
                let (key, user) = (self.key(primary).signed(), user(name));
                let signature = sign(self, options, "", signer, 0x13, &[&key, &user]);
                // More is said of the name that stood before.
                let is_same = matches!(last, Over::User(before) if before == name);
                let packet_of_name = if is_same { Vec::new() } else { packet(13, name.as_bytes()) };
                *last = Over::User(name.into());
                [packet_of_name, packet(2, &signature)].concat()
            }
            ["subkey", name] => {
                *last = Over::Subkey(name.into());
                let subkey = self.key(name);
                [packet(14, &subkey.body()), self.binding(options, primary, name)].concat()
            }
            ["revoke"] => {
                let signer = self.key(options.get("by").unwrap_or(primary));
                let key = self.key(primary).signed();
                let (kind, over) = match last {
                    Over::Primary => (0x20, Vec::new()),
                    Over::User(name) => (0x30, user(name)),
                    Over::Subkey(name) => (0x28, self.key(name).signed()),
                };
                packet(2, &sign(self, options, "", signer, kind, &[&key, &over]))
            }
            ref other => panic!("no line of keys: {other:?}"),
        };
        self.keyring.extend(added);
    }

    /// The signature that binds a subkey, with that by which it signs back.
    fn binding(&self, options: &Options<'_>, primary: &str, name: &str) -> Vec<u8> {
        let (key, subkey) = (self.key(primary).signed(), self.key(name).signed());
        let back = options.get("back").unwrap_or(name);
        let mut options = options.clone();
        if back != "none" {
            let back = self.key(back);
            let embedded = sign(self, &options, "back-", back, 0x19, &[&key, &subkey]);
            options.embedded = Some(embedded);
        }
        let signer = self.key(options.get("by").unwrap_or(primary));
        packet(2, &sign(self, &options, "", signer, 0x18, &[&key, &subkey]))
    }
}

/// What a revocation is over.
enum Over {
    Primary,
    User(String),
    Subkey(String),
}

/// A name as it is signed.
fn user(name: &str) -> Vec<u8> {
    let length = u32::try_from(name.len()).expect("a name is short");
    [&[0xb4][..], &length.to_be_bytes(), name.as_bytes()].concat()
}
