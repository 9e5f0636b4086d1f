//! One case: keys and signatures as lines of text, and what is said of them.

use std::time::{SystemTime, UNIX_EPOCH};

use scant_core::formats::openpgp::Keyring;
use scant_core::rules::openpgp::{
    Allowed, Issuer, Refused, Signatures, Trust, VerifyError, verify_inline,
};
use scant_testkit::openpgp::Keys;

use crate::gpgv::Gpgv;

/// What is signed where the text does not matter.
pub(crate) const TEXT: &str = "Origin: a\nSuite: b\n";
/// When it is asked.
pub(crate) const NOW: i64 = 5000;

/// Checks what becomes of a text that is signed, at [`NOW`]: each good signature and its name, then
/// each that does not count and why. What is accepted now must be accepted by gpgv, too.
#[track_caller]
pub(crate) fn check(keys: &str, signatures: &str, expected: &str) {
    check_only(keys, signatures, None, expected);
    let made = Keys::new(keys);
    let text = made.inline(TEXT, signatures);
    let accepted = inline(&text, &made.keyring(), None, clock()).is_ok();
    // gpgv of this version does not know the newer number of Ed25519, nor that a key may be
    // replaced or retired without a doubt on what it signed before; and it takes fingerprints for
    // hints only where they are signed.
    let unknown = ["algorithm=27", "reason=1", "reason=3", "issuer=unhashed"];
    let is_known = unknown.iter().all(|word| !keys.contains(word) && !signatures.contains(word));
    if accepted && is_known {
        let Some(gpgv) = Gpgv::new() else { return };
        let report = gpgv.inline(&text, &made.keyring());
        assert!(report.is_good, "gpgv refuses what is accepted here:\n{}", report.said);
    }
}

/// The same, where only some keys may sign: a name, with `!` for this very key. gpgv knows no such
/// rule.
#[track_caller]
pub(crate) fn check_only(keys: &str, signatures: &str, only: Option<&[&str]>, expected: &str) {
    let made = keys;
    let keys = Keys::new(keys);
    let allowed = |name: &&str| -> Allowed {
        let (name, mark) = name.strip_suffix('!').map_or((*name, ""), |name| (name, "!"));
        format!("{}{mark}", keys.fingerprint(name)).parse().unwrap()
    };
    let only: Option<Vec<_>> = only.map(|names| names.iter().map(allowed).collect());
    let text = keys.inline(TEXT, signatures);
    let result = inline(&text, &keys.keyring(), only.as_deref(), NOW);
    let shown = shown(&keys, &result);
    let lines = |text: &str| text.lines().map(str::trim).collect::<Vec<_>>().join("\n");
    assert_eq!(lines(shown.trim()), lines(expected.trim()), "\n{made}\n{signatures}");
}

/// What a clear-signed text is found to be.
pub(crate) fn inline(
    text: &[u8],
    keyring: &[u8],
    only: Option<&[Allowed]>,
    now: i64,
) -> Result<Signatures, VerifyError> {
    let keyring = Keyring::parse(keyring).unwrap();
    let verified = verify_inline(text, Trust { keyring: &keyring, only, now })?;
    assert_eq!(String::from_utf8_lossy(&verified.text), TEXT);
    Ok(verified.signatures)
}

/// A line for each signature, with names in place of fingerprints.
pub(crate) fn shown(keys: &Keys, result: &Result<Signatures, VerifyError>) -> String {
    let refused = |refused: &Refused| {
        let issuer = match refused.issuer {
            Issuer::Fingerprint(fingerprint) => keys.name(&fingerprint.to_string()),
            Issuer::KeyId(id) => keys.name(&id.to_string()),
            Issuer::Nobody => "nobody".into(),
        };
        format!("{issuer}: {}\n", refused.reason)
    };
    match result {
        Ok(Signatures { signers, refused: others }) => {
            let good = signers.iter().map(|signer| {
                let [key, primary] =
                    [signer.fingerprint, signer.primary].map(|f| keys.name(&f.to_string()));
                format!("good: {key} of {primary}, {}\n", signer.user_id)
            });
            good.chain(others.iter().map(refused)).collect()
        }
        Err(VerifyError::NoGood(others)) => others.iter().map(refused).collect(),
        Err(other) => other.to_string(),
    }
}

/// The time, as gpgv sees it.
pub(crate) fn clock() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    i64::try_from(since.unwrap().as_secs()).unwrap()
}

/// Says that a test is not made, and why.
pub(crate) fn skip(reason: &str) {
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test");
    let strict = std::env::var_os("SCANT_NO_SKIP").is_some_and(|value| value == "1");
    assert!(!strict, "{test} must not be skipped: {reason}");
    println!("skipped: {test}: {reason}");
}

/// Whether a program is there. Says so if not.
pub(crate) fn has(program: &str, package: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).any(|directory| directory.join(program).is_file());
    if !found {
        skip(&format!("{program} is not installed (apt-get install {package})"));
    }
    found
}
