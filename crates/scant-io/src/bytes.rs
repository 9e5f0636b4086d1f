//! Values of different lengths in a row of bytes, and back. Whoever reads them has made sure that
//! they are those that were written.

use scant_core::words::Digest;

/// Adds bytes, with their length before them.
pub(crate) fn put(to: &mut Vec<u8>, bytes: &[u8]) {
    put_number(to, bytes.len());
    to.extend_from_slice(bytes);
}

/// Adds a number. What is counted here is far from the limit, and reads as damaged beyond it.
pub(crate) fn put_number(to: &mut Vec<u8>, number: usize) {
    to.extend_from_slice(&u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes());
}

/// What is left to be read. Each method is none when that is something else.
pub(crate) struct Bytes<'a>(pub(crate) &'a [u8]);

impl<'a> Bytes<'a> {
    /// The next bytes, of which there are this many.
    pub(crate) fn array<const SIZE: usize>(&mut self) -> Option<&'a [u8; SIZE]> {
        let (bytes, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(bytes)
    }

    /// What [`put_number`] added.
    pub(crate) fn number(&mut self) -> Option<usize> {
        usize::try_from(u32::from_le_bytes(*self.array()?)).ok()
    }

    /// What [`put`] added.
    pub(crate) fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = self.number()?;
        let (bytes, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(bytes)
    }

    /// A text that [`put`] added.
    pub(crate) fn text(&mut self) -> Option<&'a str> {
        str::from_utf8(self.bytes()?).ok()
    }

    /// The bytes of a digest.
    pub(crate) fn digest(&mut self) -> Option<Digest> {
        self.array().map(|bytes| Digest::from_bytes(*bytes))
    }

    /// As many values as the next number says.
    pub(crate) fn list<T>(
        &mut self,
        mut item: impl FnMut(&mut Self) -> Option<T>,
    ) -> Option<Vec<T>> {
        let count = self.number()?;
        // Each has a byte at least, so that no number asks for more room than there are bytes.
        let mut items = Vec::with_capacity(count.min(self.0.len()));
        for _ in 0..count {
            items.push(item(self)?);
        }
        Some(items)
    }
}
