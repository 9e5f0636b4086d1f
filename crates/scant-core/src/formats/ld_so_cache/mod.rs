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
    /// In the order of the file: glibc takes the first entry that fits.
    pub entries: Vec<Entry>,
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
    /// The paths of the library `name` that a loader accepting `flags` would try, best first:
    /// those of the active `hwcaps` levels in their order, then the one that any CPU can use.
    pub fn paths<'a>(
        &'a self,
        name: &'a [u8],
        flags: &'a [u32],
        hwcaps: &'a [Box<[u8]>],
    ) -> impl Iterator<Item = &'a Entry> {
        let entries = move || {
            self.entries.iter().filter(move |entry| {
                flags.contains(&entry.flags) && compare_names(&entry.name, name).is_eq()
            })
        };
        let of_level = move |level: &'a Box<[u8]>| {
            entries().find(move |entry| entry.hwcaps.as_ref() == Some(level))
        };
        let baseline = entries().find(|entry| entry.hwcaps.is_none());
        hwcaps.iter().filter_map(of_level).chain(baseline).take(1)
    }

    /// Whether any entry for `name` depends on the CPU.
    pub fn has_hwcaps_of(&self, name: &[u8]) -> bool {
        self.entries
            .iter()
            .any(|entry| entry.hwcaps.is_some() && compare_names(&entry.name, name).is_eq())
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
