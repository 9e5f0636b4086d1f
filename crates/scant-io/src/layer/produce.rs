//! A tree to the pieces of its tar stream.

use scant_core::formats::tar;
use scant_core::words::{FileContent, Hasher, Tree, TreePath};

use super::{LayerError, PIECE};
use crate::inputs::Inputs;

/// Takes full buffers and gives empty ones back; none when nobody wants them any more.
pub(super) type Exchange<'a> = dyn FnMut(Vec<u8>) -> Option<Vec<u8>> + 'a;

/// The stream while it is cut into pieces.
struct Stream<'a> {
    /// Always of the size of a piece; what is beyond `filled` is left over from another.
    buffer: Vec<u8>,
    filled: usize,
    hasher: Hasher,
    size: u64,
    exchange: &'a mut Exchange<'a>,
}

/// Why a stream ends early.
pub(super) enum Stop {
    /// It failed.
    Failed(LayerError),
    /// Whoever takes the pieces has failed, and says why.
    Unwanted,
}

impl<E: Into<LayerError>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// Writes the tar archive of `tree` in pieces. Returns its digest and size.
pub(super) fn produce<'a>(
    tree: &Tree,
    inputs: &Inputs,
    mtime: u64,
    first: Vec<u8>,
    exchange: &'a mut Exchange<'a>,
) -> Result<(scant_core::words::Digest, u64), Stop> {
    let (buffer, hasher) = (whole(first), Hasher::default());
    let mut stream = Stream { buffer, filled: 0, hasher, size: 0, exchange };
    for step in tar::recipe(tree, mtime)? {
        stream.write(&step.header)?;
        if let Some(content) = step.content {
            stream.file(step.path, content, inputs)?;
            stream.write(&tar::END[..tar::padding(content.size)])?;
        }
    }
    stream.write(&tar::END)?;
    stream.pass_on(true)?;
    Ok((stream.hasher.finish(), stream.size))
}

impl Stream<'_> {
    fn write(&mut self, mut bytes: &[u8]) -> Result<(), Stop> {
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(PIECE - self.filled));
            self.buffer[self.filled..][..now.len()].copy_from_slice(now);
            self.filled += now.len();
            bytes = later;
            self.pass_on(false)?;
        }
        Ok(())
    }

    /// Hands the buffer over if it is full, or at the end if anything is in it.
    fn pass_on(&mut self, end: bool) -> Result<(), Stop> {
        if self.filled == PIECE || (end && self.filled > 0) {
            let mut full = std::mem::take(&mut self.buffer);
            full.truncate(self.filled);
            self.hasher.update(&full);
            self.size += full.len() as u64;
            self.buffer = whole((self.exchange)(full).ok_or(Stop::Unwanted)?);
            self.filled = 0;
        }
        Ok(())
    }

    /// Reads a file straight into the pieces. It must have the size of the plan.
    fn file(&mut self, at: &TreePath, file: &FileContent, inputs: &Inputs) -> Result<(), Stop> {
        let (input, path) = (&file.content.input, &file.content.path);
        let opened = inputs
            .get(input)
            .ok_or_else(|| LayerError::NoInput { input: input.clone(), path: at.clone() })?;
        let failed = |source| LayerError::Input { input: input.clone(), source };
        let changed = |found| LayerError::Changed {
            input: input.clone(),
            path: path.clone(),
            planned: file.size,
            found,
        };
        let reader = opened.open(path).map_err(failed)?;
        if reader.size() != file.size {
            return Err(changed(reader.size()).into());
        }
        let mut offset = 0;
        while offset < file.size {
            let left = usize::try_from(file.size - offset).unwrap_or(PIECE);
            let end = self.filled + left.min(PIECE - self.filled);
            let count =
                reader.read_at(offset, &mut self.buffer[self.filled..end]).map_err(failed)?;
            self.filled += count;
            if count == 0 {
                return Err(changed(offset).into());
            }
            offset += count as u64;
            self.pass_on(false)?;
        }
        // One byte more than planned means that somebody is writing to it.
        match reader.read_at(offset, &mut [0]).map_err(failed)? {
            0 => Ok(()),
            more => Err(changed(offset + more as u64).into()),
        }
    }
}

/// A buffer in the size of a piece. Only one that is new or was the last of a stream is filled up.
fn whole(mut buffer: Vec<u8>) -> Vec<u8> {
    buffer.resize(PIECE, 0);
    buffer
}
