//! Makes what the tests of scant need, in memory and without the tools of a distribution.

pub mod alpine;
pub mod archive;
pub mod debian;
pub mod elf;
pub mod layout;
pub mod ld_cache;
pub mod listing;
pub mod openpgp;
pub mod registry;

pub use alpine::{AlpineRepository, Apk};
pub use archive::{RawHeader, RawMember, RawTar, RawZip};
pub use debian::{DebianArchive, FileServer};
pub use elf::{Elf, Glibc, Machine};
pub use layout::{check_archive, check_layout};
pub use listing::{Item, ItemKind, Listing};
pub use registry::FakeRegistry;
