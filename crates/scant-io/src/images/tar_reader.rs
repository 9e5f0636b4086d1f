//! The entries of a tar archive that nobody vouches for: one after the other, in bounded memory.
//!
//! The `tar` crate reads the fields of a header. Its iterator is not used: it reads PAX and GNU
//! records of any length into memory.

use std::collections::BTreeMap;
use std::io::{self, Read, Seek};

/// The most bytes that the extended headers of one entry may have.
const MOST_EXTENDED: u64 = 1 << 20;

/// No file system holds a larger file, and positions behind one still fit their type.
const LARGEST_ENTRY: u64 = i64::MAX as u64 >> 1;

/// One entry.
#[derive(Debug, Default)]
pub(super) struct TarEntry {
    pub(super) name: Vec<u8>,
    pub(super) link: Vec<u8>,
    pub(super) flag: u8,
    pub(super) size: u64,
    pub(super) mode: u32,
    pub(super) uid: u64,
    pub(super) gid: u64,
    pub(super) mtime: i64,
    pub(super) xattrs: BTreeMap<String, Box<[u8]>>,
}

/// An archive while it is read. Reading from it reads the content of the last entry.
pub(super) struct TarReader<R> {
    source: R,
    /// Where the next byte is.
    pub(super) position: u64,
    /// Content of the last entry that has not been read.
    left: u64,
    padding: u64,
    /// How many global headers there were.
    pub(super) globals: u64,
}

/// A source that can pass over bytes.
pub(super) trait Skip: Read {
    /// Passes over `count` bytes.
    fn skip(&mut self, count: u64) -> io::Result<()>;
}

/// A file, in which passing over bytes costs nothing.
pub(super) struct Seekable(pub(super) io::BufReader<std::fs::File>);

/// A stream, in which bytes are passed over by reading them.
pub(super) struct Stream<R>(pub(super) R);

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

fn damaged(why: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why.into())
}

impl<R: Skip> TarReader<R> {
    pub(super) fn new(source: R) -> Self {
        Self { source, position: 0, left: 0, padding: 0, globals: 0 }
    }

    /// The source, where the archive ended.
    pub(super) fn into_source(self) -> R {
        self.source
    }

    /// The next entry; none at the end of the archive.
    pub(super) fn next(&mut self) -> io::Result<Option<TarEntry>> {
        let mut extended = Extended::default();
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
            let Some(block) = self.block()? else { return Ok(None) };
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
                b'x' => {
                    let body = self.extended_body(&mut extended)?;
                    extended.records(&body)?;
                }
                b'L' => extended.name = Some(without_nul(self.extended_body(&mut extended)?)),
                b'K' => extended.link = Some(without_nul(self.extended_body(&mut extended)?)),
                // A global header says nothing that an image may depend on.
                b'g' => self.globals += 1,
                b'S' => return Err(damaged("sparse entries are not supported")),
                _ => return Ok(Some(extended.entry(header, flag, self.left))),
            }
        }
    }

    /// The next header block, checked; none at the end.
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
        if block == [0; 512] {
            return Ok(None);
        }
        let unsigned = |(at, &byte): (usize, &u8)| {
            u32::from(if (148..156).contains(&at) { b' ' } else { byte })
        };
        let sum: u32 = block.iter().enumerate().map(unsigned).sum();
        match tar::Header::from_byte_slice(&block).cksum() {
            Ok(expected) if expected == sum => Ok(Some(block)),
            _ => Err(damaged("not a tar archive, or damaged: a header has a wrong checksum")),
        }
    }

    /// The content of an extended header, of which one entry may have only so much.
    fn extended_body(&mut self, extended: &mut Extended) -> io::Result<Vec<u8>> {
        extended.total = extended.total.saturating_add(self.left).saturating_add(512);
        if extended.total > MOST_EXTENDED {
            return Err(damaged("the extended headers of an entry are larger than 1 MiB"));
        }
        let mut body = vec![0; self.left as usize];
        self.read_exact(&mut body)?;
        Ok(body)
    }
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
#[derive(Default)]
struct Extended {
    total: u64,
    name: Option<Vec<u8>>,
    link: Option<Vec<u8>>,
    size: Option<u64>,
    uid: Option<u64>,
    gid: Option<u64>,
    mtime: Option<i64>,
    xattrs: BTreeMap<String, Box<[u8]>>,
}

impl Extended {
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
            _ if key.starts_with(b"GNU.sparse.") => {
                return Err(damaged("sparse entries are not supported"));
            }
            _ => {
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
        }
    }
}

fn without_nul(mut text: Vec<u8>) -> Vec<u8> {
    if let Some(end) = text.iter().position(|&b| b == 0) {
        text.truncate(end);
    }
    text
}
