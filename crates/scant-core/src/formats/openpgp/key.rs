//! Public keys of version 4, of the kinds that sign today.
//! [RFC 9580, 5.5.2](https://www.rfc-editor.org/rfc/rfc9580#section-5.5.2).

use alloc::boxed::Box;

use super::fingerprint::Fingerprint;
use super::reader::Reader;

/// A key, primary or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    /// When it was made, in seconds since 1970.
    pub created: i64,
    /// The number of its algorithm.
    pub algorithm: u8,
    /// The key itself.
    pub material: Material,
    /// What it is called.
    pub fingerprint: Fingerprint,
    /// The body of its packet, which others sign.
    pub body: Box<[u8]>,
}

/// What checks a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Material {
    /// RSA.
    Rsa {
        /// The product of the primes, without leading zeros.
        modulus: Box<[u8]>,
        /// The exponent, without leading zeros.
        exponent: Box<[u8]>,
    },
    /// Ed25519, by either of its two numbers.
    Ed25519([u8; 32]),
    /// ECDSA over NIST P-256: a point, not compressed.
    P256(Box<[u8]>),
    /// ECDSA over NIST P-384: a point, not compressed.
    P384(Box<[u8]>),
    /// Another algorithm, another curve, or something that is none.
    Unknown,
}

/// [Object identifiers of curves](https://www.rfc-editor.org/rfc/rfc9580#section-9.2).
const ED25519_LEGACY: &[u8] = &[0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x0f, 0x01];
const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const P384: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x22];

impl PublicKey {
    /// Reads the body of a key's packet; none when it is of another version, or no key.
    pub fn parse(body: &[u8]) -> Option<Self> {
        let mut reader = Reader(body);
        let (version, created, algorithm) = (reader.u8()?, reader.u32()?, reader.u8()?);
        let fingerprint = Fingerprint::of_key(body)?;
        let material = Material::parse(algorithm, reader).unwrap_or(Material::Unknown);
        let created = created.into();
        let body = body.into();
        (version == 4).then_some(Self { created, algorithm, material, fingerprint, body })
    }
}

impl Material {
    fn parse(algorithm: u8, mut reader: Reader<'_>) -> Option<Self> {
        let material = match algorithm {
            1 | 3 => {
                let (modulus, exponent) = (reader.mpi()?.into(), reader.mpi()?.into());
                Self::Rsa { modulus, exponent }
            }
            19 => {
                let curve = curve(&mut reader)?;
                let point = reader.mpi()?;
                match (curve, point.first(), point.len()) {
                    (P256, Some(4), 65) => Self::P256(point.into()),
                    (P384, Some(4), 97) => Self::P384(point.into()),
                    _ => return None,
                }
            }
            22 => {
                let curve = curve(&mut reader)?;
                // The byte before says that it is a point as Ed25519 writes it.
                let point = reader.mpi()?.strip_prefix(&[0x40])?;
                (curve == ED25519_LEGACY).then_some(Self::Ed25519(point.try_into().ok()?))?
            }
            27 => Self::Ed25519(reader.array()?),
            _ => return None,
        };
        reader.is_empty().then_some(material)
    }
}

fn curve<'a>(reader: &mut Reader<'a>) -> Option<&'a [u8]> {
    let length = reader.u8()?;
    reader.take(length.into())
}
