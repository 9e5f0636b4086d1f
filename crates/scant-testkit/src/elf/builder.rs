//! The builder: what an ELF file is to say.

use super::notes::Note;
use super::symbols::{HashStyle, Symbol, VersionNeed};
use super::{Machine, layout};

/// An ELF file to be made. Entries of the dynamic section keep the order of the calls.
#[derive(Clone, Debug)]
#[must_use]
pub struct Elf {
    pub(crate) machine: Machine,
    pub(crate) kind: u16,
    pub(crate) interpreter: Option<Vec<u8>>,
    pub(crate) has_dynamic: bool,
    pub(crate) dynamic: Vec<Entry>,
    pub(crate) flags_1: u64,
    pub(crate) symbols: Vec<Symbol>,
    pub(crate) hash: HashStyle,
    pub(crate) needs: Vec<VersionNeed>,
    pub(crate) definitions: Vec<String>,
    pub(crate) notes: Vec<Note>,
    pub(crate) separate_notes: bool,
    pub(crate) x86_level: Option<u32>,
    pub(crate) rodata: Vec<u8>,
    pub(crate) extra_headers: Vec<(u32, Vec<u8>)>,
    pub(crate) sections: Sections,
    pub(crate) header: Header,
}

/// What stands in the section header table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sections {
    /// There is none, as after `sstrip`.
    Absent,
    /// A true one.
    Real,
    /// The ELF header points far behind the end of the file.
    Garbage,
}

/// An entry of the dynamic section.
#[derive(Clone, Debug)]
pub(crate) enum Entry {
    String(u64, Vec<u8>),
    Number(u64, u64),
}

/// The fields of the ELF header (and of one program header) that a test may want wrong.
#[derive(Clone, Debug)]
pub(crate) struct Header {
    pub(crate) flags: u32,
    pub(crate) osabi: u8,
    pub(crate) abi_version: u8,
    pub(crate) padding: u8,
    pub(crate) version: u32,
    pub(crate) phentsize: Option<u16>,
    pub(crate) dynamic_offset: Option<u64>,
    pub(crate) unterminated_interpreter: bool,
}

const DT_NEEDED: u64 = 1;
const DT_SONAME: u64 = 14;
const DT_RPATH: u64 = 15;
const DT_RUNPATH: u64 = 29;
const DT_DEPAUDIT: u64 = 0x6fff_fefb;
const DT_AUDIT: u64 = 0x6fff_fefc;
const DT_AUXILIARY: u64 = 0x7fff_fffd;
const DT_FILTER: u64 = 0x7fff_ffff;

impl Elf {
    /// `DF_1_NODEFLIB`, for [`Elf::flags_1`].
    pub const NODEFLIB: u64 = 0x800;
    /// `DF_1_PIE`, which programs have from the start.
    pub const PIE: u64 = 0x0800_0000;

    /// A position-independent program. Without an interpreter it is a `static-pie` one.
    pub fn program(machine: Machine) -> Self {
        Self { flags_1: Self::PIE, ..Self::library(machine) }
    }

    /// A static program at a fixed address: neither interpreter nor dynamic section.
    pub fn static_program(machine: Machine) -> Self {
        Self { has_dynamic: false, ..Self::library(machine).kind(2) }
    }

    /// A static program that relocates itself: a dynamic section that needs nothing.
    pub fn static_pie(machine: Machine) -> Self {
        Self::program(machine)
    }

    /// A shared library.
    pub fn library(machine: Machine) -> Self {
        Self {
            machine,
            kind: 3,
            interpreter: None,
            has_dynamic: true,
            dynamic: Vec::new(),
            flags_1: 0,
            symbols: Vec::new(),
            hash: HashStyle::Sysv,
            needs: Vec::new(),
            definitions: Vec::new(),
            notes: Vec::new(),
            separate_notes: false,
            x86_level: None,
            rodata: Vec::new(),
            extra_headers: Vec::new(),
            sections: Sections::Absent,
            header: Header {
                flags: machine.flags(),
                osabi: 0,
                abi_version: 0,
                padding: 0,
                version: 1,
                phentsize: None,
                dynamic_offset: None,
                unterminated_interpreter: false,
            },
        }
    }

    /// glibc's loader with these compiled-in directories; [`super::Glibc`] has more to choose.
    pub fn glibc_loader(machine: Machine, directories: &[&str]) -> Self {
        super::Glibc::new(machine).directories(directories).elf()
    }

    /// musl's loader, which is its `libc.so` as well.
    pub fn musl_loader(machine: Machine) -> Self {
        super::loader::musl(machine)
    }

    /// uClibc-ng's loader.
    pub fn uclibc_loader(machine: Machine) -> Self {
        super::loader::uclibc(machine)
    }

    /// `PT_INTERP`.
    pub fn interpreter(mut self, path: &str) -> Self {
        self.interpreter = Some(path.into());
        self
    }

    /// Adds a `DT_NEEDED`.
    pub fn needed(self, name: &str) -> Self {
        self.string_entry(DT_NEEDED, name)
    }

    /// Adds a `DT_SONAME`.
    pub fn soname(self, name: &str) -> Self {
        self.string_entry(DT_SONAME, name)
    }

    /// Adds a `DT_RPATH`.
    pub fn rpath(self, path: &str) -> Self {
        self.string_entry(DT_RPATH, path)
    }

    /// Adds a `DT_RUNPATH`.
    pub fn runpath(self, path: &str) -> Self {
        self.string_entry(DT_RUNPATH, path)
    }

    /// Adds a `DT_AUXILIARY`.
    pub fn auxiliary(self, name: &str) -> Self {
        self.string_entry(DT_AUXILIARY, name)
    }

    /// Adds a `DT_FILTER`.
    pub fn filter(self, name: &str) -> Self {
        self.string_entry(DT_FILTER, name)
    }

    /// Adds a `DT_AUDIT`.
    pub fn audit(self, names: &str) -> Self {
        self.string_entry(DT_AUDIT, names)
    }

    /// Adds a `DT_DEPAUDIT`.
    pub fn depaudit(self, names: &str) -> Self {
        self.string_entry(DT_DEPAUDIT, names)
    }

    /// Adds an entry whose value is a string of the string table.
    pub fn string_entry(mut self, tag: u64, value: &str) -> Self {
        self.dynamic.push(Entry::String(tag, value.into()));
        self
    }

    /// Adds an entry with a number: a wrong offset, a second `DT_STRTAB`, an unknown tag.
    pub fn number_entry(mut self, tag: u64, value: u64) -> Self {
        self.dynamic.push(Entry::Number(tag, value));
        self
    }

    /// Sets bits of `DT_FLAGS_1`.
    pub fn flags_1(mut self, bits: u64) -> Self {
        self.flags_1 |= bits;
        self
    }

    /// Leaves `PT_DYNAMIC` out.
    pub fn without_dynamic(mut self) -> Self {
        self.has_dynamic = false;
        self
    }

    /// Imports a symbol: `dlopen`, or `dlopen@GLIBC_2.34` with a version that is needed of a file.
    pub fn imports(self, symbol: &str) -> Self {
        self.symbol(symbol, false)
    }

    /// Exports a symbol: `z_open`, or `z_open@Z_1` with a version that is defined here.
    pub fn exports(self, symbol: &str) -> Self {
        self.symbol(symbol, true)
    }

    fn symbol(mut self, symbol: &str, defined: bool) -> Self {
        let (name, version) = match symbol.split_once('@') {
            Some((name, version)) => (name, Some(version.to_string())),
            None => (symbol, None),
        };
        self.symbols.push(Symbol { name: name.to_string(), version, defined });
        self
    }

    /// Which hash table the symbols get: `DT_HASH` unless said otherwise.
    pub fn hash(mut self, style: HashStyle) -> Self {
        self.hash = style;
        self
    }

    /// Needs a version of a file (`DT_VERNEED`).
    pub fn needs_version(self, file: &str, version: &str) -> Self {
        self.version_need(file, version, false)
    }

    /// Needs a version of a file weakly (`VER_FLG_WEAK`).
    pub fn needs_version_weakly(self, file: &str, version: &str) -> Self {
        self.version_need(file, version, true)
    }

    fn version_need(mut self, file: &str, version: &str, weak: bool) -> Self {
        let version = (version.to_string(), weak);
        match self.needs.iter_mut().find(|need| need.file == file) {
            Some(need) => need.versions.push(version),
            None => self.needs.push(VersionNeed { file: file.into(), versions: vec![version] }),
        }
        self
    }

    /// Defines a version (`DT_VERDEF`); the base definition is added by itself.
    pub fn defines_version(mut self, version: &str) -> Self {
        self.definitions.push(version.to_string());
        self
    }

    /// Adds a note. A NUL is put after the owner.
    pub fn note(mut self, owner: &str, kind: u32, description: &[u8]) -> Self {
        self.notes.push(Note::new(owner, kind, description));
        self
    }

    /// Adds a build ID note.
    pub fn build_id(mut self, id: &[u8]) -> Self {
        self.notes.push(Note::build_id(id));
        self
    }

    /// Adds a note about libraries that are opened at run time; the JSON text is taken as it is.
    pub fn dlopen_note(mut self, json: &str) -> Self {
        self.notes.push(Note::dlopen(json));
        self
    }

    /// Gives each note a `PT_NOTE` of its own; by default they share one.
    pub fn separate_notes(mut self) -> Self {
        self.separate_notes = true;
        self
    }

    /// Needs an x86 level (`GNU_PROPERTY_X86_ISA_1_NEEDED`): 1 is the baseline, 4 `x86-64-v4`.
    pub fn x86_level(mut self, level: u32) -> Self {
        assert!((1..=4).contains(&level), "x86-64 has the levels 1 to 4");
        self.x86_level = Some(level);
        self
    }

    /// Adds a string constant, with a NUL after it.
    pub fn string(self, text: &str) -> Self {
        self.rodata(&[text.as_bytes(), b"\0"].concat())
    }

    /// Adds bytes to the read-only data.
    pub fn rodata(mut self, bytes: &[u8]) -> Self {
        self.rodata.extend_from_slice(bytes);
        self
    }

    /// Adds a segment of any type, such as `PT_MIPS_ABIFLAGS`.
    pub fn segment(mut self, kind: u32, bytes: &[u8]) -> Self {
        self.extra_headers.push((kind, bytes.to_vec()));
        self
    }

    /// Which section headers there are.
    pub fn sections(mut self, sections: Sections) -> Self {
        self.sections = sections;
        self
    }

    /// `e_type`: 2 is `ET_EXEC`, 3 is `ET_DYN`.
    pub fn kind(mut self, kind: u16) -> Self {
        self.kind = kind;
        self
    }

    /// `e_flags`.
    pub fn flags(mut self, flags: u32) -> Self {
        self.header.flags = flags;
        self
    }

    /// `EI_OSABI`: 0 is System V, 3 GNU.
    pub fn osabi(mut self, osabi: u8) -> Self {
        self.header.osabi = osabi;
        self
    }

    /// `EI_ABIVERSION`.
    pub fn abi_version(mut self, version: u8) -> Self {
        self.header.abi_version = version;
        self
    }

    /// The first padding byte of `e_ident`.
    pub fn ident_padding(mut self, byte: u8) -> Self {
        self.header.padding = byte;
        self
    }

    /// `e_version`.
    pub fn version(mut self, version: u32) -> Self {
        self.header.version = version;
        self
    }

    /// `e_phentsize`.
    pub fn phentsize(mut self, size: u16) -> Self {
        self.header.phentsize = Some(size);
        self
    }

    /// The `p_offset` of `PT_DYNAMIC`, at which loaders do not look.
    pub fn dynamic_offset(mut self, offset: u64) -> Self {
        self.header.dynamic_offset = Some(offset);
        self
    }

    /// Leaves the NUL after the interpreter's path out.
    pub fn unterminated_interpreter(mut self) -> Self {
        self.header.unterminated_interpreter = true;
        self
    }

    /// The machine.
    pub fn machine(&self) -> Machine {
        self.machine
    }

    /// The bytes of the file.
    pub fn build(&self) -> Vec<u8> {
        layout::write(self)
    }
}
