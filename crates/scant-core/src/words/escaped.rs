//! How bytes that need not be UTF-8 are shown to people. Never used to make names of files.

use alloc::vec::Vec;
use core::fmt;

/// Shows bytes as text: UTF-8 as it is, control characters and broken UTF-8 escaped as `\xNN`.
///
/// A name from an input may hold newlines or terminal escapes; shown through this it stays on its
/// line and cannot move the cursor.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Escaped<'a>(pub &'a [u8]);

impl Escaped<'_> {
    /// Whether a character changes how a terminal shows what is around it: control characters,
    /// line separators, and the marks that turn the direction of text.
    /// [UAX #9, 2](https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters).
    pub fn is_disturbing(character: char) -> bool {
        let turns = matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{feff}'
            | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        turns || character.is_control()
    }

    /// The bytes that are shown as `text`; none when `text` is nothing that is ever shown.
    pub fn parse(text: &str) -> Option<Vec<u8>> {
        let mut bytes = Vec::with_capacity(text.len());
        let mut rest = text;
        while let Some((plain, escape)) = rest.split_once('\\') {
            bytes.extend_from_slice(plain.as_bytes());
            let (kind, after) = escape.split_at_checked(1)?;
            rest = after;
            match kind {
                "\\" => bytes.push(b'\\'),
                "n" => bytes.push(b'\n'),
                "t" => bytes.push(b'\t'),
                "r" => bytes.push(b'\r'),
                "x" => {
                    let (digits, after) = rest.split_at_checked(2)?;
                    bytes.push(u8::from_str_radix(digits, 16).ok()?);
                    rest = after;
                }
                "u" => {
                    let (digits, after) = rest.strip_prefix('{')?.split_once('}')?;
                    let character = char::from_u32(u32::from_str_radix(digits, 16).ok()?)?;
                    bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                    rest = after;
                }
                _ => return None,
            }
        }
        bytes.extend_from_slice(rest.as_bytes());
        Some(bytes)
    }
}

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            for character in chunk.valid().chars() {
                match character {
                    '\\' => f.write_str("\\\\")?,
                    '\n' => f.write_str("\\n")?,
                    '\t' => f.write_str("\\t")?,
                    '\r' => f.write_str("\\r")?,
                    c if Self::is_disturbing(c) => write!(f, "{}", c.escape_unicode())?,
                    c => fmt::Write::write_char(f, c)?,
                }
            }
            for byte in chunk.invalid() {
                write!(f, "\\x{byte:02x}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

/// Shows a text that others had a part in on one line: control characters escaped, all else as it
/// is. Backslashes stay, so what is escaped already is not changed, and nothing can be read back.
#[derive(Clone, Copy)]
pub struct OneLine<T>(pub T);

impl<T: fmt::Display> fmt::Display for OneLine<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::write(&mut Controls { out: f, lines: false }, format_args!("{}", self.0))
    }
}

/// As [`OneLine`], for a text of several lines: the ends of lines stay.
#[derive(Clone, Copy)]
pub struct Lines<T>(pub T);

impl<T: fmt::Display> fmt::Display for Lines<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::write(&mut Controls { out: f, lines: true }, format_args!("{}", self.0))
    }
}

/// Escapes control characters on their way.
struct Controls<'f, 'b> {
    out: &'f mut fmt::Formatter<'b>,
    /// Whether the ends of lines stay.
    lines: bool,
}

impl fmt::Write for Controls<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let keep = |c: char| !Escaped::is_disturbing(c) || (c == '\n' && self.lines);
        for part in text.split_inclusive(|c| !keep(c)) {
            match part.chars().next_back().filter(|&last| !keep(last)) {
                Some(last) => {
                    self.out.write_str(&part[..part.len() - last.len_utf8()])?;
                    write!(self.out, "{}", last.escape_default())?;
                }
                None => self.out.write_str(part)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn names_stay_on_their_line() {
        assert_eq!(Escaped(b"a\nb\x1b[31m\xff\xc3\xa9").to_string(), "a\\nb\\u{1b}[31m\\xff\u{e9}");
    }

    #[test]
    fn texts_of_others_do_not_move_the_cursor() {
        let text = "a\\x\n\u{1b}[2J\u{9b}\u{e9}\r";
        assert_eq!(OneLine(text).to_string(), "a\\x\\n\\u{1b}[2J\\u{9b}\u{e9}\\r");
        assert_eq!(Lines(text).to_string(), "a\\x\n\\u{1b}[2J\\u{9b}\u{e9}\\r");
    }

    #[test]
    fn what_is_shown_can_be_read_back() {
        let bytes: Vec<u8> = (1..=255).collect();
        assert_eq!(Escaped::parse(&Escaped(&bytes).to_string()), Some(bytes));
        assert_eq!(Escaped::parse("\\q"), None);
        assert_eq!(Escaped::parse("\\x4"), None);
    }
}
