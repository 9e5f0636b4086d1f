//! Users and groups: those that the manifest declares, and those that whole packages want.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use super::declared;
use super::packages::Selected;
use crate::formats::account_lists;
use crate::formats::manifest::{Reference, Span};
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
    /// Makes the lists of accounts: what packages have, what they want, what is declared.
    pub(super) fn place_accounts(&mut self, packages: &[Selected<'_>]) -> Lists {
        let accounts = &self.request.manifest.accounts;
        let wanted: Vec<WantedAccount> =
            packages.iter().flat_map(|one| one.package.wanted.accounts.clone()).collect();
        let wants = packages.iter().find(|one| !one.package.wanted.accounts.is_empty());
        let users = accounts.users.iter().map(|user| user.span).min();
        let groups = accounts.groups.iter().map(|group| group.span).min();
        let found = Lists {
            passwd: found(packages, PASSWD).unwrap_or_default(),
            group: found(packages, GROUP).unwrap_or_default(),
        };
        let lists = found.with(&wanted, accounts);
        let files = [(PASSWD, &lists.passwd, users), (GROUP, &lists.group, groups.or(users))];
        for (path, content, span) in files {
            let (span, why) = match (span, wants) {
                (Some(span), _) => (span, declared(Section::Accounts, span, &None)),
                // What somebody declares to be there is there without accounts of packages.
                (None, Some(_)) if self.is_declared_file(path) => continue,
                (None, Some(one)) => (one.item.span, one.why()),
                (None, None) => continue,
            };
            if !content.is_empty() {
                self.place_list(path, content.clone(), span, why);
            }
        }
        lists
    }

    fn place_list(&mut self, path: &str, content: Vec<u8>, span: Span, why: Why) {
        let landed = self.placer.land(path.as_bytes(), None, Last::Follow);
        let Some(path) = self.keep(span, landed) else { return };
        let placed = self.place_made(path, content, why);
        self.keep(span, placed);
    }

    /// Whether the manifest names a file to be there.
    fn is_declared_file(&self, path: &str) -> bool {
        let path = TreePath::parse(path).ok();
        self.request.manifest.data.iter().any(|data| {
            let name = match &data.from {
                Reference::Input { path, .. } => path.name().map(<[u8]>::to_vec),
                Reference::Beside(path) => path.rsplit('/').next().map(|name| name.into()),
            };
            let to = &data.to;
            let into = to.into.then(|| name.map(|name| to.path.join(&name))).flatten();
            path.as_ref() == Some(&to.path) || into == path
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
                 know"
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

/// What the first of these packages that has a file has in it.
fn found(packages: &[Selected<'_>], path: &str) -> Option<Vec<u8>> {
    let path = TreePath::parse(path).ok()?;
    let has = |one: &&Selected<'_>| one.paths.contains(&path);
    packages.iter().find(has)?.view.input().read(&path, LARGEST).ok()
}
