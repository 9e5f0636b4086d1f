//! Changes bytes at random, the same way each time.

use scant_core::formats::openpgp::{Cleartext, packets};
use scant_testkit::openpgp::armored;

/// Numbers that look random: xorshift of 64 bits.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    /// A number below `end`; 0 if that is 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) as usize % end.max(1)
    }
}

/// What stands in clear-signed texts.
const PIECES: [&[u8]; 16] = [
    b"\n",
    b"\r\n",
    b"\r",
    b" ",
    b"\t",
    b"-",
    b"- ",
    b"\0",
    b"=",
    b":",
    b"Hash: SHA256\n",
    b"Hash: SHA1\n",
    b"-----BEGIN PGP SIGNATURE-----\n",
    b"-----END PGP SIGNATURE-----\n",
    b"-----BEGIN PGP SIGNED MESSAGE-----\n",
    b"\xff",
];

/// Changes a clear-signed text: its bytes, its lines, or the packets in its armor.
pub(crate) fn mutate(text: &[u8], random: &mut Random) -> Vec<u8> {
    let mut text = text.to_vec();
    for _ in 0..=random.below(3) {
        text = match random.below(10) {
            0..4 => bytes(text, random),
            4..7 => lines(&text, random),
            _ => signatures(&text, random).unwrap_or(text),
        };
    }
    text
}

/// One change somewhere.
fn bytes(mut bytes: Vec<u8>, random: &mut Random) -> Vec<u8> {
    let at = random.below(bytes.len());
    match random.below(5) {
        0 if !bytes.is_empty() => bytes[at] ^= 1 << random.below(8),
        1 => bytes.truncate(at),
        2 => drop(bytes.drain(at..(at + 1 + random.below(20)).min(bytes.len()))),
        3 if !bytes.is_empty() => bytes[at] = random.below(256) as u8,
        _ => drop(bytes.splice(at..at, PIECES[random.below(PIECES.len())].iter().copied())),
    }
    bytes
}

/// A line twice, gone, elsewhere, or with something at one of its ends.
fn lines(text: &[u8], random: &mut Random) -> Vec<u8> {
    let mut lines: Vec<Vec<u8>> =
        text.split_inclusive(|&byte| byte == b'\n').map(<[u8]>::to_vec).collect();
    if lines.is_empty() {
        return Vec::new();
    }
    let (at, other) = (random.below(lines.len()), random.below(lines.len()));
    match random.below(6) {
        0 => lines.insert(other, lines[at].clone()),
        1 => drop(lines.remove(at)),
        2 => lines.swap(at, other),
        3 => lines.insert(at, PIECES[random.below(PIECES.len())].to_vec()),
        4 => drop(lines[at].splice(0..0, PIECES[random.below(PIECES.len())].iter().copied())),
        _ => {
            // Before what ends the line.
            let end = lines[at].len().saturating_sub(1);
            lines[at].splice(end..end, PIECES[random.below(6)].iter().copied());
        }
    }
    lines.concat()
}

/// Packets elsewhere, twice, gone or changed, in armor that fits; none if there are none.
fn signatures(text: &[u8], random: &mut Random) -> Option<Vec<u8>> {
    let start = b"-----BEGIN PGP SIGNATURE-----";
    let head = text.windows(start.len()).position(|window| window == start)?;
    let signed = Cleartext::parse(text).ok()?.signatures;
    let read: Option<Vec<_>> = packets(&signed).map(Result::ok).collect();
    let whole = |body: &[u8], tag: u8| {
        let length = (body.len() as u16).to_be_bytes();
        [&[0x81 | tag << 2][..], &length, body].concat()
    };
    let mut parts: Vec<Vec<u8>> = read?
        .into_iter()
        .filter(|packet| packet.tag < 16)
        .map(|packet| whole(packet.body, packet.tag))
        .collect();
    if parts.is_empty() {
        return None;
    }
    let (at, other) = (random.below(parts.len()), random.below(parts.len()));
    match random.below(6) {
        0 => parts.swap(at, other),
        1 => parts.insert(other, parts[at].clone()),
        2 => drop(parts.remove(at)),
        3 => parts[at] = bytes(parts[at].clone(), random),
        // The header of a packet, and what a signature says first.
        4 => {
            let place = random.below(12).min(parts[at].len() - 1);
            parts[at][place] = random.below(256) as u8;
        }
        _ => {
            let body = &parts[at][3..];
            let changed = bytes(body.to_vec(), random);
            parts[at] = whole(&changed, 2);
        }
    }
    Some([&text[..head], armored("SIGNATURE", &parts.concat()).as_bytes()].concat())
}
