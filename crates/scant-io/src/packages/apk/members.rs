//! A file of several gzip members in a row, where each boundary means something: which bytes a
//! signature or a digest is of.

use std::io::{self, BufRead, BufReader, Read};

use flate2::bufread::GzDecoder;

use super::error::ApkFault;
use crate::images::stored::Stored;
use crate::inputs::Reading;

/// Reads members one after the other.
pub(super) struct Members<'a> {
    stored: &'a Stored,
    /// Where the next one begins.
    pub(super) position: u64,
}

/// A member in memory, and where it lies.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) content: Vec<u8>,
}

impl<'a> Members<'a> {
    pub(super) fn of(stored: &'a Stored) -> Self {
        Self { stored, position: 0 }
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.position >= self.stored.size()
    }

    /// The next member, of at most so many bytes when it is decompressed.
    pub(super) fn next(&mut self, most: u64) -> Result<Member, ApkFault> {
        let (start, mut content) = (self.position, Vec::new());
        self.pass(&mut |bytes| {
            if (content.len() + bytes.len()) as u64 > most {
                return Err(ApkFault::TooLarge { offset: start, most });
            }
            content.extend_from_slice(bytes);
            Ok(())
        })?;
        Ok(Member { start, end: self.position, content })
    }

    /// Passes the next member on, decompressed.
    pub(super) fn pass(
        &mut self,
        take: &mut dyn FnMut(&[u8]) -> Result<(), ApkFault>,
    ) -> Result<(), ApkFault> {
        let start = self.position;
        let reading = Reading { stored: self.stored, position: start };
        let mut source = BufReader::with_capacity(1 << 16, reading);
        let damaged = |why: &str| ApkFault::Damaged { offset: start, why: why.to_string() };
        if source.fill_buf().map_err(ApkFault::Read)?.is_empty() {
            return Err(damaged("the file ends before it"));
        }
        let mut decoder = GzDecoder::new(source);
        let mut buffer = vec![0; 1 << 16];
        loop {
            match decoder.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => take(&buffer[..count])?,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                    return Err(damaged("the file ends within it"));
                }
                Err(error) => return Err(damaged(&error.to_string())),
            }
        }
        let rest = decoder.into_inner();
        self.position = rest.get_ref().position - rest.buffer().len() as u64;
        Ok(())
    }

    /// Whether others have changed the file while it was read.
    pub(super) fn has_changed(&self) -> Result<bool, ApkFault> {
        self.stored.has_changed().map_err(ApkFault::Read)
    }

    /// The size of the file.
    pub(super) fn size(&self) -> u64 {
        self.stored.size()
    }

    /// Passes all bytes from `start` on, as they are stored.
    pub(super) fn hash(&self, start: u64, take: &mut dyn FnMut(&[u8])) -> Result<(), ApkFault> {
        let (mut position, mut buffer) = (start, vec![0; 1 << 16]);
        loop {
            match self.stored.read_at(position, &mut buffer).map_err(ApkFault::Read)? {
                0 => return Ok(()),
                count => {
                    take(&buffer[..count]);
                    position += count as u64;
                }
            }
        }
    }

    /// The bytes from `start` up to the end of the file or `end`, as they are stored.
    pub(super) fn raw(&self, start: u64, end: u64) -> Result<Vec<u8>, ApkFault> {
        let mut bytes = vec![0; (end - start) as usize];
        self.stored.read_exact_at(start, &mut bytes).map_err(ApkFault::Read)?;
        Ok(bytes)
    }
}
