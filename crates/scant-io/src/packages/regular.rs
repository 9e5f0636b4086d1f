//! Files of this machine that are read whole: of a bounded size, and none that may be waited for
//! for ever.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

/// Opens a file.
pub(super) fn open(path: &Path) -> io::Result<File> {
    // What is no file may wait for ever when it is opened.
    match fs::metadata(path)?.is_file() {
        true => File::open(path),
        false => Err(io::Error::other("it is no file")),
    }
}

/// The bytes of a file that has no more than `limit`.
pub(super) fn bytes(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.take(limit + 1).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > limit {
        true => Err(io::Error::other("it is too large")),
        false => Ok(bytes),
    }
}
