//! Small texts: lists and databases of packages, first lines of scripts, capabilities.
#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use scant_core::formats::alpine::installed::{self, Listed};
use scant_core::formats::debian::status;
use scant_core::formats::package_lists::{self, Owners};
use scant_core::formats::{capabilities, os_release, shebang};
use scant_core::words::{Meta, Mode, TreePath};

fuzz_target!(|bytes: &[u8]| {
    let paths = ["/usr/bin/a", "/lib/b", "/c"].map(TreePath::literal);
    let package: Arc<str> = "p".into();
    let readers: [&dyn Fn(&mut Owners); 3] = [
        &|owners| package_lists::dpkg(bytes, &package, owners),
        &|owners| package_lists::apk(bytes, owners),
        &|owners| package_lists::buildroot(bytes, owners),
    ];
    for read in readers {
        let mut owners = Owners::of(paths.iter());
        read(&mut owners);
        for owner in paths.iter().filter_map(|path| owners.get(path)) {
            // A byte that is no UTF-8 is shown as one character of three.
            assert!(owner.len() <= 3 * bytes.len() + 1);
        }
    }
    if let Some(script) = shebang::parse(bytes) {
        let parts = [Some(&*script.interpreter), script.argument.as_deref(), script.env_program()];
        for part in parts.into_iter().flatten() {
            assert!(!part.is_empty() && part.len() < bytes.len());
            assert!(!part.contains(&b'\n') && !part.contains(&0));
        }
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        dpkg(text);
        apk(text);
    }
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(value) = capabilities::encode(text.split('\n'))
    {
        assert_eq!(value.len(), 20);
    }
});

/// What is written of a package is read as the same package.
fn dpkg(text: &str) {
    for paragraph in status::installed(text) {
        let Some(identity) = status::identity(paragraph, "debian") else { continue };
        let entry = status::entry(paragraph.text());
        let again = status::installed(&entry).find_map(|one| status::identity(one, "debian"));
        assert_eq!(again, Some(identity), "{entry}");
    }
    assert!(status::md5sums(text).values().all(|digest| digest.len() == 32));
    let _ = os_release::get(text, "ID");
}

/// The same for apk, with the files that it says.
fn apk(text: &str) {
    for package in installed::packages(text) {
        let Some(identity) = package.identity("alpine") else { continue };
        let listed = |checksum| Listed { meta: Meta::new(Mode::FILE), checksum: Some(checksum) };
        let mut checksums = package.checksums();
        checksums.retain(|path, _| !path.as_bytes().contains(&b'\r'));
        let files = checksums.iter().map(|(path, sum)| (path.clone(), listed(*sum))).collect();
        let entry = installed::entry(&package.fields(), &files, &|_| None);
        let again = installed::packages(&entry).next().expect("it has a name");
        assert_eq!(again.identity("alpine"), Some(identity), "{entry}");
        assert_eq!(again.checksums(), checksums, "{entry}");
    }
}
