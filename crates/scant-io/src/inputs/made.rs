//! The files that scant makes itself (accounts, `ld.so.cache`), as an input like any other.

use std::collections::BTreeMap;

use scant_core::words::{Entry, EntryKind, Input, InputError, Problem, ReadAt, TreePath};

/// Files in memory, by path. There are no directories: nothing lists them.
#[derive(Clone, Default)]
pub struct MadeFiles(BTreeMap<TreePath, Vec<u8>>);

impl MadeFiles {
    /// The files of a plan.
    pub fn new(files: BTreeMap<TreePath, Vec<u8>>) -> Self {
        Self(files)
    }
}

impl Input for MadeFiles {
    fn lookup(&self, path: &TreePath) -> Result<Option<Entry>, InputError> {
        Ok(self.0.get(path).map(|content| Entry {
            kind: EntryKind::File { size: content.len() as u64 },
            mode: 0o644,
            stamp: None,
        }))
    }

    fn list(&self, path: &TreePath) -> Result<Vec<Box<[u8]>>, InputError> {
        Err(InputError::new(path, Problem::NotADirectory))
    }

    fn open(&self, path: &TreePath) -> Result<Box<dyn ReadAt>, InputError> {
        match self.0.get(path) {
            Some(content) => Ok(Box::new(InMemory(content.clone()))),
            None => Err(InputError::new(path, Problem::NotFound)),
        }
    }
}

/// A file whose content is at hand.
pub(crate) struct InMemory(pub(crate) Vec<u8>);

impl ReadAt for InMemory {
    fn size(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, InputError> {
        let start = usize::try_from(offset).unwrap_or(usize::MAX).min(self.0.len());
        let rest = &self.0[start..];
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }
}
