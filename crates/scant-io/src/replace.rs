//! A file with new bytes in place of its old ones: written whole beside it, then renamed. Not for
//! images, which have sinks.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use crate::scratch::Scratch;

/// Writes `bytes` to `path`. Permissions of a file that is there stay; a new one gets 0644 less the
/// umask. A link at `path` is replaced: callers who mean the file behind it resolve it before.
///
/// # Errors
/// When the directory cannot be written to. The old file is whole then.
pub fn replace_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let scratch = Scratch::beside(path)?;
    let unfinished = scratch.path().join("new");
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o644).open(&unfinished)?;
    file.write_all(bytes)?;
    if let Ok(old) = fs::metadata(path) {
        file.set_permissions(fs::Permissions::from_mode(old.permissions().mode() & 0o7777))?;
    }
    file.sync_all()?;
    fs::rename(&unfinished, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permissions_stay_and_nothing_is_left_behind() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("a");
        fs::write(&path, "old and longer").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        replace_file(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o640);
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1);
        assert!(replace_file(&place.path().join("none/a"), b"").is_err());
    }
}
