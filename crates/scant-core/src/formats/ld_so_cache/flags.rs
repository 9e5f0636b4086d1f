//! The flags that tell, in a cache, which libraries are for which loader (glibc's `ldconfig.h`).

use crate::formats::elf::Header;
use crate::words::Class;

const ELF: u32 = 1;
const ELF_LIBC6: u32 = 3;

/// The flags of entries that a loader for files like this one accepts; the first is the one that
/// `ldconfig` writes.
pub fn accepted_flags(header: &Header) -> &'static [u32] {
    let wide = header.class == Class::Elf64;
    match header.machine {
        // x86-64, x32
        62 if wide => &[0x0303],
        62 => &[0x0803],
        // aarch64
        183 => &[0x0a03],
        // ppc64, s390x, sparc64
        21 => &[0x0503],
        22 if wide => &[0x0403],
        43 => &[0x0103],
        // arm: hard float, soft float
        40 if header.flags & 0x400 != 0 => &[0x0903, ELF_LIBC6],
        40 => &[ELF_LIBC6, 0x0b03],
        // riscv: e_flags bits 1-2 are the float ABI
        243 if header.flags & 0x6 == 0x4 => &[0x1003],
        243 => &[0x0f03],
        // loongarch: low 3 bits are the ABI, 3 is double float
        258 if header.flags & 0x7 == 3 => &[0x1203],
        258 => &[0x1103],
        // mips: class 64, or n32 (EF_MIPS_ABI2); nan2008 (EF_MIPS_NAN2008) has flags of its own
        8 => match (wide, header.flags & 0x20 != 0, header.flags & 0x400 != 0) {
            (true, _, false) => &[0x0703],
            (true, _, true) => &[0x0e03],
            (false, true, false) => &[0x0603],
            (false, true, true) => &[0x0d03],
            (false, false, false) => &[ELF_LIBC6, ELF],
            (false, false, true) => &[0x0c03],
        },
        _ => &[ELF_LIBC6, ELF],
    }
}

/// The flags that `ldconfig` gives to a library for the loader with this header.
pub fn written_flags(header: &Header) -> u32 {
    accepted_flags(header)[0]
}
