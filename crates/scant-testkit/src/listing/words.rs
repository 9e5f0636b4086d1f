//! Splits a line into words, with quotes and escapes.

use std::fmt;

/// One word of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    /// The bytes that it stands for.
    pub(super) text: Vec<u8>,
    /// Whether it is a string constant as a whole.
    pub(super) is_string: bool,
}

impl Word {
    /// The rest of a word `key=rest`.
    pub(super) fn value(&self, key: &str) -> Option<&[u8]> {
        let rest = self.text.strip_prefix(key.as_bytes())?.strip_prefix(b"=")?;
        (!self.is_string).then_some(rest)
    }

    /// The word before `=` and what follows, both as text.
    pub(super) fn key_and_value(&self) -> Result<(&str, &str), String> {
        let text = self.as_str()?;
        Ok(text.split_once('=').unwrap_or((text, "")))
    }

    pub(super) fn as_str(&self) -> Result<&str, String> {
        text(&self.text)
    }

    pub(super) fn is(&self, word: &str) -> bool {
        !self.is_string && self.text == word.as_bytes()
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.text.escape_ascii())
    }
}

/// The words of a line.
pub(super) fn split(line: &str) -> Result<Vec<Word>, String> {
    let mut words = Vec::new();
    let mut rest = line.as_bytes().trim_ascii();
    while !rest.is_empty() {
        let mut word = Word { text: Vec::new(), is_string: rest[0] == b'"' };
        let mut in_quotes = false;
        while let Some((&byte, after)) = rest.split_first() {
            if byte.is_ascii_whitespace() && !in_quotes {
                break;
            }
            rest = after;
            match byte {
                b'"' => in_quotes = !in_quotes,
                b'\\' if in_quotes => word.text.push(escape(&mut rest)?),
                _ => word.text.push(byte),
            }
        }
        if in_quotes {
            return Err("a quote is not closed".into());
        }
        words.push(word);
        rest = rest.trim_ascii_start();
    }
    Ok(words)
}

fn escape(rest: &mut &[u8]) -> Result<u8, String> {
    let (&letter, after) = rest.split_first().ok_or("a backslash ends the line")?;
    *rest = after;
    Ok(match letter {
        b'n' => b'\n',
        b't' => b'\t',
        b'0' => 0,
        b'\\' | b'"' => letter,
        b'x' => {
            let (digits, after) = after.split_at_checked(2).ok_or("`\\x` wants two digits")?;
            *rest = after;
            u8::from_str_radix(text(digits)?, 16).map_err(|_| "`\\x` wants two digits")?
        }
        _ => return Err(format!("`\\{}` is no escape", char::from(letter))),
    })
}

pub(super) fn text(bytes: &[u8]) -> Result<&str, String> {
    str::from_utf8(bytes).map_err(|_| format!("`{}` is not UTF-8", bytes.escape_ascii()))
}

pub(super) fn octal(bytes: &[u8]) -> Result<u32, String> {
    u32::from_str_radix(text(bytes)?, 8).map_err(|_| "the mode is not octal".to_string())
}

/// A decimal or `0x` hexadecimal number.
pub(super) fn number<N: TryFrom<u64>>(text: &str) -> Result<N, String> {
    let parsed = match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16),
        None => text.parse(),
    };
    let refused = || format!("`{text}` is not a number that fits here");
    N::try_from(parsed.map_err(|_| refused())?).map_err(|_| refused())
}

/// Bytes written as hexadecimal digits.
pub(super) fn hexadecimal(digits: &[u8]) -> Result<Vec<u8>, String> {
    let refused = "hexadecimal digits come in pairs";
    if !digits.len().is_multiple_of(2) {
        return Err(refused.into());
    }
    let byte = |pair| u8::from_str_radix(text(pair)?, 16).map_err(|_| refused.to_string());
    digits.chunks(2).map(byte).collect()
}
