//! Takes numbers and strings off the front of bytes. None means that they end too early.

/// What is left to read.
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    pub(super) fn u8(&mut self) -> Option<u8> {
        self.array().map(|[byte]| byte)
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_be_bytes)
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_be_bytes)
    }

    /// A number without its leading zeros: two bytes that count its bits, then its bytes.
    /// [RFC 9580, 3.2](https://www.rfc-editor.org/rfc/rfc9580#section-3.2).
    pub(super) fn mpi(&mut self) -> Option<&'a [u8]> {
        let bits = self.u16()?;
        let bytes = self.take(usize::from(bits).div_ceil(8))?;
        let start = bytes.iter().position(|&byte| byte != 0).unwrap_or(bytes.len());
        Some(&bytes[start..])
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
