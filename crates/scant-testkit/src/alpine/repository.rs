//! A repository of packages, for two architectures.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};

use super::{Apk, KEY, gzip, signature};
use crate::RawTar;

/// A repository that grows.
#[derive(Clone, Debug, Default)]
pub struct AlpineRepository {
    /// Lines of the index, by architecture.
    lists: BTreeMap<String, String>,
    files: BTreeMap<String, Vec<u8>>,
    /// Whether its index has no signature.
    pub is_unsigned: bool,
    /// Whether packages have no signatures of their own.
    pub has_unsigned_packages: bool,
}

/// How an index calls what `.PKGINFO` calls otherwise.
const LETTERS: [(char, &str); 9] = [
    ('P', "pkgname"),
    ('V', "pkgver"),
    ('A', "arch"),
    ('o', "origin"),
    ('L', "license"),
    ('D', "depend"),
    ('p', "provides"),
    ('i', "install_if"),
    ('k', "provider_priority"),
];

impl AlpineRepository {
    /// Adds a package: lines of `.PKGINFO`, and files as [`RawTar::of_lines`] has them. One for
    /// `noarch` is there for all architectures.
    pub fn add(&mut self, info: &str, files: &str) -> &mut Self {
        self.add_apk(info, &Apk::new(info, &[], &RawTar::of_lines(files)))
    }

    /// The same of a package that is made already, as these lines tell it.
    pub fn add_apk(&mut self, info: &str, apk: &Apk) -> &mut Self {
        let bytes = if self.has_unsigned_packages { apk.bytes() } else { apk.signed() };
        self.add_bytes(info, &apk.control, &bytes)
    }

    /// The same of the bytes of a package, of which `control` is what an index has a digest of.
    ///
    /// # Panics
    /// Never: a string can be written to.
    pub fn add_bytes(&mut self, info: &str, control: &[u8], bytes: &[u8]) -> &mut Self {
        let values = |key: &str| {
            let lines = info.lines().filter_map(|line| line.split_once(" = "));
            let of_key = lines.filter(|(found, _)| *found == key).map(|(_, value)| value.trim());
            of_key.collect::<Vec<_>>().join(" ")
        };
        let checksum = BASE64_STANDARD.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, control));
        let mut text = format!("C:Q1{checksum}\nS:{}\n", bytes.len());
        for (letter, key) in LETTERS {
            let value = values(key);
            if !value.is_empty() {
                writeln!(text, "{letter}:{value}").expect("a string can be written to");
            }
        }
        text.push('\n');
        let name = format!("{}-{}.apk", values("pkgname"), values("pkgver"));
        let architecture = values("arch");
        let architectures: &[&str] = match &*architecture {
            "noarch" => &["x86_64", "aarch64"],
            one => &[one],
        };
        for architecture in architectures {
            self.lists.entry(architecture.to_string()).or_default().push_str(&text);
            self.files.insert(format!("{architecture}/{name}"), bytes.to_vec());
        }
        self
    }

    /// All files by their paths, with an index for each architecture.
    pub fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = self.files.clone();
        for (architecture, list) in &self.lists {
            let mut tar = RawTar::default();
            tar.entry("DESCRIPTION", b'0', "", "a repository\n");
            let index = gzip(&tar.entry("APKINDEX", b'0', "", list).end());
            let signature = match self.is_unsigned {
                true => Vec::new(),
                false => signature("RSA256", KEY, &index),
            };
            files.insert(format!("{architecture}/APKINDEX.tar.gz"), [signature, index].concat());
        }
        files
    }

    /// Writes all files below a directory.
    ///
    /// # Panics
    /// When they cannot be written.
    pub fn write_to(&self, directory: &Path) {
        for (path, bytes) in self.files() {
            let path = directory.join(path);
            std::fs::create_dir_all(path.parent().expect("it has a name")).expect("it is ours");
            std::fs::write(path, bytes).expect("it is ours");
        }
    }
}
