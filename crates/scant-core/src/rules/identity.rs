//! Whom an image runs as: `USER` of its config, in the words of its own `/etc/passwd` and
//! `/etc/group`, as Docker and other runtimes read them.
//! [Image specification, config: User](https://github.com/opencontainers/image-spec/blob/v1.1.1/config.md).

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::formats::account_lists::{self, Account};

/// The numbers of a user, as a process has them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// The user.
    pub user: u32,
    /// The group.
    pub group: u32,
    /// Further groups, in the order of the file.
    pub groups: Vec<u32>,
    /// The home directory, if the user has an entry.
    pub home: Option<Box<[u8]>>,
}

/// A name that the image's files do not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum UnknownName {
    #[error("the image's /etc/passwd has no user `{0}`")]
    User(String),
    #[error("the image's /etc/group has no group `{0}`")]
    Group(String),
}

/// The user that `USER[:GROUP]` means, each a name or a number; nothing means 0. A number needs no
/// entry.
///
/// # Errors
/// When a name has no entry.
pub fn identity(text: &str, passwd: &[u8], group: &[u8]) -> Result<Identity, UnknownName> {
    let (user, named) = match text.split_once(':') {
        Some((user, group)) => (user, Some(group).filter(|group| !group.is_empty())),
        None => (text, None),
    };
    let user = if user.is_empty() { "0" } else { user };
    let (users, groups) = (account_lists::parse(passwd), account_lists::parse(group));
    let entry = account_lists::find(&users, user);
    let number = entry.map(|account| account.number).or_else(|| user.parse().ok());
    let number = number.ok_or_else(|| UnknownName::User(user.to_string()))?;
    let home = entry.and_then(|account| account.rest.get(2)).map(|&home| home.into());
    if let Some(named) = named {
        let found = account_lists::find(&groups, named).map(|account| account.number);
        let found = found.or_else(|| named.parse().ok());
        let group = found.ok_or_else(|| UnknownName::Group(named.to_string()))?;
        return Ok(Identity { user: number, group, groups: Vec::new(), home });
    }
    // Runtimes add these only where no group is named.
    let is_member = |group: &&Account<'_>| entry.is_some_and(|user| group.has_member(user.name));
    let groups = groups.iter().filter(is_member).map(|group| group.number).collect();
    let group = entry.and_then(Account::group).unwrap_or(0);
    Ok(Identity { user: number, group, groups, home })
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    const PASSWD: &[u8] = b"root:x:0:0:root:/root:/bin/sh\nwww:x:33:34::/var/www:/bin/false\n\
        bad line\n1000:x:7:7::/:\n";
    const GROUP: &[u8] = b"root:x:0:\nwww:x:34:\nadm:x:4:root,www\nlog:x:5:www\nwheel:x:6:wwwx\n";

    #[track_caller]
    fn case(text: &str, expected: &str) {
        let shown = match identity(text, PASSWD, GROUP) {
            Ok(Identity { user, group, groups, home }) => {
                let home = home.map(|home| String::from_utf8_lossy(&home).into_owned());
                format!("{user}:{group} {groups:?} {}", home.as_deref().unwrap_or("-"))
            }
            Err(error) => error.to_string(),
        };
        assert_eq!(shown, expected, "{text}");
    }

    #[test]
    fn users_are_found_by_name_then_by_number() {
        case("", "0:0 [4] /root");
        case("www", "33:34 [4, 5] /var/www");
        case("33", "33:34 [4, 5] /var/www");
        case("1000", "7:7 [] /");
        case("1001", "1001:0 [] -");
        case("nobody", "the image's /etc/passwd has no user `nobody`");
    }

    #[test]
    fn a_group_that_is_named_is_the_only_one() {
        case("www:adm", "33:4 [] /var/www");
        case("www:99", "33:99 [] /var/www");
        case("www:", "33:34 [4, 5] /var/www");
        case("1001:log", "1001:5 [] -");
        case("www:none", "the image's /etc/group has no group `none`");
    }
}
