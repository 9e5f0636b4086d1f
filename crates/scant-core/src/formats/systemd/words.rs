//! The words of a line as systemd divides it: blanks divide, quotes hold together, a backslash
//! escapes.
//! [systemd.syntax(7), quoting](https://www.freedesktop.org/software/systemd/man/latest/systemd.syntax.html#Quoting)

use alloc::string::String;
use alloc::vec::Vec;
use core::str::Chars;

/// The words of a line.
pub(crate) fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<Vec<u8>>, None);
    let mut rest = line.chars();
    while let Some(c) = rest.next() {
        match (c, quote) {
            (c, Some(open)) if c == open => quote = None,
            ('\\', _) => escaped(&mut rest, word.get_or_insert_default()),
            ('"' | '\'', None) => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (c, None) if c.is_whitespace() => words.extend(word.take()),
            (c, _) => push(word.get_or_insert_default(), c),
        }
    }
    words.extend(word);
    words.into_iter().map(|word| String::from_utf8_lossy(&word).into_owned()).collect()
}

/// What comes after a backslash. What is no escape stands for itself.
fn escaped(rest: &mut Chars<'_>, word: &mut Vec<u8>) {
    let text = rest.as_str();
    let Some(c) = rest.next() else { return };
    let (digits, radix) = match c {
        'x' => (1..3, 16),
        'u' => (1..5, 16),
        'U' => (1..9, 16),
        '0'..='7' => (0..3, 8),
        _ => return push(word, plain(c)),
    };
    let end = digits.end;
    let number = number(text.get(digits), radix);
    // What is written as one byte is one, and several may be a character together.
    match (c, number.and_then(char::from_u32), number.map(u8::try_from)) {
        ('u' | 'U', Some(c), _) => push(word, c),
        ('x' | '0'..='7', _, Some(Ok(byte))) => word.push(byte),
        _ => return push(word, c),
    }
    *rest = text[end..].chars();
}

fn number(digits: Option<&str>, radix: u32) -> Option<u32> {
    let digits = digits.filter(|digits| digits.chars().all(|c| c.is_digit(radix)))?;
    u32::from_str_radix(digits, radix).ok()
}

fn plain(c: char) -> char {
    match c {
        'a' => '\x07',
        'b' => '\x08',
        'f' => '\x0c',
        'n' => '\n',
        'r' => '\r',
        's' => ' ',
        't' => '\t',
        'v' => '\x0b',
        other => other,
    }
}

fn push(word: &mut Vec<u8>, c: char) {
    word.extend(c.encode_utf8(&mut [0; 4]).bytes());
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn blanks_divide_quotes_hold_together_and_backslashes_escape() {
        let case = |line: &str, expected: &[&str]| assert_eq!(words(line), expected, "{line}");
        case("", &[]);
        case("  a\tb  ", &["a", "b"]);
        case(r#"a "b c"d '' "#, &["a", "b cd", ""]);
        case(r#"'say "x"' "it's""#, &[r#"say "x""#, "it's"]);
        case(r"a\ b\sc\td \\", &["a b c\td", "\\"]);
        case(r"\x41\x2fb \101 \u00e9 \xc3\xa9 \U0001f600", &["A/b", "A", "é", "é", "😀"]);
        case(r"\xzz \400 \ud800 \x4", &["xzz", "400", "ud800", "x4"]);
        case(r"'a\'b' c\", &["a'b", "c"]);
    }
}
