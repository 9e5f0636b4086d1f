//! A layer that is in the cache in pieces, read as the blob that it is.

use std::collections::VecDeque;
use std::io::{self, Read};
use std::sync::Arc;

use scant_core::words::Digest;

use super::{Cache, Record};

/// A layer in pieces.
#[derive(Clone, Debug)]
pub(crate) struct CachedLayer {
    cache: Arc<Cache>,
    head: &'static [u8],
    keys: Arc<[Digest]>,
    tail: Arc<[u8]>,
}

/// A piece that a record names and the cache does not give.
#[derive(Debug, thiserror::Error)]
#[error("a part of the layer is not in the cache any more")]
pub(crate) struct Lost;

impl CachedLayer {
    /// The layer of a record, with what stands before its pieces.
    pub(crate) fn new(cache: &Arc<Cache>, record: &Record, head: &'static [u8]) -> Self {
        let keys = record.pieces.iter().map(|piece| piece.key).collect();
        Self { cache: cache.clone(), head, keys, tail: record.tail.as_slice().into() }
    }

    /// Reads it from its beginning.
    pub(crate) fn open(&self) -> LayerReader {
        LayerReader {
            cache: self.cache.clone(),
            keys: self.keys.iter().copied().collect(),
            tail: Some(self.tail.clone()),
            now: self.head.to_vec(),
            read: 0,
        }
    }
}

/// Reads pieces one after the other.
pub(crate) struct LayerReader {
    cache: Arc<Cache>,
    keys: VecDeque<Digest>,
    tail: Option<Arc<[u8]>>,
    now: Vec<u8>,
    read: usize,
}

impl Read for LayerReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.read == self.now.len() {
            self.read = 0;
            if let Some(key) = self.keys.pop_front() {
                if !self.cache.piece(&key, &mut self.now) {
                    return Err(io::Error::new(io::ErrorKind::NotFound, Lost));
                }
            } else if let Some(tail) = self.tail.take() {
                self.now = tail.to_vec();
            } else {
                self.now.clear();
                return Ok(0);
            }
        }
        let count = buffer.len().min(self.now.len() - self.read);
        buffer[..count].copy_from_slice(&self.now[self.read..][..count]);
        self.read += count;
        Ok(count)
    }
}
