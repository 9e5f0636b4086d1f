//! Makes a signature that says what its line asks for.

use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA384, SHA512, digest};

use super::Keys;
use super::key::Key;
use super::options::Options;

/// A packet of a tag below 16.
pub(super) fn packet(tag: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len()).expect("a packet is short");
    [&[0x81 | tag << 2][..], &length.to_be_bytes(), body].concat()
}

/// The body of a signature's packet. `prefix` stands before the names of options.
pub(super) fn sign(
    keys: &Keys,
    options: &Options<'_>,
    prefix: &str,
    signer: &Key,
    kind: u8,
    content: &[&[u8]],
) -> Vec<u8> {
    let option = |name: &str| options.get(&format!("{prefix}{name}"));
    let kind = option("kind").map_or(kind, |kind| u8::from_str_radix(kind, 16).expect("a number"));
    let (number, algorithm) = match option("hash").unwrap_or("sha512") {
        "sha1" => (2, &SHA1_FOR_LEGACY_USE_ONLY),
        "sha256" => (8, &SHA256),
        "sha384" => (9, &SHA384),
        "sha512" => (10, &SHA512),
        // A number that nobody knows.
        _ => (110, &SHA512),
    };
    let hashed = hashed(keys, options, prefix, signer);
    let length = |bytes: &[u8]| u16::try_from(bytes.len()).expect("it is short").to_be_bytes();
    let head = [&[4, kind, signer.algorithm, number], &length(&hashed)[..], &hashed].concat();
    let end = (head.len() as u32).to_be_bytes();
    let message = [&content.concat()[..], &head, &[4, 0xff], &end].concat();
    let digest = digest(algorithm, &message);
    let mut value = signer.pair.sign(digest.as_ref()).as_ref().to_vec();
    if options.has(&format!("{prefix}broken")) {
        value[40] ^= 1;
    }
    let value = match signer.algorithm {
        27 => value,
        _ => value.chunks(32).flat_map(mpi).collect(),
    };
    let unhashed = unhashed(options, prefix, signer);
    let start = &digest.as_ref()[..2];
    let mut body = [&head[..], &length(&unhashed), &unhashed, start, &value].concat();
    if let Some(version) = options.number("version") {
        body[0] = version as u8;
    }
    body
}

fn hashed(keys: &Keys, options: &Options<'_>, prefix: &str, signer: &Key) -> Vec<u8> {
    let created = options.number("at").unwrap_or(signer.created);
    let mut area = subpacket(2, &created.to_be_bytes());
    let issuer = options.get("issuer").unwrap_or("hashed");
    let named = match issuer {
        "hashed" => Some(signer.fingerprint()),
        "unhashed" | "id" | "none" => None,
        other => Some(keys.key(other).fingerprint()),
    };
    if let Some(fingerprint) = named {
        area.extend(subpacket(33, &[&[4], &fingerprint[..]].concat()));
    }
    if !prefix.is_empty() {
        return area;
    }
    for (name, number) in [("expires", 3), ("key-expires", 9)] {
        if let Some(seconds) = options.number(name) {
            area.extend(subpacket(number, &seconds.to_be_bytes()));
        }
    }
    if let Some(flags) = options.get("flags") {
        let flag = |flag: char| match flag {
            'c' => 1,
            's' => 2,
            'e' => 12,
            _ => 0,
        };
        area.extend(subpacket(27, &[flags.chars().map(flag).fold(0, |sum, flag| sum | flag)]));
    }
    if let Some(reason) = options.number("reason") {
        area.extend(subpacket(29, &[reason as u8]));
    }
    if let Some(revoker) = options.get("revoker") {
        area.extend(subpacket(12, &[&[0x80, 22], &keys.key(revoker).fingerprint()[..]].concat()));
    }
    if options.has("primary") {
        area.extend(subpacket(25, &[1]));
    }
    if let Some(number) = options.number("critical") {
        area.extend(subpacket(0x80 | number as u8, b"?"));
    }
    if options.has("notation") {
        area.extend(subpacket(0x80 | 20, b"\x80\0\0\0\0\x03\0\x01a@bc"));
    }
    area
}

fn unhashed(options: &Options<'_>, prefix: &str, signer: &Key) -> Vec<u8> {
    let fingerprint = signer.fingerprint();
    let issuer = options.get("issuer").unwrap_or("hashed");
    let mut area = match issuer {
        "hashed" | "id" => subpacket(16, &fingerprint[12..]),
        "unhashed" => subpacket(33, &[&[4], &fingerprint[..]].concat()),
        _ => Vec::new(),
    };
    if let (true, Some(embedded)) = (prefix.is_empty(), &options.embedded) {
        area.extend(subpacket(32, embedded));
    }
    area
}

fn subpacket(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u8::try_from(body.len() + 1).expect("a subpacket is short");
    assert!(length < 192, "its length has one byte");
    [&[length, kind], body].concat()
}

fn mpi(number: &[u8]) -> Vec<u8> {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    let number = &number[zeros..];
    let bits = number.len() as u16 * 8 - number.first().map_or(0, |b| b.leading_zeros() as u16);
    [&bits.to_be_bytes()[..], number].concat()
}
