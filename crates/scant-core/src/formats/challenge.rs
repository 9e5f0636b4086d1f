//! What a server asks for before it answers: the header `WWW-Authenticate`. Which of its challenges
//! is met, and how, is decided elsewhere.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// One way to prove who asks.
/// [RFC 9110, 11.6.1](https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Challenge {
    /// `basic` or `bearer` or another, in lower case.
    pub scheme: String,
    /// What is said besides, by names in lower case.
    pub parameters: BTreeMap<String, String>,
}

impl Challenge {
    /// A parameter; none if it is absent or empty.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}

/// The challenges of one header, in its order. Servers quote in odd ways, so that nothing is an
/// error: what makes no sense is passed over.
pub fn parse(header: &str) -> Vec<Challenge> {
    let mut found: Vec<Challenge> = Vec::new();
    let mut rest = header;
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        let end = rest.find(|c: char| !is_token(c)).unwrap_or(rest.len());
        if end == 0 {
            // Not a word: one character less to look at.
            let mut left = rest.chars();
            if left.next().is_none() {
                return found;
            }
            rest = left.as_str();
            continue;
        }
        let (word, after) = rest.split_at(end);
        let value = after.trim_start_matches([' ', '\t']).strip_prefix('=');
        match (value, found.last_mut()) {
            (Some(value), Some(challenge)) => {
                let (value, after) = read_value(value.trim_start_matches([' ', '\t']));
                challenge.parameters.entry(word.to_ascii_lowercase()).or_insert(value);
                rest = after;
            }
            (Some(value), None) => rest = value,
            (None, _) => {
                let scheme = word.to_ascii_lowercase();
                found.push(Challenge { scheme, parameters: BTreeMap::new() });
                rest = after;
            }
        }
    }
}

/// A value, quoted or not, and what follows it.
fn read_value(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([',', ' ', '\t']).unwrap_or(text.len());
        return (text[..end].to_string(), &text[end..]);
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, c)) = characters.next() {
        match c {
            '"' => return (value, &quoted[at + 1..]),
            '\\' => value.extend(characters.next().map(|(_, c)| c)),
            c => value.push(c),
        }
    }
    // The last quote is missing.
    (value, "")
}

fn is_token(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    #[test]
    fn challenges_are_read() {
        let case = |header: &str, expected: &str| {
            let shown = |challenge: &Challenge| {
                let parameters = challenge.parameters.iter().map(|(k, v)| format!(" {k}=[{v}]"));
                format!("{}{}", challenge.scheme, parameters.collect::<String>())
            };
            assert_eq!(parse(header).iter().map(shown).collect::<Vec<_>>().join("; "), expected);
        };
        case("", "");
        case("Basic", "basic");
        case(r#"Basic realm="a, \"b\"""#, r#"basic realm=[a, "b"]"#);
        case(
            r#"Bearer realm="https://auth.example.com/token",service="r",scope="repository:a/b:pull,push""#,
            "bearer realm=[https://auth.example.com/token] scope=[repository:a/b:pull,push] service=[r]",
        );
        case("BEARER Realm = x , SERVICE=y,", "bearer realm=[x] service=[y]");
        case(r#"Basic realm="x", Bearer realm="y""#, "basic realm=[x]; bearer realm=[y]");
        case(r#"Negotiate, NTLM abc==, Basic realm=x"#, "negotiate; ntlm abc=[=]; basic realm=[x]");
        case(r#"Bearer realm="never closed"#, "bearer realm=[never closed]");
        case(r#"realm="x" Bearer"#, "x; bearer");
        case(r#"Bearer realm="a",realm="b""#, "bearer realm=[a]");
        case("Bearer realm=", "bearer realm=[]");
    }
}
