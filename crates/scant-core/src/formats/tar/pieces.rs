//! The archive of a tree in pieces of about a mebibyte: what is read, compressed and remembered as
//! one. Nothing is read here.
//!
//! Where pieces end depends on names and sizes alone, never on content, threads or how much a read
//! returns. And mostly on what is near: when a file comes, goes or grows, the pieces of what
//! stands well before and after it stay the same.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::{END, LinkError, Step, padding, recipe};
use crate::words::{FileContent, Tree, TreePath};

/// The size that no piece exceeds, but for one of a single header that is larger. Changing it, or
/// where pieces end, changes the digest of every compressed layer.
pub const PIECE: usize = 1 << 20;

/// Consecutive bytes of an archive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Piece<'a> {
    /// What it consists of, in order.
    pub parts: Vec<Part<'a>>,
    /// The sum of their sizes, in bytes.
    pub size: usize,
}

/// A part of a piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part<'a> {
    /// Headers, padding, or the end of the archive.
    Bytes(Vec<u8>),
    /// A range of a file's content.
    Content {
        /// The path of the file in the image.
        path: &'a TreePath,
        /// Where it is read.
        file: &'a FileContent,
        /// Where the range begins, in bytes.
        offset: u64,
        /// Its size in bytes.
        size: usize,
    },
}

/// The whole archive of `tree`, its end included.
///
/// # Errors
/// When a hard link leads to anything but a regular file of the tree.
pub fn pieces(tree: &Tree, mtime: u64) -> Result<impl Iterator<Item = Piece<'_>>, Box<LinkError>> {
    let steps = recipe(tree, mtime)?;
    Ok(Pieces { steps, next: None, piece: Piece::default(), file: None, ended: false })
}

struct Pieces<'a, S> {
    steps: S,
    /// A step that begins the next piece.
    next: Option<Step<'a>>,
    piece: Piece<'a>,
    /// The file whose content is being cut, and where.
    file: Option<(&'a TreePath, &'a FileContent, u64)>,
    ended: bool,
}

impl<'a, S: Iterator<Item = Step<'a>>> Iterator for Pieces<'a, S> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        loop {
            if let Some((path, file, offset)) = self.file.take() {
                if self.piece.size >= PIECE {
                    self.file = Some((path, file, offset));
                    return Some(core::mem::take(&mut self.piece));
                }
                self.content(path, file, offset);
                continue;
            }
            let Some(step) = self.next.take().or_else(|| self.steps.next()) else {
                return self.end();
            };
            if self.ends_before(&step) {
                self.next = Some(step);
                return Some(core::mem::take(&mut self.piece));
            }
            self.bytes(&step.header);
            self.file = step.content.map(|file| (step.path, file, 0));
        }
    }
}

impl<'a, S> Pieces<'a, S> {
    /// Whether the piece is finished before a step begins. Small files are not cut. Large ones
    /// begin a piece, so that how they are cut depends on nothing else. From half a piece on, one
    /// path in four ends it, wherever the piece began.
    fn ends_before(&self, step: &Step<'_>) -> bool {
        let content = step.content.map_or(0, |content| content.size);
        let is_large =
            step.header.len() as u64 + content > (PIECE - self.piece.size.min(PIECE)) as u64;
        let is_end = self.piece.size >= PIECE / 2 && hash(step.path.as_bytes()).is_multiple_of(4);
        self.piece.size > 0 && (is_large || is_end)
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.piece.size += bytes.len();
        match self.piece.parts.last_mut() {
            Some(Part::Bytes(last)) => last.extend_from_slice(bytes),
            _ if bytes.is_empty() => {}
            _ => self.piece.parts.push(Part::Bytes(bytes.to_vec())),
        }
    }

    /// As much content as the piece has room for, and the padding when that is all. Both end at a
    /// multiple of the block, as pieces do: there is room for the padding.
    fn content(&mut self, path: &'a TreePath, file: &'a FileContent, offset: u64) {
        let room = PIECE - self.piece.size;
        let size = usize::try_from(file.size - offset).map_or(room, |left| left.min(room));
        if size > 0 {
            self.piece.size += size;
            self.piece.parts.push(Part::Content { path, file, offset, size });
        }
        let offset = offset + size as u64;
        if offset == file.size {
            self.bytes(&END[..padding(file.size)]);
        } else {
            self.file = Some((path, file, offset));
        }
    }

    fn end(&mut self) -> Option<Piece<'a>> {
        if self.ended {
            return None;
        }
        if self.piece.size + END.len() > PIECE && self.piece.size > 0 {
            return Some(core::mem::take(&mut self.piece));
        }
        self.ended = true;
        self.bytes(&END);
        Some(core::mem::take(&mut self.piece))
    }
}

/// FNV-1a, spread over all bits: any function of the path would do.
fn hash(path: &[u8]) -> u32 {
    let hash = path
        .iter()
        .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193));
    hash ^ hash >> 16
}

#[cfg(test)]
mod tests;
