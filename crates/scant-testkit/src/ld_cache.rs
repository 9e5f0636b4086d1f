//! Makes `ld.so.cache` files: what ldconfig would write, in any of its formats and byte orders.

use std::cmp::{Ordering, Reverse};

use crate::elf::{Bytes, Machine, Strings};

/// The three formats that glibc has read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheFormat {
    /// `ld.so-1.7.0` alone.
    Old,
    /// `glibc-ld.so.cache1.1` alone, the default since glibc 2.32.
    New,
    /// The old one, with the new one behind it.
    Compat,
}

/// A cache to be made. Entries are sorted as the loader's binary search wants them.
#[derive(Clone, Debug)]
#[must_use]
pub struct LdCache {
    machine: Machine,
    format: CacheFormat,
    entries: Vec<Entry>,
}

#[derive(Clone, Debug)]
struct Entry {
    name: String,
    path: String,
    flags: u32,
    /// The `glibc-hwcaps` level, in caches of the new format.
    level: Option<String>,
}

const OLD_MAGIC: &[u8] = b"ld.so-1.7.0\0";
const NEW_MAGIC: &[u8] = b"glibc-ld.so.cache1.1";
const EXTENSION_MAGIC: u32 = 0xeaa4_2174;
/// Bit 62 marks an entry whose low half is the index of a `glibc-hwcaps` level.
const HWCAP_EXTENSION: u64 = 1 << 62;

impl LdCache {
    /// An empty cache.
    pub fn new(machine: Machine, format: CacheFormat) -> Self {
        Self { machine, format, entries: Vec::new() }
    }

    /// Adds a library with the machine's usual flags.
    pub fn entry(self, name: &str, path: &str) -> Self {
        let flags = self.machine.cache_flags();
        self.entry_with(name, path, flags, None)
    }

    /// Adds a library with other flags, or for one `glibc-hwcaps` level.
    pub fn entry_with(mut self, name: &str, path: &str, flags: u32, level: Option<&str>) -> Self {
        let level = level.map(ToString::to_string);
        self.entries.push(Entry { name: name.into(), path: path.into(), flags, level });
        self
    }

    /// The bytes of the file.
    pub fn build(&self) -> Vec<u8> {
        let mut entries = self.entries.clone();
        entries.sort_by(|a, b| {
            let names = compare_names(&b.name, &a.name);
            let level = |entry: &Entry| (entry.level.is_none(), entry.level.clone());
            names.then(Reverse(a.flags).cmp(&Reverse(b.flags))).then(level(a).cmp(&level(b)))
        });
        let mut levels: Vec<&str> = entries.iter().filter_map(|e| e.level.as_deref()).collect();
        levels.sort_unstable();
        levels.dedup();

        let old_size = 16 + 12 * entries.len();
        let new_start = match self.format {
            CacheFormat::New => 0,
            CacheFormat::Old | CacheFormat::Compat => old_size.next_multiple_of(8),
        };
        // Offsets in the old format count from the end of its entries, in the new one from its
        // header; both mean the same strings.
        let strings_start = match self.format {
            CacheFormat::Old => old_size,
            CacheFormat::New | CacheFormat::Compat => new_start + 48 + 24 * entries.len(),
        };
        let mut strings = Strings::new();
        let offsets: Vec<(usize, usize)> = entries
            .iter()
            .map(|e| (&e.name, &e.path))
            .map(|(name, path)| (strings.add(name.as_bytes()), strings.add(path.as_bytes())))
            .map(|(name, path)| (name as usize, path as usize))
            .collect();
        let level_offsets: Vec<u32> = levels.iter().map(|l| strings.add(l.as_bytes())).collect();
        let strings = strings.finish();

        let mut out = Bytes::new(self.machine);
        if self.format != CacheFormat::New {
            // ldconfig does not leave the levels out here: an old reader takes them as they come.
            out.raw(OLD_MAGIC).u32(entries.len() as u32);
            for (entry, (name, path)) in entries.iter().zip(&offsets) {
                let at = |offset: usize| (strings_start + offset - old_size) as u32;
                out.u32(entry.flags).u32(at(*name)).u32(at(*path));
            }
        }
        if self.format != CacheFormat::Old {
            out.pad_to(8).raw(NEW_MAGIC).u32(entries.len() as u32).u32(strings.len() as u32);
            let order = if self.machine.is_big_endian() { 3 } else { 2 };
            let extension = (strings_start + strings.len()).next_multiple_of(4);
            let extension = if levels.is_empty() { 0 } else { extension };
            out.raw(&[order, 0, 0, 0]).u32(extension as u32).raw(&[0; 12]);
            for (entry, (name, path)) in entries.iter().zip(&offsets) {
                let at = |offset: usize| (strings_start + offset - new_start) as u32;
                let index =
                    entry.level.as_deref().and_then(|level| levels.binary_search(&level).ok());
                let hwcap = index.map_or(0, |index| HWCAP_EXTENSION | index as u64);
                out.u32(entry.flags).u32(at(*name)).u32(at(*path)).u32(0).u64(hwcap);
            }
        }
        out.raw(&strings);
        if !levels.is_empty() && self.format != CacheFormat::Old {
            out.pad_to(4);
            let table = out.len() as u32 + 8 + 16;
            out.u32(EXTENSION_MAGIC).u32(1).u32(1).u32(0).u32(table).u32(4 * levels.len() as u32);
            for offset in level_offsets {
                out.u32((strings_start - new_start) as u32 + offset);
            }
        }
        out.finish()
    }
}

/// `_dl_cache_libcmp` of glibc: runs of digits compare as numbers, and digits follow all else.
fn compare_names(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.as_bytes(), b.as_bytes());
    loop {
        match (a.first(), b.first()) {
            (Some(x), Some(y)) if x.is_ascii_digit() && y.is_ascii_digit() => {
                let (x, y) = (number(&mut a), number(&mut b));
                if x != y {
                    return x.cmp(&y);
                }
            }
            (Some(x), _) if x.is_ascii_digit() => return Ordering::Greater,
            (Some(_), Some(y)) if y.is_ascii_digit() => return Ordering::Less,
            (Some(x), Some(y)) if x == y => (a, b) = (&a[1..], &b[1..]),
            (x, y) => return x.cmp(&y),
        }
    }
}

fn number(text: &mut &[u8]) -> u64 {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (run, rest) = text.split_at(digits);
    *text = rest;
    run.iter().fold(0, |value, digit| value * 10 + u64::from(digit - b'0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_as_the_loader_searches_them() {
        let mut names = ["libc.so.6", "libc.so.10", "libcrypt.so", "libc6.so", "liba.so"];
        names.sort_by(|a, b| compare_names(a, b));
        assert_eq!(names, ["liba.so", "libc.so.6", "libc.so.10", "libcrypt.so", "libc6.so"]);
    }

    #[test]
    fn the_formats_have_their_headers() {
        let build = |format| LdCache::new(Machine::S390x, format).entry("a", "/a").build();
        assert!(build(CacheFormat::Old).starts_with(b"ld.so-1.7.0\0\0\0\0\x01\0\0\x04\x03"));
        let new = build(CacheFormat::New);
        assert!(new.starts_with(b"glibc-ld.so.cache1.1\0\0\0\x01\0\0\0\x06\x03\0\0\0"));
        assert_eq!(&build(CacheFormat::Compat)[32..68], &new[..36]);
    }
}
