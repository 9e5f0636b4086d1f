//! Checks OCI layouts by the image specification, and by the rules that scant adds to it so that
//! the same image has the same bytes everywhere.
//!
//! All violations are reported, each as `place: what is wrong`. A place is the way from the file
//! that the reader opens first, such as `index.json: manifests[0]: layers[1]`.
//!
//! [Image specification 1.1.1](https://github.com/opencontainers/image-spec/tree/v1.1.1)

mod archive;
mod config;
mod descriptor;
mod docker;
mod json;
mod layer;
mod manifest;
mod pax;
mod tar_rules;
mod tar_walk;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

pub use archive::check_archive;
use sha2::Digest as _;

/// The files of a layout by their paths inside it.
pub type Files = BTreeMap<String, Vec<u8>>;

/// All violations of a layout directory; none means that it is fine.
///
/// # Panics
///
/// If the directory cannot be read.
#[track_caller]
pub fn check_layout(directory: impl AsRef<Path>) -> Vec<String> {
    let mut files = Files::new();
    read_into(&mut files, directory.as_ref(), "");
    check_files(&files)
}

/// All violations of a layout whose files are in memory.
pub fn check_files(files: &Files) -> Vec<String> {
    let mut check = Check { files, problems: Vec::new(), visited: BTreeSet::new() };
    check.layout();
    check.problems
}

fn read_into(files: &mut Files, directory: &Path, prefix: &str) {
    let entries = fs::read_dir(directory).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    for entry in entries.unwrap_or_else(|e| panic!("cannot list {}: {e}", directory.display())) {
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        let path = entry.path();
        if path.is_dir() {
            read_into(files, &path, &format!("{name}/"));
        } else {
            let bytes = fs::read(&path);
            let bytes = bytes.unwrap_or_else(|e| panic!("cannot read {}: {e}", path.display()));
            files.insert(name, bytes);
        }
    }
}

/// A check under way.
struct Check<'a> {
    files: &'a Files,
    problems: Vec<String>,
    /// The digests that something refers to.
    visited: BTreeSet<String>,
}

impl<'a> Check<'a> {
    fn report(&mut self, place: &str, problem: impl AsRef<str>) {
        self.problems.push(format!("{place}: {}", problem.as_ref()));
    }

    fn layout(&mut self) {
        match self.files.get("oci-layout").map(Vec::as_slice) {
            None => self.report("oci-layout", "the file is missing"),
            Some(br#"{"imageLayoutVersion":"1.0.0"}"#) => {}
            Some(_) => {
                self.report("oci-layout", "it is not exactly `{\"imageLayoutVersion\":\"1.0.0\"}`");
            }
        }
        match self.files.get("index.json") {
            None => self.report("index.json", "the file is missing"),
            Some(bytes) => self.index("index.json", bytes, descriptor::Within::Top),
        }
        self.referrers();
        self.blob_names();
        if let Some(bytes) = self.files.get("manifest.json") {
            self.docker_manifest(bytes);
        }
    }

    /// Manifests that nothing refers to are fine if their subject is in the image.
    fn referrers(&mut self) {
        loop {
            let next = self.blobs().find_map(|(path, hex, bytes)| {
                let digest = format!("sha256:{hex}");
                if self.visited.contains(&digest) {
                    return None;
                }
                let value: serde_json::Value = serde_json::from_slice(bytes).ok()?;
                let subject = value.get("subject")?.get("digest")?.as_str()?;
                self.visited.contains(subject).then_some((path, digest, bytes))
            });
            let Some((path, digest, bytes)) = next else { return };
            self.visited.insert(digest);
            self.manifest(path, bytes, None);
        }
    }

    fn blob_names(&mut self) {
        if !self.files.keys().any(|path| path.starts_with("blobs/")) {
            self.report("blobs", "the directory is missing or empty");
        }
        let stray: Vec<&str> = self.files.keys().map(String::as_str).collect();
        for path in stray.into_iter().filter(|path| path.starts_with("blobs/")) {
            let hex = path.strip_prefix("blobs/sha256/").unwrap_or_default();
            let digest = format!("sha256:{hex}");
            if !descriptor::is_digest(&digest) {
                self.report(path, "it is not named `blobs/sha256/` and 64 lower-case digits");
            } else if !self.visited.contains(&digest) {
                self.report(path, "nothing refers to it");
            }
        }
    }

    fn blobs(&self) -> impl Iterator<Item = (&'a str, &'a str, &'a [u8])> + use<'a> {
        let files = self.files;
        files.iter().filter_map(|(path, bytes)| {
            Some((path.as_str(), path.strip_prefix("blobs/sha256/")?, bytes.as_slice()))
        })
    }
}

/// `sha256:` and the digest of the bytes.
fn digest_of(bytes: &[u8]) -> String {
    let hex: String = sha2::Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect();
    format!("sha256:{hex}")
}

#[cfg(test)]
mod tests;
