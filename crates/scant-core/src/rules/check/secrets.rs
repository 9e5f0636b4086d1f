//! What only some may read: private keys, and hashes of passwords.

use super::finding::{Finding, Findings};
use super::place::Place;
use super::walk::Walked;
use crate::words::{Check, Level, TreePath};

/// Lists of hashes, with the copies that tools make before they change one.
const HASHES: [&[u8]; 4] = [b"/etc/shadow", b"/etc/shadow-", b"/etc/gshadow", b"/etc/gshadow-"];

/// Names that ssh gives to private keys.
const KEYS: [&[u8]; 5] = [b"id_rsa", b"id_dsa", b"id_ecdsa", b"id_ed25519", b"identity"];

/// Begins or follows what a private key says of itself, whatever made it.
const MARK: &[u8] = b"PRIVATE KEY-----";

/// Larger files hold more than keys.
const LARGEST: u64 = 64 << 10;

/// Looks for secrets that everybody may read.
pub(super) fn check(place: &Place<'_>, walked: &[Walked], findings: &mut Findings) {
    for one in walked.iter().filter(|one| one.entry.file_size().is_some()) {
        let is_open = one.meta.as_ref().is_some_and(|meta| meta.mode.bits() & 0o004 != 0);
        if !is_open {
            continue;
        }
        let what = match () {
            () if HASHES.contains(&one.path.as_bytes()) => "the hashes of passwords",
            () if is_key(place, &one.path) => "the private key",
            () => continue,
        };
        let text = alloc::format!("everybody may read {what}");
        let finding = Finding::new(Level::Warning, Check::ReadableSecret, text)
            .by("at", one.path.clone())
            .help("give it `mode: \"0640\"` or less, and the `owner` that reads it")
            .help("whoever has the image has what is in it: mount secrets when it runs");
        findings.add(finding);
    }
}

fn is_key(place: &Place<'_>, path: &TreePath) -> bool {
    let Some(name) = path.name() else { return false };
    let is_of_host = name.starts_with(b"ssh_host_") && name.ends_with(b"_key");
    let may_hold = name.ends_with(b".key") || name.ends_with(b".pem");
    if !is_of_host && !may_hold && !KEYS.contains(&name) {
        return false;
    }
    // Public keys and certificates end in the same letters.
    let text = place.text(path.as_bytes(), LARGEST);
    memchr::memmem::find(&text, MARK).is_some()
}
