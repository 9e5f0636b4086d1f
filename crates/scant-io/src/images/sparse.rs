//! The maps of sparse entries in tar archives: which parts of a file are stored; the rest are holes.
//! The formats are GNU's own of old, and PAX 0.0, 0.1 and 1.0.
//! [GNU tar manual, sparse formats](https://www.gnu.org/software/tar/manual/html_section/Sparse-Formats.html).

use std::io;

use super::tar_reader::damaged;

/// Bytes that are stored, by where they are in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Extent {
    pub(crate) offset: u64,
    pub(crate) length: u64,
}

/// What extended headers say of a sparse entry.
#[derive(Clone, Debug, Default)]
pub(super) struct SparseRecords {
    /// Whether there is any record.
    pub(super) is_there: bool,
    pub(super) name: Option<Vec<u8>>,
    pub(super) size: Option<u64>,
    pub(super) map: Vec<Extent>,
    major: u64,
    offset: Option<u64>,
}

fn wrong() -> io::Error {
    damaged("the map of a sparse entry is damaged")
}

fn number(text: &[u8]) -> io::Result<u64> {
    let is_number = !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    let text = std::str::from_utf8(text).ok().filter(|_| is_number);
    text.and_then(|text| text.parse().ok()).ok_or_else(wrong)
}

impl SparseRecords {
    /// Reads the record `GNU.sparse.KEY`.
    pub(super) fn record(&mut self, key: &[u8], value: &[u8]) -> io::Result<()> {
        self.is_there = true;
        match key {
            b"name" => self.name = Some(value.to_vec()),
            b"size" | b"realsize" => self.size = Some(number(value)?),
            b"major" => self.major = number(value)?,
            b"offset" => self.offset = Some(number(value)?),
            b"numbytes" => {
                let offset = self.offset.take().ok_or_else(wrong)?;
                self.map.push(Extent { offset, length: number(value)? });
            }
            b"map" => {
                self.map.clear();
                let mut numbers = value.split(|&b| b == b',').filter(|text| !text.is_empty());
                while let Some(offset) = numbers.next() {
                    let length = number(numbers.next().ok_or_else(wrong)?)?;
                    self.map.push(Extent { offset: number(offset)?, length });
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Whether the map stands before the content.
    pub(super) fn is_in_content(&self) -> io::Result<bool> {
        match self.major {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(damaged("a sparse entry has an unknown format")),
        }
    }
}

/// The map at the start of the content, in lines of one number each, filled up to a block. `block`
/// gives the next one.
pub(super) fn map_of_content(
    mut block: impl FnMut() -> io::Result<[u8; 512]>,
) -> io::Result<Vec<Extent>> {
    let (mut map, mut line) = (Vec::new(), Vec::new());
    let (mut left, mut offset) = (None, None);
    while left != Some(0) {
        for byte in block()? {
            match byte {
                // A number that fits has 20 digits at the most.
                b'0'..=b'9' if line.len() < 20 => line.push(byte),
                b'\n' => {
                    let value = number(&line)?;
                    line.clear();
                    match (&mut left, offset.take()) {
                        (None, _) => left = Some(value),
                        (Some(_), None) => offset = Some(value),
                        (Some(left), Some(offset)) => {
                            map.push(Extent { offset, length: value });
                            *left -= 1;
                        }
                    }
                }
                _ => return Err(wrong()),
            }
            if left == Some(0) {
                break;
            }
        }
    }
    Ok(map)
}

/// The map of an old header: four parts in it, then blocks of 21 while the last says so.
pub(super) fn map_of_header(
    header: &[u8; 512],
    mut block: impl FnMut() -> io::Result<[u8; 512]>,
) -> io::Result<(Vec<Extent>, u64)> {
    let mut map = Vec::new();
    add(&mut map, &header[386..482])?;
    let mut goes_on = header[482] != 0;
    while goes_on {
        let more = block()?;
        add(&mut map, &more[..504])?;
        goes_on = more[504] != 0;
    }
    Ok((map, field(&header[483..495])?))
}

fn add(map: &mut Vec<Extent>, parts: &[u8]) -> io::Result<()> {
    for part in parts.chunks_exact(24).take_while(|part| part[0] != 0 || part[12] != 0) {
        map.push(Extent { offset: field(&part[..12])?, length: field(&part[12..])? });
    }
    Ok(())
}

/// A number in octal digits, or in base 256 when the first bit is set.
fn field(bytes: &[u8]) -> io::Result<u64> {
    if bytes[0] & 0x80 != 0 {
        let (high, low) = bytes.split_at(bytes.len() - 8);
        let low: [u8; 8] = low.try_into().map_err(|_| wrong())?;
        let is_small = high[0] == 0x80 && high[1..].iter().all(|&b| b == 0);
        return if is_small { Ok(u64::from_be_bytes(low)) } else { Err(wrong()) };
    }
    let text = bytes.split(|&b| b == 0).next().unwrap_or_default().trim_ascii();
    let digit = |value: u64, &b: &u8| match b {
        b'0'..=b'7' => Ok(value << 3 | u64::from(b - b'0')),
        _ => Err(wrong()),
    };
    text.iter().try_fold(0, digit)
}

/// Whether the parts lie in the file, one after the other, and are all stored.
pub(super) fn check(map: &[Extent], size: u64, stored: u64) -> io::Result<()> {
    let (mut end, mut total) = (0u64, 0u64);
    for part in map {
        if part.offset < end {
            return Err(wrong());
        }
        end = part.offset.checked_add(part.length).ok_or_else(wrong)?;
        total = total.checked_add(part.length).ok_or_else(wrong)?;
    }
    if end > size || total > stored { Err(wrong()) } else { Ok(()) }
}
