//! The names of the dynamic symbols that a file leaves undefined. Nothing is resolved here.

use alloc::boxed::Box;
use alloc::collections::BTreeSet;

use super::dynamic::{self, last};
use super::header::{self, Header, offset_of};
use super::reader::{Pages, Reader};
use super::{Elf, ElfError};
use crate::words::{Class, ReadAt};

const SYMTAB: u64 = 6;
const STRSZ: u64 = 10;
const HASH: u64 = 4;
const GNU_HASH: u64 = 0x6fff_fef5;

/// More symbols than any library leaves undefined.
const MOST_SYMBOLS: u64 = 1 << 18;

impl Elf {
    /// The names of undefined dynamic symbols that `is_wanted`.
    ///
    /// # Errors
    /// As [`Elf::parse`].
    pub fn imports(
        file: &dyn ReadAt,
        is_wanted: &dyn Fn(&[u8]) -> bool,
    ) -> Result<BTreeSet<Box<[u8]>>, ElfError> {
        let pages = Pages::new(file);
        let start = pages.up_to(0, header::LONGEST)?;
        let header = Header::parse(&start)?;
        let reader = Reader::new(&pages, header.class, header.order);
        let segments = header::segments(&reader, &header)?;
        let Some(entries) = dynamic::entries(&reader, &segments)? else {
            return Ok(BTreeSet::new());
        };
        let at = |tag| last(&entries, tag).and_then(|address| offset_of(&segments, address));
        let (Some(table), Some(strings)) = (at(SYMTAB), dynamic::string_table(&entries, &segments))
        else {
            return Ok(BTreeSet::new());
        };
        let (size, section_index) = match reader.class {
            Class::Elf32 => (16_usize, 14),
            Class::Elf64 => (24, 6),
        };
        let by_strings = || strings.checked_sub(table).map_or(0, |bytes| bytes / size as u64);
        let count = match (at(HASH), at(GNU_HASH)) {
            (Some(hash), _) => reader.u32(&reader.bytes(hash, 8, "DT_HASH")?, 4).into(),
            (None, Some(hash)) => {
                // Undefined symbols lie before those that are hashed; a table that hashes none
                // says so by the number 1.
                let first = reader.u32(&reader.bytes(hash, 8, "DT_GNU_HASH")?, 4);
                if first > 1 { first.into() } else { by_strings() }
            }
            (None, None) => 0,
        };
        let symbols = pages.up_to(table, count.min(MOST_SYMBOLS) * size as u64)?;
        let text = pages.up_to(strings, last(&entries, STRSZ).unwrap_or(0))?;
        let mut names = BTreeSet::new();
        for record in symbols.chunks_exact(size) {
            if reader.u16(record, section_index) != 0 {
                continue;
            }
            let rest = text.get(reader.u32(record, 0) as usize..).unwrap_or_default();
            let name = rest.split(|&byte| byte == 0).next().unwrap_or_default();
            if !name.is_empty() && is_wanted(name) {
                names.insert(name.into());
            }
        }
        Ok(names)
    }
}
