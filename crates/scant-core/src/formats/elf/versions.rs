//! Symbol versions: those a file wants of the files it needs, and those it defines.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use super::ElfError;
use super::dynamic::{last, tag};
use super::header::{Segment, offset_of};
use super::reader::Reader;

/// `VER_FLG_WEAK`: the loader does not insist.
const WEAK: u16 = 0x2;

/// `VER_FLG_BASE`: the entry names the file, not a version.
const BASE: u16 = 0x1;

/// More records than any linker writes, which also ends chains that run in a circle.
const MOST_RECORDS: u64 = 1 << 16;

/// One version that a file wants of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionNeed {
    /// `vn_file`: the needed name it is wanted of.
    pub file: Box<[u8]>,
    /// `vna_name`, such as `GLIBC_2.34`.
    pub version: Box<[u8]>,
    /// Whether the loader accepts its absence.
    pub is_weak: bool,
}

/// The versions a file defines.
pub type VersionDefinitions = BTreeSet<Box<[u8]>>;

type Strings<'a> = &'a dyn Fn(u64, &str) -> Result<Box<[u8]>, ElfError>;

/// Follows `DT_VERNEED`.
pub(super) fn needs(
    reader: &Reader<'_>,
    mut offset: u64,
    count: u64,
    string: Strings<'_>,
) -> Result<Vec<VersionNeed>, ElfError> {
    let mut needs = Vec::new();
    for _ in 0..count.min(MOST_RECORDS) {
        let record = reader.bytes(offset, 16, "a version need")?;
        let file = string(reader.u32(&record, 4).into(), "the file of a version need")?;
        let mut aux = offset.saturating_add(reader.u32(&record, 8).into());
        for _ in 0..reader.u16(&record, 2) {
            let record = reader.bytes(aux, 16, "a version need")?;
            reader.count_text(file.len())?;
            needs.push(VersionNeed {
                file: file.clone(),
                version: string(reader.u32(&record, 8).into(), "a needed version")?,
                is_weak: reader.u16(&record, 4) & WEAK != 0,
            });
            match reader.u32(&record, 12) {
                0 => break,
                next => aux = aux.saturating_add(next.into()),
            }
        }
        match reader.u32(&record, 12) {
            0 => break,
            next => offset = offset.saturating_add(next.into()),
        }
        if needs.len() as u64 > MOST_RECORDS {
            break;
        }
    }
    Ok(needs)
}

/// Follows `DT_VERDEF`.
pub(super) fn definitions(
    reader: &Reader<'_>,
    mut offset: u64,
    count: u64,
    string: Strings<'_>,
) -> Result<VersionDefinitions, ElfError> {
    let mut definitions = BTreeSet::new();
    for _ in 0..count.min(MOST_RECORDS) {
        let record = reader.bytes(offset, 20, "a version definition")?;
        let is_base = reader.u16(&record, 2) & BASE != 0;
        if !is_base && reader.u16(&record, 6) > 0 {
            let aux = offset.saturating_add(reader.u32(&record, 12).into());
            let aux = reader.bytes(aux, 8, "a version definition")?;
            definitions.insert(string(reader.u32(&aux, 0).into(), "a defined version")?);
        }
        match reader.u32(&record, 16) {
            0 => break,
            next => offset = offset.saturating_add(next.into()),
        }
    }
    Ok(definitions)
}

/// The versions by the numbers that symbols refer to them by, wanted and defined ones.
pub(super) fn numbers(
    reader: &Reader<'_>,
    entries: &[(u64, u64)],
    segments: &[Segment],
    name: &dyn Fn(u32) -> Box<[u8]>,
) -> Result<BTreeMap<u16, Box<[u8]>>, ElfError> {
    let mut numbers = BTreeMap::new();
    let mut records = 0;
    let table = |tag: u64, count: u64| {
        let offset = offset_of(segments, last(entries, tag)?)?;
        Some((offset, last(entries, count)?.min(MOST_RECORDS)))
    };
    if let Some((mut offset, count)) = table(tag::VERNEED, tag::VERNEEDNUM) {
        for _ in 0..count {
            let record = reader.bytes(offset, 16, "a version need")?;
            let mut aux = offset.saturating_add(reader.u32(&record, 8).into());
            for _ in 0..reader.u16(&record, 2) {
                let record = reader.bytes(aux, 16, "a version need")?;
                let version = name(reader.u32(&record, 8));
                reader.count_text(version.len())?;
                numbers.insert(reader.u16(&record, 6) & 0x7fff, version);
                records += 1;
                match reader.u32(&record, 12) {
                    0 => break,
                    next => aux = aux.saturating_add(next.into()),
                }
            }
            match reader.u32(&record, 12) {
                0 => break,
                _ if records > MOST_RECORDS => break,
                next => offset = offset.saturating_add(next.into()),
            }
        }
    }
    if let Some((mut offset, count)) = table(tag::VERDEF, tag::VERDEFNUM) {
        for _ in 0..count {
            let record = reader.bytes(offset, 20, "a version definition")?;
            let is_base = reader.u16(&record, 2) & BASE != 0;
            if !is_base && reader.u16(&record, 6) > 0 {
                let aux = offset.saturating_add(reader.u32(&record, 12).into());
                let aux = reader.bytes(aux, 8, "a version definition")?;
                let version = name(reader.u32(&aux, 0));
                reader.count_text(version.len())?;
                numbers.insert(reader.u16(&record, 4) & 0x7fff, version);
            }
            match reader.u32(&record, 16) {
                0 => break,
                next => offset = offset.saturating_add(next.into()),
            }
        }
    }
    Ok(numbers)
}
