//! Tar archives. Nothing is checked: what is asked for is written.

/// A header block. [POSIX, pax, ustar](https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13_06).
#[derive(Clone, Debug)]
pub struct RawHeader<'a> {
    /// The name; what is over 100 bytes is cut off.
    pub name: &'a [u8],
    /// The type.
    pub flag: u8,
    /// The target of a link.
    pub link: &'a [u8],
    /// Bytes of content, as the header says.
    pub size: u64,
    /// Permission bits.
    pub mode: u32,
    /// Owner and group.
    pub owner: (u64, u64),
}

impl RawHeader<'_> {
    /// The block, with its checksum.
    pub fn block(&self) -> [u8; 512] {
        let mut block = [0; 512];
        let mut put = |at: usize, bytes: &[u8], most: usize| {
            let bytes = &bytes[..bytes.len().min(most)];
            block[at..at + bytes.len()].copy_from_slice(bytes);
        };
        put(0, self.name, 100);
        put(100, format!("{:07o}", self.mode).as_bytes(), 8);
        put(108, &number(self.owner.0, 8), 8);
        put(116, &number(self.owner.1, 8), 8);
        put(124, &number(self.size, 12), 12);
        put(136, b"00000000000", 12);
        put(156, &[self.flag], 1);
        put(157, self.link, 100);
        put(257, b"ustar\x0000", 8);
        seal(&mut block);
        block
    }
}

/// Octal digits where they fit, else base 256.
fn number(value: u64, bytes: usize) -> Vec<u8> {
    let digits = format!("{value:0width$o}", width = bytes - 1);
    if digits.len() < bytes {
        return digits.into_bytes();
    }
    let mut large = vec![0; bytes];
    large[0] = 0x80;
    large[bytes - 8..].copy_from_slice(&value.to_be_bytes());
    if bytes == 8 {
        large[0] |= 0x80;
    }
    large
}

/// Writes the checksum into a header.
pub(crate) fn seal(block: &mut [u8; 512]) {
    block[148..156].fill(b' ');
    let sum: u32 = block.iter().map(|&byte| u32::from(byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
}

/// An archive that grows.
#[derive(Clone, Debug, Default)]
pub struct RawTar(pub Vec<u8>);

impl RawTar {
    /// An archive from lines: `NAME/`, `NAME CONTENT`, `NAME -> TARGET`, `NAME = FILE`; with its
    /// end.
    pub fn of_lines(lines: &str) -> Vec<u8> {
        let mut archive = Self::default();
        for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
            if let Some((name, link)) = line.split_once(" -> ") {
                archive.entry(name, b'2', link, "");
            } else if let Some((name, link)) = line.split_once(" = ") {
                archive.entry(name, b'1', link, "");
            } else if line.ends_with('/') {
                archive.entry(line, b'5', "", "");
            } else {
                let (name, content) = line.split_once(' ').unwrap_or((line, ""));
                archive.entry(name, b'0', "", content);
            }
        }
        archive.end()
    }

    /// Adds an entry.
    pub fn entry(
        &mut self,
        name: impl AsRef<[u8]>,
        flag: u8,
        link: impl AsRef<[u8]>,
        content: impl AsRef<[u8]>,
    ) -> &mut Self {
        let mode = if flag == b'5' { 0o755 } else { 0o644 };
        let (name, link, content) = (name.as_ref(), link.as_ref(), content.as_ref());
        let (size, owner) = (content.len() as u64, (0, 0));
        self.header(&RawHeader { name, flag, link, size, mode, owner }).blocks(content)
    }

    /// Adds a header and nothing else.
    pub fn header(&mut self, header: &RawHeader<'_>) -> &mut Self {
        self.blocks(header.block())
    }

    /// Adds a header whose bytes `change` has changed before its checksum was made.
    pub fn changed(
        &mut self,
        header: &RawHeader<'_>,
        change: impl FnOnce(&mut [u8; 512]),
    ) -> &mut Self {
        let mut block = header.block();
        change(&mut block);
        seal(&mut block);
        self.blocks(block)
    }

    /// Adds bytes, filled up to a block.
    pub fn blocks(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        self.0.extend(bytes.as_ref());
        self.0.resize(self.0.len().next_multiple_of(512), 0);
        self
    }

    /// Adds an extended header: `x` for the next entry, `g` for all that follow.
    pub fn pax(&mut self, flag: u8, records: &[(&str, &[u8])]) -> &mut Self {
        let mut body = Vec::new();
        for (key, value) in records {
            let rest = key.len() + value.len() + 3;
            let mut length = rest;
            while rest + length.to_string().len() != length {
                length = rest + length.to_string().len();
            }
            body.extend(format!("{length} {key}=").as_bytes());
            body.extend(*value);
            body.push(b'\n');
        }
        self.entry("pax", flag, "", body)
    }

    /// The archive with its end.
    pub fn end(&mut self) -> Vec<u8> {
        let mut archive = self.0.clone();
        archive.resize(archive.len() + 1024, 0);
        archive
    }
}
