//! What actions mean for a package in a root.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;

use super::{Action, Concatenate, Directory, Group, LinkAll, Links, Symlink, System, User};
use crate::formats::debian::maintainer_script::{self, Alternative, MaintainerScript};
use crate::formats::systemd::{sysusers, tmpfiles};
use crate::words::{
    EntryKind, Input, InputError, TreePath, Wanted, WantedAccount, WantedDirectory,
};

/// A package that is there, with the scripts that would have run when it was installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installed<'a> {
    /// Its system.
    pub system: System,
    /// Its name.
    pub name: &'a str,
    /// Its scripts, by name, and their texts.
    pub scripts: Vec<(&'a str, &'a [u8])>,
    /// Its paths in the root.
    pub paths: &'a BTreeSet<TreePath>,
}

/// What would have been done for a package.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// Files and links.
    pub made: BTreeMap<TreePath, Made>,
    /// Links of which other packages may have the same.
    pub alternatives: Vec<Alternative>,
    /// What else is wanted, and which scripts no action stands for.
    pub wanted: Wanted,
}

/// Something that is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Made {
    /// A symbolic link with this text.
    Link(Box<[u8]>),
    /// A file with this content.
    File(Vec<u8>),
}

/// The most bytes of a list or a certificate.
const LARGEST: u64 = 16 << 20;
/// Scripts that do not run when a package is installed for the first time.
const LATER: [&str; 7] = [
    ".pre-upgrade",
    ".post-upgrade",
    ".pre-deinstall",
    ".post-deinstall",
    "prerm",
    "postrm",
    "config",
];

/// Tells what the scripts of a package would have done in this root. What is there already stays.
///
/// # Errors
/// When the root cannot be read.
pub fn apply(
    actions: &[Action],
    installed: &Installed<'_>,
    root: &dyn Input,
) -> Result<Done, InputError> {
    let mut applying = Applying { root, done: Done::default() };
    applying.of_systemd(installed.paths)?;
    let mut covered: Vec<&str> = Vec::new();
    let is_meant = |action: &&Action| {
        let is_named =
            |glob: &String| fast_glob::glob_match(glob.as_bytes(), installed.name.as_bytes());
        action.system == installed.system && action.packages.iter().any(is_named)
    };
    for action in actions.iter().filter(is_meant) {
        if applying.action(action)? {
            covered.extend(action.scripts.iter().map(String::as_str));
        }
    }
    let Applying { mut done, .. } = applying;
    for (name, text) in &installed.scripts {
        if LATER.contains(name) {
            continue;
        }
        let read = match installed.system {
            System::Deb => maintainer_script::parse(&String::from_utf8_lossy(text)),
            System::Apk => MaintainerScript { does_more: true, ..MaintainerScript::default() },
        };
        done.alternatives.extend(read.alternatives);
        if read.does_more && !covered.contains(name) {
            done.wanted.uncovered.push((*name).into());
        }
    }
    Ok(done)
}

/// What is done for one package.
struct Applying<'a> {
    root: &'a dyn Input,
    done: Done,
}

impl Applying<'_> {
    /// What an action means. False if it means nothing here, and its scripts are as uncovered as
    /// without it: a list that is not there says nothing.
    fn action(&mut self, action: &Action) -> Result<bool, InputError> {
        let is_done = match &action.links {
            Some(links) => self.links(links)?,
            None => true,
        };
        if let Some(concatenate) = &action.concatenate {
            self.file(concatenate)?;
        }
        for Symlink { link, to } in &action.symlinks {
            if let (Ok(path), Ok(target)) = (TreePath::parse(link), TreePath::parse(to))
                && self.root.lookup(&target)?.is_some()
            {
                self.make(path, Made::Link(to.as_bytes().into()))?;
            }
        }
        if let Some(LinkAll { files, into }) = &action.link_all
            && let Ok(into) = TreePath::parse(into)
        {
            for file in matching(files, self.root)? {
                let name = file.name().unwrap_or_default();
                self.make(into.join(name), Made::Link(file.as_bytes().into()))?;
            }
        }
        let wanted = &mut self.done.wanted;
        let group = |group: &Group| WantedAccount::Group { name: group.name.clone(), gid: None };
        wanted.accounts.extend(action.groups.iter().map(group));
        wanted.accounts.extend(action.users.iter().map(User::wanted));
        wanted.directories.extend(action.directories.iter().filter_map(Directory::wanted));
        Ok(is_done)
    }

    /// What the package says in files that systemd reads.
    fn of_systemd(&mut self, paths: &BTreeSet<TreePath>) -> Result<(), InputError> {
        for path in paths {
            let is_in = |name: &str| {
                let above = path.parent();
                above.is_some_and(|above| {
                    above.as_bytes() == [b"/usr/lib/", name.as_bytes()].concat()
                })
            };
            let (is_users, is_files) = (is_in("sysusers.d"), is_in("tmpfiles.d"));
            if !(is_users || is_files) || !path.as_bytes().ends_with(b".conf") {
                continue;
            }
            // A link to /dev/null says that there is nothing.
            if self.root.lookup(path)?.is_none_or(|entry| entry.file_size().is_none()) {
                continue;
            }
            let text = self.root.read(path, LARGEST)?;
            let text = String::from_utf8_lossy(&text);
            if is_users {
                self.done.wanted.accounts.extend(sysusers::parse(&text));
                continue;
            }
            for entry in tmpfiles::parse(&text) {
                match entry {
                    tmpfiles::Entry::Directory(one) => self.done.wanted.directories.push(one),
                    tmpfiles::Entry::Link(path, text) => self.make(path, Made::Link(text))?,
                }
            }
        }
        Ok(())
    }

    /// What is there already stays.
    fn make(&mut self, path: TreePath, made: Made) -> Result<(), InputError> {
        if self.root.lookup(&path)?.is_none() {
            self.done.made.entry(path).or_insert(made);
        }
        Ok(())
    }

    /// Makes the links of all lists. Whether there was a list, and the program.
    fn links(&mut self, links: &Links) -> Result<bool, InputError> {
        let mut program = None;
        for candidate in &links.to {
            let Ok(path) = TreePath::parse(candidate) else { continue };
            if let Some(entry) = self.root.lookup(&path)?
                && entry.file_size().is_some()
            {
                program = Some(path);
                break;
            }
        }
        let Some(program) = program else { return Ok(false) };
        let lists = matching(&links.lists, self.root)?;
        for list in &lists {
            let content = self.root.read(list, LARGEST)?;
            for line in content.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii) {
                let path = TreePath::parse([b"/", line].concat());
                if let Ok(path) = path
                    && !path.is_root()
                    && path != program
                {
                    self.make(path, Made::Link(program.as_bytes().into()))?;
                }
            }
        }
        Ok(!lists.is_empty())
    }

    fn file(&mut self, concatenate: &Concatenate) -> Result<(), InputError> {
        let mut content = Vec::new();
        for pattern in &concatenate.files {
            for file in matching(pattern, self.root)? {
                content.extend(self.root.read(&file, LARGEST)?);
                if content.last().is_some_and(|&byte| byte != b'\n') {
                    content.push(b'\n');
                }
            }
        }
        match TreePath::parse(&concatenate.to) {
            Ok(path) if !content.is_empty() => self.make(path, Made::File(content)),
            _ => Ok(()),
        }
    }
}

impl Directory {
    fn wanted(&self) -> Option<WantedDirectory> {
        let Self { path, user, group, mode } = self.clone();
        let mode = mode.and_then(|mode| mode.parse().ok());
        Some(WantedDirectory { path: TreePath::parse(&path).ok()?, mode, user, group })
    }
}

impl User {
    fn wanted(&self) -> WantedAccount {
        let Self { name, group, home, shell } = self.clone();
        WantedAccount::User { name, uid: None, group, home, shell }
    }
}

/// The regular files that a pattern means, sorted.
fn matching(pattern: &str, root: &dyn Input) -> Result<Vec<TreePath>, InputError> {
    let mut found = Vec::from([TreePath::root()]);
    let mut components = pattern.split('/').filter(|name| !name.is_empty()).peekable();
    while let Some(component) = components.next() {
        let is_last = components.peek().is_none();
        let mut next = Vec::new();
        for directory in found {
            for path in entries(&directory, component, root)? {
                let Some(entry) = root.lookup(&path)? else { continue };
                let is_file = matches!(entry.kind, EntryKind::File { .. });
                if (is_last && is_file) || (!is_last && entry.is_directory()) {
                    next.push(path);
                }
            }
        }
        found = next;
    }
    Ok(found)
}

/// The paths in a directory whose names a glob means.
fn entries(
    directory: &TreePath,
    glob: &str,
    root: &dyn Input,
) -> Result<Vec<TreePath>, InputError> {
    if !glob.contains(['*', '?', '[', '{']) {
        return Ok(Vec::from([directory.join(glob.as_bytes())]));
    }
    let names = root.list(directory)?.into_iter();
    let names = names.filter(|name| fast_glob::glob_match(glob.as_bytes(), name));
    Ok(names.map(|name| directory.join(&name)).collect())
}
