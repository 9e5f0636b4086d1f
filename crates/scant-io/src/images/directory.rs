//! The files in a directory of this host. Links are never followed.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::io::Read;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, Mode as Bits, OFlags, openat};
use scant_core::words::{Mode, TreePath};

use super::OpenError;
use super::listing::{Listed, ListedKind, Listing};

/// All files below `root`.
pub(super) fn list(root: &Path) -> Result<Listing, OpenError> {
    let mut listing = BTreeMap::new();
    let mut inodes = BTreeMap::new();
    let mut waiting = vec![TreePath::root()];
    while let Some(directory) = waiting.pop() {
        let here = host(root, &directory);
        let failed = |source| OpenError::Read { path: here.clone(), source };
        for entry in fs::read_dir(&here).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let path = directory.join(entry.file_name().as_bytes());
            let failed = |source| OpenError::Read { path: entry.path(), source };
            let metadata = entry.metadata().map_err(failed)?;
            let kind = metadata.file_type();
            let count = inodes.len() as u64;
            let number = *inodes.entry((metadata.dev(), metadata.ino())).or_insert(count);
            let kind = if kind.is_dir() {
                waiting.push(path.clone());
                ListedKind::Directory
            } else if kind.is_symlink() {
                let target = fs::read_link(entry.path()).map_err(failed)?;
                ListedKind::Symlink { target: target.into_os_string().into_vec().into() }
            } else if kind.is_file() {
                ListedKind::File { size: metadata.len() }
            } else if kind.is_fifo() {
                ListedKind::Special("a FIFO")
            } else if kind.is_socket() {
                ListedKind::Special("a socket")
            } else if kind.is_block_device() {
                ListedKind::Special("a block device")
            } else {
                ListedKind::Special("a character device")
            };
            let listed = Listed {
                kind,
                mode: Mode::from_bits(metadata.mode()),
                uid: metadata.uid().into(),
                gid: metadata.gid().into(),
                mtime: metadata.mtime(),
                xattrs: xattrs(&entry.path()),
                at: (0, number),
            };
            listing.insert(path, listed);
        }
    }
    let mut first_names = BTreeMap::new();
    for (path, listed) in &mut listing {
        if let ListedKind::File { .. } = listed.kind {
            let first: &mut TreePath = first_names.entry(listed.at).or_insert_with(|| path.clone());
            if first != path {
                listed.kind = ListedKind::HardLink { target: first.clone() };
            }
        }
    }
    Ok(Listing(listing))
}

/// The content of these files.
pub(super) fn visit<'a>(
    root: &Path,
    files: impl Iterator<Item = (&'a TreePath, &'a Listed)>,
    each: &mut dyn FnMut(&TreePath, &Listed, &mut dyn Read) -> io::Result<()>,
) -> Result<(), OpenError> {
    for (path, listed) in files {
        let here = host(root, path);
        let open = || -> io::Result<()> {
            let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let mut file = File::from(openat(CWD, &here, flags, Bits::empty())?);
            each(path, listed, &mut file)
        };
        let mut open = open;
        open().map_err(|source| OpenError::Read { path: here.clone(), source })?;
    }
    Ok(())
}

/// Where `path` of the tree is on this host.
pub(crate) fn host(root: &Path, path: &TreePath) -> PathBuf {
    root.join(std::ffi::OsStr::from_bytes(path.relative()))
}

/// The attributes that may be part of an image. Those that cannot be read count as absent.
pub(crate) fn xattrs(path: &Path) -> BTreeMap<String, Box<[u8]>> {
    // Most files have none: that is asked for first.
    if rustix::fs::llistxattr(path, &mut [0u8; 0]).unwrap_or(0) == 0 {
        return BTreeMap::new();
    }
    let mut names = vec![0; 64 << 10];
    let length = rustix::fs::llistxattr(path, &mut names).unwrap_or(0);
    let mut xattrs = BTreeMap::new();
    for name in names[..length].split(|&b| b == 0) {
        let Ok(name) = std::str::from_utf8(name) else { continue };
        if name != "security.capability" && !name.starts_with("user.") {
            continue;
        }
        let mut value = vec![0; 64 << 10];
        if let Ok(length) = rustix::fs::lgetxattr(path, name, &mut value) {
            xattrs.insert(name.to_string(), value[..length].into());
        }
    }
    xattrs
}
