//! Regular expressions of structure tests. They are written for Go's `regexp`, whose syntax differs
//! in small things from that of the matcher used here; those are written anew.
//! <https://github.com/google/re2/wiki/Syntax>

use alloc::format;
use alloc::string::{String, ToString};

use regex::{Regex, RegexBuilder};

/// What a compiled expression may take, in bytes.
const SIZE_LIMIT: usize = 4 << 20;
/// Nobody writes a longer one.
const LENGTH_LIMIT: usize = 1 << 16;

/// A regular expression that is well-formed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(String);

impl Pattern {
    /// The expression, if it is well-formed.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn new(text: &str) -> Result<Self, String> {
        compile(text).map(|_| Self(text.to_string()))
    }

    /// Whether it matches anywhere in the text.
    pub fn is_match(&self, text: &str) -> bool {
        compile(&self.0).is_ok_and(|regex| regex.is_match(text))
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Not kept: a file of tests may have thousands of them, and each is used once.
fn compile(text: &str) -> Result<Regex, String> {
    if text.len() > LENGTH_LIMIT {
        return Err(format!("it has more than {LENGTH_LIMIT} bytes"));
    }
    let built = RegexBuilder::new(&translate(text)?).size_limit(SIZE_LIMIT).build();
    built.map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => "it is too large when compiled".to_string(),
        // The first lines draw the expression; the last says what is wrong.
        error => {
            let text = error.to_string();
            let last = text.lines().last().unwrap_or_default();
            last.trim_start_matches("error: ").to_string()
        }
    })
}

/// The expression in the syntax of the matcher.
fn translate(text: &str) -> Result<String, String> {
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        rest = match first {
            '\\' => escape(rest, Within::Expression, &mut out)?,
            '[' => class(rest, &mut out)?,
            '{' if !is_repetition(rest) => {
                out.push_str("\\{");
                &rest[1..]
            }
            _ => {
                out.push(first);
                &rest[first.len_utf8()..]
            }
        };
    }
    Ok(out)
}

/// Where an escape stands.
#[derive(Clone, Copy, PartialEq)]
enum Within {
    Expression,
    Class,
}

/// Whether `{n}`, `{n,}` or `{n,m}` stands here. In Go anything else after a brace is text.
fn is_repetition(text: &str) -> bool {
    let Some((inside, _)) = text[1..].split_once('}') else { return false };
    let number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    match inside.split_once(',') {
        None => number(inside),
        Some((least, most)) => number(least) && (most.is_empty() || number(most)),
    }
}

/// An escape at the start of `text`; gives what follows it.
fn escape<'t>(text: &'t str, within: Within, out: &mut String) -> Result<&'t str, String> {
    let after = &text[1..];
    let Some(letter) = after.chars().next() else {
        return Err("a backslash at the end escapes nothing".to_string());
    };
    let rest = &after[letter.len_utf8()..];
    // Perl's classes and boundaries are those of ASCII.
    let bare = within == Within::Class;
    let perl = match letter {
        'd' => Some(if bare { "0-9" } else { "[0-9]" }),
        'D' => Some("[^0-9]"),
        's' => Some(if bare { "\\t\\n\\x0c\\r " } else { "[\\t\\n\\x0c\\r ]" }),
        'S' => Some("[^\\t\\n\\x0c\\r ]"),
        'w' => Some(if bare { "0-9A-Za-z_" } else { "[0-9A-Za-z_]" }),
        'W' => Some("[^0-9A-Za-z_]"),
        'b' if !bare => Some("(?-u:\\b)"),
        'B' if !bare => Some("(?-u:\\B)"),
        _ => None,
    };
    if let Some(perl) = perl {
        out.push_str(perl);
        return Ok(rest);
    }
    match letter {
        'Q' if !bare => {
            let (literal, rest) = rest.split_once("\\E").unwrap_or((rest, ""));
            out.push_str(&regex::escape(literal));
            Ok(rest)
        }
        '0'..='7' => octal(after, out),
        'C' => Err("`\\C`, a single byte, is not supported".to_string()),
        letter if letter.is_ascii_alphanumeric() || !letter.is_ascii() => {
            // The braces of `\p{Greek}` and `\x{e9}` belong to it.
            let is_braced = matches!(letter, 'p' | 'P' | 'x') && rest.starts_with('{');
            let end = if is_braced { rest.find('}').map_or(0, |at| at + 1) } else { 0 };
            out.push('\\');
            out.push(letter);
            out.push_str(&rest[..end]);
            Ok(&rest[end..])
        }
        // Any other sign stands for itself.
        letter => {
            out.push_str(&format!("\\x{{{:x}}}", u32::from(letter)));
            Ok(rest)
        }
    }
}

/// `\0`, `\012`: a character by its number. A single digit but 0 would be a reference back.
fn octal<'t>(text: &'t str, out: &mut String) -> Result<&'t str, String> {
    let digits = text.bytes().take(3).take_while(|b| (b'0'..=b'7').contains(b)).count();
    if digits == 1 && !text.starts_with('0') {
        return Err(format!("`\\{}` refers back, which is not supported", &text[..1]));
    }
    let number = u32::from_str_radix(&text[..digits], 8).unwrap_or_default();
    out.push_str(&format!("\\x{{{number:x}}}"));
    Ok(&text[digits..])
}

/// A class at the start of `text`; gives what follows it. Inside, Go knows no nested classes and no
/// operators of sets.
fn class<'t>(text: &'t str, out: &mut String) -> Result<&'t str, String> {
    out.push('[');
    let mut rest = &text[1..];
    if let Some(after) = rest.strip_prefix('^') {
        out.push('^');
        rest = after;
    }
    // A bracket that comes first is one of the characters.
    if let Some(after) = rest.strip_prefix(']') {
        out.push_str("\\]");
        rest = after;
    }
    while let Some(first) = rest.chars().next() {
        let after = &rest[first.len_utf8()..];
        rest = match first {
            ']' => {
                out.push(']');
                return Ok(after);
            }
            '\\' => escape(rest, Within::Class, out)?,
            '[' if after.starts_with(':') && after.contains(":]") => {
                let end = after.find(":]").map_or(0, |at| at + 2);
                out.push('[');
                out.push_str(&after[..end]);
                &after[end..]
            }
            '[' | '&' | '~' => {
                out.push('\\');
                out.push(first);
                after
            }
            _ => {
                out.push(first);
                after
            }
        };
    }
    Err("a `[` is never closed".to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(pattern: &str, matches: &[&str], others: &[&str]) {
        let pattern = Pattern::new(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}"));
        for text in matches {
            assert!(pattern.is_match(text), "{pattern:?} does not match {text:?}");
        }
        for text in others {
            assert!(!pattern.is_match(text), "{pattern:?} matches {text:?}");
        }
    }

    #[test]
    fn an_expression_matches_anywhere() {
        case("b+", &["abbc"], &["ac"]);
        case("^b$", &["b"], &["a\nb\nc", "b\n"]);
        case("(?m)^b$", &["a\nb\nc"], &[]);
        case("a.c", &["abc"], &["a\nc"]);
        case("(?s)a.c", &["a\nc"], &[]);
        case("(?i)straße", &["STRAßE"], &[]);
        case(r"(?P<year>\d{4})-(?:0|1)", &["2024-1"], &["202-1"]);
    }

    #[test]
    fn braces_that_repeat_nothing_are_text() {
        case(r#"{"version": ?"1"}"#, &[r#"{"version":"1"}"#], &["version"]);
        case("{{.Name}}", &["{{.Name}}"], &[]);
        case("^a{2,3}$", &["aa", "aaa"], &["a", "a{2,3}"]);
        case("^a{,3}$", &["a{,3}"], &["aa"]);
    }

    #[test]
    fn the_classes_of_perl_are_ascii() {
        case(r"^\d\w\s$", &["1a "], &["١a ", "1é ", "1a\u{a0}"]);
        case(r"^[\d.]+$", &["1.2"], &["a"]);
        case(r"^[^\s]+$", &["a"], &[" "]);
        case(r"^[\W]$", &["-", "é"], &["a"]);
        case(r"\bfoo\b", &["a foo b"], &["afoo"]);
        case(r"a\Bb", &["ab"], &["a b"]);
    }

    #[test]
    fn classes_hold_no_classes_and_no_operators() {
        case("^[[]$", &["["], &["]"]);
        case("^[]a]$", &["]", "a"], &["["]);
        case("^[^]a]$", &["b"], &["]"]);
        case("^[a&&b~~]+$", &["a&b~"], &["c"]);
        case("^[[:alpha:]_]+$", &["ab_"], &["1", ":"]);
    }

    #[test]
    fn any_sign_can_be_escaped() {
        case(r"^\<\>\/\:\'\ \-$", &["<>/:' -"], &[]);
        case(r"\Qa.b[\E.", &["a.b[x"], &["aab[x"]);
        case(r"\x41\x{42}\103", &["ABC"], &[]);
        case(r"^\pL\p{Greek}$", &["aλ"], &["aa"]);
        case(r"^a\z", &["a"], &["ab"]);
    }

    #[test]
    fn what_is_wrong_is_said() {
        let case = |text: &str, expected: &str| {
            assert_eq!(Pattern::new(text), Err(expected.to_string()), "{text}");
        };
        case("a(b", "unclosed group");
        case("[a", "a `[` is never closed");
        case("*a", "repetition operator missing expression");
        case(r"(a)\1", "`\\1` refers back, which is not supported");
        case("a\\", "a backslash at the end escapes nothing");
        case("(?=a)", "look-around, including look-ahead and look-behind, is not supported");
        case("(a{1000}){1000}", "it is too large when compiled");
    }
}
