//! The files of a package: `data.tar` read as an archive, once. The directories of programs and
//! libraries lie below `/usr` alone, as in every Debian since 12: <https://wiki.debian.org/UsrMerge>.

use std::collections::BTreeMap;
use std::io::{self, BufReader};

use super::DebFault;
use crate::images::listed_input::ListedInput;
use crate::images::overlay::Overlay;
use crate::images::stored::Stored;
use crate::images::tar_reader::{Stream, TarEntry, TarReader};
use crate::inputs::{ArchiveFault, ArchiveOptions, ArchivePlace, Reading};
use crate::packages::contents::Contents;

/// The directories that are links into `/usr`.
pub(super) const MERGED: [&str; 7] = ["bin", "lib", "lib32", "lib64", "libo32", "libx32", "sbin"];

/// The files of a package.
pub(super) fn read(
    stored: Stored,
    options: &ArchiveOptions,
) -> Result<ListedInput<Contents>, DebFault> {
    let source =
        Stream(BufReader::with_capacity(1 << 16, Reading { stored: &stored, position: 0 }));
    let mut archive = TarReader::of_any(source, options.limits.max_header);
    let (mut overlay, mut starts) = (Overlay::of_archive(), BTreeMap::new());
    let failed = |fault| DebFault::Archive { member: "data.tar", fault };
    let mut bytes = 0_u64;
    for number in 0.. {
        let next = archive.next();
        let offset = archive.position;
        let place = |member: Option<Vec<u8>>| ArchivePlace { offset, decompressed: None, member };
        let damaged = |error: io::Error| {
            let why = match error.kind() {
                io::ErrorKind::UnexpectedEof => "the archive ends too early".into(),
                _ => error.to_string(),
            };
            failed(ArchiveFault::Damaged { place: place(None), why })
        };
        let Some(entry) = next.map_err(damaged)? else { break };
        let name = entry.name.clone();
        let refused = |why| failed(ArchiveFault::Refused { place: place(Some(name.clone())), why });
        bytes = bytes.saturating_add(entry.size);
        bound(number, bytes, options).map_err(failed)?;
        if let Some(why) = unexpected(&entry) {
            return Err(refused(why.into()));
        }
        let is_file = matches!(entry.flag, b'\0' | b'0');
        let Some(entry) = merged(entry) else { continue };
        overlay.apply(entry, (0, number)).map_err(refused)?;
        if is_file {
            starts.insert(number, offset);
        }
    }
    let listing = overlay.finish().map_err(DebFault::Refused)?;
    Ok(ListedInput::new(listing, None, Contents { stored, starts }))
}

fn bound(number: u64, bytes: u64, options: &ArchiveOptions) -> Result<(), ArchiveFault> {
    let limits = &options.limits;
    let limit =
        |what: &str, limit, option| Err(ArchiveFault::Limit { what: what.into(), limit, option });
    if number >= limits.max_entries {
        return limit("it has too many entries", limits.max_entries, "max_entries");
    }
    if bytes > limits.max_bytes {
        return limit("its files have too many bytes", limits.max_bytes, "max_bytes");
    }
    Ok(())
}

/// Why an entry is none that a package has.
fn unexpected(entry: &TarEntry) -> Option<&'static str> {
    if entry.sparse.is_some() {
        return Some("a sparse file, which no package has");
    }
    if entry.name.split(|&b| b == b'/').any(|part| part == b"..") {
        return Some("a name that contains `..`");
    }
    match entry.flag {
        b'\0' | b'0' | b'1' | b'2' | b'3' | b'4' | b'5' | b'6' => None,
        _ => Some("an entry of a kind that no package has"),
    }
}

/// An entry with its name from the root on, where it is since `/usr` is merged; none for what is a
/// link there.
fn merged(mut entry: TarEntry) -> Option<TarEntry> {
    if entry.flag == b'\0' && entry.name.ends_with(b"/") {
        entry.flag = b'5';
    }
    entry.name = below_usr(&entry.name);
    if entry.flag == b'1' {
        entry.link = below_usr(&entry.link);
    }
    let is_merged = entry.name.strip_prefix(b"usr/").is_some_and(is_merged);
    (!is_merged || entry.flag == b'5').then_some(entry)
}

fn is_merged(name: &[u8]) -> bool {
    MERGED.iter().any(|merged| merged.as_bytes() == name)
}

pub(super) fn below_usr(name: &[u8]) -> Vec<u8> {
    let parts = name.split(|&b| b == b'/').filter(|part| !matches!(*part, b"" | b"."));
    let parts: Vec<&[u8]> = parts.collect();
    let usr: &[&[u8]] = match parts.first() {
        Some(first) if is_merged(first) => &[b"usr"],
        _ => &[],
    };
    [usr, &parts].concat().join(&b'/')
}
