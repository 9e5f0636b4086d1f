//! What is remembered of the layer that is being written, if anything: which pieces need not be
//! compressed, and which not even be read.

use scant_core::formats::tar::{Part, Piece};
use scant_core::words::{Digest, FileContent, Hasher};

use super::{Compression, Slot};
use crate::cache::{Record, Remembered};
use crate::inputs::Inputs;

/// The memory of one layer.
pub(super) struct Memory<'a> {
    pub(super) slot: &'a Slot,
    /// The name of the slot, with the compression.
    pub(super) name: String,
    /// For each piece what it is made of, as far as stamps tell.
    recipes: Vec<Option<Digest>>,
    /// The layer as it was last time.
    record: Option<Record>,
    /// So many pieces at the start are the same as last time.
    same: usize,
}

impl<'a> Memory<'a> {
    /// Recalls a layer that consists of these pieces.
    pub(super) fn recall<'p>(
        slot: &'a Slot,
        compression: Compression,
        pieces: impl Iterator<Item = Piece<'p>>,
        inputs: &Inputs,
    ) -> Self {
        let name = slot.full_name(compression);
        let recipes: Vec<_> = pieces.map(|piece| recipe(&piece, slot, inputs)).collect();
        let record = slot.cache.record(&name);
        if record.is_some() {
            slot.cache.touch_record(&name);
        }
        let old = record.iter().flat_map(|record| &record.pieces).map(|piece| piece.recipe);
        let same = recipes.iter().zip(old).take_while(|(a, b)| a.is_some() && *a == b).count();
        Self { slot, name, recipes, record, same }
    }

    /// The layer, if it is the same as last time.
    pub(super) fn whole(&self) -> Option<&Record> {
        let is_whole =
            |record: &&Record| self.same == self.recipes.len() && self.same == record.pieces.len();
        self.record.as_ref().filter(is_whole)
    }

    /// How many pieces at the start are the same, and the first after them as it was: with the state
    /// of both digests before it.
    pub(super) fn start(&self) -> Option<(u64, &Remembered)> {
        let next = self.record.as_ref()?.pieces.get(self.same)?;
        (self.same > 0).then_some((self.same as u64, next))
    }

    /// The piece of last time, if it is one of those at the start that are the same.
    pub(super) fn same(&self, number: u64) -> Option<&Remembered> {
        let number = usize::try_from(number).ok().filter(|number| *number < self.same)?;
        self.record.as_ref()?.pieces.get(number)
    }

    /// The recipe of a piece.
    pub(super) fn recipe(&self, number: u64) -> Option<Digest> {
        *self.recipes.get(usize::try_from(number).ok()?)?
    }

    /// Remembers the layer.
    pub(super) fn keep(&self, record: &Record) {
        self.slot.cache.keep_record(&self.name, record);
    }
}

/// What a piece is made of: its headers, and files by their stamps. None when a stamp does not tell
/// enough.
fn recipe(piece: &Piece<'_>, slot: &Slot, inputs: &Inputs) -> Option<Digest> {
    let mut hasher = Hasher::default();
    for part in &piece.parts {
        match part {
            Part::Bytes(bytes) => {
                hasher.update(&(bytes.len() as u64).to_le_bytes());
                hasher.update(bytes);
            }
            Part::Content { file, offset, size, .. } => {
                hasher.update(&[u8::from(file.stamp.is_some()); 8]);
                hasher.update(&offset.to_le_bytes());
                hasher.update(&(*size as u64).to_le_bytes());
                match file.stamp {
                    Some(stamp) if slot.cache.can_trust(&stamp) => {
                        hasher.update(&stamp.to_bytes());
                    }
                    Some(_) => return None,
                    None => hasher.update(made(file, inputs)?.as_bytes()),
                }
            }
        }
    }
    Some(hasher.finish())
}

/// The digest of a file that no file system has, which scant itself has made: it is in memory.
fn made(file: &FileContent, inputs: &Inputs) -> Option<Digest> {
    let content = inputs.get(&file.content.input)?.read(&file.content.path, file.size).ok()?;
    Some(Digest::of(&content))
}
