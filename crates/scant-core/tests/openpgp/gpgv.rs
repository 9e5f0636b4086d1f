//! The second opinion: gpgv of GnuPG.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::has;

/// gpgv, with a directory of its own.
pub(crate) struct Gpgv {
    directory: tempfile::TempDir,
}

/// What it says.
pub(crate) struct Report {
    /// Whether there is a good signature, by a key that holds.
    pub(crate) is_good: bool,
    /// The text that it writes.
    pub(crate) text: Vec<u8>,
    /// Its lines for programs.
    pub(crate) said: String,
}

impl Gpgv {
    /// None if it is not installed, which is said.
    pub(crate) fn new() -> Option<Self> {
        let directory = tempfile::tempdir().unwrap();
        has("gpgv", "gpgv").then_some(Self { directory })
    }

    /// Asks about a clear-signed text.
    pub(crate) fn inline(&self, text: &[u8], keyring: &[u8]) -> Report {
        let at = |name: &str| self.directory.path().join(name);
        fs::write(at("text"), text).unwrap();
        fs::write(at("keys.gpg"), keyring).unwrap();
        let _ = fs::remove_file(at("output"));
        self.report(&[&at("text")], Some(&at("output")))
    }

    /// Asks about signatures in a file of their own.
    pub(crate) fn detached(&self, data: &[u8], signatures: &[u8], keyring: &[u8]) -> Report {
        let at = |name: &str| self.directory.path().join(name);
        fs::write(at("data"), data).unwrap();
        fs::write(at("signatures"), signatures).unwrap();
        fs::write(at("keys.gpg"), keyring).unwrap();
        self.report(&[&at("signatures"), &at("data")], None)
    }

    fn report(&self, files: &[&Path], output: Option<&Path>) -> Report {
        let mut command = Command::new("gpgv");
        command.arg("--homedir").arg(self.directory.path());
        command.arg("--keyring").arg(self.directory.path().join("keys.gpg"));
        command.args(["--status-fd", "1"]);
        if let Some(file) = output {
            command.arg("--output").arg(file);
        }
        let done = command.args(files).output().unwrap();
        let said = String::from_utf8_lossy(&done.stdout).into_owned();
        let has = |word: &str| said.lines().any(|line| line.starts_with(word));
        // As apt reads it: a bad one is too much.
        let is_good = has("[GNUPG:] GOODSIG ") && !has("[GNUPG:] BADSIG ");
        let text = output.and_then(|file| fs::read(file).ok()).unwrap_or_default();
        Report { is_good, text, said: said + &String::from_utf8_lossy(&done.stderr) }
    }
}
