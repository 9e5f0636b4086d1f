//! Archives that somebody has signed.

use std::process::Command;

use crate::support::{Machine, archive};

/// A directory of GnuPG with a key of its own; none where there is no GnuPG.
pub(crate) struct Signer<'m>(&'m Machine);

impl<'m> Signer<'m> {
    pub(crate) fn new(machine: &'m Machine) -> Option<Self> {
        if Command::new("gpg").arg("--version").output().is_err() {
            let strict = std::env::var_os("SCANT_NO_SKIP").is_some_and(|value| value == "1");
            assert!(!strict, "must not be skipped: gpg is not installed (apt-get install gnupg)");
            println!("skipped: gpg is not installed (apt-get install gnupg)");
            return None;
        }
        Some(Self(machine))
    }

    /// Runs GnuPG as the owner of the key of this name.
    pub(crate) fn gpg(&self, name: &str, arguments: &[&str]) {
        let home = self.0.path(name);
        if !home.exists() {
            std::fs::create_dir(&home).unwrap();
            let permissions = std::os::unix::fs::PermissionsExt::from_mode(0o700);
            std::fs::set_permissions(&home, permissions).unwrap();
            self.gpg(
                name,
                &[
                    "--faked-system-time",
                    "20220101T000000!",
                    "--passphrase",
                    "",
                    "--quick-gen-key",
                    name,
                    "ed25519",
                    "sign",
                    "never",
                ],
            );
            self.export(name);
        }
        let output = Command::new("gpg")
            .arg("--homedir")
            .arg(&home)
            .args(["--batch", "--yes", "--quiet", "--pinentry-mode", "loopback"])
            .args(arguments)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// The fingerprint of somebody's key.
    fn fingerprint(&self, name: &str) -> String {
        let home = self.0.path(name);
        let mut command = Command::new("gpg");
        let output = command.arg("--homedir").arg(&home).args(["--with-colons", "--list-keys"]);
        let output = String::from_utf8(output.output().unwrap().stdout).unwrap();
        let line = output.lines().find_map(|line| line.strip_prefix("fpr:"));
        line.unwrap().trim_matches(':').to_string()
    }

    /// Writes down the key as it is now.
    fn export(&self, name: &str) {
        let keys = self.0.path(&format!("{name}.gpg")).display().to_string();
        self.gpg(name, &["--output", &keys, "--export"]);
    }

    /// Puts signatures by the owner of a key beside the release.
    fn sign(&self, name: &str, is_inline: bool) {
        let (file, bytes) = self.signed(name, is_inline);
        self.0.server.put(&format!("dists/stable/{file}"), bytes);
    }

    /// The release with a signature in it, or the signature alone; and its name.
    pub(crate) fn signed(&self, name: &str, is_inline: bool) -> (&'static str, Vec<u8>) {
        let release = self.0.path("Release");
        std::fs::write(&release, &archive().files()["dists/stable/Release"]).unwrap();
        let signed = self.0.path("signed");
        let (kind, file) =
            if is_inline { ("--clearsign", "InRelease") } else { ("--detach-sign", "Release.gpg") };
        let paths = [&signed, &release].map(|path| path.display().to_string());
        self.gpg(
            name,
            &["--faked-system-time", "20220102T000000!", "--output", &paths[0], kind, &paths[1]],
        );
        (file, std::fs::read(&signed).unwrap())
    }
}

/// A machine that believes the key of `alice`.
fn machine() -> Machine {
    let mut machine = Machine::new(&archive());
    machine.allow_unsigned = false;
    machine.source.signed_by = vec!["alice.gpg".into()];
    machine
}

#[test]
fn a_release_with_its_signature_in_it_is_believed() {
    let machine = machine();
    let Some(signer) = Signer::new(&machine) else { return };
    signer.sign("alice", true);
    machine.server.remove("dists/stable/Release");
    assert_eq!(machine.chosen("other"), "other 1 all");
}

#[test]
fn a_release_with_its_signature_beside_it_is_believed() {
    let machine = machine();
    let Some(signer) = Signer::new(&machine) else { return };
    signer.sign("alice", false);
    assert_eq!(machine.chosen("other"), "other 1 all");
}

#[test]
fn nobody_else_is_believed() {
    let machine = machine();
    let Some(signer) = Signer::new(&machine) else { return };
    signer.gpg("alice", &["--list-keys"]);
    signer.sign("mallory", true);
    let told = machine.chosen("other");
    assert!(
        told.starts_with(
            "`SERVER/dists/stable/InRelease` is not signed by a key that is trusted: no signature is good"
        ),
        "{told}"
    );
}

#[test]
fn a_release_that_was_changed_is_refused() {
    let machine = machine();
    let Some(signer) = Signer::new(&machine) else { return };
    signer.sign("alice", false);
    let release = archive().files()["dists/stable/Release"].clone();
    machine.server.put("dists/stable/Release", [&release[..], b"\n"].concat());
    let told = machine.chosen("other");
    assert!(told.starts_with("`SERVER/dists/stable/Release` is not signed by a key"), "{told}");
}

#[test]
fn an_archive_without_signatures_is_refused() {
    let machine = machine();
    let Some(signer) = Signer::new(&machine) else { return };
    signer.gpg("alice", &["--list-keys"]);
    assert_eq!(machine.chosen("other"), "`SERVER/dists/stable/Release.gpg` answers 404");
}

#[test]
fn keys_that_are_named_are_meant_whatever_is_allowed() {
    let mut machine = machine();
    machine.allow_unsigned = true;
    let Some(signer) = Signer::new(&machine) else { return };
    signer.gpg("alice", &["--list-keys"]);
    signer.sign("mallory", true);
    assert!(machine.chosen("other").contains("is not signed by a key that is trusted"));
}

#[test]
fn a_key_that_is_over_is_not_believed() {
    let machine = machine();
    let Some(signer) = Signer::new(&machine) else { return };
    signer.sign("alice", true);
    assert_eq!(machine.chosen("other"), "other 1 all");
    // Until the day before the one that it is here.
    let over = ["--faked-system-time", "20220103T000000!", "--quick-set-expire"];
    signer.gpg("alice", &[&over[..], &[&signer.fingerprint("alice"), "20220531T000000"]].concat());
    signer.export("alice");
    let told = machine.chosen("other");
    assert!(told.contains("InRelease` is not signed by a key that is trusted"), "{told}");
}

#[test]
fn a_key_that_was_taken_back_is_not_believed() {
    let machine = machine();
    let Some(signer) = Signer::new(&machine) else { return };
    signer.sign("alice", true);
    let fingerprint = signer.fingerprint("alice");
    // GnuPG makes it with the key, with a colon before it so that nobody uses it by mistake.
    let path = machine.path(&format!("alice/openpgp-revocs.d/{fingerprint}.rev"));
    let text = std::fs::read_to_string(&path).unwrap().replace(":-----BEGIN", "-----BEGIN");
    std::fs::write(&path, text).unwrap();
    signer.gpg("alice", &["--import", &path.display().to_string()]);
    signer.export("alice");
    let told = machine.chosen("other");
    assert!(told.contains("InRelease` is not signed by a key that is trusted"), "{told}");
}

#[test]
fn a_release_without_strong_digests_says_nothing() {
    let machine = Machine::new(&archive());
    let release = String::from_utf8(archive().files()["dists/stable/Release"].clone()).unwrap();
    for weak in ["MD5Sum", "SHA1"] {
        let release = release.replace("SHA256:", &format!("{weak}:"));
        machine.server.put("dists/stable/Release", release.into_bytes());
        assert_eq!(
            machine.chosen("other"),
            "`SERVER/dists/stable/Release`: it has no SHA256: digests that are weaker are not believed"
        );
    }
}
