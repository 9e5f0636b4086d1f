//! Whether a text is signed by one of the keys that are trusted, now. Which keys those are, is up to
//! the caller; what is read is up to [`crate::formats::openpgp`].
//!
//! The rules are those of apt, where OpenPGP leaves a choice: one good signature by a known key is
//! enough, and nothing unsigned stands around a clear-signed text.

mod allowed;
mod primitive;
mod reason;
mod standing;

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

pub use allowed::Allowed;
pub use reason::{Issuer, Reason, Refused};

use crate::formats::openpgp::{
    Certificate, Cleartext, CleartextError, Fingerprint, HashAlgorithm, Keyring, PacketError,
    PublicKey, Signature, Subkey, UserId, armor, canonical, kind, packets,
};
use crate::words::Escaped;
use primitive::Budget;
use standing::{Standing, expiry};

/// More signatures than any archive has keys.
const MAX_SIGNATURES: usize = 64;

/// Who may have signed, and when it is asked.
#[derive(Clone, Copy)]
pub struct Trust<'a> {
    /// The keys that are known.
    pub keyring: &'a Keyring,
    /// Those of them that may sign this; all, if none are named.
    pub only: Option<&'a [Allowed]>,
    /// Seconds since 1970.
    pub now: i64,
}

/// A text that is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The text, and nothing that is not signed.
    pub text: Vec<u8>,
    /// By whom.
    pub signatures: Signatures,
}

/// What became of the signatures of a text, of which one at least is good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signatures {
    /// Those whose signatures are good, in their order.
    pub signers: Vec<Signer>,
    /// Those that do not count.
    pub refused: Vec<Refused>,
}

/// Who signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signer {
    /// The key that signed.
    pub fingerprint: Fingerprint,
    /// The primary key it belongs to, or it is.
    pub primary: Fingerprint,
    /// The name of the owner, fit to be shown; empty if there is none.
    pub user_id: String,
    /// When the key that signed was made, in seconds since 1970.
    pub key_created: i64,
    /// When it signed, in seconds since 1970.
    pub signed: i64,
}

/// Why a text is not signed by anybody who is trusted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// No clear-signed text.
    #[error(transparent)]
    Cleartext(#[from] CleartextError),
    /// No armor.
    #[error(transparent)]
    Armor(#[from] armor::ArmorError),
    /// No packets.
    #[error(transparent)]
    Packet(#[from] PacketError),
    /// Something else than signatures.
    #[error("packet {number} of the signatures is of type {tag}, which is no signature")]
    OtherPacket {
        /// Which, counted from 1.
        number: usize,
        /// What it is.
        tag: u8,
    },
    /// Not one.
    #[error("there is no signature")]
    NoSignature,
    /// Too many.
    #[error("there are more than {MAX_SIGNATURES} signatures")]
    TooManySignatures,
    /// None is good.
    #[error("no signature is good{}", list(.0))]
    NoGood(Vec<Refused>),
}

fn list(refused: &[Refused]) -> String {
    refused.iter().map(|refused| alloc::format!("\n  {refused}")).collect()
}

/// Checks a clear-signed text, such as `InRelease`.
///
/// # Errors
/// Why it is not one, or why none of its signatures counts.
pub fn verify_inline(bytes: &[u8], trust: Trust<'_>) -> Result<Verified, VerifyError> {
    let cleartext = Cleartext::parse(bytes)?;
    let canonical = cleartext.canonical();
    let signatures = verify(&cleartext.signatures, trust, |signature| match signature.kind {
        // Some programs say here that they sign bytes, and mean the same.
        kind::TEXT | kind::BINARY if cleartext.hashes.contains(&signature.hash) => {
            Ok(Cow::Borrowed(&canonical))
        }
        kind::TEXT | kind::BINARY => Err(Reason::HashHeader(signature.hash)),
        other => Err(Reason::Kind(other)),
    })?;
    Ok(Verified { text: cleartext.text, signatures })
}

/// Checks signatures that are in a file of their own, such as `Release.gpg`, in armor or binary.
///
/// # Errors
/// Why they are none, or why none of them counts.
pub fn verify_detached(
    data: &[u8],
    signatures: &[u8],
    trust: Trust<'_>,
) -> Result<Signatures, VerifyError> {
    let decoded;
    let signatures = if signatures.first().is_some_and(|byte| byte & 0x80 != 0) {
        signatures
    } else {
        decoded = armor::decode(signatures, armor::SIGNATURE, armor::Around::Nothing, 1)?;
        &decoded
    };
    verify(signatures, trust, |signature| match signature.kind {
        kind::BINARY => Ok(Cow::Borrowed(data)),
        kind::TEXT => Ok(Cow::Owned(canonical(data))),
        other => Err(Reason::Kind(other)),
    })
}

/// Checks signatures over what each of them covers.
fn verify<'d>(
    bytes: &[u8],
    trust: Trust<'_>,
    covered: impl Fn(&Signature) -> Result<Cow<'d, [u8]>, Reason>,
) -> Result<Signatures, VerifyError> {
    let budget = Budget::new();
    let mut found = Signatures { signers: Vec::new(), refused: Vec::new() };
    for (index, packet) in packets(bytes).enumerate() {
        let packet = packet?;
        if packet.tag != 2 {
            return Err(VerifyError::OtherPacket { number: index + 1, tag: packet.tag });
        }
        if index >= MAX_SIGNATURES {
            return Err(VerifyError::TooManySignatures);
        }
        let mut issuer = Issuer::Nobody;
        let signer =
            Signature::parse(packet.body).map_err(Reason::Unreadable).and_then(|signature| {
                issuer = named(&signature);
                let data = covered(&signature)?;
                signer(&signature, issuer, &data, trust, &budget)
            });
        match signer {
            Ok(signer) => found.signers.push(signer),
            Err(reason) => found.refused.push(Refused { issuer, reason }),
        }
    }
    match (found.signers.is_empty(), found.refused.is_empty()) {
        (false, _) => Ok(found),
        (true, false) => Err(VerifyError::NoGood(found.refused)),
        (true, true) => Err(VerifyError::NoSignature),
    }
}

fn named(signature: &Signature) -> Issuer {
    let says = &signature.says;
    let fingerprint = says.issuer.or(says.issuer_hint).map(Issuer::Fingerprint);
    fingerprint.or(says.issuer_key_id.map(Issuer::KeyId)).unwrap_or(Issuer::Nobody)
}

/// Who made a signature over data, if they may.
fn signer<'k>(
    signature: &Signature,
    issuer: Issuer,
    data: &[u8],
    trust: Trust<'k>,
    budget: &'k Budget,
) -> Result<Signer, Reason> {
    signature_itself(signature, trust.now)?;
    // More than one key only where somebody made their ends the same.
    let mut refused = match issuer {
        Issuer::Nobody => Reason::NoIssuer,
        _ => Reason::UnknownKey,
    };
    for (certificate, subkey) in candidates(trust.keyring, issuer) {
        match signed_by(certificate, subkey, signature, data, trust, budget) {
            Ok(user_id) => {
                let key = subkey.map_or(&certificate.primary, |subkey| &subkey.key);
                let name = user_id.map(|user_id| Escaped(&user_id.name));
                return Ok(Signer {
                    fingerprint: key.fingerprint,
                    primary: certificate.primary.fingerprint,
                    user_id: name.map(|name| alloc::format!("{name}")).unwrap_or_default(),
                    key_created: key.created,
                    signed: signature.created,
                });
            }
            Err(reason) => refused = reason,
        }
    }
    Err(refused)
}

/// What is wrong with a signature, whosever it is.
fn signature_itself(signature: &Signature, now: i64) -> Result<(), Reason> {
    let hash = signature.hash;
    if !hash.is_strong() {
        let is_known = HashAlgorithm::is_weak(hash);
        return Err(if is_known { Reason::WeakDigest(hash) } else { Reason::Digest(hash) });
    }
    if let Some(critical) = signature.says.critical {
        return Err(Reason::Critical(critical));
    }
    if signature.created > now {
        return Err(Reason::Future { made: signature.created, now });
    }
    match expiry(signature) {
        Some(expired) if expired <= now => Err(Reason::Expired(expired)),
        _ => Ok(()),
    }
}

/// The keys that a signature may be of.
fn candidates(
    keyring: &Keyring,
    issuer: Issuer,
) -> impl Iterator<Item = (&Certificate, Option<&Subkey>)> {
    let is_named = move |key: &PublicKey| match issuer {
        Issuer::Fingerprint(fingerprint) => key.fingerprint == fingerprint,
        Issuer::KeyId(id) => key.fingerprint.key_id() == id,
        Issuer::Nobody => false,
    };
    keyring.certificates.iter().flat_map(move |certificate| {
        let primary = is_named(&certificate.primary).then_some((certificate, None));
        let subkeys = certificate.subkeys.iter().filter(move |subkey| is_named(&subkey.key));
        primary.into_iter().chain(subkeys.map(move |subkey| (certificate, Some(subkey))))
    })
}

/// The name of the owner of a key, if it made the signature and may.
fn signed_by<'k>(
    certificate: &'k Certificate,
    subkey: Option<&Subkey>,
    signature: &Signature,
    data: &[u8],
    trust: Trust<'k>,
    budget: &'k Budget,
) -> Result<Option<&'k UserId>, Reason> {
    let key = subkey.map_or(&certificate.primary, |subkey| &subkey.key);
    budget.check(key, signature, &[data])?;
    if signature.created < key.created {
        return Err(Reason::BeforeKey(signature.created));
    }
    let primary = certificate.primary.fingerprint;
    let allows = |allowed: &Allowed| allowed.allows(key.fingerprint, primary);
    if trust.only.is_some_and(|only| !only.iter().any(allows)) {
        return Err(Reason::NotAllowed);
    }
    let standing = Standing { keyring: trust.keyring, certificate, budget, now: trust.now };
    standing.may_sign(subkey, signature.created)
}
