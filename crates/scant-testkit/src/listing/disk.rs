//! Puts a listing on disk.

use std::ffi::OsStr;
use std::fs::{self, Permissions};
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use super::{ItemKind, Listing};

impl Listing {
    /// Makes all entries below `root`, whatever the umask. The directory itself may exist.
    ///
    /// # Panics
    ///
    /// On the first entry that cannot be made, with its path.
    #[track_caller]
    pub fn write_to(&self, root: impl AsRef<Path>) {
        let root = root.as_ref();
        let run = |path: &[u8], result: io::Result<()>| {
            if let Err(problem) = result {
                panic!("cannot make `{}`: {problem}", path.escape_ascii());
            }
        };
        let is_link = |kind: &ItemKind| matches!(kind, ItemKind::HardLink { .. });
        let (links, others): (Vec<_>, Vec<_>) = self.iter().partition(|(_, kind)| is_link(kind));
        for &(path, kind) in others.iter().chain(&links) {
            run(path, make(root, &below(root, path), kind));
        }
        // Modes of directories last and from within: one may forbid what goes into it.
        for (path, kind) in others.into_iter().rev() {
            if let ItemKind::Directory { mode } = kind {
                run(path, fs::set_permissions(below(root, path), Permissions::from_mode(*mode)));
            }
        }
    }
}

fn make(root: &Path, path: &Path, kind: &ItemKind) -> io::Result<()> {
    match kind {
        ItemKind::Directory { .. } => fs::create_dir_all(path),
        ItemKind::File { bytes, mode } => {
            fs::write(path, bytes)?;
            fs::set_permissions(path, Permissions::from_mode(*mode))
        }
        ItemKind::Symlink { target } => symlink(OsStr::from_bytes(target), path),
        ItemKind::HardLink { target } => fs::hard_link(below(root, target), path),
    }
}

fn below(root: &Path, path: &[u8]) -> PathBuf {
    root.join(OsStr::from_bytes(path.strip_prefix(b"/").unwrap_or(path)))
}
