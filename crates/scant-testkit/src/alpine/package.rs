//! Packages. Nothing is checked: what is asked for is written.

use std::fmt::Write as _;
use std::io::Write as _;

use sha2::{Digest as _, Sha256};

use super::{KEY, signature};
use crate::RawTar;

/// The parts of a package.
#[derive(Clone, Debug)]
pub struct Apk {
    /// What says what it is, and its scripts.
    pub control: Vec<u8>,
    /// Its files.
    pub data: Vec<u8>,
}

impl Apk {
    /// A package with these lines of `.PKGINFO`, these scripts, and this archive of files, as
    /// [`RawTar::of_lines`] makes one.
    ///
    /// # Panics
    /// Never: a string can be written to.
    pub fn new(info: &str, scripts: &[&str], files: &[u8]) -> Self {
        let data = gzip(files);
        let mut text = info.to_string();
        let digest = Sha256::digest(&data);
        text.push_str("datahash = ");
        digest
            .iter()
            .try_for_each(|byte| write!(text, "{byte:02x}"))
            .expect("it can be written to");
        text.push('\n');
        let mut control = RawTar::default();
        control.entry(".PKGINFO", b'0', "", text);
        for name in scripts {
            control.entry(name, b'0', "", "#!/bin/sh\nexit 1\n");
        }
        Self { control: gzip(&control.0), data }
    }

    /// The package without a signature, as those of Wolfi are.
    pub fn bytes(&self) -> Vec<u8> {
        [&self.control[..], &self.data].concat()
    }

    /// The package with a signature of its own, as those of Alpine are.
    pub fn signed(&self) -> Vec<u8> {
        [signature("RSA256", KEY, &self.control), self.bytes()].concat()
    }
}

/// A member of gzip.
///
/// # Panics
/// Never: memory can be written to.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).expect("memory can be written to");
    encoder.finish().expect("memory can be written to")
}
