//! The file header, judged as glibc's `open_verify` judges it, and the program headers.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::reader::{Reader, damaged};
use super::{ElfError, MAGIC};
use crate::words::{ByteOrder, Class};

/// The ELF64 header's size; an ELF32 one is 52 bytes.
pub(super) const LONGEST: u64 = 64;

/// The ELF32 header's size.
const SHORTEST: usize = 52;

/// More program headers than any linker writes: what has more is hostile.
const MOST_SEGMENTS: u16 = 1024;

/// The fields of the header that loaders judge a file by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// `EI_CLASS`.
    pub class: Class,
    /// `EI_DATA`.
    pub order: ByteOrder,
    /// `EI_VERSION`.
    pub ident_version: u8,
    /// `EI_OSABI`: 0 System V, 3 GNU.
    pub os_abi: u8,
    /// `EI_ABIVERSION`.
    pub abi_version: u8,
    /// Whether the padding of `e_ident` is zero.
    pub padding_is_zero: bool,
    /// `e_type`.
    pub file_type: FileType,
    /// `e_machine`.
    pub machine: u16,
    /// `e_version`.
    pub version: u32,
    /// `e_flags`.
    pub flags: u32,
    /// `e_phentsize`.
    pub segment_size: u16,
    segment_count: u16,
    segments_at: u64,
}

/// `e_type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "ELF's own names")]
pub enum FileType {
    Relocatable,
    Executable,
    Shared,
    Core,
    Other(u16),
}

/// Why bytes are no ELF header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeaderFault {
    /// The file is empty.
    #[error("the file is empty")]
    Empty,
    /// The file ends inside the header.
    #[error("the file is too short to be ELF")]
    TooShort,
    /// The first four bytes are others.
    #[error("not an ELF file")]
    NotElf,
    /// `EI_CLASS` is neither 1 nor 2.
    #[error("an ELF file of unknown class {0}")]
    UnknownClass(u8),
    /// `EI_DATA` is neither 1 nor 2.
    #[error("an ELF file of unknown byte order {0}")]
    UnknownByteOrder(u8),
}

/// One program header.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment {
    pub(super) kind: u32,
    pub(super) offset: u64,
    pub(super) address: u64,
    pub(super) file_size: u64,
}

impl Segment {
    pub(super) const DYNAMIC: u32 = 2;
    pub(super) const INTERPRETER: u32 = 3;
    pub(super) const LOAD: u32 = 1;
    pub(super) const NOTE: u32 = 4;
    /// `PT_GNU_PROPERTY`.
    pub(super) const PROPERTY: u32 = 0x6474_e553;

    pub(super) fn is_load(&self) -> bool {
        self.kind == Self::LOAD
    }
}

impl Header {
    /// Parses the first bytes of a file.
    ///
    /// # Errors
    /// When they are no ELF header.
    pub fn parse(start: &[u8]) -> Result<Self, HeaderFault> {
        if start.is_empty() {
            return Err(HeaderFault::Empty);
        }
        if !start.starts_with(&MAGIC) {
            return Err(HeaderFault::NotElf);
        }
        // Loaders look at no field of a file that is shorter than a header.
        if start.len() < SHORTEST {
            return Err(HeaderFault::TooShort);
        }
        let &[_, _, _, _, class, data, ident_version, os_abi, abi_version, ref padding @ ..] =
            start
        else {
            return Err(HeaderFault::TooShort);
        };
        let class = match class {
            1 => Class::Elf32,
            2 => Class::Elf64,
            other => return Err(HeaderFault::UnknownClass(other)),
        };
        let order = match data {
            1 => ByteOrder::Little,
            2 => ByteOrder::Big,
            other => return Err(HeaderFault::UnknownByteOrder(other)),
        };
        let wide = class == Class::Elf64;
        if wide && start.len() < LONGEST as usize {
            return Err(HeaderFault::TooShort);
        }
        let number = |at: usize, size: usize| number(order, &start[at..at + size]);
        let tail = if wide { 48 } else { 36 };
        Ok(Self {
            class,
            order,
            ident_version,
            os_abi,
            abi_version,
            padding_is_zero: padding.iter().take(7).all(|&b| b == 0),
            file_type: FileType::from_number(number(16, 2) as u16),
            machine: number(18, 2) as u16,
            version: number(20, 4) as u32,
            flags: number(tail, 4) as u32,
            segment_size: number(tail + 6, 2) as u16,
            segment_count: number(tail + 8, 2) as u16,
            segments_at: if wide { number(32, 8) } else { number(28, 4) },
        })
    }

    /// Whether the program headers are such as the kernel and loaders read.
    pub fn has_segments(&self) -> bool {
        self.segment_count > 0 && self.segment_size == self.expected_segment_size()
    }

    /// The size a program header must have in this class.
    pub fn expected_segment_size(&self) -> u16 {
        match self.class {
            Class::Elf32 => 32,
            Class::Elf64 => 56,
        }
    }
}

impl FileType {
    fn from_number(number: u16) -> Self {
        match number {
            1 => Self::Relocatable,
            2 => Self::Executable,
            3 => Self::Shared,
            4 => Self::Core,
            other => Self::Other(other),
        }
    }
}

fn number(order: ByteOrder, bytes: &[u8]) -> u64 {
    let shift = |value, &byte: &u8| (value << 8) | u64::from(byte);
    match order {
        ByteOrder::Little => bytes.iter().rev().fold(0, shift),
        ByteOrder::Big => bytes.iter().fold(0, shift),
    }
}

/// The program headers. A file whose `e_phentsize` is wrong has none that a loader would read.
pub(super) fn segments(reader: &Reader<'_>, header: &Header) -> Result<Vec<Segment>, ElfError> {
    let size = header.expected_segment_size();
    if !header.has_segments() {
        return Ok(Vec::new());
    }
    if header.segment_count > MOST_SEGMENTS {
        return Err(damaged("more program headers than any program has"));
    }
    let length = u64::from(size) * u64::from(header.segment_count);
    let table = reader.bytes(header.segments_at, length, "the program header table")?;
    Ok(table.chunks_exact(size.into()).map(|record| segment(reader, record)).collect())
}

fn segment(reader: &Reader<'_>, record: &[u8]) -> Segment {
    let (offset, address, file_size) = match reader.class {
        Class::Elf32 => (4, 8, 16),
        Class::Elf64 => (8, 16, 32),
    };
    Segment {
        kind: reader.u32(record, 0),
        offset: reader.word(record, offset),
        address: reader.word(record, address),
        file_size: reader.word(record, file_size),
    }
}

/// `PT_INTERP`. The kernel wants a NUL at its end and reads up to the first one.
pub(super) fn interpreter(
    reader: &Reader<'_>,
    segments: &[Segment],
) -> Result<Option<Box<[u8]>>, ElfError> {
    let Some(segment) = segments.iter().find(|s| s.kind == Segment::INTERPRETER) else {
        return Ok(None);
    };
    // The kernel refuses longer ones: PATH_MAX.
    if !(2..=4096).contains(&segment.file_size) {
        return Err(damaged("PT_INTERP is empty or longer than 4096 bytes"));
    }
    let bytes = reader.bytes(segment.offset, segment.file_size, "PT_INTERP")?;
    match bytes.iter().position(|&b| b == 0) {
        Some(end) if bytes.last() == Some(&0) => Ok(Some(bytes[..end].into())),
        _ => Err(damaged("PT_INTERP does not end in a NUL byte")),
    }
}

/// The file offset of a virtual address, through `PT_LOAD`.
pub(super) fn offset_of(segments: &[Segment], address: u64) -> Option<u64> {
    segments.iter().filter(|s| s.is_load()).find_map(|s| {
        let into = address.checked_sub(s.address)?;
        (into < s.file_size).then(|| s.offset.checked_add(into))?
    })
}
