//! What a signature says besides that it signs: when it was made, how long it holds, for what a key
//! is. Only what the signature covers is believed; all else is a hint.
//! [RFC 9580, 5.2.3.7](https://www.rfc-editor.org/rfc/rfc9580#section-5.2.3.7).

use alloc::vec::Vec;

use super::fingerprint::{Fingerprint, KeyId};
use super::packet::two_bytes;
use super::reader::Reader;
use super::signature::SignatureError;

/// What both areas of a signature say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subpackets {
    /// When it was made, in seconds since 1970.
    pub created: Option<u32>,
    /// After how many seconds it is over; never, if 0.
    pub expires_after: Option<u32>,
    /// How many seconds after its making the key is over; never, if 0.
    pub key_expires_after: Option<u32>,
    /// What the key is for: the first byte.
    pub key_flags: Option<u8>,
    /// Whether this is the name to show.
    pub is_primary_user_id: bool,
    /// Why a key or name is no longer good: a number of the standard.
    pub revocation_reason: Option<u8>,
    /// Keys that may revoke this one.
    pub revokers: Vec<Fingerprint>,
    /// A signature of the key that this one binds.
    pub embedded: Vec<Vec<u8>>,
    /// Who made it, says the signature.
    pub issuer: Option<Fingerprint>,
    /// Who may have made it.
    pub issuer_hint: Option<Fingerprint>,
    /// Who may have made it, by the end of the fingerprint.
    pub issuer_key_id: Option<KeyId>,
    /// Something that must be understood, and is not.
    pub critical: Option<Critical>,
}

/// What must be understood, and is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Critical {
    /// A subpacket of this number.
    Subpacket(u8),
    /// A notation: a name and a value of somebody's own.
    Notation,
}

/// What the signature covers, or what anybody may have added.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Area {
    Hashed,
    Unhashed,
}

impl Subpackets {
    /// Reads one area.
    pub(super) fn read(&mut self, area: Area, bytes: &[u8]) -> Result<(), SignatureError> {
        let mut reader = Reader(bytes);
        while !reader.is_empty() {
            let (kind, body) = next(&mut reader).ok_or(SignatureError::CutOff)?;
            let (is_critical, kind) = (kind & 0x80 != 0, kind & 0x7f);
            match area {
                Area::Hashed => self.hashed(kind, body)?,
                Area::Unhashed => self.unhashed(kind, body),
            }
            if is_critical && !is_understood(kind) && self.critical.is_none() {
                let notation = kind == 20;
                let what = if notation { Critical::Notation } else { Critical::Subpacket(kind) };
                self.critical = Some(what);
            }
        }
        Ok(())
    }

    fn hashed(&mut self, kind: u8, body: &[u8]) -> Result<(), SignatureError> {
        let malformed = SignatureError::Subpacket(kind);
        let time = || body.try_into().map(u32::from_be_bytes).map_err(|_| malformed);
        match kind {
            2 => once(&mut self.created, time()?, malformed),
            3 => once(&mut self.expires_after, time()?, malformed),
            9 => once(&mut self.key_expires_after, time()?, malformed),
            27 => once(&mut self.key_flags, body.first().copied().unwrap_or(0), malformed),
            29 => once(&mut self.revocation_reason, *body.first().ok_or(malformed)?, malformed),
            33 => once(&mut self.issuer, fingerprint(body).ok_or(malformed)?, malformed),
            12 => {
                let [class, _, key @ ..] = body else { return Err(malformed) };
                let key: [u8; 20] = key.try_into().map_err(|_| malformed)?;
                if class & 0x80 != 0 {
                    self.revokers.push(Fingerprint::from_bytes(key));
                }
                Ok(())
            }
            16 => {
                self.issuer_key_id = Some(KeyId(body.try_into().map_err(|_| malformed)?));
                Ok(())
            }
            25 => {
                self.is_primary_user_id = body.first().is_some_and(|&value| value != 0);
                Ok(())
            }
            32 => {
                self.embedded.push(body.to_vec());
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Hints, and signatures that speak for themselves.
    fn unhashed(&mut self, kind: u8, body: &[u8]) {
        match kind {
            16 if self.issuer_key_id.is_none() => {
                self.issuer_key_id = body.try_into().ok().map(KeyId);
            }
            33 if self.issuer_hint.is_none() => self.issuer_hint = fingerprint(body),
            32 => self.embedded.push(body.to_vec()),
            _ => {}
        }
    }
}

/// A value that is said twice says nothing.
fn once<T>(slot: &mut Option<T>, value: T, error: SignatureError) -> Result<(), SignatureError> {
    if slot.replace(value).is_some() { Err(error) } else { Ok(()) }
}

fn next<'a>(reader: &mut Reader<'a>) -> Option<(u8, &'a [u8])> {
    let length = match reader.u8()? {
        first @ 0..192 => u32::from(first),
        first @ 192..255 => two_bytes(first, reader.u8()?),
        255 => reader.u32()?,
    };
    let (kind, body) = reader.take(length.try_into().ok()?)?.split_first()?;
    Some((*kind, body))
}

/// A fingerprint after the number of its version.
fn fingerprint(body: &[u8]) -> Option<Fingerprint> {
    let bytes: [u8; 20] = body.strip_prefix(&[4])?.try_into().ok()?;
    Some(Fingerprint::from_bytes(bytes))
}

/// Whether a subpacket may say that it must be understood. Preferences of the owner, for example,
/// are understood to mean nothing here.
fn is_understood(kind: u8) -> bool {
    matches!(kind, 2 | 3 | 9 | 11 | 12 | 16 | 21 | 22 | 23 | 25 | 26 | 27 | 29 | 30 | 32 | 33)
}
