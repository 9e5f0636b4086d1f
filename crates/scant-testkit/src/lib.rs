//! Makes what the tests of scant need, in memory and without the tools of a distribution.

pub mod elf;
pub mod layout;
pub mod ld_cache;
pub mod listing;
pub mod openpgp;

pub use elf::{Elf, Glibc, Machine};
pub use layout::{check_archive, check_layout};
pub use listing::{Item, ItemKind, Listing};
