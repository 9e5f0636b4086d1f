//! The keys and lists that a machine with apt has.

use std::fs;
use std::path::PathBuf;

use scant_core::formats::openpgp::Keyring;
use scant_core::rules::openpgp::{Trust, verify_inline};

use crate::gpgv::Gpgv;
use crate::support::{clock, skip};

/// The files of a directory whose names end so, sorted.
fn files(directory: &str, end: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut files: Vec<_> = entries.filter(|path| path.to_string_lossy().ends_with(end)).collect();
    files.sort();
    files
}

#[test]
fn lists_of_apt_are_found_good_where_gpgv_finds_them_good() {
    let keyrings = files("/usr/share/keyrings", ".gpg");
    let lists = files("/var/lib/apt/lists", "InRelease");
    if keyrings.is_empty() || lists.is_empty() {
        return skip("there is no keyring or no list of apt (apt-get update)");
    }
    let Some(gpgv) = Gpgv::new() else { return };
    let mut good = 0;
    for path in &keyrings {
        let bytes = fs::read(path).unwrap();
        let keyring = match Keyring::parse(&bytes) {
            Ok(keyring) => keyring,
            Err(error) => {
                let is_debians = path.to_string_lossy().contains("debian-archive");
                assert!(!is_debians, "{path:?}: {error}");
                println!("{path:?}: {error}");
                continue;
            }
        };
        for list in &lists {
            let text = fs::read(list).unwrap();
            let trust = Trust { keyring: &keyring, only: None, now: clock() };
            let report = gpgv.inline(&text, &bytes);
            match verify_inline(&text, trust) {
                Ok(verified) => {
                    assert!(report.is_good, "{path:?} {list:?}: {}", report.said);
                    assert!(verified.text == report.text, "{path:?} {list:?}: another text");
                    good += 1;
                }
                Err(error) => assert!(!report.is_good, "{path:?} {list:?}: {error}"),
            }
            // Long before, and long after.
            for now in [0, 4_000_000_000] {
                assert!(verify_inline(&text, Trust { now, ..trust }).is_err());
            }
        }
    }
    assert!(good > 0, "no list of apt is signed by a key of this machine");
    println!("{good} of {} questions answered with yes", keyrings.len() * lists.len());
}
