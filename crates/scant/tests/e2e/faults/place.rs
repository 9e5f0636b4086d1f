//! A directory with a manifest and a small tree of its own for each test. The user's cache is never
//! used: every build names one, or none.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::run::{Ran, Run, run};
use crate::scant::scant;

/// Takes all of `files`.
const MANIFEST: &str = "data:\n  - ./files:/files\n";

pub(super) struct Place(TempDir);

impl Place {
    /// A place with so many files of this size in `files`, and a manifest that takes them.
    pub(super) fn new(count: u64, size: usize) -> Self {
        let place = Self(tempfile::tempdir().expect("a temporary directory can be made"));
        place.write("app.yml", MANIFEST);
        place.fill("files", count, size);
        place
    }

    /// Makes files that cannot be compressed, the same each time.
    pub(super) fn fill(&self, directory: &str, count: u64, size: usize) {
        for number in 0..count {
            let directory = self.file(directory).join(format!("d{}", number % 10));
            fs::create_dir_all(&directory).expect("it is ours");
            let file = directory.join(format!("f{number}"));
            fs::write(file, noise(number, size)).expect("it is ours");
        }
    }

    pub(super) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    pub(super) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::write(self.file(name), text).expect("the directory is ours");
    }

    /// scant with these words after it, in this place.
    pub(super) fn scant(&self, words: &str) -> Run {
        scant(self.path(), words)
    }

    /// A script in this place, where `$scant` is the program. It ends at the first failure.
    pub(super) fn script(&self, before: &str, script: &str) -> Run {
        run("env")
            .directory(self.path())
            .without_env("SOURCE_DATE_EPOCH")
            .without_env("DOCKER_HOST")
            .env("scant", env!("CARGO_BIN_EXE_scant"))
            .env("LC_ALL", "C")
            .words(before)
            .words("sh -eu -c")
            .arg(script)
    }

    /// What a person sees of a command, without what differs from run to run.
    pub(super) fn seen(&self, ran: &Ran) -> String {
        let mut seen = format!("exit {}\n", ran.code.expect("it was not killed"));
        for (name, text) in [("stdout", &ran.stdout), ("stderr", &ran.stderr)] {
            if !text.is_empty() {
                seen += &format!("--- {name}\n{}", self.shown(text));
            }
        }
        seen
    }

    /// A text without the path of this place, and without digests.
    pub(super) fn shown(&self, text: &str) -> String {
        let text = text.replace(self.path().to_str().expect("it is plain text"), "[PLACE]");
        let mut shown = String::new();
        for part in text.split_inclusive("sha256") {
            // After `sha256:` and `sha256/` comes a digest.
            let (sign, rest) = part.split_at_checked(1).unwrap_or((part, ""));
            let after = rest.trim_start_matches(|c: char| c.is_ascii_hexdigit());
            match rest.len() - after.len() {
                64 => shown += &format!("{sign}[DIGEST]{after}"),
                _ => shown += part,
            }
        }
        shown
    }

    /// The names in a directory of this place, sorted.
    pub(super) fn names(&self, directory: &str) -> Vec<String> {
        let entries = fs::read_dir(self.file(directory)).expect("it is ours");
        let name = |entry: fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
        let mut names: Vec<_> = entries.flatten().map(name).collect();
        names.sort();
        names
    }
}

/// Bytes that look random (xorshift), the same for the same number.
fn noise(number: u64, size: usize) -> Vec<u8> {
    let mut state = Random::new(number);
    let mut bytes: Vec<u8> = Vec::with_capacity(size + 8);
    while bytes.len() < size {
        bytes.extend_from_slice(&state.next().to_le_bytes());
    }
    bytes.truncate(size);
    bytes
}

/// Numbers that look random.
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self((seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub(super) fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }
}

/// What is in a file, or in all files below a directory, by path; links are their targets. Nothing,
/// if nothing is there.
pub(super) fn contents(path: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut pending = vec![path.to_path_buf()];
    while let Some(next) = pending.pop() {
        let Ok(metadata) = fs::symlink_metadata(&next) else { continue };
        let bytes = if metadata.is_dir() {
            let entries = fs::read_dir(&next).expect("it is ours").flatten();
            pending.extend(entries.map(|entry| entry.path()));
            continue;
        } else if metadata.is_symlink() {
            let target = fs::read_link(&next).expect("it is ours");
            target.into_os_string().into_encoded_bytes()
        } else {
            fs::read(&next).expect("it is ours")
        };
        let relative = next.strip_prefix(path).expect("it is below").to_path_buf();
        found.insert(relative, bytes);
    }
    found
}
