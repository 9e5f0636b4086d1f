//! The tokens of run paths and needed names (`ld.so(8)`, "Dynamic string tokens").

use alloc::vec::Vec;

use super::files::Spot;

/// What tokens mean for one object.
pub(super) struct Tokens<'a> {
    /// `$ORIGIN`: the object's directory.
    pub(super) origin: &'a Spot,
    /// `$LIB`.
    pub(super) lib: &'a [u8],
    /// `$PLATFORM`, where the processor gives it a value.
    pub(super) platform: Option<&'a [u8]>,
    /// Whether the program is privileged: `$ORIGIN` must then be the whole first component.
    pub(super) is_secure: bool,
}

/// Whether there is any token of glibc's in the text.
pub(super) fn has_token(text: &[u8]) -> bool {
    let names: [&[u8]; 3] = [b"ORIGIN", b"LIB", b"PLATFORM"];
    let dollars = text.iter().enumerate().filter(|(_, byte)| **byte == b'$');
    dollars
        .map(|(at, _)| &text[at..])
        .any(|rest| names.iter().any(|name| token_length(rest, name).is_some()))
}

/// glibc: replaces `$ORIGIN`, `$LIB` and `$PLATFORM`, with or without braces. None when a known
/// token has no value: the path is dropped then.
pub(super) fn glibc(text: &[u8], tokens: &Tokens<'_>) -> Option<Spot> {
    let image = substitute(text, tokens, &tokens.origin.image)?;
    match &tokens.origin.source {
        Some(source) => Some(Spot::moved(image, substitute(text, tokens, source)?)),
        None => Some(Spot::new(image)),
    }
}

fn substitute(text: &[u8], tokens: &Tokens<'_>, origin: &[u8]) -> Option<Vec<u8>> {
    let mut result = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.iter().position(|&b| b == b'$') {
        result.extend_from_slice(&rest[..at]);
        rest = &rest[at..];
        let known = [
            (&b"ORIGIN"[..], Some(origin)),
            (b"LIB", Some(tokens.lib)),
            (b"PLATFORM", tokens.platform),
        ];
        let matched = known
            .iter()
            .find_map(|(name, value)| token_length(rest, name).map(|length| (length, *value)));
        match matched {
            Some((length, value)) => {
                let is_origin = token_length(rest, b"ORIGIN").is_some();
                let is_first = result.is_empty() && matches!(rest.get(length), None | Some(b'/'));
                if is_origin && tokens.is_secure && !is_first {
                    return None;
                }
                result.extend_from_slice(value?);
                rest = &rest[length..];
            }
            None => {
                result.push(b'$');
                rest = &rest[1..];
            }
        }
    }
    result.extend_from_slice(rest);
    Some(result)
}

/// The length of `$NAME` or `${NAME}` at the start of `text`. A name without braces ends where no
/// letter, digit or underscore follows: `$ORIGINx` is no token.
fn token_length(text: &[u8], name: &[u8]) -> Option<usize> {
    let braced = text.get(1) == Some(&b'{');
    let start = if braced { 2 } else { 1 };
    let after = text.get(start..)?.strip_prefix(name)?;
    match (braced, after.first()) {
        (true, Some(b'}')) => Some(start + name.len() + 1),
        (true, _) => None,
        (false, Some(next)) if next.is_ascii_alphanumeric() || *next == b'_' => None,
        (false, _) => Some(start + name.len()),
    }
}

/// musl: only `$ORIGIN` and `${ORIGIN}`, whatever follows. None when any other `$` is in the text:
/// musl then drops the whole list.
pub(super) fn musl(text: &[u8], origin: &Spot) -> Option<Spot> {
    let mut parts = text.split(|&b| b == b'$');
    let first = parts.next().unwrap_or_default();
    let rests: Option<Vec<&[u8]>> = parts
        .map(|part| part.strip_prefix(b"ORIGIN").or_else(|| part.strip_prefix(b"{ORIGIN}")))
        .collect();
    let rests = rests?;
    let fill = |origin: &[u8]| {
        rests.iter().fold(first.to_vec(), |mut text, rest| {
            text.extend_from_slice(origin);
            text.extend_from_slice(rest);
            text
        })
    };
    Some(match &origin.source {
        Some(source) => Spot::moved(fill(&origin.image), fill(source)),
        None => Spot::new(fill(&origin.image)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        let origin = Spot::new(*b"/opt/app");
        let tokens = Tokens { origin: &origin, lib: b"lib64", platform: None, is_secure: false };
        let expanded = glibc(text.as_bytes(), &tokens);
        let shown = expanded.map(|spot| String::from_utf8_lossy(&spot.image).into_owned());
        assert_eq!(shown.as_deref(), expected, "{text}");
    }

    #[test]
    fn tokens_with_and_without_braces() {
        check("$ORIGIN/../lib", Some("/opt/app/../lib"));
        check("${ORIGIN}/x", Some("/opt/app/x"));
        check("/usr/$LIB", Some("/usr/lib64"));
        check("/plain", Some("/plain"));
    }

    #[test]
    fn a_longer_name_is_no_token() {
        check("$ORIGINx", Some("$ORIGINx"));
        check("${ORIGIN}x", Some("/opt/appx"));
        check("$ORIGIN_", Some("$ORIGIN_"));
        check("${ORIGINx}", Some("${ORIGINx}"));
    }

    #[test]
    fn a_token_without_a_value_drops_the_path() {
        check("/usr/$PLATFORM", None);
    }

    #[test]
    fn musl_knows_origin_only() {
        let origin = Spot::new(*b"/opt");
        assert_eq!(musl(b"$ORIGIN/lib", &origin), Some(Spot::new(*b"/opt/lib")));
        assert_eq!(musl(b"${ORIGIN}x:/b", &origin), Some(Spot::new(*b"/optx:/b")));
        assert_eq!(musl(b"/usr/$LIB", &origin), None);
        assert_eq!(musl(b"/a$b", &origin), None);
    }
}
