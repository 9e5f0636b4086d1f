//! The threads that write a layer: one produces, some compress, the caller's writes.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write as _;
use std::sync::Mutex;
use std::sync::mpsc::{self, Receiver, Sender};

use scant_core::formats::oci::Descriptor;
use scant_core::words::{DiffId, Digest, Hasher, Tree};

use super::produce::{Stop, produce};
use super::{Compression, LayerError, Options, PIECE};
use crate::blobs::Store;
use crate::image::LayerBlob;
use crate::inputs::Inputs;

/// A piece of the stream on its way.
struct Piece {
    number: u64,
    /// The bytes of the tar stream.
    plain: Vec<u8>,
    /// The compressed bytes; empty if nothing is compressed.
    packed: Vec<u8>,
    checksum: crc32fast::Hasher,
}

/// The buffers of a piece that has been written.
type Buffers = (Vec<u8>, Vec<u8>);

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
    let failed = |source| LayerError::Write { path: store.path().to_path_buf(), source };
    let (file, path) = store.create().map_err(failed)?;
    let threads = options.threads.max(1);
    // Every piece on its way holds one of these pairs: they bound the memory. One for each worker,
    // one being produced, one being written, and some so that nobody waits.
    let count = 2 * threads + 2;
    let (free, spare) = mpsc::channel();
    for _ in 0..count {
        let _ = free.send((Vec::with_capacity(PIECE), Vec::new()));
    }
    let (to_workers, plain) = mpsc::channel();
    let (to_writer, packed) = mpsc::channel();
    let plain = Mutex::new(plain);
    std::thread::scope(|scope| {
        let producer = scope.spawn(move || send_pieces(tree, inputs, options, &spare, &to_workers));
        for _ in 0..threads {
            let (plain, to_writer) = (&plain, to_writer.clone());
            scope.spawn(move || compress_pieces(options.compression, plain, &to_writer));
        }
        drop(to_writer);
        // When this returns early its ends of the channels are gone, and the others stop.
        let written = write_pieces(file, options, packed, free);
        let produced = producer.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        let (diff_id, tar_size) = match (produced, &written) {
            (Ok(produced), _) => produced,
            (Err(Stop::Failed(error)), _) => return Err(error),
            (Err(Stop::Unwanted), _) => (Digest::of(&[]), 0),
        };
        let (digest, size) = written.map_err(|failure| match failure {
            Failure::Write(source) => LayerError::Write { path: path.clone(), source },
            Failure::Compress(message) => LayerError::Compress(message),
        })?;
        // Without compression the blob is the archive, hashed once.
        let digest = digest.unwrap_or(diff_id);
        let descriptor = Descriptor::new(options.compression.media_type(), digest, size);
        let blob = store.finish(path, digest, size);
        Ok(LayerBlob { diff_id: DiffId(diff_id), tar_size, descriptor, blob })
    })
}

/// The producer: the only thread that reads inputs.
fn send_pieces(
    tree: &Tree,
    inputs: &Inputs,
    options: &Options<'_>,
    spare: &Receiver<Buffers>,
    to_workers: &Sender<Piece>,
) -> Result<(Digest, u64), Stop> {
    let (first, packed) = spare.recv().map_err(|_| Stop::Unwanted)?;
    let mut packed = Some(packed);
    let mut number = 0;
    let mut exchange = |plain: Vec<u8>| {
        let packed_now = packed.take()?;
        let checksum = crc32fast::Hasher::new();
        to_workers.send(Piece { number, plain, packed: packed_now, checksum }).ok()?;
        number += 1;
        let (next, next_packed) = spare.recv().ok()?;
        packed = Some(next_packed);
        Some(next)
    };
    produce(tree, inputs, options.mtime, first, &mut exchange)
}

/// A worker: takes pieces in any order.
fn compress_pieces(
    compression: Compression,
    plain: &Mutex<Receiver<Piece>>,
    to_writer: &Sender<Result<Piece, String>>,
) {
    loop {
        // The lock is held only while waiting; a poisoned one means that another worker panicked.
        let Ok(Ok(mut piece)) = plain.lock().map(|plain| plain.recv()) else { return };
        let done = match compression {
            Compression::None => Ok(()),
            Compression::Gzip(_) => {
                piece.checksum.update(&piece.plain);
                compression.piece(&piece.plain, &mut piece.packed)
            }
            Compression::Zstd(_) => compression.piece(&piece.plain, &mut piece.packed),
        };
        if to_writer.send(done.map(|()| piece)).is_err() {
            return;
        }
    }
}

/// Why the writer stops.
enum Failure {
    Write(std::io::Error),
    Compress(String),
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Write(error)
    }
}

/// The writer: puts the pieces in order. Returns the blob's digest, unless it is the diff ID, and
/// its size.
fn write_pieces(
    mut file: File,
    options: &Options<'_>,
    pieces: Receiver<Result<Piece, String>>,
    free: Sender<Buffers>,
) -> Result<(Option<Digest>, u64), Failure> {
    let compression = options.compression;
    let plain = compression == Compression::None;
    let mut hasher = Hasher::default();
    let mut size = 0;
    let mut put = |bytes: &[u8]| {
        if !plain {
            hasher.update(bytes);
        }
        size += bytes.len() as u64;
        file.write_all(bytes)
    };
    let (mut next, mut done) = (0, 0);
    let mut checksum = crc32fast::Hasher::new();
    let mut early = BTreeMap::new();
    put(compression.head())?;
    for piece in pieces {
        let piece = piece.map_err(Failure::Compress)?;
        early.insert(piece.number, piece);
        while let Some(piece) = early.remove(&next) {
            put(if plain { &piece.plain } else { &piece.packed })?;
            checksum.combine(&piece.checksum);
            done += piece.plain.len() as u64;
            next += 1;
            (options.progress)(done);
            // Nobody takes it any more at the end.
            let _ = free.send((piece.plain, piece.packed));
        }
    }
    put(&compression.tail(checksum.finalize(), done))?;
    Ok(((!plain).then(|| hasher.finish()), size))
}
