//! What is kept, for those who look after it: sizes, damage, what may be removed.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use scant_core::words::Digest;

use super::hints::HINTS;
use super::partial::is_at;
use super::store::{digest_of, lock_file, open};
use crate::cache::care::{Item, Kind};
use crate::cache::sweep;

/// Complete files, and what is there of others.
pub(in crate::cache) fn items(cache: &Path) -> Vec<Item> {
    let directory = super::directory(cache);
    let item = |path: PathBuf, size, used| Item {
        kind: Kind::Downloads,
        path,
        size,
        used,
        is_unfinished: false,
    };
    let mut items = Vec::new();
    for (path, _) in complete(&directory) {
        let Ok(metadata) = path.symlink_metadata() else { continue };
        let mark = directory.join("used").join(path.file_name().unwrap_or_default());
        let used = mark.metadata().or_else(|_| Ok(metadata.clone()));
        let used = used.and_then(|mark: fs::Metadata| mark.modified());
        items.push(item(path, metadata.len(), used.unwrap_or(SystemTime::UNIX_EPOCH)));
    }
    for hint in sweep::files(&directory.join(HINTS)) {
        let size = hint.metadata().map_or(0, |metadata| metadata.len());
        items.push(item(hint.path(), size, sweep::modified(&hint)));
    }
    for entry in sweep::files(&directory.join("partial")) {
        let (mut size, mut used) = (0, sweep::modified(&entry));
        for file in sweep::files(&entry.path()) {
            size += file.metadata().map_or(0, |metadata| metadata.len());
            used = used.max(sweep::modified(&file));
        }
        items.push(item(entry.path(), size, used));
    }
    items
}

/// Each complete file, and whether it is what its name says.
pub(in crate::cache) fn verify(cache: &Path) -> impl Iterator<Item = (PathBuf, bool)> {
    complete(&super::directory(cache)).map(|(path, digest)| {
        let found = open(&path).and_then(|file| digest_of(&file).ok());
        (path, found == Some(digest))
    })
}

/// The right to remove complete files, until it is dropped; none while somebody uses some.
pub(in crate::cache) fn lock(cache: &Path) -> Option<Lock> {
    let directory = super::directory(cache);
    if !directory.is_dir() {
        return Some(Lock(None));
    }
    let file = lock_file(&directory).ok()?;
    file.try_lock().ok()?;
    Some(Lock(Some(file)))
}

/// See [`lock`].
pub(in crate::cache) struct Lock(#[allow(dead_code, reason = "it is held")] Option<File>);

/// Removes an item if nobody uses it; whether it is gone.
pub(in crate::cache) fn remove(item: &Item, lock: Option<&Lock>) -> bool {
    match item.path.is_dir() {
        // Whoever loads it holds a lock of its own.
        true => File::open(&item.path).is_ok_and(|directory| {
            directory.try_lock().is_ok()
                && is_at(&directory, &item.path)
                && fs::remove_dir_all(&item.path).is_ok()
        }),
        false => {
            let mark = item
                .path
                .file_name()
                .and_then(|name| Some(item.path.parent()?.parent()?.join("used").join(name)));
            let is_gone = lock.is_some() && fs::remove_file(&item.path).is_ok();
            if let Some(mark) = mark.filter(|_| is_gone) {
                let _ = fs::remove_file(mark);
            }
            is_gone
        }
    }
}

fn complete(directory: &Path) -> impl Iterator<Item = (PathBuf, Digest)> + use<> {
    sweep::files(&directory.join("sha256")).filter_map(|file| {
        let digest = Digest::from_hex(file.file_name().to_str()?)?;
        Some((file.path(), digest))
    })
}
