//! The contents of the files of a package: pieces of its data, which are stored as they are.

use std::collections::BTreeMap;

use scant_core::words::{InputError, Problem, ReadAt};

use crate::images::listed_input::Store;
use crate::images::stored::{OpenedAs, Piece, Stored};

/// The contents of the files.
pub(super) struct Contents {
    /// The data of the package, decompressed.
    pub(super) stored: Stored,
    /// Where the content of each begins, by the number of its entry.
    pub(super) starts: BTreeMap<u64, u64>,
}

impl Store for Contents {
    fn open(&self, at: (usize, u64), file: OpenedAs) -> Result<Box<dyn ReadAt>, InputError> {
        let start = self.starts.get(&at.1).copied();
        let start = start.ok_or_else(|| InputError::new(&file.path, Problem::NotFound))?;
        Ok(Box::new(Piece { stored: self.stored.clone(), start, file }))
    }
}
