//! Reads a cache of any format. A cache that contradicts itself is ignored, as glibc does.

use alloc::boxed::Box;
use alloc::vec::Vec;

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
        return new(bytes, order);
    }
    if !bytes.starts_with(OLD_MAGIC) {
        return None;
    }
    let field = Fields { bytes, order };
    let count = field.u32(12)? as usize;
    let strings = count.checked_mul(12)?.checked_add(16)?;
    // Compat: the new format follows at the next multiple of 8.
    let after = bytes.get(strings.next_multiple_of(8)..).unwrap_or_default();
    if after.starts_with(NEW_MAGIC) {
        return new(after, order);
    }
    bytes.get(..strings)?;
    let entry = |number: usize| {
        let at = 16 + number * 12;
        Some(Entry {
            name: string(bytes, strings.checked_add(field.u32(at + 4)? as usize)?)?,
            flags: field.u32(at)?,
            hwcaps: None,
            path: string(bytes, strings.checked_add(field.u32(at + 8)? as usize)?)?,
        })
    };
    Some(Cache::new((0..count).filter_map(entry).collect()))
}

fn new(bytes: &[u8], order: ByteOrder) -> Option<Cache> {
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
    bytes.get(..end.checked_add(field.u32(24)? as usize)?)?;
    let names = hwcaps_names(&field)?;
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
            name: string(bytes, field.u32(at + 4)? as usize)?,
            flags: field.u32(at)?,
            hwcaps,
            path: string(bytes, field.u32(at + 8)? as usize)?,
        })
    };
    Some(Cache::new((0..count).filter_map(entry).collect()))
}

/// The names of the extension that entries index; empty without one.
fn hwcaps_names(field: &Fields<'_>) -> Option<Vec<Box<[u8]>>> {
    let offset = field.u32(32)? as usize;
    if offset == 0 {
        return Some(Vec::new());
    }
    if field.u32(offset)? != EXTENSION_MAGIC {
        return None;
    }
    let count = field.u32(offset + 4)?.min(64) as usize;
    let section = (0..count)
        .map(|number| offset + 8 + number * 16)
        .find(|&at| field.u32(at) == Some(EXTENSION_HWCAPS));
    let Some(at) = section else {
        return Some(Vec::new());
    };
    let (start, size) = (field.u32(at + 8)? as usize, field.u32(at + 12)? as usize);
    (0..size.min(4096) / 4)
        .map(|number| string(field.bytes, field.u32(start.checked_add(number * 4)?)? as usize))
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

/// The NUL-terminated string at this offset.
fn string(bytes: &[u8], at: usize) -> Option<Box<[u8]>> {
    let rest = bytes.get(at..)?;
    let end = rest.iter().position(|&b| b == 0)?;
    Some(rest[..end].into())
}
