//! Users and groups: those that the manifest declares, and those that whole packages want.

use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;

use super::data::broken;
use super::declared;
use super::packages::Selected;
use crate::formats::account_lists::{self, Account};
use crate::formats::manifest::{Owner, Span};
use crate::plan::fault::{FaultKind, Severity};
use crate::plan::placer::Last;
use crate::plan::planner::Planner;
use crate::rules::packages::accounts::Lists;
use crate::words::{
    AccountKind, Meta, Mode, Node, NodeKind, Packaged, Provenance, Section, TreePath,
    WantedAccount, WantedDirectory, Why,
};

/// The list of users.
const PASSWD: &str = "/etc/passwd";
/// The list of groups.
const GROUP: &str = "/etc/group";
/// Lists are read up to this size.
const LARGEST: u64 = 4 << 20;

impl Planner<'_> {
    /// Finds out who is there: what packages have, what they want, what is declared. That is what the
    /// image has, whoever makes it.
    pub(super) fn read_accounts(&mut self, packages: &[Selected<'_>]) {
        let wanted: Vec<WantedAccount> =
            wanting(packages).flat_map(|one| one.package.wanted.accounts.clone()).collect();
        let found = Lists {
            passwd: self.list_of_packages(packages, PASSWD),
            group: self.list_of_packages(packages, GROUP),
        };
        let accounts = &self.request.manifest.accounts;
        self.accounts = found.with(&wanted, accounts);
        // What somebody declares to be there is there without accounts of packages.
        if accounts.users.is_empty() {
            if let Some(declared) = self.declared_list(PASSWD) {
                self.accounts.passwd = declared;
            }
            if accounts.groups.is_empty()
                && let Some(declared) = self.declared_list(GROUP)
            {
                self.accounts.group = declared;
            }
        }
    }

    /// Makes the lists that nobody declares to be there.
    pub(super) fn place_accounts(&mut self, packages: &[Selected<'_>]) {
        let accounts = &self.request.manifest.accounts;
        let users = accounts.users.iter().map(|user| user.span).min();
        let groups = accounts.groups.iter().map(|group| group.span).min();
        let wants = wanting(packages).next();
        let Lists { passwd, group } = self.accounts.clone();
        for (path, content, span) in [(PASSWD, passwd, users), (GROUP, group, groups.or(users))] {
            let (span, why) = match (span, wants) {
                (Some(span), _) => (span, declared(Section::Accounts, span, &None)),
                (None, Some(one)) if self.declared_list(path).is_none() => {
                    (one.item.span, one.why())
                }
                (None, _) => continue,
            };
            if !content.is_empty() {
                self.place_list(path, content, span, why);
            }
        }
    }

    /// Mode and owner of a file or directory as declared, with defaults that do not depend on the
    /// host.
    pub(super) fn meta(&self, mode: Mode, owner: Option<&Owner>) -> Result<Meta, FaultKind> {
        let (uid, gid) = match owner {
            None => (0, 0),
            Some(Owner::Numbers { uid, gid }) => (*uid, *gid),
            Some(Owner::Named { user, group }) => self.numbers(user, group.as_deref())?,
        };
        Ok(Meta { uid, gid, ..Meta::new(mode) })
    }

    fn absent(&self, kind: AccountKind, name: &str, accounts: &[Account<'_>]) -> FaultKind {
        let known = |account: &Account<'_>| String::from_utf8_lossy(account.name).into_owned();
        let mut packages = Vec::new();
        for (input, view) in self.request.inputs {
            let all = view.input().packaged().map(Packaged::all).unwrap_or_default().iter();
            let has = all.filter(|one| one.wanted.accounts.iter().any(|it| it.has(kind, name)));
            packages.extend(has.map(|one| alloc::format!("{input}/{}", one.identity.name)));
        }
        let known = accounts.iter().map(known).collect();
        FaultKind::NoSuchAccount { kind, name: name.into(), known, packages }
    }

    /// The numbers of a user and a group; without one the user's own.
    fn numbers(&self, user: &str, group: Option<&str>) -> Result<(u32, u32), FaultKind> {
        let users = account_lists::parse(&self.accounts.passwd);
        let groups = account_lists::parse(&self.accounts.group);
        let uid = number(&users, user);
        let uid = uid.ok_or_else(|| self.absent(AccountKind::User, user, &users))?;
        let gid = match group {
            Some(group) => number(&groups, group)
                .ok_or_else(|| self.absent(AccountKind::Group, group, &groups))?,
            None => account_lists::find(&users, user).and_then(Account::group).unwrap_or(0),
        };
        Ok((uid, gid))
    }

    /// What the first of these packages that has a list has in it.
    fn list_of_packages(&mut self, packages: &[Selected<'_>], path: &'static str) -> Vec<u8> {
        let path = TreePath::literal(path);
        let Some(one) = packages.iter().find(|one| one.paths.contains(&path)) else {
            return Vec::new();
        };
        let read = one.view.resolve(path.as_bytes());
        let read = read.and_then(|found| one.view.input().read(&found.path, LARGEST));
        let read = read.map_err(|error| broken(&one.item.input, error));
        self.keep(one.item.span, read).unwrap_or_default()
    }

    fn place_list(&mut self, path: &str, content: Vec<u8>, span: Span, why: Why) {
        let landed = self.placer.land(path.as_bytes(), None, Last::Follow);
        let Some(path) = self.keep(span, landed) else { return };
        let placed = self.place_made(path, content, why);
        self.keep(span, placed);
    }

    /// The content of a list that the manifest names by itself, or with the directory it is in.
    fn declared_list(&self, path: &str) -> Option<Vec<u8>> {
        let path = TreePath::parse(path).ok()?;
        self.request.manifest.data.iter().find_map(|data| {
            let located = self.locate(&data.from).ok()?;
            let name = located.asked.rsplit(|&b| b == b'/').find(|name| !name.is_empty());
            let is_directory = located.found.entry.is_directory();
            let to = match name {
                Some(name) if !is_directory && data.to.into => data.to.path.join(name),
                _ => data.to.path.clone(),
            };
            let source = match path.below(&to)? {
                rest if rest.is_root() && !is_directory => located.found.path,
                rest if is_directory => located.found.path.append(&rest),
                _ => return None,
            };
            let found = located.view.resolve(source.as_bytes()).ok()?;
            located.view.input().read(&found.path, LARGEST).ok()
        })
    }

    /// Makes the directories that packages want, and tells which. One that is declared by itself
    /// keeps what is said of it.
    pub(super) fn place_wanted_directories(
        &mut self,
        packages: &[Selected<'_>],
    ) -> BTreeSet<TreePath> {
        let mut placed = BTreeSet::new();
        for one in packages {
            for directory in &one.package.wanted.directories {
                if one.takes(&directory.path) {
                    placed.extend(self.place_wanted_directory(one, directory));
                }
            }
        }
        placed
    }

    fn place_wanted_directory(
        &mut self,
        one: &Selected<'_>,
        directory: &WantedDirectory,
    ) -> Option<TreePath> {
        let WantedDirectory { path, mode, user, group } = directory;
        let numbers = (
            number(&account_lists::parse(&self.accounts.passwd), user),
            number(&account_lists::parse(&self.accounts.group), group),
        );
        let span = one.item.span;
        let (Some(uid), Some(gid)) = numbers else {
            let name = &one.package.identity.name;
            let text = alloc::format!(
                "{name} wants the directory {path} to be of {user}:{group}, which the image does not \
                 know: declare them under `accounts`, or take the package that has them under \
                 `packages` of the manifest, as Debian's `base-passwd`"
            );
            self.find(Some(span), Severity::Warning, text);
            return None;
        };
        let landed = self.placer.land(path.as_bytes(), None, Last::Follow);
        let path = self.keep(span, landed)?;
        let mode = mode.or_else(|| one.mode_of(&path)).unwrap_or(Mode::EXECUTABLE);
        let meta = Meta { uid, gid, ..Meta::new(mode) };
        let provenance = Provenance::new(None, one.why());
        let node = Node { kind: NodeKind::Directory, meta, provenance };
        let placed = self.placer.need(path.clone(), node);
        self.keep(span, placed).map(|()| path)
    }
}

/// What is taken of a package by globs wants no accounts, unless these are let in.
fn wanting<'p, 's>(packages: &'p [Selected<'s>]) -> impl Iterator<Item = &'p Selected<'s>> {
    let passwd = TreePath::literal(PASSWD);
    packages.iter().filter(move |one| !one.package.wanted.accounts.is_empty() && one.takes(&passwd))
}

/// The number of an account, which may be written as that. root is there without a list.
fn number(accounts: &[Account<'_>], name: &str) -> Option<u32> {
    let found = account_lists::find(accounts, name).map(|found| found.number);
    found.or_else(|| name.parse().ok()).or((name == "root").then_some(0))
}
