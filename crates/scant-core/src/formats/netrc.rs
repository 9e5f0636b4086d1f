//! netrc files: names and passwords by host, as curl and ftp read them, and apt, which knows a little
//! more: [apt_auth.conf(5)](https://manpages.debian.org/bookworm/apt/apt_auth.conf.5.en.html). Text to
//! values; which file is read is decided elsewhere. Nothing here shows a password.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::words::Url;

/// What a netrc file says.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Netrc {
    /// In the order of the file; without a host it is for all.
    entries: Vec<(Option<String>, Login)>,
}

/// A name and a password.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Login {
    /// The name; may be empty.
    pub login: String,
    /// The password; may be empty.
    pub password: String,
}

/// A text that is no netrc file. It says where, and nothing of what is there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct NetrcError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub problem: &'static str,
}

impl Netrc {
    /// Reads the text of a file.
    ///
    /// # Errors
    /// At the first word that has no place there.
    pub fn parse(text: &str) -> Result<Self, NetrcError> {
        let mut words = Words { rest: text, line: 1 };
        let mut entries: Vec<(Option<String>, Login)> = Vec::new();
        while let Some(word) = words.next()? {
            let outside = NetrcError {
                line: words.line,
                problem: "it belongs to no `machine` and no `default`",
            };
            match (&*word, entries.last_mut()) {
                (comment, _) if comment.starts_with('#') => words.skip_line(),
                ("machine", _) => {
                    let host = words.value("`machine` wants the name of a host")?;
                    entries.push((Some(host), Login::default()));
                }
                ("default", _) => entries.push((None, Login::default())),
                ("macdef", _) => words.skip_macro(),
                ("login", Some((_, entry))) => {
                    entry.login = words.value("`login` wants a name")?;
                }
                ("password", Some((_, entry))) => {
                    entry.password = words.value("`password` wants a password")?;
                }
                // Of ftp only.
                ("account", Some(_)) => drop(words.value("`account` wants a name")?),
                ("login" | "password" | "account", None) => return Err(outside),
                _ => {
                    let problem = "`machine`, `default`, `login`, `password`, `account` or \
                                   `macdef` was expected";
                    return Err(NetrcError { line: words.line, problem });
                }
            }
        }
        Ok(Self { entries })
    }

    /// The name and password for a URL: of the first entry that is for it or for all.
    pub fn of(&self, url: &Url) -> Option<&Login> {
        let is_for = |entry: &&(Option<String>, Login)| {
            entry.0.as_deref().is_none_or(|machine| is_for(machine, url))
        };
        self.entries.iter().find(is_for).map(|(_, login)| login)
    }

    /// The same with more entries at the end.
    #[must_use]
    pub fn and(mut self, more: Self) -> Self {
        self.entries.extend(more.entries);
        self
    }
}

/// Whether a machine is that of a URL: `[SCHEME://]HOST[:PORT][/PATH]`, of which the path is where
/// those begin that are meant.
fn is_for(machine: &str, url: &Url) -> bool {
    let host = url.host();
    if machine.eq_ignore_ascii_case(host) {
        return true;
    }
    let (scheme, rest) =
        machine.split_once("://").map_or((None, machine), |(scheme, rest)| (Some(scheme), rest));
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let (name, port) = match authority.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => (name, Some(port)),
        _ => (authority, None),
    };
    let is_scheme = scheme.is_none_or(|scheme| match url.is_https() {
        true => scheme.eq_ignore_ascii_case("https"),
        false => scheme.eq_ignore_ascii_case("http"),
    });
    let rest = url.path_and_query().strip_prefix(path.trim_end_matches('/'));
    is_scheme
        && name.trim_matches(['[', ']']).eq_ignore_ascii_case(host)
        && port.is_none_or(|port| port.parse() == Ok(url.port()))
        && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
}

/// The words of a text.
struct Words<'t> {
    rest: &'t str,
    line: usize,
}

impl Words<'_> {
    /// The next word. One in double quotes may hold blanks, and `\n`, `\r`, `\t`; a backslash before
    /// any other character stands for that.
    fn next(&mut self) -> Result<Option<String>, NetrcError> {
        let start = self.rest.trim_start_matches(is_blank);
        self.pass(self.rest.len() - start.len());
        let Some(quoted) = start.strip_prefix('"') else {
            let end = start.find(is_blank).unwrap_or(start.len());
            self.pass(end);
            return Ok((end > 0).then(|| start[..end].to_owned()));
        };
        let (mut word, mut characters) = (String::new(), quoted.char_indices());
        while let Some((at, character)) = characters.next() {
            match character {
                '"' => {
                    self.pass(1 + at + 1);
                    return Ok(Some(word));
                }
                '\n' => break,
                '\\' => match characters.next() {
                    Some((_, 'n')) => word.push('\n'),
                    Some((_, 'r')) => word.push('\r'),
                    Some((_, 't')) => word.push('\t'),
                    Some((_, other)) => word.push(other),
                    None => break,
                },
                other => word.push(other),
            }
        }
        Err(NetrcError { line: self.line, problem: "a `\"` is not closed on its line" })
    }

    fn value(&mut self, problem: &'static str) -> Result<String, NetrcError> {
        let line = self.line;
        self.next()?.ok_or(NetrcError { line, problem })
    }

    fn skip_line(&mut self) {
        self.pass(self.rest.find('\n').unwrap_or(self.rest.len()));
    }

    /// Macros end with an empty line.
    fn skip_macro(&mut self) {
        loop {
            self.skip_line();
            let next = self.rest.strip_prefix('\n').unwrap_or_default();
            let line = next.split('\n').next().unwrap_or_default();
            self.pass(self.rest.len() - next.len());
            if line.trim().is_empty() {
                return;
            }
        }
    }

    fn pass(&mut self, bytes: usize) {
        let (passed, rest) = self.rest.split_at(bytes);
        self.line += passed.matches('\n').count();
        self.rest = rest;
    }
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n' | ',')
}

impl fmt::Debug for Netrc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Netrc({} entries)", self.entries.len())
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Login(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(text: &str, host: &str, expected: &str) {
        let url = alloc::format!("https://{host}/").parse().unwrap();
        let shown = match Netrc::parse(text) {
            Ok(netrc) => match netrc.of(&url) {
                Some(found) => alloc::format!("{} {:?}", found.login, found.password),
                None => "none".into(),
            },
            Err(error) => alloc::string::ToString::to_string(&error),
        };
        assert_eq!(shown, expected);
    }

    #[test]
    fn hosts_are_found() {
        let text = "
            # a comment: machine a
            machine a login one password 1 # another
            machine B.example\tlogin two account x\n password #2
            machine a login never password 0
            default login anonymous password user@site
            machine late login x password y";
        case(text, "a", "one \"1\"");
        case(text, "b.example", "two \"#2\"");
        case(text, "c", "anonymous \"user@site\"");
        case(text, "late", "anonymous \"user@site\"");
        case("machine a login x password y", "b", "none");
        case("machine a login x password y", "sub.a", "none");
        case("", "a", "none");
    }

    #[test]
    fn apt_may_say_scheme_port_and_path() {
        let case = |machine: &str, url: &str, expected: bool| {
            let netrc = Netrc::parse(&alloc::format!("machine {machine} login a")).unwrap();
            let found = netrc.of(&url.parse().unwrap()).is_some();
            assert_eq!(found, expected, "{machine} {url}");
        };
        let url = "https://example.com/debian/dists?x";
        case("EXAMPLE.com", url, true);
        case("example.com/debian", url, true);
        case("example.com/debian/", url, true);
        case("example.com/deb", url, false);
        case("example.com/Debian", url, false);
        case("example.com/debian/dists", url, true);
        case("example.com/debian/dists/x", url, false);
        case("example.com:443", url, true);
        case("example.com:8080/debian", "https://example.com:8080/debian/", true);
        case("example.com:8080", url, false);
        case("example.com:x", url, false);
        case("https://example.com", url, true);
        case("http://example.com", url, false);
        case("http://example.com", "http://example.com/", true);
        case("example.com", "https://sub.example.com/", false);
        case("[::1]:8080/a", "https://[::1]:8080/a", true);
        case("::1", "https://[::1]:8080/a", true);
        case("/", url, false);
        case("://", url, false);
    }

    #[test]
    fn words_may_be_quoted() {
        case(r#"machine a login "x y" password "p\"q\\\t""#, "a", "x y \"p\\\"q\\\\\\t\"");
        case(r#"machine a password "" login x"#, "a", "x \"\"");
        case("machine a\npassword \"p\n", "a", "line 2: a `\"` is not closed on its line");
    }

    #[test]
    fn macros_are_skipped() {
        let text =
            "macdef init\ncd /x\nmachine a login no password no\n\nmachine a login x password y";
        case(text, "a", "x \"y\"");
        case("machine a login x password y\nmacdef m\nlogin z", "a", "x \"y\"");
        case("macdef", "a", "none");
    }

    #[test]
    fn what_makes_no_sense_is_not_shown() {
        case("\nlogin x", "a", "line 2: it belongs to no `machine` and no `default`");
        case("machine", "a", "line 1: `machine` wants the name of a host");
        case("machine a login x\npassword", "a", "line 2: `password` wants a password");
        case(
            "machine a password my secret",
            "a",
            "line 1: `machine`, `default`, `login`, `password`, `account` or `macdef` was expected",
        );
    }
}
