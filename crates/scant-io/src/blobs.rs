//! Blobs: bytes with their digest, in memory, in a file of their own or inside an archive. Reading
//! one checks it.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use scant_core::words::{Digest, Hasher};

use crate::cache::{Cache, CachedLayer, Lost, Record};
use crate::registry::RemoteBlob;
use crate::scratch::{Scratch, parent};

/// Bytes that a digest names. Cheap to clone: the bytes are shared.
#[derive(Clone, Debug)]
pub struct Blob {
    digest: Digest,
    size: u64,
    bytes: Bytes,
}

/// Where a blob's bytes are.
#[derive(Clone, Debug)]
enum Bytes {
    Memory(Arc<[u8]>),
    File { path: Arc<Path>, offset: u64, _keep: Option<Arc<Scratch>> },
    Cached(CachedLayer),
    Remote(Arc<RemoteBlob>),
}

/// A blob that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// The operating system refuses, or the bytes are not those that the digest names.
    #[error("cannot read {digest} in `{}`: {source}", path.display())]
    Read {
        /// The blob.
        digest: Digest,
        /// The file it is in.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// More than the reader accepts.
    #[error("{digest} has {size} bytes; a document of at most {limit} was expected")]
    TooLarge {
        /// The blob.
        digest: Digest,
        /// Its size.
        size: u64,
        /// The most that is accepted.
        limit: u64,
    },
}

impl Blob {
    /// A blob of these bytes.
    pub fn of_bytes(bytes: &[u8]) -> Self {
        let digest = Digest::of(bytes);
        Self { digest, size: bytes.len() as u64, bytes: Bytes::Memory(bytes.into()) }
    }

    /// A blob that is said to be in a file at `offset`. Reading it tells whether that is true.
    pub fn in_file(path: impl Into<Arc<Path>>, offset: u64, digest: Digest, size: u64) -> Self {
        Self { digest, size, bytes: Bytes::File { path: path.into(), offset, _keep: None } }
    }

    /// A layer whose pieces are in the cache, with what stands before them.
    pub(crate) fn remembered(cache: &Arc<Cache>, record: &Record, head: &'static [u8]) -> Self {
        let layer = CachedLayer::new(cache, record, head);
        Self { digest: record.digest, size: record.size, bytes: Bytes::Cached(layer) }
    }

    /// A blob that is in a registry, and comes here when it is read.
    pub(crate) fn remote_of(remote: RemoteBlob, digest: Digest, size: u64) -> Self {
        Self { digest, size, bytes: Bytes::Remote(Arc::new(remote)) }
    }

    /// It, with the store that the file is in.
    pub(crate) fn kept_by(mut self, store: &Store) -> Self {
        if let Bytes::File { _keep, .. } = &mut self.bytes {
            *_keep = Some(store.scratch.clone());
        }
        self
    }

    /// Where in a registry it is, if it is there.
    pub(crate) fn remote(&self) -> Option<&RemoteBlob> {
        match &self.bytes {
            Bytes::Remote(remote) => Some(remote),
            _ => None,
        }
    }

    /// Its digest.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Its size in bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The file it is in; an empty path for one in memory or in a cache, the repository for one in a
    /// registry. For people: what is read is what [`Blob::open`] gives.
    pub fn path(&self) -> &Path {
        match &self.bytes {
            Bytes::Memory(_) | Bytes::Cached(_) => Path::new(""),
            Bytes::File { path, .. } => path,
            Bytes::Remote(remote) => remote.shown(),
        }
    }

    /// The file that holds this blob and nothing else and that may be linked to, if there is one.
    pub(crate) fn own_file(&self) -> Option<&Path> {
        match &self.bytes {
            Bytes::File { path, offset: 0, _keep: Some(_) } => Some(path),
            _ => None,
        }
    }

    /// Opens it. The reader fails at the end when the bytes are not those that the digest names,
    /// so whoever reads must read to the end before trusting them.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn open(&self) -> io::Result<impl Read + Send + use<>> {
        let source: Box<dyn Read + Send> = match &self.bytes {
            Bytes::Memory(bytes) => Box::new(io::Cursor::new(bytes.clone())),
            Bytes::Cached(layer) => Box::new(layer.open()),
            Bytes::Remote(remote) => {
                Box::new(File::open(remote.fetch().map_err(io::Error::other)?)?)
            }
            Bytes::File { path, offset, .. } => {
                let mut file = File::open(path)?;
                file.seek(SeekFrom::Start(*offset))?;
                Box::new(file)
            }
        };
        let source = source.take(self.size);
        let (digest, left) = (self.digest, self.size);
        let is_cached = matches!(self.bytes, Bytes::Cached(_));
        Ok(Checked { source, hasher: Some(Hasher::default()), digest, left, is_cached })
    }

    /// All of it, checked.
    ///
    /// # Errors
    /// When it is larger than `limit`, cannot be read, or is not what the digest names.
    pub fn read(&self, limit: u64) -> Result<Vec<u8>, BlobError> {
        let Self { digest, size, .. } = *self;
        if size > limit {
            return Err(BlobError::TooLarge { digest, size, limit });
        }
        let mut bytes = Vec::new();
        self.open()
            .and_then(|mut reader| reader.read_to_end(&mut bytes))
            .map_err(|source| BlobError::Read { digest, path: self.path().into(), source })?;
        Ok(bytes)
    }
}

/// A reader that compares the digest at the end.
struct Checked {
    source: io::Take<Box<dyn Read + Send>>,
    hasher: Option<Hasher>,
    digest: Digest,
    left: u64,
    /// Whether it can be made again, if it is not what it should be.
    is_cached: bool,
}

impl Read for Checked {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(buffer)?;
        self.left -= count as u64;
        if let Some(hasher) = &mut self.hasher {
            hasher.update(&buffer[..count]);
        }
        if count > 0 && self.left > 0 || buffer.is_empty() {
            return Ok(count);
        }
        let damaged = |what| match self.is_cached {
            true => io::Error::new(io::ErrorKind::NotFound, Lost),
            false => io::Error::new(io::ErrorKind::InvalidData, what),
        };
        if self.left > 0 {
            return Err(damaged(format!("damaged: {} bytes are missing at the end", self.left)));
        }
        match self.hasher.take().map(Hasher::finish) {
            Some(found) if found != self.digest => {
                Err(damaged(format!("damaged: its digest is {found}")))
            }
            _ => Ok(count),
        }
    }
}

/// A place for blobs while an image is made. It vanishes with the last blob that is in it.
#[derive(Clone, Debug)]
pub struct Store {
    scratch: Arc<Scratch>,
    next: Arc<AtomicU64>,
}

impl Store {
    /// A store beside `target`, on the same file system, so that blobs reach it by a link.
    ///
    /// # Errors
    /// When nothing can be created there.
    pub fn beside(target: &Path) -> io::Result<Self> {
        Scratch::beside(target).map(Self::new)
    }

    /// A store in the directory for temporary files.
    ///
    /// # Errors
    /// When nothing can be created there.
    pub fn temporary(directory: &Path) -> io::Result<Self> {
        Scratch::within(directory).map(Self::new)
    }

    fn new(scratch: Scratch) -> Self {
        Self { scratch: Arc::new(scratch), next: Arc::default() }
    }

    /// A new file for a blob.
    pub(crate) fn create(&self) -> io::Result<(File, PathBuf)> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let path = self.scratch.path().join(number.to_string());
        Ok((File::create_new(&path)?, path))
    }

    /// The finished blob in a file of [`Store::create`].
    pub(crate) fn finish(&self, path: PathBuf, digest: Digest, size: u64) -> Blob {
        let keep = Some(self.scratch.clone());
        Blob { digest, size, bytes: Bytes::File { path: path.into(), offset: 0, _keep: keep } }
    }

    /// The directory that it was made in. Its own has a name that says nothing to anybody.
    pub(crate) fn place(&self) -> &Path {
        parent(self.scratch.path())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_blob_is_found_while_reading() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("b");
        std::fs::write(&path, "xabcx").unwrap();
        let digest = Digest::of(b"abc");
        let case = |offset, size, expected: &str| {
            let blob = Blob::in_file(&*path, offset, digest, size);
            let shown = match blob.read(10) {
                Ok(bytes) => String::from_utf8(bytes).unwrap(),
                Err(BlobError::Read { source, .. }) => source.to_string(),
                Err(error) => error.to_string(),
            };
            assert_eq!(shown, expected);
        };
        case(1, 3, "abc");
        case(2, 3, &format!("damaged: its digest is {}", Digest::of(b"bcx")));
        case(3, 3, "damaged: 1 bytes are missing at the end");
        case(0, 11, &format!("{digest} has 11 bytes; a document of at most 10 was expected"));
    }
}
