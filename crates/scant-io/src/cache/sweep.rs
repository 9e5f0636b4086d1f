//! Keeps the cache in bounds: what was used last stays.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs::{self, DirEntry};
use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime};

use scant_core::words::Digest;

use super::{Cache, Record};

/// How many bytes of pieces are kept.
const LIMIT: u64 = 4 << 30;

/// How many bytes of whole builds are kept.
const LIMIT_OF_BUILDS: u64 = 256 << 20;

/// For so long nothing is removed that no record names: another build may be about to name it.
const GRACE: Duration = Duration::from_secs(60 * 60);

/// Layers and outputs that were not built for so long are forgotten.
const UNUSED: Duration = Duration::from_secs(30 * 24 * 60 * 60);

impl Cache {
    /// Removes the records that were used longest ago until the others fit, and what no record names
    /// any more. A best effort: nothing depends on it.
    pub fn sweep(&self) {
        // When there is no room for more, what nobody needs is in the way.
        if self.has_grown.load(Ordering::Relaxed) || self.trouble().is_some() {
            self.sweep_to(LIMIT);
        }
    }

    pub(super) fn sweep_to(&self, limit: u64) {
        let mut records: Vec<_> =
            self.files("layers").map(|file| (modified(&file), file.path())).collect();
        records.sort();
        let (mut named, mut size) = (BTreeMap::new(), 0);
        let oldest = self.started_time().checked_sub(UNUSED).unwrap_or(SystemTime::UNIX_EPOCH);
        for (time, path) in records.into_iter().rev() {
            let bytes = fs::read(&path).unwrap_or_default();
            let (length, record) = (bytes.len() as u64, Record::decode(&bytes));
            let pieces = record.iter().flat_map(|record| &record.pieces);
            let new: BTreeMap<Digest, u64> = pieces
                .filter(|piece| !named.contains_key(&piece.key))
                .map(|piece| (piece.key, piece.packed.into()))
                .collect();
            let added = new.values().sum::<u64>() + length;
            if record.is_none() || size + added > limit || time < oldest {
                let _ = fs::remove_file(path);
            } else {
                size += added;
                named.extend(new);
            }
        }
        let named: BTreeSet<String> = named.keys().map(Digest::hex).collect();
        self.remove("pieces", GRACE, |name| !named.contains(name));
        self.remove("layers", GRACE, |name| name.starts_with(super::UNFINISHED));
        self.remove("outputs", GRACE, |name| name.starts_with(super::UNFINISHED));
        self.remove("outputs", UNUSED, |_| true);
        self.sweep_builds();
    }

    /// The same for whole builds.
    pub(super) fn sweep_builds(&self) {
        self.remove("builds", GRACE, |name| name.starts_with(super::UNFINISHED));
        self.remove("builds", UNUSED, |_| true);
        self.sweep_builds_to(LIMIT_OF_BUILDS);
    }

    /// Removes the builds that were done longest ago until the others fit.
    pub(super) fn sweep_builds_to(&self, limit: u64) {
        let mut builds: Vec<_> = self
            .files("builds")
            .filter(|file| is_ours(&file.file_name()))
            .map(|file| (modified(&file), file.path()))
            .collect();
        builds.sort();
        let mut size = 0;
        for (_, path) in builds.into_iter().rev() {
            size += path.symlink_metadata().map_or(0, |file| file.len());
            if size > limit {
                let _ = fs::remove_file(path);
            }
        }
    }

    /// Removes the files of one kind that are older than this and unwanted.
    fn remove(&self, kind: &str, age: Duration, is_unwanted: impl Fn(&str) -> bool) {
        let limit = self.started_time().checked_sub(age).unwrap_or(SystemTime::UNIX_EPOCH);
        for file in self.files(kind) {
            let name = file.file_name();
            if is_ours(&name) && is_unwanted(&name.to_string_lossy()) && modified(&file) < limit {
                let _ = fs::remove_file(file.path());
            }
        }
    }

    fn files(&self, kind: &str) -> impl Iterator<Item = DirEntry> + use<> {
        files(&self.directory.join(kind))
    }
}

/// What is in a directory of the cache.
pub(super) fn files(directory: &Path) -> impl Iterator<Item = DirEntry> + use<> {
    // A link may lead to files of others.
    let directory = Some(directory).filter(|path| !path.is_symlink());
    directory.and_then(|path| fs::read_dir(path).ok()).into_iter().flatten().flatten()
}

/// Whether a file has a name that only the cache gives.
pub(super) fn is_ours(name: &OsStr) -> bool {
    let name = name.as_encoded_bytes();
    name.starts_with(super::UNFINISHED.as_bytes())
        || (name.len() == 64 && name.iter().all(u8::is_ascii_hexdigit))
}

/// When a file was last written; long ago if nobody knows.
pub(super) fn modified(file: &DirEntry) -> SystemTime {
    file.metadata().and_then(|m| m.modified()).unwrap_or(SystemTime::UNIX_EPOCH)
}
