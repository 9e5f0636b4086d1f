//! Users and groups that a package wants:
//! [sysusers.d(5)](https://www.freedesktop.org/software/systemd/man/sysusers.d.html).

use alloc::string::ToString;
use alloc::vec::Vec;

use super::{said, words_of_list};
use crate::formats::account_lists::is_name;
use crate::words::WantedAccount;

/// The accounts of a file, in its order. Lines of other kinds, and those with specifiers, are passed
/// over.
pub fn parse(text: &str) -> Vec<WantedAccount> {
    text.lines().filter_map(words_of_list).filter_map(|words| account(&words)).collect()
}

fn account(words: &[alloc::string::String]) -> Option<WantedAccount> {
    let kind = words.first()?.trim_end_matches('!');
    let name = said(words, 1).filter(|name| is_name(name))?;
    let id = said(words, 2).unwrap_or_default();
    match kind {
        "g" => Some(WantedAccount::Group { name: name.into(), gid: id.parse().ok() }),
        "u" => {
            // `UID`, `UID:GID` or `UID:GROUP`; without a group the user has one of its name.
            let (uid, group) = id.split_once(':').unwrap_or((id, name));
            let shell = said(words, 5).unwrap_or("/usr/sbin/nologin");
            let home = said(words, 4).unwrap_or("/");
            // They become fields of a line.
            let is_field =
                |text: &str| !text.contains([':', '%', '\\']) && !text.contains(char::is_control);
            if !is_field(home)
                || !is_field(shell)
                || !(is_name(group) || group.parse::<u32>().is_ok())
            {
                return None;
            }
            Some(WantedAccount::User {
                name: name.into(),
                uid: uid.parse().ok(),
                group: group.into(),
                home: home.to_string(),
                shell: shell.into(),
            })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_read() {
        let text = "# a comment\nu redis - \"Redis server\" /var/lib/redis\ng input 104 -\n\
            u! web 33:www \"\" - /bin/sh\nm web input\nu %u -\nr - 500-900\n\
            u a - \"A\" /home:x /bin/sh\nu a:b -\nu b 7:x:y\n";
        let user = |name: &str, uid, group: &str, home: &str, shell: &str| WantedAccount::User {
            name: name.into(),
            uid,
            group: group.into(),
            home: home.into(),
            shell: shell.into(),
        };
        let expected = [
            user("redis", None, "redis", "/var/lib/redis", "/usr/sbin/nologin"),
            WantedAccount::Group { name: "input".into(), gid: Some(104) },
            user("web", Some(33), "www", "/", "/bin/sh"),
        ];
        assert_eq!(parse(text), expected);
    }
}
