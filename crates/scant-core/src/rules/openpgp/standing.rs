//! Whether a key may sign, now: what it says of itself, what its primary key says of it, what was
//! taken back. What only a weak signature says may take away, but never give.

use alloc::vec::Vec;

use super::Reason;
use super::primitive::Budget;
use crate::formats::openpgp::{
    Certificate, Fingerprint, Keyring, PublicKey, Signature, Subkey, UserId, kind,
};

/// A flag of a key: it signs data.
/// [RFC 9580, 5.2.3.29](https://www.rfc-editor.org/rfc/rfc9580#section-5.2.3.29).
const SIGNS: u8 = 0x02;

/// Reasons after which what was signed before stays good.
/// [RFC 9580, 5.2.3.31](https://www.rfc-editor.org/rfc/rfc9580#section-5.2.3.31).
const REPLACED: u8 = 1;
const RETIRED: u8 = 3;

/// What is asked of a key.
pub(super) struct Standing<'a> {
    pub(super) keyring: &'a Keyring,
    pub(super) certificate: &'a Certificate,
    pub(super) budget: &'a Budget,
    pub(super) now: i64,
}

/// What a primary key says of itself.
struct Statement<'a> {
    /// When it is over.
    expires: Option<i64>,
    /// Whether everything it says lets it sign.
    signs: bool,
    /// The name to show.
    user_id: Option<&'a UserId>,
}

/// Which signatures are believed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Believe {
    Strong,
    All,
}

impl<'a> Standing<'a> {
    /// The name of the owner if the primary key, or this subkey of it, may have signed at a time.
    pub(super) fn may_sign(
        &self,
        subkey: Option<&Subkey>,
        signed: i64,
    ) -> Result<Option<&'a UserId>, Reason> {
        let primary = &self.certificate.primary;
        if primary.created > self.now {
            return Err(Reason::KeyFuture(primary.created));
        }
        self.primary_is_not_revoked(signed)?;
        let all = self.statement(Believe::All)?.ok_or(Reason::NoSelfSignature)?;
        let strong = self.statement(Believe::Strong)?.ok_or(Reason::WeakSelfSignature)?;
        for statement in [&strong, &all] {
            self.is_not_over(statement.expires)?;
        }
        match subkey {
            Some(subkey) => self.subkey_may_sign(subkey, signed)?,
            None if strong.signs && all.signs => {}
            None => return Err(Reason::NotForSigning),
        }
        Ok(strong.user_id)
    }

    fn is_not_over(&self, expires: Option<i64>) -> Result<(), Reason> {
        match expires {
            Some(expires) if expires <= self.now => Err(Reason::KeyExpired(expires)),
            _ => Ok(()),
        }
    }

    /// Whether the primary key made a signature over itself and what else is given.
    fn is_own(&self, signature: &Signature, over: &[&[u8]]) -> Result<bool, Reason> {
        self.is_by(&self.certificate.primary, signature, over)
    }

    /// Whether a key made a signature over the primary key and what else is given.
    fn is_by(
        &self,
        key: &PublicKey,
        signature: &Signature,
        over: &[&[u8]],
    ) -> Result<bool, Reason> {
        let head = key_head(&self.certificate.primary);
        let content: Vec<&[u8]> = [&head[..], &self.certificate.primary.body]
            .into_iter()
            .chain(over.iter().copied())
            .collect();
        match self.budget.check(key, signature, &content) {
            Ok(()) => Ok(true),
            Err(Reason::TooMany) => Err(Reason::TooMany),
            Err(_) => Ok(false),
        }
    }

    /// Whether a statement of the primary key counts: its own, and in time.
    fn counts(
        &self,
        signature: &Signature,
        over: &[&[u8]],
        believe: Believe,
    ) -> Result<bool, Reason> {
        let is_in_time = signature.created <= self.now
            && signature.created >= self.certificate.primary.created
            && expiry(signature).is_none_or(|expires| expires > self.now);
        let is_believed = believe == Believe::All || signature.hash.is_strong();
        let may_be_own = may_be_by(signature, &self.certificate.primary);
        let is_understood = signature.says.critical.is_none();
        Ok(is_in_time
            && is_believed
            && may_be_own
            && is_understood
            && self.is_own(signature, over)?)
    }

    /// The last of these that counts.
    fn last<'s>(
        &self,
        signatures: impl Iterator<Item = &'s Signature>,
        over: &[&[u8]],
        believe: Believe,
    ) -> Result<Option<&'s Signature>, Reason> {
        let mut signatures: Vec<_> = signatures.collect();
        // Of two made at once, the later one in the file.
        signatures.sort_by_key(|signature| signature.created);
        for signature in signatures.into_iter().rev() {
            if self.counts(signature, over, believe)? {
                return Ok(Some(signature));
            }
        }
        Ok(None)
    }

    /// What the primary key says of itself, alone and with each of its names; none if nothing.
    fn statement(&self, believe: Believe) -> Result<Option<Statement<'a>>, Reason> {
        let certificate = self.certificate;
        let direct = certificate.signatures.iter().filter(|s| s.kind == kind::DIRECT);
        let direct = self.last(direct, &[], believe)?;
        let mut named = Vec::new();
        for user_id in &certificate.user_ids {
            if let Some(signature) = self.names(user_id, believe)? {
                named.push((user_id, signature));
            }
        }
        // The name that is marked, else the last; all else that is said with names is said by it.
        named.sort_by_key(|(_, signature)| (signature.says.is_primary_user_id, signature.created));
        let shown = named.last().copied();
        // A time is not given away by a name that says none.
        let timed = named.iter().filter(|(_, s)| key_expiry(s, &certificate.primary).is_some());
        let timed = timed.max_by_key(|(_, s)| s.created).map(|(_, signature)| *signature);
        let expiries = [direct, timed].into_iter().flatten();
        let expires = expiries.filter_map(|s| key_expiry(s, &certificate.primary)).min();
        let mut said = [direct, shown.map(|(_, signature)| signature)].into_iter().flatten();
        let signs = said.all(signs);
        let is_said = direct.is_some() || shown.is_some();
        let user_id = shown.map(|(user_id, _)| user_id);
        Ok(is_said.then_some(Statement { expires, signs, user_id }))
    }

    /// The last signature by which the primary key has a name, unless it was taken back.
    fn names(
        &self,
        user_id: &'a UserId,
        believe: Believe,
    ) -> Result<Option<&'a Signature>, Reason> {
        let head = [&[0xb4][..], &(user_id.name.len() as u32).to_be_bytes()].concat();
        let over = [&head[..], &user_id.name];
        let certifies = kind::CERTIFICATION..=kind::POSITIVE_CERTIFICATION;
        let names = user_id.signatures.iter().filter(|s| certifies.contains(&s.kind));
        let Some(last) = self.last(names, &over, believe)? else { return Ok(None) };
        for revocation in &user_id.signatures {
            let is_later = revocation.created >= last.created;
            if revocation.kind == kind::CERTIFICATION_REVOCATION
                && is_later
                && self.is_own(revocation, &over)?
            {
                return Ok(None);
            }
        }
        Ok(Some(last))
    }

    fn primary_is_not_revoked(&self, signed: i64) -> Result<(), Reason> {
        let certificate = self.certificate;
        if certificate.has_unreadable_revocation {
            return Err(Reason::KeyRevoked { why: None, at: None });
        }
        let revocations = certificate.signatures.iter().filter(|s| s.kind == kind::KEY_REVOCATION);
        for revocation in revocations {
            let is_good = match self.revoker(revocation)? {
                Revoker::Nobody => false,
                Revoker::Key(key) => self.is_revocation(key, revocation, &[])?,
                Revoker::Missing => return Err(Reason::KeyRevoked { why: None, at: None }),
            };
            if is_good {
                revocation_allows(revocation, signed)?;
            }
        }
        Ok(())
    }

    /// Who may have made a revocation of the primary key.
    fn revoker(&self, revocation: &Signature) -> Result<Revoker<'a>, Reason> {
        let certificate = self.certificate;
        if may_be_by(revocation, &certificate.primary) {
            return Ok(Revoker::Key(&certificate.primary));
        }
        for statement in &certificate.signatures {
            let revokers = statement.says.revokers.iter();
            let revoker = revokers.copied().find(|revoker| may_be_of(revocation, *revoker));
            if let Some(revoker) = revoker
                && statement.kind == kind::DIRECT
                && self.is_own(statement, &[])?
            {
                let keys = self.keyring.certificates.iter().map(|known| &known.primary);
                let key = keys.into_iter().find(|key| key.fingerprint == revoker);
                return Ok(key.map_or(Revoker::Missing, Revoker::Key));
            }
        }
        Ok(Revoker::Nobody)
    }

    /// Whether a revocation is good, or cannot be told from a good one.
    fn is_revocation(
        &self,
        key: &PublicKey,
        revocation: &Signature,
        over: &[&[u8]],
    ) -> Result<bool, Reason> {
        let head = key_head(&self.certificate.primary);
        let content: Vec<&[u8]> = [&head[..], &self.certificate.primary.body]
            .into_iter()
            .chain(over.iter().copied())
            .collect();
        match self.budget.check(key, revocation, &content) {
            Ok(()) => Ok(true),
            Err(Reason::Bad) => Ok(false),
            Err(Reason::TooMany) => Err(Reason::TooMany),
            Err(_) => Err(Reason::KeyRevoked { why: None, at: None }),
        }
    }

    fn subkey_may_sign(&self, subkey: &Subkey, signed: i64) -> Result<(), Reason> {
        if subkey.key.created > self.now {
            return Err(Reason::KeyFuture(subkey.key.created));
        }
        if subkey.has_unreadable_revocation {
            return Err(Reason::KeyRevoked { why: None, at: None });
        }
        let head = key_head(&subkey.key);
        let over = [&head[..], &subkey.key.body];
        for revocation in subkey.signatures.iter().filter(|s| s.kind == kind::SUBKEY_REVOCATION) {
            if may_be_by(revocation, &self.certificate.primary)
                && self.is_revocation(&self.certificate.primary, revocation, &over)?
            {
                revocation_allows(revocation, signed)?;
            }
        }
        let bindings = || subkey.signatures.iter().filter(|s| s.kind == kind::SUBKEY_BINDING);
        let all = self.last(bindings(), &over, Believe::All)?.ok_or(Reason::NotBound)?;
        let strong =
            self.last(bindings(), &over, Believe::Strong)?.ok_or(Reason::WeakSelfSignature)?;
        for binding in [strong, all] {
            self.is_not_over(key_expiry(binding, &subkey.key))?;
            if !signs(binding) {
                return Err(Reason::NotForSigning);
            }
        }
        self.is_claimed_back(subkey, strong, &over)
    }

    /// Whether a subkey says that it belongs to the primary key: else anybody could call a key of
    /// somebody else their own, and its signatures with it.
    fn is_claimed_back(
        &self,
        subkey: &Subkey,
        binding: &Signature,
        over: &[&[u8]],
    ) -> Result<(), Reason> {
        for embedded in &binding.says.embedded {
            let Ok(back) = Signature::parse(embedded) else { continue };
            let is_in_time = back.created <= self.now
                && back.created >= subkey.key.created
                && expiry(&back).is_none_or(|expires| expires > self.now);
            if back.kind == kind::PRIMARY_BINDING
                && is_in_time
                && back.hash.is_strong()
                && back.says.critical.is_none()
                && self.is_by(&subkey.key, &back, over)?
            {
                return Ok(());
            }
        }
        Err(Reason::NoBackSignature)
    }
}

/// Who made a revocation.
enum Revoker<'a> {
    Key(&'a PublicKey),
    /// Somebody who may, whose key is not there.
    Missing,
    /// Somebody who may not.
    Nobody,
}

/// What comes before a key where it is signed.
fn key_head(key: &PublicKey) -> [u8; 3] {
    // A key of more bytes has no fingerprint, and is not read.
    let [high, low] = (key.body.len() as u16).to_be_bytes();
    [0x99, high, low]
}

/// When a signature is over.
pub(super) fn expiry(signature: &Signature) -> Option<i64> {
    let after = signature.says.expires_after.filter(|&after| after != 0)?;
    Some(signature.created + i64::from(after))
}

/// When a key is over, says a signature.
fn key_expiry(signature: &Signature, key: &PublicKey) -> Option<i64> {
    let after = signature.says.key_expires_after.filter(|&after| after != 0)?;
    Some(key.created + i64::from(after))
}

/// Whether a statement lets a key sign; one without flags is from before there were any.
fn signs(statement: &Signature) -> bool {
    statement.says.key_flags.is_none_or(|flags| flags & SIGNS != 0)
}

/// Whether a signature does not say that it is of another key.
fn may_be_by(signature: &Signature, key: &PublicKey) -> bool {
    may_be_of(signature, key.fingerprint)
}

fn may_be_of(signature: &Signature, fingerprint: Fingerprint) -> bool {
    let says = &signature.says;
    match (says.issuer.or(says.issuer_hint), says.issuer_key_id) {
        (Some(issuer), _) => issuer == fingerprint,
        (None, Some(id)) => id == fingerprint.key_id(),
        (None, None) => true,
    }
}

/// Whether a good revocation leaves alone what was signed at a time.
fn revocation_allows(revocation: &Signature, signed: i64) -> Result<(), Reason> {
    let why = revocation.says.revocation_reason;
    let is_soft = matches!(why, Some(REPLACED | RETIRED));
    if is_soft && signed < revocation.created {
        return Ok(());
    }
    Err(Reason::KeyRevoked { why, at: Some(revocation.created) })
}
