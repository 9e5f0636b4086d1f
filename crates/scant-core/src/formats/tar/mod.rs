//! How a tree is written as a tar archive: headers and the order of entries, never file content.
//!
//! A layer is ustar, with a PAX extended header only before entries that ustar cannot say. The
//! bytes are those that Go's `archive/tar` writes for the same fields, so that a layer made by
//! containerd (and BuildKit on it) from the same files has the same diff ID. Changing any of them
//! changes every image.
//!
//! Reading archives is not here.

mod header;
mod pieces;
mod recipe;

pub use header::{EntryType, Header};
pub use pieces::{PIECE, Part, Piece, pieces};
pub use recipe::{LinkError, Step, recipe};

/// Tar counts in blocks of this size: headers, and content with its padding.
pub const BLOCK: usize = 512;

/// What ends an archive: two blocks of zeros.
/// [pax, ustar interchange format](https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13_06).
pub const END: [u8; 2 * BLOCK] = [0; 2 * BLOCK];

/// How many zero bytes follow content of `size` bytes.
pub fn padding(size: u64) -> usize {
    (size.wrapping_neg() % BLOCK as u64) as usize
}

#[cfg(test)]
mod tests;
