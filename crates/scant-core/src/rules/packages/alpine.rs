//! What the relations of Alpine's packages mean, and which of those that would do is preferred.
//! [apk-package(5)](https://gitlab.alpinelinux.org/alpine/apk-tools/-/blob/master/doc/apk-package.5.scd),
//! [apk-world(5)](https://gitlab.alpinelinux.org/alpine/apk-tools/-/blob/master/doc/apk-world.5.scd).
//!
//! A name has one owner: the package of that name, or one that provides it with a version. Without
//! a version a name may be provided by many. Where apk-tools would rather ask, because several
//! packages provide a name without a version and none has a priority, the first by the order of
//! `Packages::matching` is taken: the search is complete, and its answer always the same.

mod absent;
mod prefer;
#[cfg(test)]
mod tests;

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::solve::{Candidates, Unsolvable, Wish, solve};
use crate::formats::alpine::{Dependency, Package, Version};

/// A repository to choose from. Earlier ones are preferred, where versions are the same.
#[derive(Clone, Copy, Debug)]
pub struct Repository<'a> {
    /// Its packages.
    pub packages: &'a [Package],
    /// Its tag: then it is asked only for what is wanted with `@TAG`, and for what that needs.
    pub tag: Option<&'a str>,
}

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// Dependencies, as in `/etc/apk/world`: `nginx`, `nginx>=1.22`, `nginx@edge`, `!busybox`.
    pub wishes: &'a [Dependency],
    /// Whether packages come by themselves once all is there that they name in `install_if`.
    pub has_install_if: bool,
}

/// What was chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// The packages, sorted by name.
    pub packages: Vec<Chosen>,
    /// What would have come by itself and cannot be there with the rest, sorted by name.
    pub left_out: Vec<LeftOut>,
}

/// A chosen package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// The package.
    pub package: Package,
    /// The number of its repository.
    pub repository: usize,
    /// Whether it came by itself, or for one that did.
    pub is_by_itself: bool,
}

/// A package that would have come by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// Its name.
    pub name: String,
    /// Why it cannot be there.
    pub why: Unsolvable,
}

/// All packages of some repositories, to choose from.
pub struct Packages<'a> {
    entries: Vec<Entry<'a>>,
    /// The candidates of each name, the best first. The place of a name is its group.
    names: Vec<(&'a str, Vec<usize>)>,
    groups: BTreeMap<&'a str, usize>,
    /// Who answers to a name, and in which version.
    providers: BTreeMap<&'a str, Vec<(usize, Option<&'a Version>)>>,
}

struct Entry<'a> {
    package: &'a Package,
    repository: usize,
    tag: Option<&'a str>,
}

impl<'a> Packages<'a> {
    /// The packages of these repositories that are for this architecture, by Alpine's name, or for
    /// all.
    pub fn of(repositories: &[Repository<'a>], architecture: &str) -> Self {
        let mut packages = Self {
            entries: Vec::new(),
            names: Vec::new(),
            groups: BTreeMap::new(),
            providers: BTreeMap::new(),
        };
        let mut known = BTreeSet::new();
        for (number, repository) in repositories.iter().enumerate() {
            for package in repository.packages {
                let is_for = &*package.architecture;
                // The same of two repositories is taken from the first.
                if (is_for == architecture || is_for == "noarch")
                    && known.insert((&*package.name, package.version.as_str(), repository.tag))
                {
                    packages.add(Entry { package, repository: number, tag: repository.tag });
                }
            }
        }
        let entries = &packages.entries;
        for (_, candidates) in &mut packages.names {
            candidates.sort_by(|a, b| prefer::in_group(&entries[*a], &entries[*b]));
        }
        packages
    }

    fn add(&mut self, entry: Entry<'a>) {
        let (candidate, package) = (self.entries.len(), entry.package);
        self.entries.push(entry);
        let next = self.names.len();
        let group = *self.groups.entry(&package.name).or_insert(next);
        if group == next {
            self.names.push((&package.name, Vec::new()));
        }
        self.names[group].1.push(candidate);
        for (name, version) in answers(package) {
            self.providers.entry(name).or_default().push((candidate, version));
        }
    }

    /// Chooses packages.
    ///
    /// # Errors
    /// When there is no choice, with the reason.
    pub fn choose(&self, question: &Question<'_>) -> Result<Choice, Unsolvable> {
        let asked = Asked { packages: self, vetoes: vetoes(question.wishes) };
        let mut wishes: Vec<_> = (0..asked.vetoes.len())
            .map(|veto| Wish { any_of: [self.entries.len() + veto].into(), text: String::new() })
            .collect();
        let positive = question.wishes.iter().filter(|wish| !wish.is_conflict);
        wishes.extend(positive.map(|wish| self.wish(wish, None)));
        let chosen = solve(&asked, &sorted(wishes))?;
        let wanted: BTreeSet<usize> = chosen.iter().copied().collect();
        let (chosen, left_out) = match question.has_install_if {
            true => self.with_what_comes_by_itself(&asked, chosen),
            false => (chosen, Vec::new()),
        };
        let chosen = chosen.into_iter().filter(|candidate| *candidate < self.entries.len());
        let mut packages: Vec<_> = chosen
            .map(|candidate| Chosen {
                package: self.entries[candidate].package.clone(),
                repository: self.entries[candidate].repository,
                is_by_itself: !wanted.contains(&candidate),
            })
            .collect();
        packages.sort_by(|a, b| a.package.name.cmp(&b.package.name));
        Ok(Choice { packages, left_out })
    }

    /// Adds what comes by itself, until nothing more does. It never changes what was chosen before:
    /// what does not fit is left out.
    fn with_what_comes_by_itself(
        &self,
        asked: &Asked<'_, '_>,
        mut chosen: Vec<usize>,
    ) -> (Vec<usize>, Vec<LeftOut>) {
        let mut left_out = BTreeMap::new();
        loop {
            let more = self.triggered(&chosen, &left_out);
            if more.is_empty() {
                let left_out = left_out.into_iter();
                let left_out = left_out.map(|(name, why)| LeftOut { name: name.to_string(), why });
                return (chosen, left_out.collect());
            }
            let exactly = |candidate: &usize| Wish {
                any_of: [*candidate].into(),
                text: asked.name(asked.group(*candidate)),
            };
            let mut wishes: Vec<_> = chosen.iter().map(exactly).collect();
            let before = wishes.len();
            wishes.extend(more.iter().map(|(_, wish)| wish.clone()));
            if let Ok(all) = solve(asked, &wishes) {
                chosen = all;
                continue;
            }
            // Some of them cannot be had: one after the other, by name.
            wishes.truncate(before);
            for (name, wish) in more {
                wishes.push(wish);
                match solve(asked, &wishes) {
                    Ok(all) => chosen = all,
                    Err(why) => {
                        wishes.pop();
                        left_out.insert(name, why);
                    }
                }
            }
        }
    }

    /// The packages that come by themselves with those chosen, by name.
    fn triggered(
        &self,
        chosen: &[usize],
        left_out: &BTreeMap<&str, Unsolvable>,
    ) -> Vec<(&'a str, Wish)> {
        let mut there: BTreeMap<&str, Vec<Option<&Version>>> = BTreeMap::new();
        let mut names = BTreeSet::new();
        for candidate in chosen.iter().filter(|candidate| **candidate < self.entries.len()) {
            let package = self.entries[*candidate].package;
            names.insert(&*package.name);
            for (name, version) in answers(package) {
                there.entry(name).or_default().push(version);
            }
        }
        let is_there = |dependency: &Dependency| {
            let versions = there.get(&*dependency.name).map(Vec::as_slice).unwrap_or_default();
            versions.iter().any(|version| is_meant(dependency, *version)) != dependency.is_conflict
        };
        let comes = |candidate: &usize| {
            let entry = &self.entries[*candidate];
            let install_if = &entry.package.install_if;
            entry.tag.is_none() && !install_if.is_empty() && install_if.iter().all(is_there)
        };
        let mut all = Vec::new();
        for (name, group) in &self.groups {
            if names.contains(name) || left_out.contains_key(name) {
                continue;
            }
            let any_of: Vec<_> = self.names[*group].1.iter().copied().filter(comes).collect();
            if !any_of.is_empty() {
                all.push((*name, Wish { any_of, text: name.to_string() }));
            }
        }
        all
    }

    /// What fulfils a dependency of a package, or of the question.
    fn wish(&self, dependency: &Dependency, of: Option<usize>) -> Wish {
        Wish { any_of: self.matching(dependency, of), text: dependency.to_string() }
    }

    /// All candidates that a dependency means, the best first; for a conflict those that must not
    /// be there.
    fn matching(&self, dependency: &Dependency, of: Option<usize>) -> Vec<usize> {
        let tag = match of {
            Some(of) => self.entries[of].tag,
            None => dependency.tag.as_deref(),
        };
        let is_allowed = |entry: &Entry<'_>| {
            dependency.is_conflict
                || entry.tag == tag
                || entry.tag.is_none() && dependency.tag.is_none()
        };
        let providers = self.providers.get(&*dependency.name).map(Vec::as_slice);
        let mut all: Vec<_> = providers
            .unwrap_or_default()
            .iter()
            .filter(|(candidate, version)| {
                is_allowed(&self.entries[*candidate]) && is_meant(dependency, *version)
            })
            .copied()
            .collect();
        let of = of.map(|of| &self.entries[of]);
        let key = |(candidate, version): &(usize, Option<&'a Version>)| prefer::Provider {
            entry: &self.entries[*candidate],
            version: *version,
        };
        all.sort_by(|a, b| prefer::providers(&dependency.name, of, &key(a), &key(b)));
        let mut seen = BTreeSet::new();
        all.retain(|(candidate, _)| seen.insert(*candidate));
        all.into_iter().map(|(candidate, _)| candidate).collect()
    }

    /// Who else answers to a name that this one owns, or owns one that it answers to.
    fn rivals(&self, candidate: usize) -> BTreeSet<usize> {
        let package = self.entries[candidate].package;
        let mut rivals = BTreeSet::new();
        for (name, version) in answers(package) {
            for (other, of_other) in self.providers.get(name).into_iter().flatten() {
                let is_other = self.entries[*other].package.name != package.name;
                if is_other && (version.is_some() || of_other.is_some()) {
                    rivals.insert(*other);
                }
            }
        }
        rivals
    }
}

/// The names that a package answers to: its own, and those it provides.
fn answers(package: &Package) -> impl Iterator<Item = (&str, Option<&Version>)> {
    let own = core::iter::once((&*package.name, Some(&package.version)));
    own.chain(package.provides.iter().map(|one| (&*one.name, one.version.as_ref())))
}

/// Whether a dependency means what is provided in this version. Only what is provided in a version
/// fulfils a dependency on one, or stands in the way of it.
fn is_meant(dependency: &Dependency, version: Option<&Version>) -> bool {
    match version {
        Some(version) => dependency.allows(version),
        None => dependency.version.is_none(),
    }
}

/// Where there is no choice first: what comes then may be there already.
fn sorted(mut wishes: Vec<Wish>) -> Vec<Wish> {
    wishes.sort_by_key(|wish| wish.any_of.len());
    wishes
}

fn vetoes(wishes: &[Dependency]) -> Vec<&Dependency> {
    wishes.iter().filter(|wish| wish.is_conflict).collect()
}

/// The packages, and a candidate for each `!NAME` of the question: it is there, and conflicts with
/// what it forbids, so that a reason can name it.
struct Asked<'a, 'q> {
    packages: &'q Packages<'a>,
    vetoes: Vec<&'q Dependency>,
}

impl Asked<'_, '_> {
    fn veto(&self, candidate: usize) -> Option<&Dependency> {
        let place = candidate.checked_sub(self.packages.entries.len())?;
        self.vetoes.get(place).copied()
    }
}

impl Candidates for Asked<'_, '_> {
    fn group(&self, candidate: usize) -> usize {
        match candidate.checked_sub(self.packages.entries.len()) {
            Some(veto) => self.packages.names.len() + veto,
            None => self.packages.groups[&*self.packages.entries[candidate].package.name],
        }
    }

    fn groups(&self) -> usize {
        self.packages.names.len() + self.vetoes.len()
    }

    fn of_group(&self, group: usize) -> Vec<usize> {
        match group.checked_sub(self.packages.names.len()) {
            Some(veto) => [self.packages.entries.len() + veto].into(),
            None => self.packages.names[group].1.clone(),
        }
    }

    fn needs(&self, candidate: usize) -> Vec<Wish> {
        if self.veto(candidate).is_some() {
            return Vec::new();
        }
        let package = self.packages.entries[candidate].package;
        let unreadable = package.unreadable.iter();
        let unreadable =
            unreadable.map(|error| Wish { any_of: Vec::new(), text: alloc::format!("({error})") });
        let depends = package.depends.iter().filter(|dependency| !dependency.is_conflict);
        let wishes = depends.map(|dependency| self.packages.wish(dependency, Some(candidate)));
        // What it provides itself it has.
        let wishes = wishes.filter(|wish| !wish.any_of.contains(&candidate));
        sorted(unreadable.chain(wishes).collect())
    }

    fn conflicts(&self, candidate: usize) -> Vec<usize> {
        if let Some(veto) = self.veto(candidate) {
            return self.packages.matching(veto, None);
        }
        let package = self.packages.entries[candidate].package;
        let mut all = self.packages.rivals(candidate);
        for conflict in package.depends.iter().filter(|dependency| dependency.is_conflict) {
            all.extend(self.packages.matching(conflict, Some(candidate)));
        }
        // Who conflicts with what it provides itself means all others that do.
        all.remove(&candidate);
        all.into_iter().collect()
    }

    fn name(&self, group: usize) -> String {
        match group.checked_sub(self.packages.names.len()) {
            Some(veto) => alloc::format!("`{}`", self.vetoes[veto]),
            None => self.packages.names[group].0.to_string(),
        }
    }

    fn version(&self, candidate: usize) -> String {
        match self.veto(candidate) {
            Some(_) => "as asked".to_string(),
            None => self.packages.entries[candidate].package.version.to_string(),
        }
    }
}
