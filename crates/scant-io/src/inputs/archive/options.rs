//! What may be said of an archive, and how much of it is read at the most.

use std::path::PathBuf;

/// How an archive is read.
#[derive(Clone, Debug)]
pub struct ArchiveOptions {
    /// So many components are taken off the start of each name, as `tar --strip-components` does.
    /// An entry of which nothing remains is left out.
    pub strip_components: u32,
    /// How much is read at the most.
    pub limits: Limits,
    /// Where a file without a name is made for what is too large for memory.
    pub temporary: PathBuf,
}

/// How much of an archive is read at the most: a small file can unpack to anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of all files together, and of the archive when it is decompressed.
    pub max_bytes: u64,
    /// How many times larger than the archive that may be, beyond the first 64 MiB.
    pub max_ratio: u64,
    /// Entries.
    pub max_entries: u64,
    /// Bytes of the name, link, attributes and map of one entry.
    pub max_header: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_bytes: 16 << 30, max_ratio: 1000, max_entries: 2_000_000, max_header: 1 << 20 }
    }
}
