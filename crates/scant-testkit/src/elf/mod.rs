//! Makes ELF files in memory: any machine, class and byte order, without a compiler.
//!
//! The files are made for readers that go by program headers, as loaders do. Section headers are
//! absent unless asked for, and no address equals its offset in the file, so that a reader which
//! mixes the two up is found out.

mod builder;
mod bytes;
mod layout;
mod loader;
mod machine;
mod notes;
mod parts;
mod sections;
mod symbols;

pub use builder::{Elf, Sections};
pub(crate) use bytes::{Bytes, Strings};
pub use loader::Glibc;
pub use machine::Machine;
pub use notes::DLOPEN;
pub use symbols::HashStyle;

#[cfg(test)]
mod tests;
