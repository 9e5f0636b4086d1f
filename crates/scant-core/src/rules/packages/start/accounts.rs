//! Whom a program runs as and who else is there, and the directories that are theirs.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::service::Service;
use super::{Asked, Start, programs};
use crate::formats::account_lists::is_name;
use crate::formats::systemd;
use crate::rules::packages::accounts::FIRST;
use crate::words::{InputError, TreePath, WantedAccount};

/// A user, and a group of its own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct StartUser {
    /// Its name.
    pub name: String,
    /// The number of user and group.
    pub number: u32,
    /// Its home.
    pub home: String,
}

/// A directory that starts empty.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct StartDirectory {
    /// Where.
    pub path: TreePath,
    /// Permission bits in octal digits, if they are not what is usual.
    pub mode: Option<String>,
    /// The user whose it is; none for root.
    pub owner: Option<String>,
}

/// The users that every Debian has, by numbers that never change, as far as services use them.
/// [Debian Policy, 9.2.2](https://www.debian.org/doc/debian-policy/ch-opersys.html#uid-and-gid-classes)
const EVERYWHERE: [(&str, u32, &str); 9] = [
    ("backup", 34, "/var/backups"),
    ("daemon", 1, "/usr/sbin"),
    ("games", 5, "/usr/games"),
    ("list", 38, "/var/list"),
    ("mail", 8, "/var/mail"),
    ("man", 6, "/var/cache/man"),
    ("news", 9, "/var/spool/news"),
    ("proxy", 13, "/bin"),
    ("www-data", 33, "/var/www"),
];

/// Adds users and directories.
pub(super) fn find(
    asked: &Asked<'_>,
    sources: &[String],
    service: Option<&Service>,
    paths: &BTreeSet<TreePath>,
    start: &mut Start,
) -> Result<(), InputError> {
    let homes = homes(asked, sources, start.user.as_deref());
    let mut numbers = FIRST..;
    for (name, (number, home)) in homes {
        let known = EVERYWHERE.iter().find(|known| known.0 == name);
        let number = number.or(known.map(|known| known.1)).or_else(|| numbers.next());
        let known_home = known.map(|known| known.2.to_string());
        let home = home.or(known_home).unwrap_or_else(|| "/".to_string());
        start.users.push(StartUser { name, number: number.unwrap_or(FIRST), home });
    }
    let mentioned = mentioned(asked, start)?;
    start.users.extend(mentioned);
    // Without a unit, a user of the program's name is there to run it.
    let program = start.program.as_ref().and_then(TreePath::name).map(<[u8]>::to_vec);
    let is_its = |user: &&StartUser| program.as_deref() == Some(user.name.as_bytes());
    if service.is_none()
        && let Some(user) = start.users.iter().find(is_its)
    {
        start.user = Some(user.name.clone());
    }
    let mut directories = BTreeMap::new();
    let daemon = daemon(asked, start);
    of_packages(asked, paths, daemon.as_deref(), &mut directories)?;
    wanted(asked, sources, &mut directories);
    for user in &start.users {
        let path = TreePath::parse(&user.home).ok().filter(is_written);
        let is_new = |path: &TreePath| matches!(asked.view.input().lookup(path), Ok(None));
        if let Some(path) = path.filter(is_new) {
            directories.entry(path).or_insert((None, Some(user.name.clone())));
        }
    }
    for path in service.map(Service::written).unwrap_or_default() {
        if is_written(&path) {
            directories.entry(path).or_insert((None, start.user.clone()));
        }
    }
    for (path, mode) in service.map(Service::directories).unwrap_or_default() {
        directories.insert(path, (mode, start.user.clone()));
    }
    if let Some(path) = service.and_then(Service::pid_directory) {
        directories.entry(path).or_insert((None, start.user.clone()));
    }
    if service.is_some_and(Service::has_tmp) {
        directories.insert(TreePath::literal("/tmp"), (Some("1777".into()), None));
    }
    let is_known = |owner: &String| start.users.iter().any(|user| user.name == *owner);
    let directory = |(path, (mode, owner)): (TreePath, (Option<String>, Option<String>))| {
        StartDirectory { path, mode, owner: owner.filter(is_known) }
    };
    start.directories = directories.into_iter().map(directory).collect();
    // A directory that is taken with what is in it is there.
    let data = start.data.clone();
    let is_there = |one: &StartDirectory| {
        data.iter().any(|data| one.path == *data || one.path.below(data).is_some())
    };
    start.directories.retain(|one| !is_there(one));
    if let (Some(group), Some(user)) = (service.and_then(Service::group), &start.user)
        && group != *user
        && let Some((_, number, home)) = EVERYWHERE.iter().find(|known| known.0 == group)
        && !is_user(start, &group)
    {
        start.users.push(StartUser { name: group, number: *number, home: (*home).into() });
    }
    Ok(())
}

fn is_user(start: &Start, name: &str) -> bool {
    start.users.iter().any(|user| user.name == name)
}

/// Users by name, with their numbers and homes as far as somebody says them.
fn homes(
    asked: &Asked<'_>,
    sources: &[String],
    user: Option<&str>,
) -> BTreeMap<String, (Option<u32>, Option<String>)> {
    let mut homes = BTreeMap::new();
    let is_source = |name: &str| sources.iter().any(|source| source == name);
    for package in asked.packaged.all().iter().filter(|it| is_source(&it.identity.name)) {
        for account in &package.wanted.accounts {
            if let WantedAccount::User { name, uid, home, .. } = account {
                homes.insert(name.clone(), (*uid, Some(home.clone())));
            }
        }
    }
    for (_, text) in asked.scripts.iter().filter(|(package, _)| is_source(package)) {
        for (name, home) in of_script(text).into_iter().filter(|(name, _)| is_name(name)) {
            homes.entry(name).or_insert((None, home));
        }
    }
    if let Some(user) = user {
        homes.entry(user.into()).or_insert((None, None));
    }
    homes
}

/// The users that a script makes, with their homes: of lines that are simple enough to be told.
pub(super) fn of_script(text: &str) -> Vec<(String, Option<String>)> {
    let text = text.replace("\\\n", " ");
    let mut variables = BTreeMap::new();
    let mut users = Vec::new();
    for line in text.lines().map(str::trim) {
        if let Some((name, value)) = line.split_once('=')
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        {
            variables.insert(name, value.trim_matches(['"', '\'']));
        }
        let value = |word: &str| {
            let word = word.trim_matches(['"', '\'']);
            let name = word.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
            let name = name.or_else(|| word.strip_prefix('$'));
            name.and_then(|name| variables.get(name).copied()).unwrap_or(word).to_string()
        };
        for command in line.split(['|', '&', ';']).filter(|_| !line.starts_with('#')) {
            let command = command.split(['>', '<']).next().unwrap_or_default();
            let words = systemd::words(command).into_iter();
            let mut words = words.skip_while(|word| !matches!(&**word, "adduser" | "useradd"));
            if words.next().is_some() {
                users.extend(of_command(&words.map(|word| value(&word)).collect::<Vec<_>>()));
            }
        }
    }
    users
}

/// The user that a command makes for the system.
fn of_command(words: &[String]) -> Option<(String, Option<String>)> {
    const HOME: [&str; 3] = ["--home", "--home-dir", "-d"];
    const OTHERS: [&str; 10] =
        ["--shell", "--ingroup", "--gid", "--uid", "--gecos", "--comment", "-s", "-g", "-c", "-u"];
    if !words.iter().any(|word| word == "--system" || word == "-r") {
        return None;
    }
    let (mut home, mut name) = (None, None);
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        match &**word {
            word if HOME.contains(&word) => home = rest.next().cloned(),
            word if OTHERS.contains(&word) => drop(rest.next()),
            // What a variable stands for that nobody sets here is an option most of the time.
            word if word.starts_with(['-', '$']) => {}
            _ => name = name.or_else(|| Some(word.clone())),
        }
    }
    let name = name.filter(|name| is_account(name))?;
    Some((name, home.filter(|home| home.starts_with('/'))))
}

fn is_account(name: &str) -> bool {
    let is_inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-".contains(&b);
    name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_') && name.bytes().all(is_inner)
}

/// Users of every Debian that configuration names.
fn mentioned(asked: &Asked<'_>, start: &Start) -> Result<Vec<StartUser>, InputError> {
    let mut texts = Vec::new();
    for path in start.data.iter().filter(|path| path.as_bytes().starts_with(b"/etc/")) {
        match asked.view.input().lookup(path)? {
            Some(entry) if entry.is_directory() => {
                for name in asked.view.input().list(path)? {
                    texts.extend(asked.text(&path.join(&name)));
                }
            }
            _ => texts.extend(asked.text(path)),
        }
    }
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let names = |text: &String, name: &str| {
        let lines = text.lines().filter(|line| !line.trim_start().starts_with(['#', ';']));
        // A name alone may be any word of the language: only behind a word about users it is one.
        lines
            .filter(|line| line.to_ascii_lowercase().contains("user"))
            .any(|line| line.split(|c| !is_word(c)).any(|word| word == name))
    };
    let is_meant = |known: &&(&str, u32, &str)| {
        texts.iter().any(|text| names(text, known.0)) && !is_user(start, known.0)
    };
    let user = |known: &(&str, u32, &str)| StartUser {
        name: known.0.into(),
        number: known.1,
        home: known.2.into(),
    };
    Ok(EVERYWHERE.iter().filter(is_meant).map(user).collect())
}

/// The user that a program changes to or runs as.
fn daemon(asked: &Asked<'_>, start: &Start) -> Option<String> {
    let stem = programs::stem(asked.name);
    let named = start.users.iter().find(|user| user.name.contains(stem));
    start.user.clone().or_else(|| named.or(start.users.first()).map(|user| user.name.clone()))
}

/// Empty directories of packages in which programs write.
fn of_packages(
    asked: &Asked<'_>,
    paths: &BTreeSet<TreePath>,
    daemon: Option<&str>,
    found: &mut BTreeMap<TreePath, (Option<String>, Option<String>)>,
) -> Result<(), InputError> {
    for path in paths.iter().filter(|path| is_written(path)) {
        let is_directory = asked.view.input().lookup(path)?.is_some_and(|it| it.is_directory());
        if is_directory && asked.view.input().list(path)?.is_empty() {
            found.insert(path.clone(), (None, daemon.map(Into::into)));
        }
    }
    Ok(())
}

/// Whether a path is below a directory of `/var` in which programs write.
fn is_written(path: &TreePath) -> bool {
    let below = |above: &&str| path.as_bytes().starts_with(above.as_bytes());
    ["/var/lib/", "/var/log/", "/var/cache/", "/var/spool/", "/run/"].iter().any(below)
}

/// Directories that packages want besides their own.
fn wanted(
    asked: &Asked<'_>,
    sources: &[String],
    found: &mut BTreeMap<TreePath, (Option<String>, Option<String>)>,
) {
    let is_source = |name: &str| sources.iter().any(|source| source == name);
    for package in asked.packaged.all().iter().filter(|it| is_source(&it.identity.name)) {
        for directory in &package.wanted.directories {
            let mode = directory.mode.map(|mode| mode.to_string());
            let owner = Some(directory.user.clone()).filter(|owner| owner != "root");
            found.insert(directory.path.clone(), (mode, owner));
        }
    }
}
