//! Indexes and packages, made as apk's tools make them.

use std::fmt::Write as _;
use std::path::PathBuf;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use scant_io::inputs::{ArchiveOptions, Limits};
use scant_io::packages::apk::Key;
use scant_testkit::alpine::KEY_PEM;
pub(crate) use scant_testkit::alpine::{KEY, gzip, signature};

pub(crate) fn pem(name: &str) -> &'static [u8] {
    match name {
        KEY => KEY_PEM,
        "other.rsa.pub" => include_bytes!("keys/other.rsa.pub"),
        _ => include_bytes!("keys/elliptic.pub"),
    }
}

pub(crate) fn key(name: &str) -> Key {
    Key::parse(name, pem(name)).unwrap()
}

pub(crate) fn options() -> ArchiveOptions {
    let temporary = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    ArchiveOptions { strip_components: 0, limits: Limits::default(), temporary }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut text = String::new();
    bytes.iter().for_each(|byte| write!(text, "{byte:02x}").unwrap());
    text
}

pub(crate) fn sha1(bytes: &[u8]) -> Vec<u8> {
    digest(&SHA1_FOR_LEGACY_USE_ONLY, bytes).as_ref().to_vec()
}

/// A tar archive, with its end or without.
pub(crate) fn tar(entries: &[Item], has_end: bool) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for entry in entries {
        let records: Vec<_> =
            entry.records.iter().map(|(key, value)| (key.as_str(), value.as_bytes())).collect();
        if !records.is_empty() {
            archive.append_pax_extensions(records).unwrap();
        }
        let mut header = tar::Header::new_ustar();
        header.set_mode(entry.mode);
        header.set_uid(entry.owner.0);
        header.set_gid(entry.owner.1);
        header.set_mtime(1);
        header.set_size(if entry.flag == b'0' { entry.content.len() as u64 } else { 0 });
        header.set_entry_type(tar::EntryType::new(entry.flag));
        header.as_old_mut().name[..entry.name.len()].copy_from_slice(entry.name.as_bytes());
        if matches!(entry.flag, b'1' | b'2') {
            header.as_old_mut().linkname[..entry.content.len()].copy_from_slice(&entry.content);
        }
        header.set_cksum();
        let content = if entry.flag == b'0' { &entry.content[..] } else { b"" };
        archive.append(&header, content).unwrap();
    }
    let mut bytes = archive.into_inner().unwrap();
    if !has_end {
        bytes.truncate(bytes.len() - 1024);
    }
    bytes
}

/// An entry of an archive.
#[derive(Clone)]
pub(crate) struct Item {
    pub(crate) name: String,
    pub(crate) flag: u8,
    pub(crate) mode: u32,
    pub(crate) owner: (u64, u64),
    pub(crate) content: Vec<u8>,
    pub(crate) records: Vec<(String, String)>,
}

pub(crate) fn item(name: &str, flag: u8, mode: u32, content: &[u8]) -> Item {
    let (name, content) = (name.to_string(), content.to_vec());
    Item { name, flag, mode, owner: (0, 0), content, records: Vec::new() }
}

/// A file with its digest.
pub(crate) fn file(name: &str, mode: u32, content: &[u8]) -> Item {
    item(name, b'0', mode, content).record("APK-TOOLS.checksum.SHA1", &hex(&sha1(content)))
}

pub(crate) fn directory(name: &str, mode: u32) -> Item {
    item(name, b'5', mode, b"")
}

pub(crate) fn link(name: &str, target: &str) -> Item {
    let digest = hex(&sha1(target.as_bytes()));
    item(name, b'2', 0o777, target.as_bytes()).record("APK-TOOLS.checksum.SHA1", &digest)
}

impl Item {
    pub(crate) fn record(mut self, key: &str, value: &str) -> Self {
        self.records.push((key.into(), value.into()));
        self
    }

    pub(crate) fn owned(mut self, uid: u64, gid: u64) -> Self {
        self.owner = (uid, gid);
        self
    }
}

/// An index member.
pub(crate) fn index(text: &str) -> Vec<u8> {
    let entries = [
        item("DESCRIPTION", b'0', 0o644, b"a repository\n"),
        item("APKINDEX", b'0', 0o644, text.as_bytes()),
    ];
    gzip(&tar(&entries, true))
}

pub(crate) fn signed(bytes: Vec<u8>) -> Vec<u8> {
    [signature("RSA256", KEY, &bytes), bytes].concat()
}

/// The parts of a package.
pub(crate) struct Made {
    pub(crate) control: Vec<u8>,
    pub(crate) data: Vec<u8>,
}

impl Made {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        [&self.control[..], &self.data].concat()
    }

    /// What an index says of it.
    pub(crate) fn listed(&self, name: &str, version: &str) -> scant_core::formats::alpine::Package {
        let checksum = BASE64_STANDARD.encode(sha1(&self.control));
        let text = format!("C:Q1{checksum}\nP:{name}\nV:{version}\nA:x86_64\nS:1\n");
        scant_core::formats::alpine::index::packages(&text).unwrap().remove(0)
    }
}

/// A package with these files; `info` is more of its `.PKGINFO`.
pub(crate) fn package(name: &str, info: &str, scripts: &[&str], files: &[Item]) -> Made {
    let data = gzip(&tar(files, true));
    package_of(name, info, scripts, data)
}

pub(crate) fn package_of(name: &str, info: &str, scripts: &[&str], data: Vec<u8>) -> Made {
    let hash = hex(digest(&SHA256, &data).as_ref());
    let text = format!(
        "pkgname = {name}\npkgver = 1.0-r0\narch = x86_64\nlicense = MIT\n{info}datahash = {hash}\n"
    );
    let mut control = vec![item(".PKGINFO", b'0', 0o644, text.as_bytes())];
    control.extend(scripts.iter().map(|name| item(name, b'0', 0o755, b"#!/bin/sh\n")));
    Made { control: gzip(&tar(&control, false)), data }
}

/// The files of real repositories, where there are any.
pub(crate) fn fixture(path: &str) -> Option<Vec<u8>> {
    let Some(directory) = std::env::var_os("SCANT_APK_FIXTURES") else {
        println!(
            "without real packages: SCANT_APK_FIXTURES names no directory of indexes and packages"
        );
        return None;
    };
    let path = PathBuf::from(directory).join(path);
    match std::fs::read(&path) {
        Ok(bytes) => Some(bytes),
        Err(error) => {
            println!("without real packages: {}: {error}", path.display());
            None
        }
    }
}
