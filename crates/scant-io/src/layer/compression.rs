//! How a layer is compressed: the methods, and one piece at a time. A piece's bytes depend on
//! nothing but the piece and the method.

use std::fmt;
use std::str::FromStr;

use libdeflater::CompressionLvl;
use scant_core::formats::deflate;
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
    /// gzip at level 2: smaller than what umoci and Buildah make of the same tree, in two thirds of
    /// the time of level 6, which would save another 4 %.
    fn default() -> Self {
        Self::Gzip(Level(2))
    }
}

impl FromStr for Compression {
    type Err = CompressionError;

    fn from_str(text: &str) -> Result<Self, CompressionError> {
        let (method, level) = text.split_once(':').map_or((text, None), |(m, l)| (m, Some(l)));
        let number = |default| level.map_or(Some(default), |level| level.parse().ok());
        let parsed = match method {
            "none" if level.is_none() => Some(Self::None),
            "gzip" => number(2).and_then(Level::new).map(Self::Gzip),
            // In seven eighths of the time of level 3, and still smaller than our gzip.
            "zstd" => number(2).and_then(Level::new).map(Self::Zstd),
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

    /// The checksum of a piece, for the tail; 0 if there is none.
    pub(super) fn checksum(self, piece: &[u8]) -> u32 {
        if matches!(self, Self::Gzip(_)) { crc32fast::hash(piece) } else { 0 }
    }

    /// A compressor for one thread.
    ///
    /// # Errors
    /// When there is no memory for it.
    pub fn compressor(self) -> Result<Compressor, String> {
        Ok(Compressor(match self {
            Self::None => Method::None,
            Self::Gzip(level) => {
                let level = CompressionLvl::new(level.0 as i32)
                    .map_err(|error| format!("libdeflate: {error:?}"))?;
                Method::Gzip(libdeflater::Compressor::new(level))
            }
            Self::Zstd(level) => {
                let compressor = zstd::bulk::Compressor::new(level.0 as i32);
                Method::Zstd(compressor.map_err(|error| error.to_string())?)
            }
        }))
    }
}

/// Compresses pieces, one after the other, each as if it were the only one.
pub struct Compressor(Method);

enum Method {
    None,
    Gzip(libdeflater::Compressor),
    Zstd(zstd::bulk::Compressor<'static>),
}

impl Compressor {
    /// Compresses one piece into `output`, whose content is replaced.
    ///
    /// # Errors
    /// When the compressor fails, which it should not.
    pub fn piece(&mut self, piece: &[u8], output: &mut Vec<u8>) -> Result<(), String> {
        output.clear();
        match &mut self.0 {
            Method::None => output.extend_from_slice(piece),
            Method::Gzip(compressor) => {
                output.resize(compressor.deflate_compress_bound(piece.len()), 0);
                let size = compressor
                    .deflate_compress(piece, output)
                    .map_err(|error| format!("libdeflate: {error}"))?;
                output.truncate(size);
                // Blocks of the next piece follow without a seam, as one gzip member.
                deflate::open_end(output).map_err(|error| error.to_string())?;
            }
            Method::Zstd(compressor) => {
                output.reserve(zstd::zstd_safe::compress_bound(piece.len()));
                let done = compressor.compress_to_buffer(piece, output);
                done.map_err(|error| error.to_string())?;
            }
        }
        Ok(())
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
        case("gzip", "gzip:2");
        case("gzip:0", "gzip:0");
        case("zstd", "zstd:2");
        case("zstd:19", "zstd:19");
        for text in ["none:1", "gzip:10", "zstd:0", "zstd:20", "xz", "gzip:", ""] {
            case(text, "refused");
        }
    }

    /// Bytes of several kinds: runs, words, noise.
    fn sample(kind: u32, size: usize) -> Vec<u8> {
        let mut state = kind.wrapping_mul(2_654_435_761).wrapping_add(1);
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            state
        };
        let mut bytes = Vec::with_capacity(size + 16);
        while bytes.len() < size {
            match kind % 4 {
                0 => bytes.extend_from_slice(&next().to_le_bytes()),
                1 => bytes.extend_from_slice(format!("{:x} ", next() % 997).as_bytes()),
                2 => bytes.resize(bytes.len() + (next() % 700) as usize, next() as u8 % 3),
                _ if next() % 5 == 0 => bytes.extend_from_slice(&next().to_le_bytes()),
                _ => {
                    let from = next() as usize % (bytes.len() + 1);
                    bytes.extend_from_within(from..bytes.len().min(from + 60));
                    bytes.push(next() as u8);
                }
            }
        }
        bytes.truncate(size);
        bytes
    }

    #[test]
    fn pieces_of_any_kind_join_to_one_gzip_member() {
        for level in 0..=9 {
            let compression = Compression::Gzip(Level::new(level).unwrap());
            let mut compressor = compression.compressor().unwrap();
            let (mut plain, mut packed) = (Vec::new(), compression.head().to_vec());
            let sizes = [1, 2, 100, 65_535, 65_536, 300_001, scant_core::formats::tar::PIECE];
            for (kind, size) in sizes.iter().cycle().take(28).enumerate() {
                let (piece, mut output) = (sample(kind as u32, *size), Vec::new());
                compressor.piece(&piece, &mut output).unwrap();
                packed.extend_from_slice(&output);
                plain.extend_from_slice(&piece);
            }
            packed
                .extend_from_slice(&compression.tail(crc32fast::hash(&plain), plain.len() as u64));
            let mut member = flate2::bufread::GzDecoder::new(&packed[..]);
            let mut read = Vec::new();
            std::io::Read::read_to_end(&mut member, &mut read).unwrap();
            assert!(read == plain && member.into_inner().is_empty(), "level {level}");
        }
    }
}
