//! Places the parts of an ELF file in its segments and writes it.
//!
//! ```text
//! R   ELF header, program headers, interpreter, notes, symbols, strings, versions, read-only data
//! RX  a few instructions
//! RW  dynamic section
//! ```
//!
//! Each segment's addresses are shifted further against its offsets than those before it.

use super::builder::{Elf, Sections};
use super::bytes::Bytes;
use super::parts::{self, Access, Part};
use super::sections::Table;

/// No page is larger on any machine here.
const PAGE: u64 = 0x1_0000;

const PT_LOAD: u32 = 1;
const PT_DYNAMIC: u32 = 2;
const PT_PHDR: u32 = 6;
const PT_GNU_STACK: u32 = 0x6474_e551;

/// Writes the file.
pub(crate) fn write(elf: &Elf) -> Vec<u8> {
    let mut parts = parts::parts(elf);
    let header_count = header_count(elf, &parts);
    let start = (header_size(elf) + header_count * program_header_size(elf)) as u64;
    let base = if elf.kind == 2 { 0x40_0000 } else { PAGE };
    place(&mut parts, start, base);
    if elf.has_dynamic {
        let contents = parts::dynamic(elf, &parts);
        let part = parts.iter_mut().find(|part| part.name == ".dynamic");
        part.expect("it was made with the others").bytes = contents;
    }
    assemble(elf, &parts, header_count, base)
}

fn place(parts: &mut [Part], start: u64, base: u64) {
    let mut offset = start;
    let mut shift = base;
    let mut access = Access::Read;
    for part in parts {
        if part.access != access {
            access = part.access;
            shift += 2 * PAGE;
        }
        offset = offset.next_multiple_of(part.align as u64);
        part.offset = offset;
        part.address = offset + shift;
        offset = part.end();
    }
}

fn header_size(elf: &Elf) -> usize {
    if elf.machine.is_64_bit() { 64 } else { 52 }
}

fn program_header_size(elf: &Elf) -> usize {
    if elf.machine.is_64_bit() { 56 } else { 32 }
}

/// `PT_PHDR`, a `PT_LOAD` for each access, `PT_GNU_STACK`, and those of the parts.
fn header_count(elf: &Elf, parts: &[Part]) -> usize {
    let loads = if elf.has_dynamic { 3 } else { 2 };
    let spanning: usize = parts.iter().map(|part| part.headers.len()).sum();
    usize::from(elf.interpreter.is_some()) + loads + 1 + spanning
}

fn assemble(elf: &Elf, parts: &[Part], header_count: usize, base: u64) -> Vec<u8> {
    let mut body = Bytes::new(elf.machine);
    let start = header_size(elf) + header_count * program_header_size(elf);
    let end = parts.last().map_or(start as u64, Part::end);
    for part in parts {
        // The body begins at `start`: its padding is counted from the file's beginning.
        let gap = part.offset as usize - start - body.len();
        body.raw(&vec![0; gap]).raw(&part.bytes);
    }
    let sections = Table::new(elf, parts, end);
    let text = parts.iter().find(|part| part.access == Access::Execute);
    let mut out = Bytes::new(elf.machine);
    write_header(elf, &mut out, header_count, text.map_or(0, |part| part.address), &sections);
    program_headers(elf, parts, base, start as u64, &mut out);
    out.raw(&body.finish());
    if elf.sections == Sections::Real {
        sections.write(elf, parts, &mut out);
    }
    out.finish()
}

fn write_header(elf: &Elf, out: &mut Bytes, count: usize, entry: u64, sections: &Table) {
    let machine = elf.machine;
    let class = if machine.is_64_bit() { 2 } else { 1 };
    let order = if machine.is_big_endian() { 2 } else { 1 };
    out.raw(b"\x7fELF").raw(&[class, order, 1, elf.header.osabi, elf.header.abi_version]);
    out.raw(&[elf.header.padding, 0, 0, 0, 0, 0, 0]);
    out.u16(elf.kind).u16(machine.number()).u32(elf.header.version);
    out.word(entry).word(header_size(elf) as u64).word(sections.offset);
    out.u32(elf.header.flags).u16(header_size(elf) as u16);
    out.u16(elf.header.phentsize.unwrap_or(program_header_size(elf) as u16)).u16(count as u16);
    out.u16(if machine.is_64_bit() { 64 } else { 40 });
    out.u16(sections.count).u16(sections.count.saturating_sub(1));
}

/// A program header, without its physical address, which is the virtual one.
struct ProgramHeader {
    kind: u32,
    access: Access,
    offset: u64,
    address: u64,
    size: u64,
    align: u64,
}

fn program_headers(elf: &Elf, parts: &[Part], base: u64, start: u64, out: &mut Bytes) {
    let mut put = |header: ProgramHeader| write_program_header(elf, &header, out);
    if elf.interpreter.is_some() {
        let offset = header_size(elf) as u64;
        let (address, size) = (base + offset, start - offset);
        let (kind, access, align) = (PT_PHDR, Access::Read, 8);
        put(ProgramHeader { kind, access, offset, address, size, align });
    }
    for part in parts {
        for &kind in &part.headers {
            let (access, address, size) = (part.access, part.address, part.bytes.len() as u64);
            let wrong = elf.header.dynamic_offset.filter(|_| kind == PT_DYNAMIC);
            let (offset, align) = (wrong.unwrap_or(part.offset), part.align as u64);
            put(ProgramHeader { kind, access, offset, address, size, align });
        }
    }
    for access in [Access::Read, Access::Execute, Access::Write] {
        let mut inside = parts.iter().filter(|part| part.access == access);
        let Some(first) = inside.next() else { continue };
        let end = inside.next_back().unwrap_or(first).end();
        // The first segment holds the headers as well.
        let (offset, address) =
            if access == Access::Read { (0, base) } else { (first.offset, first.address) };
        let (kind, size, align) = (PT_LOAD, end - offset, PAGE);
        put(ProgramHeader { kind, access, offset, address, size, align });
    }
    let (kind, access, align) = (PT_GNU_STACK, Access::Write, 16);
    put(ProgramHeader { kind, access, offset: 0, address: 0, size: 0, align });
}

fn write_program_header(elf: &Elf, header: &ProgramHeader, out: &mut Bytes) {
    let ProgramHeader { kind, access, offset, address, size, align } = *header;
    let wide = elf.machine.is_64_bit();
    out.u32(kind);
    if wide {
        out.u32(access as u32);
    }
    out.word(offset).word(address).word(address).word(size).word(size);
    if !wide {
        out.u32(access as u32);
    }
    out.word(align);
}
