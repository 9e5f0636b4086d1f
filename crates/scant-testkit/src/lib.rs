//! Makes what the tests of scant need, in memory and without the tools of a distribution.

pub mod elf;
pub mod ld_cache;
pub mod listing;

pub use elf::{Elf, Glibc, Machine};
pub use listing::{Item, ItemKind, Listing};
