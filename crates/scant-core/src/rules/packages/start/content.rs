//! Configuration and other data of a package.

use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;

use super::{Asked, programs};
use crate::words::{InputError, TreePath};

/// What is below `/etc` for the system around a program, not for the program.
const FOR_THE_SYSTEM: [&str; 24] = [
    "apparmor.d",
    "apt",
    "avahi",
    "bash_completion.d",
    "cron.d",
    "cron.daily",
    "cron.hourly",
    "cron.monthly",
    "cron.weekly",
    "dbus-1",
    "default",
    "dpkg",
    "fail2ban",
    "init",
    "init.d",
    "insserv.conf.d",
    "logcheck",
    "logrotate.d",
    "network",
    "profile.d",
    "resolvconf",
    "sysctl.d",
    "systemd",
    "ufw",
];

/// What packages have of data: configuration, and directories below `/usr/lib` and `/usr/share` that
/// are called as they are; the latter also of what they depend on, `near`.
pub(super) fn data(
    asked: &Asked<'_>,
    paths: &BTreeSet<TreePath>,
    near: &BTreeSet<TreePath>,
) -> Result<Vec<TreePath>, InputError> {
    let mut found = BTreeSet::new();
    let is_etc = |path: &&TreePath| path.as_bytes().starts_with(b"/etc/");
    for path in paths.iter().chain(near.iter().filter(|path| !is_etc(path))) {
        let names: Vec<_> = path.as_bytes()[1..].split(|&byte| byte == b'/').collect();
        let depth = match names[..] {
            [b"etc", first, ..] if is_configuration(first) => 2,
            [b"usr", b"lib" | b"share" | b"libexec", name, ..] if is_called_so(asked, name) => 3,
            [b"usr", b"lib", triplet, name, _, ..]
                if triplet.ends_with(b"-linux-gnu") && is_called_so(asked, name) =>
            {
                4
            }
            _ => continue,
        };
        let top = names[..depth].iter().fold(TreePath::root(), |top, name| top.join(name));
        let is_something = match asked.view.input().lookup(&top)? {
            Some(entry) if entry.is_directory() => path != &top,
            Some(entry) => entry.file_size().is_some() && depth == 2,
            None => false,
        };
        if is_something && is_taken(asked, path)? {
            found.insert(top);
        }
    }
    Ok(found.into_iter().collect())
}

/// Whether something is there that an image can have: a directory alone is nothing.
fn is_taken(asked: &Asked<'_>, path: &TreePath) -> Result<bool, InputError> {
    Ok(asked.view.input().lookup(path)?.is_some_and(|entry| !entry.is_directory()))
}

fn is_configuration(name: &[u8]) -> bool {
    FOR_THE_SYSTEM.iter().all(|other| other.as_bytes() != name)
}

/// Whether a directory has the name of the package in its own.
fn is_called_so(asked: &Asked<'_>, name: &[u8]) -> bool {
    let name = String::from_utf8_lossy(name);
    let stem = programs::stem(asked.name);
    stem.len() >= 3 && name.contains(stem)
}
