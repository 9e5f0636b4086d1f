//! Indexes and packages of apk: as they come, and with data that the control part vouches for.
#![no_main]

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use libfuzzer_sys::fuzz_target;
use scant_core::words::{Digest, Input, Root, TreePath};
use scant_fuzz::assert_plain;
use scant_io::inputs::{ArchiveOptions, Limits};
use scant_io::packages::apk::{ApkIndex, ApkPackage, Demand, Expected};

const LIMITS: Limits =
    Limits { max_bytes: 1 << 22, max_ratio: 100, max_entries: 1000, max_header: 1 << 16 };

fuzz_target!(|bytes: &[u8]| {
    // What is not signed is refused, whatever it is.
    assert!(ApkIndex::read(bytes, &[], Demand::Signature).is_err());
    match ApkIndex::read(bytes, &[], Demand::Nothing) {
        Ok(index) => assert!(index.packages.len() <= 1 << 24),
        Err(error) => assert_plain(&error.to_string()),
    }
    package(bytes);
    let data = gzip(bytes);
    let info = format!("pkgname = a\npkgver = 1\ndatahash = {}\n", Digest::of(&data).hex());
    package(&[gzip(&file(".PKGINFO", info.as_bytes())), data].concat());
});

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory can be written to");
    encoder.finish().expect("memory can be written to")
}

/// A tar archive of one file, without an end.
fn file(name: &str, content: &[u8]) -> Vec<u8> {
    let mut header = [0; 512];
    header[..name.len()].copy_from_slice(name.as_bytes());
    header[100..107].copy_from_slice(b"0000644");
    header[124..135].copy_from_slice(format!("{:011o}", content.len()).as_bytes());
    header[148..156].fill(b' ');
    header[156] = b'0';
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    let mut archive = [&header[..], content].concat();
    archive.resize(archive.len().next_multiple_of(512), 0);
    archive
}

fn package(bytes: &[u8]) {
    let options =
        ArchiveOptions { strip_components: 0, limits: LIMITS, temporary: std::env::temp_dir() };
    let expected = Expected { listed: None, keys: &[], demand: Demand::Nothing, vendor: "alpine" };
    match ApkPackage::from_bytes(bytes, &expected, &options) {
        Ok(package) => walk(&package, &TreePath::root()),
        Err(error) => assert_plain(&error.to_string()),
    }
}

fn walk(package: &ApkPackage, directory: &TreePath) {
    for name in package.list(directory).expect("a directory is listed") {
        let path = directory.join(&name);
        let entry = package.lookup(&path).expect("it is known").expect("it is there");
        assert!(package.meta(&path).expect("it is known").is_some());
        if let Some(size) = entry.file_size() {
            let content = package.read(&path, LIMITS.max_bytes).expect("it is read");
            assert_eq!(content.len() as u64, size);
        } else if entry.is_directory() {
            walk(package, &path);
        }
    }
}
