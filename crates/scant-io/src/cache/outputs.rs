//! What was published where, so that it is not written again when it is still there.

use std::fs;
use std::path::{Path, PathBuf};

use rustix::fs::FileType;
use scant_core::words::{Digest, Stamp};

use super::Cache;
use crate::stamp;

impl Cache {
    /// Whether the file at `path` is the one that was published there as `content`, untouched.
    pub(crate) fn is_published(&self, path: &Path, content: &Digest) -> bool {
        let entry = || {
            let path = fs::canonicalize(path).ok()?;
            let kept = fs::read(self.path("outputs", &entry_name(&path))).ok()?;
            Some(kept == entry(&stamp(&path)?, content))
        };
        entry() == Some(true)
    }

    /// Remembers what was published, unless something else is there by now.
    pub(crate) fn keep_published(&self, output: &PublishedFile) {
        let now = PublishedFile::new(&output.path, output.content);
        let Some(now) = now.filter(|now| now.is_same(output)) else { return };
        if !self.is_published(&now.path, &now.content) {
            let entry = entry(&(now.stamp, now.size), &now.content);
            self.keep("outputs", &entry_name(&now.path), &[&entry]);
        }
    }
}

/// A file that was published, as it was then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PublishedFile {
    path: PathBuf,
    content: Digest,
    stamp: Stamp,
    size: u64,
}

impl PublishedFile {
    /// The file at `path`, which has just been published as `content`; none if it is gone.
    pub(crate) fn new(path: &Path, content: Digest) -> Option<Self> {
        let path = fs::canonicalize(path).ok()?;
        let (stamp, size) = stamp(&path)?;
        Some(Self { path, content, stamp, size })
    }

    /// Whether nobody has written to it since, or put another in its place. The time of change may
    /// differ: it moves when a file loses another of its names.
    fn is_same(&self, other: &Self) -> bool {
        let changed = other.stamp.changed;
        Self { stamp: Stamp { changed, ..self.stamp }, ..self.clone() } == *other
    }
}

/// The size of an entry: a stamp, a size, a digest.
pub(super) const ENTRY: usize = 40 + 8 + 32;

fn entry((stamp, size): &(Stamp, u64), content: &Digest) -> Vec<u8> {
    [&stamp.to_bytes()[..], &size.to_le_bytes(), content.as_bytes()].concat()
}

fn entry_name(path: &Path) -> String {
    Digest::of(path.as_os_str().as_encoded_bytes()).hex()
}

/// The stamp of a regular file, and its size.
fn stamp(path: &Path) -> Option<(Stamp, u64)> {
    let stat = rustix::fs::lstat(path).ok()?;
    let is_file = FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile;
    is_file.then(|| (stamp::of(&stat), stat.st_size as u64))
}
