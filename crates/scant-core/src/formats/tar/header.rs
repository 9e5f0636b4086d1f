//! One entry's header blocks: ustar, preceded by a PAX extended header where ustar is not enough.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::{BLOCK, padding};
use crate::words::Meta;

/// `name` of ustar holds this many bytes, without a NUL at the end if need be.
const NAME: usize = 100;
/// `prefix` of ustar holds this many bytes.
const PREFIX: usize = 155;
/// The largest user or group number of ustar: seven octal digits.
const LARGEST_ID: u32 = 0o7_777_777;
/// The largest size and time of ustar: eleven octal digits.
const LARGEST_NUMBER: u64 = 0o77_777_777_777;

/// The `typeflag` of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryType {
    /// `0`.
    File,
    /// `1`.
    HardLink,
    /// `2`.
    Symlink,
    /// `5`.
    Directory,
}

/// All that is said about one entry before its content.
#[derive(Clone, Debug)]
pub struct Header<'a> {
    /// The path without a slash at its start. A directory's ends in `/`.
    pub name: &'a [u8],
    /// What the entry is.
    pub entry_type: EntryType,
    /// Where a link leads: the text of a symbolic link, or the `name` of a hard link's file.
    pub link: &'a [u8],
    /// Bytes of content that follow: 0 but for files.
    pub size: u64,
    /// Owner, mode, extended attributes. Attributes of links are left out.
    pub meta: &'a Meta,
    /// Seconds since 1970.
    pub mtime: u64,
}

impl Header<'_> {
    /// The blocks that stand before the content.
    pub fn encode(&self) -> Vec<u8> {
        let records = self.records();
        if records.is_empty() {
            let (prefix, name) = split(self.name).unwrap_or((b"", self.name));
            return self.block(prefix, name, self.link).to_vec();
        }
        let body: Vec<u8> = records.iter().flat_map(|(key, value)| record(key, value)).collect();
        let mut blocks = extended_block(self.name, body.len()).to_vec();
        blocks.extend_from_slice(&body);
        blocks.resize(blocks.len() + padding(body.len() as u64), 0);
        blocks.extend_from_slice(&self.block(b"", &ascii(self.name), &ascii(self.link)));
        blocks
    }

    /// The PAX records, sorted by key; empty when ustar says it all. Once one is needed, a `path`
    /// over 100 bytes is recorded even if it could be split, as Go does.
    fn records(&self) -> BTreeMap<String, Vec<u8>> {
        let mut records = BTreeMap::new();
        if matches!(self.entry_type, EntryType::File | EntryType::Directory) {
            for (name, value) in &self.meta.xattrs {
                records.insert(format!("SCHILY.xattr.{name}"), value.to_vec());
            }
        }
        let mut number = |key: &str, value: u64, largest: u64| {
            if value > largest {
                records.insert(key.to_string(), value.to_string().into_bytes());
            }
        };
        number("gid", self.meta.gid.into(), LARGEST_ID.into());
        number("uid", self.meta.uid.into(), LARGEST_ID.into());
        number("mtime", self.mtime, LARGEST_NUMBER);
        number("size", self.size, LARGEST_NUMBER);
        if !self.link.is_ascii() || self.link.len() > NAME {
            records.insert("linkpath".to_string(), self.link.to_vec());
        }
        let long = self.name.len() > NAME;
        let splits = long && split(self.name).is_some();
        if !self.name.is_ascii() || (long && !splits) || (long && !records.is_empty()) {
            records.insert("path".to_string(), self.name.to_vec());
        }
        records
    }

    /// The ustar block. What does not fit is cut: a PAX record says it in full.
    fn block(&self, prefix: &[u8], name: &[u8], link: &[u8]) -> [u8; BLOCK] {
        let flag = match self.entry_type {
            EntryType::File => b'0',
            EntryType::HardLink => b'1',
            EntryType::Symlink => b'2',
            EntryType::Directory => b'5',
        };
        let mut block = Block::new(flag);
        block.text(0..100, name);
        block.octal(100..108, self.meta.mode.bits().into());
        block.octal(108..116, self.meta.uid.into());
        block.octal(116..124, self.meta.gid.into());
        block.octal(124..136, self.size);
        block.octal(136..148, self.mtime);
        block.text(157..257, link);
        block.octal(329..337, 0);
        block.octal(337..345, 0);
        block.text(345..500, prefix);
        block.finish()
    }
}

/// The ustar block of a PAX extended header. Its own name matters only to readers that do not know
/// PAX and extract it as a file; it is the name Go gives it: `PaxHeaders.0` put before the last
/// component, ASCII only, cut at 100 bytes. Owner, mode and time are 0, device numbers NUL.
fn extended_block(name: &[u8], body: usize) -> [u8; BLOCK] {
    let slash = name.iter().rposition(|&b| b == b'/').map_or(0, |at| at + 1);
    let (directory, file) = name.split_at(slash);
    let mut own = ascii(directory);
    own.extend_from_slice(b"PaxHeaders.0/");
    own.extend_from_slice(&ascii(file));
    own.truncate(NAME);
    while own.last() == Some(&b'/') {
        own.pop();
    }
    let mut block = Block::new(b'x');
    block.text(0..100, &own);
    block.octal(100..108, 0);
    block.octal(108..116, 0);
    block.octal(116..124, 0);
    block.octal(124..136, body as u64);
    block.octal(136..148, 0);
    block.finish()
}

/// One record: its length in decimal, which counts itself, then `key=value` and a newline.
/// [pax, extended header](https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13_03).
fn record(key: &str, value: &[u8]) -> Vec<u8> {
    let rest = key.len() + value.len() + 3;
    let digits = |number: usize| number.to_string().len();
    let mut length = rest + digits(rest);
    length = rest + digits(length);
    let mut record = format!("{length} {key}=").into_bytes();
    record.extend_from_slice(value);
    record.push(b'\n');
    record
}

/// Splits a long name into ustar's `prefix` and `name`; none when it is short or cannot be split.
/// The last slash that leaves a prefix of at most 155 bytes is taken, as Go does.
fn split(name: &[u8]) -> Option<(&[u8], &[u8])> {
    if name.len() <= NAME || !name.is_ascii() {
        return None;
    }
    let mut end = name.len();
    if end > PREFIX + 1 {
        end = PREFIX + 1;
    } else if name[end - 1] == b'/' {
        end -= 1;
    }
    let slash = name[..end].iter().rposition(|&b| b == b'/').filter(|&at| at > 0)?;
    let (prefix, rest) = (&name[..slash], &name[slash + 1..]);
    (!rest.is_empty() && rest.len() <= NAME).then_some((prefix, rest))
}

/// The text without what is not ASCII: a best effort for readers that do not know PAX.
fn ascii(text: &[u8]) -> Vec<u8> {
    let valid = text.utf8_chunks().flat_map(|chunk| chunk.valid().chars());
    valid.filter(|c| c.is_ascii() && *c != '\0').map(|c| c as u8).collect()
}

/// A header block while its fields are filled in.
struct Block([u8; BLOCK]);

impl Block {
    fn new(flag: u8) -> Self {
        let mut block = [0; BLOCK];
        block[156] = flag;
        block[257..265].copy_from_slice(b"ustar\x0000");
        Self(block)
    }

    /// Text, cut to the field. A cut that leaves a slash at the end drops it: some readers would
    /// take a file for a directory.
    fn text(&mut self, field: core::ops::Range<usize>, text: &[u8]) {
        let field = &mut self.0[field];
        let length = text.len().min(field.len());
        field[..length].copy_from_slice(&text[..length]);
        if text.len() > length && field[length - 1] == b'/' {
            let kept = field.iter().rposition(|&b| b != b'/').map_or(0, |at| at + 1);
            field[kept] = 0;
        }
    }

    /// Octal digits with zeros before them and a NUL after; 0 when the number is too large.
    fn octal(&mut self, field: core::ops::Range<usize>, number: u64) {
        let width = field.len() - 1;
        let fits = number < 1 << (3 * width);
        let digits = format!("{:0width$o}", if fits { number } else { 0 });
        self.0[field][..width].copy_from_slice(digits.as_bytes());
    }

    /// The block with its checksum: six digits, NUL, space.
    fn finish(mut self) -> [u8; BLOCK] {
        self.0[148..156].fill(b' ');
        let sum: u64 = self.0.iter().map(|&b| u64::from(b)).sum();
        self.octal(148..155, sum);
        self.0[154] = 0;
        self.0
    }
}
