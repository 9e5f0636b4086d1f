//! A directory for what is not finished, beside what it will become: finished things leave it by
//! rename. It vanishes when dropped, and when a signal asks scant to end; if scant is killed, the
//! next scratch in the same place sweeps it away.
//!
//! A lock (`flock`) on the directory says that its owner lives. The kernel frees it when the
//! process ends, in whatever way.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};

use crate::{interrupt, remove};

/// Names of scratch directories start so.
const PREFIX: &str = ".scant-unfinished-";

/// A locked directory that is removed when dropped.
#[derive(Debug)]
pub(crate) struct Scratch {
    directory: tempfile::TempDir,
    _lock: File,
}

impl Scratch {
    /// A scratch in the directory that holds `target`.
    pub(crate) fn beside(target: &Path) -> io::Result<Self> {
        Self::within(parent(target))
    }

    /// A scratch in `directory`.
    pub(crate) fn within(directory: &Path) -> io::Result<Self> {
        // Errors of `tempfile` name a random path that says nothing to anybody.
        directory.metadata()?;
        sweep(directory);
        loop {
            let made = {
                let mut unfinished = interrupt::unfinished();
                let made = tempfile::Builder::new().prefix(PREFIX).tempdir_in(directory);
                let made = made.map_err(|error| io::Error::from(error.kind()))?;
                unfinished.insert(made.path().to_path_buf());
                made
            };
            // Another process may sweep it away before it is locked: then there is a next one.
            match File::open(made.path()) {
                Ok(lock) if owns(&lock, made.path()) => {
                    return Ok(Self { directory: made, _lock: lock });
                }
                Ok(_) => forget(made.path()),
                Err(error) if error.kind() == io::ErrorKind::NotFound => forget(made.path()),
                Err(error) => {
                    forget(made.path());
                    return Err(error);
                }
            }
        }
    }

    /// The directory.
    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // `tempfile` opens all directories of a path at once, and a deep tree has too many. It finds
        // nothing then.
        let _ = remove::directory(self.directory.path());
        forget(self.directory.path());
    }
}

/// There is nothing to remove any more.
fn forget(directory: &Path) {
    interrupt::unfinished().remove(directory);
}

/// Whether this is the name of a scratch directory.
pub(crate) fn is_scratch(name: &std::ffi::OsStr) -> bool {
    name.as_encoded_bytes().starts_with(PREFIX.as_bytes())
}

/// The directory that holds `target`.
pub(crate) fn parent(target: &Path) -> &Path {
    match target.parent() {
        Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
        Some(parent) => parent,
        None => Path::new("/"),
    }
}

/// Takes the lock; whether `path` still is the directory that was locked.
fn owns(lock: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let identity = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
    flock(lock, FlockOperation::NonBlockingLockExclusive).is_ok()
        && lock.metadata().map(identity).ok() == fs::symlink_metadata(path).map(identity).ok()
}

/// Removes what killed processes left in `directory`. A best effort: nothing depends on it.
fn sweep(directory: &Path) {
    let Ok(entries) = fs::read_dir(directory) else { return };
    let paths: Vec<PathBuf> = entries
        .flatten()
        .filter(|entry| is_scratch(&entry.file_name()))
        .map(|e| e.path())
        .collect();
    for path in paths {
        if File::open(&path).is_ok_and(|lock| owns(&lock, &path)) {
            let _ = remove::directory(&path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_process_left_is_swept_and_what_lives_is_not() {
        let place = tempfile::tempdir().unwrap();
        let stale = place.path().join(".scant-unfinished-dead");
        fs::create_dir(&stale).unwrap();
        fs::write(stale.join("half"), "x").unwrap();
        let living = Scratch::beside(&place.path().join("a")).unwrap();
        let other = Scratch::beside(&place.path().join("b")).unwrap();
        assert!(!stale.exists() && living.path().exists() && other.path().exists());
        drop((living, other));
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
    }
}
