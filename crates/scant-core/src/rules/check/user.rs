//! Whom the image runs as, by its own accounts as a runtime reads them, and what that user may do.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use super::finding::{Finding, Findings};
use super::place::Place;
use crate::formats::account_lists::{self, Account};
use crate::formats::capabilities;
use crate::rules;
use crate::words::{Check, Level, Meta, OneLine};

/// Longer lists of accounts are not read.
const LARGEST_LIST: u64 = 16 << 20;

/// A user with groups, as a process has them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Identity {
    uid: u32,
    groups: BTreeSet<u32>,
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let groups: Vec<_> = self.groups.iter().map(ToString::to_string).collect();
        let plural = if groups.len() == 1 { "group" } else { "groups" };
        write!(f, "user {} ({plural} {})", self.uid, groups.join(", "))
    }
}

/// The permissions that are asked for.
pub(super) const READ: u32 = 4;
pub(super) const EXECUTE: u32 = 1;

impl Identity {
    /// Whether the kernel starts the file with more privileges than the user has.
    pub(super) fn gains_by(&self, meta: &Meta) -> bool {
        let mode = meta.mode.bits();
        let by_user = mode & 0o4000 != 0 && meta.uid != self.uid;
        let by_group = mode & 0o2000 != 0 && !self.groups.contains(&meta.gid);
        by_user || by_group || self.uid != 0 && meta.xattrs.contains_key(capabilities::XATTR)
    }

    /// Whether the user may do this with a file or directory (`path_resolution(7)`,
    /// `capabilities(7)`: root may all but execute what nobody may).
    pub(super) fn may(&self, wanted: u32, meta: &Meta, is_directory: bool) -> bool {
        let mode = meta.mode.bits();
        if self.uid == 0 {
            return wanted != EXECUTE || is_directory || mode & 0o111 != 0;
        }
        let bits = if meta.uid == self.uid {
            mode >> 6
        } else if self.groups.contains(&meta.gid) {
            mode >> 3
        } else {
            mode
        };
        bits & wanted == wanted
    }
}

/// The user of the image (`USER[:GROUP]`), and what is wrong with the names.
pub(super) fn identity(place: &Place<'_>, findings: &mut Findings) -> Identity {
    let passwd = place.text(b"/etc/passwd", LARGEST_LIST);
    let group = place.text(b"/etc/group", LARGEST_LIST);
    let setting = place.image.run.user.as_deref().unwrap_or_default();
    let (user, named) = match setting.split_once(':') {
        Some((user, group)) => (user, Some(group).filter(|group| !group.is_empty())),
        None => (setting, None),
    };
    let user = if user.is_empty() { "0" } else { user };
    let users = account_lists::parse(&passwd);
    // Nobody looks up who an image without a user runs as.
    if !setting.is_empty() && account_lists::find(&users, user).is_none() {
        findings.add(unknown("user", user, user.parse().ok(), &users));
    }
    if let Some(named) = named {
        let groups = account_lists::parse(&group);
        if account_lists::find(&groups, named).is_none() {
            findings.add(unknown("group", named, named.parse().ok(), &groups));
        }
    }
    match rules::identity(setting, &passwd, &group) {
        Ok(found) => {
            let groups = found.groups.into_iter().chain([found.group]).collect();
            Identity { uid: found.user, groups }
        }
        // Nobody: what is not for everybody is not for that user.
        Err(_) => Identity { uid: u32::MAX, groups: BTreeSet::new() },
    }
}

fn unknown(what: &str, name: &str, number: Option<u32>, known: &[Account<'_>]) -> Finding {
    let file = if what == "user" { "/etc/passwd" } else { "/etc/group" };
    let check = if what == "user" { Check::UnknownUser } else { Check::UnknownGroup };
    if number == Some(0) && known.is_empty() {
        // Without any accounts it is root all the same.
        return Finding::new(Level::Hint, check, format!("`{file}` names no {what}s at all"))
            .help("programs that look their user up find nothing; `accounts: auto` writes it");
    }
    let shown = OneLine(name);
    match number {
        Some(_) => {
            let text = format!("`{file}` has no {what} with the number {shown}");
            Finding::new(Level::Hint, check, text)
                .help(format!("programs that look their {what} up find nothing"))
        }
        None => {
            let text =
                format!("the image runs as the {what} `{shown}`, which `{file}` does not have");
            let names = known.iter().take(20).map(|a| String::from_utf8_lossy(a.name));
            let names = names.collect::<Vec<_>>().join(", ");
            let help = match known {
                [] => format!("`{file}` is missing or empty: name the {what} by its number"),
                _ => format!("it has {}", OneLine(names)),
            };
            Finding::new(Level::Error, check, text).help(help)
        }
    }
}
