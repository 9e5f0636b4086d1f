//! Archives that somebody has signed.

use std::process::Command;

use crate::support::{Machine, archive};

/// A directory of GnuPG with a key of its own; none where there is no GnuPG.
struct Signer<'m>(&'m Machine);

impl<'m> Signer<'m> {
    fn new(machine: &'m Machine) -> Option<Self> {
        if Command::new("gpg").arg("--version").output().is_err() {
            let strict = std::env::var_os("SCANT_NO_SKIP").is_some_and(|value| value == "1");
            assert!(!strict, "must not be skipped: gpg is not installed (apt-get install gnupg)");
            println!("skipped: gpg is not installed (apt-get install gnupg)");
            return None;
        }
        Some(Self(machine))
    }

    /// Runs GnuPG as the owner of the key of this name.
    fn gpg(&self, name: &str, arguments: &[&str]) {
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
            let keys = self.0.path(&format!("{name}.gpg")).display().to_string();
            self.gpg(name, &["--output", &keys, "--export"]);
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

    /// Puts signatures by the owner of a key beside the release.
    fn sign(&self, name: &str, is_inline: bool) {
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
        let path = format!("dists/stable/{file}");
        self.0.server.put(&path, std::fs::read(&signed).unwrap());
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
