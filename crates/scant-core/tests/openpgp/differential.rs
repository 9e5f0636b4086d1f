//! Thousands of changed texts, put to this verifier and to gpgv: what is accepted here is accepted
//! there, with the same text; what only gpgv accepts has an excuse.

use std::collections::BTreeMap;
use std::thread;

use scant_core::formats::openpgp::{ArmorError, CleartextError, Keyring, SignatureError};
use scant_core::rules::openpgp::{Reason, Trust, Verified, VerifyError, verify_inline};
use scant_testkit::openpgp::Keys;

use crate::gpgv::Gpgv;
use crate::mutate::{Random, mutate};
use crate::support::clock;

const KEYS: &str = "key alice at=1000
                    user Alice flags=cs
                    subkey sub at=1100 flags=s
                    key bob at=1000
                    user Bob flags=cs
                    secret stranger at=1000";

/// What is changed: a text, and who signed it.
const TEXTS: [(&str, &str); 6] = [
    ("Origin: a\nSuite: b\n", "alice at=2000"),
    ("Origin: a\n", "sub at=2000 hash=sha256"),
    ("Origin: a\nDescription:\n -\n - b\n\n", "alice at=2000 issuer=id\nbob at=2001"),
    ("- a\n--b\nFrom c\n", "stranger at=2000\nbob at=2001 hash=sha384"),
    ("", "bob at=2000"),
    ("\n\nOrigin: \u{e4}\n\n", "alice at=2000 kind=00"),
];

/// What became of a changed text, in a word.
type Counts = BTreeMap<&'static str, usize>;

#[test]
fn what_is_accepted_here_is_accepted_by_gpgv() {
    let wanted = std::env::var("SCANT_DIFFERENTIAL").ok().and_then(|count| count.parse().ok());
    let count: usize = wanted.unwrap_or(2000);
    let workers = 4;
    let counts: Vec<Option<Counts>> = thread::scope(|scope| {
        let work = |worker: usize| move || differ(worker as u64, count.div_ceil(workers));
        let running: Vec<_> = (0..workers).map(|worker| scope.spawn(work(worker))).collect();
        running.into_iter().map(|worker| worker.join().expect("no worker found a fault")).collect()
    });
    let mut all = Counts::new();
    for (what, count) in counts.into_iter().flatten().flatten() {
        *all.entry(what).or_default() += count;
    }
    for (what, count) in &all {
        println!("{count:7} {what}");
    }
    if all.is_empty() {
        return;
    }
    assert!(all["accepted by both"] * 20 > count, "hardly a change leaves a text good");
    assert!(all["refused by both"] * 20 > count, "hardly a change makes a text bad");
}

/// None if there is no gpgv.
fn differ(seed: u64, count: usize) -> Option<Counts> {
    let gpgv = Gpgv::new()?;
    let keys = Keys::new(KEYS);
    let keyring = keys.keyring();
    let parsed = Keyring::parse(&keyring).unwrap();
    let mut random = Random(0x9e37_79b9_7f4a_7c15 ^ (seed << 32));
    let mut counts = Counts::new();
    for number in 0..count {
        let (text, signatures) = TEXTS[number % TEXTS.len()];
        let changed = mutate(&keys.inline(text, signatures), &mut random);
        let trust = Trust { keyring: &parsed, only: None, now: clock() };
        let report = gpgv.inline(&changed, &keyring);
        let context = || {
            format!("worker {seed}, number {number}:\n{}\n{}", changed.escape_ascii(), report.said)
        };
        let what = match verify_inline(&changed, trust) {
            // Signatures of another version may stand beside; gpgv gives up at one that comes first.
            Ok(verified) if has_other_version(&verified) && !report.is_good => {
                assert!(report.said.contains("with unknown version"), "{}", context());
                "only here: beside a signature of another version"
            }
            Ok(verified) => {
                assert!(report.is_good, "only accepted here: {}", context());
                // gpgv keeps white space at the ends of lines, which nobody signed.
                let theirs = without_ends(&report.text);
                let (ours, theirs) = (verified.text.escape_ascii(), theirs.escape_ascii());
                assert_eq!(ours.to_string(), theirs.to_string(), "{}", context());
                "accepted by both"
            }
            Err(_) if !report.is_good => "refused by both",
            Err(error) => excuse(&error)
                .unwrap_or_else(|| panic!("only accepted by gpgv: {error}\n{}", context())),
        };
        *counts.entry(what).or_default() += 1;
    }
    Some(counts)
}

fn has_other_version(verified: &Verified) -> bool {
    let is_other = |reason| matches!(reason, Reason::Unreadable(SignatureError::Version(_)));
    verified.signatures.refused.iter().any(|refused| is_other(refused.reason))
}

/// A text without spaces, tabs and carriage returns at the ends of its lines.
fn without_ends(text: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(text);
    let line = |line: &str| format!("{}\n", line.trim_end_matches([' ', '\t', '\r', '\n']));
    text.split_inclusive('\n').map(line).collect::<String>().into_bytes()
}

/// Why what gpgv accepts may be refused.
fn excuse(error: &VerifyError) -> Option<&'static str> {
    Some(match error {
        VerifyError::Cleartext(CleartextError::NoBegin) => "only gpgv: something before the text",
        VerifyError::Cleartext(CleartextError::Header(_)) => {
            "only gpgv: something before the empty line"
        }
        VerifyError::Cleartext(CleartextError::Dash(_)) => "only gpgv: a dash that is not escaped",
        VerifyError::Cleartext(CleartextError::Control(_)) => "only gpgv: NUL or carriage return",
        VerifyError::Cleartext(CleartextError::Armor(error)) => match error {
            ArmorError::TextAround(_) => "only gpgv: something after the signatures",
            ArmorError::OtherBlock { .. } => "only gpgv: another block after the signatures",
            ArmorError::Header(_) | ArmorError::Base64(_) => "only gpgv: armor that is not strict",
            ArmorError::CutOff(_) => "only gpgv: armor without an end",
            ArmorError::NoBlock(_) | ArmorError::Checksum(_) => return None,
        },
        VerifyError::Packet(_) | VerifyError::OtherPacket { .. } => "only gpgv: other packets",
        VerifyError::NoGood(refused) => {
            let is = |allowed: fn(&Reason) -> bool| {
                refused.iter().any(|refused| allowed(&refused.reason))
            };
            if is(|reason| matches!(reason, Reason::Unreadable(_) | Reason::Critical(_))) {
                "only gpgv: a signature that is not strict"
            } else {
                return None;
            }
        }
        _ => return None,
    })
}
