//! glibc's `/etc/ld.so.cache`: read in its three formats, written in the new one.
//!
//! The formats are those of glibc's `dl-cache.h`: *old* (`ld.so-1.7.0`), *new*
//! (`glibc-ld.so.cache1.1`), and *compat*, which is old followed by new. musl has no cache.

mod compare;
mod flags;
mod read;
mod write;

use alloc::boxed::Box;
use alloc::vec::Vec;

pub use compare::compare_names;
pub use flags::{accepted_flags, written_flags};
pub use read::parse;
pub use write::encode;

/// The libraries a cache knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cache {
    /// Sorted by name; those of one name in the order of the file, because glibc takes the first
    /// that fits.
    entries: Vec<Entry>,
}

/// One library of a cache.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// The name it is asked for by: its soname.
    pub name: Box<[u8]>,
    /// Its type and architecture, `FLAG_*` of `ldconfig.h`.
    pub flags: u32,
    /// The `glibc-hwcaps` subdirectory it belongs to, such as `x86-64-v3`.
    pub hwcaps: Option<Box<[u8]>>,
    /// Its absolute path.
    pub path: Box<[u8]>,
}

impl Cache {
    /// A cache of these libraries.
    pub fn new(mut entries: Vec<Entry>) -> Self {
        entries.sort_by(|a, b| compare_names(&a.name, &b.name));
        Self { entries }
    }

    /// All libraries, sorted by name.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The library `name` for a loader that accepts `flags`, its own first: of the first of the
    /// active `hwcaps` levels that has it, else the one that any processor can use.
    pub fn find(&self, name: &[u8], flags: &[u32], hwcaps: &[Box<[u8]>]) -> Option<&Entry> {
        let named = self.named(name);
        let fitting = || named.iter().filter(|entry| flags.contains(&entry.flags));
        let of_level =
            hwcaps.iter().find_map(|level| fitting().find(|e| e.hwcaps.as_ref() == Some(level)));
        let own = |entry: &&Entry| entry.hwcaps.is_none() && flags.first() == Some(&entry.flags);
        let plain = || fitting().find(own).or_else(|| fitting().find(|e| e.hwcaps.is_none()));
        of_level.or_else(plain)
    }

    /// All libraries `name` with one of these flags, in the order of the file.
    pub fn find_all(&self, name: &[u8], flags: &[u32]) -> impl Iterator<Item = &Entry> {
        self.named(name).iter().filter(move |e| *e.name == *name && flags.contains(&e.flags))
    }

    /// Whether any entry for `name` depends on the processor.
    pub fn has_hwcaps_of(&self, name: &[u8]) -> bool {
        self.named(name).iter().any(|entry| entry.hwcaps.is_some())
    }

    fn named(&self, name: &[u8]) -> &[Entry] {
        let start = self.entries.partition_point(|e| compare_names(&e.name, name).is_lt());
        let rest = &self.entries[start..];
        let end = rest.partition_point(|e| compare_names(&e.name, name).is_eq());
        &rest[..end]
    }
}

/// The magic of the new format, with its version.
const NEW_MAGIC: &[u8; 20] = b"glibc-ld.so.cache1.1";

/// The magic of the old format.
const OLD_MAGIC: &[u8; 11] = b"ld.so-1.7.0";

/// The new format's header and entry sizes in bytes.
const NEW_HEADER: usize = 48;
const NEW_ENTRY: usize = 24;

/// The magic of the extension directory of the new format.
const EXTENSION_MAGIC: u32 = 0xeaa4_2174;

/// The extension that lists the names of `glibc-hwcaps` subdirectories.
const EXTENSION_HWCAPS: u32 = 1;

/// The bit of an entry's `hwcap` that says: the low 32 bits index the extension's names.
const HWCAP_EXTENSION: u64 = 1 << 62;

#[cfg(test)]
mod tests;
