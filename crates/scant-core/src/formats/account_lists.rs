//! `/etc/passwd` and `/etc/group` as an image has them:
//! [passwd(5)](https://man7.org/linux/man-pages/man5/passwd.5.html),
//! [group(5)](https://man7.org/linux/man-pages/man5/group.5.html). How they are written is said by
//! `manifest::accounts`.

use alloc::vec::Vec;

/// A line of either list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account<'a> {
    /// The name of the user or group.
    pub name: &'a [u8],
    /// The number.
    pub number: u32,
    /// The fields that follow: of a user its group, a comment, the home directory, the shell; of a
    /// group its members.
    pub rest: Vec<&'a [u8]>,
}

/// Whether an account may be called so: letters, digits, `_` and `-`, not beginning with a digit or
/// `-`; at the end a `$`, as Samba's have. Debian's exim is `Debian-exim`.
/// [systemd, user and group names](https://systemd.io/USER_NAMES/)
pub fn is_name(name: &str) -> bool {
    let stem = name.strip_suffix('$').unwrap_or(name);
    let is_inner = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    stem.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && stem.bytes().all(is_inner)
        && name.len() <= 32
}

/// The accounts of a list. Lines that are none are passed over, as programs do.
pub fn parse(list: &[u8]) -> Vec<Account<'_>> {
    list.split(|&byte| byte == b'\n').filter_map(line).collect()
}

fn line(line: &[u8]) -> Option<Account<'_>> {
    let mut fields = line.split(|&byte| byte == b':');
    let (name, _, number) = (fields.next()?, fields.next()?, fields.next()?);
    Some(Account { name, number: parse_number(number)?, rest: fields.collect() })
}

fn parse_number(text: &[u8]) -> Option<u32> {
    core::str::from_utf8(text).ok()?.trim().parse().ok()
}

/// The account of this name; else the one of this number.
pub fn find<'l, 'a>(accounts: &'l [Account<'a>], wanted: &str) -> Option<&'l Account<'a>> {
    let by_name = accounts.iter().find(|account| account.name == wanted.as_bytes());
    let number = wanted.parse::<u32>().ok();
    by_name.or_else(|| accounts.iter().find(|account| Some(account.number) == number))
}

impl Account<'_> {
    /// The number of a user's own group.
    pub fn group(&self) -> Option<u32> {
        parse_number(self.rest.first()?)
    }

    /// Whether a group has this member.
    pub fn has_member(&self, name: &[u8]) -> bool {
        let members = self.rest.first().copied().unwrap_or_default();
        members.split(|&byte| byte == b',').any(|member| member == name)
    }
}

#[cfg(test)]
mod tests {
    use super::is_name;

    #[test]
    fn names_of_accounts() {
        let case = |name: &str, expected: bool| assert_eq!(is_name(name), expected, "{name}");
        case("www-data", true);
        case("_apt", true);
        case("Debian-exim", true);
        case("machine$", true);
        case("", false);
        case("$", false);
        case("1st", false);
        case("-x", false);
        case("a.b", false);
        case("a:b", false);
        case("é", false);
        case(&"a".repeat(32), true);
        case(&"a".repeat(33), false);
    }
}
