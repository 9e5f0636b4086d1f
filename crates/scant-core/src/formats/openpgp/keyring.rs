//! Files of public keys: each key with its names, its subkeys and the signatures over them. What
//! they are worth is not decided here.
//! [RFC 9580, 10.1](https://www.rfc-editor.org/rfc/rfc9580#section-10.1).

use alloc::vec::Vec;

use super::armor::{self, ArmorError, Around};
use super::key::PublicKey;
use super::packet::{Packet, PacketError, packets};
use super::signature::{Signature, kind};

/// More than enough for all keys that one trusts: 4 MiB.
pub const MAX_KEYRING: usize = 4 << 20;
/// More than enough keys in a file, and names and subkeys of a key.
const MAX_PARTS: usize = 2048;

/// Public keys. Each fingerprint of a primary key is there once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keyring {
    /// The keys, in their order.
    pub certificates: Vec<Certificate>,
}

/// A primary key, and what is said of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// The key.
    pub primary: PublicKey,
    /// Signatures over it alone: statements and revocations.
    pub signatures: Vec<Signature>,
    /// Whether there is a revocation that cannot be read.
    pub has_unreadable_revocation: bool,
    /// Whose it is.
    pub user_ids: Vec<UserId>,
    /// Keys that belong to it.
    pub subkeys: Vec<Subkey>,
}

/// A name, and what is said of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserId {
    /// The name, usually with an address: any bytes.
    pub name: Vec<u8>,
    /// Signatures over it.
    pub signatures: Vec<Signature>,
}

/// A subkey, and what is said of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subkey {
    /// The key.
    pub key: PublicKey,
    /// Signatures over it.
    pub signatures: Vec<Signature>,
    /// Whether there is a revocation that cannot be read.
    pub has_unreadable_revocation: bool,
}

/// Why bytes are no keys.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyringError {
    /// Nothing in it that can be used.
    #[error("it holds no public key of version 4")]
    NoKey,
    /// Too large.
    #[error("it is larger than {} MiB: export only the keys that are trusted", MAX_KEYRING >> 20)]
    TooLarge,
    /// Too many keys, or names and subkeys of one.
    #[error(
        "it holds more than {MAX_PARTS} keys, or a key with more than {MAX_PARTS} names and \
         subkeys: export only the keys that are trusted"
    )]
    TooMany,
    /// A database of GnuPG.
    #[error(
        "it is a keybox, the database of one GnuPG: export its keys by \
         `gpg --no-default-keyring --keyring FILE --export > KEYS.gpg`"
    )]
    Keybox,
    /// Secret keys.
    #[error("it holds a secret key: export the public one by `gpg --export KEY > KEYS.gpg`")]
    Secret,
    /// Neither form.
    #[error(
        "it is no OpenPGP key, neither binary nor with a line `-----BEGIN PGP PUBLIC KEY BLOCK-----`"
    )]
    NeitherForm,
    /// Base64 that cannot be read.
    #[error(transparent)]
    Armor(#[from] ArmorError),
    /// Packets that cannot be read.
    #[error(transparent)]
    Packet(#[from] PacketError),
    /// Something that is not part of a key.
    #[error("its packet {number} is of type {tag}, which is not part of a public key")]
    OtherPacket {
        /// Which, counted from 1.
        number: usize,
        /// What it is.
        tag: u8,
    },
}

/// Tags of packets.
/// [RFC 9580, 5](https://www.rfc-editor.org/rfc/rfc9580#section-5).
mod tag {
    pub(super) const SIGNATURE: u8 = 2;
    pub(super) const SECRET_KEY: u8 = 5;
    pub(super) const PUBLIC_KEY: u8 = 6;
    pub(super) const SECRET_SUBKEY: u8 = 7;
    pub(super) const MARKER: u8 = 10;
    pub(super) const TRUST: u8 = 12;
    pub(super) const USER_ID: u8 = 13;
    pub(super) const PUBLIC_SUBKEY: u8 = 14;
    pub(super) const USER_ATTRIBUTE: u8 = 17;
    pub(super) const PADDING: u8 = 21;
}

impl Keyring {
    /// Reads keys, binary or in armor, any number of them. Keys of other versions are left out.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn parse(bytes: &[u8]) -> Result<Self, KeyringError> {
        if bytes.len() > MAX_KEYRING {
            return Err(KeyringError::TooLarge);
        }
        // The first block of a keybox: its length, 1, a version, flags, and its name.
        if bytes.get(8..12) == Some(b"KBXf") {
            return Err(KeyringError::Keybox);
        }
        let mut keyring = Self::default();
        if bytes.first().is_some_and(|byte| byte & 0x80 != 0) {
            keyring.read(bytes)?;
        } else if armor::is_armored(bytes) {
            let is_secret = |line: &[u8]| armor::is_edge(line, "BEGIN", "PRIVATE KEY BLOCK");
            if bytes.split(|&byte| byte == b'\n').any(is_secret) {
                return Err(KeyringError::Secret);
            }
            keyring.read(&armor::decode(bytes, armor::KEYS, Around::Anything, 1)?)?;
        } else if bytes.is_empty() {
            return Err(KeyringError::NoKey);
        } else {
            return Err(KeyringError::NeitherForm);
        }
        if keyring.certificates.is_empty() { Err(KeyringError::NoKey) } else { Ok(keyring) }
    }

    /// Adds the keys of another. What is said of a key that both have, is said by both.
    pub fn merge(&mut self, other: Self) {
        other.certificates.into_iter().for_each(|certificate| self.add(certificate));
    }

    fn add(&mut self, certificate: Certificate) {
        let fingerprint = certificate.primary.fingerprint;
        let known = |known: &&mut Certificate| known.primary.fingerprint == fingerprint;
        match self.certificates.iter_mut().find(known) {
            Some(known) => known.merge(certificate),
            None => self.certificates.push(certificate),
        }
    }

    fn read(&mut self, bytes: &[u8]) -> Result<(), KeyringError> {
        let mut reading = Reading { certificate: None, last: Last::Skipped };
        for (index, packet) in packets(bytes).enumerate() {
            let Packet { tag, body } = packet?;
            if tag == tag::PUBLIC_KEY {
                let next = PublicKey::parse(body).map(Certificate::new);
                reading.last = Last::Primary;
                let done = core::mem::replace(&mut reading.certificate, next);
                done.into_iter().for_each(|done| self.add(done));
            } else {
                reading.part(tag, body, index + 1)?;
            }
            let parts = reading.certificate.as_ref().map_or(0, Certificate::parts);
            if parts > MAX_PARTS || self.certificates.len() > MAX_PARTS {
                return Err(KeyringError::TooMany);
            }
        }
        reading.certificate.into_iter().for_each(|done| self.add(done));
        Ok(())
    }
}

/// Where a keyring is being read.
struct Reading {
    /// The key that is not over yet; none after one that is left out.
    certificate: Option<Certificate>,
    last: Last,
}

/// What the next signature is over.
enum Last {
    /// Something that is not looked at.
    Skipped,
    Primary,
    UserId(usize),
    Subkey(usize),
}

impl Reading {
    fn part(&mut self, tag: u8, body: &[u8], number: usize) -> Result<(), KeyringError> {
        match tag {
            // Of the database that the key was in, or to fill up.
            tag::MARKER | tag::TRUST | tag::PADDING => return Ok(()),
            tag::SECRET_KEY | tag::SECRET_SUBKEY => return Err(KeyringError::Secret),
            tag::SIGNATURE | tag::USER_ID | tag::PUBLIC_SUBKEY | tag::USER_ATTRIBUTE => {}
            // May be left out by those that do not know them; what is signed after them is theirs.
            40.. => {}
            _ => return Err(KeyringError::OtherPacket { number, tag }),
        }
        let Some(certificate) = &mut self.certificate else { return Ok(()) };
        match tag {
            tag::SIGNATURE => certificate.add_signature(&self.last, body),
            tag::USER_ID => {
                let user_id = UserId { name: body.to_vec(), signatures: Vec::new() };
                self.last = Last::UserId(certificate.add_user_id(user_id));
            }
            tag::PUBLIC_SUBKEY => {
                let subkey = PublicKey::parse(body).map(Subkey::new);
                let number = subkey.map(|subkey| certificate.add_subkey(subkey));
                self.last = number.map_or(Last::Skipped, Last::Subkey);
            }
            _ => self.last = Last::Skipped,
        }
        Ok(())
    }
}

impl Certificate {
    fn new(primary: PublicKey) -> Self {
        Self {
            primary,
            signatures: Vec::new(),
            has_unreadable_revocation: false,
            user_ids: Vec::new(),
            subkeys: Vec::new(),
        }
    }

    /// How many names and subkeys there are.
    fn parts(&self) -> usize {
        self.user_ids.len() + self.subkeys.len()
    }

    fn merge(&mut self, other: Self) {
        self.signatures.extend(other.signatures);
        self.has_unreadable_revocation |= other.has_unreadable_revocation;
        for user_id in other.user_ids {
            self.add_user_id(user_id);
        }
        for subkey in other.subkeys {
            self.add_subkey(subkey);
        }
    }

    /// The number of the name, which may have been there.
    fn add_user_id(&mut self, user_id: UserId) -> usize {
        match self.user_ids.iter().position(|known| known.name == user_id.name) {
            Some(number) => {
                self.user_ids[number].signatures.extend(user_id.signatures);
                number
            }
            None => {
                self.user_ids.push(user_id);
                self.user_ids.len() - 1
            }
        }
    }

    /// The number of the subkey, which may have been there.
    fn add_subkey(&mut self, subkey: Subkey) -> usize {
        let fingerprint = subkey.key.fingerprint;
        match self.subkeys.iter().position(|known| known.key.fingerprint == fingerprint) {
            Some(number) => {
                let known = &mut self.subkeys[number];
                known.signatures.extend(subkey.signatures);
                known.has_unreadable_revocation |= subkey.has_unreadable_revocation;
                number
            }
            None => {
                self.subkeys.push(subkey);
                self.subkeys.len() - 1
            }
        }
    }

    fn add_signature(&mut self, over: &Last, body: &[u8]) {
        let (signatures, unreadable) = match over {
            Last::Skipped => return,
            Last::Primary => (&mut self.signatures, Some(&mut self.has_unreadable_revocation)),
            Last::UserId(number) => (&mut self.user_ids[*number].signatures, None),
            Last::Subkey(number) => {
                let subkey = &mut self.subkeys[*number];
                (&mut subkey.signatures, Some(&mut subkey.has_unreadable_revocation))
            }
        };
        match Signature::parse(body) {
            Ok(signature) => signatures.push(signature),
            // Of an older or newer version, or damaged: not believed. But a key that somebody tried
            // to revoke is not one to go on with.
            Err(_) => {
                let kind = Signature::apparent_kind(body);
                let revokes = [kind::KEY_REVOCATION, kind::SUBKEY_REVOCATION].map(Some);
                if let Some(unreadable) = unreadable
                    && revokes.contains(&kind)
                {
                    *unreadable = true;
                }
            }
        }
    }
}

impl Subkey {
    fn new(key: PublicKey) -> Self {
        Self { key, signatures: Vec::new(), has_unreadable_revocation: false }
    }
}
