//! An archive of packages with one suite, `stable`, and one component, `main`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;

use sha2::{Digest as _, Sha256};

/// An archive that grows.
#[derive(Clone, Debug, Default)]
pub struct DebianArchive {
    packages: BTreeMap<String, String>,
    files: BTreeMap<String, Vec<u8>>,
    /// Lines that the release has besides its own.
    pub release: String,
    /// Whether lists are under the names of their digests only.
    pub by_hash_only: bool,
    /// The endings of the forms that lists have: some of ``, `.gz`, `.xz`, `.zst` and `.bz2`; none for
    /// the first two.
    pub forms: Vec<&'static str>,
}

impl DebianArchive {
    /// Adds a package: the fields of its control file, and its bytes. Without an architecture for all.
    pub fn add(&mut self, fields: &str, bytes: &[u8]) -> &mut Self {
        let field = |name: &str| {
            let start = format!("{name}: ");
            let line = fields.lines().find_map(|line| line.strip_prefix(&start));
            line.unwrap_or_default().to_string()
        };
        let (name, version, architecture) =
            (field("Package"), field("Version"), field("Architecture"));
        let path = format!("pool/{name}_{version}_{architecture}.deb");
        let (size, digest) = (bytes.len(), hex(bytes));
        let text =
            format!("{}\nFilename: {path}\nSize: {size}\nSHA256: {digest}\n\n", fields.trim());
        let architectures: &[&str] =
            if architecture == "all" { &["amd64", "arm64"] } else { &[&architecture] };
        for architecture in architectures {
            self.packages.entry(architecture.to_string()).or_default().push_str(&text);
        }
        self.files.insert(path, bytes.to_vec());
        self
    }

    /// All files by their paths, with a release that nobody has signed.
    pub fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = self.files.clone();
        let mut list = String::new();
        for architecture in ["amd64", "arm64"] {
            let text = self.packages.get(architecture).cloned().unwrap_or_default();
            let forms = if self.forms.is_empty() { &["", ".gz"][..] } else { &self.forms };
            for ending in forms {
                let bytes = compressed(text.as_bytes(), ending);
                let directory = format!("main/binary-{architecture}");
                let (digest, size) = (hex(&bytes), bytes.len());
                writeln!(list, " {digest} {size} {directory}/Packages{ending}")
                    .expect("a string can be written to");
                let name = match self.by_hash_only {
                    true => format!("by-hash/SHA256/{digest}"),
                    false => format!("Packages{ending}"),
                };
                files.insert(format!("dists/stable/{directory}/{name}"), bytes);
            }
        }
        let by_hash = if self.by_hash_only { "Acquire-By-Hash: yes\n" } else { "" };
        let release = format!(
            "Origin: Test\nSuite: stable\nCodename: tiny\nArchitectures: amd64 arm64\nComponents: main\n\
             Date: Sat, 01 Jan 2022 00:00:00 UTC\nNo-Support-for-Architecture-all: Packages\n\
             {by_hash}{}SHA256:\n{list}",
            self.release
        );
        files.insert("dists/stable/Release".into(), release.into_bytes());
        files
    }
}

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn compressed(bytes: &[u8], ending: &str) -> Vec<u8> {
    const WRITTEN: &str = "memory can be written to";
    match ending {
        ".gz" => gzip(bytes),
        ".zst" => zstd::encode_all(bytes, 1).expect(WRITTEN),
        ".xz" => {
            let options = lzma_rust2::XzOptions::with_preset(1);
            let mut writer = lzma_rust2::XzWriter::new(Vec::new(), options).expect(WRITTEN);
            writer.write_all(bytes).expect(WRITTEN);
            writer.finish().expect(WRITTEN)
        }
        ".bz2" => {
            let mut writer =
                bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::default());
            writer.write_all(bytes).expect(WRITTEN);
            writer.finish().expect(WRITTEN)
        }
        _ => bytes.to_vec(),
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).expect("memory can be written to");
    encoder.finish().expect("memory can be written to")
}
