//! The files of a package: the data read as an archive, once, each file compared with the digest
//! that its entry has.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufReader, Read};

use ring::digest::{Context, Digest, SHA1_FOR_LEGACY_USE_ONLY, digest};
use scant_core::words::TreePath;

use super::error::ApkFault;
use super::hex;
use crate::images::listed_input::ListedInput;
use crate::images::overlay::Overlay;
use crate::images::stored::Stored;
use crate::images::tar_reader::{Stream, TarEntry, TarReader};
use crate::inputs::{ArchiveFault, ArchiveOptions, ArchivePlace, Reading};
use crate::packages::contents::Contents;

/// The files in the data.
pub(super) struct Files {
    pub(super) files: ListedInput<Contents>,
    /// How many have no digest.
    pub(super) without_digest: u64,
    /// The SHA-1 of the others, and of the texts of links.
    pub(super) checksums: BTreeMap<TreePath, [u8; 20]>,
}

/// Reads them, and compares each with the digest that its entry has.
pub(super) fn read(stored: Stored, options: &ArchiveOptions) -> Result<Files, ApkFault> {
    let source = Reading { stored: &stored, position: 0 };
    let source = Stream(BufReader::with_capacity(1 << 16, source));
    let mut archive = TarReader::of_any(source, options.limits.max_header);
    let (mut overlay, mut starts) = (Overlay::of_archive(), BTreeMap::new());
    let (mut number, mut without_digest) = (0, 0);
    let (mut seen, mut checksums) = (BTreeSet::new(), BTreeMap::new());
    loop {
        let place = |offset, name: Option<&[u8]>| {
            let member = name.map(<[u8]>::to_vec);
            ArchivePlace { offset, decompressed: Some("gzip"), member }
        };
        let next = archive.next();
        let offset = archive.position;
        let damaged = |error: io::Error| ArchiveFault::Damaged {
            place: place(offset, None),
            why: error.to_string(),
        };
        let Some(entry) = next.map_err(damaged)? else { break };
        let refused = |why| ArchiveFault::Refused { place: place(offset, Some(&entry.name)), why };
        // What begins with a point is about the package, and not a file of it.
        if is_about_the_package(&entry.name) {
            continue;
        }
        if number == options.limits.max_entries {
            let (what, option) = ("it has too many entries".into(), "max_entries");
            return Err(ArchiveFault::Limit { what, limit: number, option }.into());
        }
        if entry.sparse.is_some() {
            return Err(refused("a sparse file, which no package has".into()).into());
        }
        let is_file = matches!(entry.flag, b'\0' | b'0' | b'7') && !entry.name.ends_with(b"/");
        if entry.flag != b'5' && !entry.name.ends_with(b"/") && !seen.insert(entry.name.clone()) {
            return Err(refused("it is there twice".into()).into());
        }
        let found = match (&entry.apk_checksum, entry.flag) {
            (Some(said), b'2') => Some((said, sha1_of(&entry.link))),
            (Some(said), _) if is_file => Some((said, sha1(&mut archive).map_err(damaged)?)),
            _ => None,
        };
        match found {
            Some((said, found)) => {
                compare(&entry, said, &hex(&found))?;
                let path = TreePath::parse([b"/", &entry.name[..]].concat());
                checksums.extend(path.ok().map(|path| (path, found)));
            }
            None => without_digest += u64::from(is_file),
        }
        if is_file {
            starts.insert(number, offset);
        }
        let name = entry.name.clone();
        overlay
            .apply(entry, (0, number))
            .map_err(|why| ArchiveFault::Refused { place: place(offset, Some(&name)), why })?;
        number += 1;
    }
    let place = ArchivePlace { offset: archive.position, decompressed: Some("gzip"), member: None };
    let root = overlay.root().cloned();
    let listing = overlay.finish().map_err(|why| ArchiveFault::Refused { place, why })?;
    let files = ListedInput::new(listing, root, Contents { stored, starts });
    Ok(Files { files, without_digest, checksums })
}

fn is_about_the_package(name: &[u8]) -> bool {
    name.starts_with(b".") && !matches!(name, b"." | [b'.', b'/' | b'.', ..])
}

pub(super) fn sha1_of(bytes: &[u8]) -> [u8; 20] {
    taken(digest(&SHA1_FOR_LEGACY_USE_ONLY, bytes))
}

fn taken(digest: Digest) -> [u8; 20] {
    digest.as_ref().try_into().expect("a SHA-1 has 20 bytes")
}

fn sha1(source: &mut impl Read) -> io::Result<[u8; 20]> {
    let mut context = Context::new(&SHA1_FOR_LEGACY_USE_ONLY);
    let mut buffer = vec![0; 1 << 16];
    loop {
        match source.read(&mut buffer)? {
            0 => return Ok(taken(context.finish())),
            count => context.update(&buffer[..count]),
        }
    }
}

/// Compares a digest with what the entry says: in hexadecimal digits, or, from old tools, as an
/// index writes it.
fn compare(entry: &TarEntry, said: &[u8], found: &str) -> Result<(), ApkFault> {
    let text = String::from_utf8_lossy(said);
    let is_hex = text.len() == 40;
    let digest = scant_core::formats::alpine::index::checksum(&text);
    let said = match digest {
        Some(digest) if !is_hex => hex(&digest),
        _ => text.to_ascii_lowercase(),
    };
    if said == found {
        return Ok(());
    }
    Err(ApkFault::File { name: entry.name.clone(), found: found.to_string(), said })
}
