//! Writes a cache in the new format, the same bytes for the same libraries in any order.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use core::cmp::Reverse;

use super::{
    Cache, EXTENSION_HWCAPS, EXTENSION_MAGIC, Entry, HWCAP_EXTENSION, NEW_ENTRY, NEW_HEADER,
    NEW_MAGIC, compare_names,
};
use crate::words::ByteOrder;

/// Encodes the entries for a loader of this byte order.
pub fn encode(cache: &Cache, order: ByteOrder) -> Vec<u8> {
    let entries = sorted(cache);
    let levels: BTreeSet<&Box<[u8]>> = entries.iter().filter_map(|e| e.hwcaps.as_ref()).collect();
    let levels: Vec<_> = levels.into_iter().collect();
    let mut strings = Strings::after(NEW_HEADER + entries.len() * NEW_ENTRY);
    let records: Vec<_> = entries
        .iter()
        .map(|entry| {
            let level = entry.hwcaps.as_ref().and_then(|level| levels.binary_search(&level).ok());
            let hwcap = level.map_or(0, |index| HWCAP_EXTENSION | index as u64);
            (entry.flags, strings.add(&entry.name), strings.add(&entry.path), hwcap)
        })
        .collect();
    let level_names: Vec<_> = levels.iter().map(|level| strings.add(level)).collect();

    let mut out = Output { bytes: NEW_MAGIC.to_vec(), order };
    out.u32(entries.len() as u32);
    out.u32(strings.bytes.len() as u32);
    let endianness = match order {
        ByteOrder::Little => 2,
        ByteOrder::Big => 3,
    };
    out.bytes.extend_from_slice(&[endianness, 0, 0, 0]);
    let extension = if level_names.is_empty() { 0 } else { strings.end().next_multiple_of(4) };
    out.u32(extension as u32);
    out.bytes.resize(NEW_HEADER, 0);
    for (flags, name, path, hwcap) in records {
        out.u32(flags);
        out.u32(name);
        out.u32(path);
        out.u32(0);
        out.u64(hwcap);
    }
    out.bytes.extend_from_slice(&strings.bytes);
    if !level_names.is_empty() {
        out.bytes.resize(extension, 0);
        out.u32(EXTENSION_MAGIC);
        out.u32(1);
        out.u32(EXTENSION_HWCAPS);
        out.u32(0);
        out.u32(extension as u32 + 24);
        out.u32(level_names.len() as u32 * 4);
        level_names.into_iter().for_each(|name| out.u32(name));
    }
    out.bytes
}

/// The order glibc searches in: names descending; of one name, entries for a CPU level first,
/// because the search ends at the first that is for any CPU.
fn sorted(cache: &Cache) -> Vec<&Entry> {
    let mut entries: Vec<_> = cache.entries.iter().collect();
    entries.sort_by(|a, b| {
        let rest = |e: &Entry| (Reverse(e.flags), e.hwcaps.is_none(), e.hwcaps.clone());
        compare_names(&b.name, &a.name)
            .then_with(|| b.name.cmp(&a.name))
            .then_with(|| rest(a).cmp(&rest(b)))
            .then_with(|| a.path.cmp(&b.path))
    });
    entries.dedup();
    entries
}

/// The string table, each string once; offsets count from the start of the file.
struct Strings {
    start: usize,
    bytes: Vec<u8>,
    known: BTreeMap<Box<[u8]>, u32>,
}

impl Strings {
    fn after(start: usize) -> Self {
        Self { start, bytes: Vec::new(), known: BTreeMap::new() }
    }

    fn add(&mut self, string: &[u8]) -> u32 {
        let offset = (self.start + self.bytes.len()) as u32;
        *self.known.entry(string.into()).or_insert_with(|| {
            self.bytes.extend_from_slice(string);
            self.bytes.push(0);
            offset
        })
    }

    fn end(&self) -> usize {
        self.start + self.bytes.len()
    }
}

struct Output {
    bytes: Vec<u8>,
    order: ByteOrder,
}

impl Output {
    fn u32(&mut self, value: u32) {
        self.bytes.extend_from_slice(&match self.order {
            ByteOrder::Little => value.to_le_bytes(),
            ByteOrder::Big => value.to_be_bytes(),
        });
    }

    fn u64(&mut self, value: u64) {
        self.bytes.extend_from_slice(&match self.order {
            ByteOrder::Little => value.to_le_bytes(),
            ByteOrder::Big => value.to_be_bytes(),
        });
    }
}
