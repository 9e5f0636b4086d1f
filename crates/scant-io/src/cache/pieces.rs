//! Compressed bytes, named after what they were made of.

use std::fs;
use std::io;

use scant_core::words::{Digest, Hasher};

use super::Cache;
use crate::layer::Compression;

/// The key of a piece: how it is compressed, and its bytes.
pub(crate) fn piece_key(compression: Compression, plain: &[u8]) -> Digest {
    let mut hasher = Hasher::default();
    hasher.update(compression.to_string().as_bytes());
    hasher.update(b"\n");
    hasher.update(plain);
    hasher.finish()
}

impl Cache {
    /// The compressed bytes with this key into `packed`; false if they are not there, or damaged.
    pub(crate) fn piece(&self, key: &Digest, packed: &mut Vec<u8>) -> bool {
        packed.clear();
        let path = self.path("pieces", &key.hex());
        let read =
            fs::File::open(&path).and_then(|mut file| io::Read::read_to_end(&mut file, packed));
        let Some(content) = packed.len().checked_sub(4).filter(|_| read.is_ok()) else {
            return false;
        };
        if packed[content..] != checksum(key, &packed[..content]) {
            // After a power cut a file may have its name and not its bytes.
            let _ = fs::remove_file(&path);
            return false;
        }
        packed.truncate(content);
        true
    }

    /// Remembers compressed bytes.
    pub(crate) fn keep_piece(&self, key: &Digest, packed: &[u8]) {
        self.keep("pieces", &key.hex(), &[packed, &checksum(key, packed)]);
    }
}

/// Of the key as well: a piece under the name of another one is damaged.
fn checksum(key: &Digest, packed: &[u8]) -> [u8; 4] {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(key.as_bytes());
    hasher.update(packed);
    hasher.finalize().to_le_bytes()
}
