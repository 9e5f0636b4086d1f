//! Notes that concern loading: `.note.dlopen` and the x86 ISA level.
//!
//! [ELF dlopen metadata](https://uapi-group.org/specifications/specs/elf_dlopen_metadata/): an
//! array of objects; its first edition was one object with one soname, which is still read.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ElfError;
use super::header::Segment;
use super::reader::Reader;

/// `NT_FDO_DLOPEN_METADATA`.
const DLOPEN: u32 = 0x407c_0c0a;

/// `NT_GNU_PROPERTY_TYPE_0`.
const PROPERTY: u32 = 5;

/// `GNU_PROPERTY_X86_ISA_1_NEEDED`, <https://gitlab.com/x86-psABIs/Linux-ABI>.
const X86_ISA_1_NEEDED: u32 = 0xc000_8002;

/// Notes are small; of segments that claim more together this much is read.
const LONGEST_NOTES: u64 = 1 << 20;

/// One feature that a file opens a library for at run time, as its maintainer wrote it down.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DlopenNote {
    /// Alternatives, the preferred one first.
    pub sonames: Vec<String>,
    /// A short name of the feature.
    pub feature: Option<String>,
    /// What the feature is.
    pub description: Option<String>,
    /// How much the file needs it; `recommended` if the note does not say.
    pub priority: DlopenPriority,
}

/// How much a file needs what it opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the specification's own words")]
pub enum DlopenPriority {
    Required,
    Recommended,
    Suggested,
}

/// The notes of all `PT_NOTE` and `PT_GNU_PROPERTY` segments, found by their type: section names
/// may have been stripped.
pub(super) fn read(
    reader: &Reader<'_>,
    segments: &[Segment],
) -> Result<(Vec<DlopenNote>, Option<u8>), ElfError> {
    let (mut dlopen, mut level) = (Vec::new(), None);
    let mut allowed = LONGEST_NOTES;
    for segment in segments.iter().filter(|s| matches!(s.kind, Segment::NOTE | Segment::PROPERTY)) {
        let bytes = reader.pages.up_to(segment.offset, segment.file_size.min(allowed))?;
        allowed -= bytes.len() as u64;
        let mut rest = &bytes[..];
        while let Some((note, after)) = next(reader, rest) {
            match (note.owner, note.kind) {
                (b"FDO\0", DLOPEN) => dlopen.extend(parse_dlopen(note.description)),
                (b"GNU\0", PROPERTY) => {
                    level = level.max(x86_isa_level(reader, note.description));
                }
                _ => {}
            }
            rest = after;
        }
    }
    dlopen.sort();
    dlopen.dedup();
    Ok((dlopen, level))
}

struct Note<'a> {
    owner: &'a [u8],
    kind: u32,
    description: &'a [u8],
}

fn next<'a>(reader: &Reader<'_>, bytes: &'a [u8]) -> Option<(Note<'a>, &'a [u8])> {
    let start = bytes.get(..12)?;
    let (owner_size, size) = (reader.u32(start, 0) as usize, reader.u32(start, 4) as usize);
    let owner = bytes.get(12..12usize.checked_add(owner_size)?)?;
    let at = owner_size.checked_next_multiple_of(4)?.checked_add(12)?;
    let description = bytes.get(at..at.checked_add(size)?)?;
    let end = at.checked_add(size.checked_next_multiple_of(4)?)?;
    let note = Note { owner, kind: reader.u32(start, 8), description };
    Some((note, bytes.get(end..).unwrap_or_default()))
}

/// The entries of one note. What is not as the specification says is passed over: a note is a
/// hint, and a wrong one must not keep a program from being packed.
fn parse_dlopen(description: &[u8]) -> Vec<DlopenNote> {
    let text = description.split(|&b| b == 0).next().unwrap_or_default();
    match serde_json::from_slice(text) {
        Ok(Value::Array(entries)) => entries.iter().filter_map(dlopen_entry).collect(),
        Ok(entry @ Value::Object(_)) => dlopen_entry(&entry).into_iter().collect(),
        _ => Vec::new(),
    }
}

fn dlopen_entry(entry: &Value) -> Option<DlopenNote> {
    let text = |key: &str| entry.get(key).and_then(Value::as_str).map(String::from);
    let sonames: Vec<String> = match entry.get("soname")? {
        Value::String(soname) => alloc::vec![soname.clone()],
        Value::Array(list) => list.iter().filter_map(|v| v.as_str().map(String::from)).collect(),
        _ => return None,
    };
    let priority = match text("priority").as_deref() {
        Some("required") => DlopenPriority::Required,
        Some("suggested") => DlopenPriority::Suggested,
        _ => DlopenPriority::Recommended,
    };
    (!sonames.is_empty()).then(|| DlopenNote {
        sonames,
        feature: text("feature"),
        description: text("description"),
        priority,
    })
}

/// The highest level that a property note demands: bit 0 is x86-64-v1 (baseline), bit 3 v4.
fn x86_isa_level(reader: &Reader<'_>, mut properties: &[u8]) -> Option<u8> {
    while let Some(start) = properties.get(..8) {
        let (kind, size) = (reader.u32(start, 0), reader.u32(start, 4) as usize);
        let data = properties.get(8..8usize.checked_add(size)?)?;
        if kind == X86_ISA_1_NEEDED && size == 4 {
            let bits = reader.u32(data, 0) & 0xf;
            return (bits != 0).then(|| (32 - bits.leading_zeros()) as u8);
        }
        let end = size.checked_next_multiple_of(reader.word_size())?.checked_add(8)?;
        properties = properties.get(end..).unwrap_or_default();
    }
    None
}
