//! Users and groups, and the files that list them.

use alloc::string::String;
use alloc::vec::Vec;

use super::Span;

/// The users and groups of an image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Accounts {
    /// Users, sorted by number, then name.
    pub users: Vec<User>,
    /// Groups, sorted by number, then name.
    pub groups: Vec<Group>,
}

/// A user: one line of `/etc/passwd`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The whole record.
    pub span: Span,
    /// Login name.
    pub name: String,
    /// Number.
    pub uid: u32,
    /// Number of the primary group.
    pub gid: u32,
    /// Free text (`gecos`).
    pub comment: String,
    /// Home directory, absolute.
    pub home: String,
    /// Login shell, absolute.
    pub shell: String,
}

/// A group: one line of `/etc/group`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The whole record; the user's for a group that was made for one.
    pub span: Span,
    /// Name.
    pub name: String,
    /// Number.
    pub gid: u32,
    /// Names of users whose primary group it need not be.
    pub members: Vec<String>,
}

impl Accounts {
    /// `/etc/passwd`; none when no user is declared.
    pub fn passwd(&self) -> Option<Vec<u8>> {
        let line = |user: &User| {
            let User { span: _, name, uid, gid, comment, home, shell } = user;
            alloc::format!("{name}:x:{uid}:{gid}:{comment}:{home}:{shell}\n")
        };
        lines(self.users.iter().map(line))
    }

    /// `/etc/group`; none when no group is declared and no user needs one.
    pub fn group(&self) -> Option<Vec<u8>> {
        let line = |group: &Group| {
            alloc::format!("{}:x:{}:{}\n", group.name, group.gid, group.members.join(","))
        };
        lines(self.groups.iter().map(line))
    }
}

fn lines(lines: impl Iterator<Item = String>) -> Option<Vec<u8>> {
    let text: String = lines.collect();
    Some(text.into_bytes()).filter(|text| !text.is_empty())
}
