//! The files of an image in a directory: made beside its place and put there by rename.
//!
//! All layers are read once to know what is visible in the end, and once more for the content.
//! Symbolic links are made last, so that nothing is ever written through one.

use std::ffi::OsStr;
use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, lchown, symlink};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, Timespec, Timestamps, XattrFlags, renameat_with, utimensat};
use scant_core::words::TreePath;

use super::{Existing, SinkError, copy_content};
use crate::image::PlatformImage;
use crate::images::directory::host;
use crate::images::{Files, Listed, ListedKind, Listing};
use crate::scratch::Scratch;

/// `PATH_MAX` without the NUL at its end.
const LONGEST_PATH: usize = 4095;

/// Writes the files of `image` to `directory`. Returns what could not be done as asked.
pub(super) fn publish(
    image: &PlatformImage,
    directory: &Path,
    existing: Existing,
) -> Result<Vec<String>, SinkError> {
    let failed = |source| SinkError::Write { path: directory.to_path_buf(), source };
    let there = is_there(directory, existing)?;
    let scratch = Scratch::beside(directory).map_err(failed)?;
    let made = scratch.path().join("rootfs");
    fs::create_dir(&made).map_err(failed)?;
    let notes = fill(&Files::of(image), &made, directory)?;
    fs::set_permissions(&made, Permissions::from_mode(0o755)).map_err(failed)?;
    if there {
        // At once, so that there is always one of the two; the old one goes with the scratch.
        renameat_with(CWD, &made, CWD, directory, RenameFlags::EXCHANGE)
            .map_err(|error| failed(error.into()))?;
    } else {
        fs::rename(&made, directory).map_err(failed)?;
    }
    Ok(notes)
}

/// The files of an image in a directory of its own, which vanishes with the value.
#[derive(Debug)]
pub struct Unpacked {
    directory: PathBuf,
    _scratch: Scratch,
}

impl Unpacked {
    /// Writes the files into `temporary`.
    ///
    /// # Errors
    /// When the files cannot be read or written.
    pub fn new(files: &Files, temporary: &Path) -> Result<Self, SinkError> {
        let failed = |source| SinkError::Write { path: temporary.to_path_buf(), source };
        let scratch = Scratch::within(temporary).map_err(failed)?;
        let directory = scratch.path().join("root");
        fs::create_dir(&directory).map_err(failed)?;
        // What cannot be set without root is not seen as what it is: that is said where it is used.
        fill(files, &directory, &directory)?;
        fs::set_permissions(&directory, Permissions::from_mode(0o755)).map_err(failed)?;
        Ok(Self { directory, _scratch: scratch })
    }

    /// The directory.
    pub fn directory(&self) -> &Path {
        &self.directory
    }
}

/// Whether a directory with files is there, to be replaced.
pub(super) fn is_there(directory: &Path, existing: Existing) -> Result<bool, SinkError> {
    let path = || directory.to_path_buf();
    let failed = |source| SinkError::Write { path: path(), source };
    match directory.symlink_metadata() {
        Ok(metadata) if metadata.is_dir() => {
            let empty = fs::read_dir(directory).map_err(failed)?.next().is_none();
            if !empty && existing == Existing::Refuse {
                return Err(SinkError::NotEmpty { path: path() });
            }
            Ok(!empty)
        }
        Ok(_) => Err(SinkError::Other { path: path(), found: "not a directory" }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(failed(error)),
    }
}

/// What could not be done, counted.
#[derive(Default)]
struct Shortfalls {
    owners: Vec<TreePath>,
    xattrs: Vec<TreePath>,
    specials: Vec<TreePath>,
}

/// Writes the files to `root`, which will be `directory`. Returns what could not be done as asked.
pub(super) fn fill(files: &Files, root: &Path, directory: &Path) -> Result<Vec<String>, SinkError> {
    let listing = files.list()?;
    let failed = |path: &TreePath| {
        let path = host(directory, path);
        move |source| SinkError::Write { path, source }
    };
    fits(&listing, root, directory)?;
    let mut short = Shortfalls::default();
    for (path, listed) in listing.iter() {
        if listed.kind == ListedKind::Directory {
            fs::create_dir(host(root, path)).map_err(failed(path))?;
        }
    }
    let mut write_failed = None;
    let visited = files.visit(&listing, &mut |path, _, content| {
        let mut failed = |error| {
            write_failed = Some((path.clone(), error));
            io::ErrorKind::Other.into()
        };
        match File::create_new(host(root, path)) {
            Ok(mut file) => copy_content(content, &mut file, failed),
            Err(error) => Err(failed(error)),
        }
    });
    if let (Err(_), Some((path, error))) = (&visited, write_failed) {
        return Err(failed(&path)(error));
    }
    visited?;
    links(&listing, root, &mut short).map_err(|(path, error)| failed(&path)(error))?;
    // Children first: a directory's mode may forbid to change what is in it.
    for (path, listed) in listing.iter().rev() {
        attributes(&host(root, path), path, listed, &mut short).map_err(failed(path))?;
    }
    Ok(short.notes())
}

/// Refuses a place from which the kernel could not open all files by their paths.
fn fits(listing: &Listing, root: &Path, directory: &Path) -> Result<(), SinkError> {
    let below = listing.iter().map(|(path, _)| path.as_bytes().len()).max().unwrap_or(0);
    if root.as_os_str().len() + below <= LONGEST_PATH {
        return Ok(());
    }
    let text = format!(
        "a path of the image has {below} bytes, and with those of the directory that is more than \
         the {LONGEST_PATH} that Linux opens at once; a directory with a shorter path helps"
    );
    let source = io::Error::new(io::ErrorKind::InvalidFilename, text);
    Err(SinkError::Write { path: directory.to_path_buf(), source })
}

fn links(
    listing: &Listing,
    root: &Path,
    short: &mut Shortfalls,
) -> Result<(), (TreePath, io::Error)> {
    for (path, listed) in listing.iter() {
        let here = host(root, path);
        match &listed.kind {
            ListedKind::HardLink { target } => fs::hard_link(host(root, target), here),
            ListedKind::Special(_) => {
                short.specials.push(path.clone());
                Ok(())
            }
            _ => Ok(()),
        }
        .map_err(|error| (path.clone(), error))?;
    }
    for (path, listed) in listing.iter() {
        if let ListedKind::Symlink { target } = &listed.kind {
            symlink(OsStr::from_bytes(target), host(root, path))
                .map_err(|error| (path.clone(), error))?;
        }
    }
    Ok(())
}

/// Owner, extended attributes, mode and time, in this order: each undoes those before it less.
fn attributes(
    here: &Path,
    path: &TreePath,
    listed: &Listed,
    short: &mut Shortfalls,
) -> io::Result<()> {
    let link = match listed.kind {
        ListedKind::HardLink { .. } | ListedKind::Special(_) => return Ok(()),
        ListedKind::Symlink { .. } => true,
        ListedKind::Directory | ListedKind::File { .. } => false,
    };
    let ids = (u32::try_from(listed.uid).ok(), u32::try_from(listed.gid).ok());
    if ids.0.is_none() || ids.1.is_none() || lchown(here, ids.0, ids.1).is_err() {
        short.owners.push(path.clone());
    }
    if !link {
        let mut xattrs = listed.xattrs.iter();
        let done = xattrs.all(|(name, value)| {
            rustix::fs::lsetxattr(here, name.as_str(), value, XattrFlags::empty()).is_ok()
        });
        if !done {
            short.xattrs.push(path.clone());
        }
        fs::set_permissions(here, Permissions::from_mode(listed.mode.bits()))?;
    }
    let time = Timespec { tv_sec: listed.mtime, tv_nsec: 0 };
    let times = Timestamps { last_access: time, last_modification: time };
    utimensat(CWD, here, &times, rustix::fs::AtFlags::SYMLINK_NOFOLLOW)?;
    Ok(())
}

impl Shortfalls {
    fn notes(&self) -> Vec<String> {
        let note = |paths: &[TreePath], what: &str| {
            let first = paths.first()?;
            let more = match paths.len() - 1 {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            Some(format!("{what}: `{first}`{more}"))
        };
        let owners = "owners could not be set, which needs root; these belong to you";
        let xattrs = "extended attributes could not be set";
        let specials = "devices and FIFOs were left out";
        [(&self.owners, owners), (&self.xattrs, xattrs), (&self.specials, specials)]
            .into_iter()
            .filter_map(|(paths, what)| note(paths, what))
            .collect()
    }
}
