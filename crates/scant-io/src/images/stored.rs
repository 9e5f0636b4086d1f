//! Bytes that are kept, in memory or in a file of this host, and stretches of them as files of an
//! input.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use scant_core::words::{InputError, Problem, ReadAt, Stamp, TreePath};

use super::sparse::Extent;
use crate::stamp;

/// Bytes that are kept.
#[derive(Clone, Debug)]
pub(crate) enum Stored {
    Memory(Arc<[u8]>),
    File {
        file: Arc<File>,
        size: u64,
        /// What must not have changed; none for a file that nobody else can reach.
        stamp: Option<Stamp>,
    },
    /// A stretch of others.
    Part {
        of: Arc<Stored>,
        start: u64,
        size: u64,
    },
}

impl Stored {
    /// A file that others may change.
    pub(crate) fn watched(file: File) -> io::Result<Self> {
        let stat = rustix::fs::fstat(&file)?;
        let (size, stamp) = (stat.st_size as u64, Some(stamp::of(&stat)));
        Ok(Self::File { file: Arc::new(file), size, stamp })
    }

    /// A stretch of it, as far as there is one.
    pub(crate) fn part(&self, start: u64, size: u64) -> Self {
        let start = start.min(self.size());
        let size = size.min(self.size() - start);
        Self::Part { of: Arc::new(self.clone()), start, size }
    }

    /// A file without a name, of so many bytes.
    pub(crate) fn own(file: File, size: u64) -> Self {
        Self::File { file: Arc::new(file), size, stamp: None }
    }

    pub(crate) fn size(&self) -> u64 {
        match self {
            Self::Memory(bytes) => bytes.len() as u64,
            Self::File { size, .. } | Self::Part { size, .. } => *size,
        }
    }

    /// Reads at `offset`; nothing at the end.
    pub(crate) fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.size().saturating_sub(offset).min(buffer.len() as u64) as usize;
        if left == 0 {
            return Ok(0);
        }
        match self {
            Self::Memory(bytes) => {
                buffer[..left].copy_from_slice(&bytes[offset as usize..][..left]);
                Ok(left)
            }
            Self::Part { of, start, .. } => of.read_at(start + offset, &mut buffer[..left]),
            Self::File { file, .. } => loop {
                match file.read_at(&mut buffer[..left], offset) {
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    // It had this byte when it was opened.
                    Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                    read => return read,
                }
            },
        }
    }

    /// Fills the buffer from `offset` on.
    pub(crate) fn read_exact_at(&self, mut offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let mut rest = buffer;
        while !rest.is_empty() {
            match self.read_at(offset, rest)? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                count => {
                    offset += count as u64;
                    rest = &mut rest[count..];
                }
            }
        }
        Ok(())
    }

    /// Whether others have changed it since it was opened.
    pub(crate) fn has_changed(&self) -> io::Result<bool> {
        match self {
            Self::File { file, stamp: Some(before), .. } => {
                Ok(stamp::of(&rustix::fs::fstat(file)?) != *before)
            }
            Self::Part { of, .. } => of.has_changed(),
            _ => Ok(false),
        }
    }
}

/// What is known of a file before it is opened.
pub(crate) struct OpenedAs {
    pub(crate) path: TreePath,
    pub(crate) size: u64,
    pub(crate) stamp: Stamp,
}

impl OpenedAs {
    pub(crate) fn failed(&self, error: &io::Error) -> InputError {
        InputError::new(&self.path, Problem::Other(error.to_string()))
    }
}

/// A stretch of bytes, as a file of an input.
pub(crate) struct Piece {
    pub(crate) stored: Stored,
    pub(crate) start: u64,
    pub(crate) file: OpenedAs,
}

impl Piece {
    fn checked_stamp(stored: &Stored, file: &OpenedAs) -> Result<Option<Stamp>, InputError> {
        match stored.has_changed() {
            Ok(false) => Ok(Some(file.stamp)),
            Ok(true) => Err(InputError::new(&file.path, Problem::Changed)),
            Err(error) => Err(file.failed(&error)),
        }
    }
}

impl ReadAt for Piece {
    fn size(&self) -> u64 {
        self.file.size
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, InputError> {
        let left = self.file.size.saturating_sub(offset).min(buffer.len() as u64) as usize;
        if left == 0 {
            return Ok(0);
        }
        let read = self.stored.read_at(self.start + offset, &mut buffer[..left]);
        read.map_err(|error| self.file.failed(&error))
    }

    fn stamp(&self) -> Result<Option<Stamp>, InputError> {
        Self::checked_stamp(&self.stored, &self.file)
    }
}

/// Parts of a file, stored one after the other.
#[derive(Debug)]
pub(crate) struct Parts(Box<[(Extent, u64)]>);

impl Parts {
    /// The parts, of which the first is stored at `start`.
    pub(crate) fn new(map: Vec<Extent>, start: u64) -> Self {
        let mut at = start;
        let place = |part: Extent| {
            let here = at;
            at += part.length;
            (part, here)
        };
        Self(map.into_iter().filter(|part| part.length > 0).map(place).collect())
    }
}

/// A sparse file: what is not stored is zero.
pub(crate) struct Sparse {
    pub(crate) stored: Stored,
    pub(crate) parts: Arc<Parts>,
    pub(crate) file: OpenedAs,
}

impl ReadAt for Sparse {
    fn size(&self) -> u64 {
        self.file.size
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, InputError> {
        let left = self.file.size.saturating_sub(offset).min(buffer.len() as u64) as usize;
        if left == 0 {
            return Ok(0);
        }
        let parts = &self.parts.0;
        let next = parts.partition_point(|(part, _)| part.offset + part.length <= offset);
        let up_to = |end: u64| left.min(usize::try_from(end - offset).unwrap_or(usize::MAX));
        match parts.get(next) {
            Some((part, at)) if part.offset <= offset => {
                let count = up_to(part.offset + part.length);
                let read = self.stored.read_at(at + (offset - part.offset), &mut buffer[..count]);
                read.map_err(|error| self.file.failed(&error))
            }
            part => {
                let count = up_to(part.map_or(self.file.size, |(part, _)| part.offset));
                buffer[..count].fill(0);
                Ok(count)
            }
        }
    }

    fn stamp(&self) -> Result<Option<Stamp>, InputError> {
        Piece::checked_stamp(&self.stored, &self.file)
    }
}
