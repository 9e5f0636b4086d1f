//! Variables in texts, as Go's `os.Expand` replaces them: `$NAME` and `${NAME}`. There is no way to
//! write a `$` that a name follows.
//! <https://pkg.go.dev/os#Expand>

use alloc::string::String;

/// The text with every variable replaced by what `value` gives for its name.
pub fn expand(text: &str, value: impl Fn(&str) -> String) -> String {
    let mut expanded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        expanded.push_str(before);
        let (name, length) = name(after);
        match (name, length) {
            // Nothing is named: the sign stays.
            ("", 0) => expanded.push('$'),
            // A brace that names nothing is taken out.
            ("", _) => {}
            (name, _) => expanded.push_str(&value(name)),
        }
        rest = &after[length..];
    }
    expanded.push_str(rest);
    expanded
}

/// The name at the start of a text that follows a `$`, and how much of the text it takes.
fn name(text: &str) -> (&str, usize) {
    let special = |c: char| matches!(c, '*' | '#' | '$' | '@' | '!' | '?' | '-' | '0'..='9');
    if let Some(inside) = text.strip_prefix('{') {
        return match inside.find('}') {
            Some(end) => (&inside[..end], end + 2),
            None => ("", 1),
        };
    }
    if text.starts_with(special) {
        return (&text[..1], 1);
    }
    let end = text.find(|c: char| !(c == '_' || c.is_ascii_alphanumeric())).unwrap_or(text.len());
    (&text[..end], end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(text: &str, expected: &str) {
        let value = |name: &str| if name == "unset" { String::new() } else { name.into() };
        let found = expand(text, |name| alloc::format!("<{}>", value(name)));
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn names_are_found_as_go_finds_them() {
        case("/env/bin:$PATH", "/env/bin:<PATH>");
        case("${HOME}/x", "<HOME>/x");
        case("$a$b_1-$c", "<a><b_1>-<c>");
        case("$1st", "<1>st");
        case("$$", "<$>");
        case("a$", "a$");
        case("$(date) $/", "$(date) $/");
        case("${}x", "x");
        case("${open", "open");
        case("$unset!", "<>!");
        case("é$x€", "é<x>€");
    }
}
