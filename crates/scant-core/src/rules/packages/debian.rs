//! What Debian's relations mean, for packages of one architecture (and of `all`).
//! [Debian Policy, 7](https://www.debian.org/doc/debian-policy/ch-relationships.html); which version
//! is preferred: apt_preferences(5).

mod absent;

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cell::RefCell;

use super::solve::{Candidates, Unsolvable, Wish, solve};
use crate::formats::debian::control::{Paragraph, paragraphs};
use crate::formats::debian::{Alternatives, Package, PackageError, Relation, Version, relations};

/// All packages of some indexes, to choose from. Only names, versions and what is provided are read
/// at first; the rest of a package when it is looked at.
pub struct Packages<'a> {
    entries: Vec<Entry<'a>>,
    /// The candidates of each name, the best first. The place of a name is its group.
    names: Vec<(&'a str, Vec<usize>)>,
    groups: BTreeMap<&'a str, usize>,
    architecture: Box<str>,
    /// Who provides a name, and in which version.
    providers: BTreeMap<Box<str>, Vec<(usize, Option<Version>)>>,
    has_recommends: bool,
    read: RefCell<BTreeMap<usize, Package>>,
}

struct Entry<'a> {
    paragraph: Paragraph<'a>,
    name: &'a str,
    version: Version,
    index: usize,
    priority: i32,
}

/// An index to choose from.
#[derive(Clone, Copy, Debug)]
pub struct Index<'a> {
    /// The text of a `Packages` file.
    pub text: &'a str,
    /// How much its packages are preferred: a higher number over a higher version.
    pub priority: i32,
}

/// A package that is preferred or not, by version: `Pin` of apt_preferences(5).
#[derive(Clone, Debug)]
pub struct Pin {
    /// Its name.
    pub name: Box<str>,
    /// Which versions; `*` at the end stands for anything.
    pub version: Box<str>,
    /// How much; a negative number forbids it.
    pub priority: i32,
}

/// Which packages there are to choose from.
#[derive(Clone, Copy, Debug, Default)]
pub struct Terms<'a> {
    /// The architecture, by Debian's name.
    pub architecture: &'a str,
    /// Whether what is recommended comes too.
    pub has_recommends: bool,
    /// Which versions are preferred.
    pub pins: &'a [Pin],
}

/// A chosen package, and the index it is from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// The package.
    pub package: Package,
    /// The number of its index.
    pub index: usize,
}

/// An index that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{error}")]
pub struct IndexError {
    /// The number of the index.
    pub index: usize,
    /// What is wrong.
    pub error: PackageError,
}

impl<'a> Packages<'a> {
    /// Chooses packages, sorted by name.
    ///
    /// # Errors
    /// When there is no choice.
    pub fn choose(&self, wishes: &[Alternatives]) -> Result<Vec<Chosen>, Unsolvable> {
        let wishes: Vec<_> = wishes.iter().map(|wish| self.wish(wish)).collect();
        let chosen = |candidate| Chosen {
            package: self.package(candidate),
            index: self.entries[candidate].index,
        };
        let mut all: Vec<_> = solve(self, &wishes)?.into_iter().map(chosen).collect();
        all.sort_by(|a, b| a.package.name.cmp(&b.package.name));
        Ok(all)
    }

    /// Reads indexes: of their packages those that the terms allow.
    ///
    /// # Errors
    /// When an index cannot be read.
    pub fn read(indexes: &[Index<'a>], terms: &Terms<'_>) -> Result<Self, IndexError> {
        let mut packages = Self {
            entries: Vec::new(),
            names: Vec::new(),
            groups: BTreeMap::new(),
            providers: BTreeMap::new(),
            architecture: terms.architecture.into(),
            has_recommends: terms.has_recommends,
            read: RefCell::default(),
        };
        let mut known = BTreeSet::new();
        for (number, index) in indexes.iter().enumerate() {
            for paragraph in paragraphs(index.text) {
                let failed = |error| IndexError { index: number, error };
                let fields = Head::of(paragraph);
                if fields.architecture != "all" && fields.architecture != terms.architecture {
                    continue;
                }
                if fields.name.is_empty() || fields.version.is_empty() {
                    Package::parse(paragraph).map_err(failed)?;
                }
                // The same of two indexes is taken from the first.
                if !known.insert((fields.name, fields.version)) {
                    continue;
                }
                let version = fields.version.parse().map_err(|_| match Package::parse(paragraph) {
                    Err(error) => failed(error),
                    Ok(_) => {
                        failed(PackageError::Missing { line: paragraph.line, field: "Version" })
                    }
                });
                let priority = priority(terms.pins, &fields, index.priority);
                if priority >= 0 {
                    packages.add(fields, paragraph, version?, number, priority);
                }
            }
        }
        let entries = &packages.entries;
        for (_, candidates) in &mut packages.names {
            candidates.sort_by(|a, b| {
                let (a, b) = (&entries[*a], &entries[*b]);
                (b.priority, &b.version).cmp(&(a.priority, &a.version))
            });
        }
        for providers in packages.providers.values_mut() {
            providers.sort_by(|(a, _), (b, _)| {
                let (a, b) = (&entries[*a], &entries[*b]);
                (a.name, b.priority, &b.version).cmp(&(b.name, a.priority, &a.version))
            });
        }
        Ok(packages)
    }

    fn add(
        &mut self,
        fields: Head<'a>,
        paragraph: Paragraph<'a>,
        version: Version,
        index: usize,
        priority: i32,
    ) {
        let candidate = self.entries.len();
        // What is no relation is found when the package is looked at.
        for provided in relations(fields.provides).unwrap_or_default().into_iter().flatten() {
            let version = provided.version.map(|(_, version)| version);
            self.providers.entry(provided.name).or_default().push((candidate, version));
        }
        let Head { name, .. } = fields;
        self.entries.push(Entry { paragraph, name, version, index, priority });
        let next = self.names.len();
        let group = *self.groups.entry(name).or_insert(next);
        if group == next {
            self.names.push((name, Vec::new()));
        }
        self.names[group].1.push(candidate);
    }

    /// A package in full. One that makes no sense needs what nothing fulfils.
    fn package(&self, candidate: usize) -> Package {
        let mut read = self.read.borrow_mut();
        let package = read.entry(candidate).or_insert_with(|| {
            let entry = &self.entries[candidate];
            Package::parse(entry.paragraph).unwrap_or_else(|error| broken(entry, &error))
        });
        package.clone()
    }

    fn wish(&self, alternatives: &Alternatives) -> Wish {
        let mut any_of: Vec<usize> = Vec::new();
        for relation in alternatives {
            for candidate in self.matching(relation) {
                if !any_of.contains(&candidate) {
                    any_of.push(candidate);
                }
            }
        }
        let text: Vec<_> = alternatives.iter().map(ToString::to_string).collect();
        Wish { any_of, text: text.join(" | ") }
    }

    /// All candidates that a relation means, the best first: packages of that name before those that
    /// provide it.
    fn matching(&self, relation: &Relation) -> Vec<usize> {
        // There are no packages of other architectures here.
        let is_here =
            |name: &str| matches!(name, "any" | "native" | "all") || *name == *self.architecture;
        if !relation.architecture.as_deref().is_none_or(is_here) {
            return Vec::new();
        }
        let named = self.groups.get(&*relation.name).map(|group| &self.names[*group].1[..]);
        let named = named.unwrap_or_default().iter().copied();
        let named = named.filter(|candidate| relation.allows(&self.entries[*candidate].version));
        let providers = self.providers.get(&relation.name).map(Vec::as_slice).unwrap_or_default();
        let provided = providers.iter().filter(|(_, version)| match version {
            Some(version) => relation.allows(version),
            // Only what is provided in a version fulfils a relation to a version.
            None => relation.version.is_none(),
        });
        named.chain(provided.map(|(candidate, _)| *candidate)).collect()
    }
}

fn broken(entry: &Entry<'_>, error: &PackageError) -> Package {
    let text = alloc::format!("Package: {}\nVersion: 0\nArchitecture: all\n", entry.name);
    let plain = paragraphs(&text).next().and_then(|paragraph| Package::parse(paragraph).ok());
    let mut package = plain.expect("a name that is in a group was read before");
    package.depends = alloc::vec![alloc::vec![Relation {
        name: alloc::format!("({error})").into(),
        architecture: None,
        version: None,
    }]];
    package
}

fn priority(pins: &[Pin], fields: &Head<'_>, usual: i32) -> i32 {
    let is_meant = |pin: &&Pin| {
        *pin.name == *fields.name
            && match pin.version.strip_suffix('*') {
                Some(start) => fields.version.starts_with(start),
                None => *pin.version == *fields.version,
            }
    };
    pins.iter().find(is_meant).map_or(usual, |pin| pin.priority)
}

/// What is read of every package.
#[derive(Default)]
struct Head<'a> {
    name: &'a str,
    version: &'a str,
    architecture: &'a str,
    provides: &'a str,
}

impl<'a> Head<'a> {
    fn of(paragraph: Paragraph<'a>) -> Self {
        let mut head = Self::default();
        for (name, value) in paragraph.fields() {
            match name {
                "Package" => head.name = value,
                "Version" => head.version = value,
                "Architecture" => head.architecture = value,
                "Provides" => head.provides = value,
                _ => {}
            }
        }
        head
    }
}

impl Candidates for Packages<'_> {
    fn group(&self, candidate: usize) -> usize {
        self.groups[self.entries[candidate].name]
    }

    fn groups(&self) -> usize {
        self.names.len()
    }

    fn of_group(&self, group: usize) -> Vec<usize> {
        self.names[group].1.clone()
    }

    fn needs(&self, candidate: usize) -> Vec<Wish> {
        let package = self.package(candidate);
        let mut needs: Vec<_> = package.depends.iter().map(|wish| self.wish(wish)).collect();
        if self.has_recommends {
            // What is recommended and cannot be had is done without.
            let wishes = package.recommends.iter().map(|wish| self.wish(wish));
            needs.extend(wishes.filter(|wish| !wish.any_of.is_empty()));
        }
        needs
    }

    fn conflicts(&self, candidate: usize) -> Vec<usize> {
        let all = self.package(candidate).conflicts;
        let all = all.iter().flat_map(|relation| self.matching(relation));
        // Who conflicts with what it provides itself means all others that do.
        all.filter(|other| self.group(*other) != self.group(candidate)).collect()
    }

    fn name(&self, group: usize) -> String {
        self.names[group].0.to_string()
    }

    fn version(&self, candidate: usize) -> String {
        self.entries[candidate].version.to_string()
    }
}
