//! Whether a file that was opened is one that glibc takes (`open_verify` in `dl-load.c`), and if
//! not, whether it looks further.

use crate::formats::elf::{Elf, ElfError, FileType, Header, HeaderFault};
use crate::words::Problem;

/// What glibc does with a candidate.
pub(super) enum Verdict {
    /// It is taken.
    Accept,
    /// The search goes on as if nothing were there.
    Skip(CandidateFault),
    /// The search ends and the program does not start.
    Fatal(CandidateFault),
}

/// What is wrong with a file that a loader found under a library's name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CandidateFault {
    /// Another class (32 or 64 bit).
    #[error("wrong ELF class")]
    Class,
    /// Another machine.
    #[error("made for another machine (e_machine {0})")]
    Machine(u16),
    /// The same machine with another ABI, mostly another way to pass floating point numbers.
    #[error("made for another ABI of the machine (e_flags {0:#x})")]
    Abi(u32),
    /// Not an ELF file at all, or a damaged one.
    #[error(transparent)]
    NotElf(#[from] ElfError),
    /// A header that glibc refuses.
    #[error("{0}")]
    Header(&'static str),
    /// A program, not a library.
    #[error("a program cannot be loaded as a library")]
    Program,
    /// No dynamic section.
    #[error("it has no dynamic section")]
    NotDynamic,
    /// No `PT_LOAD`.
    #[error("it has no loadable segments")]
    NotLoadable,
    /// `$ORIGIN` and the like in the name of a library that a privileged program needs.
    #[error("tokens such as $ORIGIN are not allowed in the names that a privileged program needs")]
    TokenInSecureMode,
    /// The processor level chosen is too low for it.
    #[error("it needs a processor of level x86-64-v{0}")]
    IsaLevel(u8),
    /// What is there is no regular file.
    #[error("it is not a regular file but {0}")]
    NotAFile(&'static str),
    /// Files made to keep the search from ending.
    #[error("the search for it was given up: these files make it longer than that of any program")]
    Endless,
    /// It is there and cannot be read.
    #[error("it cannot be opened: {0}")]
    Unreadable(Problem),
}

/// Judges a candidate for a process whose program has the header `expected`. A bad `e_ident` is
/// fatal, but not of files for other machines if the loader `passes_over_foreign` ones.
pub(super) fn judge(
    elf: &Result<Elf, ElfError>,
    expected: &Header,
    passes_over_foreign: bool,
) -> Verdict {
    let elf = match elf {
        Ok(elf) => elf,
        Err(ElfError::Header(HeaderFault::UnknownClass(_))) => {
            return Verdict::Skip(CandidateFault::Class);
        }
        Err(error) => return Verdict::Fatal(error.clone().into()),
    };
    let header = &elf.header;
    if header.class != expected.class {
        return Verdict::Skip(CandidateFault::Class);
    }
    let is_foreign = (header.order, header.machine) != (expected.order, expected.machine);
    let foreign = CandidateFault::Machine(header.machine);
    match refused_ident(header, expected) {
        Some(_) if passes_over_foreign && is_foreign => return Verdict::Skip(foreign),
        Some(fault) => return Verdict::Fatal(CandidateFault::Header(fault)),
        None => {}
    }
    if header.version != 1 {
        let fault = "ELF file version does not match current one";
        return Verdict::Fatal(CandidateFault::Header(fault));
    }
    if is_foreign {
        return Verdict::Skip(foreign);
    }
    if has_other_abi(header, expected) {
        return Verdict::Skip(CandidateFault::Abi(header.flags));
    }
    if !matches!(header.file_type, FileType::Shared | FileType::Executable) {
        return Verdict::Fatal(CandidateFault::Header("only ET_DYN and ET_EXEC can be loaded"));
    }
    if header.segment_size != header.expected_segment_size() {
        return Verdict::Fatal(CandidateFault::Header(
            "ELF file's phentsize not the expected size",
        ));
    }
    Verdict::Accept
}

/// What is wrong with a library only after it was taken: the search does not go on.
pub(super) fn unloadable(elf: &Elf) -> Option<CandidateFault> {
    if !elf.is_loadable {
        return Some(CandidateFault::NotLoadable);
    }
    let Some(dynamic) = &elf.dynamic else {
        return Some(CandidateFault::NotDynamic);
    };
    let is_program = elf.header.file_type == FileType::Executable || dynamic.flags_1.is_program();
    is_program.then_some(CandidateFault::Program)
}

fn refused_ident(header: &Header, expected: &Header) -> Option<&'static str> {
    // ARM and MIPS define OSABI values and ABI versions of their own.
    let lenient = matches!(header.machine, 8 | 40);
    // GNU has ABI versions up to 3, System V none.
    let newest_abi = if header.os_abi == 3 { 3 } else { 0 };
    if header.order != expected.order {
        Some("ELF file data encoding of the other byte order")
    } else if header.ident_version != 1 {
        Some("ELF file version ident does not match current one")
    } else if !lenient && !matches!(header.os_abi, 0 | 3) {
        Some("ELF file OS ABI invalid")
    } else if !lenient && header.abi_version > newest_abi {
        Some("ELF file ABI version invalid")
    } else if !header.padding_is_zero {
        Some("nonzero padding in e_ident")
    } else {
        None
    }
}

/// Whether `e_flags` forbid to load the files together (`elf_machine_matches_host`).
fn has_other_abi(header: &Header, expected: &Header) -> bool {
    let differ = |mask: u32| header.flags & mask != expected.flags & mask;
    match header.machine {
        // MIPS: EF_MIPS_ABI2 (n32), EF_MIPS_NAN2008
        8 => differ(0x20 | 0x400),
        // POWER: the version of the ABI, 0 where the file does not say
        21 => header.flags & 3 != 0 && expected.flags & 3 != 0 && differ(3),
        // RISC-V and LoongArch: how floating point numbers are passed
        243 => differ(0x6),
        258 => differ(0x7),
        _ => false,
    }
}
