//! ELF notes: build IDs, GNU properties, and the metadata of libraries opened at run time.

use super::Machine;
use super::bytes::Bytes;

/// `NT_GNU_BUILD_ID`.
const BUILD_ID: u32 = 3;
/// `NT_GNU_PROPERTY_TYPE_0`.
const PROPERTY: u32 = 5;
/// `GNU_PROPERTY_X86_ISA_1_NEEDED`.
const X86_ISA_NEEDED: u32 = 0xc000_8002;
/// `NT_FDO_DLOPEN_METADATA`.
/// [The package notes specification](https://uapi-group.org/specifications/specs/elf_dlopen_metadata/).
pub const DLOPEN: u32 = 0x407c_0c0a;

/// One note: who defined its type, the type, and the description.
#[derive(Clone, Debug)]
pub(crate) struct Note {
    owner: Vec<u8>,
    kind: u32,
    description: Vec<u8>,
}

impl Note {
    /// `owner` is written with a NUL after it.
    pub(crate) fn new(owner: &str, kind: u32, description: &[u8]) -> Self {
        let owner = [owner.as_bytes(), b"\0"].concat();
        Self { owner, kind, description: description.to_vec() }
    }

    pub(crate) fn build_id(id: &[u8]) -> Self {
        Self::new("GNU", BUILD_ID, id)
    }

    pub(crate) fn dlopen(json: &str) -> Self {
        Self::new("FDO", DLOPEN, &[json.as_bytes(), b"\0"].concat())
    }

    /// The x86 level that the file needs: 1 is the baseline, 4 is `x86-64-v4`.
    pub(crate) fn x86_level(machine: Machine, level: u32) -> Self {
        let mut property = Bytes::new(machine);
        property.u32(X86_ISA_NEEDED).u32(4).u32(1 << (level - 1)).pad_to(property_align(machine));
        Self::new("GNU", PROPERTY, &property.finish())
    }

    pub(crate) fn write(&self, out: &mut Bytes, align: usize) {
        let length = |bytes: &[u8]| u32::try_from(bytes.len()).expect("a note is small");
        out.u32(length(&self.owner)).u32(length(&self.description)).u32(self.kind);
        out.raw(&self.owner).pad_to(align).raw(&self.description).pad_to(align);
    }
}

/// The alignment of property notes, which follows the class, other than that of all other notes.
pub(crate) fn property_align(machine: Machine) -> usize {
    if machine.is_64_bit() { 8 } else { 4 }
}
