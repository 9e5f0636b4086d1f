//! What is remembered of a layer: what each of its pieces was made of, where its bytes are, and the
//! state of both digests before it. As bytes of a fixed layout with a digest at the end, so that a
//! damaged record is none.

use scant_core::words::{DiffId, Digest, Hasher};

/// A layer as it was written last time.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Record {
    pub(crate) pieces: Vec<Remembered>,
    pub(crate) diff_id: DiffId,
    pub(crate) digest: Digest,
    /// The size of the blob in bytes.
    pub(crate) size: u64,
    /// The size of the archive in bytes.
    pub(crate) tar_size: u64,
    /// What stands after the last piece.
    pub(crate) tail: Vec<u8>,
}

/// A piece of a layer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Remembered {
    /// What it was made of: headers, and files by their stamps. None if a file was written to so
    /// shortly before that its stamp does not tell whether it was written to again.
    pub(crate) recipe: Option<Digest>,
    /// Names its compressed bytes in the cache.
    pub(crate) key: Digest,
    /// The CRC-32 of its bytes.
    pub(crate) checksum: u32,
    /// How many bytes it has.
    pub(crate) plain: u32,
    /// How many bytes it has when compressed.
    pub(crate) packed: u32,
    /// The hasher of the archive before it, as [`Hasher::save`] gives it.
    pub(crate) archive: Vec<u8>,
    /// The hasher of the blob before it.
    pub(crate) blob: Vec<u8>,
}

const MAGIC: &[u8] = b"scant layer\n";

impl Record {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend_from_slice(self.diff_id.0.as_bytes());
        bytes.extend_from_slice(self.digest.as_bytes());
        bytes.extend_from_slice(&self.size.to_le_bytes());
        bytes.extend_from_slice(&self.tar_size.to_le_bytes());
        put(&mut bytes, &self.tail);
        bytes.extend_from_slice(&(self.pieces.len() as u64).to_le_bytes());
        for piece in &self.pieces {
            bytes.push(u8::from(piece.recipe.is_some()));
            bytes.extend_from_slice(piece.recipe.unwrap_or(piece.key).as_bytes());
            bytes.extend_from_slice(piece.key.as_bytes());
            for number in [piece.checksum, piece.plain, piece.packed] {
                bytes.extend_from_slice(&number.to_le_bytes());
            }
            put(&mut bytes, &piece.archive);
            put(&mut bytes, &piece.blob);
        }
        let digest = Digest::of(&bytes);
        bytes.extend_from_slice(digest.as_bytes());
        bytes
    }

    /// The record that these bytes hold; none if they are not one, or damaged.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let (content, digest) = bytes.split_last_chunk::<32>()?;
        if Digest::of(content).as_bytes() != digest {
            return None;
        }
        let mut rest = content.strip_prefix(MAGIC)?;
        let rest = &mut rest;
        let (diff_id, digest) = (DiffId(take_digest(rest)?), take_digest(rest)?);
        let (size, tar_size) = (number(rest)?, number(rest)?);
        let tail = bytes_of(rest)?;
        let count = number(rest)?;
        let pieces: Option<Vec<_>> = (0..count).map(|_| piece(rest)).collect();
        let pieces = pieces.filter(|_| rest.is_empty())?;
        Some(Self { pieces, diff_id, digest, size, tar_size, tail })
    }
}

fn piece(rest: &mut &[u8]) -> Option<Remembered> {
    let [is_known] = *take::<1>(rest)?;
    let recipe = Some(take_digest(rest)?).filter(|_| is_known == 1);
    let key = take_digest(rest)?;
    let mut number = || take(rest).map(|bytes| u32::from_le_bytes(*bytes));
    let (checksum, plain, packed) = (number()?, number()?, number()?);
    let (archive, blob) = (bytes_of(rest)?, bytes_of(rest)?);
    // Whoever goes on from here relies on both.
    let _ = (Hasher::resume(&archive)?, Hasher::resume(&blob)?);
    Some(Remembered { recipe, key, checksum, plain, packed, archive, blob })
}

fn put(to: &mut Vec<u8>, bytes: &[u8]) {
    to.push(bytes.len() as u8);
    to.extend_from_slice(bytes);
}

fn bytes_of(rest: &mut &[u8]) -> Option<Vec<u8>> {
    let [length] = *take::<1>(rest)?;
    let (bytes, others) = rest.split_at_checked(length.into())?;
    *rest = others;
    Some(bytes.to_vec())
}

fn take<'a, const SIZE: usize>(rest: &mut &'a [u8]) -> Option<&'a [u8; SIZE]> {
    let (bytes, others) = rest.split_first_chunk()?;
    *rest = others;
    Some(bytes)
}

fn take_digest(rest: &mut &[u8]) -> Option<Digest> {
    take(rest).map(|bytes| Digest::from_bytes(*bytes))
}

fn number(rest: &mut &[u8]) -> Option<u64> {
    take(rest).map(|bytes| u64::from_le_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_comes_back_and_a_damaged_one_is_none() {
        let mut hasher = Hasher::default();
        let archive = hasher.save();
        hasher.update(b"abc");
        let piece = |recipe| Remembered {
            recipe,
            key: Digest::of(b"key"),
            checksum: 7,
            plain: 512,
            packed: 100,
            archive: archive.clone(),
            blob: hasher.save(),
        };
        let record = Record {
            pieces: vec![piece(Some(Digest::of(b"recipe"))), piece(None)],
            diff_id: DiffId(Digest::of(b"tar")),
            digest: Digest::of(b"blob"),
            size: 1,
            tar_size: 2,
            tail: vec![3, 0],
        };
        let bytes = record.encode();
        assert_eq!(Record::decode(&bytes), Some(record));
        for at in 0..bytes.len() {
            assert_eq!(Record::decode(&bytes[..at]), None, "cut at {at}");
            let mut damaged = bytes.clone();
            damaged[at] ^= 1;
            assert_eq!(Record::decode(&damaged), None, "changed at {at}");
        }
    }
}
