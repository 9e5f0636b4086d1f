//! Cuts bytes into packets. Packets of unknown length are refused: only encrypted, compressed and
//! literal data may have them, and none of those is a key or a signature.
//! [RFC 9580, 4.2](https://www.rfc-editor.org/rfc/rfc9580#section-4.2).

use super::reader::Reader;

/// A packet: its tag, which says what it is, and what it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet<'a> {
    /// What it is.
    pub tag: u8,
    /// All after its header.
    pub body: &'a [u8],
}

/// Why bytes are no row of packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PacketError {
    /// Something else begins.
    #[error("no OpenPGP packet begins at byte {0}")]
    NotOne(usize),
    /// It is cut off.
    #[error("the OpenPGP packet at byte {0} is cut off")]
    CutOff(usize),
    /// It comes in parts, or goes on to the end.
    #[error(
        "the OpenPGP packet at byte {0} does not say how long it is, as keys and signatures do"
    )]
    NoLength(usize),
}

/// The packets in these bytes; nothing after an error.
pub fn packets(bytes: &[u8]) -> impl Iterator<Item = Result<Packet<'_>, PacketError>> {
    let mut reader = Reader(bytes);
    core::iter::from_fn(move || {
        if reader.is_empty() {
            return None;
        }
        let at = bytes.len() - reader.0.len();
        let packet = next(&mut reader, at);
        if packet.is_err() {
            reader = Reader(&[]);
        }
        Some(packet)
    })
}

fn next<'a>(reader: &mut Reader<'a>, at: usize) -> Result<Packet<'a>, PacketError> {
    let cut_off = PacketError::CutOff(at);
    let head = reader.u8().ok_or(cut_off)?;
    if head & 0x80 == 0 {
        return Err(PacketError::NotOne(at));
    }
    let (tag, length) = if head & 0x40 == 0 {
        let length = match head & 3 {
            0 => reader.u8().map(u32::from),
            1 => reader.u16().map(u32::from),
            2 => reader.u32(),
            _ => return Err(PacketError::NoLength(at)),
        };
        ((head >> 2) & 0x0f, length)
    } else {
        let length = match reader.u8().ok_or(cut_off)? {
            first @ 0..192 => Some(u32::from(first)),
            first @ 192..224 => reader.u8().map(|second| two_bytes(first, second)),
            224..255 => return Err(PacketError::NoLength(at)),
            255 => reader.u32(),
        };
        (head & 0x3f, length)
    };
    if tag == 0 {
        return Err(PacketError::NotOne(at));
    }
    let length = length.and_then(|length| usize::try_from(length).ok());
    let body = length.and_then(|length| reader.take(length)).ok_or(cut_off)?;
    Ok(Packet { tag, body })
}

/// A length of 192 and more in two bytes.
pub(super) fn two_bytes(first: u8, second: u8) -> u32 {
    (u32::from(first) - 192) * 256 + u32::from(second) + 192
}

#[cfg(test)]
mod tests {
    use alloc::string::{String, ToString};
    use alloc::vec::Vec;

    use super::*;

    #[test]
    fn lengths_are_read_in_every_form() {
        let case = |bytes: &[u8], expected: &str| {
            let mut bytes = bytes.to_vec();
            bytes.resize(bytes.len() + 9000, b'x');
            let shown = match packets(&bytes).next() {
                Some(Ok(packet)) => alloc::format!("{} {}", packet.tag, packet.body.len()),
                Some(Err(error)) => error.to_string(),
                None => String::new(),
            };
            assert_eq!(shown, expected, "{:?}", &bytes[..6]);
        };
        case(&[0x88, 7], "2 7");
        case(&[0x99, 1, 2], "6 258");
        case(&[0x9a, 0, 0, 0x10, 0], "6 4096");
        case(
            &[0x9b],
            "the OpenPGP packet at byte 0 does not say how long it is, as keys and signatures do",
        );
        case(&[0xc2, 191], "2 191");
        case(&[0xc2, 192, 0], "2 192");
        case(&[0xc2, 223, 255], "2 8383");
        case(
            &[0xcb, 224],
            "the OpenPGP packet at byte 0 does not say how long it is, as keys and signatures do",
        );
        case(&[0xc2, 255, 0, 0, 0x20, 0xc0], "2 8384");
        case(&[0xc2, 255, 255, 255, 255, 255], "the OpenPGP packet at byte 0 is cut off");
        case(&[0x80, 1], "no OpenPGP packet begins at byte 0");
        case(b"<html>", "no OpenPGP packet begins at byte 0");
    }

    #[test]
    fn an_error_is_the_end() {
        let found: Vec<_> = packets(&[0xcd, 1, b'a', 0, 0xcd, 1, b'b']).collect();
        let first = Packet { tag: 13, body: b"a" };
        assert_eq!(found, [Ok(first), Err(PacketError::NotOne(3))]);
    }
}
