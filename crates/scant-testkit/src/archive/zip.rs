//! Zip archives. What the two headers of a member say can be told apart.

use std::io::Write as _;

/// A member, before it is written.
#[derive(Clone, Debug)]
pub struct RawMember {
    /// Its name, in both headers.
    pub name: Vec<u8>,
    /// Its content.
    pub content: Vec<u8>,
    /// How it is compressed: 0 or 8.
    pub method: u16,
    /// Flags, in both headers. Bit 3: sizes and CRC follow the content.
    pub flags: u16,
    /// Type and permission bits.
    pub mode: u32,
    /// Extra fields of the central directory.
    pub extra: Vec<u8>,
    /// Whether sizes are written as zip64 has them.
    pub zip64: bool,
}

impl RawMember {
    /// A file that is stored as it is.
    pub fn stored(name: &str, content: &str) -> Self {
        Self {
            name: name.into(),
            content: content.into(),
            method: 0,
            flags: 0,
            mode: 0o100_644,
            extra: Vec::new(),
            zip64: false,
        }
    }

    /// A file that is compressed.
    pub fn deflated(name: &str, content: &str) -> Self {
        Self { method: 8, ..Self::stored(name, content) }
    }

    fn compressed(&self) -> Vec<u8> {
        if self.method != 8 {
            return self.content.clone();
        }
        let mut encoder =
            flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(&self.content).expect("a vector takes it");
        encoder.finish().expect("a vector takes it")
    }
}

/// An archive that grows.
#[derive(Clone, Debug, Default)]
pub struct RawZip {
    /// What is written so far.
    pub bytes: Vec<u8>,
    /// Its central directory.
    pub directory: Vec<u8>,
    entries: u64,
}

fn put(bytes: &mut Vec<u8>, value: u64, count: usize) {
    bytes.extend(&value.to_le_bytes()[..count]);
}

impl RawZip {
    /// Adds a member.
    pub fn member(&mut self, member: &RawMember) -> &mut Self {
        let header = self.bytes.len() as u64;
        let content = member.compressed();
        let mut crc = flate2::Crc::new();
        crc.update(&member.content);
        let (crc, sizes) = (crc.sum(), [content.len() as u64, member.content.len() as u64]);
        let is_later = member.flags & 8 != 0;
        let known = if is_later { (0, [0, 0]) } else { (crc, sizes) };
        self.bytes.extend(b"PK\x03\x04");
        put(&mut self.bytes, 45, 2);
        let local = self::common(member, known.0, known.1, &[]);
        self.bytes.extend(local);
        self.bytes.extend(&content);
        if is_later {
            self.bytes.extend(b"PK\x07\x08");
            put(&mut self.bytes, crc.into(), 4);
            let width = if member.zip64 { 8 } else { 4 };
            sizes.iter().for_each(|&size| put(&mut self.bytes, size, width));
        }
        self.directory.extend(b"PK\x01\x02");
        put(&mut self.directory, 3 << 8 | 45, 2);
        put(&mut self.directory, 45, 2);
        let central = self::common(member, crc, sizes, &member.extra);
        // What the directory has besides stands before the name.
        let (fixed, names) = central.split_at(24);
        self.directory.extend(fixed);
        put(&mut self.directory, 0, 2 + 2 + 2);
        put(&mut self.directory, u64::from(member.mode) << 16, 4);
        put(&mut self.directory, header, 4);
        self.directory.extend(names);
        self.entries += 1;
        self
    }

    /// The archive with directory and end.
    pub fn end(&self) -> Vec<u8> {
        let mut bytes = [&self.bytes[..], &self.directory].concat();
        bytes.extend(b"PK\x05\x06\0\0\0\0");
        put(&mut bytes, self.entries, 2);
        put(&mut bytes, self.entries, 2);
        put(&mut bytes, self.directory.len() as u64, 4);
        put(&mut bytes, self.bytes.len() as u64, 4);
        put(&mut bytes, 0, 2);
        bytes
    }

    /// The same, with the end records of zip64 before the end, which says nothing then.
    pub fn end64(&self) -> Vec<u8> {
        let mut bytes = [&self.bytes[..], &self.directory].concat();
        let record = bytes.len() as u64;
        bytes.extend(b"PK\x06\x06");
        put(&mut bytes, 44, 8);
        put(&mut bytes, 45, 2);
        put(&mut bytes, 45, 2);
        put(&mut bytes, 0, 8);
        put(&mut bytes, self.entries, 8);
        put(&mut bytes, self.entries, 8);
        put(&mut bytes, self.directory.len() as u64, 8);
        put(&mut bytes, self.bytes.len() as u64, 8);
        bytes.extend(b"PK\x06\x07\0\0\0\0");
        put(&mut bytes, record, 8);
        put(&mut bytes, 1, 4);
        bytes.extend(b"PK\x05\x06\0\0\0\0");
        bytes.extend([0xff; 12]);
        put(&mut bytes, 0, 2);
        bytes
    }
}

/// What both headers have, from the flags to the extra field; the lengths end at byte 24.
fn common(member: &RawMember, crc: u32, sizes: [u64; 2], more: &[u8]) -> Vec<u8> {
    let mut extra = Vec::new();
    if member.zip64 {
        put(&mut extra, 1, 2);
        put(&mut extra, 16, 2);
        put(&mut extra, sizes[1], 8);
        put(&mut extra, sizes[0], 8);
    }
    extra.extend(more);
    let mut bytes = Vec::new();
    put(&mut bytes, member.flags.into(), 2);
    put(&mut bytes, member.method.into(), 2);
    put(&mut bytes, 0, 4);
    put(&mut bytes, crc.into(), 4);
    for size in sizes {
        put(&mut bytes, if member.zip64 { u32::MAX.into() } else { size }, 4);
    }
    put(&mut bytes, member.name.len() as u64, 2);
    put(&mut bytes, extra.len() as u64, 2);
    bytes.extend(&member.name);
    bytes.extend(&extra);
    bytes
}
