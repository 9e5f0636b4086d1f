//! Clear-signed text: a text that is read as it is, with signatures below it.
//! [RFC 9580, 7](https://www.rfc-editor.org/rfc/rfc9580#section-7).
//!
//! Nothing may stand before or after the block, and no line may be read in two ways, so that nobody
//! takes for signed what is not.

use alloc::vec::Vec;

use super::armor::{self, ArmorError, Around, SIGNATURE};
use super::signature::HashAlgorithm;

/// A clear-signed text, whoever signed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cleartext {
    /// The text: without white space at the ends of lines, which is not signed; each line ends with
    /// a newline.
    pub text: Vec<u8>,
    /// What it says it is digested with.
    pub hashes: Vec<HashAlgorithm>,
    /// The packets of the signatures.
    pub signatures: Vec<u8>,
}

/// Why bytes are no clear-signed text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CleartextError {
    /// It does not begin as one.
    #[error("it does not begin with the line `-----BEGIN PGP SIGNED MESSAGE-----`")]
    NoBegin,
    /// Larger than any list of files.
    #[error("it is larger than {} MiB", MAX_TEXT >> 20)]
    TooLarge,
    /// A line before the text that is no `Hash: ...`.
    #[error("line {0} should be `Hash: ` and names of digests, or the empty line before the text")]
    Header(usize),
    /// A line that begins with a dash.
    #[error("line {0} begins with a dash that is not escaped by `- `")]
    Dash(usize),
    /// A character that not every reader takes the same way.
    #[error("line {0} has a NUL or a carriage return in it")]
    Control(usize),
    /// No signatures after the text.
    #[error("there is no `-----BEGIN PGP SIGNATURE-----` after the text")]
    NoSignature,
    /// The signatures cannot be read.
    #[error(transparent)]
    Armor(#[from] ArmorError),
}

/// More than enough for any list of files.
const MAX_TEXT: usize = 64 << 20;

impl Cleartext {
    /// Takes a clear-signed text apart.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn parse(bytes: &[u8]) -> Result<Self, CleartextError> {
        if bytes.len() > MAX_TEXT {
            return Err(CleartextError::TooLarge);
        }
        let mut lines = Lines { rest: bytes, number: 0 };
        if !lines.next().is_some_and(|line| armor::is_edge(line, "BEGIN", "SIGNED MESSAGE")) {
            return Err(CleartextError::NoBegin);
        }
        let mut hashes = Vec::new();
        loop {
            let line = lines.next().ok_or(CleartextError::NoSignature)?;
            if matches!(line, b"" | b"\r") {
                break;
            }
            read_hashes(line, &mut hashes).ok_or(CleartextError::Header(lines.number))?;
        }
        let mut text = Vec::new();
        loop {
            let (signatures, number) = (lines.rest, lines.number);
            let line = lines.next().ok_or(CleartextError::NoSignature)?;
            if armor::is_edge(line, "BEGIN", SIGNATURE) {
                let signatures = armor::decode(signatures, SIGNATURE, Around::Nothing, number + 1)?;
                return Ok(Self { text, hashes, signatures });
            }
            text.extend_from_slice(signed_line(line, lines.number)?);
            text.push(b'\n');
        }
    }

    /// What is digested: the lines without the end of the last, each ended as on the network.
    pub fn canonical(&self) -> Vec<u8> {
        canonical(self.text.strip_suffix(b"\n").unwrap_or(&self.text))
    }
}

/// A text with all ends of lines as on the network, as signatures of texts cover it.
pub(crate) fn canonical(text: &[u8]) -> Vec<u8> {
    let mut canonical = Vec::with_capacity(text.len() + text.len() / 32);
    for line in text.split_inclusive(|&byte| byte == b'\n') {
        match line.strip_suffix(b"\n") {
            Some(line) => {
                canonical.extend_from_slice(line.strip_suffix(b"\r").unwrap_or(line));
                canonical.extend_from_slice(b"\r\n");
            }
            None => canonical.extend_from_slice(line),
        }
    }
    canonical
}

/// The lines of a text, counted from 1.
struct Lines<'a> {
    rest: &'a [u8],
    number: usize,
}

impl<'a> Lines<'a> {
    fn next(&mut self) -> Option<&'a [u8]> {
        if self.rest.is_empty() {
            return None;
        }
        let end = memchr::memchr(b'\n', self.rest).unwrap_or(self.rest.len());
        let line = &self.rest[..end];
        self.rest = self.rest.get(end + 1..).unwrap_or_default();
        self.number += 1;
        Some(line)
    }
}

fn read_hashes(line: &[u8], hashes: &mut Vec<HashAlgorithm>) -> Option<()> {
    let names = armor::trim(line).strip_prefix(b"Hash: ")?;
    for name in names.split(|&byte| byte == b',') {
        hashes.push(HashAlgorithm::named(name.trim_ascii())?);
    }
    Some(())
}

/// What is signed of a line.
fn signed_line(line: &[u8], number: usize) -> Result<&[u8], CleartextError> {
    let line = match line.strip_prefix(b"-") {
        Some(rest) => rest.strip_prefix(b" ").ok_or(CleartextError::Dash(number))?,
        None => line,
    };
    let line = armor::trim(line);
    match memchr::memchr2(0, b'\r', line) {
        Some(_) => Err(CleartextError::Control(number)),
        None => Ok(line),
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::{String, ToString};

    use super::*;

    const END: &str = "-----BEGIN PGP SIGNATURE-----\n\naGVs\n-----END PGP SIGNATURE-----\n";

    #[track_caller]
    fn case(bytes: &str, expected: &str) {
        let bytes =
            bytes.replace("BEGIN\n", "-----BEGIN PGP SIGNED MESSAGE-----\n").replace("END", END);
        let shown = match Cleartext::parse(bytes.as_bytes()) {
            Ok(parsed) => {
                let canonical = String::from_utf8(parsed.canonical()).unwrap();
                assert_eq!(parsed.signatures, b"hel");
                assert_eq!(
                    canonical.replace("\r\n", "\n"),
                    parsed
                        .text
                        .strip_suffix(b"\n")
                        .map(|text| String::from_utf8_lossy(text))
                        .unwrap_or_default()
                );
                alloc::format!("{:?} {}", parsed.hashes, parsed.text.escape_ascii())
            }
            Err(error) => error.to_string(),
        };
        assert_eq!(shown, expected, "{bytes}");
    }

    #[test]
    fn the_text_is_what_is_signed() {
        case("BEGIN\nHash: SHA256\n\na\nb\nEND", "[SHA256] a\\nb\\n");
        case("BEGIN\nHash: SHA256,SHA512\nHash: SHA1, MD5\n\nEND", "[SHA256, SHA512, SHA1, MD5] ");
        case("BEGIN\n\n\n\na\n\nEND", "[] \\n\\na\\n\\n");
        case("BEGIN\n\r\na \t\r\n b\r\nEND\n \n", "[] a\\n b\\n");
        case(
            "BEGIN\n\n- -----BEGIN PGP SIGNATURE-----\n- -\n- From\nEND",
            "[] -----BEGIN PGP SIGNATURE-----\\n-\\nFrom\\n",
        );
    }

    #[test]
    fn nothing_is_read_in_two_ways() {
        case(" BEGIN\n", "it does not begin with the line `-----BEGIN PGP SIGNED MESSAGE-----`");
        case(
            "x\nBEGIN\n\na\nEND",
            "it does not begin with the line `-----BEGIN PGP SIGNED MESSAGE-----`",
        );
        case("", "it does not begin with the line `-----BEGIN PGP SIGNED MESSAGE-----`");
        case("BEGIN\n\na\n", "there is no `-----BEGIN PGP SIGNATURE-----` after the text");
        case("BEGIN\nHash: SHA256\n", "there is no `-----BEGIN PGP SIGNATURE-----` after the text");
        let header =
            "line 2 should be `Hash: ` and names of digests, or the empty line before the text";
        case("BEGIN\n \n\na\nEND", header);
        case("BEGIN\nComment: a\n\na\nEND", header);
        case("BEGIN\nHash: SHA3-256\n\na\nEND", header);
        case("BEGIN\nHash: \n\na\nEND", header);
        case("BEGIN\nOrigin: a\nEND", header);
        case("BEGIN\n\na\n-b\nEND", "line 4 begins with a dash that is not escaped by `- `");
        case("BEGIN\n\nBEGIN\nEND", "line 3 begins with a dash that is not escaped by `- `");
        case("BEGIN\n\na\rb\nEND", "line 3 has a NUL or a carriage return in it");
        case("BEGIN\n\na\0\nEND", "line 3 has a NUL or a carriage return in it");
        case("BEGIN\n\na\nENDx\n", "line 8 stands outside of what is signed");
        case(
            "BEGIN\n\na\nENDBEGIN\n\na\nEND",
            "line 8 begins a block of another kind than `SIGNATURE`",
        );
    }
}
