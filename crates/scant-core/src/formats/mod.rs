//! Bytes to values and back. A format knows nothing of files, rules or plans.

pub mod elf;
pub mod ld_so_cache;
pub mod manifest;
pub mod package_lists;
mod yaml;
