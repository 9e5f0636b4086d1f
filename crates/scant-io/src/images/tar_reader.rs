//! The entries of a tar archive that nobody vouches for: one after the other, in bounded memory.
//!
//! The `tar` crate reads the fields of a header. Its iterator is not used: it reads PAX and GNU
//! records of any length into memory.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Read, Seek};

use super::sparse::{self, Extent, SparseRecords};

/// The most bytes that the extended headers of one entry of an image may have.
const MOST_EXTENDED: u64 = 1 << 20;

/// No file system holds a larger file, and positions behind one still fit their type.
const LARGEST_ENTRY: u64 = i64::MAX as u64 >> 1;

/// One entry.
#[derive(Debug, Default)]
pub(crate) struct TarEntry {
    pub(crate) name: Vec<u8>,
    pub(crate) link: Vec<u8>,
    pub(crate) flag: u8,
    pub(crate) size: u64,
    pub(crate) mode: u32,
    pub(crate) uid: u64,
    pub(crate) gid: u64,
    pub(crate) mtime: i64,
    pub(crate) xattrs: BTreeMap<String, Box<[u8]>>,
    /// What is stored of a sparse file, one part after the other; the rest is zero.
    pub(crate) sparse: Option<Vec<Extent>>,
    /// The digest of the content that packages of apk have.
    pub(crate) apk_checksum: Option<Box<[u8]>>,
}

/// Which archives are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dialect {
    /// Layers and archives of images: no sparse entries, which the specification of images advises
    /// against, and global headers say nothing.
    Image,
    /// All that GNU tar, bsdtar and others write.
    Any,
}

/// The extended headers of an entry are larger than this.
#[derive(Debug, thiserror::Error)]
pub(crate) struct HeaderTooLarge(pub(crate) u64);

impl fmt::Display for HeaderTooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the extended headers of an entry are larger than ")?;
        match self.0 {
            MOST_EXTENDED => f.write_str("1 MiB"),
            bytes => write!(f, "{bytes} bytes"),
        }
    }
}

/// An archive while it is read. Reading from it reads the content of the last entry.
pub(crate) struct TarReader<R> {
    source: R,
    /// Where the next byte is.
    pub(crate) position: u64,
    /// Content of the last entry that has not been read.
    left: u64,
    padding: u64,
    /// How many global headers there were.
    pub(crate) globals: u64,
    dialect: Dialect,
    most_extended: u64,
    /// What global headers say about every entry after them.
    everywhere: Extended,
}

/// A source that can pass over bytes.
pub(crate) trait Skip: Read {
    /// Passes over `count` bytes.
    fn skip(&mut self, count: u64) -> io::Result<()>;
}

/// A file, in which passing over bytes costs nothing.
pub(crate) struct Seekable(pub(crate) io::BufReader<std::fs::File>);

/// A stream, in which bytes are passed over by reading them.
pub(crate) struct Stream<R>(pub(crate) R);

impl Read for Seekable {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Skip for Seekable {
    fn skip(&mut self, count: u64) -> io::Result<()> {
        let end = self.0.stream_position()?.checked_add(count);
        if end.is_none_or(|end| self.0.get_ref().metadata().is_ok_and(|file| end > file.len())) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.0.seek_relative(count.try_into().map_err(|_| damaged("an entry is too large"))?)
    }
}

impl<R: Read> Read for Stream<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl<R: Read> Skip for Stream<R> {
    fn skip(&mut self, count: u64) -> io::Result<()> {
        match io::copy(&mut (&mut self.0).take(count), &mut io::sink())? {
            passed if passed == count => Ok(()),
            _ => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }
}

pub(super) fn damaged(why: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why.into())
}

impl<R: Skip> TarReader<R> {
    pub(crate) fn new(source: R) -> Self {
        Self {
            source,
            position: 0,
            left: 0,
            padding: 0,
            globals: 0,
            dialect: Dialect::Image,
            most_extended: MOST_EXTENDED,
            everywhere: Extended::default(),
        }
    }

    /// A reader of whatever was archived, of which the extended headers of an entry may have so many
    /// bytes. Reading from it reads what is stored, holes left out.
    pub(crate) fn of_any(source: R, most_extended: u64) -> Self {
        Self { dialect: Dialect::Any, most_extended, ..Self::new(source) }
    }

    /// The source, where the archive ended.
    pub(crate) fn into_source(self) -> R {
        self.source
    }

    /// Whether content of the last entry is still to come.
    pub(crate) fn is_in_entry(&self) -> bool {
        self.left > 0
    }

    /// The next entry; none at the end of the archive.
    pub(crate) fn next(&mut self) -> io::Result<Option<TarEntry>> {
        let mut extended = self.everywhere.clone();
        let mut is_extended = false;
        loop {
            self.source.skip(self.left)?;
            self.position += self.left;
            // umoci leaves the padding of the last entry out, and Go's reader does not miss it.
            match self.source.skip(self.padding) {
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof && self.padding > 0 => {
                    return Ok(None);
                }
                skipped => skipped?,
            }
            self.position += self.padding;
            (self.left, self.padding) = (0, 0);
            let Some(block) = self.header()? else { return Ok(None) };
            let header = tar::Header::from_byte_slice(&block);
            let flag = block[156];
            let size = match (&extended.size, flag) {
                (Some(size), b'\0' | b'0' | b'7') => *size,
                _ => header.entry_size().map_err(|_| damaged("a header has no valid size"))?,
            };
            if size > LARGEST_ENTRY {
                return Err(damaged("an entry is too large"));
            }
            self.left = if matches!(flag, b'1'..=b'6') { 0 } else { size };
            self.padding = self.left.wrapping_neg() % 512;
            match flag {
                b'x' => self.extended_records(&mut extended)?,
                // The same, as Solaris wrote it before it was a standard.
                b'X' if self.dialect == Dialect::Any => self.extended_records(&mut extended)?,
                b'L' => extended.name = Some(without_nul(self.extended_body(&mut extended)?)),
                b'K' => extended.link = Some(without_nul(self.extended_body(&mut extended)?)),
                b'g' => {
                    self.global_header()?;
                    if !is_extended {
                        extended = self.everywhere.clone();
                    }
                    continue;
                }
                b'S' if self.dialect == Dialect::Image => {
                    return Err(damaged("sparse entries are not supported"));
                }
                b'S' => return self.old_sparse_entry(extended, &block).map(Some),
                _ if extended.sparse.is_there => {
                    return self.sparse_entry(extended, header, flag).map(Some);
                }
                _ => return Ok(Some(extended.entry(header, flag, self.left))),
            }
            is_extended = true;
        }
    }

    fn extended_records(&mut self, extended: &mut Extended) -> io::Result<()> {
        let body = self.extended_body(extended)?;
        extended.records(&body)?;
        if extended.sparse.is_there && self.dialect == Dialect::Image {
            return Err(damaged("sparse entries are not supported"));
        }
        Ok(())
    }

    /// A header for all entries that follow. In an image it says nothing that may be depended on.
    fn global_header(&mut self) -> io::Result<()> {
        self.globals += 1;
        if self.dialect == Dialect::Any {
            let mut everywhere = std::mem::take(&mut self.everywhere);
            let body = self.extended_body(&mut everywhere)?;
            everywhere.records(&body)?;
            // Names and sizes of one entry are not those of all.
            self.everywhere = Extended {
                name: None,
                link: None,
                size: None,
                sparse: SparseRecords::default(),
                apk_checksum: None,
                ..everywhere
            };
        }
        Ok(())
    }

    /// An entry whose map is in extended headers, or before its content.
    fn sparse_entry(
        &mut self,
        mut extended: Extended,
        header: &tar::Header,
        flag: u8,
    ) -> io::Result<TarEntry> {
        let mut records = std::mem::take(&mut extended.sparse);
        if records.is_in_content()? {
            records.map = sparse::map_of_content(|| {
                extended.count(512, self.most_extended)?;
                let mut block = [0; 512];
                self.read_exact(&mut block)?;
                Ok(block)
            })?;
        }
        extended.name = records.name.or(extended.name);
        let size = records.size.ok_or_else(|| damaged("a sparse entry has no size"))?;
        self.sparse(extended.entry(header, flag, size), records.map)
    }

    fn old_sparse_entry(
        &mut self,
        mut extended: Extended,
        block: &[u8; 512],
    ) -> io::Result<TarEntry> {
        let (map, size) = sparse::map_of_header(block, || {
            extended.count(512, self.most_extended)?;
            self.block()?.ok_or_else(|| damaged("the archive ends within a header"))
        })?;
        self.sparse(extended.entry(tar::Header::from_byte_slice(block), b'0', size), map)
    }

    fn sparse(&self, mut entry: TarEntry, map: Vec<Extent>) -> io::Result<TarEntry> {
        if entry.size > LARGEST_ENTRY {
            return Err(damaged("an entry is too large"));
        }
        sparse::check(&map, entry.size, self.left)?;
        entry.sparse = Some(map);
        Ok(entry)
    }

    /// The next header block, checked; none at the end.
    fn header(&mut self) -> io::Result<Option<[u8; 512]>> {
        let Some(block) = self.block()?.filter(|block| *block != [0; 512]) else { return Ok(None) };
        match has_checksum(&block, self.dialect) {
            true => Ok(Some(block)),
            false => Err(damaged("not a tar archive, or damaged: a header has a wrong checksum")),
        }
    }

    /// The next block; none at the end.
    fn block(&mut self) -> io::Result<Option<[u8; 512]>> {
        let mut block = [0; 512];
        let mut filled = 0;
        while filled < block.len() {
            match self.source.read(&mut block[filled..])? {
                0 if filled == 0 => return Ok(None),
                0 => return Err(damaged("the archive ends within a header")),
                count => filled += count,
            }
        }
        self.position += 512;
        Ok(Some(block))
    }

    /// The content of an extended header, of which one entry may have only so much.
    fn extended_body(&mut self, extended: &mut Extended) -> io::Result<Vec<u8>> {
        extended.count(self.left.saturating_add(512), self.most_extended)?;
        let mut body = vec![0; self.left as usize];
        self.read_exact(&mut body)?;
        Ok(body)
    }
}

/// Whether a block is the header of an entry, as far as its checksum tells.
pub(crate) fn is_header(block: &[u8]) -> bool {
    block.try_into().is_ok_and(|block| has_checksum(block, Dialect::Any))
}

fn has_checksum(block: &[u8; 512], dialect: Dialect) -> bool {
    let sum = |of: fn(u8) -> i64| -> i64 {
        let field = 148..156;
        let byte = |(at, &byte)| of(if field.contains(&at) { b' ' } else { byte });
        block.iter().enumerate().map(byte).sum()
    };
    let found = tar::Header::from_byte_slice(block).cksum().ok().map(i64::from);
    // Some wrote the sum of signed bytes.
    let signed = |byte: u8| i64::from(byte as i8);
    found.is_some_and(|found| {
        found == sum(i64::from) || dialect == Dialect::Any && found == sum(signed)
    })
}

impl<R: Skip> Read for TarReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = buffer.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        let count = self.source.read(&mut buffer[..most])?;
        if count == 0 && most > 0 {
            return Err(damaged("the archive ends within an entry"));
        }
        self.left -= count as u64;
        self.position += count as u64;
        Ok(count)
    }
}

/// What extended headers say about the entry that follows them.
#[derive(Clone, Default)]
struct Extended {
    total: u64,
    name: Option<Vec<u8>>,
    link: Option<Vec<u8>>,
    size: Option<u64>,
    uid: Option<u64>,
    gid: Option<u64>,
    mtime: Option<i64>,
    xattrs: BTreeMap<String, Box<[u8]>>,
    sparse: SparseRecords,
    apk_checksum: Option<Box<[u8]>>,
}

impl Extended {
    /// Counts bytes of headers.
    fn count(&mut self, bytes: u64, most: u64) -> io::Result<()> {
        self.total = self.total.saturating_add(bytes);
        if self.total > most {
            return Err(io::Error::new(io::ErrorKind::InvalidData, HeaderTooLarge(most)));
        }
        Ok(())
    }

    /// Reads PAX records, `LENGTH KEY=VALUE\n`.
    fn records(&mut self, mut body: &[u8]) -> io::Result<()> {
        let wrong = || damaged("a PAX record is damaged");
        while !body.is_empty() {
            let space = body.iter().take(20).position(|&b| b == b' ').ok_or_else(wrong)?;
            let length = std::str::from_utf8(&body[..space]).ok();
            let length: usize = length.and_then(|text| text.parse().ok()).ok_or_else(wrong)?;
            let (record, rest) = body.split_at_checked(length).ok_or_else(wrong)?;
            let record = record.get(space + 1..).and_then(|r| r.strip_suffix(b"\n"));
            let record = record.ok_or_else(wrong)?;
            let equals = record.iter().position(|&b| b == b'=').ok_or_else(wrong)?;
            self.record(&record[..equals], &record[equals + 1..])?;
            body = rest;
        }
        Ok(())
    }

    fn record(&mut self, key: &[u8], value: &[u8]) -> io::Result<()> {
        let text = || std::str::from_utf8(value).ok();
        let number = || match text().and_then(|text| text.parse().ok()) {
            Some(number) => Ok(Some(number)),
            None => Err(damaged("a PAX record holds no valid number")),
        };
        match key {
            // An empty value takes back what was said before.
            b"path" if value.is_empty() => self.name = None,
            b"linkpath" if value.is_empty() => self.link = None,
            b"size" if value.is_empty() => self.size = None,
            b"APK-TOOLS.checksum.SHA1" => self.apk_checksum = Some(value.into()),
            b"uid" if value.is_empty() => self.uid = None,
            b"gid" if value.is_empty() => self.gid = None,
            b"mtime" if value.is_empty() => self.mtime = None,
            b"path" => self.name = Some(value.to_vec()),
            b"linkpath" => self.link = Some(value.to_vec()),
            b"size" => self.size = number()?,
            b"uid" => self.uid = number()?,
            b"gid" => self.gid = number()?,
            // Whole seconds; what comes after the point is dropped.
            b"mtime" => {
                let whole = text().and_then(|text| text.split('.').next()?.parse().ok());
                self.mtime = Some(whole.ok_or_else(|| damaged("a PAX time is damaged"))?);
            }
            _ => {
                if let Some(key) = key.strip_prefix(b"GNU.sparse.") {
                    return self.sparse.record(key, value);
                }
                let name = key.strip_prefix(b"SCHILY.xattr.").map(std::str::from_utf8);
                if let Some(Ok(name)) = name {
                    self.xattrs.insert(name.to_string(), value.into());
                }
            }
        }
        Ok(())
    }

    fn entry(self, header: &tar::Header, flag: u8, size: u64) -> TarEntry {
        let link = || header.link_name_bytes().map(|link| link.into_owned()).unwrap_or_default();
        TarEntry {
            name: self.name.unwrap_or_else(|| header.path_bytes().into_owned()),
            link: self.link.unwrap_or_else(link),
            flag,
            size,
            mode: header.mode().unwrap_or_default() & 0o7777,
            uid: self.uid.or_else(|| header.uid().ok()).unwrap_or_default(),
            gid: self.gid.or_else(|| header.gid().ok()).unwrap_or_default(),
            mtime: self.mtime.or_else(|| header.mtime().ok().map(|m| m as i64)).unwrap_or_default(),
            xattrs: self.xattrs,
            sparse: None,
            apk_checksum: self.apk_checksum,
        }
    }
}

fn without_nul(mut text: Vec<u8>) -> Vec<u8> {
    if let Some(end) = text.iter().position(|&b| b == 0) {
        text.truncate(end);
    }
    text
}
