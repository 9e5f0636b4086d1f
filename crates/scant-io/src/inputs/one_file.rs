//! One file of the host as an input: a root directory that holds it under a name. For what is
//! loaded from the network and is no archive.

use std::path::{Path, PathBuf};

use scant_core::words::{Entry, EntryKind, Input, InputError, Problem, ReadAt, TreePath};

use super::Packages;
use super::directory::{DirectoryInput, OpenError, OpenFile};

/// A file under a name of its own, in a root that holds nothing else.
pub struct OneFile {
    /// Where the file is.
    directory: DirectoryInput,
    at: TreePath,
    /// What it is called here.
    path: TreePath,
    mode: u32,
}

impl OneFile {
    /// The file at `path` of the host, called `name`, with these permission bits: what it has on the
    /// host says nothing.
    ///
    /// # Errors
    /// When there is no file, or `name` is no name.
    pub fn open(path: &Path, name: &str, mode: u32) -> Result<Self, OpenError> {
        let failed = |error: InputError| {
            let error = std::io::Error::other(error.problem.to_string());
            OpenError { path: path.to_path_buf(), error }
        };
        let is_name =
            !name.is_empty() && name != "." && name != ".." && !name.contains(['/', '\0']);
        let Some(file_name) = path.file_name().filter(|_| is_name) else {
            let problem = Problem::BadName(format!("`{name}`"));
            return Err(failed(InputError::new(&TreePath::root(), problem)));
        };
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let parent = parent.map_or_else(|| PathBuf::from("."), Path::to_path_buf);
        let directory = DirectoryInput::open(&parent, Packages::None)?;
        let at = TreePath::root().join(file_name.as_encoded_bytes());
        directory.open_file(&at).map_err(failed)?;
        Ok(Self { directory, at, path: TreePath::root().join(name.as_bytes()), mode })
    }

    /// The file, as it is now.
    fn file(&self) -> Result<(OpenFile, Entry), InputError> {
        let opened = self.directory.open_file(&self.at);
        opened.map_err(|error| InputError::new(&self.path, error.problem))
    }

    /// What is wrong with a path that is neither the root nor the file.
    fn absent(&self, path: &TreePath) -> InputError {
        let is_below = path.parent().is_some_and(|parent| parent == self.path);
        InputError::new(path, if is_below { Problem::NotADirectory } else { Problem::NotFound })
    }
}

impl Input for OneFile {
    fn lookup(&self, path: &TreePath) -> Result<Option<Entry>, InputError> {
        if path.is_root() {
            return Ok(Some(Entry { kind: EntryKind::Directory, mode: 0o755, stamp: None }));
        }
        if *path != self.path {
            return Ok(None);
        }
        let (_, entry) = self.file()?;
        Ok(Some(Entry { mode: self.mode, ..entry }))
    }

    fn list(&self, path: &TreePath) -> Result<Vec<Box<[u8]>>, InputError> {
        match path {
            _ if path.is_root() => Ok(self.path.name().into_iter().map(Box::from).collect()),
            _ if *path == self.path => Err(InputError::new(path, Problem::NotADirectory)),
            _ => Err(self.absent(path)),
        }
    }

    fn open(&self, path: &TreePath) -> Result<Box<dyn ReadAt>, InputError> {
        match path {
            _ if *path == self.path => Ok(Box::new(self.file()?.0)),
            _ if path.is_root() => {
                Err(InputError::new(path, Problem::NotAFile(EntryKind::Directory.describe())))
            }
            _ => Err(self.absent(path)),
        }
    }
}
