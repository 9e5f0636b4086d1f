//! ASCII armor.

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// A block with a checksum.
pub fn armored(label: &str, bytes: &[u8]) -> String {
    let digits = base64(bytes);
    let lines = digits.as_bytes().chunks(64).map(|line| String::from_utf8_lossy(line) + "\n");
    let lines: String = lines.collect();
    let checksum = base64(&crc24(bytes).to_be_bytes()[1..]);
    format!("-----BEGIN PGP {label}-----\n\n{lines}={checksum}\n-----END PGP {label}-----\n")
}

fn base64(bytes: &[u8]) -> String {
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let mut three = [0; 3];
        three[..group.len()].copy_from_slice(group);
        let [a, b, c] = three.map(u32::from);
        let value = a << 16 | b << 8 | c;
        for place in 0..4 {
            let digit = DIGITS[(value >> (18 - 6 * place) & 63) as usize];
            text.push(if place <= group.len() { char::from(digit) } else { '=' });
        }
    }
    text
}

fn crc24(bytes: &[u8]) -> u32 {
    let bit = |crc: u32| if crc & 0x80_0000 == 0 { crc << 1 } else { crc << 1 ^ 0x186_4cfb };
    let byte = |crc: u32, byte: &u8| (0..8).fold(crc ^ u32::from(*byte) << 16, |crc, _| bit(crc));
    bytes.iter().fold(0xb7_04ce, byte)
}
