//! Users and groups that a program says it does not find. Which account a program looks for cannot
//! be seen from outside: it reads `/etc/passwd` as a whole.

use std::fmt;

/// An account that was not found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Account {
    /// In `/etc/passwd`.
    User(String),
    /// In `/etc/group`.
    Group(String),
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, name, file) = match self {
            Self::User(name) => ("user", name, "/etc/passwd"),
            Self::Group(name) => ("group", name, "/etc/group"),
        };
        write!(f, "the {kind} `{name}` that the program asked for is not in {file}")
    }
}

type Phrase = (&'static str, bool, fn(String) -> Account);

/// What programs say, and whether a quote or bracket must follow for it to be a name.
const PHRASES: [Phrase; 6] = [
    ("getpwnam", true, Account::User),
    ("getgrnam", true, Account::Group),
    ("unknown user", false, Account::User),
    ("unknown group", false, Account::Group),
    ("no such user", true, Account::User),
    ("no such group", true, Account::Group),
];

/// The same, where the line ends in that it is not there.
const GENERAL: [Phrase; 2] = [("user", true, Account::User), ("group", true, Account::Group)];
const ENDS: [&str; 2] = ["does not exist", "not found"];

/// The account that a line of a program's output says is not there.
pub(super) fn unknown(line: &[u8]) -> Option<Account> {
    let line = String::from_utf8_lossy(line);
    let lower = line.to_ascii_lowercase();
    let is_said = ENDS.iter().any(|end| lower.contains(end));
    let general = GENERAL.iter().filter(|_| is_said);
    PHRASES.iter().chain(general).find_map(|(phrase, is_marked, account)| {
        let rest = &line[lower.find(phrase)? + phrase.len()..];
        name(rest.strip_prefix("_r").unwrap_or(rest), *is_marked).map(account)
    })
}

/// The name that stands next, after blanks, and quotes or brackets where it must be marked.
fn name(rest: &str, is_marked: bool) -> Option<String> {
    let name = rest.trim_start_matches(|c: char| " ():`'\"".contains(c));
    let before = &rest[..rest.len() - name.len()];
    if before.is_empty() || (is_marked && before.trim().is_empty()) {
        return None;
    }
    let is_part = |c: char| c.is_ascii_alphanumeric() || "_-.$".contains(c);
    let name = &name[..name.find(|c| !is_part(c)).unwrap_or(name.len())];
    let name = name.trim_end_matches('.');
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    (is_name && name.len() <= 32).then(|| name.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(line: &str, expected: Option<Account>) {
        assert_eq!(unknown(line.as_bytes()), expected, "{line}");
    }

    #[test]
    fn what_programs_say() {
        let user = |name: &str| Some(Account::User(name.into()));
        case("nginx: [emerg] getpwnam(\"www-data\") failed (2: No such file)", user("www-data"));
        case("getpwnam(unbound): failed", user("unbound"));
        case("sshd: getgrnam('_ssh') failed", Some(Account::Group("_ssh".into())));
        case("error: unknown user web.", user("web"));
        case("No such user: daemon", user("daemon"));
        case("fatal error: user 'unbound' does not exist.", user("unbound"));
        case("group \"web\" not found", Some(Account::Group("web".into())));
        case("the user's file 'x' was read", None);
        case("user 'x' logged in", None);
        case("no such user in the database", None);
        case("getpwnam failed", None);
        case("getpwnam(\"\"", None);
        case("unknown users", None);
        case("all is well", None);
    }
}
