//! All dynamic symbols of a file with their versions: what it defines for others, and what it wants
//! of them. Nothing is resolved here.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::ElfError;
use super::dynamic::{self, last};
use super::header::{Header, Segment, offset_of};
use super::reader::{Reader, damaged};
use super::versions;
use crate::words::Class;

const HASH: u64 = 4;
const SYMTAB: u64 = 6;
const STRSZ: u64 = 10;
const GNU_HASH: u64 = 0x6fff_fef5;
const VERSYM: u64 = 0x6fff_fff0;

/// More symbols than any library has.
const MOST_SYMBOLS: u64 = 1 << 20;

/// More buckets than any hash table has.
const MOST_BUCKETS: u64 = 1 << 20;

/// `VERSYM_HIDDEN`: only who asks for the version gets the symbol.
const HIDDEN: u16 = 0x8000;

/// What a file defines and wants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SymbolTable {
    /// The definitions that others may use, by name.
    pub defined: BTreeMap<Box<[u8]>, Vec<Definition>>,
    /// What must be defined by somebody: weak symbols need not.
    pub wanted: Vec<Wanted>,
    /// Whether its symbols have versions at all.
    pub has_versions: bool,
}

/// A symbol that is defined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// Its version; none for the one without a version.
    pub version: Option<Box<[u8]>>,
    /// Whether it is only for who asks for the version.
    pub is_hidden: bool,
}

/// A symbol that is wanted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wanted {
    /// Its name.
    pub name: Box<[u8]>,
    /// The version it must have, if any will not do.
    pub version: Option<Box<[u8]>>,
}

impl SymbolTable {
    /// Whether a definition here will do (`check_match` in glibc's `dl-lookup.c`). A file without
    /// versions will always do, and so will a definition without one.
    pub fn satisfies(&self, wanted: &Wanted) -> bool {
        let Some(definitions) = self.defined.get(&wanted.name) else { return false };
        definitions.iter().any(|one| match (&wanted.version, &one.version) {
            _ if !self.has_versions => true,
            (Some(wanted), Some(version)) => wanted == version,
            (_, None) => true,
            (None, Some(_)) => !one.is_hidden,
        })
    }
}

pub(super) fn read(
    reader: &Reader<'_>,
    header: &Header,
    segments: &[Segment],
) -> Result<SymbolTable, ElfError> {
    let mut symbols = SymbolTable::default();
    let Some(entries) = dynamic::entries(reader, segments)? else { return Ok(symbols) };
    let at = |tag| last(&entries, tag).and_then(|address| offset_of(segments, address));
    let (Some(table), Some(strings)) = (at(SYMTAB), dynamic::string_table(&entries, segments))
    else {
        return Ok(symbols);
    };
    let count = match (at(HASH), at(GNU_HASH)) {
        (_, Some(hash)) => gnu_count(reader, hash)?,
        // The entries of this table are eight bytes wide on s390x alone.
        (Some(hash), None) if header.machine == 22 && reader.class == Class::Elf64 => {
            reader.word(&reader.bytes(hash, 16, "DT_HASH")?, 8)
        }
        (Some(hash), None) => reader.u32(&reader.bytes(hash, 8, "DT_HASH")?, 4).into(),
        (None, None) => 0,
    };
    if count > MOST_SYMBOLS {
        return Err(damaged("the symbol table claims to be larger than any is"));
    }
    let strings = reader.pages.up_to(strings, last(&entries, STRSZ).unwrap_or(0))?;
    let name = |offset: u32| -> &[u8] {
        let rest = strings.get(offset as usize..).unwrap_or_default();
        rest.split(|&b| b == 0).next().unwrap_or_default()
    };
    let numbers = versions::numbers(reader, &entries, segments, &|offset| name(offset).into())?;
    let versions = match at(VERSYM) {
        Some(at) => reader.pages.up_to(at, 2 * count)?,
        None => Vec::new(),
    };
    symbols.has_versions = !versions.is_empty();
    let size = match reader.class {
        Class::Elf32 => 16,
        Class::Elf64 => 24,
    };
    let records = reader.pages.up_to(table, count * size)?;
    for (number, record) in records.chunks_exact(size as usize).enumerate().skip(1) {
        let symbol = Symbol::read(reader, record);
        let name = name(symbol.name);
        let version = versions.get(2 * number..2 * number + 2).map(|bytes| reader.u16(bytes, 0));
        let version = version.unwrap_or(1);
        let named = numbers.get(&(version & !HIDDEN)).cloned();
        let is_wanted = symbol.is_wanted() && !name.is_empty();
        if is_wanted || symbol.is_offered() {
            reader.count_text(name.len() + named.as_ref().map_or(0, |version| version.len()))?;
        }
        if is_wanted {
            symbols.wanted.push(Wanted { name: name.into(), version: named });
        } else if symbol.is_offered() && version != 0 {
            let is_hidden = version & HIDDEN != 0;
            let definitions = symbols.defined.entry(name.into()).or_default();
            definitions.push(Definition { version: named, is_hidden });
        }
    }
    symbols.wanted.sort();
    Ok(symbols)
}

/// How many symbols there are, by the longest chain of `DT_GNU_HASH`: the table has no length.
fn gnu_count(reader: &Reader<'_>, at: u64) -> Result<u64, ElfError> {
    let header = reader.bytes(at, 16, "DT_GNU_HASH")?;
    let (buckets, first) = (reader.u32(&header, 0), u64::from(reader.u32(&header, 4)));
    let buckets = u64::from(buckets);
    let bloom = u64::from(reader.u32(&header, 8)).saturating_mul(reader.word_size() as u64);
    if buckets > MOST_BUCKETS {
        return Err(damaged("DT_GNU_HASH claims to be larger than any is"));
    }
    let start = at.saturating_add(16).saturating_add(bloom);
    let table = reader.bytes(start, 4 * buckets, "DT_GNU_HASH")?;
    let highest = table.chunks_exact(4).map(|bucket| u64::from(reader.u32(bucket, 0))).max();
    let Some(mut number) = highest.filter(|number| *number >= first && *number > 0) else {
        return Ok(first);
    };
    let chains = start.saturating_add(4 * buckets);
    while number < MOST_SYMBOLS {
        let link = reader.bytes(chains.saturating_add(4 * (number - first)), 4, "DT_GNU_HASH")?;
        number += 1;
        if reader.u32(&link, 0) & 1 != 0 {
            return Ok(number);
        }
    }
    Err(damaged("a chain of DT_GNU_HASH has no end"))
}

/// The fields of a symbol that decide whether it counts.
struct Symbol {
    name: u32,
    value: u64,
    binding: u8,
    kind: u8,
    visibility: u8,
    section: u16,
}

impl Symbol {
    fn read(reader: &Reader<'_>, record: &[u8]) -> Self {
        let (info, other, section, value) = match reader.class {
            Class::Elf32 => (12, 13, 14, 4),
            Class::Elf64 => (4, 5, 6, 8),
        };
        Self {
            name: reader.u32(record, 0),
            value: reader.word(record, value),
            binding: record[info] >> 4,
            kind: record[info] & 0xf,
            visibility: record[other] & 3,
            section: reader.u16(record, section),
        }
    }

    /// Undefined, and global: weak ones may stay so. Registers of SPARC (13) are no symbols.
    fn is_wanted(&self) -> bool {
        self.section == 0 && self.binding == 1 && self.kind != 13
    }

    /// Defined for others: `do_lookup_x` takes global, weak and unique symbols with a value, or of
    /// a thread, or absolute ones.
    fn is_offered(&self) -> bool {
        let is_bound = matches!(self.binding, 1 | 2 | 10);
        let has_value = self.value != 0 || self.kind == 6 || self.section == 0xfff1;
        let is_visible = !matches!(self.visibility, 1 | 2);
        self.section != 0
            && is_bound
            && has_value
            && is_visible
            && matches!(self.kind, 0..=2 | 5 | 6 | 10)
    }
}
