//! Signatures of version 4: what kind, by which algorithms, what they say, and their numbers.
//! [RFC 9580, 5.2.3](https://www.rfc-editor.org/rfc/rfc9580#section-5.2.3).

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use super::reader::Reader;
use super::subpacket::{Area, Subpackets};

/// What a signature is over.
/// [RFC 9580, 5.2.1](https://www.rfc-editor.org/rfc/rfc9580#section-5.2.1).
pub mod kind {
    /// Bytes.
    pub const BINARY: u8 = 0x00;
    /// Lines, whatever ends them.
    pub const TEXT: u8 = 0x01;
    /// A name and a key belong together: the first of four.
    pub const CERTIFICATION: u8 = 0x10;
    /// A name and a key belong together: the last of four.
    pub const POSITIVE_CERTIFICATION: u8 = 0x13;
    /// A subkey belongs to a key, says the key.
    pub const SUBKEY_BINDING: u8 = 0x18;
    /// A subkey belongs to a key, says the subkey.
    pub const PRIMARY_BINDING: u8 = 0x19;
    /// Something about a key.
    pub const DIRECT: u8 = 0x1f;
    /// A key is no longer good.
    pub const KEY_REVOCATION: u8 = 0x20;
    /// A subkey is no longer good.
    pub const SUBKEY_REVOCATION: u8 = 0x28;
    /// A name and a key no longer belong together.
    pub const CERTIFICATION_REVOCATION: u8 = 0x30;
}

/// A signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// What it is over, of [`kind`].
    pub kind: u8,
    /// The number of the algorithm of the key.
    pub algorithm: u8,
    /// What digests what is signed.
    pub hash: HashAlgorithm,
    /// When it was made, in seconds since 1970.
    pub created: i64,
    /// What it says.
    pub says: Subpackets,
    /// Its numbers.
    pub values: Values,
    /// What is digested after what is signed.
    pub trailer: Box<[u8]>,
}

/// The numbers of a signature, without leading zeros.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Values {
    /// One, of RSA.
    One(Box<[u8]>),
    /// Two, of ECDSA and of Ed25519 by its older number.
    Two(Box<[u8]>, Box<[u8]>),
    /// 64 bytes, of Ed25519 by its newer number.
    Ed25519([u8; 64]),
    /// Of another algorithm.
    Unknown,
}

/// What digests, by its number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HashAlgorithm(pub u8);

/// Why a packet is no signature that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// Of another version.
    #[error("it is of version {0}, and only 4 is read")]
    Version(u8),
    /// Too short.
    #[error("it is cut off")]
    CutOff,
    /// Too long.
    #[error("something follows its end")]
    TooLong,
    /// A subpacket of a wrong size, or one too many.
    #[error("its subpacket {0} makes no sense, or is there twice")]
    Subpacket(u8),
    /// It does not say when it was made.
    #[error("it does not say when it was made")]
    NoTime,
}

impl Signature {
    /// Reads the body of a signature's packet.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn parse(body: &[u8]) -> Result<Self, SignatureError> {
        let cut_off = SignatureError::CutOff;
        let mut reader = Reader(body);
        match reader.u8().ok_or(cut_off)? {
            4 => {}
            version => return Err(SignatureError::Version(version)),
        }
        let [kind, algorithm, hash] = reader.array().ok_or(cut_off)?;
        let mut says = Subpackets::default();
        let hashed = area(&mut reader).ok_or(cut_off)?;
        let covered = &body[..body.len() - reader.0.len()];
        says.read(Area::Hashed, hashed)?;
        says.read(Area::Unhashed, area(&mut reader).ok_or(cut_off)?)?;
        // The first bytes of the digest, which spare others a look at wrong keys.
        reader.u16().ok_or(cut_off)?;
        let values = Values::read(algorithm, &mut reader).ok_or(cut_off)?;
        if !reader.is_empty() {
            return Err(SignatureError::TooLong);
        }
        let created = says.created.ok_or(SignatureError::NoTime)?.into();
        let trailer = trailer(covered).into();
        let hash = HashAlgorithm(hash);
        Ok(Self { kind, algorithm, hash, created, says, values, trailer })
    }

    /// What kind of signature a packet seems to hold, even if it cannot be read.
    pub(super) fn apparent_kind(body: &[u8]) -> Option<u8> {
        match body.first()? {
            2 | 3 => body.get(2).copied(),
            _ => body.get(1).copied(),
        }
    }
}

fn area<'a>(reader: &mut Reader<'a>) -> Option<&'a [u8]> {
    let length = reader.u16()?;
    reader.take(length.into())
}

/// [RFC 9580, 5.2.4](https://www.rfc-editor.org/rfc/rfc9580#section-5.2.4).
fn trailer(covered: &[u8]) -> Vec<u8> {
    // Six bytes and two areas of at most 65 535 bytes each.
    let length = u32::try_from(covered.len()).unwrap_or(u32::MAX);
    [covered, &[4, 0xff], &length.to_be_bytes()].concat()
}

impl Values {
    fn read(algorithm: u8, reader: &mut Reader<'_>) -> Option<Self> {
        Some(match algorithm {
            1 | 3 => Self::One(reader.mpi()?.into()),
            19 | 22 => Self::Two(reader.mpi()?.into(), reader.mpi()?.into()),
            27 => Self::Ed25519(reader.array()?),
            _ => {
                *reader = Reader(&[]);
                Self::Unknown
            }
        })
    }
}

impl HashAlgorithm {
    /// 160 bits, for which two texts of one digest have been made.
    pub const SHA1: Self = Self(2);
    /// 256 bits.
    pub const SHA256: Self = Self(8);
    /// 384 bits.
    pub const SHA384: Self = Self(9);
    /// 512 bits.
    pub const SHA512: Self = Self(10);

    /// [RFC 9580, 9.5](https://www.rfc-editor.org/rfc/rfc9580#section-9.5), and the names that
    /// the `Hash` header has for them.
    const NAMES: [(u8, &str); 7] = [
        (1, "MD5"),
        (2, "SHA1"),
        (3, "RIPEMD160"),
        (8, "SHA256"),
        (9, "SHA384"),
        (10, "SHA512"),
        (11, "SHA224"),
    ];

    /// The algorithm of this name.
    pub fn named(name: &[u8]) -> Option<Self> {
        let found = Self::NAMES.iter().find(|(_, known)| known.as_bytes() == name);
        found.map(|&(number, _)| Self(number))
    }

    /// Whether two texts of one digest have been made, or soon may be.
    pub fn is_weak(self) -> bool {
        matches!(self.0, 1..=3 | 11)
    }

    /// Whether nobody can make two texts of one digest.
    pub fn is_strong(self) -> bool {
        matches!(self, Self::SHA256 | Self::SHA384 | Self::SHA512)
    }
}

impl fmt::Display for HashAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Self::NAMES.iter().find(|(number, _)| *number == self.0) {
            Some((_, name)) => f.write_str(name),
            None => write!(f, "digest {}", self.0),
        }
    }
}

impl fmt::Debug for HashAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
