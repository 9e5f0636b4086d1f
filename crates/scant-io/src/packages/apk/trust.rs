//! Who vouches for an index or a package: signatures before it, each by the name of a key.

use std::fmt;

use scant_core::words::{Digest, Escaped};

use super::error::ApkFault;
use super::keys::{Algorithm, Key};
use super::members::{Member, Members};
use super::tar_entries;

/// The most bytes of a member of signatures, when it is decompressed.
const MOST_SIGNATURES: u64 = 1 << 20;

/// What is asked of a signature. Which of the two it is, the caller decides, and says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demand {
    /// One of the keys has signed it.
    Signature,
    /// Nobody needs to have signed it, or a key that is not known may have. A signature of a known
    /// key must be right nevertheless.
    Nothing,
}

/// Who vouches for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trust {
    /// A key.
    Signed {
        /// The name of the key.
        key: String,
        /// Its fingerprint.
        fingerprint: Digest,
        /// How it signed.
        algorithm: Algorithm,
    },
    /// Nobody. The caller has allowed this.
    Unsigned(Untrusted),
}

/// Why nobody vouches for it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Untrusted {
    /// There is no signature.
    #[error("it is not signed")]
    NoSignature,
    /// Only keys that are not known.
    #[error("it is signed by {} only, and {}", Names(signed_by), Known(known))]
    UnknownKey {
        /// The names of the keys.
        signed_by: Vec<String>,
        /// Those that are known.
        known: Vec<String>,
    },
    /// Only in ways that are not known.
    #[error("its signatures are of kinds that are not known: {}", Names(kinds))]
    UnknownKind {
        /// The kinds.
        kinds: Vec<String>,
    },
    /// Bytes that the key has not signed.
    #[error("the signature of `{}` is of something else: it was changed or is damaged", Escaped(key.as_bytes()))]
    Wrong {
        /// The name of the key.
        key: String,
    },
}

struct Names<'a>(&'a [String]);

impl fmt::Display for Names<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, name) in self.0.iter().enumerate() {
            let comma = if place == 0 { "" } else { ", " };
            write!(f, "{comma}`{}`", Escaped(name.as_bytes()))?;
        }
        Ok(())
    }
}

struct Known<'a>(&'a [String]);

impl fmt::Display for Known<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            [] => f.write_str("no key is given"),
            names => write!(f, "the keys given are {}", Names(names)),
        }
    }
}

/// A signature, by the name of its entry: `.SIGN.RSA256.NAME`.
#[derive(Debug)]
pub(super) struct Signature {
    kind: String,
    key: String,
    bytes: Vec<u8>,
}

/// Reads the members of signatures, and the first that is none.
pub(super) fn signatures(
    members: &mut Members<'_>,
    most: u64,
) -> Result<(Vec<Signature>, Member), ApkFault> {
    let (mut all, mut left) = (Vec::new(), MOST_SIGNATURES);
    loop {
        let member = members.next(most.max(MOST_SIGNATURES))?;
        let entries = tar_entries::read(&member)?;
        let is_signature = |name: &[u8]| name.starts_with(b".SIGN.");
        if !entries.first().is_some_and(|entry| is_signature(&entry.name)) {
            return Ok((all, member));
        }
        // Nobody vouches for them yet, and they are kept.
        left = left.checked_sub(member.content.len() as u64).ok_or_else(|| {
            let why = "its signatures are larger than any are".into();
            ApkFault::Damaged { offset: member.start, why }
        })?;
        for entry in entries {
            if !is_signature(&entry.name) {
                let why = "something else lies among the signatures".into();
                return Err(ApkFault::Damaged { offset: member.start, why });
            }
            let name = String::from_utf8_lossy(&entry.name[b".SIGN.".len()..]).into_owned();
            let (kind, key) = name.split_once('.').unwrap_or((&name, ""));
            let (kind, key) = (kind.to_string(), key.to_string());
            all.push(Signature { kind, key, bytes: entry.content });
        }
    }
}

/// Finds who vouches for these bytes. Of several signatures by known keys the one over the longest
/// digest counts, and it must be right: nobody can fall back to a weaker one.
pub(super) fn verify(
    signatures: &[Signature],
    bytes: &[u8],
    keys: &[Key],
    demand: Demand,
) -> Result<Trust, Untrusted> {
    let known: Vec<_> = signatures
        .iter()
        .filter_map(|signature| Some((Algorithm::named(&signature.kind)?, signature)))
        .collect();
    let by_name = |name: &str| keys.iter().filter(move |key| key.name == name).collect::<Vec<_>>();
    let strongest = known
        .iter()
        .filter(|(_, signature)| !by_name(&signature.key).is_empty())
        .max_by_key(|(algorithm, _)| *algorithm);
    let verified = |(algorithm, signature): &(Algorithm, &Signature), keys: &[&Key]| {
        let key = keys.iter().find(|key| key.verifies(*algorithm, bytes, &signature.bytes))?;
        Some(Trust::Signed {
            key: key.name.clone(),
            fingerprint: key.fingerprint,
            algorithm: *algorithm,
        })
    };
    if let Some(strongest) = strongest {
        let key = &strongest.1.key;
        return verified(strongest, &by_name(key))
            .ok_or_else(|| Untrusted::Wrong { key: key.clone() });
    }
    // Mirrors rename keys: any that is given may be the one.
    let keys: Vec<_> = keys.iter().collect();
    if let Some(trust) = known.iter().find_map(|signature| verified(signature, &keys)) {
        return Ok(trust);
    }
    let names = |name: fn(&Signature) -> &String| signatures.iter().map(name).cloned().collect();
    let why = match (signatures, &known[..]) {
        ([], _) => Untrusted::NoSignature,
        (_, []) => Untrusted::UnknownKind { kinds: names(|signature| &signature.kind) },
        _ => Untrusted::UnknownKey {
            signed_by: names(|signature| &signature.key),
            known: keys.iter().map(|key| key.name.clone()).collect(),
        },
    };
    match demand {
        Demand::Signature => Err(why),
        Demand::Nothing => Ok(Trust::Unsigned(why)),
    }
}
