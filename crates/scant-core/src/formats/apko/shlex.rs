//! A command line as words, in the way apko divides `entrypoint: command` and `cmd`: blanks divide,
//! quotes and backslashes protect, a `#` where a word may begin starts a comment. No variables, no
//! operators.

use alloc::string::String;
use alloc::vec::Vec;

/// Why a line is no list of words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum ShlexError {
    /// A quote is open at the end.
    #[error("the quote `{0}` is never closed")]
    Unclosed(char),
    /// The last character is a backslash.
    #[error("the backslash at the end protects nothing")]
    Trailing,
}

/// The words of a line.
///
/// # Errors
/// When a quote is open at the end, or a backslash is last.
pub(super) fn split(line: &str) -> Result<Vec<String>, ShlexError> {
    let (mut words, mut word) = (Vec::new(), None::<String>);
    let mut rest = line.chars();
    while let Some(c) = rest.next() {
        match c {
            ' ' | '\t' | '\r' | '\n' => words.extend(word.take()),
            '#' if word.is_none() => drop(rest.find(|c| *c == '\n')),
            '\\' => word.get_or_insert_default().push(rest.next().ok_or(ShlexError::Trailing)?),
            '"' | '\'' => quoted(c, &mut rest, word.get_or_insert_default())?,
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Ok(words)
}

/// What stands between quotes. In double ones a backslash protects any character.
fn quoted(
    quote: char,
    rest: &mut impl Iterator<Item = char>,
    word: &mut String,
) -> Result<(), ShlexError> {
    loop {
        match rest.next().ok_or(ShlexError::Unclosed(quote))? {
            c if c == quote => return Ok(()),
            '\\' if quote == '"' => word.push(rest.next().ok_or(ShlexError::Unclosed(quote))?),
            c => word.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(line: &str, expected: &[&str]) {
        assert_eq!(split(line).unwrap(), expected, "{line}");
    }

    #[test]
    fn blanks_divide_and_quotes_hold_together() {
        case("/usr/sbin/nginx -g 'daemon off;'", &["/usr/sbin/nginx", "-g", "daemon off;"]);
        case("  a\tb\nc  ", &["a", "b", "c"]);
        case(r#"a"b c"d 'e'"f""#, &["ab cd", "ef"]);
        case(r#"a '' """#, &["a", "", ""]);
        case("", &[]);
    }

    #[test]
    fn a_backslash_protects_outside_of_single_quotes() {
        case(r"a\ b \# \\", &["a b", "#", r"\"]);
        case(r#""a\"b\n""#, &["a\"bn"]);
        case(r"'a\'", &[r"a\"]);
    }

    #[test]
    fn a_comment_begins_where_a_word_may() {
        case("a #b c\nd e#f", &["a", "d", "e#f"]);
    }

    #[test]
    fn an_open_quote_is_an_error() {
        assert_eq!(split("a 'b"), Err(ShlexError::Unclosed('\'')));
        assert_eq!(split("a \"b\\"), Err(ShlexError::Unclosed('"')));
        assert_eq!(split("a\\"), Err(ShlexError::Trailing));
    }
}
