//! The dynamic symbol table, its hash tables, and the versions of symbols.

use super::Machine;
use super::bytes::{Bytes, Strings};

/// Which hash table goes with the symbols.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HashStyle {
    /// `DT_HASH`.
    Sysv,
    /// `DT_GNU_HASH`.
    Gnu,
}

#[derive(Clone, Debug)]
pub(crate) struct Symbol {
    pub(crate) name: String,
    pub(crate) version: Option<String>,
    pub(crate) defined: bool,
}

/// The versions wanted of one file.
#[derive(Clone, Debug)]
pub(crate) struct VersionNeed {
    pub(crate) file: String,
    /// Each with whether it is weak.
    pub(crate) versions: Vec<(String, bool)>,
}

/// The tables, ready to be placed.
pub(crate) struct Tables {
    pub(crate) symbols: Vec<u8>,
    pub(crate) hash: Vec<u8>,
    pub(crate) versions: Option<Vec<u8>>,
    pub(crate) needs: Vec<u8>,
    pub(crate) definitions: Vec<u8>,
}

pub(crate) struct Request<'a> {
    pub(crate) machine: Machine,
    pub(crate) hash: HashStyle,
    pub(crate) symbols: &'a [Symbol],
    pub(crate) needs: &'a [VersionNeed],
    pub(crate) definitions: &'a [String],
    /// The base definition's name: the soname.
    pub(crate) base: &'a [u8],
}

pub(crate) fn tables(request: &Request<'_>, strings: &mut Strings) -> Tables {
    let Request { machine, symbols, needs, definitions, .. } = *request;
    let mut numbers: Vec<(&str, u16)> = Vec::new();
    let mut next: u16 = 2;
    let mut number = |name| {
        numbers.push((name, next));
        next += 1;
        next - 1
    };
    let mut entries = vec![(request.base.to_vec(), 1)];
    entries.extend(definitions.iter().map(|name| (name.clone().into_bytes(), number(name))));
    if definitions.is_empty() {
        entries.clear();
    }
    let definition_bytes = write_definitions(machine, &entries, strings);
    let mut need_bytes = Bytes::new(machine);
    for (i, need) in needs.iter().enumerate() {
        let last = i + 1 == needs.len();
        write_need(&mut need_bytes, need, last, &mut number, strings);
    }

    // Undefined symbols come first: the GNU table hashes a tail of the symbol table.
    let mut ordered: Vec<&Symbol> = symbols.iter().collect();
    ordered.sort_by_key(|symbol| symbol.defined);
    let versioned = !needs.is_empty() || !definitions.is_empty();
    let mut versions = Bytes::new(machine);
    versions.u16(0);
    let mut table = Bytes::new(machine);
    write_symbol(&mut table, machine, None, 0);
    for symbol in &ordered {
        write_symbol(&mut table, machine, Some(symbol), strings.add(symbol.name.as_bytes()));
        let version = symbol.version.as_deref();
        let known = version.map(|v| {
            let found = numbers.iter().find(|(name, _)| *name == v);
            found.unwrap_or_else(|| panic!("no version `{v}` is needed or defined")).1
        });
        versions.u16(known.unwrap_or(1));
    }
    let hash = match request.hash {
        HashStyle::Sysv => sysv_hash(machine, &ordered),
        HashStyle::Gnu => gnu_hash(machine, &ordered),
    };
    Tables {
        symbols: table.finish(),
        hash,
        versions: versioned.then(|| versions.finish()),
        needs: need_bytes.finish(),
        definitions: definition_bytes,
    }
}

fn write_symbol(out: &mut Bytes, machine: Machine, symbol: Option<&Symbol>, name: u32) {
    // STB_GLOBAL, STT_FUNC; a defined symbol is absolute, so that no section is needed.
    let (info, section, value) = match symbol {
        None => (0, 0, 0),
        Some(symbol) if symbol.defined => (0x12, 0xfff1, 0x1000),
        Some(_) => (0x12, 0, 0),
    };
    out.u32(name);
    if machine.is_64_bit() {
        out.raw(&[info, 0]).u16(section).u64(value).u64(0);
    } else {
        out.u32(value as u32).u32(0).raw(&[info, 0]).u16(section);
    }
}

fn write_definitions(
    machine: Machine,
    entries: &[(Vec<u8>, u16)],
    strings: &mut Strings,
) -> Vec<u8> {
    let mut out = Bytes::new(machine);
    for (i, (name, number)) in entries.iter().enumerate() {
        let base = u16::from(*number == 1);
        let next = if i + 1 == entries.len() { 0 } else { 28 };
        out.u16(1).u16(base).u16(*number).u16(1).u32(sysv_name(name)).u32(20).u32(next);
        out.u32(strings.add(name)).u32(0);
    }
    out.finish()
}

fn write_need<'a>(
    out: &mut Bytes,
    need: &'a VersionNeed,
    last: bool,
    number: &mut impl FnMut(&'a str) -> u16,
    strings: &mut Strings,
) {
    let count = u16::try_from(need.versions.len()).expect("a test names few versions");
    let next = if last { 0 } else { 16 + 16 * u32::from(count) };
    out.u16(1).u16(count).u32(strings.add(need.file.as_bytes())).u32(16).u32(next);
    for (i, (name, weak)) in need.versions.iter().enumerate() {
        let weak = if *weak { 2 } else { 0 };
        let next = if i + 1 == need.versions.len() { 0 } else { 16 };
        out.u32(sysv_name(name.as_bytes())).u16(weak).u16(number(name));
        out.u32(strings.add(name.as_bytes())).u32(next);
    }
}

fn sysv_hash(machine: Machine, symbols: &[&Symbol]) -> Vec<u8> {
    let mut out = Bytes::new(machine);
    // The entries of this table are eight bytes wide on s390x alone.
    let mut entry = |value: usize| {
        if machine == Machine::S390x {
            out.u64(value as u64);
        } else {
            out.u32(value as u32);
        }
    };
    let count = symbols.len() + 1;
    // One bucket: a chain through all symbols.
    entry(1);
    entry(count);
    entry(if count > 1 { 1 } else { 0 });
    entry(0);
    for index in 1..count {
        entry(if index + 1 == count { 0 } else { index + 1 });
    }
    out.finish()
}

fn gnu_hash(machine: Machine, symbols: &[&Symbol]) -> Vec<u8> {
    let undefined = symbols.iter().filter(|symbol| !symbol.defined).count();
    let defined = &symbols[undefined..];
    let mut out = Bytes::new(machine);
    let first = undefined as u32 + 1;
    // One bucket, and a Bloom filter that lets everything through.
    out.u32(1).u32(first).u32(1).u32(0).word(u64::MAX);
    out.u32(if defined.is_empty() { 0 } else { first });
    for (i, symbol) in defined.iter().enumerate() {
        let end = u32::from(i + 1 == defined.len());
        out.u32((gnu_name(symbol.name.as_bytes()) & !1) | end);
    }
    out.finish()
}

fn sysv_name(name: &[u8]) -> u32 {
    name.iter().fold(0, |hash: u32, &byte| {
        let hash = (hash << 4).wrapping_add(u32::from(byte));
        let high = hash & 0xf000_0000;
        (hash ^ (high >> 24)) & !high
    })
}

fn gnu_name(name: &[u8]) -> u32 {
    name.iter().fold(5381, |hash: u32, &byte| hash.wrapping_mul(33).wrapping_add(u32::from(byte)))
}
