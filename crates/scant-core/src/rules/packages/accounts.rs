//! Users and groups that packages want, added to lists of those that are there. Numbers that nobody
//! asks for are the first that are free from 100 on, where distributions begin theirs, in the order
//! in which the packages are given.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::vec::Vec;

use crate::formats::account_lists::{self, Account};
use crate::formats::manifest::Accounts;
use crate::words::WantedAccount;

/// The first number that is given to who asks for none.
const FIRST: u32 = 100;

/// The lists of an image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lists {
    /// `/etc/passwd`.
    pub passwd: Vec<u8>,
    /// `/etc/group`.
    pub group: Vec<u8>,
}

impl Lists {
    /// These lists with what packages want, and at the end what the manifest declares: of one name
    /// that is in both, the manifest's counts.
    #[must_use]
    pub fn with(self, wanted: &[WantedAccount], declared: &Accounts) -> Self {
        let declared = Self {
            passwd: declared.passwd().unwrap_or_default(),
            group: declared.group().unwrap_or_default(),
        };
        let passwd = without(&self.passwd, &declared.passwd);
        let group = without(&self.group, &declared.group);
        let mut adding = Adding { lists: Self { passwd, group }, declared };
        wanted.iter().for_each(|account| adding.add(account));
        let Adding { mut lists, declared } = adding;
        lists.passwd.extend(declared.passwd);
        lists.group.extend(declared.group);
        lists
    }
}

/// The lines of a list whose names are not in another.
fn without(list: &[u8], other: &[u8]) -> Vec<u8> {
    let other = account_lists::parse(other);
    let name = |line: &&[u8]| line.split(|&byte| byte == b':').next().unwrap_or_default().to_vec();
    let is_kept = |line: &&[u8]| other.iter().all(|account| account.name != name(line));
    let lines = list.split_inclusive(|&byte| byte == b'\n').filter(is_kept);
    let mut kept: Vec<u8> = lines.flatten().copied().collect();
    if kept.last().is_some_and(|&last| last != b'\n') {
        kept.push(b'\n');
    }
    kept
}

/// Lists that grow.
struct Adding {
    lists: Lists,
    declared: Lists,
}

impl Adding {
    fn users(&self) -> Vec<Account<'_>> {
        [&self.lists.passwd, &self.declared.passwd].map(|list| account_lists::parse(list)).concat()
    }

    fn groups(&self) -> Vec<Account<'_>> {
        [&self.lists.group, &self.declared.group].map(|list| account_lists::parse(list)).concat()
    }

    fn add(&mut self, account: &WantedAccount) {
        match account {
            WantedAccount::Group { name, gid } => drop(self.group(name, *gid)),
            WantedAccount::User { name, uid, group, home, shell } => {
                if self.users().iter().any(|user| user.name == name.as_bytes()) {
                    return;
                }
                let gid = match group.parse::<u32>() {
                    Ok(gid) => gid,
                    Err(_) => self.group(group, *uid),
                };
                let uid = uid.unwrap_or_else(|| self.free_user(gid));
                let line = format!("{name}:x:{uid}:{gid}::{home}:{shell}\n");
                self.lists.passwd.extend(line.into_bytes());
            }
        }
    }

    /// The number of the group of this name, which is added if it is not there.
    fn group(&mut self, name: &str, gid: Option<u32>) -> u32 {
        let groups = self.groups();
        if let Some(known) = groups.iter().find(|group| group.name == name.as_bytes()) {
            return known.number;
        }
        let is_free = |gid: &u32| groups.iter().all(|known| known.number != *gid);
        let gid = gid.filter(is_free).unwrap_or_else(|| self.free());
        self.lists.group.extend(format!("{name}:x:{gid}:\n").into_bytes());
        gid
    }

    /// A number for a user: that of its group if it is free and not a common group's.
    fn free_user(&self, gid: u32) -> u32 {
        let is_free = self.users().iter().all(|user| user.number != gid);
        if is_free && gid >= FIRST { gid } else { self.free() }
    }

    /// The first number that is neither a user's nor a group's.
    fn free(&self) -> u32 {
        let (users, groups) = (self.users(), self.groups());
        let taken: BTreeSet<u32> = users.iter().chain(&groups).map(|one| one.number).collect();
        (FIRST..u32::MAX).find(|number| !taken.contains(number)).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;

    use crate::formats::manifest::{Group, Span, User};

    fn user(name: &str, uid: Option<u32>, group: &str) -> WantedAccount {
        let (home, shell) = ("/".into(), "/bin/false".into());
        WantedAccount::User { name: name.into(), uid, group: group.into(), home, shell }
    }

    #[track_caller]
    fn case(base: [&str; 2], wanted: &[WantedAccount], declared: &Accounts, expected: [&str; 2]) {
        let lists = Lists { passwd: base[0].into(), group: base[1].into() };
        let Lists { passwd, group } = lists.with(wanted, declared);
        let shown = |list: Vec<u8>| String::from_utf8(list).unwrap();
        assert_eq!([shown(passwd), shown(group)], expected);
    }

    #[test]
    fn numbers_are_the_first_that_are_free() {
        let none = Accounts::default();
        let base = ["root:x:0:0:::\ntaken:x:100:0:::\n", "root:x:0:\nadm:x:4:\nhas:x:102:"];
        let wanted = [
            user("one", None, "one"),
            user("two", Some(33), "two"),
            user("root", None, "root"),
            user("log", None, "adm"),
            WantedAccount::Group { name: "only".into(), gid: None },
            user("late", None, "7"),
        ];
        case(
            base,
            &wanted,
            &none,
            [
                "root:x:0:0:::\ntaken:x:100:0:::\none:x:101:101::/:/bin/false\n\
                 two:x:33:33::/:/bin/false\nlog:x:103:4::/:/bin/false\nlate:x:105:7::/:/bin/false\n",
                "root:x:0:\nadm:x:4:\nhas:x:102:\none:x:101:\ntwo:x:33:\nonly:x:104:\n",
            ],
        );
    }

    #[test]
    fn what_the_manifest_declares_counts() {
        let span = Span::default();
        let one = User {
            span,
            name: "one".into(),
            uid: 100,
            gid: 100,
            comment: String::new(),
            home: "/h".into(),
            shell: "/s".into(),
        };
        let group = Group { span, name: "one".into(), gid: 100, members: Vec::new() };
        let declared = Accounts { users: Vec::from([one]), groups: Vec::from([group]) };
        let wanted = [user("one", None, "one"), user("two", None, "two")];
        case(
            ["root:x:0:0:::\none:x:5:5:::\n", "root:x:0:\n"],
            &wanted,
            &declared,
            [
                "root:x:0:0:::\ntwo:x:101:101::/:/bin/false\none:x:100:100::/h:/s\n",
                "root:x:0:\ntwo:x:101:\none:x:100:\n",
            ],
        );
        case(["", ""], &[], &declared, ["one:x:100:100::/h:/s\n", "one:x:100:\n"]);
    }
}
