//! What a loader reads of an ELF file: header, program headers, dynamic section, versions, notes.
//!
//! Everything is found through the program headers, as loaders do; section headers may be absent
//! or wrong. Symbols are read only when asked for, relocations never, and nothing is ever executed.
//!
//! Format: [System V ABI, object files](https://www.sco.com/developers/gabi/latest/contents.html),
//! [LSB symbol versioning](https://refspecs.linuxfoundation.org/LSB_5.0.0/LSB-Core-generic/LSB-Core-generic/symversion.html).

mod dynamic;
mod header;
mod notes;
mod reader;
mod strings;
mod symbol_table;
mod symbols;
mod versions;

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use crate::words::{ByteOrder, Class, InputError, Platform, ReadAt};

pub use dynamic::{Dynamic, Flags1, NeededTag};
pub use header::{FileType, Header, HeaderFault};
pub use notes::{DlopenNote, DlopenPriority};
pub use strings::strings_holding;
pub use symbol_table::{Definition, SymbolTable, Wanted};
pub use versions::{VersionDefinitions, VersionNeed};

use reader::Reader;

/// What a loader reads of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elf {
    /// The file header.
    pub header: Header,
    /// `PT_INTERP`: the program's interpreter, without the NUL at its end.
    pub interpreter: Option<Box<[u8]>>,
    /// Why the kernel would refuse `PT_INTERP`; of a library nobody reads it.
    pub interpreter_fault: Option<ElfError>,
    /// `PT_DYNAMIC`; none in a static executable.
    pub dynamic: Option<Dynamic>,
    /// The `.note.dlopen` notes.
    pub dlopen_notes: Vec<DlopenNote>,
    /// `GNU_PROPERTY_X86_ISA_1_NEEDED`: the highest x86-64 level (1 to 4) the file demands.
    pub x86_isa_level: Option<u8>,
    /// The file must be loaded position-independent or not: whether any `PT_LOAD` is there at all.
    pub is_loadable: bool,
}

/// Why a file could not be read as ELF.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ElfError {
    /// The header is not one that loaders accept.
    #[error(transparent)]
    Header(#[from] HeaderFault),
    /// Beyond the header, something points outside the file or at nonsense.
    #[error("damaged ELF file: {0}")]
    Damaged(String),
    /// The input failed.
    #[error(transparent)]
    Input(#[from] InputError),
}

impl Elf {
    /// Reads what a loader reads of `file`: a few small pieces, whatever the file's size.
    ///
    /// # Errors
    /// When it is not ELF, is damaged where a loader would look, or cannot be read.
    pub fn parse(file: &dyn ReadAt) -> Result<Self, ElfError> {
        let pages = reader::Pages::new(file);
        let start = pages.up_to(0, header::LONGEST)?;
        let header = Header::parse(&start)?;
        let reader = Reader::new(&pages, header.class, header.order);
        let segments = header::segments(&reader, &header)?;
        let dynamic = dynamic::read(&reader, &segments)?;
        let (dlopen_notes, x86_isa_level) = notes::read(&reader, &segments)?;
        let (interpreter, interpreter_fault) = match header::interpreter(&reader, &segments) {
            Ok(interpreter) => (interpreter, None),
            Err(error) => (None, Some(error)),
        };
        Ok(Self {
            interpreter,
            interpreter_fault,
            dynamic,
            dlopen_notes,
            x86_isa_level,
            is_loadable: segments.iter().any(header::Segment::is_load),
            header,
        })
    }

    /// Which of `names` the file defines as dynamic symbols.
    ///
    /// # Errors
    /// As [`Elf::parse`].
    pub fn defines(file: &dyn ReadAt, names: &[&[u8]]) -> Result<Vec<bool>, ElfError> {
        let pages = reader::Pages::new(file);
        let start = pages.up_to(0, header::LONGEST)?;
        let header = Header::parse(&start)?;
        let reader = Reader::new(&pages, header.class, header.order);
        let segments = header::segments(&reader, &header)?;
        symbols::defined(&reader, &segments, names)
    }

    /// The dynamic symbols of a file.
    ///
    /// # Errors
    /// As [`Elf::parse`].
    pub fn symbols(file: &dyn ReadAt) -> Result<SymbolTable, ElfError> {
        let pages = reader::Pages::new(file);
        let start = pages.up_to(0, header::LONGEST)?;
        let header = Header::parse(&start)?;
        let reader = Reader::new(&pages, header.class, header.order);
        let segments = header::segments(&reader, &header)?;
        symbol_table::read(&reader, &header, &segments)
    }

    /// The platform the file was made for; none for a machine that OCI has no name for.
    pub fn platform(&self) -> Option<Platform> {
        Platform::of_elf(self.header.machine, self.header.class, self.header.order)
    }

    /// Whether the kernel can start it without any other file.
    pub fn is_static_program(&self) -> bool {
        self.interpreter.is_none() && self.needed().next().is_none()
    }

    /// `DT_NEEDED` and its relatives, in the order they stand.
    pub fn needed(&self) -> impl Iterator<Item = (NeededTag, &[u8])> {
        self.dynamic
            .iter()
            .flat_map(|dynamic| dynamic.needed.iter().map(|(tag, name)| (*tag, &**name)))
    }

    /// `DT_SONAME`.
    pub fn soname(&self) -> Option<&[u8]> {
        self.dynamic.as_ref()?.soname.as_deref()
    }

    /// Class and byte order.
    pub fn layout(&self) -> (Class, ByteOrder) {
        (self.header.class, self.header.order)
    }
}

/// The first bytes of every ELF file.
pub const MAGIC: [u8; 4] = *b"\x7fELF";
