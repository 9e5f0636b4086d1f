//! Checks `accounts`.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::Checker;
use crate::formats::account_lists;
use crate::formats::manifest::raw;
use crate::formats::manifest::{Accounts, Fault, Group, Span, Spanned, User};
use crate::formats::yaml::{list_of, nearest, shown};

impl Checker {
    pub(super) fn accounts(&mut self, raw: raw::Accounts) -> Accounts {
        let faults = self.faults.len();
        let mut users = self.all(raw.users, Self::user);
        let mut members = BTreeMap::new();
        let mut groups = Vec::new();
        for raw in raw.groups {
            let (name, gid) = (raw.value.name, raw.value.gid);
            let names = (self.account_name(&name), self.account_number(&gid));
            let (Some(()), Some(gid)) = names else { continue };
            members.insert(groups.len(), raw.value.members);
            groups.push(Group { span: raw.span, name: name.value, gid, members: Vec::new() });
        }
        for (index, names) in members {
            groups[index].members = self.members(names, &users);
        }
        self.distinct("user", users.iter().map(|user| (&*user.name, user.uid, user.span)));
        self.distinct("group", groups.iter().map(|group| (&*group.name, group.gid, group.span)));
        if self.faults.len() == faults {
            self.add_groups_of_users(&users, &mut groups);
        }
        users.sort_by(|a, b| (a.uid, &a.name).cmp(&(b.uid, &b.name)));
        groups.sort_by(|a, b| (a.gid, &a.name).cmp(&(b.gid, &b.name)));
        Accounts { users, groups }
    }

    fn user(&mut self, raw: Spanned<raw::User>) -> Option<User> {
        let Spanned { value: raw, span } = raw;
        let name = self.account_name(&raw.name);
        let uid = self.account_number(&raw.uid);
        let gid = match &raw.gid {
            Some(gid) => self.account_number(gid),
            None => uid,
        };
        let home = self.account_path(raw.home, "/");
        let shell = self.account_path(raw.shell, "/sbin/nologin");
        let comment = match raw.comment {
            Some(comment) => self.account_text(comment),
            None => Some(String::new()),
        };
        name?;
        Some(User {
            span,
            name: raw.name.value,
            uid: uid?,
            gid: gid?,
            comment: comment?,
            home: home?,
            shell: shell?,
        })
    }

    fn account_name(&mut self, name: &Spanned<String>) -> Option<()> {
        if account_lists::is_name(name) {
            return Some(());
        }
        let message = format!("`{}` cannot name an account", shown(name));
        let help = "write letters, digits, `_` and `-`, beginning with a letter or `_`, at most 32 \
                    of them";
        self.fault(Fault::new(name.span, message).help(help))
    }

    fn account_number(&mut self, number: &Spanned<u32>) -> Option<u32> {
        match number.value {
            u32::MAX => {
                let message = format!("{} means no account to the kernel", u32::MAX);
                self.fault(Fault::new(number.span, message))
            }
            number => Some(number),
        }
    }

    fn account_path(&mut self, path: Option<Spanned<String>>, default: &str) -> Option<String> {
        let Some(path) = path else { return Some(default.into()) };
        self.tree_path(&path.value, path.span)?;
        self.account_text(path)
    }

    fn account_text(&mut self, text: Spanned<String>) -> Option<String> {
        if text.contains([':', '\n', '\0']) {
            let message = format!("`{}` does not fit into /etc/passwd", shown(&text));
            let help = "it cannot hold a colon, a line break or a NUL byte";
            return self.fault(Fault::new(text.span, message).help(help));
        }
        Some(text.value)
    }

    fn members(&mut self, names: Vec<Spanned<String>>, users: &[User]) -> Vec<String> {
        let known = || users.iter().map(|user| &*user.name);
        let mut members = Vec::<String>::new();
        for name in names {
            if members.contains(&name.value) {
                continue;
            }
            if known().any(|user| user == name.value) {
                members.push(name.value);
            } else if self.whole.accounts {
                let message = format!("there is no user `{}` in `accounts`", shown(&name));
                let near = nearest(&name, known());
                let help = match near {
                    Some(near) => format!("did you mean `{near}`?"),
                    None if users.is_empty() => "no user is declared".to_string(),
                    None => format!("declared: {}", list_of(known())),
                };
                self.faults.push(Fault::new(name.span, message).help(help));
            }
        }
        members
    }

    /// No two records share a name or a number.
    fn distinct<'a>(&mut self, what: &str, records: impl Iterator<Item = (&'a str, u32, Span)>) {
        let (mut names, mut numbers) = (BTreeMap::new(), BTreeMap::new());
        for (name, number, span) in records {
            if let Some(first) = names.insert(name, span) {
                let message = format!("the {what} `{name}` is there twice");
                self.faults.push(Fault::new(span, message).also(first, "first here"));
            }
            if let Some((other, first)) = numbers.insert(number, (name, span))
                && other != name
            {
                let message = format!("the {what}s `{other}` and `{name}` are both {number}");
                self.faults.push(Fault::new(span, message).also(first, "the other one"));
            }
        }
    }

    /// A user whose primary group nobody declared gets one of the user's name.
    fn add_groups_of_users(&mut self, users: &[User], groups: &mut Vec<Group>) {
        for user in users {
            if groups.iter().any(|group| group.gid == user.gid) {
                continue;
            }
            if let Some(group) = groups.iter().find(|group| group.name == user.name) {
                let message =
                    format!("no group has the number {} of the user `{}`", user.gid, user.name);
                let help = format!("the group `{}` has {}", group.name, group.gid);
                self.faults
                    .push(Fault::new(user.span, message).help(help).also(group.span, "this group"));
                continue;
            }
            groups.push(Group {
                span: user.span,
                name: user.name.clone(),
                gid: user.gid,
                members: Vec::new(),
            });
        }
    }
}
