//! Which users and groups there are in the sandbox, and which of the host's they are.
//! [user_namespaces(7)](https://man7.org/linux/man-pages/man7/user_namespaces.7.html).

use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;

use scant_core::formats::oci::runtime;

/// A stretch of numbers inside, and the host's that they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stretch {
    inside: u32,
    outside: u32,
    count: u32,
}

/// How numbers are given to the sandbox.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Mapping {
    /// By this process itself.
    Own { users: Vec<Stretch>, groups: Vec<Stretch>, other_groups: bool },
    /// By `newuidmap` and `newgidmap`, which may give a user the numbers of `/etc/subuid` and
    /// `/etc/subgid`.
    Helpers { users: Vec<Stretch>, groups: Vec<Stretch> },
}

/// Where the helpers are looked for: no `PATH`, for they are set-user-ID.
const HELPERS: [&str; 2] = ["/usr/bin/newuidmap", "/usr/bin/newgidmap"];

/// Gives the process its users and groups, so that `user` and `group` are among them. Says whether
/// processes in it can have other groups.
///
/// Root gives all its numbers as they are. Another user gives the numbers that `/etc/subuid` grants
/// it, itself as root; without these, itself as the one user that is wanted.
pub(super) fn map(process: u32, user: u32, group: u32) -> Result<bool, String> {
    let me = (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw());
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let mapping = if me.0 == 0 {
        let own = |path| whole(&read(path));
        let (users, groups) = (own("/proc/self/uid_map"), own("/proc/self/gid_map"));
        // Root of a namespace that was made by somebody else may not have other groups.
        let other_groups = read("/proc/self/setgroups").trim() != "deny";
        Mapping::Own { users, groups, other_groups }
    } else {
        granted_or_one(me, granted(me.0), (user, group))
    };
    let written = match &mapping {
        Mapping::Own { users, groups, other_groups } => own(process, users, groups, *other_groups),
        Mapping::Helpers { users, groups } => {
            helper(HELPERS[0], process, users).and_then(|()| helper(HELPERS[1], process, groups))
        }
    };
    match (&mapping, written) {
        (_, Ok(())) => Ok(!matches!(mapping, Mapping::Own { other_groups: false, .. })),
        // The grant may be there for somebody else's namespaces only: then one user has to do.
        (Mapping::Helpers { .. }, Err(_)) => {
            let Mapping::Own { users, groups, .. } = one(me, (user, group)) else {
                return Err("no users".into());
            };
            own(process, &users, &groups, false).map(|()| false)
        }
        (_, Err(why)) => Err(why),
    }
}

/// The users and groups that a bundle of this user's can have; none where it needs no others than
/// those of the host, which is so for root. Says too whether `user` and `group` are among them: a
/// runtime wants root to be, so that one number is root's.
pub fn numbers_of_bundle(user: u32, group: u32) -> (Option<runtime::Numbers>, bool) {
    let me = (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw());
    if me.0 == 0 {
        return (None, true);
    }
    let (mapping, is_known) = match granted_or_one(me, granted(me.0), (user, group)) {
        Mapping::Own { .. } => (one(me, (0, 0)), (user, group) == (0, 0)),
        helpers @ Mapping::Helpers { .. } => (helpers, true),
    };
    let (Mapping::Own { users, groups, .. } | Mapping::Helpers { users, groups }) = mapping;
    let public = |stretches: Vec<Stretch>| {
        let public =
            |Stretch { inside, outside, count }| runtime::Stretch { inside, outside, count };
        stretches.into_iter().map(public).collect()
    };
    (Some(runtime::Numbers { users: public(users), groups: public(groups) }), is_known)
}

/// The first numbers of users and groups that a user is granted.
fn granted(user: u32) -> Option<((u32, u32), (u32, u32))> {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let granted = HELPERS.iter().all(|helper| Path::new(helper).exists());
    let name = name_of(&read("/etc/passwd"), user);
    let users = granted.then(|| subordinate(&read("/etc/subuid"), &name, user)).flatten();
    let groups = granted.then(|| subordinate(&read("/etc/subgid"), &name, user)).flatten();
    users.zip(groups)
}

fn granted_or_one(
    me: (u32, u32),
    granted: Option<((u32, u32), (u32, u32))>,
    wanted: (u32, u32),
) -> Mapping {
    let with_me = |me, (outside, count)| {
        vec![Stretch { inside: 0, outside: me, count: 1 }, Stretch { inside: 1, outside, count }]
    };
    match granted {
        Some((users, groups)) if wanted.0 <= users.1 && wanted.1 <= groups.1 => {
            Mapping::Helpers { users: with_me(me.0, users), groups: with_me(me.1, groups) }
        }
        _ => one(me, wanted),
    }
}

fn one(me: (u32, u32), wanted: (u32, u32)) -> Mapping {
    let one = |inside, outside| vec![Stretch { inside, outside, count: 1 }];
    let (users, groups) = (one(wanted.0, me.0), one(wanted.1, me.1));
    Mapping::Own { users, groups, other_groups: false }
}

/// All numbers that this process knows, each as itself.
fn whole(map: &str) -> Vec<Stretch> {
    let stretch = |line: &str| {
        let mut numbers = line.split_whitespace().map(str::parse::<u32>);
        let (inside, _, count) =
            (numbers.next()?.ok()?, numbers.next()?.ok()?, numbers.next()?.ok()?);
        Some(Stretch { inside, outside: inside, count })
    };
    map.lines().filter_map(stretch).collect()
}

fn name_of(passwd: &str, user: u32) -> String {
    let number = user.to_string();
    let line = passwd.lines().find(|line| line.split(':').nth(2) == Some(&number));
    line.and_then(|line| line.split(':').next()).unwrap_or_default().to_string()
}

/// The first numbers granted to a user: the first, and how many.
fn subordinate(granted: &str, name: &str, user: u32) -> Option<(u32, u32)> {
    granted.lines().find_map(|line| {
        let mut parts = line.split(':');
        let who = parts.next()?;
        let is_me = who == user.to_string() || !name.is_empty() && who == name;
        let (first, count) = (parts.next()?.parse().ok()?, parts.next()?.trim().parse().ok()?);
        (is_me && count > 0).then_some((first, count))
    })
}

fn own(process: u32, users: &[Stretch], groups: &[Stretch], other: bool) -> Result<(), String> {
    let write = |file: &str, text: &str| {
        fs::write(format!("/proc/{process}/{file}"), text)
            .map_err(|error| format!("`/proc/PID/{file}` cannot be written: {error}"))
    };
    if !other {
        write("setgroups", "deny")?;
    }
    write("uid_map", &lines(users))?;
    write("gid_map", &lines(groups))
}

fn lines(stretches: &[Stretch]) -> String {
    let line = |s: &Stretch| format!("{} {} {}\n", s.inside, s.outside, s.count);
    stretches.iter().map(line).collect()
}

fn helper(helper: &str, process: u32, stretches: &[Stretch]) -> Result<(), String> {
    let numbers = stretches.iter().flat_map(|s| [s.inside, s.outside, s.count]);
    let mut command = Command::new(helper);
    command.arg(process.to_string()).args(numbers.map(|number| number.to_string()));
    let output = command.env_clear().output().map_err(|error: io::Error| error.to_string())?;
    match output.status.success() {
        true => Ok(()),
        false => Err(format!("{helper}: {}", String::from_utf8_lossy(&output.stderr).trim())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUBUID: &str = "other:100000:65536\nme:165536:65536\n1001:300000:10\n";

    #[test]
    fn numbers_are_granted_by_name_or_number() {
        assert_eq!(subordinate(SUBUID, "me", 1000), Some((165_536, 65_536)));
        assert_eq!(subordinate(SUBUID, "you", 1001), Some((300_000, 10)));
        assert_eq!(subordinate(SUBUID, "", 1002), None);
        assert_eq!(name_of("root:x:0:0::/:\nme:x:1000:1000::/:/bin/sh\n", 1000), "me");
    }

    #[test]
    fn who_is_granted_numbers_is_root_and_all_of_them_follow() {
        let mapping = granted_or_one((1000, 1000), Some(((5000, 10), (6000, 10))), (10, 10));
        let Mapping::Helpers { users, groups } = mapping else { panic!("{mapping:?}") };
        assert_eq!(lines(&users), "0 1000 1\n1 5000 10\n");
        assert_eq!(lines(&groups), "0 1000 1\n1 6000 10\n");
    }

    #[test]
    fn without_a_grant_that_reaches_there_is_one_user() {
        for granted in [None, Some(((5000, 10), (6000, 10)))] {
            let mapping = granted_or_one((1000, 100), granted, (11, 0));
            let Mapping::Own { users, groups, other_groups: false } = mapping else {
                panic!("{mapping:?}")
            };
            assert_eq!((lines(&users), lines(&groups)), ("11 1000 1\n".into(), "0 100 1\n".into()));
        }
    }

    #[test]
    fn root_gives_what_it_has() {
        let map = "         0     100000      65536\n     65536          0          1\n";
        assert_eq!(lines(&whole(map)), "0 0 65536\n65536 65536 1\n");
    }
}
