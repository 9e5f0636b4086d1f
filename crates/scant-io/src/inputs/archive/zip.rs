//! The members of a zip archive: its central directory, checked against the local headers.

use std::collections::BTreeMap;
use std::io::{self, BufReader, Read};
use std::sync::{Mutex, PoisonError};

use flate2::bufread::DeflateDecoder;
use scant_core::formats::zip::{self, Directory, End, Method, ZipEntry, ZipError};

use super::decompress::{MOST_IN_MEMORY, Reading, Spool};
use super::members::{Content, Contents, Members};
use super::options::ArchiveOptions;
use super::{ArchiveFault, ArchivePlace};
use crate::images::listed_input::ListedInput;
use crate::images::stored::Stored;
use crate::images::tar_reader::TarEntry;

/// The largest central directory: two million entries of 128 bytes.
const MOST_DIRECTORY: u64 = 256 << 20;
/// Linux has no longer link.
const LONGEST_LINK: u64 = 4096;
/// So many members stay decompressed in temporary files.
const MOST_IN_FILES: usize = 16;

/// Where a member is stored, and what it must be.
pub(super) struct Zipped {
    start: u64,
    compressed: u64,
    size: u64,
    crc32: u32,
    method: Method,
    options: ArchiveOptions,
}

/// The files of the archive.
pub(super) fn read(
    stored: Stored,
    options: &ArchiveOptions,
) -> Result<ListedInput<Contents>, ArchiveFault> {
    let (directory, at) = directory(&stored)?;
    let entries = entries(&stored, directory, at, options)?;
    let contents = local_headers(&stored, &entries, directory.offset)?;
    let mut members = Members::new(options.strip_components, &options.limits);
    let (size, limits) = (stored.size(), &options.limits);
    let most = size.saturating_mul(limits.max_ratio).max(MOST_IN_MEMORY);
    let total = entries.iter().fold(0u64, |total, entry| total.saturating_add(entry.size));
    if total > most && total <= limits.max_bytes {
        let what = "it unpacks to too many times its size".into();
        return Err(ArchiveFault::Limit { what, limit: limits.max_ratio, option: "max_ratio" });
    }
    for (entry, start) in entries.into_iter().zip(contents) {
        let place = || place(entry.header, &entry.name);
        let zipped = Zipped {
            start,
            compressed: entry.compressed,
            size: entry.size,
            crc32: entry.crc32,
            method: entry.method,
            options: options.clone(),
        };
        let tar = as_tar(&entry, &zipped, &stored)?;
        let is_file = tar.flag == b'0';
        members.add(tar, is_file.then(|| Content::Zipped(Box::new(zipped))), &place)?;
    }
    members.finish(stored, &|| place(directory.offset, b""))
}

fn place(offset: u64, member: &[u8]) -> ArchivePlace {
    let member = (!member.is_empty()).then(|| member.to_vec());
    ArchivePlace { offset, decompressed: None, member }
}

fn damaged(offset: u64, member: &[u8], error: &ZipError) -> ArchiveFault {
    let (place, why) = (place(offset, member), error.to_string());
    match error {
        ZipError::Encrypted | ZipError::Method(_) | ZipError::SeveralDisks => {
            ArchiveFault::Refused { place, why }
        }
        _ => ArchiveFault::Damaged { place, why },
    }
}

/// Reads bytes that must be there.
fn bytes(stored: &Stored, offset: u64, length: usize) -> Result<Vec<u8>, ArchiveFault> {
    let is_there = offset.checked_add(length as u64).is_some_and(|end| end <= stored.size());
    if !is_there {
        let why = "the archive ends too early".into();
        return Err(ArchiveFault::Damaged { place: place(offset, b""), why });
    }
    let mut bytes = vec![0; length];
    stored.read_exact_at(offset, &mut bytes).map_err(ArchiveFault::Read)?;
    Ok(bytes)
}

/// The central directory, and where it ends.
fn directory(stored: &Stored) -> Result<(Directory, u64), ArchiveFault> {
    let length = stored.size().min(zip::LONGEST_END as u64);
    let start = stored.size() - length;
    let tail = bytes(stored, start, length as usize)?;
    let end = zip::end(&tail, start).map_err(|error| damaged(start, b"", &error))?;
    let (directory, at) = match end {
        End::Directory(directory, at) => (directory, at),
        End::Zip64(at) => {
            let record = bytes(stored, at, zip::END64)?;
            let record = record.try_into().expect("as many were read");
            (zip::end64(&record).map_err(|error| damaged(at, b"", &error))?, at)
        }
    };
    if directory.offset.checked_add(directory.size) != Some(at) {
        return Err(damaged(at, b"", &ZipError::NoDirectory));
    }
    Ok((directory, at))
}

fn entries(
    stored: &Stored,
    directory: Directory,
    end: u64,
    options: &ArchiveOptions,
) -> Result<Vec<ZipEntry>, ArchiveFault> {
    let limit =
        |limit, what: &str, option| Err(ArchiveFault::Limit { what: what.into(), limit, option });
    let most = options.limits.max_entries;
    if directory.entries > most {
        return limit(most, "it has too many entries", "max_entries");
    }
    if directory.size > MOST_DIRECTORY {
        let why = format!("its central directory is larger than {} MiB", MOST_DIRECTORY >> 20);
        return Err(ArchiveFault::Refused { place: place(directory.offset, b""), why });
    }
    let all = bytes(stored, directory.offset, directory.size as usize)?;
    let mut entries = Vec::new();
    let mut rest = &all[..];
    while !rest.is_empty() {
        let offset = end - rest.len() as u64;
        let (entry, length) =
            zip::central(rest).map_err(|(name, error)| damaged(offset, &name, &error))?;
        rest = rest.get(length..).unwrap_or_default();
        entries.push(entry);
    }
    if entries.len() as u64 != directory.entries {
        let why = "its central directory has more or fewer entries than its end record says";
        return Err(ArchiveFault::Damaged { place: place(end, b""), why: why.into() });
    }
    Ok(entries)
}

/// Where the content of each entry begins. Local headers must agree, and nothing may lie over
/// something else: otherwise few bytes would unpack to many.
fn local_headers(
    stored: &Stored,
    entries: &[ZipEntry],
    directory: u64,
) -> Result<Vec<u64>, ArchiveFault> {
    let mut starts = vec![0; entries.len()];
    let mut order: Vec<usize> = (0..entries.len()).collect();
    order.sort_by_key(|&number| entries[number].header);
    let mut free = 0;
    for number in order {
        let entry = &entries[number];
        let failed = |error: &ZipError| damaged(entry.header, &entry.name, error);
        let wrong = |why: &str| ArchiveFault::Damaged {
            place: place(entry.header, &entry.name),
            why: why.into(),
        };
        if entry.header < free {
            return Err(wrong("it lies over another member"));
        }
        let over_directory = || wrong("it lies over the central directory");
        let ends_before = |length: usize| {
            entry.header.checked_add(length as u64).is_some_and(|end| end <= directory)
        };
        if !ends_before(zip::LOCAL) {
            return Err(over_directory());
        }
        let first = bytes(stored, entry.header, zip::LOCAL)?;
        let first = first.try_into().expect("as many were read");
        let length = zip::local_length(&first).map_err(|error| failed(&error))?;
        if !ends_before(length) {
            return Err(over_directory());
        }
        let header = bytes(stored, entry.header, length)?;
        zip::check_local(&header, entry).map_err(|error| failed(&error))?;
        if entry.method == Method::Stored && entry.size != entry.compressed {
            return Err(wrong("it is stored, and its sizes differ"));
        }
        let start = entry.header + length as u64;
        free = start.saturating_add(entry.compressed);
        if free > directory {
            return Err(over_directory());
        }
        starts[number] = start;
    }
    Ok(starts)
}

/// The member as tar would have it.
fn as_tar(entry: &ZipEntry, zipped: &Zipped, stored: &Stored) -> Result<TarEntry, ArchiveFault> {
    let is_directory = entry.name.ends_with(b"/");
    let mode = entry.mode.filter(|mode| *mode != 0);
    let refused =
        |why: String| ArchiveFault::Refused { place: place(entry.header, &entry.name), why };
    let flag = match mode.map_or(0, |mode| mode & 0o170_000) {
        0 | 0o100_000 | 0o040_000 if is_directory => b'5',
        0 | 0o100_000 => b'0',
        0o040_000 => b'5',
        0o120_000 => b'2',
        0o020_000 => b'3',
        0o060_000 => b'4',
        0o010_000 => b'6',
        other => return Err(refused(format!("a file of the unknown type {other:o}"))),
    };
    let link = match flag {
        b'2' if entry.size > LONGEST_LINK => {
            return Err(refused(format!("a link that holds more than {LONGEST_LINK} bytes")));
        }
        b'2' => {
            let mut link = Vec::new();
            let read = zipped.read(stored, &mut |bytes| {
                link.extend_from_slice(bytes);
                Ok(())
            });
            read.map_err(|error| match error {
                Failed::Damaged(why) => {
                    ArchiveFault::Damaged { place: place(entry.header, &entry.name), why }
                }
                Failed::Spool(fault) => fault,
            })?;
            link
        }
        _ => Vec::new(),
    };
    let usual = if flag == b'5' { 0o755 } else { 0o644 };
    let (uid, gid) = entry.owner.unwrap_or_default();
    Ok(TarEntry {
        name: entry.name.clone(),
        link,
        flag,
        size: entry.size,
        mode: mode.filter(|mode| mode & 0o7777 != 0).unwrap_or(usual) & 0o7777,
        uid,
        gid,
        ..TarEntry::default()
    })
}

/// Why the content of a member is not there.
enum Failed {
    Damaged(String),
    Spool(ArchiveFault),
}

impl From<io::Error> for Failed {
    fn from(error: io::Error) -> Self {
        Self::Damaged(error.to_string())
    }
}

impl Zipped {
    /// Gives all of the content to `each`, and compares its size and CRC.
    fn read(
        &self,
        stored: &Stored,
        each: &mut dyn FnMut(&[u8]) -> Result<(), ArchiveFault>,
    ) -> Result<(), Failed> {
        let source = Reading { stored, position: self.start }.take(self.compressed);
        let source = BufReader::with_capacity(1 << 16, source);
        match self.method {
            Method::Stored => self.check(source, each),
            Method::Deflated => {
                let mut decoder = DeflateDecoder::new(source);
                self.check(&mut decoder, each)?;
                if decoder.total_in() != self.compressed {
                    return Err(Failed::Damaged("its compressed size is wrong".into()));
                }
                Ok(())
            }
        }
    }

    fn check(
        &self,
        mut content: impl Read,
        each: &mut dyn FnMut(&[u8]) -> Result<(), ArchiveFault>,
    ) -> Result<(), Failed> {
        let mut hasher = crc32fast::Hasher::new();
        let (mut size, mut buffer) = (0, vec![0; 1 << 16]);
        loop {
            let count = match content.read(&mut buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                read => read?,
            };
            size += count as u64;
            if size > self.size || count == 0 && size < self.size {
                return Err(Failed::Damaged("its size is not what the archive says".into()));
            }
            if count == 0 {
                break;
            }
            hasher.update(&buffer[..count]);
            each(&buffer[..count]).map_err(Failed::Spool)?;
        }
        match hasher.finalize() == self.crc32 {
            true => Ok(()),
            false => Err(Failed::Damaged("its CRC is not what the archive says".into())),
        }
    }
}

/// Members that were read before, by their number: programs are looked into several times.
#[derive(Default)]
pub(super) struct Inflated(Mutex<BTreeMap<u64, Option<Stored>>>);

impl Inflated {
    /// The content of a member, and where it begins in that.
    pub(super) fn get(
        &self,
        number: u64,
        zipped: &Zipped,
        stored: &Stored,
    ) -> Result<(Stored, u64), String> {
        let known = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = |content: Option<Stored>| match content {
            Some(content) => (content, 0),
            None => (stored.clone(), zipped.start),
        };
        if let Some(content) = known().get(&number) {
            return Ok(at(content.clone()));
        }
        let why = |error| {
            let why = match error {
                Failed::Damaged(why) => why,
                Failed::Spool(fault) => fault.to_string(),
            };
            format!("damaged at byte {} of the archive: {why}", zipped.start)
        };
        let content = match zipped.method {
            Method::Stored => {
                zipped.read(stored, &mut |_| Ok(())).map_err(why)?;
                None
            }
            Method::Deflated => {
                let mut spool = Spool::new(&zipped.options, stored.size());
                zipped.read(stored, &mut |bytes| spool.write(bytes)).map_err(why)?;
                Some(spool.finish().map_err(|fault| fault.to_string())?)
            }
        };
        let mut known = known();
        if let Some(content) = &content {
            make_room(&mut known, content);
        }
        known.insert(number, content.clone());
        Ok(at(content))
    }
}

/// Forgets what is decompressed, when it would be too much with `content`.
fn make_room(known: &mut BTreeMap<u64, Option<Stored>>, content: &Stored) {
    let (mut memory, mut files) = (0, 0);
    for stored in known.values().flatten().chain([content]) {
        match stored {
            Stored::Memory(bytes) => memory += bytes.len() as u64,
            Stored::File { .. } | Stored::Part { .. } => files += 1,
        }
    }
    if memory > MOST_IN_MEMORY || files > MOST_IN_FILES {
        known.retain(|_, stored| stored.is_none());
    }
}
