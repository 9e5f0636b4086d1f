//! Packages of Debian: as they come, and with what they say of themselves, or their files, from here.
#![no_main]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use libfuzzer_sys::fuzz_target;
use scant_core::words::{Input, TreePath};
use scant_fuzz::assert_plain;
use scant_io::inputs::{ArchiveOptions, Limits};
use scant_io::packages::Union;
use scant_io::packages::deb::{self, DebPackage};
use scant_testkit::RawTar;
use scant_testkit::debian::ar;

const LIMITS: Limits =
    Limits { max_bytes: 1 << 22, max_ratio: 100, max_entries: 1000, max_header: 1 << 16 };
const CONTROL: &str = "Package: aa\nVersion: 1\nArchitecture: all\n";

fuzz_target!(|bytes: &[u8]| {
    let path = std::env::temp_dir().join(format!("scant-fuzz-{}.deb", std::process::id()));
    package(&path, bytes);
    let tar = |control: &[u8]| {
        let mut tar = RawTar::default();
        tar.entry("./control", b'0', "", control);
        tar.end()
    };
    let binary = ("debian-binary", &b"2.0\n"[..]);
    let of =
        |control: &[u8], data: &[u8]| ar(&[binary, ("control.tar", control), ("data.tar", data)]);
    let control = tar(CONTROL.as_bytes());
    package(&path, &of(&control, bytes));
    package(&path, &of(bytes, &RawTar::of_lines("./usr/x y")));
    package(&path, &of(&tar(bytes), &RawTar::of_lines("./usr/x y")));
});

/// A package is read or refused, and its files are all there.
fn package(path: &PathBuf, bytes: &[u8]) {
    std::fs::write(path, bytes).expect("the directory for temporary files can be written to");
    let options =
        ArchiveOptions { strip_components: 0, limits: LIMITS, temporary: std::env::temp_dir() };
    let is_read = match DebPackage::open(path, &options) {
        Ok(package) => {
            let identity = package.identity();
            assert!(!identity.name.is_empty() && !identity.version.is_empty());
            true
        }
        Err(error) => {
            assert_plain(&shown(&error, path));
            false
        }
    };
    match deb::root(std::slice::from_ref(path), &options) {
        Ok(root) => {
            assert!(is_read, "a root is of packages that can be read");
            walk(&root, &TreePath::root());
        }
        Err(error) => assert_plain(&shown(&error, path)),
    }
}

/// A message without the path, whose characters are not from the package.
fn shown(error: &impl ToString, path: &Path) -> String {
    error.to_string().replace(&*path.to_string_lossy(), "PACKAGE")
}

fn walk(root: &Union, directory: &TreePath) {
    for name in root.list(directory).expect("a directory is listed") {
        let path = directory.join(&name);
        let entry = root.lookup(&path).expect("it is known").expect("it is there");
        assert!(root.packages(&BTreeSet::from([path.clone()])).len() <= 1);
        if let Some(size) = entry.file_size() {
            let content = root.read(&path, LIMITS.max_bytes).expect("it is read");
            assert_eq!(content.len() as u64, size);
        } else if entry.is_directory() {
            walk(root, &path);
        }
    }
}
