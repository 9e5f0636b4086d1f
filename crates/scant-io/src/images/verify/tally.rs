//! A reader that counts and hashes what passes.

use std::io::{self, Read};

use scant_core::words::{Digest, Hasher};

pub(super) struct Tally<R> {
    source: R,
    hasher: Hasher,
    size: u64,
}

impl<R: Read> Tally<R> {
    pub(super) fn new(source: R) -> Self {
        Self { source, hasher: Hasher::default(), size: 0 }
    }

    /// Reads what is left, and gives the digest and size of all.
    pub(super) fn finish(mut self) -> io::Result<(Digest, u64)> {
        let mut buffer = vec![0; 1 << 16];
        loop {
            match self.read(&mut buffer) {
                Ok(0) => return Ok((self.hasher.finish(), self.size)),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

impl<R: Read> Read for Tally<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(buffer)?;
        self.hasher.update(&buffer[..count]);
        self.size += count as u64;
        Ok(count)
    }
}
