//! One byte that was changed on the way, anywhere: what comes of it is refused, or is what it was.

use std::fs;
use std::path::PathBuf;

use scant_io::cache::Downloads;
use scant_io::net::{Client, Settings};
use scant_io::packages::Choice;
use scant_io::packages::apt::Archives;
use scant_testkit::DebianArchive;

use crate::signed::Signer;
use crate::support::{Machine, amd64, archive, write};

/// A machine whose archive is in its directory `repository`, so that asking is fast.
struct Local {
    machine: Machine,
    client: Client,
    /// How often somebody has asked: each time with an empty store.
    asked: usize,
}

impl Local {
    fn new(archive: &DebianArchive) -> Self {
        let mut machine = Machine::new(archive);
        for (path, bytes) in archive.files() {
            write(&machine.path("repository").join(path), bytes);
        }
        machine.source.uris = vec!["file:./repository".into()];
        let client = Client::new(Settings { is_offline: true, ..Settings::default() }).unwrap();
        Self { machine, client, asked: 0 }
    }

    fn file(&self, path: &str) -> PathBuf {
        self.machine.path("repository").join(path)
    }

    /// What is chosen, and the bytes of it; or that it is refused.
    fn ask(&mut self) -> Result<(Choice, Vec<Vec<u8>>), String> {
        self.asked += 1;
        let cache = self.machine.path(&format!("cache-{}", self.asked));
        let downloads = Downloads::new(&cache);
        let asked = self.machine.asked("tool");
        let found = self.machine.with_these(&self.client, &downloads, |archives| {
            let choice = archives.choose(&asked, amd64()).map_err(|error| error.to_string())?;
            let files = archives.fetch(&choice.packages).map_err(|error| error.to_string())?;
            Ok((choice, files.iter().map(|file| fs::read(file).unwrap()).collect()))
        });
        let _ = fs::remove_dir_all(cache);
        found
    }

    /// Changes each byte of a file. Where what comes of it is as it was.
    #[track_caller]
    fn harmless(&mut self, path: &str) -> Vec<usize> {
        let whole = self.ask().expect("nothing was changed yet");
        let path = self.file(path);
        let bytes = fs::read(&path).unwrap();
        let mut harmless = Vec::new();
        for place in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[place] ^= [0x01, 0x20, 0x80][place % 3];
            fs::write(&path, changed).unwrap();
            match self.ask() {
                Ok(found) => {
                    assert!(found == whole, "byte {place} of {} counts", path.display());
                    harmless.push(place);
                }
                Err(error) => assert!(!error.is_empty()),
            }
        }
        // And each end that is missing.
        for end in (0..bytes.len()).step_by(29) {
            fs::write(&path, &bytes[..end]).unwrap();
            if let Ok(found) = self.ask() {
                assert!(found == whole, "{} without its end after {end}", path.display());
            }
        }
        fs::write(&path, bytes).unwrap();
        harmless
    }
}

/// One whose release a key has signed, inside or beside.
fn signed(is_inline: bool) -> Option<Local> {
    let mut local = Local::new(&archive());
    local.machine.allow_unsigned = false;
    local.machine.source.signed_by = vec!["alice.gpg".into()];
    let (file, bytes) = Signer::new(&local.machine)?.signed("alice", is_inline);
    write(&local.file("dists/stable").join(file), bytes);
    if is_inline {
        fs::remove_file(local.file("dists/stable/Release")).unwrap();
    }
    Some(local)
}

#[test]
fn of_a_release_with_its_signature_in_it() {
    let Some(mut local) = signed(true) else { return };
    let path = "dists/stable/InRelease";
    let text = fs::read(local.file(path)).unwrap();
    let text = String::from_utf8(text).unwrap();
    let (release, signature) = text.split_once("-----BEGIN PGP SIGNATURE-----").unwrap();
    for place in local.harmless(path) {
        // What is signed is not changed: but what follows the words of a line, and what the signature
        // does not sign of itself.
        let line = release[..place.min(release.len())].lines().last().unwrap_or_default();
        assert!(place >= release.len(), "byte {place} of `{line}`");
        let inside = place - release.len();
        assert!(inside < signature.len() + 40, "byte {inside} after the signature begins");
    }
}

#[test]
fn of_a_release_with_its_signature_beside_it() {
    let Some(mut local) = signed(false) else { return };
    assert_eq!(local.harmless("dists/stable/Release"), Vec::<usize>::new());
    // An issuer that is not signed is only a hint, of the last of these bytes.
    let harmless = local.harmless("dists/stable/Release.gpg");
    assert!(harmless.len() <= 24, "{harmless:?}");
}

#[test]
fn of_a_list() {
    for form in ["", ".gz", ".xz", ".zst", ".bz2"] {
        let mut archive = archive();
        archive.forms = vec![form];
        let mut local = Local::new(&archive);
        let path = format!("dists/stable/main/binary-amd64/Packages{form}");
        assert_eq!(local.harmless(&path), Vec::<usize>::new(), "{form}");
    }
}

#[test]
fn of_a_package() {
    let local = Local::new(&archive());
    let choice = local.machine.choose("other").unwrap();
    let path = local.file("pool/other_1_all.deb");
    let bytes = fs::read(&path).unwrap();
    let fetched = |changed: &[u8]| {
        fs::write(&path, changed).unwrap();
        let downloads = Downloads::new(&local.machine.path("other cache"));
        let fetch = |archives: &Archives<'_>| archives.fetch(&choice.packages).is_ok();
        local.machine.with_these(&local.client, &downloads, fetch)
    };
    for place in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[place] ^= 0x01;
        assert!(!fetched(&changed), "byte {place}");
        if place % 29 == 0 {
            assert!(!fetched(&bytes[..place]), "without its end after {place}");
        }
    }
    assert!(!fetched(&[&bytes[..], b"\0"].concat()), "more of it");
    assert!(fetched(&bytes));
}
