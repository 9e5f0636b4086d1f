//! What a union has, for who asks.

use std::collections::{BTreeMap, BTreeSet};

use scant_core::rules::packages::actions::Made;
use scant_core::words::{
    Entry, EntryKind, Input, InputError, InstalledPackage, Meta, Mode, Packaged, Problem, ReadAt,
    Record, Root, Stamp, TreePath,
};

use super::{Place, Union};
use crate::inputs::made::InMemory;

/// Tells the files of the parts apart.
fn stamp(part: usize, stamp: Stamp) -> Stamp {
    Stamp { device: part as u64, ..stamp }
}

struct OfPart {
    part: usize,
    file: Box<dyn ReadAt>,
}

impl ReadAt for OfPart {
    fn size(&self) -> u64 {
        self.file.size()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, InputError> {
        self.file.read_at(offset, buffer)
    }

    fn stamp(&self) -> Result<Option<Stamp>, InputError> {
        Ok(self.file.stamp()?.map(|found| stamp(self.part, found)))
    }
}

/// An error of a part, at the path that was asked for.
fn at<'a>(path: &'a TreePath) -> impl Fn(InputError) -> InputError + 'a {
    |error| InputError::new(path, error.problem)
}

impl Input for Union {
    fn lookup(&self, path: &TreePath) -> Result<Option<Entry>, InputError> {
        let directory = || Entry { kind: EntryKind::Directory, mode: 0o755, stamp: None };
        match self.places.get(path) {
            None if path.is_root() => Ok(Some(directory())),
            None => Ok(None),
            Some(Place::Part { part, path: inner }) => {
                let entry = self.parts[*part].root.lookup(inner).map_err(at(path))?;
                Ok(entry.map(|entry| Entry {
                    stamp: entry.stamp.map(|found| stamp(*part, found)),
                    ..entry
                }))
            }
            Some(Place::Made { made: Made::Link(target), .. }) => {
                let kind = EntryKind::Symlink { target: target.clone() };
                Ok(Some(Entry { kind, mode: 0o777, stamp: None }))
            }
            Some(Place::Made { made: Made::File(content), .. }) => {
                let kind = EntryKind::File { size: content.len() as u64 };
                Ok(Some(Entry { kind, mode: 0o644, stamp: None }))
            }
            Some(Place::Implied) => Ok(Some(directory())),
        }
    }

    fn list(&self, path: &TreePath) -> Result<Vec<Box<[u8]>>, InputError> {
        match self.lookup(path)? {
            None => Err(InputError::new(path, Problem::NotFound)),
            Some(entry) if !entry.is_directory() => {
                Err(InputError::new(path, Problem::NotADirectory))
            }
            Some(_) => Ok(self.names.get(path).into_iter().flatten().cloned().collect()),
        }
    }

    fn open(&self, path: &TreePath) -> Result<Box<dyn ReadAt>, InputError> {
        match self.places.get(path) {
            None if path.is_root() => Err(InputError::new(path, Problem::NotAFile("a directory"))),
            None => Err(InputError::new(path, Problem::NotFound)),
            Some(Place::Part { part, path: inner }) => {
                let file = self.parts[*part].root.open(inner).map_err(at(path))?;
                Ok(Box::new(OfPart { part: *part, file }))
            }
            Some(Place::Made { made: Made::File(content), .. }) => {
                Ok(Box::new(InMemory(content.clone())))
            }
            Some(Place::Made { .. }) => {
                Err(InputError::new(path, Problem::NotAFile("a symbolic link")))
            }
            Some(Place::Implied) => Err(InputError::new(path, Problem::NotAFile("a directory"))),
        }
    }

    fn packages(&self, paths: &BTreeSet<TreePath>) -> BTreeMap<TreePath, String> {
        let owner = |path: &TreePath| Some((path.clone(), self.package_of(path)?.to_string()));
        paths.iter().filter_map(owner).collect()
    }

    fn packaged(&self) -> Option<&dyn Packaged> {
        Some(self)
    }
}

impl Packaged for Union {
    fn all(&self) -> &[InstalledPackage] {
        &self.installed
    }

    fn record(&self, package: usize) -> Option<Record> {
        Some(self.parts.get(package)?.record.clone())
    }

    /// Without what other packages have taken the place of.
    fn paths(&self, package: usize) -> Result<Vec<TreePath>, InputError> {
        let is_of = |path: &&TreePath| match self.places.get(path) {
            Some(Place::Part { part, .. }) => {
                *part == package || matches!(self.lookup(path), Ok(Some(it)) if it.is_directory())
            }
            Some(Place::Made { part, .. }) => part.is_none_or(|part| part == package),
            Some(Place::Implied) | None => false,
        };
        Ok(self.paths.get(package).into_iter().flatten().filter(is_of).cloned().collect())
    }

    fn meta(&self, path: &TreePath) -> Result<Option<Meta>, InputError> {
        Root::meta(self, path)
    }
}

impl Root for Union {
    fn meta(&self, path: &TreePath) -> Result<Option<Meta>, InputError> {
        match self.places.get(path) {
            None => Ok(path.is_root().then(|| Meta::new(Mode::EXECUTABLE))),
            Some(Place::Part { part, path: inner }) => {
                self.parts[*part].root.meta(inner).map_err(at(path))
            }
            Some(Place::Made { made: Made::Link(_), .. }) => Ok(Some(Meta::new(Mode::SYMLINK))),
            Some(Place::Made { made: Made::File(_), .. }) => Ok(Some(Meta::new(Mode::FILE))),
            Some(Place::Implied) => Ok(Some(Meta::new(Mode::EXECUTABLE))),
        }
    }
}
