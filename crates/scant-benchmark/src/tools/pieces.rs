//! A tree as the floors see it: a stream as long as its archive, in pieces of one size.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

/// How much is hashed or compressed at once: as much as scant does.
pub(super) use scant_core::formats::tar::PIECE;

/// Passes on the files below a directory in pieces, with as many zeros between them as an archive
/// has headers and padding. Each piece is exchanged for another buffer.
pub(super) fn pieces(
    tree: &Path,
    first: Vec<u8>,
    exchange: &mut dyn FnMut(Vec<u8>) -> Result<Vec<u8>, String>,
) -> Result<(), String> {
    let mut stream = Stream { piece: first, filled: 0, exchange };
    stream.piece.resize(PIECE, 0);
    let mut waiting = vec![tree.to_path_buf()];
    while let Some(directory) = waiting.pop() {
        let failed = |error| format!("`{}`: {error}", directory.display());
        let entries: io::Result<Vec<_>> = fs::read_dir(&directory).map_err(failed)?.collect();
        let mut entries = entries.map_err(failed)?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let path = entry.path();
            let failed = |error| format!("`{}`: {error}", path.display());
            let metadata = entry.metadata().map_err(failed)?;
            stream.zeros(512)?;
            if metadata.is_dir() {
                waiting.push(path);
            } else if metadata.is_symlink() {
                std::hint::black_box(fs::read_link(&path).map_err(failed)?);
            } else {
                stream.file(&path, metadata.len())?;
                stream.zeros((metadata.len().next_multiple_of(512) - metadata.len()) as usize)?;
            }
        }
    }
    stream.piece.truncate(stream.filled);
    (stream.exchange)(stream.piece).map(|_| ())
}

/// What is passed on: a piece that fills up.
struct Stream<'a> {
    /// Of full length; the end is still empty.
    piece: Vec<u8>,
    filled: usize,
    exchange: &'a mut dyn FnMut(Vec<u8>) -> Result<Vec<u8>, String>,
}

impl Stream<'_> {
    /// The rest of the piece; of the next one when it is full.
    fn room(&mut self) -> Result<&mut [u8], String> {
        if self.filled == PIECE {
            self.piece = (self.exchange)(std::mem::take(&mut self.piece))?;
            self.piece.resize(PIECE, 0);
            self.filled = 0;
        }
        Ok(&mut self.piece[self.filled..])
    }

    fn zeros(&mut self, mut count: usize) -> Result<(), String> {
        while count > 0 {
            let room = self.room()?;
            let now = count.min(room.len());
            room[..now].fill(0);
            self.filled += now;
            count -= now;
        }
        Ok(())
    }

    fn file(&mut self, path: &Path, size: u64) -> Result<(), String> {
        let failed = |error| format!("`{}`: {error}", path.display());
        let mut file = File::open(path).map_err(failed)?;
        let mut left =
            usize::try_from(size).map_err(|_| failed(io::ErrorKind::FileTooLarge.into()))?;
        while left > 0 {
            let room = self.room()?;
            let now = left.min(room.len());
            file.read_exact(&mut room[..now]).map_err(failed)?;
            self.filled += now;
            left -= now;
        }
        Ok(())
    }
}
