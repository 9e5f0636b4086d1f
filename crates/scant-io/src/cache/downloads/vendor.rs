//! A directory of files that goes with a project, so that builds need neither a network nor a cache.
//!
//! ```text
//! VENDOR/sha256/HEX   a file, whole, named after its digest
//! ```
//!
//! Whoever builds takes from it as from downloads, and never writes to it.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use scant_core::words::{Digest, Hasher};

use super::store::{BUFFER, digest_of, open, vendored_path};
use crate::cache::sweep;
use crate::scratch::Scratch;

/// A directory of files that goes with a project.
#[derive(Debug)]
pub struct Vendor {
    directory: PathBuf,
}

/// A vendor directory that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("`{}`: {source}", path.display())]
pub struct VendorError {
    /// The file or directory.
    pub path: PathBuf,
    /// Why.
    pub source: io::Error,
}

impl Vendor {
    /// The one in a directory, which is made if it is not there.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn new(directory: &Path) -> Result<Self, VendorError> {
        let path = directory.join("sha256");
        fs::create_dir_all(&path).map_err(|source| VendorError { path, source })?;
        Ok(Self { directory: directory.to_path_buf() })
    }

    /// Removes the files that are not what their names say; which they were.
    ///
    /// # Errors
    /// When one cannot be read or removed.
    pub fn remove_damaged(&self) -> Result<Vec<Digest>, VendorError> {
        let mut damaged = Vec::new();
        for digest in self.all() {
            let path = vendored_path(&self.directory, &digest);
            // Only what was read to its end is known to be damaged: a link, or what may not be read,
            // is somebody's.
            let unread = || io::Error::other("it is no regular file that can be read");
            let found = open(&path).ok_or_else(unread).and_then(|file| digest_of(&file));
            match found {
                Ok(found) if found == digest => {}
                Ok(_) => damaged.push(digest),
                Err(source) => return Err(VendorError { path, source }),
            }
        }
        self.remove(&damaged)?;
        Ok(damaged)
    }

    /// Puts a file there, if it is not there yet; whether it was not.
    ///
    /// # Errors
    /// When it cannot be read or written, or is something else.
    pub fn add(&self, from: &Path, digest: &Digest) -> Result<bool, VendorError> {
        let to = vendored_path(&self.directory, digest);
        if to.symlink_metadata().is_ok() {
            return Ok(false);
        }
        let at = |path: &Path| {
            let path = path.to_path_buf();
            move |source| VendorError { path, source }
        };
        let scratch = Scratch::beside(&to).map_err(at(&to))?;
        let path = scratch.path().join("content");
        let mut read = File::open(from).map_err(at(from))?;
        let mut write = File::create_new(&path).map_err(at(&path))?;
        let (mut hasher, mut buffer) = (Hasher::default(), vec![0; BUFFER]);
        loop {
            let count = read.read(&mut buffer).map_err(at(from))?;
            if count == 0 {
                break;
            }
            hasher.update(&buffer[..count]);
            write.write_all(&buffer[..count]).map_err(at(&to))?;
        }
        if hasher.finish() != *digest {
            return Err(at(from)(io::Error::other(format!("it is not {digest} any more"))));
        }
        // It may be committed, or carried elsewhere: it is on the disk before it has its name.
        write.sync_all().map_err(at(&to))?;
        fs::rename(&path, &to).map_err(at(&to))?;
        Ok(true)
    }

    /// The files that are none of these, sorted.
    pub fn others(&self, wanted: &BTreeSet<Digest>) -> Vec<Digest> {
        let mut all = self.all();
        all.retain(|digest| !wanted.contains(digest));
        all.sort();
        all
    }

    /// Removes files.
    ///
    /// # Errors
    /// When one cannot be removed.
    pub fn remove(&self, files: &[Digest]) -> Result<(), VendorError> {
        files.iter().try_for_each(|digest| {
            let path = vendored_path(&self.directory, digest);
            fs::remove_file(&path).map_err(|source| VendorError { path, source })
        })
    }

    /// What has the name of a digest; all else is not scant's.
    fn all(&self) -> Vec<Digest> {
        let files = sweep::files(&self.directory.join("sha256"));
        files.filter_map(|file| Digest::from_hex(file.file_name().to_str()?)).collect()
    }
}
