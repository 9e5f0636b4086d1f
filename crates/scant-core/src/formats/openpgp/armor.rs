//! ASCII armor: packets in lines of base64 between two lines of dashes.
//! [RFC 9580, 6](https://www.rfc-editor.org/rfc/rfc9580#section-6).

use alloc::vec::Vec;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// What the first line of a block of keys calls it.
pub const KEYS: &str = "PUBLIC KEY BLOCK";
/// What the first line of a block of signatures calls it.
pub const SIGNATURE: &str = "SIGNATURE";

/// What may stand before, between and after the blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Around {
    /// Lines without anything.
    Nothing,
    /// Anything, as in the mails and pages that keys are sent in.
    Anything,
}

/// What is wrong with a block.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArmorError {
    /// No block of the kind that is asked for.
    #[error("there is no `-----BEGIN PGP {0}-----`")]
    NoBlock(&'static str),
    /// A block of another kind.
    #[error("line {line} begins a block of another kind than `{expected}`")]
    OtherBlock {
        /// Where.
        line: usize,
        /// What is read.
        expected: &'static str,
    },
    /// Something that no signature covers.
    #[error("line {0} stands outside of what is signed")]
    TextAround(usize),
    /// A line before the empty one that is no `Name: value`.
    #[error("line {0} should be an empty one, before base64")]
    Header(usize),
    /// A line of something else.
    #[error("line {0} is no base64")]
    Base64(usize),
    /// The checksum is another.
    #[error("the checksum in line {0} is not that of the block, which is damaged")]
    Checksum(usize),
    /// The last line is missing.
    #[error("there is no `-----END PGP {0}-----`")]
    CutOff(&'static str),
}

/// Whether there is a line that begins a block of any kind.
pub fn is_armored(bytes: &[u8]) -> bool {
    lines(bytes).any(|(_, line)| line.starts_with(b"-----BEGIN PGP "))
}

/// The bytes of all blocks of a kind, one after the other. Their lines count from `first`.
///
/// # Errors
/// The first thing that is wrong.
pub fn decode(
    bytes: &[u8],
    label: &'static str,
    around: Around,
    first: usize,
) -> Result<Vec<u8>, ArmorError> {
    let mut decoded = Vec::new();
    let mut blocks = 0;
    let mut lines = lines(bytes).map(|(number, line)| (number + first, line));
    while let Some((number, line)) = lines.next() {
        if is_edge(line, "BEGIN", label) {
            blocks += 1;
            decode_block(&mut lines, label, &mut decoded)?;
        } else if line.starts_with(b"-----BEGIN PGP ") {
            return Err(ArmorError::OtherBlock { line: number, expected: label });
        } else if around == Around::Nothing && !line.is_empty() {
            return Err(ArmorError::TextAround(number));
        }
    }
    if blocks == 0 { Err(ArmorError::NoBlock(label)) } else { Ok(decoded) }
}

/// The lines without the white space at their ends, each with its number from 0.
fn lines(bytes: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    bytes.split(|&byte| byte == b'\n').map(trim).enumerate()
}

/// A line without spaces, tabs and carriage returns at its end.
pub(super) fn trim(line: &[u8]) -> &[u8] {
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r');
    let end = line.iter().rposition(|byte| !is_space(byte)).map_or(0, |last| last + 1);
    &line[..end]
}

/// Whether a line begins or ends a block of a kind.
pub(super) fn is_edge(line: &[u8], edge: &str, label: &str) -> bool {
    let parts = [b"-----", edge.as_bytes(), b" PGP ", label.as_bytes(), b"-----"];
    let mut rest = trim(line);
    parts.iter().all(|part| rest.strip_prefix(*part).map(|after| rest = after).is_some())
        && rest.is_empty()
}

fn decode_block<'a>(
    lines: &mut impl Iterator<Item = (usize, &'a [u8])>,
    label: &'static str,
    decoded: &mut Vec<u8>,
) -> Result<(), ArmorError> {
    let cut_off = ArmorError::CutOff(label);
    loop {
        let (number, line) = lines.next().ok_or(cut_off.clone())?;
        match line {
            [] => break,
            _ if line.contains(&b':') && !line.starts_with(b"-") => {}
            _ => return Err(ArmorError::Header(number)),
        }
    }
    let start = decoded.len();
    let (mut digits, mut checksum) = (Vec::new(), None);
    for (number, line) in lines {
        if is_edge(line, "END", label) {
            STANDARD.decode_vec(&digits, decoded).map_err(|_| ArmorError::Base64(number))?;
            return match checksum {
                Some((at, value)) if value != crc24(&decoded[start..]) => {
                    Err(ArmorError::Checksum(at))
                }
                _ => Ok(()),
            };
        }
        if line.is_empty() {
            continue;
        }
        let is_first = checksum.is_none();
        match line.strip_prefix(b"=") {
            Some(value) if is_first && value.len() == 4 => {
                let bytes = STANDARD.decode(value).map_err(|_| ArmorError::Base64(number))?;
                checksum = Some((number, bytes));
            }
            None if is_first && line.iter().all(|&byte| is_digit(byte)) => {
                digits.extend_from_slice(line);
            }
            _ => return Err(ArmorError::Base64(number)),
        }
    }
    Err(cut_off)
}

/// Whether base64 has it. Decoding is strict: groups of four, padded, and no bit that is lost.
fn is_digit(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+/=".contains(&byte)
}

/// [RFC 9580, 6.1.1](https://www.rfc-editor.org/rfc/rfc9580#section-6.1.1).
fn crc24(bytes: &[u8]) -> Vec<u8> {
    let mut crc = 0x00b7_04ce_u32;
    for &byte in bytes {
        crc ^= u32::from(byte) << 16;
        for _ in 0..8 {
            crc <<= 1;
            if crc & 0x0100_0000 != 0 {
                crc ^= 0x0186_4cfb;
            }
        }
    }
    crc.to_be_bytes()[1..].to_vec()
}

#[cfg(test)]
mod tests {
    use alloc::string::{String, ToString};

    use super::*;

    #[test]
    fn blocks_are_read_strictly() {
        let case = |text: &str, around: Around, expected: &str| {
            let shown = match decode(text.as_bytes(), SIGNATURE, around, 1) {
                Ok(bytes) => String::from_utf8(bytes).unwrap(),
                Err(error) => error.to_string(),
            };
            assert_eq!(shown, expected, "{text}");
        };
        let (begin, end) = ("-----BEGIN PGP SIGNATURE-----", "-----END PGP SIGNATURE-----");
        let block = |body: &str| alloc::format!("{begin}\n{body}\n{end}\n");
        let strict = |text: &str, expected: &str| case(text, Around::Nothing, expected);
        strict(&block("\naGVsbG8="), "hello");
        strict(&block("\naGVsbG8=\n=R/WK"), "hello");
        strict(&block("Version: 1\nComment: x\n\naGVs  \r\nbG8=\n\n=R/WK"), "hello");
        strict(&alloc::format!("\n{0}\r\n\n{0}", block("\naGVs")), "helhel");
        strict(
            &block("\naGVsbG8=\n=R/Wl"),
            "the checksum in line 4 is not that of the block, which is damaged",
        );
        strict(&block("\naGVsbG9="), "line 4 is no base64");
        strict(&block("\naGVsbG8"), "line 4 is no base64");
        strict(&block("\naG=sbG8="), "line 4 is no base64");
        strict(&block("\naG8=\nbG8="), "line 5 is no base64");
        strict(&block("\n*"), "line 3 is no base64");
        strict(&block("\naGVs\n=R/WK\naGVs"), "line 5 is no base64");
        strict(&block("aGVs"), "line 2 should be an empty one, before base64");
        strict(begin, "there is no `-----END PGP SIGNATURE-----`");
        strict("", "there is no `-----BEGIN PGP SIGNATURE-----`");
        let around = alloc::format!("hi\n{}", block("\naGVs"));
        strict(&around, "line 1 stands outside of what is signed");
        case(&around, Around::Anything, "hel");
        case(
            &around.replace("SIGN", "SING"),
            Around::Anything,
            "line 2 begins a block of another kind than `SIGNATURE`",
        );
    }
}
