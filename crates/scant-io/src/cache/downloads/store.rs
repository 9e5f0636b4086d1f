//! The complete files: found by their digest, and put there.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use scant_core::words::{Digest, Hasher, Stamp};

use super::{DownloadError, Stored};
use crate::cache::make_private;
use crate::scratch::Scratch;
use crate::stamp;

/// The files that were loaded, in a directory of the user.
#[derive(Debug, Default)]
pub struct Downloads {
    /// None where nothing can be kept.
    directory: Option<PathBuf>,
    /// A directory that is looked into first, and never written to.
    vendor: Option<PathBuf>,
    /// Whether something was asked for that is not in it.
    is_incomplete: AtomicBool,
    /// What was hashed by this process, as it was then.
    verified: Mutex<BTreeMap<Digest, (Stamp, u64)>>,
    /// Held as long as this lives: nobody removes a file that it has handed out.
    lock: OnceLock<Option<File>>,
}

impl Downloads {
    /// The downloads in the cache directory `cache`. Nothing is made before something is kept.
    pub fn new(cache: &Path) -> Self {
        Self::at(super::directory(cache))
    }

    /// The downloads in this directory itself.
    pub(crate) fn at(directory: PathBuf) -> Self {
        Self { directory: Some(directory), ..Self::default() }
    }

    /// Only what is in a vendor directory: nothing can be kept.
    pub fn of_vendor(vendor: Option<PathBuf>) -> Self {
        Self { vendor, ..Self::default() }
    }

    /// With a directory of the same form (`sha256/HEX`) that is looked into first, such as one that
    /// goes with a project. Nothing is written to it, and what is damaged in it is an error.
    #[must_use]
    pub fn with_vendor(self, vendor: Option<PathBuf>) -> Self {
        Self { vendor, ..self }
    }

    /// Whether something was looked for that is not in that directory.
    pub fn is_incomplete(&self) -> bool {
        self.is_incomplete.load(Ordering::Relaxed)
    }

    /// The directory that is looked into first.
    pub(super) fn vendor(&self) -> Option<&Path> {
        self.vendor.as_deref()
    }

    /// Whether a file is in the directory that is looked into first, damaged or not.
    pub fn is_vendored(&self, digest: &Digest) -> bool {
        self.vendor.as_ref().is_some_and(|vendor| vendored_path(vendor, digest).is_file())
    }

    /// What was handed out by this value so far, by digest.
    pub fn handed_out(&self) -> Vec<Digest> {
        self.verified().keys().copied().collect()
    }

    /// The file of this digest, and of this size if one is said. It is hashed when it is asked for
    /// the first time; one that is damaged is removed, and is not there.
    pub fn find(&self, digest: &Digest, size: Option<u64>) -> Option<PathBuf> {
        self.stored(digest)
            .ok()
            .flatten()
            .filter(|found| size.is_none_or(|size| found.size == size))
            .map(|found| found.path)
    }

    /// Puts what a reader gives into the store. Nothing is kept if that is not `expected`.
    ///
    /// # Errors
    /// When it is something else, or cannot be read or written.
    pub fn insert(
        &self,
        reader: &mut dyn Read,
        expected: Option<Digest>,
    ) -> Result<Stored, DownloadError> {
        let directory = self.made("partial")?;
        let failed = |source| DownloadError::Store { path: directory.clone(), source };
        let scratch = Scratch::within(&directory).map_err(failed)?;
        let path = scratch.path().join("content");
        let mut file = File::create_new(&path).map_err(failed)?;
        let (mut hasher, mut buffer) = (Hasher::default(), vec![0; BUFFER]);
        loop {
            match reader.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => {
                    hasher.update(&buffer[..count]);
                    file.write_all(&buffer[..count]).map_err(failed)?;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(DownloadError::Content(error)),
            }
        }
        let found = hasher.finish();
        match expected {
            Some(expected) if expected != found => {
                Err(DownloadError::WrongContent { expected, found })
            }
            _ => self.keep(&path, found),
        }
    }

    /// The file of this digest, hashed.
    pub(super) fn stored(&self, digest: &Digest) -> Result<Option<Stored>, DownloadError> {
        match self.vendored(digest)? {
            Some(stored) => Ok(Some(stored)),
            None => {
                self.is_incomplete.store(true, Ordering::Relaxed);
                Ok(self.cached(digest))
            }
        }
    }

    /// The one that goes with the project.
    fn vendored(&self, digest: &Digest) -> Result<Option<Stored>, DownloadError> {
        let Some(vendor) = &self.vendor else { return Ok(None) };
        let path = vendored_path(vendor, digest);
        let Some(file) = open(&path) else { return Ok(None) };
        let read = |file| Ok((identity(file)?, digest_of(file)?));
        let failed = |source| DownloadError::Store { path: path.clone(), source };
        let now = identity(&file).map_err(failed)?;
        if self.verified().get(digest) != Some(&now) {
            let (now, found) = read(&file).map_err(failed)?;
            if found != *digest {
                return Err(DownloadError::Vendored { path, expected: *digest, found });
            }
            self.verified().insert(*digest, now);
        }
        Ok(Some(Stored { path, digest: *digest, size: now.1 }))
    }

    fn cached(&self, digest: &Digest) -> Option<Stored> {
        let path = self.path(digest)?;
        open(&path)?;
        // Before it is opened for good: it may be removed until then.
        self.hold();
        let file = open(&path)?;
        let now = identity(&file).ok()?;
        if self.verified().get(digest) != Some(&now) {
            if digest_of(&file).ok()? != *digest {
                let _ = fs::remove_file(&path);
                return None;
            }
            self.verified().insert(*digest, now);
        }
        self.mark_as_used(digest);
        Some(Stored { path, digest: *digest, size: now.1 })
    }

    /// Gives a complete file, whose digest is known, its name.
    pub(super) fn keep(&self, from: &Path, digest: Digest) -> Result<Stored, DownloadError> {
        self.hold();
        self.made("sha256")?;
        let path = self.path(&digest).expect("a directory was made in it");
        let failed = |source| DownloadError::Store { path: path.clone(), source };
        // What is there is as good, and may be in use: it stays.
        if let Some(stored) = self.stored(&digest)? {
            fs::remove_file(from).map_err(failed)?;
            return Ok(stored);
        }
        // Nobody writes to it by mistake.
        fs::set_permissions(from, fs::Permissions::from_mode(0o444)).map_err(failed)?;
        fs::rename(from, &path).map_err(failed)?;
        let now = open(&path).ok_or_else(|| failed(io::ErrorKind::NotFound.into()))?;
        let now = identity(&now).map_err(failed)?;
        self.verified().insert(digest, now);
        self.mark_as_used(&digest);
        Ok(Stored { path, digest, size: now.1 })
    }

    /// A directory of the store, which is made if it is not there.
    pub(super) fn made(&self, kind: &str) -> Result<PathBuf, DownloadError> {
        let path = self.directory.as_ref().ok_or(DownloadError::NoStore)?.join(kind);
        match make_private(&path) {
            Ok(()) => Ok(path),
            Err(source) => Err(DownloadError::Store { path, source }),
        }
    }

    /// Where all of it is; none where nothing can be kept.
    pub(super) fn directory(&self) -> Option<&Path> {
        self.directory.as_deref()
    }

    fn path(&self, digest: &Digest) -> Option<PathBuf> {
        Some(self.directory.as_ref()?.join("sha256").join(digest.hex()))
    }

    fn verified(&self) -> std::sync::MutexGuard<'_, BTreeMap<Digest, (Stamp, u64)>> {
        self.verified.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the lock that says that files are in use. A store that cannot be written to has none,
    /// and nobody removes anything from it either.
    fn hold(&self) {
        self.lock.get_or_init(|| {
            let directory = self.directory.as_ref()?;
            make_private(directory).ok()?;
            let lock = lock_file(directory).ok()?;
            lock.lock_shared().ok()?;
            Some(lock)
        });
    }

    /// One that cannot be marked is forgotten early.
    fn mark_as_used(&self, digest: &Digest) {
        let mark = || -> io::Result<()> {
            let Some(directory) = &self.directory else { return Ok(()) };
            let directory = directory.join("used");
            make_private(&directory)?;
            // Not the file itself: its stamp would tell builds that it has changed.
            let mark = File::create(directory.join(digest.hex()))?;
            let now = rustix::fs::Timespec { tv_sec: 0, tv_nsec: rustix::fs::UTIME_NOW };
            let times = rustix::fs::Timestamps { last_access: now, last_modification: now };
            Ok(rustix::fs::futimens(&mark, &times)?)
        };
        let _ = mark();
    }
}

/// Where a vendor directory has a file.
pub(super) fn vendored_path(vendor: &Path, digest: &Digest) -> PathBuf {
    vendor.join("sha256").join(digest.hex())
}

/// How much is read at once.
pub(super) const BUFFER: usize = 128 << 10;

/// The file whose lock says that files are in use.
pub(super) fn lock_file(directory: &Path) -> io::Result<File> {
    File::options().create(true).append(true).open(directory.join("lock"))
}

/// Opens a regular file; none if there is nothing or something else.
pub(super) fn open(path: &Path) -> Option<File> {
    use rustix::fs::{CWD, Mode, OFlags, openat};
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file: File = openat(CWD, path, flags, Mode::empty()).ok()?.into();
    file.metadata().ok()?.is_file().then_some(file)
}

/// The digest of a file, from its start.
pub(super) fn digest_of(mut file: &File) -> io::Result<Digest> {
    let (mut hasher, mut buffer) = (Hasher::default(), vec![0; BUFFER]);
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(hasher.finish()),
            Ok(count) => hasher.update(&buffer[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

fn identity(file: &File) -> io::Result<(Stamp, u64)> {
    let stat = rustix::fs::fstat(file)?;
    Ok((stamp::of(&stat), stat.st_size as u64))
}
