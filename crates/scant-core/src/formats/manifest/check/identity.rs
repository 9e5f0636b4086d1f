//! Checks owners and users: names become numbers.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::Checker;
use crate::formats::account_lists::is_name;
use crate::formats::manifest::{Accounts, Fault, Span};
use crate::formats::yaml::{list_of, nearest, shown};

/// The group that a user has of whom only the number is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum BareNumber {
    /// The same number, as `COPY --chown`.
    SameNumber,
    /// That of the account with this number, else 0, as an engine reads the config's `User`.
    OfAccount,
}

impl Checker {
    /// The numbers of `user`, `user:group`, each a number or a name.
    pub(super) fn identity(
        &mut self,
        text: &str,
        span: Span,
        bare: BareNumber,
    ) -> Option<(u32, u32)> {
        let (user, group) = match text.split_once(':') {
            Some((user, group)) => (user, Some(group)),
            None => (text, None),
        };
        let uid = self.number(user, span, Kind::User);
        let gid = match (group, uid) {
            (Some(group), _) => self.number(group, span, Kind::Group),
            (None, Some(uid)) => Some(self.group_of(uid, is_number(user), bare)),
            (None, None) => None,
        };
        Some((uid?, gid?))
    }

    /// Whether `user` or `user:group` has a name that is not declared, where packages are taken whole:
    /// what they bring is not known here.
    pub(super) fn may_be_of_packages(&self, text: &str) -> bool {
        let parts: Vec<(&str, Kind)> = text.split(':').zip([Kind::User, Kind::Group]).collect();
        let is_open = |(name, kind): &(&str, Kind)| {
            *name != "root" && kind.find(&self.accounts, name).is_none() && is_name(name)
        };
        self.has_packages
            && text.split(':').count() == parts.len()
            && parts.iter().all(|(part, _)| number(part).is_some() || is_name(part))
            && parts.iter().any(is_open)
    }

    fn group_of(&self, uid: u32, by_number: bool, bare: BareNumber) -> u32 {
        let account = self.accounts.users.iter().find(|user| user.uid == uid);
        match (by_number, bare) {
            (true, BareNumber::SameNumber) => uid,
            _ => account.map_or(0, |user| user.gid),
        }
    }

    fn number(&mut self, text: &str, span: Span, kind: Kind) -> Option<u32> {
        if is_number(text) {
            return match number(text) {
                None => self.fault(Fault::new(span, format!("{} is too large", shown(text)))),
                number => number,
            };
        }
        if let Some(number) = kind.find(&self.accounts, text) {
            return Some(number);
        }
        if text == "root" {
            return Some(0);
        }
        if text.is_empty() {
            let message = format!("the name of a {} is missing", kind.word());
            return self.fault(Fault::new(span, message));
        }
        if !self.whole.accounts {
            return None;
        }
        let message = format!("there is no {} `{}` in `accounts`", kind.word(), shown(text));
        let help = kind.help(&self.accounts, text);
        self.fault(Fault::new(span, message).help(help))
    }
}

/// A number that an account may have: the largest means none to the kernel.
fn number(text: &str) -> Option<u32> {
    text.parse().ok().filter(|number| is_number(text) && *number != u32::MAX)
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

#[derive(Clone, Copy)]
enum Kind {
    User,
    Group,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Group => "group",
        }
    }

    fn find(self, accounts: &Accounts, name: &str) -> Option<u32> {
        match self {
            Self::User => accounts.users.iter().find(|user| user.name == name).map(|user| user.uid),
            Self::Group => {
                accounts.groups.iter().find(|group| group.name == name).map(|group| group.gid)
            }
        }
    }

    fn help(self, accounts: &Accounts, name: &str) -> String {
        let names: Vec<&str> = match self {
            Self::User => accounts.users.iter().map(|user| &*user.name).collect(),
            Self::Group => accounts.groups.iter().map(|group| &*group.name).collect(),
        };
        if names.is_empty() {
            return format!(
                "declare it in `accounts`, or write its number: no {} is declared",
                self.word()
            );
        }
        let near = nearest(name, names.iter().copied());
        let near = near.map_or_else(String::new, |near| format!("did you mean `{near}`? "));
        format!("{near}declared: {}; a number works without", list_of(names))
    }
}
