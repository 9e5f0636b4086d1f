//! Reads a cache of any format. As in glibc, a cache whose table of entries is cut off is ignored,
//! and an entry whose strings are not there is no entry.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::cell::Cell;

use super::{
    Cache, EXTENSION_HWCAPS, EXTENSION_MAGIC, Entry, HWCAP_EXTENSION, NEW_ENTRY, NEW_HEADER,
    NEW_MAGIC, OLD_MAGIC,
};
use crate::words::ByteOrder;

/// The low bits of an entry's `hwcap` that hold an ISA level beside the extension's index.
const HWCAP_ISA_LEVEL: u64 = 0x3ff << 32;

/// Parses a cache written for a loader of this byte order; none when it is no cache, truncated, or
/// inconsistent.
pub fn parse(bytes: &[u8], order: ByteOrder) -> Option<Cache> {
    if bytes.starts_with(NEW_MAGIC) {
        return new(bytes, bytes, order);
    }
    if !bytes.starts_with(OLD_MAGIC) {
        return None;
    }
    let field = Fields { bytes, order };
    let count = field.u32(12)? as usize;
    let strings = count.checked_mul(12)?.checked_add(16)?;
    // Compat: the new format follows, aligned as the machine aligns a 64-bit number.
    for alignment in [8, 4] {
        let after = bytes.get(strings.checked_next_multiple_of(alignment)?..).unwrap_or_default();
        if after.starts_with(NEW_MAGIC) {
            return new(after, bytes, order);
        }
    }
    let text = Text::new(bytes.get(strings..)?, bytes.len());
    let entry = |number: usize| {
        let at = 16 + number * 12;
        Some(Entry {
            name: text.at(field.u32(at + 4)?)?,
            flags: field.u32(at)?,
            hwcaps: None,
            path: text.at(field.u32(at + 8)?)?,
        })
    };
    Some(Cache::new((0..count).filter_map(entry).collect()))
}

/// The new format. Offsets of strings count from its header, but those of the extension and its
/// names from the beginning of the file.
///
/// In a compat cache `ldconfig` counts the names of levels from the header too, so the loader does
/// not know them again and takes no entry of a level. What is read here is what the loader reads.
fn new(bytes: &[u8], file: &[u8], order: ByteOrder) -> Option<Cache> {
    let field = Fields { bytes, order };
    // 0: written before the flag existed; 2 little, 3 big endian.
    let fits = match bytes.get(28)? & 3 {
        0 => true,
        2 => order == ByteOrder::Little,
        3 => order == ByteOrder::Big,
        _ => false,
    };
    if !fits {
        return None;
    }
    let count = field.u32(20)? as usize;
    let end = count.checked_mul(NEW_ENTRY)?.checked_add(NEW_HEADER)?;
    bytes.get(..end)?;
    let text = Text::new(bytes, bytes.len());
    let extension = field.u32(32)? as usize;
    let names = Text::new(file, file.len());
    let names = hwcaps_names(&Fields { bytes: file, order }, extension, &names).unwrap_or_default();
    let entry = |number: usize| {
        let at = NEW_HEADER + number * NEW_ENTRY;
        let hwcap = u64::from(field.u32(at + 16)?) | (u64::from(field.u32(at + 20)?) << 32);
        let hwcap = match order {
            ByteOrder::Little => hwcap,
            ByteOrder::Big => hwcap.rotate_left(32),
        };
        let hwcaps = match hwcap {
            0 => None,
            _ if hwcap & !0xffff_ffff & !HWCAP_ISA_LEVEL == HWCAP_EXTENSION => {
                Some(names.get(hwcap as u32 as usize)?.clone())
            }
            // Subdirectories of before glibc 2.33: loaders since 2.37 skip them, and a plain entry
            // for the same name always stands beside.
            _ => return None,
        };
        Some(Entry {
            name: text.at(field.u32(at + 4)?)?,
            flags: field.u32(at)?,
            hwcaps,
            path: text.at(field.u32(at + 8)?)?,
        })
    };
    Some(Cache::new((0..count).filter_map(entry).collect()))
}

/// The names of the extension that entries index; none without one.
fn hwcaps_names(field: &Fields<'_>, offset: usize, text: &Text<'_>) -> Option<Vec<Box<[u8]>>> {
    if offset == 0 || field.u32(offset)? != EXTENSION_MAGIC {
        return None;
    }
    let first = offset.checked_add(8)?;
    let count = field.u32(offset.checked_add(4)?)?.min(64) as usize;
    let at = (0..count)
        .filter_map(|number| first.checked_add(number * 16))
        .find(|&at| field.u32(at) == Some(EXTENSION_HWCAPS))?;
    let value = |place: usize| Some(field.u32(at.checked_add(place)?)? as usize);
    let (start, size) = (value(8)?, value(12)?);
    (0..size.min(4096) / 4)
        .map(|number| text.at(field.u32(start.checked_add(number * 4)?)?))
        .collect()
}

struct Fields<'a> {
    bytes: &'a [u8],
    order: ByteOrder,
}

impl Fields<'_> {
    fn u32(&self, at: usize) -> Option<u32> {
        let array = self.bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(match self.order {
            ByteOrder::Little => u32::from_le_bytes(array),
            ByteOrder::Big => u32::from_be_bytes(array),
        })
    }
}

/// What offsets of strings count in.
struct Text<'a> {
    bytes: &'a [u8],
    /// How many bytes may still be taken: entries that all point at one long string would else
    /// fill the memory.
    left: Cell<usize>,
}

/// Linux opens no path that is longer, `PATH_MAX`.
const LONGEST_STRING: usize = 4096;

/// Strings share their ends, names those of paths: in a true cache they are together less than
/// twice the file.
const MOST_SHARING: usize = 8;

impl<'a> Text<'a> {
    fn new(bytes: &'a [u8], file_size: usize) -> Self {
        Self { bytes, left: Cell::new(file_size.saturating_mul(MOST_SHARING)) }
    }

    /// The NUL-terminated string at this offset.
    fn at(&self, offset: u32) -> Option<Box<[u8]>> {
        let rest = self.bytes.get(offset as usize..)?;
        let rest = &rest[..rest.len().min(LONGEST_STRING).min(self.left.get())];
        let end = rest.iter().position(|&b| b == 0);
        self.left.set(self.left.get() - end.unwrap_or(rest.len()));
        Some(rest[..end?].into())
    }
}
