//! The parts of an ELF file, before they have a place.

use super::builder::{Elf, Entry};
use super::bytes::{Bytes, Strings};
use super::notes::{self, Note};
use super::symbols;

const PT_DYNAMIC: u32 = 2;
const PT_INTERP: u32 = 3;
const PT_NOTE: u32 = 4;
const PT_GNU_PROPERTY: u32 = 0x6474_e553;

/// The access to a segment, which also tells the segments apart.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Read = 4,
    Execute = 5,
    Write = 6,
}

/// A run of bytes with a place, a section header and perhaps program headers.
pub(crate) struct Part {
    pub(crate) name: &'static str,
    pub(crate) access: Access,
    pub(crate) align: usize,
    pub(crate) bytes: Vec<u8>,
    /// Type and entry size of the section.
    pub(crate) section: (u32, u64),
    /// Types of the program headers that span it.
    pub(crate) headers: Vec<u32>,
    pub(crate) offset: u64,
    pub(crate) address: u64,
}

impl Part {
    fn new(name: &'static str, align: usize, bytes: Vec<u8>, section: (u32, u64)) -> Self {
        let access = Access::Read;
        Self { name, access, align, bytes, section, headers: Vec::new(), offset: 0, address: 0 }
    }

    fn spanned_by(mut self, header: u32) -> Self {
        self.headers.push(header);
        self
    }

    pub(crate) fn end(&self) -> u64 {
        self.offset + self.bytes.len() as u64
    }
}

/// All parts in the order of the file.
pub(crate) fn parts(elf: &Elf) -> Vec<Part> {
    let machine = elf.machine;
    let word = if machine.is_64_bit() { 8 } else { 4 };
    let mut parts = Vec::new();
    if let Some(path) = &elf.interpreter {
        let mut bytes = path.clone();
        if !elf.header.unterminated_interpreter {
            bytes.push(0);
        }
        parts.push(Part::new(".interp", 1, bytes, (1, 0)).spanned_by(PT_INTERP));
    }
    let groups = if elf.separate_notes { 1 } else { usize::MAX };
    for group in elf.notes.chunks(groups) {
        let mut bytes = Bytes::new(machine);
        group.iter().for_each(|note| note.write(&mut bytes, 4));
        parts.push(Part::new(".note", 4, bytes.finish(), (7, 0)).spanned_by(PT_NOTE));
    }
    if let Some(level) = elf.x86_level {
        let align = notes::property_align(machine);
        let mut bytes = Bytes::new(machine);
        Note::x86_level(machine, level).write(&mut bytes, align);
        let part = Part::new(".note.gnu.property", align, bytes.finish(), (7, 0));
        parts.push(part.spanned_by(PT_NOTE).spanned_by(PT_GNU_PROPERTY));
    }
    if elf.has_dynamic {
        parts.extend(dynamic_parts(elf, word));
    }
    for (kind, bytes) in &elf.extra_headers {
        parts.push(Part::new(".extra", 8, bytes.clone(), (1, 0)).spanned_by(*kind));
    }
    parts.push(Part::new(".rodata", 16, elf.rodata.clone(), (1, 0)));
    let text = Part::new(".text", 16, instructions(elf), (1, 0));
    parts.push(Part { access: Access::Execute, ..text });
    if elf.has_dynamic {
        let bytes = vec![0; dynamic(elf, &[]).len()];
        let part = Part::new(".dynamic", word, bytes, (6, 2 * word as u64));
        parts.push(Part { access: Access::Write, ..part }.spanned_by(PT_DYNAMIC));
    }
    parts
}

/// The tables that the dynamic section points to. The string table is made in passing: all
/// strings of the dynamic section first, in their order, so that [`dynamic`] finds them again.
fn dynamic_parts(elf: &Elf, word: usize) -> Vec<Part> {
    let mut strings = Strings::new();
    let mut base: &[u8] = b"";
    for entry in &elf.dynamic {
        if let Entry::String(tag, value) = entry {
            strings.add(value);
            if *tag == 14 {
                base = value;
            }
        }
    }
    let request = symbols::Request {
        machine: elf.machine,
        hash: elf.hash,
        symbols: &elf.symbols,
        needs: &elf.needs,
        definitions: &elf.definitions,
        base,
    };
    let tables = symbols::tables(&request, &mut strings);
    let symbol_size = if word == 8 { 24 } else { 16 };
    let (hash, hash_type) = match elf.hash {
        symbols::HashStyle::Sysv => (".hash", 5),
        symbols::HashStyle::Gnu => (".gnu.hash", 0x6fff_fff6),
    };
    let mut parts = vec![
        Part::new(hash, word, tables.hash, (hash_type, 0)),
        Part::new(".dynsym", word, tables.symbols, (11, symbol_size)),
        Part::new(".dynstr", 1, strings.finish(), (3, 0)),
    ];
    if let Some(versions) = tables.versions {
        parts.push(Part::new(".gnu.version", 2, versions, (0x6fff_ffff, 2)));
    }
    if !tables.definitions.is_empty() {
        parts.push(Part::new(".gnu.version_d", word, tables.definitions, (0x6fff_fffd, 0)));
    }
    if !tables.needs.is_empty() {
        parts.push(Part::new(".gnu.version_r", word, tables.needs, (0x6fff_fffe, 0)));
    }
    parts
}

/// The dynamic section. Its size does not depend on where the parts are.
pub(crate) fn dynamic(elf: &Elf, parts: &[Part]) -> Vec<u8> {
    let part = |name: &str| parts.iter().find(|part| part.name == name);
    let address = |name| part(name).map_or(0, |part| part.address);
    let mut out = Bytes::new(elf.machine);
    let mut strings = Strings::new();
    for entry in &elf.dynamic {
        match entry {
            Entry::String(tag, value) => {
                out.word(*tag).word(u64::from(strings.add(value)));
            }
            Entry::Number(tag, value) => {
                out.word(*tag).word(*value);
            }
        }
    }
    if elf.flags_1 != 0 {
        out.word(0x6fff_fffb).word(elf.flags_1);
    }
    match elf.hash {
        symbols::HashStyle::Sysv => out.word(4).word(address(".hash")),
        symbols::HashStyle::Gnu => out.word(0x6fff_fef5).word(address(".gnu.hash")),
    };
    let strings_size = part(".dynstr").map_or(0, |part| part.bytes.len() as u64);
    out.word(5).word(address(".dynstr")).word(6).word(address(".dynsym"));
    out.word(10).word(strings_size).word(11).word(if elf.machine.is_64_bit() { 24 } else { 16 });
    if !elf.definitions.is_empty() {
        let count = elf.definitions.len() as u64 + 1;
        out.word(0x6fff_fffc).word(address(".gnu.version_d")).word(0x6fff_fffd).word(count);
    }
    if !elf.needs.is_empty() {
        let count = elf.needs.len() as u64;
        out.word(0x6fff_fffe).word(address(".gnu.version_r")).word(0x6fff_ffff).word(count);
    }
    if !elf.definitions.is_empty() || !elf.needs.is_empty() {
        out.word(0x6fff_fff0).word(address(".gnu.version"));
    }
    out.word(0).word(0);
    out.finish()
}

/// Exits with success where the instructions are known, so that such a program can be run.
fn instructions(elf: &Elf) -> Vec<u8> {
    use super::Machine::{Aarch64, I386, X86_64};
    match elf.machine {
        // mov $60, %eax; xor %edi, %edi; syscall
        X86_64 => vec![0xb8, 60, 0, 0, 0, 0x31, 0xff, 0x0f, 0x05],
        // mov $1, %eax; xor %ebx, %ebx; int $0x80
        I386 => vec![0xb8, 1, 0, 0, 0, 0x31, 0xdb, 0xcd, 0x80],
        // mov x0, #0; mov x8, #93; svc #0
        Aarch64 => vec![0, 0, 0x80, 0xd2, 0xa8, 0x0b, 0x80, 0xd2, 1, 0, 0, 0xd4],
        _ => vec![0; 16],
    }
}
