//! What was published where, so that it is not written again when it is still there.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use scant_core::words::{Digest, Stamp, Time};

use super::Cache;

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

    /// Remembers that the file at `path` was published as `content`.
    pub(crate) fn keep_published(&self, path: &Path, content: &Digest) {
        let Ok(path) = fs::canonicalize(path) else { return };
        if let Some(stamp) = stamp(&path) {
            self.keep("outputs", &entry_name(&path), &[&entry(&stamp, content)]);
        }
    }
}

fn entry(stamp: &Stamp, content: &Digest) -> Vec<u8> {
    [&stamp.to_bytes()[..], content.as_bytes()].concat()
}

fn entry_name(path: &Path) -> String {
    Digest::of(path.as_os_str().as_encoded_bytes()).hex()
}

/// The stamp of a regular file.
fn stamp(path: &Path) -> Option<Stamp> {
    let metadata = fs::symlink_metadata(path).ok().filter(fs::Metadata::is_file)?;
    let time = |seconds, nanoseconds: i64| Time { seconds, nanoseconds: nanoseconds as u32 };
    Some(Stamp {
        device: metadata.dev(),
        inode: metadata.ino(),
        modified: time(metadata.mtime(), metadata.mtime_nsec()),
        changed: time(metadata.ctime(), metadata.ctime_nsec()),
    })
}
