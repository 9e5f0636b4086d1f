//! Keys and signatures made by GnuPG now, with its own clock: what it means by its options is what
//! is found here.

use std::fs;
use std::process::{Command, Stdio};

use scant_core::formats::openpgp::Keyring;
use scant_core::rules::openpgp::{Trust, verify_detached, verify_inline};

use crate::support::{TEXT, has};

/// 2020-01-01, when keys are made.
const MADE: i64 = 1_577_836_800;
const DAY: i64 = 86_400;

/// GnuPG with a home of its own, whose agent ends with it.
struct Gpg {
    home: tempfile::TempDir,
}

impl Gpg {
    fn new() -> Option<Self> {
        (has("gpg", "gnupg") && has("gpg-agent", "gnupg"))
            .then(|| Self { home: tempfile::Builder::new().prefix("gpg").tempdir().unwrap() })
    }

    /// What a command prints, some days after the start.
    #[track_caller]
    fn run(&self, day: i64, arguments: &str, input: &str) -> Vec<u8> {
        let file = self.home.path().join("input");
        fs::write(&file, input).unwrap();
        let mut command = Command::new("gpg");
        command.arg("--homedir").arg(self.home.path());
        command.args(["--batch", "--quiet", "--yes", "--pinentry-mode=loopback", "--passphrase="]);
        command.args(["--no-options", "--status-fd=2"]);
        command.arg(format!("--faked-system-time={}!", MADE + day * DAY));
        command.args(arguments.split(' '));
        let done = command.stdin(fs::File::open(&file).unwrap()).output().unwrap();
        assert!(done.status.success(), "{arguments}: {}", String::from_utf8_lossy(&done.stderr));
        done.stdout
    }
}

impl Drop for Gpg {
    fn drop(&mut self) {
        let mut command = Command::new("gpgconf");
        command.arg("--homedir").arg(self.home.path()).args(["--kill", "gpg-agent"]);
        let _ = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    }
}

/// Makes a key by lines of `DAY ARGUMENTS`, signs a text at day 10 with options, both ways, and asks
/// at some day.
#[track_caller]
fn case(make: &[&str], options: &str, asked: i64, expected: &str) {
    let Some(gpg) = Gpg::new() else { return };
    for line in make.iter().take_while(|line| **line != "sign") {
        let (day, arguments) = line.split_once(' ').unwrap();
        gpg.run(day.parse().unwrap(), arguments, "");
    }
    let inline = gpg.run(10, &format!("{options}--clearsign"), TEXT);
    let detached = gpg.run(10, &format!("{options}--detach-sign"), TEXT);
    for line in make.iter().skip_while(|line| **line != "sign").skip(1) {
        let (day, arguments) = line.split_once(' ').unwrap();
        let input = revocation(&gpg);
        gpg.run(day.parse().unwrap(), arguments, &input);
    }
    let keyring = Keyring::parse(&gpg.run(10, "--export", "")).unwrap();
    let trust = Trust { keyring: &keyring, only: None, now: MADE + asked * DAY };
    let inline = verify_inline(&inline, trust).map(|verified| {
        assert_eq!(String::from_utf8(verified.text).unwrap(), TEXT);
        verified.signatures
    });
    for result in [inline, verify_detached(TEXT.as_bytes(), &detached, trust)] {
        let shown = match result {
            Ok(found) => found.signers.iter().map(|signer| signer.user_id.clone()).collect(),
            Err(error) => {
                let text = error.to_string();
                text.split_once(": ").map_or(text.clone(), |(_, reason)| reason.to_string())
            }
        };
        assert_eq!(shown, expected, "{make:?} {options}");
    }
}

/// The revocation that GnuPG writes with each key, without the colon that keeps it from harm.
fn revocation(gpg: &Gpg) -> String {
    let directory = fs::read_dir(gpg.home.path().join("openpgp-revocs.d")).unwrap();
    let texts = directory.map(|file| fs::read_to_string(file.unwrap().path()).unwrap());
    texts.map(|text| text.replace(":-----BEGIN", "-----BEGIN")).collect()
}

#[test]
fn keys_of_all_kinds_sign() {
    for kind in ["rsa2048", "rsa3072", "rsa4096", "nistp256", "nistp384", "ed25519"] {
        case(&[&format!("0 --quick-generate-key A {kind} sign never")], "", 20, "A");
    }
}

#[test]
fn digests_are_those_that_are_asked_for() {
    let rsa = ["0 --quick-generate-key A rsa2048 sign never"];
    for digest in ["SHA256", "SHA384", "SHA512"] {
        case(&rsa, &format!("--digest-algo {digest} "), 20, "A");
    }
    case(
        &rsa,
        "--digest-algo SHA1 ",
        20,
        "SHA1 is too weak: the archive must be signed with SHA-256 or better",
    );
    case(
        &["0 --quick-generate-key A nistp256 sign never"],
        "--digest-algo SHA512 ",
        20,
        "SHA512 is not supported for this kind of key",
    );
}

#[test]
fn keys_that_are_not_supported_are_named() {
    case(
        &["0 --quick-generate-key A rsa1024 sign never"],
        "",
        20,
        "its RSA key has 1024 bits: from 2048 to 8192 are supported",
    );
    case(
        &["0 --quick-generate-key A dsa2048 sign never"],
        "--digest-algo SHA256 ",
        20,
        "keys of its kind (algorithm 17) are not supported: RSA, Ed25519, P-256 and P-384 are",
    );
}

#[test]
fn keys_and_signatures_expire() {
    let key = ["0 --quick-generate-key A ed25519 sign 2020-02-01"];
    case(&key, "", 20, "A");
    case(&key, "", 40, "its key expired at 2020-02-01 12:00:00 UTC: the keyring may be old");
    let key = ["0 --quick-generate-key A ed25519 sign never"];
    case(&key, "--default-sig-expire 5d ", 12, "A");
    case(&key, "--default-sig-expire 5d ", 16, "it expired at 2020-01-16 00:00:00 UTC");
    case(
        &key,
        "",
        9,
        "it was made at 2020-01-11 00:00:00 UTC and now is 2020-01-10 00:00:00 UTC: is the clock right?",
    );
}

#[test]
fn notations_are_read_over_unless_they_are_critical() {
    let key = ["0 --quick-generate-key A ed25519 sign never"];
    case(&key, "--sig-notation a@example.com=b ", 20, "A");
    case(
        &key,
        "--sig-notation !a@example.com=b ",
        20,
        "it says something that must be understood, and is not: a notation",
    );
    case(&key, "--sig-policy-url !https://example.com ", 20, "A");
}

#[test]
fn keys_are_revoked() {
    case(
        &["0 --quick-generate-key A rsa2048 sign never", "sign", "15 --import"],
        "",
        20,
        "its key was revoked at 2020-01-01 00:00:00 UTC (for another reason)",
    );
}

#[test]
fn subkeys_sign_for_their_primary_key() {
    let Some(gpg) = Gpg::new() else { return };
    gpg.run(0, "--quick-generate-key A rsa2048 cert never", "");
    let listed = String::from_utf8(gpg.run(0, "--with-colons --list-keys", "")).unwrap();
    let fingerprint = listed.lines().find_map(|line| line.strip_prefix("fpr:::::::::")).unwrap();
    let fingerprint = fingerprint.trim_end_matches(':');
    gpg.run(1, &format!("--quick-add-key {fingerprint} ed25519 sign 2020-02-01"), "");
    let text = gpg.run(10, "--clearsign", TEXT);
    let keyring = Keyring::parse(&gpg.run(10, "--export", "")).unwrap();
    let asked = |day: i64| {
        let trust = Trust { keyring: &keyring, only: None, now: MADE + day * DAY };
        verify_inline(&text, trust).map(|verified| verified.signatures.signers)
    };
    let signers = asked(20).unwrap();
    assert_eq!(signers[0].primary.to_string(), fingerprint);
    assert_ne!(signers[0].fingerprint, signers[0].primary);
    assert!(asked(40).unwrap_err().to_string().contains("its key expired at 2020-02-01"));
}

#[test]
fn its_database_is_refused_with_advice() {
    let Some(gpg) = Gpg::new() else { return };
    gpg.run(0, "--quick-generate-key A ed25519 sign never", "");
    let case = |bytes: &[u8], expected: &str| {
        let error = Keyring::parse(bytes).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
    };
    case(&fs::read(gpg.home.path().join("pubring.kbx")).unwrap(), "it is a keybox");
    case(&gpg.run(0, "--export-secret-keys", ""), "it holds a secret key");
    case(&gpg.run(0, "--armor --export-secret-keys", ""), "it holds a secret key");
    let text = gpg.run(0, "--armor --detach-sign --textmode", "a \nb\n");
    let keyring = Keyring::parse(&gpg.run(0, "--armor --export", "")).unwrap();
    let trust = Trust { keyring: &keyring, only: None, now: MADE };
    let detached = |data: &[u8]| verify_detached(data, &text, trust).is_ok();
    assert!(detached(b"a \nb\n") && detached(b"a \r\nb\r\n") && !detached(b"a\nb\n"));
}
