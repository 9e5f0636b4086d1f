//! Whole packages: what each has, with its owner and mode. What else is declared at a path takes the
//! place of what a package has there.

use alloc::collections::BTreeMap;
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

use super::data::{broken, is_elf};
use super::declared;
use crate::formats::manifest::{Elf as ElfChoice, Spanned, WholePackage};
use crate::plan::closures::Loadable;
use crate::plan::fault::{FaultKind, Severity};
use crate::plan::link_targets::DataLink;
use crate::plan::placer::{Last, named};
use crate::plan::planner::Planner;
use crate::rules::View;
use crate::rules::loader::Spot;
use crate::words::{
    Entry, EntryKind, InstalledPackage, Meta, Mode, Node, NodeKind, Packaged, Provenance, Section,
    Source, TreePath, Why,
};

/// A package that is taken whole, or as far as the globs say.
pub(in crate::plan) struct Selected<'a> {
    pub(super) item: &'a WholePackage,
    pub(super) view: &'a View<'a>,
    pub(super) package: &'a InstalledPackage,
    packaged: &'a dyn Packaged,
    /// What is taken, sorted; a directory comes before what is in it.
    pub(super) paths: BTreeSet<TreePath>,
}

impl Selected<'_> {
    /// The reason of everything it brings.
    pub(super) fn why(&self) -> Why {
        declared(Section::Packages, self.item.span, &self.item.why)
    }

    /// Whether the globs let a path in.
    pub(super) fn takes(&self, path: &TreePath) -> bool {
        is_included(self.item, path) && !is_excluded(self.item, path)
    }

    fn is_conffile(&self, path: &TreePath) -> bool {
        self.package.conffiles.contains(path)
    }

    /// The mode that the input has at a path, whichever package it is from.
    pub(super) fn mode_of(&self, path: &TreePath) -> Option<Mode> {
        self.packaged.meta(path).ok()?.map(|meta| meta.mode)
    }

    fn meta(&self, path: &TreePath) -> Result<Meta, FaultKind> {
        let meta = self.packaged.meta(path).map_err(|error| broken(&self.item.input, error))?;
        Ok(meta.unwrap_or_else(|| Meta::new(Mode::FILE)))
    }
}

impl<'a> Planner<'a> {
    /// The packages that the manifest names, in its order and of one item by name.
    pub(super) fn select_packages(&mut self) -> Vec<Selected<'a>> {
        let mut all = Vec::new();
        for item in &self.request.manifest.packages {
            let selected = self.select(item);
            all.extend(self.keep(item.span, selected).into_iter().flatten());
        }
        all
    }

    fn select(&mut self, item: &'a WholePackage) -> Result<Vec<Selected<'a>>, FaultKind> {
        let input = || item.input.clone();
        let view = self.view(&item.input)?;
        let packaged = view.input().packaged();
        let packaged = packaged.ok_or_else(|| FaultKind::NotOfPackages { input: input() })?;
        let (mut all, mut unmatched) = (Vec::new(), item.include.iter().collect::<Vec<_>>());
        let mut excluding: Vec<_> = item.exclude.iter().collect();
        for (number, package) in packaged.all().iter().enumerate() {
            let name = package.identity.name.as_bytes();
            if !fast_glob::glob_match(item.name.value.as_bytes(), name) {
                continue;
            }
            let paths = packaged.paths(number).map_err(|error| broken(&item.input, error))?;
            unmatched.retain(|glob| !paths.iter().any(|path| matches(glob, path)));
            let made = package.wanted.paths();
            excluding.retain(|glob| !paths.iter().chain(&made).any(|path| reaches(glob, path)));
            let paths = taken(item, paths);
            all.push(Selected { item, view, package, packaged, paths });
        }
        if all.is_empty() {
            let name = |package: &InstalledPackage| package.identity.name.to_string();
            let known = packaged.all().iter().map(name).collect();
            let name = item.name.value.clone();
            return Err(FaultKind::NoSuchPackage { input: input(), name, known });
        }
        for glob in unmatched.into_iter().chain(excluding) {
            let text =
                format!("nothing of `{}/{}` matches `{}`", item.input, item.name.value, glob.value);
            self.find(Some(glob.span), Severity::Warning, text);
        }
        Ok(all)
    }

    /// Places the links that lead to directories: what else is declared goes through them.
    pub(super) fn place_links_of_packages(&mut self, packages: &[Selected<'a>]) {
        for one in packages {
            for path in &one.paths {
                let entry = one.view.input().lookup(path);
                if self.is_named(path) {
                    continue;
                }
                if let Ok(Some(Entry { kind: EntryKind::Symlink { .. }, .. })) = &entry
                    && one.view.resolve(path.as_bytes()).is_ok_and(|to| to.entry.is_directory())
                {
                    let placed = self.place_path(one, path, &mut BTreeMap::new());
                    self.keep(one.item.span, placed);
                }
            }
        }
    }

    /// Whether a file is declared to go to exactly this path.
    fn is_named(&self, path: &TreePath) -> bool {
        let manifest = self.request.manifest;
        let files = manifest.binaries.iter().map(|binary| &binary.to);
        files
            .chain(manifest.data.iter().map(|data| &data.to))
            .any(|to| to.path == *path && !to.into)
    }

    /// Places all of them. What is `wanted` is a directory whose owner somebody has said.
    pub(super) fn place_packages(
        &mut self,
        packages: &[Selected<'a>],
        wanted: &BTreeSet<TreePath>,
    ) {
        for one in packages {
            let mut names = BTreeMap::new();
            for path in &one.paths {
                if wanted.contains(path) || self.made.contains_key(path) {
                    self.add_package_reason(path, one);
                    continue;
                }
                let placed = self.place_path(one, path, &mut names);
                self.keep(one.item.span, placed);
            }
            self.tell_uncovered(one);
            self.tell_privileged(one);
        }
    }

    fn add_package_reason(&mut self, path: &TreePath, one: &Selected<'_>) {
        if let Some(provenance) = self.placer.tree.provenance_mut(path) {
            provenance.merge(Provenance::new(Some(source(one, path)), one.why()));
        }
    }

    /// Places what a package has at a path. `names` are those that its files have already, for a file
    /// may have several.
    fn place_path(
        &mut self,
        one: &Selected<'_>,
        path: &TreePath,
        names: &mut BTreeMap<(u64, u64), TreePath>,
    ) -> Result<(), FaultKind> {
        let input = &one.item.input;
        let entry = one.view.input().lookup(path).map_err(|error| broken(input, error))?;
        let Some(entry) = entry else { return Ok(()) };
        let (kind, meta) = match &entry.kind {
            EntryKind::Special(kind) => {
                let file = named(input, path);
                let text = format!("`{file}` is {kind} and was left out");
                self.find(Some(one.item.span), Severity::Notice, text);
                return Ok(());
            }
            EntryKind::Directory => (NodeKind::Directory, one.meta(path)?),
            EntryKind::Symlink { target } => {
                let Meta { uid, gid, .. } = one.meta(path)?;
                let kind = NodeKind::Symlink { target: target.clone() };
                (kind, Meta { uid, gid, ..Meta::new(Mode::SYMLINK) })
            }
            EntryKind::File { .. } => {
                return self.place_file_of_package(one, path, &entry, names);
            }
        };
        let landed = self.placer.land(path.as_bytes(), None, Last::Stay)?;
        let provenance = Provenance::new(Some(source(one, path)), one.why());
        let node = Node { kind, meta, provenance };
        let is_link = matches!(node.kind, NodeKind::Symlink { .. });
        let is_placed = self.place_for_package(one, landed.clone(), node)?;
        if let (true, true, Some(target)) = (is_link, is_placed, entry.link_target()) {
            self.data_links.push(DataLink {
                path: landed,
                target: target.into(),
                input: input.clone(),
                source: path.clone(),
                span: one.item.span,
                close_elf: one.item.elf == ElfChoice::Close,
            });
        }
        Ok(())
    }

    fn place_file_of_package(
        &mut self,
        one: &Selected<'_>,
        path: &TreePath,
        entry: &Entry,
        names: &mut BTreeMap<(u64, u64), TreePath>,
    ) -> Result<(), FaultKind> {
        let input = &one.item.input;
        let landed = self.placer.land(path.as_bytes(), None, Last::Stay)?;
        let meta = one.meta(path)?;
        let identity = entry.stamp.map(|_| entry.identity());
        let mut node = self.file_node(input, path, entry, meta, one.why());
        if let Some(first) = identity.and_then(|identity| names.get(&identity)) {
            node.kind = NodeKind::HardLink { target: first.clone() };
            return self.place_for_package(one, landed, node).map(drop);
        }
        if !self.place_for_package(one, landed.clone(), node)? {
            return Ok(());
        }
        if let Some(identity) = identity {
            names.insert(identity, landed.clone());
        }
        if one.item.elf == ElfChoice::Close && is_elf(input, one.view, path)? {
            let elf = one.view.elf(path);
            let home = match elf.as_ref() {
                Ok(elf) => self.home_of(input, elf),
                Err(_) => self.home(input),
            };
            self.data_elves.push(Loadable {
                spot: Spot::moved(landed.as_bytes(), path.as_bytes()),
                path: landed,
                home,
                openings: Vec::new(),
                span: one.item.span,
                section: Section::Packages,
                is_secure: false,
            });
        }
        Ok(())
    }

    /// Places a node of a package, unless something else is declared there: that stays as it is.
    /// Whether it, or an equal one, is there.
    pub(super) fn place_for_package(
        &mut self,
        one: &Selected<'_>,
        path: TreePath,
        node: Node,
    ) -> Result<bool, FaultKind> {
        let Some(known) = self.placer.tree.get(&path) else {
            return self.declare_node(path, node).map(|()| true);
        };
        // The same file, perhaps as another name of itself.
        if known.provenance.source().is_some_and(|known| Some(known) == node.provenance.source()) {
            if let Some(provenance) = self.placer.tree.provenance_mut(&path) {
                provenance.merge(node.provenance);
            }
            return Ok(true);
        }
        let line = known.provenance.reasons().find_map(|why| match why {
            Why::Declared { place, .. } if place.section != Section::Packages => Some(place.line),
            _ => None,
        });
        match line {
            Some(_) if known.kind == node.kind => self.placer.need(path, node).map(|()| true),
            Some(line) if !is_directory(&known.kind) && !is_directory(&node.kind) => {
                // A file of configuration is there to be replaced.
                if node.provenance.source().is_some_and(|own| one.is_conffile(&own.path)) {
                    return Ok(false);
                }
                let package = &one.package.identity.name;
                let text = format!(
                    "{path} is what line {line} declares, not what the package {package} of {} has there",
                    one.item.input
                );
                self.find(Some(one.item.span), Severity::Notice, text);
                Ok(false)
            }
            _ => self.declare_node(path, node).map(|()| true),
        }
    }

    fn tell_uncovered(&mut self, one: &Selected<'_>) {
        let uncovered = &one.package.wanted.uncovered;
        if uncovered.is_empty() {
            return;
        }
        let package = &one.package.identity.name;
        let text = format!(
            "{package} has scripts that were not run, and nothing is known of what they do: {}",
            uncovered.join(", ")
        );
        self.find(Some(one.item.span), Severity::Notice, text);
    }

    /// Files of it that run with more privileges than who starts them.
    fn tell_privileged(&mut self, one: &Selected<'_>) {
        let is_privileged = |path: &&TreePath| {
            let node = self.placer.tree.get(path);
            node.is_some_and(|node| {
                !is_directory(&node.kind)
                    && node.meta.mode.bits() & 0o6000 != 0
                    && node
                        .provenance
                        .source()
                        .is_some_and(|source| *source.input == *one.item.input.as_str())
            })
        };
        let paths: Vec<_> =
            one.paths.iter().filter(is_privileged).map(ToString::to_string).collect();
        if !paths.is_empty() {
            let package = &one.package.identity.name;
            let text = format!(
                "{package} has files with setuid or setgid bits, which are kept: {}",
                paths.join(", ")
            );
            self.find(Some(one.item.span), Severity::Notice, text);
        }
    }
}

fn is_directory(kind: &NodeKind) -> bool {
    *kind == NodeKind::Directory
}

fn source(one: &Selected<'_>, path: &TreePath) -> Source {
    Source { input: one.item.input.as_str().into(), path: path.clone(), package: None }
}

/// The paths that the globs let in, and the directories above them.
fn taken(item: &WholePackage, paths: Vec<TreePath>) -> BTreeSet<TreePath> {
    let kept: Vec<TreePath> = paths.into_iter().filter(|path| !is_excluded(item, path)).collect();
    let all: BTreeSet<&TreePath> = kept.iter().collect();
    let mut taken = BTreeSet::new();
    for path in kept.iter().filter(|path| is_included(item, path)) {
        taken.extend(path.ancestors().filter(|above| all.contains(above)));
        taken.insert(path.clone());
    }
    taken
}

fn is_included(item: &WholePackage, path: &TreePath) -> bool {
    item.include.is_empty() || item.include.iter().any(|glob| matches(glob, path))
}

/// Whether a path, or a directory above it, is left out.
fn is_excluded(item: &WholePackage, path: &TreePath) -> bool {
    item.exclude.iter().any(|glob| reaches(glob, path))
}

/// Whether a glob matches a path, or a directory above it.
fn reaches(glob: &Spanned<alloc::string::String>, path: &TreePath) -> bool {
    matches(glob, path) || path.ancestors().any(|above| matches(glob, &above))
}

/// Whether a glob without a slash at its start matches a path. A slash at its end says that it means
/// a directory, and nothing more.
fn matches(glob: &Spanned<alloc::string::String>, path: &TreePath) -> bool {
    fast_glob::glob_match(glob.value.trim_end_matches('/').as_bytes(), &path.as_bytes()[1..])
}
