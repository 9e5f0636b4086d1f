//! Numbers in the byte order and width of a machine.

use super::Machine;

/// Bytes under construction.
pub(crate) struct Bytes {
    big_endian: bool,
    wide: bool,
    bytes: Vec<u8>,
}

impl Bytes {
    pub(crate) fn new(machine: Machine) -> Self {
        Self { big_endian: machine.is_big_endian(), wide: machine.is_64_bit(), bytes: Vec::new() }
    }

    pub(crate) fn raw(&mut self, bytes: &[u8]) -> &mut Self {
        self.bytes.extend_from_slice(bytes);
        self
    }

    pub(crate) fn u16(&mut self, value: u16) -> &mut Self {
        let bytes = if self.big_endian { value.to_be_bytes() } else { value.to_le_bytes() };
        self.raw(&bytes)
    }

    pub(crate) fn u32(&mut self, value: u32) -> &mut Self {
        let bytes = if self.big_endian { value.to_be_bytes() } else { value.to_le_bytes() };
        self.raw(&bytes)
    }

    pub(crate) fn u64(&mut self, value: u64) -> &mut Self {
        let bytes = if self.big_endian { value.to_be_bytes() } else { value.to_le_bytes() };
        self.raw(&bytes)
    }

    /// An address, an offset or a size: four bytes or eight, by class.
    pub(crate) fn word(&mut self, value: u64) -> &mut Self {
        if self.wide { self.u64(value) } else { self.u32(value as u32) }
    }

    pub(crate) fn pad_to(&mut self, align: usize) -> &mut Self {
        self.bytes.resize(self.bytes.len().next_multiple_of(align), 0);
        self
    }

    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.bytes
    }
}

/// A string table: strings by the offset they got.
pub(crate) struct Strings(Vec<u8>);

impl Strings {
    pub(crate) fn new() -> Self {
        Self(vec![0])
    }

    pub(crate) fn add(&mut self, string: &[u8]) -> u32 {
        if string.is_empty() {
            return 0;
        }
        let offset = self.0.len();
        self.0.extend_from_slice(string);
        self.0.push(0);
        u32::try_from(offset).expect("a string table made in a test is small")
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.0
    }
}
