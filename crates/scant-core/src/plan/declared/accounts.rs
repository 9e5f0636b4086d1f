//! Users and groups: those that the manifest declares, and those that whole packages want.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use super::data::broken;
use super::declared;
use super::packages::Selected;
use crate::formats::account_lists;
use crate::formats::manifest::Span;
use crate::plan::fault::Severity;
use crate::plan::placer::Last;
use crate::plan::planner::Planner;
use crate::rules::packages::accounts::Lists;
use crate::words::{
    Meta, Mode, Node, NodeKind, Provenance, Section, TreePath, WantedAccount, WantedDirectory, Why,
};

/// The list of users.
const PASSWD: &str = "/etc/passwd";
/// The list of groups.
const GROUP: &str = "/etc/group";
/// Lists are read up to this size.
const LARGEST: u64 = 4 << 20;

impl Planner<'_> {
    /// Makes the lists of accounts: what packages have, what they want, what is declared. What is
    /// told is what the image has, whoever makes it.
    pub(super) fn place_accounts(&mut self, packages: &[Selected<'_>]) -> Lists {
        let accounts = &self.request.manifest.accounts;
        // What is taken of a package by globs wants no accounts, unless these are let in.
        let is_whole = |one: &&Selected<'_>| one.takes(&TreePath::literal(PASSWD));
        let whole: Vec<&Selected<'_>> = packages.iter().filter(is_whole).collect();
        let wanted: Vec<WantedAccount> =
            whole.iter().flat_map(|one| one.package.wanted.accounts.clone()).collect();
        let wants = whole.iter().find(|one| !one.package.wanted.accounts.is_empty());
        let users = accounts.users.iter().map(|user| user.span).min();
        let groups = accounts.groups.iter().map(|group| group.span).min();
        let found = Lists {
            passwd: self.list_of_packages(packages, PASSWD),
            group: self.list_of_packages(packages, GROUP),
        };
        let mut lists = found.with(&wanted, accounts);
        let files =
            [(PASSWD, &mut lists.passwd, users), (GROUP, &mut lists.group, groups.or(users))];
        for (path, content, span) in files {
            let (span, why) = match (span, wants) {
                (Some(span), _) => (span, declared(Section::Accounts, span, &None)),
                (None, wants) => {
                    // What somebody declares to be there is there without accounts of packages.
                    if let Some(declared) = self.declared_list(path) {
                        *content = declared;
                        continue;
                    }
                    let Some(one) = wants else { continue };
                    (one.item.span, one.why())
                }
            };
            if !content.is_empty() {
                self.place_list(path, content.clone(), span, why);
            }
        }
        lists
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
        lists: &Lists,
    ) -> BTreeSet<TreePath> {
        let mut placed = BTreeSet::new();
        for one in packages {
            for directory in &one.package.wanted.directories {
                if one.takes(&directory.path) {
                    placed.extend(self.place_wanted_directory(one, directory, lists));
                }
            }
        }
        placed
    }

    fn place_wanted_directory(
        &mut self,
        one: &Selected<'_>,
        directory: &WantedDirectory,
        lists: &Lists,
    ) -> Option<TreePath> {
        let number = |list: &[u8], name: &str| {
            let accounts = account_lists::parse(list);
            account_lists::find(&accounts, name).map(|found| found.number)
        };
        let WantedDirectory { path, mode, user, group } = directory;
        let numbers = (
            number(&lists.passwd, user)
                .or_else(|| user.parse().ok())
                .or((user == "root").then_some(0)),
            number(&lists.group, group)
                .or_else(|| group.parse().ok())
                .or((group == "root").then_some(0)),
        );
        let span = one.item.span;
        let (Some(uid), Some(gid)) = numbers else {
            let name = &one.package.identity.name;
            let text = alloc::format!(
                "{name} wants the directory {path} to be of {user}:{group}, which the image does not \
                 know: declare them under `accounts`, or take the package that has them, as \
                 Debian's `base-passwd`"
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
