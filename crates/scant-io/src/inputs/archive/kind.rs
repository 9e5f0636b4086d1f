//! What a file is, told by its first bytes: names are often wrong.

/// How an archive is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Not compressed as a whole, and tar if it is an archive at all.
    Tar,
    Compressed(Compression),
    Zip,
    /// Something that is known and not read.
    Other(&'static str),
}

/// How a tar archive is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compression {
    Gzip,
    Xz,
    Zstd,
    Bzip2,
}

impl Compression {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Xz => "xz",
            Self::Zstd => "zstd",
            Self::Bzip2 => "bzip2",
        }
    }
}

/// The most bytes that are looked at.
pub(super) const HEAD: usize = 512;

impl Kind {
    pub(super) fn of(head: &[u8]) -> Self {
        let starts = |magic: &[u8]| head.starts_with(magic);
        match head {
            _ if starts(b"\x1f\x8b") => Self::Compressed(Compression::Gzip),
            _ if starts(b"\xfd7zXZ\0") => Self::Compressed(Compression::Xz),
            _ if starts(b"\x28\xb5\x2f\xfd") || is_skippable(head) => {
                Self::Compressed(Compression::Zstd)
            }
            [b'B', b'Z', b'h', b'1'..=b'9', ..] => Self::Compressed(Compression::Bzip2),
            _ if starts(b"PK\x03\x04") || starts(b"PK\x05\x06") => Self::Zip,
            _ if starts(b"PK\x07\x08") => Self::Other("it is a part of a zip archive"),
            _ if starts(b"7z\xbc\xaf\x27\x1c") => Self::Other("it is a 7-Zip archive"),
            _ if starts(b"Rar!\x1a\x07") => Self::Other("it is a RAR archive"),
            _ if starts(b"!<arch>\n") => Self::Other("it is an ar archive, such as a .deb"),
            _ if starts(b"\xed\xab\xee\xdb") => Self::Other("it is an RPM package"),
            _ if starts(b"07070") => Self::Other("it is a cpio archive"),
            _ if starts(b"\x1f\x9d") => Self::Other("it is compressed with compress"),
            _ if starts(b"\x04\x22\x4d\x18") => Self::Other("it is compressed with lz4"),
            _ if starts(b"LZIP") => Self::Other("it is compressed with lzip"),
            _ if starts(b"\x5d\0\0") => Self::Other("it is compressed with lzma"),
            _ if starts(b"hsqs") => Self::Other("it is a SquashFS image"),
            _ if starts(b"\x7fELF") => Self::Other("it is an ELF file"),
            [] => Self::Other("it is empty"),
            _ => Self::Tar,
        }
    }
}

/// Whether this is a frame of zstd that holds nothing to decompress; pzstd begins with one.
/// [RFC 8878, 3.1.2](https://www.rfc-editor.org/rfc/rfc8878#section-3.1.2).
fn is_skippable(head: &[u8]) -> bool {
    matches!(head, [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..])
}
