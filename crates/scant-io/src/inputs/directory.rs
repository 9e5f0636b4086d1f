//! A directory of the host as an input: a sysroot, the host itself, files beside the manifest.
//! Nothing outside the directory is ever reached through it.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, ResolveFlags};
use rustix::io::Errno;
use scant_core::words::{
    Entry, EntryKind, Input, InputError, Meta, Mode as Bits, PackageIdentity, Problem, ReadAt,
    Record, Root, Stamp, TreePath,
};

use super::Packages;
use crate::stamp;

/// The most bytes that a kernel takes at once: `PATH_MAX` without the NUL at its end.
const LONGEST_PART: usize = 4095;

/// A directory of the host.
pub struct DirectoryInput {
    root: OwnedFd,
    pub(super) packages: Packages,
    /// The directory of the last path that was looked up, for the next is often beside it.
    last: Mutex<Option<(TreePath, Arc<OwnedFd>)>>,
}

/// A directory that cannot serve as an input.
#[derive(Debug, thiserror::Error)]
#[error("`{path}` cannot be opened as a directory: {error}")]
pub struct OpenError {
    /// The directory.
    pub path: PathBuf,
    /// What the operating system says.
    #[source]
    pub error: io::Error,
}

impl DirectoryInput {
    /// Opens the directory at `path`, links followed. Its files belong to the packages that
    /// `packages` knows.
    ///
    /// # Errors
    /// When it is no directory or cannot be opened.
    pub fn open(path: &Path, packages: Packages) -> Result<Self, OpenError> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let root = rustix::fs::openat(CWD, path, flags, Mode::empty())
            .map_err(|errno| OpenError { path: path.to_path_buf(), error: errno.into() })?;
        Ok(Self { root, packages, last: Mutex::default() })
    }

    /// Opens `path` below the root without following any link.
    fn open_at(&self, path: &TreePath, flags: OFlags) -> Result<OwnedFd, Errno> {
        let flags = flags | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        if path.is_root() {
            return rustix::fs::openat(&self.root, c".", flags, Mode::empty());
        }
        let resolve = ResolveFlags::IN_ROOT | ResolveFlags::NO_SYMLINKS;
        match rustix::fs::openat2(&self.root, path.relative(), flags, Mode::empty(), resolve) {
            // Kernels before 5.6 do not have openat2, and some sandboxes refuse it.
            Err(Errno::NOSYS | Errno::PERM) => self.open_by_component(path, flags),
            Err(Errno::NAMETOOLONG) => self.open_by_part(path, flags, resolve),
            other => other,
        }
    }

    /// The same for a path that is longer than any kernel takes at once.
    fn open_by_part(
        &self,
        path: &TreePath,
        flags: OFlags,
        resolve: ResolveFlags,
    ) -> Result<OwnedFd, Errno> {
        let directory = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut above: Option<OwnedFd> = None;
        let mut parts = parts(path.relative()).peekable();
        while let Some(part) = parts.next() {
            let flags = if parts.peek().is_some() { directory } else { flags };
            let base = above.as_ref().map_or(self.root.as_fd(), AsFd::as_fd);
            above = Some(rustix::fs::openat2(base, part, flags, Mode::empty(), resolve)?);
        }
        above.ok_or(Errno::NOENT)
    }

    /// The same for kernels without `openat2`: each directory on the way is opened by itself, so
    /// that no link is followed.
    fn open_by_component(&self, path: &TreePath, flags: OFlags) -> Result<OwnedFd, Errno> {
        let directory = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut above: Option<OwnedFd> = None;
        let mut names = path.components().peekable();
        while let Some(name) = names.next() {
            let flags = if names.peek().is_some() { directory } else { flags };
            let base = above.as_ref().map_or(self.root.as_fd(), AsFd::as_fd);
            above = Some(rustix::fs::openat(base, name, flags, Mode::empty())?);
        }
        above.ok_or(Errno::NOENT)
    }

    /// The directory at `path`.
    fn directory(&self, path: &TreePath) -> Result<Arc<OwnedFd>, Errno> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, directory)) = &*last
            && known == path
        {
            return Ok(directory.clone());
        }
        let directory = Arc::new(self.open_directory(path)?);
        *last = Some((path.clone(), directory.clone()));
        Ok(directory)
    }

    /// The directory at `path`, for [`Self::find`].
    pub(super) fn open_directory(&self, path: &TreePath) -> Result<OwnedFd, Errno> {
        self.open_at(path, OFlags::PATH | OFlags::DIRECTORY)
    }

    /// The entry of this name in a directory that was to be opened; none when nothing is there.
    pub(super) fn find(
        directory: Result<&OwnedFd, Errno>,
        name: &[u8],
    ) -> Result<Option<Entry>, Problem> {
        match directory.and_then(|directory| Self::entry(directory, name)) {
            Ok(entry) => Ok(Some(entry)),
            Err(Errno::NOENT | Errno::NOTDIR) => Ok(None),
            Err(errno) => Err(problem(errno)),
        }
    }

    /// Opens the regular file at `path`, with what [`Input::lookup`] would say of it.
    pub(super) fn open_file(&self, path: &TreePath) -> Result<(OpenFile, Entry), InputError> {
        // Without blocking: opening a FIFO would otherwise wait for a writer.
        let fd = self
            .open_at(path, OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY)
            .map_err(|errno| failed(path, errno))?;
        let stat = rustix::fs::fstat(&fd).map_err(|errno| failed(path, errno))?;
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::RegularFile => {
                let size = stat.st_size as u64;
                let file = OpenFile { file: fd.into(), path: path.clone(), size };
                let (kind, mode) = (EntryKind::File { size }, stat.st_mode & 0o7777);
                Ok((file, Entry { kind, mode, stamp: Some(stamp::of(&stat)) }))
            }
            other => Err(InputError::new(path, Problem::NotAFile(describe(other)))),
        }
    }

    /// The entry of this name in a directory.
    fn entry(directory: &OwnedFd, name: &[u8]) -> Result<Entry, Errno> {
        let stat = rustix::fs::statat(directory, name, AtFlags::SYMLINK_NOFOLLOW)?;
        let kind = match FileType::from_raw_mode(stat.st_mode) {
            FileType::RegularFile => EntryKind::File { size: stat.st_size as u64 },
            FileType::Directory => EntryKind::Directory,
            FileType::Symlink => {
                let target = rustix::fs::readlinkat(directory, name, Vec::new())?;
                EntryKind::Symlink { target: target.into_bytes().into() }
            }
            other => EntryKind::Special(describe(other)),
        };
        Ok(Entry { kind, mode: stat.st_mode & 0o7777, stamp: Some(stamp::of(&stat)) })
    }
}

impl Input for DirectoryInput {
    fn lookup(&self, path: &TreePath) -> Result<Option<Entry>, InputError> {
        let found = match (path.parent(), path.name()) {
            (Some(parent), Some(name)) => {
                let directory = self.directory(&parent);
                Self::find(directory.as_deref().map_err(|errno| *errno), name)
            }
            _ => Self::find(Ok(&self.root), b"."),
        };
        found.map_err(|problem| InputError::new(path, problem))
    }

    fn list(&self, path: &TreePath) -> Result<Vec<Box<[u8]>>, InputError> {
        let read = || -> Result<Vec<Box<[u8]>>, Errno> {
            let fd = self.open_at(path, OFlags::RDONLY | OFlags::DIRECTORY)?;
            let mut names = Vec::new();
            for entry in Dir::read_from(fd)? {
                let entry = entry?;
                let name = entry.file_name().to_bytes();
                if name != b"." && name != b".." {
                    names.push(Box::from(name));
                }
            }
            names.sort();
            Ok(names)
        };
        read().map_err(|errno| failed(path, errno))
    }

    fn open(&self, path: &TreePath) -> Result<Box<dyn ReadAt>, InputError> {
        let (file, _) = self.open_file(path)?;
        Ok(Box::new(file))
    }

    fn packages(&self, paths: &BTreeSet<TreePath>) -> BTreeMap<TreePath, String> {
        self.packages.owners(self, paths)
    }

    fn identities(&self, names: &BTreeSet<String>) -> BTreeMap<String, PackageIdentity> {
        self.packages.identities(self, names)
    }

    fn records(&self, names: &BTreeSet<String>) -> BTreeMap<String, Record> {
        self.packages.records(self, names)
    }
}

impl Root for DirectoryInput {
    fn meta(&self, path: &TreePath) -> Result<Option<Meta>, InputError> {
        let look = |directory: &OwnedFd, name: &[u8]| {
            let stat = rustix::fs::statat(directory, name, AtFlags::SYMLINK_NOFOLLOW)?;
            let xattrs = match FileType::from_raw_mode(stat.st_mode) {
                FileType::RegularFile => xattrs(directory, name),
                _ => BTreeMap::new(),
            };
            let mode = Bits::from_bits(stat.st_mode);
            Ok(Meta { mode, uid: stat.st_uid, gid: stat.st_gid, xattrs })
        };
        let found = match (path.parent(), path.name()) {
            (Some(parent), Some(name)) => {
                self.directory(&parent).and_then(|directory| look(&directory, name))
            }
            _ => look(&self.root, b"."),
        };
        match found {
            Ok(meta) => Ok(Some(meta)),
            Err(Errno::NOENT | Errno::NOTDIR) => Ok(None),
            Err(errno) => Err(failed(path, errno)),
        }
    }
}

/// The attributes of a file of this name in a directory that was opened as a path alone. Only
/// `/proc` leads from there to attributes; without it they count as absent.
fn xattrs(directory: &OwnedFd, name: &[u8]) -> BTreeMap<String, Box<[u8]>> {
    let mut path = format!("/proc/self/fd/{}/", directory.as_raw_fd()).into_bytes();
    path.extend_from_slice(name);
    crate::images::directory::xattrs(Path::new(OsStr::from_bytes(&path)))
}

/// A path in parts that a kernel takes each, divided between components.
fn parts(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = path;
    core::iter::from_fn(move || {
        let part = match rest.get(..=LONGEST_PART) {
            None => rest,
            // A name has 255 bytes at the most, so there is a slash.
            Some(start) => &rest[..start.iter().rposition(|&b| b == b'/').unwrap_or(rest.len())],
        };
        rest = rest.get(part.len() + 1..).unwrap_or_default();
        (!part.is_empty()).then_some(part)
    })
}

/// An open regular file.
pub(crate) struct OpenFile {
    file: File,
    path: TreePath,
    size: u64,
}

impl OpenFile {
    /// A file of the host that is not part of any input.
    pub(crate) fn of_host(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let size = file.metadata()?.len();
        Ok(Self { file, path: TreePath::root(), size })
    }
}

impl ReadAt for OpenFile {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, InputError> {
        loop {
            match self.file.read_at(buffer, offset) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    return Err(InputError::new(&self.path, Problem::Other(error.to_string())));
                }
                Ok(count) => return Ok(count),
            }
        }
    }

    fn stamp(&self) -> Result<Option<Stamp>, InputError> {
        let stat = rustix::fs::fstat(&self.file).map_err(|errno| failed(&self.path, errno))?;
        Ok(Some(stamp::of(&stat)))
    }
}

fn describe(kind: FileType) -> &'static str {
    match kind {
        FileType::RegularFile => "a file",
        FileType::Directory => "a directory",
        FileType::Symlink => "a symbolic link",
        FileType::Fifo => "a FIFO",
        FileType::Socket => "a socket",
        FileType::CharacterDevice => "a character device",
        FileType::BlockDevice => "a block device",
        FileType::Unknown => "something unknown",
    }
}

fn failed(path: &TreePath, errno: Errno) -> InputError {
    InputError::new(path, problem(errno))
}

fn problem(errno: Errno) -> Problem {
    match errno {
        Errno::NOENT => Problem::NotFound,
        Errno::NOTDIR => Problem::NotADirectory,
        Errno::ACCESS | Errno::PERM => Problem::PermissionDenied,
        Errno::LOOP => Problem::LinkLoop,
        other => Problem::Other(io::Error::from(other).to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_openat2_no_link_is_followed_either() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().join("root");
        std::fs::create_dir_all(root.join("a/b")).unwrap();
        std::fs::write(root.join("a/b/file"), "inside").unwrap();
        std::fs::write(directory.path().join("file"), "outside").unwrap();
        std::os::unix::fs::symlink("..", root.join("up")).unwrap();
        let input = DirectoryInput::open(&root, Packages::None).unwrap();
        let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let opened = |path: &str| {
            let path = TreePath::parse(path).unwrap();
            let (parent, name) = (path.parent().unwrap(), path.name().unwrap());
            let fd = match parent.is_root() {
                true => input.open_at(&parent, flags)?,
                false => input.open_by_component(&parent, flags | OFlags::DIRECTORY)?,
            };
            DirectoryInput::entry(&fd, name).map(|entry| entry.kind)
        };
        assert_eq!(opened("/a/b/file"), Ok(EntryKind::File { size: 6 }));
        assert_eq!(opened("/up"), Ok(EntryKind::Symlink { target: Box::from(*b"..") }));
        assert_eq!(opened("/up/file"), Err(Errno::NOTDIR));
        assert_eq!(opened("/a/nothing"), Err(Errno::NOENT));
    }
}
