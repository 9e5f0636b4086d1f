//! Whether a file defines given dynamic symbols. No symbol is resolved here.

use alloc::vec::Vec;

use super::ElfError;
use super::dynamic::{self, last};
use super::header::{Segment, offset_of};
use super::reader::Reader;
use crate::words::Class;

const SYMTAB: u64 = 6;
const HASH: u64 = 4;
const GNU_HASH: u64 = 0x6fff_fef5;

/// More symbols than any library has.
const MOST_SYMBOLS: u64 = 1 << 22;

/// For each of `names`, whether the dynamic symbol table defines it. `DT_HASH` is looked at first,
/// as musl does, then `DT_GNU_HASH`.
pub(super) fn defined(
    reader: &Reader<'_>,
    segments: &[Segment],
    names: &[&[u8]],
) -> Result<Vec<bool>, ElfError> {
    let mut found = alloc::vec![false; names.len()];
    let Some(entries) = dynamic::entries(reader, segments)? else {
        return Ok(found);
    };
    let at = |tag| last(&entries, tag).and_then(|address| offset_of(segments, address));
    let (Some(table), Some(strings)) = (at(SYMTAB), dynamic::string_table(&entries, segments))
    else {
        return Ok(found);
    };
    // The symbol table has no length of its own: DT_HASH tells it; else the string table that
    // linkers put right behind it ends it.
    let (size, section_index) = match reader.class {
        Class::Elf32 => (16, 14),
        Class::Elf64 => (24, 6),
    };
    let count = match at(HASH) {
        Some(hash) => reader.u32(&reader.bytes(hash, 8, "DT_HASH")?, 4).into(),
        None if at(GNU_HASH).is_some() && strings > table => (strings - table) / size,
        None => 0,
    };
    // Only as much of a name is read as tells whether it is wanted.
    let longest = names.iter().map(|name| name.len() as u64 + 1).max().unwrap_or(0);
    for number in 0..count.min(MOST_SYMBOLS) {
        let record = reader.bytes(table.saturating_add(number * size), size, "a symbol")?;
        if reader.u16(&record, section_index) == 0 {
            continue;
        }
        let offset = strings.saturating_add(reader.u32(&record, 0).into());
        let start = reader.pages.up_to(offset, longest)?;
        let name = start.split(|&b| b == 0).next().filter(|name| name.len() < start.len());
        if let Some(index) = names.iter().position(|wanted| Some(*wanted) == name) {
            found[index] = true;
        }
    }
    Ok(found)
}
