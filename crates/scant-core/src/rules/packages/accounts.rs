//! Users and groups that packages want, added to lists of those that are there. Numbers that nobody
//! asks for are the first that are free from 100 on, where distributions begin theirs, in the order
//! in which the packages are given.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::vec::Vec;

use crate::formats::account_lists;
use crate::formats::manifest::Accounts;
use crate::words::WantedAccount;

/// The first number that is given to who asks for none.
pub(super) const FIRST: u32 = 100;

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
        let mut adding = Adding::new(Self { passwd, group }, &declared);
        adding.add_all(wanted);
        let mut lists = adding.lists;
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
    /// By name, those of the manifest among them.
    users: BTreeMap<Vec<u8>, u32>,
    groups: BTreeMap<Vec<u8>, u32>,
    /// Below this, all numbers from 100 on are taken.
    next: u32,
}

impl Adding {
    fn new(lists: Lists, declared: &Lists) -> Self {
        let known = |own: &[u8], declared: &[u8]| {
            let all = [account_lists::parse(own), account_lists::parse(declared)].concat();
            all.into_iter().map(|account| (account.name.to_vec(), account.number)).collect()
        };
        let users = known(&lists.passwd, &declared.passwd);
        let groups = known(&lists.group, &declared.group);
        Self { lists, users, groups, next: FIRST }
    }

    /// Adds all of them, those first that ask for a number: nobody else gets it.
    fn add_all(&mut self, wanted: &[WantedAccount]) {
        let asks = |account: &&WantedAccount| match account {
            WantedAccount::User { uid, .. } => uid.is_some(),
            WantedAccount::Group { gid, .. } => gid.is_some(),
        };
        wanted.iter().filter(asks).for_each(|account| self.add(account));
        wanted.iter().filter(|account| !asks(account)).for_each(|account| self.add(account));
    }

    fn add(&mut self, account: &WantedAccount) {
        match account {
            WantedAccount::Group { name, gid } => drop(self.group(name, *gid)),
            WantedAccount::User { name, uid, group, home, shell } => {
                if self.users.contains_key(name.as_bytes()) {
                    return;
                }
                let gid = match group.parse::<u32>() {
                    Ok(gid) => gid,
                    Err(_) => self.group(group, *uid),
                };
                // Without one of its own that of its group, if it is not a common group's.
                let is_free = |number: &u32| self.users.values().all(|known| known != number);
                let own = uid.filter(is_free);
                let own = own.or_else(|| Some(gid).filter(|gid| *gid >= FIRST && is_free(gid)));
                let uid = own.unwrap_or_else(|| self.free());
                self.users.insert(name.as_bytes().into(), uid);
                let line = format!("{name}:x:{uid}:{gid}::{home}:{shell}\n");
                self.lists.passwd.extend(line.into_bytes());
            }
        }
    }

    /// The number of the group of this name, which is added if it is not there.
    fn group(&mut self, name: &str, gid: Option<u32>) -> u32 {
        if let Some(known) = self.groups.get(name.as_bytes()) {
            return *known;
        }
        let is_free = |gid: &u32| self.groups.values().all(|known| known != gid);
        let gid = gid.filter(is_free).unwrap_or_else(|| self.free());
        self.groups.insert(name.as_bytes().into(), gid);
        self.lists.group.extend(format!("{name}:x:{gid}:\n").into_bytes());
        gid
    }

    /// The first number that is neither a user's nor a group's.
    fn free(&mut self) -> u32 {
        let taken: BTreeSet<u32> =
            self.users.values().chain(self.groups.values()).copied().collect();
        self.next =
            (self.next..u32::MAX).find(|number| !taken.contains(number)).unwrap_or(u32::MAX);
        self.next
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
                "root:x:0:0:::\ntaken:x:100:0:::\ntwo:x:33:33::/:/bin/false\n\
                 one:x:101:101::/:/bin/false\nlog:x:103:4::/:/bin/false\nlate:x:105:7::/:/bin/false\n",
                "root:x:0:\nadm:x:4:\nhas:x:102:\ntwo:x:33:\none:x:101:\nonly:x:104:\n",
            ],
        );
    }

    #[test]
    fn nobody_has_a_number_that_another_asks_for() {
        let wanted =
            [user("aaa", None, "aaa"), user("bbb", Some(100), "bbb"), user("c", Some(100), "c")];
        case(
            ["", ""],
            &wanted,
            &Accounts::default(),
            [
                "bbb:x:100:100::/:/bin/false\nc:x:101:101::/:/bin/false\n\
                 aaa:x:102:102::/:/bin/false\n",
                "bbb:x:100:\nc:x:101:\naaa:x:102:\n",
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
