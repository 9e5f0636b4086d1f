//! The dynamic section: what a file needs, its own name, and where it says to search.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::ElfError;
use super::header::{Segment, offset_of};
use super::reader::{Reader, damaged};
use super::versions::{self, VersionDefinitions, VersionNeed};

/// More entries than any linker writes.
const MOST_ENTRIES: u64 = 1 << 16;

/// What the dynamic section says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dynamic {
    /// `DT_NEEDED`, `DT_AUXILIARY` and `DT_FILTER` in their order: loaders follow that order.
    pub needed: Vec<(NeededTag, Box<[u8]>)>,
    /// `DT_SONAME`.
    pub soname: Option<Box<[u8]>>,
    /// `DT_RPATH`, as it stands.
    pub rpath: Option<Box<[u8]>>,
    /// `DT_RUNPATH`, as it stands.
    pub runpath: Option<Box<[u8]>>,
    /// `DT_AUDIT` and `DT_DEPAUDIT`: colon-separated lists, as they stand.
    pub audit: Vec<Box<[u8]>>,
    /// `DT_FLAGS_1`.
    pub flags_1: Flags1,
    /// The versions it wants of the files it needs.
    pub version_needs: Vec<VersionNeed>,
    /// The versions it defines; none when it has no version definitions at all.
    pub version_definitions: Option<VersionDefinitions>,
}

/// Which kind of dependency an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NeededTag {
    /// `DT_NEEDED`.
    Needed,
    /// `DT_AUXILIARY`.
    Auxiliary,
    /// `DT_FILTER`.
    Filter,
}

/// `DT_FLAGS_1`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags1(pub u64);

impl Flags1 {
    /// `DF_1_NODEFLIB`: the default directories are not searched for what this object needs.
    pub fn no_default_directories(self) -> bool {
        self.0 & 0x800 != 0
    }

    /// `DF_1_PIE`: a position-independent program, which must not be loaded as a library.
    pub fn is_program(self) -> bool {
        self.0 & 0x0800_0000 != 0
    }
}

/// Tag numbers, <https://www.sco.com/developers/gabi/latest/ch5.dynamic.html> and `elf.h`.
pub(super) mod tag {
    pub(in crate::formats::elf) const NULL: u64 = 0;
    pub(in crate::formats::elf) const NEEDED: u64 = 1;
    pub(in crate::formats::elf) const STRTAB: u64 = 5;
    pub(in crate::formats::elf) const SONAME: u64 = 14;
    pub(in crate::formats::elf) const RPATH: u64 = 15;
    pub(in crate::formats::elf) const RUNPATH: u64 = 29;
    pub(in crate::formats::elf) const DEPAUDIT: u64 = 0x6fff_fefb;
    pub(in crate::formats::elf) const AUDIT: u64 = 0x6fff_fefc;
    pub(in crate::formats::elf) const FLAGS_1: u64 = 0x6fff_fffb;
    pub(in crate::formats::elf) const VERDEF: u64 = 0x6fff_fffc;
    pub(in crate::formats::elf) const VERDEFNUM: u64 = 0x6fff_fffd;
    pub(in crate::formats::elf) const VERNEED: u64 = 0x6fff_fffe;
    pub(in crate::formats::elf) const VERNEEDNUM: u64 = 0x6fff_ffff;
    pub(in crate::formats::elf) const AUXILIARY: u64 = 0x7fff_fffd;
    pub(in crate::formats::elf) const FILTER: u64 = 0x7fff_ffff;
}

/// The (tag, value) pairs up to `DT_NULL`. `PT_DYNAMIC` is found by its address through `PT_LOAD`,
/// as the loader does; its file offset is only looked at when no `PT_LOAD` covers the address.
pub(super) fn entries(
    reader: &Reader<'_>,
    segments: &[Segment],
) -> Result<Option<Vec<(u64, u64)>>, ElfError> {
    // Of several the last; one without bytes is in files of debugging information only.
    let is_dynamic = |s: &&Segment| s.kind == Segment::DYNAMIC && s.file_size > 0;
    let Some(dynamic) = segments.iter().rfind(is_dynamic) else {
        return Ok(None);
    };
    let offset = offset_of(segments, dynamic.address).unwrap_or(dynamic.offset);
    let size = 2 * reader.word_size() as u64;
    let count = dynamic.file_size / size;
    if count > MOST_ENTRIES {
        return Err(damaged("the dynamic section claims to be larger than any is"));
    }
    let bytes = reader.pages.up_to(offset, count * size)?;
    let mut entries = Vec::new();
    for record in bytes.chunks_exact(size as usize) {
        let (tag, value) = (reader.word(record, 0), reader.word(record, reader.word_size()));
        if tag == tag::NULL {
            break;
        }
        entries.push((tag, value));
    }
    Ok(Some(entries))
}

/// Where `DT_STRTAB` is in the file.
pub(super) fn string_table(entries: &[(u64, u64)], segments: &[Segment]) -> Option<u64> {
    last(entries, tag::STRTAB).and_then(|address| offset_of(segments, address))
}

/// Of a tag that stands twice, loaders take the last.
pub(super) fn last(entries: &[(u64, u64)], tag: u64) -> Option<u64> {
    entries.iter().rev().find(|(t, _)| *t == tag).map(|(_, value)| *value)
}

pub(super) fn read(reader: &Reader<'_>, segments: &[Segment]) -> Result<Option<Dynamic>, ElfError> {
    let Some(entries) = entries(reader, segments)? else {
        return Ok(None);
    };
    let strings = string_table(&entries, segments);
    let string = |offset: u64, what: &str| match strings {
        Some(table) => reader.string(table.saturating_add(offset), what),
        None => Err(damaged("the dynamic section has no string table")),
    };
    let named =
        |tag: u64, what: &str| last(&entries, tag).map(|offset| string(offset, what)).transpose();
    let mut dynamic = Dynamic {
        soname: named(tag::SONAME, "DT_SONAME")?,
        rpath: named(tag::RPATH, "DT_RPATH")?,
        runpath: named(tag::RUNPATH, "DT_RUNPATH")?,
        flags_1: Flags1(last(&entries, tag::FLAGS_1).unwrap_or(0)),
        ..Dynamic::default()
    };
    for &(tag, value) in &entries {
        let kind = match tag {
            tag::NEEDED => NeededTag::Needed,
            tag::AUXILIARY => NeededTag::Auxiliary,
            tag::FILTER => NeededTag::Filter,
            _ => continue,
        };
        dynamic.needed.push((kind, string(value, "a needed name")?));
    }
    for tag in [tag::AUDIT, tag::DEPAUDIT] {
        dynamic.audit.extend(named(tag, "an audit list")?);
    }
    let table = |tag: u64, count: u64| {
        let address = last(&entries, tag)?;
        Some((offset_of(segments, address)?, last(&entries, count)?))
    };
    if let Some((offset, count)) = table(tag::VERNEED, tag::VERNEEDNUM) {
        dynamic.version_needs = versions::needs(reader, offset, count, &string)?;
    }
    if let Some((offset, count)) = table(tag::VERDEF, tag::VERDEFNUM) {
        dynamic.version_definitions = Some(versions::definitions(reader, offset, count, &string)?);
    }
    Ok(Some(dynamic))
}
