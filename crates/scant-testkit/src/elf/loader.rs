//! Stand-ins for the loaders of the C libraries. They hold the strings that tell which loader it
//! is and which directories were compiled into it, where a compiler would have put them.

use super::{Elf, Machine};

/// glibc's loader, and what its build chose.
#[derive(Clone, Debug)]
#[must_use]
pub struct Glibc {
    machine: Machine,
    directories: Vec<String>,
    cache: String,
    lib: String,
    release: String,
    hwcaps: String,
    has_legacy_hwcaps: bool,
}

impl Glibc {
    /// As upstream builds it for a system with `/lib` and `/usr/lib` only.
    pub fn new(machine: Machine) -> Self {
        Self {
            machine,
            directories: vec!["/lib/".into(), "/usr/lib/".into()],
            cache: "/etc/ld.so.cache".into(),
            lib: "lib".into(),
            release: "2.41".into(),
            hwcaps: machine.hwcaps().into(),
            has_legacy_hwcaps: false,
        }
    }

    /// As Debian builds it: four multiarch directories.
    pub fn debian(machine: Machine) -> Self {
        let tuple = machine.multiarch();
        let (first, second) = (format!("/lib/{tuple}/"), format!("/usr/lib/{tuple}/"));
        Self::new(machine)
            .directories(&[&first, &second, "/lib/", "/usr/lib/"])
            .lib(&format!("lib/{tuple}"))
    }

    /// The default directories, each with a slash at its end.
    pub fn directories(mut self, directories: &[&str]) -> Self {
        self.directories = directories.iter().map(ToString::to_string).collect();
        self
    }

    /// The path of the cache.
    pub fn cache(mut self, path: &str) -> Self {
        self.cache = path.into();
        self
    }

    /// What `$LIB` stands for.
    pub fn lib(mut self, name: &str) -> Self {
        self.lib = name.into();
        self
    }

    /// The release, such as `2.36`.
    pub fn release(mut self, release: &str) -> Self {
        self.release = release.into();
        self
    }

    /// The `glibc-hwcaps` levels, best first, with colons.
    pub fn hwcaps(mut self, levels: &str) -> Self {
        self.hwcaps = levels.into();
        self
    }

    /// Searches the old directories as well (`tls`, `haswell`), as releases before 2.37 did.
    pub fn legacy_hwcaps(mut self) -> Self {
        self.has_legacy_hwcaps = true;
        self
    }

    /// The loader; its soname is that of the machine.
    pub fn elf(self) -> Elf {
        let path = self.machine.glibc_loader();
        let soname = path.rsplit('/').next().unwrap_or(path);
        // In glibc the lengths of the directories, as numbers, stand before them.
        let mut elf = Elf::library(self.machine).soname(soname).rodata(&[23, 0, 0, 0, 0, 0, 0, 0]);
        for directory in &self.directories {
            elf = elf.string(directory);
        }
        elf = elf.rodata(&[0; 8]).string("ORIGIN").string("PLATFORM").string("LIB");
        elf = elf.string(&self.lib).string("system search path");
        elf = elf.string(&self.cache).string(" search cache=%s\n");
        elf = elf.string("glibc-ld.so.cache1.1").string("ld.so-1.7.0").rodata(&[0; 4]);
        if !self.hwcaps.is_empty() {
            elf = elf.string(&self.hwcaps).rodata(&[0; 2]);
        }
        if self.has_legacy_hwcaps {
            elf =
                elf.string("\nLegacy HWCAP subdirectories under library search path directories:");
        }
        elf.string("version.release").string(&self.release).string(&format!(
            "ld.so (GNU libc) stable release version {}.\nCopyright (C) Free Software Foundation\n",
            self.release
        ))
    }
}

pub(crate) fn musl(machine: Machine) -> Elf {
    let name = machine.musl_name();
    Elf::library(machine)
        .soname("libc.so")
        .exports("__libc_start_main")
        .exports("stdin")
        .string(&format!("musl libc ({name})\nVersion %s\nDynamic Program Loader\n"))
        .string("/lib:/usr/local/lib:/usr/lib")
        .string(&format!("%.*s/etc/ld-musl-{name}.path"))
        .string("Error loading shared library %s: %m (needed by %s)")
}

pub(crate) fn uclibc(machine: Machine) -> Elf {
    let soname = if machine.is_64_bit() { "ld64-uClibc.so.1" } else { "ld-uClibc.so.1" };
    Elf::library(machine)
        .soname(soname)
        .string("/etc/ld.so.cache")
        .string("ld.so-1.7.0")
        .string("ld-uClibc.so.1")
        .string("/lib:/usr/lib")
        .string("%s: can't load library '%s'\n")
}
