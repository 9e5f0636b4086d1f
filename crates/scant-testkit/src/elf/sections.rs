//! The section header table, for readers that want one.

use super::builder::{Elf, Sections};
use super::bytes::{Bytes, Strings};
use super::parts::{Access, Part};

/// Where the ELF header says that the table is.
pub(crate) struct Table {
    pub(crate) offset: u64,
    pub(crate) count: u16,
    /// Section names start here; the table follows them.
    names: u64,
}

impl Table {
    /// `end` is where the parts end.
    pub(crate) fn new(elf: &Elf, parts: &[Part], end: u64) -> Self {
        match elf.sections {
            Sections::Absent => Self { offset: 0, count: 0, names: 0 },
            Sections::Garbage => Self { offset: end + 0x1000_0000, count: 99, names: 0 },
            Sections::Real => {
                let names = end.next_multiple_of(8);
                let offset = (names + name_table(parts).0.len() as u64).next_multiple_of(8);
                // The null section and the names come to the parts.
                Self { offset, count: parts.len() as u16 + 2, names }
            }
        }
    }

    /// Appends the names and the table to the file.
    pub(crate) fn write(&self, elf: &Elf, parts: &[Part], out: &mut Bytes) {
        let (names, offsets) = name_table(parts);
        out.pad_to(8).raw(&names).pad_to(8);
        let index = |name| parts.iter().position(|part| part.name == name).map_or(0, |i| i + 1);
        let size = if elf.machine.is_64_bit() { 64 } else { 40 };
        out.raw(&vec![0; size]);
        for (part, name) in parts.iter().zip(&offsets) {
            let (kind, entry_size) = part.section;
            let link = match part.name {
                ".dynamic" | ".dynsym" | ".gnu.version_d" | ".gnu.version_r" => index(".dynstr"),
                ".hash" | ".gnu.hash" | ".gnu.version" => index(".dynsym"),
                _ => 0,
            };
            let info = match part.name {
                ".dynsym" => 1,
                ".gnu.version_r" => elf.needs.len(),
                ".gnu.version_d" => elf.definitions.len() + 1,
                _ => 0,
            };
            let flags = match part.access {
                Access::Read => 2,
                Access::Execute => 6,
                Access::Write => 3,
            };
            out.u32(*name).u32(kind).word(flags).word(part.address).word(part.offset);
            out.word(part.bytes.len() as u64).u32(link as u32).u32(info as u32);
            out.word(part.align as u64).word(entry_size);
        }
        let last = offsets.last().expect("the names' own name is the last");
        out.u32(*last).u32(3).word(0).word(0).word(self.names).word(names.len() as u64);
        out.u32(0).u32(0).word(1).word(0);
    }
}

fn name_table(parts: &[Part]) -> (Vec<u8>, Vec<u32>) {
    let mut names = Strings::new();
    let all = parts.iter().map(|part| part.name).chain([".shstrtab"]);
    let offsets = all.map(|name| names.add(name.as_bytes())).collect();
    (names.finish(), offsets)
}
