//! A piece to its bytes: the only place where the content of files is read for a layer.

use scant_core::formats::tar::{Part, Piece};
use scant_core::words::{FileContent, Problem, TreePath};

use super::{Change, LayerError};
use crate::inputs::Inputs;

/// Reads a piece. What was in `buffer` is replaced.
pub(super) fn read(
    piece: &Piece<'_>,
    inputs: &Inputs,
    buffer: &mut Vec<u8>,
) -> Result<(), LayerError> {
    // Buffers keep their size, so that only a new one is filled with zeros.
    buffer.resize(piece.size, 0);
    let mut rest = &mut buffer[..];
    for part in &piece.parts {
        let size = match part {
            Part::Bytes(bytes) => {
                rest[..bytes.len()].copy_from_slice(bytes);
                bytes.len()
            }
            Part::Content { path, file, offset, size } => {
                content(path, file, inputs, *offset, &mut rest[..*size])?;
                *size
            }
        };
        rest = &mut rest[size..];
    }
    Ok(())
}

/// Reads a range of a file, which must be as it was when the plan was made.
pub(super) fn content(
    at: &TreePath,
    file: &FileContent,
    inputs: &Inputs,
    offset: u64,
    buffer: &mut [u8],
) -> Result<(), LayerError> {
    let (input, path) = (&file.content.input, &file.content.path);
    let changed = |change| LayerError::Changed { input: input.clone(), path: path.clone(), change };
    let size = |found| changed(Change::Size { planned: file.size, found });
    let failed = |error: scant_core::words::InputError| match error.problem {
        Problem::NotFound => changed(Change::Gone),
        _ => LayerError::Input { input: input.clone(), source: error },
    };
    let opened = inputs
        .get(input)
        .ok_or_else(|| LayerError::NoInput { input: input.clone(), path: at.clone() })?;
    let reader = opened.open(path).map_err(failed)?;
    if reader.size() != file.size {
        return Err(size(reader.size()));
    }
    let mut filled = 0;
    while filled < buffer.len() {
        match reader.read_at(offset + filled as u64, &mut buffer[filled..]).map_err(failed)? {
            0 => return Err(changed(Change::Cut { planned: file.size })),
            count => filled += count,
        }
    }
    match (file.stamp, reader.stamp().map_err(failed)?) {
        (Some(planned), Some(now)) if planned != now => Err(changed(Change::Content)),
        (Some(_), Some(_)) => Ok(()),
        // Without stamps, one byte more than planned tells that somebody is writing to it.
        _ if offset + (filled as u64) < file.size => Ok(()),
        _ => match reader.read_at(file.size, &mut [0]).map_err(failed)? {
            0 => Ok(()),
            more => Err(size(file.size + more as u64)),
        },
    }
}
