//! Reads the files back with a reader that was written elsewhere.

use object::Endianness;
use object::elf::{FileHeader32, FileHeader64, PT_DYNAMIC, PT_LOAD};
use object::read::elf::{Dyn, FileHeader, ProgramHeader};

use super::*;

/// The machine, and the entries of the dynamic section that name strings, found by addresses.
fn read<H: FileHeader<Endian = Endianness>>(data: &[u8]) -> (u16, Vec<(u64, String)>) {
    let header = H::parse(data).expect("a well-formed header");
    let endian = header.endian().expect("a known byte order");
    let segments = header.program_headers(endian, data).expect("program headers");
    let bytes_at = |address: u64| {
        let load = segments.iter().filter(|s| s.p_type(endian) == PT_LOAD).find_map(|s| {
            let start: u64 = s.p_vaddr(endian).into();
            assert_ne!(start, s.p_offset(endian).into(), "an address must not be its offset");
            let bytes = s.data(endian, data).expect("a segment inside the file");
            bytes.get(usize::try_from(address.checked_sub(start)?).ok()?..)
        });
        load.expect("an address inside a segment")
    };
    let Some(dynamic) = segments.iter().find(|s| s.p_type(endian) == PT_DYNAMIC) else {
        return (header.e_machine(endian).0, Vec::new());
    };
    let entries: Vec<(u64, u64)> = dynamic
        .dynamic(endian, data)
        .expect("a dynamic section inside the file")
        .expect("it is one")
        .iter()
        .map(|entry| (entry.d_tag(endian).0 as u64, entry.d_val(endian).into()))
        .collect();
    assert_eq!(
        bytes_at(dynamic.p_vaddr(endian).into()).len(),
        dynamic.p_filesz(endian).into() as usize
    );
    let strings = bytes_at(entries.iter().find(|(tag, _)| *tag == 5).expect("DT_STRTAB").1);
    let named = entries.iter().filter(|(tag, _)| [1, 14, 15, 29].contains(tag));
    let text = |&(tag, offset): &(u64, u64)| {
        let bytes = strings[offset as usize..].split(|&byte| byte == 0).next().unwrap_or_default();
        (tag, String::from_utf8_lossy(bytes).into_owned())
    };
    (header.e_machine(endian).0, named.map(text).collect())
}

fn read_any(machine: Machine, data: &[u8]) -> (u16, Vec<(u64, String)>) {
    if machine.is_64_bit() {
        read::<FileHeader64<Endianness>>(data)
    } else {
        read::<FileHeader32<Endianness>>(data)
    }
}

#[test]
fn every_machine_can_be_read_back() {
    for machine in Machine::ALL {
        let elf = Elf::program(machine)
            .interpreter(machine.glibc_loader())
            .needed("libz.so.1")
            .runpath("$ORIGIN/../lib")
            .needed("libc.so.6");
        let entries = [(1, "libz.so.1"), (29, "$ORIGIN/../lib"), (1, "libc.so.6")];
        let expected = entries.map(|(tag, text)| (tag, text.to_string())).to_vec();
        assert_eq!(read_any(machine, &elf.build()), (machine.number(), expected), "{machine:?}");
    }
}

#[test]
fn section_headers_and_versions_do_not_move_what_the_loader_reads() {
    for sections in [Sections::Real, Sections::Garbage] {
        let elf = Elf::library(Machine::S390x)
            .soname("libz.so.1")
            .exports("z_open@Z_1")
            .imports("malloc@GLIBC_2.2.5")
            .defines_version("Z_1")
            .needs_version("libc.so.6", "GLIBC_2.2.5")
            .dlopen_note("[]")
            .sections(sections);
        let (_, entries) = read_any(Machine::S390x, &elf.build());
        assert_eq!(entries, [(14, "libz.so.1".to_string())]);
    }
}

#[test]
fn a_static_program_has_no_dynamic_section() {
    let bytes = Elf::static_program(Machine::Arm).build();
    assert_eq!(read_any(Machine::Arm, &bytes), (40, Vec::new()));
}

#[test]
fn a_glibc_loader_holds_its_directories_as_a_run_of_strings() {
    let bytes =
        Elf::glibc_loader(Machine::Riscv64, &["/lib64/lp64d/", "/usr/lib64/lp64d/"]).build();
    let run = b"\0/lib64/lp64d/\0/usr/lib64/lp64d/\0\0";
    assert!(bytes.windows(run.len()).any(|window| window == run));
}
