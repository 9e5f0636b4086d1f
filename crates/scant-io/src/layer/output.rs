//! The blob while it is written, piece after piece.

use std::fs::File;
use std::io::{self, Write as _};

use scant_core::words::{DiffId, Digest, Hasher};

use super::Compression;
use crate::cache::{Record, Remembered};

/// A piece that is ready to be written.
pub(super) struct Made {
    /// The CRC-32 of its bytes, if the compression has one.
    pub(super) checksum: u32,
    /// How many bytes it has.
    pub(super) plain: u32,
    /// What is to be remembered of it.
    pub(super) kept: Option<Kept>,
}

/// What is remembered of a piece before it is written.
pub(super) struct Kept {
    pub(super) recipe: Option<Digest>,
    pub(super) key: Digest,
    /// The hasher of the archive before it.
    pub(super) archive: Vec<u8>,
    /// The hasher of the blob before it, for a piece before the first that is hashed.
    pub(super) blob: Option<Vec<u8>>,
}

impl Made {
    /// A piece as it was last time.
    pub(super) fn again(known: &Remembered) -> Self {
        let Remembered { recipe, key, checksum, plain, archive, blob, .. } = known.clone();
        let kept = Kept { recipe, key, archive, blob: Some(blob) };
        Self { checksum, plain, kept: Some(kept) }
    }
}

/// The file, and what is said about it at the end.
pub(super) struct Output {
    file: File,
    compression: Compression,
    hasher: Hasher,
    size: u64,
    checksum: crc32fast::Hasher,
    plain: u64,
    pieces: Vec<Remembered>,
}

impl Output {
    /// Begins a blob. If its first pieces are the same as last time, `resumed` is the hasher after
    /// them, and they are not hashed again.
    pub(super) fn new(
        file: File,
        compression: Compression,
        resumed: Option<Hasher>,
    ) -> io::Result<Self> {
        let is_new = resumed.is_none();
        let mut output = Self {
            file,
            compression,
            hasher: resumed.unwrap_or_default(),
            size: 0,
            checksum: crc32fast::Hasher::new(),
            plain: 0,
            pieces: Vec::new(),
        };
        output.write(compression.head(), is_new)?;
        Ok(output)
    }

    /// Writes a piece. Returns how many bytes of the archive are done.
    pub(super) fn put(&mut self, made: Made, packed: &[u8]) -> io::Result<u64> {
        let Made { checksum, plain, kept } = made;
        let is_hashed = kept.as_ref().is_none_or(|kept| kept.blob.is_none());
        if let Some(Kept { recipe, key, archive, blob }) = kept {
            let blob = blob.unwrap_or_else(|| self.hasher.save());
            let packed = packed.len() as u32;
            let piece = Remembered { recipe, key, checksum, plain, packed, archive, blob };
            self.pieces.push(piece);
        }
        self.write(packed, is_hashed)?;
        let checksum = crc32fast::Hasher::new_with_initial_len(checksum, plain.into());
        self.checksum.combine(&checksum);
        self.plain += u64::from(plain);
        Ok(self.plain)
    }

    fn write(&mut self, bytes: &[u8], is_hashed: bool) -> io::Result<()> {
        // Without compression the blob is the archive, which is hashed already.
        if is_hashed && self.compression != Compression::None {
            self.hasher.update(bytes);
        }
        self.size += bytes.len() as u64;
        self.file.write_all(bytes)
    }

    /// Ends the blob of an archive with this digest.
    pub(super) fn finish(mut self, diff_id: DiffId) -> io::Result<Record> {
        let tail = self.compression.tail(self.checksum.clone().finalize(), self.plain);
        self.write(&tail, true)?;
        let digest = match self.compression {
            Compression::None => diff_id.0,
            _ => self.hasher.finish(),
        };
        let (pieces, size, tar_size) = (self.pieces, self.size, self.plain);
        Ok(Record { pieces, diff_id, digest, size, tar_size, tail })
    }
}
