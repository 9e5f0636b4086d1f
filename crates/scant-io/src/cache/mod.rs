//! What builds remember of each other, so that nothing is compressed twice. Losing any of it costs
//! time, never bytes: whatever is damaged or missing counts as never remembered.
//!
//! ```text
//! VERSION/pieces/KEY    compressed bytes, named after the bytes they were made of
//! VERSION/layers/SLOT   the record of a layer; a slot is what is built again and again
//! VERSION/outputs/PATH  what was published where, and its stamp
//! VERSION/builds/BUILD  what a whole build asked, published and said
//! downloads/            files of the network; see the module
//! ```
//!
//! Every file gets its name by rename, complete. So a build may be killed at any moment, and several
//! may share a cache. A cache belongs to one version of scant.

mod builds;
mod care;
mod downloads;
mod layer_reader;
mod outputs;
mod pieces;
mod record;
mod sweep;

pub use builds::BuildKey;
pub(crate) use builds::Part;
pub use care::{Kept, Kind, Prune, Pruned, Verified, kept, prune, verify};
pub(crate) use downloads::Server;
pub use downloads::{
    Authorization, Download, DownloadError, Downloaded, Downloads, Step, Stored, Vendor,
    VendorError, Watch, several,
};
pub(crate) use layer_reader::{CachedLayer, Lost};
pub(crate) use outputs::PublishedFile;
pub(crate) use pieces::piece_key;
pub(crate) use record::{Record, Remembered};

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use scant_core::words::{Digest, Stamp, Time};

/// A directory that remembers.
#[derive(Debug)]
pub struct Cache {
    directory: PathBuf,
    /// When the build began.
    started: Time,
    /// The first error while writing. Nothing is written after it.
    trouble: Mutex<Option<io::Error>>,
    /// Whether this build has added anything.
    has_grown: AtomicBool,
    /// The names of the records of layers that this build has used.
    layers: Mutex<Vec<String>>,
}

impl Cache {
    /// The cache in `directory`, which is made when something is kept in it. `started` is a time
    /// before anything is read: what is written to after it is read again by the next build.
    pub fn new(directory: &Path, started: Time) -> Self {
        let directory = directory.join(env!("CARGO_PKG_VERSION"));
        Self {
            directory,
            started,
            trouble: Mutex::default(),
            has_grown: AtomicBool::default(),
            layers: Mutex::default(),
        }
    }

    /// Why the cache could not be written to, if so. The build is as good without.
    pub fn trouble(&self) -> Option<String> {
        let trouble = self.trouble.lock().ok()?;
        let error = trouble.as_ref()?;
        Some(format!("the cache in `{}` cannot be written to: {error}", self.directory.display()))
    }

    /// Whether the stamp of a file that was unchanged while this build read it will tell of every
    /// later change. A file system counts time in ticks: a file that was changed within the tick in
    /// which it is read may be changed again without another time.
    pub(crate) fn can_trust(&self, stamp: &Stamp) -> bool {
        // Ticks of Linux are at most 10 ms long. Times of whole seconds are those of file systems
        // that were made with them, all alike, or that let the time of change be set.
        const TICK: i128 = 100_000_000;
        let is_told = stamp.changed.nanoseconds > 0;
        is_told && nanoseconds(stamp.changed) + TICK <= nanoseconds(self.started)
    }

    /// The record of the layer that was written last in this slot.
    pub(crate) fn record(&self, slot: &str) -> Option<Record> {
        Record::decode(&fs::read(self.path("layers", &slot_name(slot))).ok()?)
    }

    /// Remembers a layer.
    pub(crate) fn keep_record(&self, slot: &str, record: &Record) {
        self.keep("layers", &slot_name(slot), &[&record.encode()]);
        self.add_layer(slot);
    }

    /// Forgets a layer.
    pub(crate) fn forget_record(&self, slot: &str) {
        let _ = fs::remove_file(self.path("layers", &slot_name(slot)));
    }

    /// Marks a record as used, for the oldest are forgotten first.
    pub(crate) fn touch_record(&self, slot: &str) {
        self.touch("layers", &slot_name(slot));
        self.add_layer(slot);
    }

    fn add_layer(&self, slot: &str) {
        let mut layers = self.layers.lock().unwrap_or_else(PoisonError::into_inner);
        layers.push(slot_name(slot));
    }

    /// Marks a file of the cache as used. One that cannot be touched is forgotten early.
    fn touch(&self, kind: &str, name: &str) {
        let touch = |path: PathBuf| {
            let file = fs::File::open(path)?;
            file.set_times(fs::FileTimes::new().set_modified(self.started_time()))
        };
        let _ = touch(self.path(kind, name));
    }

    fn started_time(&self) -> std::time::SystemTime {
        let seconds = u64::try_from(self.started.seconds).unwrap_or(0);
        std::time::UNIX_EPOCH + std::time::Duration::new(seconds, self.started.nanoseconds)
    }

    fn path(&self, kind: &str, name: &str) -> PathBuf {
        self.directory.join(kind).join(name)
    }

    /// Puts a file into the cache, to be swept at the end.
    fn keep(&self, kind: &str, name: &str, parts: &[&[u8]]) {
        if self.put(kind, name, parts) {
            self.has_grown.store(true, Ordering::Relaxed);
        }
    }

    /// Puts a file into the cache, complete or not at all. An error ends all keeping.
    fn put(&self, kind: &str, name: &str, parts: &[&[u8]]) -> bool {
        let trouble = || self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        if trouble().is_some() {
            return false;
        }
        match self.try_keep(kind, name, parts) {
            Ok(()) => true,
            Err(error) => {
                *trouble() = Some(error);
                false
            }
        }
    }

    fn try_keep(&self, kind: &str, name: &str, parts: &[&[u8]]) -> io::Result<()> {
        let directory = self.directory.join(kind);
        let make = || tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(&directory);
        let mut file = match make() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                make_private(&directory)?;
                make()
            }
            made => made,
        }
        // Errors of `tempfile` name a random path that says nothing to anybody.
        .map_err(|error| io::Error::from(error.kind()))?;
        for part in parts {
            file.as_file_mut().write_all(part)?;
        }
        file.persist(directory.join(name)).map(|_| ()).map_err(|error| error.error)
    }
}

/// Names of files that are not complete begin so.
const UNFINISHED: &str = ".unfinished-";

/// Makes a directory and those above it. What is cached is nobody else's business.
fn make_private(directory: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(directory)
}

fn nanoseconds(time: Time) -> i128 {
    i128::from(time.seconds) * 1_000_000_000 + i128::from(time.nanoseconds)
}

/// A slot's file name.
fn slot_name(slot: &str) -> String {
    Digest::of(slot.as_bytes()).hex()
}

#[cfg(test)]
mod tests;
