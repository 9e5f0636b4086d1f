//! The machines that ELF files can be made for, and what the names, numbers and flags of each are.

/// A processor with its ABI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Machine {
    /// 32-bit x86.
    I386,
    /// 64-bit x86.
    X86_64,
    /// 64-bit x86 with 32-bit pointers: machine x86-64 in an ELF32 file.
    X32,
    /// 64-bit Arm.
    Aarch64,
    /// 32-bit Arm, hard float.
    Arm,
    /// 64-bit RISC-V, `lp64d`.
    Riscv64,
    /// Little-endian 64-bit POWER, `ELFv2`.
    Ppc64le,
    /// 64-bit z/Architecture, big-endian.
    S390x,
    /// Big-endian 32-bit MIPS, `o32`.
    Mips,
    /// Little-endian 64-bit MIPS, `n64`.
    Mips64el,
    /// 64-bit LoongArch, `lp64d`.
    Loongarch64,
}

struct Facts {
    name: &'static str,
    class: u32,
    big_endian: bool,
    number: u16,
    flags: u32,
    cache_flags: u32,
    glibc: &'static str,
    musl: &'static str,
    multiarch: &'static str,
    hwcaps: &'static str,
}

impl Machine {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::I386,
        Self::X86_64,
        Self::X32,
        Self::Aarch64,
        Self::Arm,
        Self::Riscv64,
        Self::Ppc64le,
        Self::S390x,
        Self::Mips,
        Self::Mips64el,
        Self::Loongarch64,
    ];

    /// The machine of that name, as [`Machine::name`] gives it.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|machine| machine.name() == name)
    }

    /// Its name in listings: `x86_64`, `ppc64le`.
    pub fn name(self) -> &'static str {
        self.facts().name
    }

    /// Whether its ELF files are of class `ELFCLASS64`.
    pub fn is_64_bit(self) -> bool {
        self.facts().class == 64
    }

    /// Whether its ELF files are written with the most significant byte first.
    pub fn is_big_endian(self) -> bool {
        self.facts().big_endian
    }

    /// `e_machine`.
    pub fn number(self) -> u16 {
        self.facts().number
    }

    /// The usual `e_flags`.
    pub fn flags(self) -> u32 {
        self.facts().flags
    }

    /// The flags of its entries in `ld.so.cache`.
    pub fn cache_flags(self) -> u32 {
        self.facts().cache_flags
    }

    /// The path of glibc's loader, which programs name as their interpreter.
    pub fn glibc_loader(self) -> &'static str {
        self.facts().glibc
    }

    /// The path of musl's loader.
    pub fn musl_loader(self) -> String {
        format!("/lib/ld-musl-{}.so.1", self.musl_name())
    }

    /// Its name in the file names of musl.
    pub fn musl_name(self) -> &'static str {
        self.facts().musl
    }

    /// Debian's multiarch tuple.
    pub fn multiarch(self) -> &'static str {
        self.facts().multiarch
    }

    /// The `glibc-hwcaps` levels that its glibc knows, best first, with colons; empty if none.
    pub fn hwcaps(self) -> &'static str {
        self.facts().hwcaps
    }

    fn facts(self) -> Facts {
        let facts = |name, class, big_endian, number, flags, cache_flags| Facts {
            name,
            class,
            big_endian,
            number,
            flags,
            cache_flags,
            glibc: "",
            musl: name,
            multiarch: "",
            hwcaps: "",
        };
        match self {
            Self::I386 => Facts {
                glibc: "/lib/ld-linux.so.2",
                multiarch: "i386-linux-gnu",
                ..facts("i386", 32, false, 3, 0, 3)
            },
            Self::X86_64 => Facts {
                glibc: "/lib64/ld-linux-x86-64.so.2",
                multiarch: "x86_64-linux-gnu",
                hwcaps: "x86-64-v4:x86-64-v3:x86-64-v2",
                ..facts("x86_64", 64, false, 62, 0, 0x303)
            },
            Self::X32 => Facts {
                glibc: "/libx32/ld-linux-x32.so.2",
                multiarch: "x86_64-linux-gnux32",
                hwcaps: "x86-64-v4:x86-64-v3:x86-64-v2",
                ..facts("x32", 32, false, 62, 0, 0x803)
            },
            Self::Aarch64 => Facts {
                glibc: "/lib/ld-linux-aarch64.so.1",
                multiarch: "aarch64-linux-gnu",
                ..facts("aarch64", 64, false, 183, 0, 0xa03)
            },
            Self::Arm => Facts {
                glibc: "/lib/ld-linux-armhf.so.3",
                musl: "armhf",
                multiarch: "arm-linux-gnueabihf",
                ..facts("arm", 32, false, 40, 0x0500_0400, 0x903)
            },
            Self::Riscv64 => Facts {
                glibc: "/lib/ld-linux-riscv64-lp64d.so.1",
                multiarch: "riscv64-linux-gnu",
                ..facts("riscv64", 64, false, 243, 5, 0x1003)
            },
            Self::Ppc64le => Facts {
                glibc: "/lib64/ld64.so.2",
                musl: "powerpc64le",
                multiarch: "powerpc64le-linux-gnu",
                hwcaps: "power10:power9",
                ..facts("ppc64le", 64, false, 21, 2, 0x503)
            },
            Self::S390x => Facts {
                glibc: "/lib/ld64.so.1",
                multiarch: "s390x-linux-gnu",
                hwcaps: "z16:z15:z14:z13",
                ..facts("s390x", 64, true, 22, 0, 0x403)
            },
            Self::Mips => Facts {
                glibc: "/lib/ld.so.1",
                multiarch: "mips-linux-gnu",
                ..facts("mips", 32, true, 8, 0x7000_1007, 3)
            },
            Self::Mips64el => Facts {
                glibc: "/lib64/ld.so.1",
                multiarch: "mips64el-linux-gnuabi64",
                ..facts("mips64el", 64, false, 8, 0x8000_0007, 0x703)
            },
            Self::Loongarch64 => Facts {
                glibc: "/lib64/ld-linux-loongarch-lp64d.so.1",
                multiarch: "loongarch64-linux-gnu",
                ..facts("loongarch64", 64, false, 258, 0x43, 0x1203)
            },
        }
    }
}
