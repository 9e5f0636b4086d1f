//! Which system calls name files, and where in their arguments: one table for each convention of
//! calling that a kernel of this machine knows. Numbers and meanings only; what a call asks for is
//! read in `decode`.

/// Where a call has a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Named {
    /// The argument with the descriptor that relative names start from; the working directory
    /// without one.
    pub(super) directory: Option<u8>,
    /// The argument with the name's address.
    pub(super) name: u8,
}

/// What a call with one name asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    Look,
    ReadLink,
    Enter,
    Change,
    Write,
}

/// How a call says whether a link at the end is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Last {
    Follow,
    Keep,
    /// `AT_SYMLINK_NOFOLLOW` in this argument says no.
    KeepIf(u8),
    /// `AT_SYMLINK_FOLLOW` in this argument says yes.
    FollowIf(u8),
}

/// How to read one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Call {
    /// `open`, `openat`: the flags are behind the name.
    Open(Named),
    /// `creat`.
    Create,
    /// `openat2`: the flags are in a structure.
    OpenHow,
    One(Named, Purpose, Last),
    /// Two names: what the first is for, and the second is changed.
    Two(Named, Purpose, Last, Named),
    /// The arguments are behind the name; the flags of `execveat` behind the environment.
    Execute(Named),
    EnterDescriptor,
    List,
    Connect,
    Bind,
    /// i386: the call's number, and the address of its arguments.
    Sockets,
    /// Only those of a file, to be executed.
    Map,
    /// i386: the arguments are in a structure.
    OldMap,
    /// Looked at for `CLONE_UNTRACED` alone.
    Clone3,
}

/// A convention of calling: an instruction set and its numbers.
#[derive(Debug)]
pub(super) struct Abi {
    /// `AUDIT_ARCH_*` of `linux/audit.h`.
    pub(super) audit: u32,
    /// Whether pointers have 8 bytes.
    pub(super) wide: bool,
    /// The numbers that are followed.
    pub(super) calls: &'static [(u32, Call)],
    /// `clone`, whose flags are its first argument.
    pub(super) clone: u32,
    pub(super) flags: &'static OpenFlags,
}

/// The flags of `open` whose values differ between instruction sets.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct OpenFlags {
    pub(super) directory: u64,
    pub(super) no_follow: u64,
}

/// `io_uring_setup` has one number everywhere. Rings would open files that nobody sees.
pub(super) const IO_URING_SETUP: u32 = 425;

/// x32 has the numbers of x86-64 with this bit, and some of its own.
pub(super) const X32_BIT: u32 = 0x4000_0000;

impl Abi {
    /// How this number is read; none if it names no file.
    pub(super) fn call(&self, number: u64) -> Option<Call> {
        self.calls.iter().find(|(own, _)| u64::from(*own) == number).map(|(_, call)| *call)
    }

    /// An address as it stood in a register.
    pub(super) fn address(&self, register: u64) -> u64 {
        if self.wide { register } else { register & 0xffff_ffff }
    }

    /// The bytes of a pointer.
    pub(super) fn pointer(&self) -> usize {
        if self.wide { 8 } else { 4 }
    }
}

/// The conventions of the machine that this is compiled for, the own one first.
#[cfg(target_arch = "x86_64")]
pub(super) const HERE: &[Abi] = &INTEL;
/// The conventions of the machine that this is compiled for, the own one first.
#[cfg(target_arch = "aarch64")]
pub(super) const HERE: &[Abi] = &ARM;
/// The conventions of the machine that this is compiled for: none is known.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
pub(super) const HERE: &[Abi] = &[];

/// The convention that a call was made by.
pub(super) fn abi(audit: u32, number: u64) -> Option<&'static Abi> {
    let x32 = audit == AUDIT_X86_64 && number & u64::from(X32_BIT) != 0;
    HERE.iter().find(|abi| abi.audit == audit && abi.is_x32() == x32)
}

impl Abi {
    /// Whether it is told from another one by a bit of the number.
    pub(super) fn is_x32(&self) -> bool {
        self.audit == AUDIT_X86_64 && !self.wide
    }
}

const AUDIT_X86_64: u32 = 0xc000_003e;
const AUDIT_I386: u32 = 0x4000_0003;
const AUDIT_AARCH64: u32 = 0xc000_00b7;
const AUDIT_ARM: u32 = 0x4000_0028;

const FLAGS_INTEL: OpenFlags = OpenFlags { directory: 0o200_000, no_follow: 0o400_000 };
const FLAGS_ARM: OpenFlags = OpenFlags { directory: 0o40_000, no_follow: 0o100_000 };

#[cfg_attr(not(target_arch = "x86_64"), allow(dead_code, reason = "looked at in tests"))]
pub(super) const INTEL: [Abi; 3] = [
    Abi { audit: AUDIT_X86_64, wide: true, calls: X86_64, clone: 56, flags: &FLAGS_INTEL },
    Abi { audit: AUDIT_X86_64, wide: false, calls: X32, clone: X32_BIT + 56, flags: &FLAGS_INTEL },
    Abi { audit: AUDIT_I386, wide: false, calls: I386, clone: 120, flags: &FLAGS_INTEL },
];

#[cfg_attr(not(target_arch = "aarch64"), allow(dead_code, reason = "looked at in tests"))]
pub(super) const ARM: [Abi; 2] = [
    Abi { audit: AUDIT_AARCH64, wide: true, calls: AARCH64, clone: 220, flags: &FLAGS_ARM },
    Abi { audit: AUDIT_ARM, wide: false, calls: ARM32, clone: 120, flags: &FLAGS_ARM },
];

const fn name(name: u8) -> Named {
    Named { directory: None, name }
}

const fn at(directory: u8) -> Named {
    Named { directory: Some(directory), name: directory + 1 }
}

const OPEN: Call = Call::Open(name(0));
const OPENAT: Call = Call::Open(at(0));
const STAT: Call = Call::One(name(0), Purpose::Look, Last::Follow);
const LSTAT: Call = Call::One(name(0), Purpose::Look, Last::Keep);
const FSTATAT: Call = Call::One(at(0), Purpose::Look, Last::KeepIf(3));
const STATX: Call = Call::One(at(0), Purpose::Look, Last::KeepIf(2));
const ACCESS: Call = STAT;
const FACCESSAT: Call = Call::One(at(0), Purpose::Look, Last::Follow);
const FACCESSAT2: Call = FSTATAT;
const WATCH: Call = Call::One(name(1), Purpose::Look, Last::Follow);
const READLINK: Call = Call::One(name(0), Purpose::ReadLink, Last::Keep);
const READLINKAT: Call = Call::One(at(0), Purpose::ReadLink, Last::Keep);
const EXECVE: Call = Call::Execute(name(0));
const EXECVEAT: Call = Call::Execute(at(0));
const ENTER: Call = Call::One(name(0), Purpose::Enter, Last::Follow);
const CHANGE: Call = Call::One(name(0), Purpose::Change, Last::Keep);
const CHANGEAT: Call = Call::One(at(0), Purpose::Change, Last::Keep);
const SYMLINK: Call = Call::One(name(1), Purpose::Change, Last::Keep);
const SYMLINKAT: Call = Call::One(at(1), Purpose::Change, Last::Keep);
const RENAME: Call = Call::Two(name(0), Purpose::Change, Last::Keep, name(1));
const RENAMEAT: Call = Call::Two(at(0), Purpose::Change, Last::Keep, at(2));
const LINK: Call = Call::Two(name(0), Purpose::Look, Last::Keep, name(1));
const LINKAT: Call = Call::Two(at(0), Purpose::Look, Last::FollowIf(4), at(2));
const WRITE: Call = Call::One(name(0), Purpose::Write, Last::Follow);
/// Owner, mode or times: the name must be there and is told apart from nothing else.
const TOUCH: Call = Call::One(name(0), Purpose::Change, Last::Follow);
const TOUCHAT: Call = Call::One(at(0), Purpose::Change, Last::Follow);
const CHOWNAT: Call = Call::One(at(0), Purpose::Change, Last::KeepIf(4));
const TIMESAT: Call = Call::One(at(0), Purpose::Change, Last::KeepIf(3));

const X86_64: &[(u32, Call)] = &[
    (2, OPEN),
    (4, STAT),
    (6, LSTAT),
    (9, Call::Map),
    (21, ACCESS),
    (42, Call::Connect),
    (49, Call::Bind),
    (59, EXECVE),
    (76, WRITE),
    (78, Call::List),
    (80, ENTER),
    (81, Call::EnterDescriptor),
    (82, RENAME),
    (83, CHANGE),
    (84, CHANGE),
    (85, Call::Create),
    (86, LINK),
    (87, CHANGE),
    (88, SYMLINK),
    (89, READLINK),
    (90, TOUCH),
    (92, TOUCH),
    (94, CHANGE),
    (132, TOUCH),
    (133, CHANGE),
    (137, STAT),
    (161, ENTER),
    (217, Call::List),
    (235, TOUCH),
    (254, WATCH),
    (257, OPENAT),
    (258, CHANGEAT),
    (259, CHANGEAT),
    (260, CHOWNAT),
    (261, TOUCHAT),
    (262, FSTATAT),
    (263, CHANGEAT),
    (264, RENAMEAT),
    (265, LINKAT),
    (266, SYMLINKAT),
    (267, READLINKAT),
    (268, TOUCHAT),
    (269, FACCESSAT),
    (280, TIMESAT),
    (316, RENAMEAT),
    (322, EXECVEAT),
    (332, STATX),
    (435, Call::Clone3),
    (437, Call::OpenHow),
    (439, FACCESSAT2),
    (452, TIMESAT),
];

/// The same calls for x32: `execve` and `execveat` have numbers of their own.
const X32: &[(u32, Call)] = &{
    let mut calls = [(0, Call::List); X86_64.len()];
    let mut index = 0;
    while index < calls.len() {
        let (number, call) = X86_64[index];
        let own = match number {
            59 => 520,
            322 => 545,
            same => same,
        };
        calls[index] = (X32_BIT + own, call);
        index += 1;
    }
    calls
};

const I386: &[(u32, Call)] = &[
    (5, OPEN),
    (8, Call::Create),
    (9, LINK),
    (10, CHANGE),
    (11, EXECVE),
    (12, ENTER),
    (14, CHANGE),
    (15, TOUCH),
    (16, CHANGE),
    (18, STAT),
    (30, TOUCH),
    (33, ACCESS),
    (38, RENAME),
    (39, CHANGE),
    (40, CHANGE),
    (61, ENTER),
    (83, SYMLINK),
    (84, LSTAT),
    (85, READLINK),
    (90, Call::OldMap),
    (92, WRITE),
    (99, STAT),
    (102, Call::Sockets),
    (106, STAT),
    (107, LSTAT),
    (133, Call::EnterDescriptor),
    (141, Call::List),
    (182, TOUCH),
    (192, Call::Map),
    (193, WRITE),
    (195, STAT),
    (196, LSTAT),
    (198, CHANGE),
    (212, TOUCH),
    (220, Call::List),
    (268, STAT),
    (271, TOUCH),
    (292, WATCH),
    (295, OPENAT),
    (296, CHANGEAT),
    (297, CHANGEAT),
    (298, CHOWNAT),
    (299, TOUCHAT),
    (300, FSTATAT),
    (301, CHANGEAT),
    (302, RENAMEAT),
    (303, LINKAT),
    (304, SYMLINKAT),
    (305, READLINKAT),
    (306, TOUCHAT),
    (307, FACCESSAT),
    (320, TIMESAT),
    (353, RENAMEAT),
    (358, EXECVEAT),
    (361, Call::Bind),
    (362, Call::Connect),
    (383, STATX),
    (412, TIMESAT),
    (435, Call::Clone3),
    (437, Call::OpenHow),
    (439, FACCESSAT2),
    (452, TIMESAT),
];

const AARCH64: &[(u32, Call)] = &[
    (27, WATCH),
    (33, CHANGEAT),
    (34, CHANGEAT),
    (35, CHANGEAT),
    (36, SYMLINKAT),
    (37, LINKAT),
    (38, RENAMEAT),
    (43, STAT),
    (45, WRITE),
    (48, FACCESSAT),
    (49, ENTER),
    (50, Call::EnterDescriptor),
    (51, ENTER),
    (53, TOUCHAT),
    (54, CHOWNAT),
    (56, OPENAT),
    (61, Call::List),
    (78, READLINKAT),
    (79, FSTATAT),
    (88, TIMESAT),
    (200, Call::Bind),
    (203, Call::Connect),
    (221, EXECVE),
    (222, Call::Map),
    (276, RENAMEAT),
    (281, EXECVEAT),
    (291, STATX),
    (435, Call::Clone3),
    (437, Call::OpenHow),
    (439, FACCESSAT2),
    (452, TIMESAT),
];

const ARM32: &[(u32, Call)] = &[
    (5, OPEN),
    (8, Call::Create),
    (9, LINK),
    (10, CHANGE),
    (11, EXECVE),
    (12, ENTER),
    (14, CHANGE),
    (15, TOUCH),
    (16, CHANGE),
    (33, ACCESS),
    (38, RENAME),
    (39, CHANGE),
    (40, CHANGE),
    (61, ENTER),
    (83, SYMLINK),
    (85, READLINK),
    (92, WRITE),
    (99, STAT),
    (106, STAT),
    (107, LSTAT),
    (133, Call::EnterDescriptor),
    (141, Call::List),
    (182, TOUCH),
    (192, Call::Map),
    (193, WRITE),
    (195, STAT),
    (196, LSTAT),
    (198, CHANGE),
    (212, TOUCH),
    (217, Call::List),
    (266, STAT),
    (269, TOUCH),
    (282, Call::Bind),
    (283, Call::Connect),
    (317, WATCH),
    (322, OPENAT),
    (323, CHANGEAT),
    (324, CHANGEAT),
    (325, CHOWNAT),
    (326, TOUCHAT),
    (327, FSTATAT),
    (328, CHANGEAT),
    (329, RENAMEAT),
    (330, LINKAT),
    (331, SYMLINKAT),
    (332, READLINKAT),
    (333, TOUCHAT),
    (334, FACCESSAT),
    (348, TIMESAT),
    (382, RENAMEAT),
    (387, EXECVEAT),
    (397, STATX),
    (412, TIMESAT),
    (435, Call::Clone3),
    (437, Call::OpenHow),
    (439, FACCESSAT2),
    (452, TIMESAT),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_once_and_in_order() {
        for abi in INTEL.iter().chain(&ARM) {
            let numbers: Vec<u32> = abi.calls.iter().map(|(number, _)| *number).collect();
            let x32 = if abi.is_x32() { X32_BIT } else { 0 };
            let plain = numbers.iter().filter(|number| ![520, 545].contains(&(*number - x32)));
            assert!(plain.is_sorted_by(|a, b| a < b), "{:x}", abi.audit);
            let others = [abi.clone, x32 + IO_URING_SETUP];
            assert!(others.iter().all(|number| !numbers.contains(number)), "{:x}", abi.audit);
        }
    }

    /// The names of this machine's calls, as libc has them, mean what the table says.
    #[test]
    #[cfg(target_arch = "x86_64")]
    fn numbers_are_those_of_libc() {
        let call = |number: libc::c_long| INTEL[0].call(number.unsigned_abs());
        assert_eq!(call(libc::SYS_open), Some(OPEN));
        assert_eq!(call(libc::SYS_openat), Some(OPENAT));
        assert_eq!(call(libc::SYS_openat2), Some(Call::OpenHow));
        assert_eq!(call(libc::SYS_creat), Some(Call::Create));
        assert_eq!(call(libc::SYS_newfstatat), Some(FSTATAT));
        assert_eq!(call(libc::SYS_statx), Some(STATX));
        assert_eq!(call(libc::SYS_faccessat2), Some(FACCESSAT2));
        assert_eq!(call(libc::SYS_readlinkat), Some(READLINKAT));
        assert_eq!(call(libc::SYS_execveat), Some(EXECVEAT));
        assert_eq!(call(libc::SYS_getdents64), Some(Call::List));
        assert_eq!(call(libc::SYS_connect), Some(Call::Connect));
        assert_eq!(call(libc::SYS_renameat2), Some(RENAMEAT));
        assert_eq!(call(libc::SYS_linkat), Some(LINKAT));
        assert_eq!(call(libc::SYS_symlinkat), Some(SYMLINKAT));
        assert_eq!(call(libc::SYS_mmap), Some(Call::Map));
        assert_eq!(call(libc::SYS_read), None);
        assert_eq!(abi(AUDIT_X86_64, u64::from(X32_BIT) + 2).map(Abi::is_x32), Some(true));
        assert_eq!(abi(AUDIT_X86_64, 2).map(Abi::is_x32), Some(false));
        assert_eq!(abi(AUDIT_I386, 2).map(|abi| abi.wide), Some(false));
        assert!(abi(0, 2).is_none());
    }
}
