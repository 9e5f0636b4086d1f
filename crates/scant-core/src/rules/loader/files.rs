//! Where a loader looks for files.

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::vec::Vec;

use crate::formats::elf::{Elf, ElfError};
use crate::rules::View;
use crate::words::{EntryKind, InputName, Problem, TreePath};

/// A path as a loader composes it: absolute, not normalised, links not resolved.
///
/// When a program is placed in the image at another path than it has in its input, what lies
/// relative to it (`$ORIGIN`) has two paths: one where the image will have it, one where the input
/// has it now.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    /// The path in the image.
    pub image: Box<[u8]>,
    /// The path in the input, where it is another.
    pub source: Option<Box<[u8]>>,
}

/// A file that was found.
#[derive(Clone, Debug)]
pub struct Opened {
    /// Which file it is, whatever its name.
    pub identity: Identity,
    /// Its path in the image without links: what `/proc/self/exe` would say.
    pub real: Box<[u8]>,
    /// What it says as an ELF file.
    pub elf: Rc<Result<Elf, ElfError>>,
}

/// Which file of which input.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Identity {
    /// The input that has it.
    pub input: InputName,
    /// Its resolved path there.
    pub path: TreePath,
    /// Its number there; two names with the same number are one file.
    pub number: (u64, u64),
}

/// A configuration file of a loader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Config {
    /// glibc's `/etc/ld.so.preload`.
    Preload,
    /// glibc's `/etc/ld.so.cache`.
    Cache,
    /// musl's `/etc/ld-musl-ARCH.path`.
    PathFile,
}

/// A file system as a loader sees it.
pub trait Files {
    /// Opens the file at `spot`, links followed.
    ///
    /// # Errors
    /// As the kernel's `open`; [`Problem::NotAFile`] for what is no regular file.
    fn open(&self, spot: &Spot) -> Result<Opened, Problem>;

    /// Whether `spot` is a directory, links followed.
    fn is_directory(&self, spot: &Spot) -> bool;

    /// The content of a configuration file of at most `limit` bytes; none when it does not exist.
    ///
    /// # Errors
    /// When it exists and cannot be read.
    fn config(&self, which: Config, path: &[u8], limit: u64) -> Result<Option<Vec<u8>>, Problem>;

    /// The whole content of a file that was opened, of at most `limit` bytes.
    ///
    /// # Errors
    /// When it cannot be read.
    fn content(&self, of: &Identity, limit: u64) -> Result<Vec<u8>, Problem>;

    /// Which of `names` an opened file defines as dynamic symbols.
    fn defines(&self, of: &Identity, names: &[&[u8]]) -> Vec<bool>;
}

impl Identity {
    /// Whether both are the same file of the same input.
    pub fn is_same_file(&self, other: &Self) -> bool {
        let numbered = self.number != (0, 0) && self.number == other.number;
        self.input == other.input && (numbered || self.path == other.path)
    }
}

impl Spot {
    /// The same path in image and input.
    pub fn new(path: impl Into<Box<[u8]>>) -> Self {
        Self { image: path.into(), source: None }
    }

    /// A path in the image for what the input has at `source`.
    pub fn moved(image: impl Into<Box<[u8]>>, source: impl Into<Box<[u8]>>) -> Self {
        let (image, source) = (image.into(), source.into());
        Self { source: (image != source).then_some(source), image }
    }

    /// The path in the input.
    pub fn in_input(&self) -> &[u8] {
        self.source.as_deref().unwrap_or(&self.image)
    }

    /// Applies a change to both paths.
    pub fn map(&self, change: impl Fn(&[u8]) -> Vec<u8>) -> Self {
        let source = self.source.as_deref().map(&change);
        match source {
            Some(source) => Self::moved(change(&self.image), source),
            None => Self::new(change(&self.image)),
        }
    }

    /// The directory this path is in.
    pub fn directory(&self) -> Self {
        self.map(|path| match path.iter().rposition(|&b| b == b'/') {
            Some(0) | None => b"/".to_vec(),
            Some(end) => path[..end].to_vec(),
        })
    }

    /// A path below this directory.
    pub fn join(&self, below: &[u8]) -> Self {
        self.map(|path| {
            let mut joined = Vec::with_capacity(path.len() + below.len() + 1);
            joined.extend_from_slice(path);
            if !path.ends_with(b"/") {
                joined.push(b'/');
            }
            joined.extend_from_slice(below);
            joined
        })
    }
}

/// The files of one input, as they are: what `scant deps` looks at.
pub struct InputFiles<'a> {
    name: InputName,
    view: View<'a>,
}

impl<'a> InputFiles<'a> {
    /// The files that `view` shows, under the input's name.
    pub fn new(name: InputName, view: View<'a>) -> Self {
        Self { name, view }
    }

    /// The view.
    pub fn view(&self) -> &View<'a> {
        &self.view
    }
}

impl Files for InputFiles<'_> {
    fn open(&self, spot: &Spot) -> Result<Opened, Problem> {
        let found = self.view.resolve(spot.in_input()).map_err(|error| error.problem)?;
        match found.entry.kind {
            EntryKind::File { .. } => {}
            other => return Err(Problem::NotAFile(other.describe())),
        }
        let elf = self.view.elf(&found.path);
        let real = match &spot.source {
            Some(_) => spot.image.clone(),
            None => found.path.as_bytes().into(),
        };
        let number = found.entry.identity();
        Ok(Opened {
            identity: Identity { input: self.name.clone(), path: found.path, number },
            real,
            elf,
        })
    }

    fn is_directory(&self, spot: &Spot) -> bool {
        self.view.resolve(spot.in_input()).is_ok_and(|found| found.entry.is_directory())
    }

    fn config(&self, _: Config, path: &[u8], limit: u64) -> Result<Option<Vec<u8>>, Problem> {
        match self.view.resolve(path) {
            Ok(found) => {
                self.view.input().read(&found.path, limit).map(Some).map_err(|error| error.problem)
            }
            Err(error) => match error.problem {
                Problem::NotFound | Problem::NotADirectory => Ok(None),
                other => Err(other),
            },
        }
    }

    fn content(&self, of: &Identity, limit: u64) -> Result<Vec<u8>, Problem> {
        self.view.input().read(&of.path, limit).map_err(|error| error.problem)
    }

    fn defines(&self, of: &Identity, names: &[&[u8]]) -> Vec<bool> {
        let opened = self.view.input().open(&of.path).ok();
        opened
            .and_then(|file| Elf::defines(&*file, names).ok())
            .unwrap_or_else(|| alloc::vec![false; names.len()])
    }
}
