//! The keys and lists that a machine with apt has.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use scant_core::formats::openpgp::Keyring;
use scant_core::rules::openpgp::{Trust, verify_inline};

#[test]
fn try_out() {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as i64;
    let mut names: Vec<_> =
        std::fs::read_dir("/usr/share/keyrings").unwrap().map(|f| f.unwrap().path()).collect();
    names.sort();
    for file in names {
        let keyring = Keyring::parse(&std::fs::read(&file).unwrap());
        println!("{file:?} {:?}", keyring.as_ref().map(|k| k.certificates.len()));
        let Ok(keyring) = keyring else { continue };
        for list in std::fs::read_dir("/var/lib/apt/lists").unwrap() {
            let path = list.unwrap().path();
            if !path.to_str().unwrap().ends_with("InRelease") {
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            for now in [now, 0, 2_500_000_000] {
                let trust = Trust { keyring: &keyring, only: None, now };
                let t = std::time::Instant::now();
                match verify_inline(&bytes, trust) {
                    Ok(v) => println!("  {:?} {} {:#?}", t.elapsed(), v.text.len(), v.signatures),
                    Err(e) => println!("  {:?} {e}", t.elapsed()),
                }
            }
        }
    }
    let _ = Path::new("/");
}
