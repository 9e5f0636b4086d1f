//! The threads that write a layer. Each takes the next piece and does all of it: reads, hashes,
//! compresses and writes. Hashing and writing wait for their turn, all else runs side by side.

use std::fs::File;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use scant_core::formats::oci::Descriptor;
use scant_core::formats::tar::{self, Piece};
use scant_core::words::{DiffId, Digest, Hasher, Tree};

use super::compression::Compressor;
use super::memory::Memory;
use super::order::InOrder;
use super::output::{Kept, Made, Output};
use super::read::read;
use super::{Compression, LayerError, Options};
use crate::blobs::{Blob, Store};
use crate::cache::{Record, Remembered, piece_key};
use crate::image::LayerBlob;
use crate::inputs::Inputs;

/// Writes the layer of `tree` into `store`. A tree without nodes gives an archive of two zero
/// blocks, for an image should have a layer.
///
/// # Errors
/// When an input fails or has changed, or the blob cannot be written. All threads have ended then.
pub fn write(
    tree: &Tree,
    inputs: &Inputs,
    store: &Store,
    options: &Options<'_>,
) -> Result<LayerBlob, LayerError> {
    let pieces = || tar::pieces(tree, options.mtime);
    let memory = match options.slot {
        // What is not compressed is read from the inputs as fast as from a cache.
        Some(slot) if options.compression != Compression::None => {
            Some(Memory::recall(slot, options.compression, pieces()?, inputs))
        }
        _ => None,
    };
    if let Some(memory) = &memory
        && let Some(record) = memory.whole()
    {
        let blob = Blob::remembered(&memory.slot.cache, record, options.compression.head());
        (options.progress)(record.tar_size);
        return Ok(layer(record, options.compression, blob));
    }
    let failed = |source| LayerError::Write { path: store.place().to_path_buf(), source };
    let (file, path) = store.create().map_err(failed)?;
    let numbered = Box::new((0..).zip(pieces()?));
    let work = Work::new(memory, inputs, options, (store.place(), file), numbered)?;
    std::thread::scope(|scope| {
        // Where no more threads can be had, those that there are do it, this one at least.
        for _ in 1..options.threads {
            let _ = std::thread::Builder::new().spawn_scoped(scope, || work.run());
        }
        work.run();
    });
    let record = match work.finish() {
        Err(LayerError::Forgotten) => {
            return write(tree, inputs, store, &Options { slot: None, ..*options });
        }
        finished => finished?,
    };
    let blob = store.finish(path, record.digest, record.size);
    Ok(layer(&record, options.compression, blob))
}

fn layer(record: &Record, compression: Compression, blob: Blob) -> LayerBlob {
    let Record { diff_id, digest, size, tar_size, .. } = *record;
    let descriptor = Descriptor::new(compression.media_type(), digest, size);
    LayerBlob { diff_id, tar_size, descriptor, blob }
}

/// What the threads share.
struct Work<'a> {
    inputs: &'a Inputs,
    options: &'a Options<'a>,
    memory: Option<Memory<'a>>,
    /// The number of the first piece that is hashed: those before it are the same as last time.
    start: u64,
    pieces: Mutex<Numbered<'a>>,
    archive: InOrder<Hasher>,
    /// Where the blob is written, for errors.
    place: &'a Path,
    blob: InOrder<Output>,
    failure: Mutex<Option<LayerError>>,
}

type Numbered<'a> = Box<dyn Iterator<Item = (u64, Piece<'a>)> + Send + 'a>;

/// What a thread works with.
struct Tools {
    plain: Vec<u8>,
    packed: Vec<u8>,
    compressor: Compressor,
}

impl<'a> Work<'a> {
    fn new(
        memory: Option<Memory<'a>>,
        inputs: &'a Inputs,
        options: &'a Options<'a>,
        (place, file): (&'a Path, File),
        pieces: Numbered<'a>,
    ) -> Result<Self, LayerError> {
        let before = memory.as_ref().and_then(Memory::start);
        let start = before.map_or(0, |(start, _)| start);
        let resume = |saved: fn(&Remembered) -> &[u8]| {
            before.and_then(|(_, piece)| Hasher::resume(saved(piece)))
        };
        let archive = resume(|piece| &piece.archive).unwrap_or_default();
        let output = Output::new(file, options.compression, resume(|piece| &piece.blob))
            .map_err(|source| LayerError::Write { path: place.to_path_buf(), source })?;
        Ok(Self {
            inputs,
            options,
            memory,
            start,
            pieces: Mutex::new(pieces),
            archive: InOrder::new(start, archive),
            place,
            blob: InOrder::new(0, output),
            failure: Mutex::default(),
        })
    }

    /// A thread. It ends when all is done, or when one of them has failed.
    fn run(&self) {
        // Nobody waits for the turn of a thread that panics.
        let _stop = StopOnPanic(self);
        if let Err(error) = self.work_through() {
            self.fail(error);
        }
    }

    /// Ends the work with an error, unless it has ended with another.
    fn fail(&self, error: LayerError) {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        self.stop();
    }

    fn stop(&self) {
        self.archive.stop();
        self.blob.stop();
    }

    fn work_through(&self) -> Result<(), LayerError> {
        let compressor = self.options.compression.compressor().map_err(LayerError::Compress)?;
        let mut tools = Tools { plain: Vec::new(), packed: Vec::new(), compressor };
        loop {
            let next = self.pieces.lock().unwrap_or_else(PoisonError::into_inner).next();
            let Some((number, piece)) = next else { return Ok(()) };
            let Some(made) = self.make(number, &piece, &mut tools)? else { return Ok(()) };
            let put = |output: &mut Output| {
                let done = output.put(made, &tools.packed)?;
                (self.options.progress)(done);
                Ok(())
            };
            let written = self.blob.turn(number, put).transpose();
            let failed = |source| LayerError::Write { path: self.place.to_path_buf(), source };
            if written.map_err(failed)?.is_none() {
                return Ok(());
            }
        }
    }

    /// Makes the compressed bytes of a piece; none if the work has been stopped.
    fn make(
        &self,
        number: u64,
        piece: &Piece<'_>,
        tools: &mut Tools,
    ) -> Result<Option<Made>, LayerError> {
        let same = self.memory.as_ref().and_then(|memory| memory.same(number));
        if let Some(known) = same.filter(|_| number < self.start) {
            return self.make_again(piece, known, tools).map(Some);
        }
        let is_read = read(piece, self.inputs, &mut tools.plain);
        let hash = |hasher: &mut Hasher| -> Result<_, LayerError> {
            // Of several errors the first in the archive is told, however fast the threads are.
            is_read?;
            let before = self.memory.as_ref().map(|_| hasher.save());
            hasher.update(&tools.plain);
            Ok(before)
        };
        let Some(archive) = self.archive.turn(number, hash).transpose()? else { return Ok(None) };
        let compression = self.options.compression;
        let kept = self.memory.as_ref().zip(archive).map(|(memory, archive)| {
            // Of what was read, not of what stamps say: so that what is written is what was hashed.
            let key = piece_key(compression, &tools.plain);
            Kept { recipe: memory.recipe(number), key, archive, blob: None }
        });
        let key = kept.as_ref().map(|kept| kept.key);
        if !key.is_some_and(|key| self.recall(&key, tools)) {
            self.compress(key.as_ref(), tools)?;
        }
        let checksum = compression.checksum(&tools.plain);
        Ok(Some(Made { checksum, plain: tools.plain.len() as u32, kept }))
    }

    /// A piece before the first that is hashed: nobody needs what it was made of, unless the cache
    /// has lost it.
    fn make_again(
        &self,
        piece: &Piece<'_>,
        known: &Remembered,
        tools: &mut Tools,
    ) -> Result<Made, LayerError> {
        if !self.recall(&known.key, tools) {
            read(piece, self.inputs, &mut tools.plain)?;
            if piece_key(self.options.compression, &tools.plain) != known.key {
                return Err(LayerError::Forgotten);
            }
            self.compress(Some(&known.key), tools)?;
        }
        Ok(Made::again(known))
    }

    /// Takes compressed bytes from the cache.
    fn recall(&self, key: &Digest, tools: &mut Tools) -> bool {
        let cache = self.memory.as_ref().map(|memory| &memory.slot.cache);
        cache.is_some_and(|cache| cache.piece(key, &mut tools.packed))
    }

    /// Compresses what has been read, and keeps it.
    fn compress(&self, key: Option<&Digest>, tools: &mut Tools) -> Result<(), LayerError> {
        let Tools { plain, packed, compressor } = tools;
        compressor.piece(plain, packed).map_err(LayerError::Compress)?;
        if let (Some(memory), Some(key)) = (&self.memory, key) {
            memory.slot.cache.keep_piece(key, packed);
        }
        Ok(())
    }

    /// What all have written.
    fn finish(self) -> Result<Record, LayerError> {
        if let Some(error) = self.failure.into_inner().unwrap_or_else(PoisonError::into_inner) {
            return Err(error);
        }
        let diff_id = DiffId(self.archive.into_value().finish());
        let record = self.blob.into_value().finish(diff_id);
        let record = record
            .map_err(|source| LayerError::Write { path: self.place.to_path_buf(), source })?;
        if let Some(memory) = self.memory {
            memory.keep(&record);
        }
        Ok(record)
    }
}

/// Stops all threads when one panics.
struct StopOnPanic<'a, 'b>(&'a Work<'b>);

impl Drop for StopOnPanic<'_, '_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.stop();
        }
    }
}
