//! Removes a directory with all that is in it, however deep: one directory is open at a time, and no
//! path grows with the depth. Links are never followed.

use std::ffi::{CStr, CString};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use rustix::fs::{AtFlags, CWD, Dir, Mode, OFlags};
use rustix::io::Errno;

/// Removes the directory at `path`. Directories within are lifted into it, one after the other,
/// until none is left.
pub(crate) fn directory(path: &Path) -> io::Result<()> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let open =
        |at: &dyn AsFd, name: &CStr| rustix::fs::openat(at.as_fd(), name, flags, Mode::empty());
    let top = rustix::fs::openat(CWD, path, flags, Mode::empty())?;
    let mut full = remove_all_else(&top)?;
    let mut number = 0;
    while let Some(name) = full.pop() {
        let within = open(&top, &name)?;
        for inner in remove_all_else(&within)? {
            full.push(lift(&within, &inner, &top, &mut number)?);
        }
        rustix::fs::unlinkat(&top, &name, AtFlags::REMOVEDIR)?;
    }
    Ok(rustix::fs::unlinkat(CWD, path, AtFlags::REMOVEDIR)?)
}

/// Removes what is in a directory but other directories with something in them. Returns those.
fn remove_all_else(directory: &OwnedFd) -> io::Result<Vec<CString>> {
    let mut names = Vec::new();
    for entry in Dir::read_from(directory)? {
        let entry = entry?;
        if !matches!(entry.file_name().to_bytes(), b"." | b"..") {
            names.push(entry.file_name().to_owned());
        }
    }
    let mut full = Vec::new();
    for name in names {
        if !remove(directory, &name)? {
            // Its mode may forbid to change what is in it.
            let _ = rustix::fs::chmodat(directory, &name, Mode::RWXU, AtFlags::empty());
            full.push(name);
        }
    }
    Ok(full)
}

/// Removes one entry; false when it is a directory that is not empty.
fn remove(directory: &OwnedFd, name: &CStr) -> io::Result<bool> {
    match rustix::fs::unlinkat(directory, name, AtFlags::empty()) {
        Err(Errno::ISDIR | Errno::PERM) => {}
        removed => return Ok(removed.map(|()| true)?),
    }
    match rustix::fs::unlinkat(directory, name, AtFlags::REMOVEDIR) {
        Err(Errno::NOTEMPTY | Errno::EXIST) => Ok(false),
        removed => Ok(removed.map(|()| true)?),
    }
}

/// Moves a directory to `top`, under a name that is free there.
fn lift(from: &OwnedFd, name: &CStr, top: &OwnedFd, number: &mut u64) -> io::Result<CString> {
    loop {
        *number += 1;
        let lifted = CString::new(format!("lifted-{number}"))?;
        match rustix::fs::renameat(from, name, top, &lifted) {
            // What was left when another process removed this and was killed.
            Err(Errno::NOTEMPTY | Errno::EXIST | Errno::NOTDIR) => {}
            moved => return Ok(moved.map(|()| lifted)?),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};

    #[test]
    fn a_tree_of_4000_levels_is_removed() {
        let place = tempfile::tempdir().unwrap();
        let top = place.path().join("top");
        fs::create_dir(&top).unwrap();
        let flags = OFlags::PATH | OFlags::DIRECTORY;
        let mut at = rustix::fs::open(&top, flags, Mode::empty()).unwrap();
        for _ in 0..4000 {
            rustix::fs::mkdirat(&at, "abc", Mode::RWXU).unwrap();
            at = rustix::fs::openat(&at, "abc", flags, Mode::empty()).unwrap();
        }
        directory(&top).unwrap();
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
    }

    #[test]
    fn links_are_removed_and_not_followed() {
        let place = tempfile::tempdir().unwrap();
        let (top, kept) = (place.path().join("top"), place.path().join("kept"));
        fs::create_dir_all(top.join("a/b")).unwrap();
        fs::create_dir_all(top.join("lifted-1/c/d")).unwrap();
        fs::create_dir(&kept).unwrap();
        fs::write(kept.join("file"), "").unwrap();
        symlink(&kept, top.join("a/link")).unwrap();
        symlink(&kept, top.join("a/b/link")).unwrap();
        fs::write(top.join("lifted-1/c/d/file"), "").unwrap();
        fs::set_permissions(top.join("lifted-1/c"), fs::Permissions::from_mode(0o555)).unwrap();
        directory(&top).unwrap();
        assert!(kept.join("file").exists() && !top.exists());
    }
}
