//! Packages that were chosen together, as one root: what each of them has, at one place. Two that
//! have the same path are an error, unless they have the same there, or one may take the place of
//! the other.

mod diversions;
mod input;
mod links;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Bound;

use scant_core::formats::debian::maintainer_script::Alternative;
use scant_core::rules::packages::actions::{self, Action, Installed, Made, System};
use scant_core::words::{
    Entry, EntryKind, Input, InputError, InstalledPackage, Meta, Mode, PackageIdentity, Problem,
    ReadAt, Record, Root, TreePath, Wanted,
};

use diversions::Diversions;
use links::{links_to_directories, moved, target_of};

/// A package, and its files.
pub struct Part {
    /// What it is called.
    pub identity: PackageIdentity,
    /// The files that an administrator may change.
    pub conffiles: Vec<TreePath>,
    /// Where files of others are instead, that make room for its own.
    pub diversions: Vec<(TreePath, TreePath)>,
    /// Its scripts. They are never run.
    pub scripts: Vec<Script>,
    /// What a package manager would keep of it.
    pub record: Record,
    /// Its files.
    pub root: Box<dyn Root + Send>,
}

/// A script that a package manager would run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// When, by its system's name for it: `postinst`, `.post-install`.
    pub name: String,
    /// Its text.
    pub text: Vec<u8>,
}

/// The files of many packages.
pub struct Union {
    /// Sorted by name.
    parts: Vec<Part>,
    /// The same packages, as others see them.
    installed: Vec<InstalledPackage>,
    places: BTreeMap<TreePath, Place>,
    /// The paths of each part, directories included, sorted.
    paths: Vec<BTreeSet<TreePath>>,
    /// The names in each directory, sorted.
    names: BTreeMap<TreePath, BTreeSet<Box<[u8]>>>,
}

/// Where something is.
#[derive(Clone, Debug)]
enum Place {
    /// In a part, at a path that may be another: where a link leads to a directory, what packages
    /// have below the link lies in that.
    Part { part: usize, path: TreePath },
    /// Made for a script of this part, or for all of them.
    Made { part: Option<usize>, made: Made },
    /// A directory that something made lies in.
    Implied,
}

/// A path that several packages have, of which none may take the place of the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collision {
    /// The path.
    pub path: TreePath,
    /// The packages, and what they have there.
    pub packages: [(String, &'static str); 2],
}

/// Why packages cannot be one root.
#[derive(Debug, thiserror::Error)]
pub enum UnionError {
    /// Paths that several have.
    #[error("packages have different files at the same path:\n{}", Lines(.0))]
    Collisions(Vec<Collision>),
    /// The files of a package cannot be read.
    #[error("package `{package}`: {error}")]
    Read {
        /// The package.
        package: String,
        /// Why.
        error: InputError,
    },
}

struct Lines<'a>(&'a [Collision]);

impl fmt::Display for Lines<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, Collision { path, packages: [(a, is_a), (b, is_b)] }) in
            self.0.iter().enumerate()
        {
            let end = if place == 0 { "" } else { "\n" };
            write!(f, "{end}  `{path}`: {is_a} of `{a}`, {is_b} of `{b}`")?;
        }
        Ok(())
    }
}

impl Part {
    fn installed(&self) -> InstalledPackage {
        InstalledPackage {
            identity: self.identity.clone(),
            conffiles: self.conffiles.clone(),
            wanted: Wanted::default(),
        }
    }
}

impl Union {
    /// Puts packages together. `replaces` tells whether the first of two, by their numbers, may take
    /// the place of files of the second; if each may, neither does.
    ///
    /// # Errors
    /// All paths that they cannot share.
    pub fn of(
        parts: Vec<Part>,
        replaces: &dyn Fn(usize, usize) -> bool,
    ) -> Result<Self, UnionError> {
        let mut numbered: Vec<(usize, Part)> = parts.into_iter().enumerate().collect();
        numbered.sort_by(|(_, a), (_, b)| a.identity.cmp(&b.identity));
        let (numbers, parts): (Vec<_>, Vec<_>) = numbered.into_iter().unzip();
        let replaces = &|a: usize, b: usize| replaces(numbers[a], numbers[b]);
        let mut entries = Vec::new();
        for (number, part) in parts.iter().enumerate() {
            let failed = |error| {
                let package = part.identity.name.clone();
                UnionError::Read { package, error }
            };
            walk(&*part.root, &TreePath::root(), &mut |path, entry| {
                entries.push((number, path, entry));
            })
            .map_err(failed)?;
        }
        let links = links_to_directories(&entries, replaces);
        let diversions = Diversions::of(&parts, &links);
        let mut implied = BTreeSet::new();
        let at = |(part, path, entry): (usize, TreePath, Entry)| {
            let at = moved(&path, entry.is_directory(), &links);
            match diversions.of_file(part, &at).filter(|_| !entry.is_directory()) {
                Some(to) => {
                    implied.extend(to.ancestors().filter(|above| !above.is_root()));
                    (to.clone(), part, path, entry)
                }
                None => (at, part, path, entry),
            }
        };
        let mut entries: Vec<_> = entries.into_iter().map(at).collect();
        // By path and name of the package: the order in which packages are given says nothing.
        let key = |part: usize, at: &TreePath, path: &TreePath| (at != path, part);
        entries.sort_by(|a, b| {
            a.0.cmp(&b.0).then_with(|| key(a.1, &a.0, &a.2).cmp(&key(b.1, &b.0, &b.2)))
        });
        let installed = parts.iter().map(Part::installed).collect();
        let mut paths = vec![BTreeSet::new(); parts.len()];
        for (at, part, ..) in &entries {
            paths[*part].insert(at.clone());
        }
        let (places, names) = (BTreeMap::new(), BTreeMap::new());
        let mut union = Self { parts, installed, places, paths, names };
        let mut collisions = Vec::new();
        for (at, part, path, entry) in entries {
            if let Some(collision) = union.put(at, Place::Part { part, path }, &entry, replaces)? {
                collisions.push(collision);
            }
        }
        for directory in implied {
            union.places.entry(directory).or_insert(Place::Implied);
        }
        if !collisions.is_empty() {
            collisions.sort_by(|a, b| a.path.cmp(&b.path));
            return Err(UnionError::Collisions(collisions));
        }
        union.list_names();
        Ok(union)
    }

    fn put(
        &mut self,
        at: TreePath,
        place: Place,
        entry: &Entry,
        replaces: &dyn Fn(usize, usize) -> bool,
    ) -> Result<Option<Collision>, UnionError> {
        let (Some(Place::Part { part: old, path: old_path }), Place::Part { part: new, path }) =
            (self.places.get(&at), &place)
        else {
            self.places.insert(at, place);
            return Ok(None);
        };
        let (old, new) = (*old, *new);
        let failed = |error| {
            let package = self.parts[old].identity.name.clone();
            UnionError::Read { package, error }
        };
        let old_root = &*self.parts[old].root;
        let Some(there) = old_root.lookup(old_path).map_err(failed)? else {
            self.places.insert(at, place);
            return Ok(None);
        };
        if there.is_directory() && entry.is_directory() {
            let of = |root: &dyn Root, path| Ok(root.meta(path).map_err(failed)?.map(says_more));
            if of(&*self.parts[new].root, path)? > of(old_root, old_path)? {
                self.places.insert(at, place);
            }
            return Ok(None);
        }
        let collision = || Collision {
            path: at.clone(),
            packages: [(old, &there), (new, entry)].map(|(part, entry)| {
                (self.parts[part].identity.name.clone(), entry.kind.describe())
            }),
        };
        if there.is_directory() || entry.is_directory() {
            return Ok(Some(collision()));
        }
        match (replaces(new, old), replaces(old, new)) {
            (true, false) => {
                self.places.insert(at, place);
                Ok(None)
            }
            (false, true) => Ok(None),
            _ => {
                let is_same = self.is_same((old, old_path, &there), (new, path, entry));
                Ok((!is_same.map_err(failed)?).then(collision))
            }
        }
    }

    /// Whether two packages have the same.
    fn is_same(
        &self,
        a: (usize, &TreePath, &Entry),
        b: (usize, &TreePath, &Entry),
    ) -> Result<bool, InputError> {
        let roots = [&self.parts[a.0].root, &self.parts[b.0].root];
        if roots[0].meta(a.1)? != roots[1].meta(b.1)? {
            return Ok(false);
        }
        let (EntryKind::File { size }, EntryKind::File { size: other }) = (&a.2.kind, &b.2.kind)
        else {
            return Ok(a.2.kind == b.2.kind && matches!(a.2.kind, EntryKind::Symlink { .. }));
        };
        if size != other {
            return Ok(false);
        }
        let files = [roots[0].open(a.1)?, roots[1].open(b.1)?];
        let mut buffers = [vec![0; 1 << 16], vec![0; 1 << 16]];
        let mut offset = 0;
        while offset < *size {
            let count = (size - offset).min(1 << 16) as usize;
            for (file, buffer) in files.iter().zip(&mut buffers) {
                fill(&**file, offset, &mut buffer[..count], a.1)?;
            }
            if buffers[0][..count] != buffers[1][..count] {
                return Ok(false);
            }
            offset += count as u64;
        }
        Ok(true)
    }

    fn list_names(&mut self) {
        self.names.clear();
        for path in self.places.keys() {
            if let (Some(parent), Some(name)) = (path.parent(), path.name()) {
                self.names.entry(parent).or_default().insert(name.into());
            }
        }
    }

    /// The same with links at these paths, each to the directory of its text, where packages have
    /// something below that: what a distribution's base system is laid out with.
    #[must_use]
    pub fn with_links(mut self, links: &[(TreePath, TreePath)]) -> Self {
        for (link, target) in links {
            let mut is_wanted = false;
            for paths in &mut self.paths {
                let mut following = paths.range((Bound::Excluded(target), Bound::Unbounded));
                if following.next().is_some_and(|path| path.below(target).is_some()) {
                    paths.insert(link.clone());
                    is_wanted = true;
                }
            }
            if is_wanted {
                let text = target.as_bytes()[1..].into();
                self.make(link, None, Made::Link(text));
            }
        }
        self.list_names();
        self
    }

    /// The same with what the scripts of packages would have made, where nothing is.
    ///
    /// # Errors
    /// When the files of a package cannot be read.
    pub fn with_actions(mut self, system: System, actions: &[Action]) -> Result<Self, UnionError> {
        let mut all = Vec::new();
        for part in &self.parts {
            let name = &*part.identity.name;
            let scripts = part.scripts.iter().map(|one| (&*one.name, &*one.text)).collect();
            let paths = &self.paths[all.len()];
            let installed = Installed { system, name, scripts, paths };
            let done = actions::apply(actions, &installed, &self);
            all.push(done.map_err(|error| UnionError::Read { package: name.into(), error })?);
        }
        let mut alternatives: BTreeMap<&str, (i32, Reverse<usize>, &Alternative)> = BTreeMap::new();
        for (part, done) in all.iter().enumerate() {
            for one in &done.alternatives {
                let candidate = (one.priority, Reverse(part), one);
                let known = alternatives.entry(&one.link).or_insert(candidate);
                *known = (*known).max(candidate);
            }
        }
        for (_, Reverse(part), one) in alternatives.into_values() {
            let slaves = one.slaves.iter().map(|(link, path)| (link, path));
            for (link, path) in [(&one.link, &one.path)].into_iter().chain(slaves) {
                if let (Ok(link), Ok(target)) = (TreePath::parse(link), TreePath::parse(path))
                    && matches!(self.lookup(&self.real(&target)), Ok(Some(_)))
                {
                    self.make(&link, Some(part), Made::Link(path.as_bytes().into()));
                }
            }
        }
        for (part, done) in all.into_iter().enumerate() {
            self.installed[part].wanted = done.wanted;
            for (path, made) in done.made {
                self.make(&path, Some(part), made);
            }
        }
        self.list_names();
        Ok(self)
    }

    /// Makes something, where nothing is. Of a path below something that is no directory nothing is
    /// made.
    fn make(&mut self, path: &TreePath, part: Option<usize>, made: Made) {
        let path = self.real(path);
        let is_directory = |above: &TreePath| match self.lookup(above) {
            Ok(Some(entry)) => entry.is_directory(),
            _ => true,
        };
        if self.places.contains_key(&path) || !path.ancestors().all(|above| is_directory(&above)) {
            return;
        }
        for above in path.ancestors().filter(|above| !above.is_root()) {
            self.places.entry(above).or_insert(Place::Implied);
        }
        if let Some(part) = part {
            self.paths[part].insert(path.clone());
        }
        self.places.insert(path, Place::Made { part, made });
    }

    /// The path with links above it followed, as far as they lead to directories.
    fn real(&self, path: &TreePath) -> TreePath {
        let mut links = BTreeMap::new();
        for above in path.ancestors() {
            if let Ok(Some(Entry { kind: EntryKind::Symlink { target }, .. })) = self.lookup(&above)
                && let Some(target) = target_of(&above, &target)
            {
                links.insert(above, target);
            }
        }
        moved(path, false, &links)
    }

    /// The package that has what is at this path, or whose script would have made it. Directories
    /// may be of many: the one whose owner and mode they have.
    pub fn package_of(&self, path: &TreePath) -> Option<&str> {
        match self.places.get(path)? {
            Place::Part { part, .. } => Some(&self.parts[*part].identity.name),
            Place::Made { part, .. } => Some(&self.parts[(*part)?].identity.name),
            Place::Implied => None,
        }
    }
}

fn fill(
    file: &dyn ReadAt,
    mut offset: u64,
    mut buffer: &mut [u8],
    path: &TreePath,
) -> Result<(), InputError> {
    while !buffer.is_empty() {
        match file.read_at(offset, buffer)? {
            0 => return Err(InputError::new(path, Problem::Changed)),
            count => {
                offset += count as u64;
                buffer = &mut buffer[count..];
            }
        }
    }
    Ok(())
}

/// Which of two directories says more about its owner and mode: one with special bits, or that is
/// not everybody's to read, over what every package writes of every directory.
fn says_more(meta: Meta) -> bool {
    meta != Meta::new(Mode::EXECUTABLE)
}

fn walk(
    root: &dyn Root,
    directory: &TreePath,
    take: &mut dyn FnMut(TreePath, Entry),
) -> Result<(), InputError> {
    let mut directories = vec![directory.clone()];
    while let Some(directory) = directories.pop() {
        for name in root.list(&directory)? {
            let path = directory.join(&name);
            let Some(entry) = root.lookup(&path)? else { continue };
            if entry.is_directory() {
                directories.push(path.clone());
            }
            take(path, entry);
        }
    }
    Ok(())
}
