//! How a layer is compressed: the methods, and one piece at a time. A piece's bytes depend on
//! nothing but the piece and the method.

use std::fmt;
use std::str::FromStr;

use flate2::{Compress, FlushCompress, Status};
use scant_core::formats::oci::media_type;

/// A method with its level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// As it is.
    None,
    /// One gzip member. Every consumer reads it.
    Gzip(Level<0, 9>),
    /// One zstd frame for each piece. Docker reads it since version 23.
    Zstd(Level<1, 19>),
}

/// A level between two bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Level<const LOWEST: u32, const HIGHEST: u32>(u32);

impl<const LOWEST: u32, const HIGHEST: u32> Level<LOWEST, HIGHEST> {
    /// A level; none when it is out of bounds.
    pub fn new(level: u32) -> Option<Self> {
        (LOWEST..=HIGHEST).contains(&level).then_some(Self(level))
    }
}

/// A text that is no compression.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a compression: `none`, `gzip`, `gzip:0` to `gzip:9`, `zstd`, `zstd:1` to `zstd:19`"
)]
pub struct CompressionError(pub String);

impl Default for Compression {
    /// gzip at level 6.
    fn default() -> Self {
        Self::Gzip(Level(6))
    }
}

impl FromStr for Compression {
    type Err = CompressionError;

    fn from_str(text: &str) -> Result<Self, CompressionError> {
        let (method, level) = text.split_once(':').map_or((text, None), |(m, l)| (m, Some(l)));
        let number = |default| level.map_or(Some(default), |level| level.parse().ok());
        let parsed = match method {
            "none" if level.is_none() => Some(Self::None),
            "gzip" => number(6).and_then(Level::new).map(Self::Gzip),
            "zstd" => number(3).and_then(Level::new).map(Self::Zstd),
            _ => None,
        };
        parsed.ok_or_else(|| CompressionError(text.to_string()))
    }
}

impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::Gzip(level) => write!(f, "gzip:{}", level.0),
            Self::Zstd(level) => write!(f, "zstd:{}", level.0),
        }
    }
}

impl Compression {
    /// The media type of a layer that is compressed so.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::None => media_type::LAYER,
            Self::Gzip(_) => media_type::LAYER_GZIP,
            Self::Zstd(_) => media_type::LAYER_ZSTD,
        }
    }

    /// What stands before the first piece. For gzip no flags, no time, no extra flags and an
    /// unknown system: some consumers refuse more, and nothing of the host may show.
    /// [RFC 1952, 2.3](https://www.rfc-editor.org/rfc/rfc1952#section-2.3).
    pub(super) fn head(self) -> &'static [u8] {
        match self {
            Self::Gzip(_) => &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255],
            Self::None | Self::Zstd(_) => &[],
        }
    }

    /// What stands after the last piece: for gzip an empty final block, checksum and size.
    pub(super) fn tail(self, checksum: u32, size: u64) -> Vec<u8> {
        match self {
            Self::Gzip(_) => {
                let mut tail = vec![3, 0];
                tail.extend_from_slice(&checksum.to_le_bytes());
                // gzip records the size modulo 2^32.
                tail.extend_from_slice(&(size as u32).to_le_bytes());
                tail
            }
            Self::None | Self::Zstd(_) => Vec::new(),
        }
    }

    /// Compresses one piece into `output`, whose content is replaced.
    pub(super) fn piece(self, piece: &[u8], output: &mut Vec<u8>) -> Result<(), String> {
        output.clear();
        match self {
            Self::None => unreachable!("pieces that are not compressed are passed on"),
            Self::Gzip(level) => deflate(level.0, piece, output),
            Self::Zstd(level) => {
                output.reserve(zstd::zstd_safe::compress_bound(piece.len()));
                let mut compressor = zstd::bulk::Compressor::new(level.0 as i32)
                    .map_err(|error| error.to_string())?;
                compressor
                    .compress_to_buffer(piece, output)
                    .map_err(|error| error.to_string())
                    .map(|_| ())
            }
        }
    }
}

/// Raw deflate with a sync flush at the end, which ends on a byte: blocks of the next piece follow
/// without a seam. A new compressor and one call with room for all of it, since what zlib-rs writes
/// depends on how it is called.
fn deflate(level: u32, piece: &[u8], output: &mut Vec<u8>) -> Result<(), String> {
    // Stored blocks add at most five bytes to each 16 KiB; an eighth is more than enough.
    output.reserve_exact(piece.len() + piece.len() / 8 + 4096);
    let mut compressor = Compress::new(flate2::Compression::new(level), false);
    let status = compressor
        .compress_vec(piece, output, FlushCompress::Sync)
        .map_err(|error| error.to_string())?;
    let complete = compressor.total_in() == piece.len() as u64 && output.len() < output.capacity();
    match status {
        Status::Ok if complete => Ok(()),
        status => Err(format!("deflate stopped early with {status:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compressions_are_named_with_their_level() {
        let case = |text: &str, expected: &str| {
            let shown = text.parse::<Compression>().map_or("refused".into(), |c| c.to_string());
            assert_eq!(shown, expected, "{text}");
        };
        case("none", "none");
        case("gzip", "gzip:6");
        case("gzip:0", "gzip:0");
        case("zstd", "zstd:3");
        case("zstd:19", "zstd:19");
        for text in ["none:1", "gzip:10", "zstd:0", "zstd:20", "xz", "gzip:", ""] {
            case(text, "refused");
        }
    }
}
