//! The digests of files that a plan takes, read as the layer is going to read them: with the same
//! demands that nothing has changed since the plan was made.

use scant_core::words::{Digest, FileContent, Hasher};

use super::LayerError;
use super::read::content;
use crate::inputs::Inputs;
use crate::registry::each;

/// So much is read at once.
const CHUNK: usize = 1 << 20;

/// The digest of each file, in their order. Several are read at a time.
///
/// # Errors
/// When one cannot be read, or is not what it was when the plan was made.
pub fn digests(files: &[&FileContent], inputs: &Inputs) -> Result<Vec<Digest>, LayerError> {
    each(files, |file| digest(file, inputs))
}

fn digest(file: &FileContent, inputs: &Inputs) -> Result<Digest, LayerError> {
    let (mut hasher, mut offset) = (Hasher::default(), 0);
    let size = |left: u64| usize::try_from(left).map_or(CHUNK, |left| left.min(CHUNK));
    let mut buffer = vec![0; size(file.size)];
    // Once even of an empty file: it may not be empty any more.
    loop {
        let part = &mut buffer[..size(file.size - offset)];
        content(&file.content.path, file, inputs, offset, part)?;
        hasher.update(part);
        offset += part.len() as u64;
        if offset >= file.size {
            return Ok(hasher.finish());
        }
    }
}
