//! Records of zip archives: bytes to values. The central directory at the end says what there is;
//! each entry is said once more before its content, and both must agree. Nothing is decompressed
//! here.
//! [APPNOTE.TXT](https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT).

use alloc::vec::Vec;

/// The most bytes from where the end record can begin to the end of the archive, with the locator
/// of zip64 before it.
pub const LONGEST_END: usize = LOCATOR + END + u16::MAX as usize;
/// The bytes of the end record of zip64 that are read.
pub const END64: usize = 56;
/// The bytes of a local header before its name.
pub const LOCAL: usize = 30;

const LOCATOR: usize = 20;
const END: usize = 22;
const CENTRAL: usize = 46;

/// Flags: encrypted, sizes follow the content, encrypted strongly, names are UTF-8, the directory is
/// encrypted.
const ENCRYPTED: u16 = 1 | 1 << 6 | 1 << 13;
const DESCRIPTOR: u16 = 1 << 3;
const UTF8: u16 = 1 << 11;

/// What is wrong with a zip archive.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ZipError {
    /// It is cut off, or something stands behind it.
    #[error(
        "there is no end record where the archive ends: it is cut off, or something follows it"
    )]
    NoEnd,
    /// It is one of several files.
    #[error("it is one part of an archive in several")]
    SeveralDisks,
    /// A record is cut off, or is none.
    #[error("{0} is damaged")]
    Record(&'static str),
    /// The end record lies about where the directory is.
    #[error("the central directory is not where the end record says")]
    NoDirectory,
    /// What stands before the content is not what the directory says.
    #[error("its local header and the central directory disagree on {0}")]
    Disagree(&'static str),
    /// Nobody gave a password.
    #[error("it is encrypted, which is not read")]
    Encrypted,
    /// Something else than stored and deflated.
    #[error("it is compressed by method {0}, which is not read; only stored and deflated are")]
    Method(u16),
    /// A name that is marked as UTF-8.
    #[error("its name is marked as UTF-8 and is not")]
    NotUtf8,
}

/// Where the central directory is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Directory {
    /// How many entries it has.
    pub entries: u64,
    /// Its first byte.
    pub offset: u64,
    /// Its bytes.
    pub size: u64,
}

/// What the end record says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Where the directory is; it must end where this record begins, the second number.
    Directory(Directory, u64),
    /// That the end record of zip64 at this offset says it.
    Zip64(u64),
}

/// How a member is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// As it is.
    Stored,
    /// By deflate.
    Deflated,
}

/// An entry of the central directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZipEntry {
    /// The name, as it is written or as UTF-8 where the archive has that besides.
    pub name: Vec<u8>,
    /// The name, as it is written.
    pub written_name: Vec<u8>,
    /// How the content is stored.
    pub method: Method,
    /// CRC-32 of the content.
    pub crc32: u32,
    /// Bytes that are stored.
    pub compressed: u64,
    /// Bytes of the content.
    pub size: u64,
    /// Where its local header is.
    pub header: u64,
    /// Type and permission bits as Unix has them; none where the archive has no such notion.
    pub mode: Option<u32>,
    /// Owner and group, where the archive says.
    pub owner: Option<(u64, u64)>,
    flags: u16,
}

/// Little-endian numbers at the start of bytes, taken one after the other.
struct Numbers<'a>(&'a [u8]);

impl<'a> Numbers<'a> {
    fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(bytes)
    }

    fn number(&mut self, bytes: usize) -> Option<u64> {
        let bytes = self.bytes(bytes)?;
        Some(bytes.iter().rev().fold(0, |value, &byte| value << 8 | u64::from(byte)))
    }

    fn two(&mut self) -> Option<u16> {
        self.number(2).map(|value| value as u16)
    }

    fn four(&mut self) -> Option<u64> {
        self.number(4)
    }
}

/// The end record, in the last bytes of an archive, of which the first is at `offset`.
///
/// # Errors
/// When there is none that ends with the archive, or the archive is one of several.
pub fn end(tail: &[u8], offset: u64) -> Result<End, ZipError> {
    let is_end = |at: &usize| {
        let record = &tail[*at..];
        let comment = usize::from(record[20]) | usize::from(record[21]) << 8;
        record.starts_with(b"PK\x05\x06") && record.len() == END + comment
    };
    let last = tail.len().checked_sub(END).ok_or(ZipError::NoEnd)?;
    let at = (0..=last).rev().find(is_end).ok_or(ZipError::NoEnd)?;
    if let Some(locator) = at.checked_sub(LOCATOR).map(|start| &tail[start..at])
        && locator.starts_with(b"PK\x06\x07")
    {
        let mut numbers = Numbers(&locator[4..]);
        let read = (|| Some((numbers.four()?, numbers.number(8)?, numbers.four()?)))();
        let (disk, record, disks) = read.ok_or(ZipError::Record("the locator of zip64"))?;
        return if disk == 0 && disks <= 1 {
            Ok(End::Zip64(record))
        } else {
            Err(ZipError::SeveralDisks)
        };
    }
    let mut numbers = Numbers(&tail[at + 4..]);
    let read = (|| {
        let disks = (numbers.two()?, numbers.two()?);
        let entries = (numbers.two()?, numbers.two()?);
        Some((disks, entries, numbers.four()?, numbers.four()?))
    })();
    let (disks, (here, entries), size, start) = read.ok_or(ZipError::Record("the end record"))?;
    if disks != (0, 0) || here != entries {
        return Err(ZipError::SeveralDisks);
    }
    let directory = Directory { entries: entries.into(), offset: start, size };
    Ok(End::Directory(directory, offset + at as u64))
}

/// The end record of zip64.
///
/// # Errors
/// When it is none, or the archive is one of several.
pub fn end64(record: &[u8; END64]) -> Result<Directory, ZipError> {
    let wrong = ZipError::Record("the end record of zip64");
    let rest = record.strip_prefix(b"PK\x06\x06").ok_or(wrong.clone())?;
    let mut numbers = Numbers(rest);
    let read = (|| {
        numbers.bytes(8 + 2 + 2)?;
        let disks = (numbers.four()?, numbers.four()?);
        let entries = (numbers.number(8)?, numbers.number(8)?);
        Some((disks, entries, numbers.number(8)?, numbers.number(8)?))
    })();
    let (disks, (here, entries), size, offset) = read.ok_or(wrong)?;
    if disks != (0, 0) || here != entries {
        return Err(ZipError::SeveralDisks);
    }
    Ok(Directory { entries, offset, size })
}

/// The first entry of what is left of the central directory, and how many bytes it takes. An entry
/// that is not read is the error, with its name.
///
/// # Errors
/// When it is damaged, encrypted, or compressed in another way.
pub fn central(bytes: &[u8]) -> Result<(ZipEntry, usize), (Vec<u8>, ZipError)> {
    let wrong = || (Vec::new(), ZipError::Record("the central directory"));
    let rest = bytes.strip_prefix(b"PK\x01\x02").ok_or_else(wrong)?;
    let mut numbers = Numbers(rest);
    let read = (|| {
        let made_by = numbers.two()?;
        numbers.two()?;
        let (flags, method) = (numbers.two()?, numbers.two()?);
        numbers.four()?;
        let (crc32, compressed, size) = (numbers.four()?, numbers.four()?, numbers.four()?);
        let lengths = [numbers.two()?, numbers.two()?, numbers.two()?].map(usize::from);
        let (disk, _) = (numbers.two()?, numbers.two()?);
        let (attributes, header) = (numbers.four()?, numbers.four()?);
        let name = numbers.bytes(lengths[0])?;
        let extra = numbers.bytes(lengths[1])?;
        numbers.bytes(lengths[2])?;
        let length = CENTRAL + lengths.iter().sum::<usize>();
        let sizes = (compressed, size, header);
        Some((made_by, flags, method, crc32 as u32, sizes, disk, attributes, name, extra, length))
    })();
    let (made_by, flags, method, crc32, sizes, disk, attributes, name, extra, length) =
        read.ok_or_else(wrong)?;
    let failed = |error| (name.to_vec(), error);
    let (mut compressed, mut size, mut header) = sizes;
    if disk != 0 && disk != u16::MAX {
        return Err(failed(ZipError::SeveralDisks));
    }
    if flags & ENCRYPTED != 0 {
        return Err(failed(ZipError::Encrypted));
    }
    if flags & UTF8 != 0 && core::str::from_utf8(name).is_err() {
        return Err(failed(ZipError::NotUtf8));
    }
    let method = match method {
        0 => Method::Stored,
        8 => Method::Deflated,
        other => return Err(failed(ZipError::Method(other))),
    };
    let large = [&mut size, &mut compressed, &mut header];
    enlarge(extra, large).ok_or_else(|| failed(ZipError::Record("the extra field of zip64")))?;
    let unicode = unicode_name(extra, name).map(<[u8]>::to_vec);
    let entry = ZipEntry {
        name: unicode.unwrap_or_else(|| name.to_vec()),
        written_name: name.to_vec(),
        method,
        crc32,
        compressed,
        size,
        header,
        // 3 is Unix, 19 is macOS.
        mode: matches!(made_by >> 8, 3 | 19).then_some((attributes >> 16) as u32),
        owner: owner(extra),
        flags,
    };
    Ok((entry, length))
}

/// How many bytes a local header takes, by its first ones.
///
/// # Errors
/// When it is none.
pub fn local_length(header: &[u8; LOCAL]) -> Result<usize, ZipError> {
    let length = |at: usize| usize::from(header[at]) | usize::from(header[at + 1]) << 8;
    match header.starts_with(b"PK\x03\x04") {
        true => Ok(LOCAL + length(26) + length(28)),
        false => Err(ZipError::Record("the local header")),
    }
}

/// Compares the whole local header with what the directory says of the entry.
///
/// # Errors
/// When they disagree.
pub fn check_local(header: &[u8], entry: &ZipEntry) -> Result<(), ZipError> {
    let read = (|| {
        let mut numbers = Numbers(header.strip_prefix(b"PK\x03\x04")?);
        numbers.two()?;
        let (flags, method) = (numbers.two()?, numbers.two()?);
        numbers.four()?;
        let (crc32, compressed, size) = (numbers.four()?, numbers.four()?, numbers.four()?);
        let lengths = [numbers.two()?, numbers.two()?].map(usize::from);
        let name = numbers.bytes(lengths[0])?;
        let extra = numbers.bytes(lengths[1])?;
        Some((flags, method, crc32 as u32, compressed, size, name, extra))
    })();
    let (flags, method, crc32, mut compressed, mut size, name, extra) =
        read.ok_or(ZipError::Record("the local header"))?;
    enlarge(extra, [&mut size, &mut compressed])
        .ok_or(ZipError::Record("the extra field of zip64"))?;
    if flags & ENCRYPTED != 0 {
        return Err(ZipError::Encrypted);
    }
    let expected = match entry.method {
        Method::Stored => 0,
        Method::Deflated => 8,
    };
    // What was not known yet when it was written is zero, and follows the content.
    let is_later = (flags | entry.flags) & DESCRIPTOR != 0;
    let agrees = |found: u64, expected: u64| found == expected || is_later && found == 0;
    let disagreement = if name != entry.written_name {
        "the name"
    } else if method != expected {
        "the method"
    } else if !agrees(crc32.into(), entry.crc32.into()) {
        "the CRC"
    } else if !agrees(size, entry.size) || !agrees(compressed, entry.compressed) {
        "the size"
    } else {
        return Ok(());
    };
    Err(ZipError::Disagree(disagreement))
}

/// The fields of `extra`, each with its number.
fn fields(extra: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    let mut numbers = Numbers(extra);
    // What cannot be read any more is of somebody who pads.
    core::iter::from_fn(move || {
        let (number, length) = (numbers.two()?, numbers.two()?);
        Some((number, numbers.bytes(length.into())?))
    })
}

/// Replaces those numbers that do not fit in 32 bits by what the extra field says; none when it does
/// not.
fn enlarge<const COUNT: usize>(extra: &[u8], values: [&mut u64; COUNT]) -> Option<()> {
    let field = fields(extra).find(|(number, _)| *number == 1);
    let mut numbers = Numbers(field.map_or(&[], |(_, field)| field));
    for value in values {
        if *value == u64::from(u32::MAX) {
            *value = numbers.number(8)?;
        }
    }
    Some(())
}

/// The name as UTF-8, where it was not written so: Info-ZIP's field, which holds the CRC of the name
/// that it replaces.
fn unicode_name<'a>(extra: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let (_, field) = fields(extra).find(|(number, _)| *number == 0x7075)?;
    let mut numbers = Numbers(field);
    let (version, crc) = (numbers.number(1)?, numbers.four()?);
    let fits = version == 1 && crc == u64::from(crc32(name));
    let text = numbers.0;
    (fits && !text.is_empty() && core::str::from_utf8(text).is_ok()).then_some(text)
}

/// Owner and group, in Info-ZIP's newest field for Unix.
fn owner(extra: &[u8]) -> Option<(u64, u64)> {
    let (_, field) = fields(extra).find(|(number, _)| *number == 0x7875)?;
    let mut numbers = Numbers(field);
    if numbers.number(1)? != 1 {
        return None;
    }
    let mut id = || {
        let length = numbers.number(1)?;
        if length > 8 { None } else { numbers.number(length as usize) }
    };
    Some((id()?, id()?))
}

/// CRC-32 of a short text, bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| crc >> 1 ^ (0xedb8_8320 & (crc & 1).wrapping_neg());
    !bytes.iter().fold(!0, |crc, &byte| (0..8).fold(crc ^ u32::from(byte), step))
}
