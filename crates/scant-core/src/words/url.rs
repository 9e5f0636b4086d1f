//! Where something is on the network: `https://HOST[:PORT]/PATH[?QUERY]`, nothing else.

use alloc::format;
use alloc::string::{String, ToString};
use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A URL of HTTP or HTTPS, valid as [RFC 3986](https://www.rfc-editor.org/rfc/rfc3986) has it. It
/// holds no name and no password: those are kept apart, and never shown.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Url {
    text: String,
    /// Where the path begins: after scheme and authority.
    path: usize,
}

/// A text that is no URL for scant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a URL: {problem}")]
pub struct UrlError {
    /// What was given, without a name and a password that it may hold.
    pub text: String,
    /// The rule it breaks.
    pub problem: &'static str,
}

impl Url {
    /// Whether the connection is encrypted.
    pub fn is_https(&self) -> bool {
        self.text.starts_with("https://")
    }

    /// Whether nobody listens on the way: the connection is encrypted, or stays on this machine.
    pub fn is_private(&self) -> bool {
        self.is_https() || self.is_loopback()
    }

    /// Host and port as written, without the port where it is the usual one.
    pub fn authority(&self) -> &str {
        let authority = &self.text[self.scheme().len() + 3..self.path];
        let usual = if self.is_https() { ":443" } else { ":80" };
        authority.strip_suffix(usual).unwrap_or(authority)
    }

    /// The host, in lower case; an address of IPv6 without its brackets.
    pub fn host(&self) -> &str {
        let authority = self.authority();
        match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((address, _)) => address,
            None => authority.split(':').next().unwrap_or(authority),
        }
    }

    /// The port, written or usual.
    pub fn port(&self) -> u16 {
        let authority = self.authority();
        let after = authority.rsplit_once(']').map_or(authority, |(_, rest)| rest);
        let usual = if self.is_https() { 443 } else { 80 };
        after.rsplit_once(':').and_then(|(_, port)| port.parse().ok()).unwrap_or(usual)
    }

    /// Whether it is this machine itself, where nothing needs to be encrypted.
    pub fn is_loopback(&self) -> bool {
        let host = self.host();
        host == "localhost"
            || host.ends_with(".localhost")
            || host == "::1"
            || host.parse::<core::net::Ipv4Addr>().is_ok_and(|address| address.is_loopback())
    }

    /// Path and query, from the slash on.
    pub fn path_and_query(&self) -> &str {
        &self.text[self.path..]
    }

    /// The last part of the path; empty if that ends in a slash.
    pub fn file_name(&self) -> &str {
        let path = self.path_and_query();
        let path = path.split('?').next().unwrap_or(path);
        path.rsplit('/').next().unwrap_or_default()
    }

    /// Whether two are of one server: scheme, host and port. What is meant for one is never sent to
    /// another.
    pub fn is_same_server(&self, other: &Self) -> bool {
        self.scheme() == other.scheme() && self.authority() == other.authority()
    }

    /// What a reference found at this URL means, such as the `Location` of an answer.
    /// [RFC 3986, 5.2](https://www.rfc-editor.org/rfc/rfc3986#section-5.2).
    ///
    /// # Errors
    /// When the result is no URL.
    pub fn join(&self, reference: &str) -> Result<Self, UrlError> {
        let reference = reference.split('#').next().unwrap_or(reference);
        let server = &self.text[..self.path];
        let (path, _) =
            self.path_and_query().split_once('?').unwrap_or((self.path_and_query(), ""));
        if reference.is_empty() {
            return Ok(self.clone());
        }
        let text = match reference {
            _ if reference.starts_with("//") => format!("{}:{reference}", self.scheme()),
            _ if reference.starts_with('/') => format!("{server}{}", without_dots(reference)),
            _ if reference.starts_with('?') => format!("{server}{path}{reference}"),
            _ if has_scheme(reference) => reference.to_string(),
            _ => {
                let directory = path.rsplit_once('/').map_or("", |(directory, _)| directory);
                format!("{server}{}", without_dots(&format!("{directory}/{reference}")))
            }
        };
        text.parse()
    }

    fn scheme(&self) -> &str {
        if self.is_https() { "https" } else { "http" }
    }
}

fn has_scheme(text: &str) -> bool {
    let head = text.split(['/', '?']).next().unwrap_or(text);
    head.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
    })
}

/// A path without `.` and `..`; its query is left as it is.
fn without_dots(path: &str) -> String {
    let (path, query) = path.find('?').map_or((path, ""), |at| path.split_at(at));
    let mut parts = alloc::vec::Vec::new();
    let all: alloc::vec::Vec<_> = path.split('/').skip(1).collect();
    for (number, part) in all.iter().enumerate() {
        let is_last = number + 1 == all.len();
        match *part {
            "." | ".." => {
                if *part == ".." {
                    parts.pop();
                }
                if is_last {
                    parts.push("");
                }
            }
            part => parts.push(part),
        }
    }
    format!("/{}{query}", parts.join("/"))
}

impl FromStr for Url {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Self, UrlError> {
        let refuse = |problem| Err(UrlError { text: without_secrets(text), problem });
        let Some((scheme, rest)) = text.split_once("://") else {
            return refuse("it must start with `https://` or `http://`");
        };
        let scheme = scheme.to_ascii_lowercase();
        if scheme != "https" && scheme != "http" {
            return refuse("only `https://` and `http://` are known");
        }
        if !rest.bytes().all(|b| b.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&b)) {
            return refuse("a character in it must be written as `%` and two hexadecimal digits");
        }
        let rest = rest.split('#').next().unwrap_or(rest);
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        if authority.contains('@') {
            return refuse("it holds a name or a password: they belong into a netrc file");
        }
        if !is_authority(authority) {
            return refuse(
                "after `://` a host is expected, then `:PORT` if it is not the usual one",
            );
        }
        let start = format!("{scheme}://{}", authority.to_ascii_lowercase());
        let slash = if path.starts_with('/') { "" } else { "/" };
        Ok(Self { path: start.len(), text: format!("{start}{slash}{path}") })
    }
}

/// A text that may be a URL, to be shown.
fn without_secrets(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else { return text.to_string() };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    match rest[..end].rsplit_once('@') {
        Some((_, host)) => format!("{scheme}://***@{host}{}", &rest[end..]),
        None => text.to_string(),
    }
}

fn is_authority(text: &str) -> bool {
    let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, rest)) => {
            if address.parse::<core::net::Ipv6Addr>().is_err() {
                return false;
            }
            return rest.is_empty() || rest.strip_prefix(':').is_some_and(is_port);
        }
        None => text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port))),
    };
    let is_host = |b: u8| b.is_ascii_alphanumeric() || b"-._".contains(&b);
    !host.is_empty() && host.bytes().all(is_host) && port.is_none_or(is_port)
}

fn is_port(text: &str) -> bool {
    text.parse::<u16>().is_ok_and(|port| port > 0)
}

/// In full. Errors and logs show it by [`Url::shown`].
impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Url {
    /// It without its query: what storage is redirected to carries its key in there.
    pub fn shown(&self) -> &str {
        self.text.split('?').next().unwrap_or(&self.text)
    }
}

impl fmt::Debug for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.shown())
    }
}

impl Serialize for Url {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Url {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_read() {
        let case = |text: &str, expected: &str| {
            let shown = match text.parse::<Url>() {
                Ok(url) => format!("{url} {} {} `{}`", url.host(), url.port(), url.file_name()),
                Err(error) => error.to_string(),
            };
            assert_eq!(shown, expected);
        };
        case("https://example.com", "https://example.com/ example.com 443 ``");
        case(
            "HTTP://Example.com:8080/a/b.tar?x=/y",
            "http://example.com:8080/a/b.tar?x=/y example.com 8080 `b.tar`",
        );
        case("https://[::1]:5000/v2/", "https://[::1]:5000/v2/ ::1 5000 ``");
        case("https://example.com?x", "https://example.com/?x example.com 443 ``");
        case(
            "ftp://example.com/",
            "`ftp://example.com/` is not a URL: only `https://` and `http://` are known",
        );
        case(
            "example.com/a",
            "`example.com/a` is not a URL: it must start with `https://` or `http://`",
        );
        case(
            "https://u:secret@example.com/a",
            "`https://***@example.com/a` is not a URL: it holds a name or a password: they belong into a netrc file",
        );
        case(
            "https://:80/",
            "`https://:80/` is not a URL: after `://` a host is expected, then `:PORT` if it is not the usual one",
        );
        case(
            "https://a/b c",
            "`https://a/b c` is not a URL: a character in it must be written as `%` and two hexadecimal digits",
        );
    }

    #[test]
    fn references_are_joined() {
        let case = |reference: &str, expected: &str| {
            let base: Url = "https://example.com/a/b/c?q=1".parse().unwrap();
            assert_eq!(base.join(reference).unwrap().to_string(), expected);
        };
        case("https://other.example/x", "https://other.example/x");
        case("//other.example/x", "https://other.example/x");
        case("/x/../y?z", "https://example.com/y?z");
        case("d", "https://example.com/a/b/d");
        case("../d/./e", "https://example.com/a/d/e");
        case("../../../../d", "https://example.com/d");
        case("?z", "https://example.com/a/b/c?z");
        case("", "https://example.com/a/b/c?q=1");
        case("..", "https://example.com/a/");
        case("d#f", "https://example.com/a/b/d");
    }

    #[test]
    fn servers_are_told_apart() {
        let case = |a: &str, b: &str, expected| {
            let parse = |text: &str| text.parse::<Url>().unwrap();
            assert_eq!(parse(a).is_same_server(&parse(b)), expected, "{a} {b}");
        };
        case("https://a/x", "https://a:443/y", true);
        case("https://a/x", "http://a/x", false);
        case("https://a/x", "https://b/x", false);
        case("https://a/x", "https://a:444/x", false);
    }
}
