//! Packages that were chosen together, as one root: what each of them has, at one place. Two that
//! have the same path are an error, unless they have the same there, or one may take the place of
//! the other.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use scant_core::rules::packages::actions::Made;
use scant_core::words::{
    Entry, EntryKind, Input, InputError, Meta, Mode, Problem, ReadAt, Root, Stamp, TreePath,
};

use super::PackageIdentity;
use crate::inputs::made::InMemory;

/// A package, and its files.
pub struct Part {
    /// What it is called.
    pub identity: PackageIdentity,
    /// Its files.
    pub root: Box<dyn Root + Send>,
}

/// The files of many packages.
pub struct Union {
    parts: Vec<Part>,
    places: BTreeMap<TreePath, Place>,
    /// The names in each directory, sorted.
    names: BTreeMap<TreePath, BTreeSet<Box<[u8]>>>,
}

/// Where something is.
#[derive(Clone, Debug)]
enum Place {
    /// In a part, at a path that may be another: where a link leads to a directory, what packages
    /// have below the link lies in that.
    Part { part: usize, path: TreePath },
    /// Made for a script of this package.
    Made { package: String, made: Made },
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

/// The most links that lead on to one another.
const MOST_LINKS: usize = 40;

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
        let links = links_to_directories(&entries);
        let at = |(part, path, entry): (usize, TreePath, Entry)| {
            let at = moved(&path, entry.is_directory(), &links);
            (at, part, path, entry)
        };
        let mut entries: Vec<_> = entries.into_iter().map(at).collect();
        // By path and name of the package: the order in which packages are given says nothing.
        let key = |part: usize, at: &TreePath, path: &TreePath| (at != path, &parts[part].identity);
        entries.sort_by(|a, b| {
            a.0.cmp(&b.0).then_with(|| key(a.1, &a.0, &a.2).cmp(&key(b.1, &b.0, &b.2)))
        });
        let mut union = Self { parts, places: BTreeMap::new(), names: BTreeMap::new() };
        let mut collisions = Vec::new();
        for (at, part, path, entry) in entries {
            if let Some(collision) = union.put(at, Place::Part { part, path }, &entry, replaces)? {
                collisions.push(collision);
            }
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

    /// Adds what scripts would have made, where nothing is. Of a path below something that is no
    /// directory nothing is made.
    #[must_use]
    pub fn with_made(mut self, made: BTreeMap<TreePath, (String, Made)>) -> Self {
        for (path, (package, made)) in made {
            let path = self.real(&path);
            let is_directory = |above: &TreePath| match self.lookup(above) {
                Ok(Some(entry)) => entry.is_directory(),
                _ => true,
            };
            if self.places.contains_key(&path)
                || !path.ancestors().all(|above| is_directory(&above))
            {
                continue;
            }
            for above in path.ancestors().filter(|above| !above.is_root()) {
                self.places.entry(above).or_insert(Place::Implied);
            }
            self.places.insert(path, Place::Made { package, made });
        }
        self.list_names();
        self
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
            Place::Made { package, .. } => Some(package),
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

/// Links of one package at the path of a directory of another, and where they lead. After `/lib`
/// became a link to `/usr/lib`, older packages still have files in `/lib`.
fn links_to_directories(entries: &[(usize, TreePath, Entry)]) -> BTreeMap<TreePath, TreePath> {
    let is_directory = |(_, _, entry): &&(usize, TreePath, Entry)| entry.is_directory();
    let directories: BTreeSet<&TreePath> =
        entries.iter().filter(is_directory).map(|(_, path, _)| path).collect();
    let link = |(_, path, entry): &(usize, TreePath, Entry)| {
        let target = target_of(path, entry.link_target()?)?;
        directories.contains(path).then(|| (path.clone(), target))
    };
    entries.iter().filter_map(link).collect()
}

/// The path that a link means.
fn target_of(link: &TreePath, target: &[u8]) -> Option<TreePath> {
    let mut path = match target.first()? {
        b'/' => TreePath::root(),
        _ => link.parent()?,
    };
    for name in target.split(|&byte| byte == b'/') {
        match name {
            b"" | b"." => {}
            b".." => path = path.parent().unwrap_or(path),
            name if name.contains(&0) => return None,
            name => path = path.join(name),
        }
    }
    (path != *link).then_some(path)
}

/// The path with links to directories followed: all of it for a directory, else what is above.
fn moved(path: &TreePath, is_directory: bool, links: &BTreeMap<TreePath, TreePath>) -> TreePath {
    let mut path = path.clone();
    for _ in 0..MOST_LINKS {
        let own = is_directory.then(|| path.clone());
        let link = own.into_iter().chain(path.ancestors()).find(|above| links.contains_key(above));
        let Some(link) = link else { break };
        match path.below(&link) {
            Some(rest) => path = links[&link].append(&rest),
            None => break,
        }
    }
    path
}

/// Tells the files of the parts apart.
fn stamp(part: usize, stamp: Stamp) -> Stamp {
    Stamp { device: part as u64, ..stamp }
}

struct OfPart {
    part: usize,
    file: Box<dyn ReadAt>,
}

impl ReadAt for OfPart {
    fn size(&self) -> u64 {
        self.file.size()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, InputError> {
        self.file.read_at(offset, buffer)
    }

    fn stamp(&self) -> Result<Option<Stamp>, InputError> {
        Ok(self.file.stamp()?.map(|found| stamp(self.part, found)))
    }
}

/// An error of a part, at the path that was asked for.
fn at<'a>(path: &'a TreePath) -> impl Fn(InputError) -> InputError + 'a {
    |error| InputError::new(path, error.problem)
}

impl Input for Union {
    fn lookup(&self, path: &TreePath) -> Result<Option<Entry>, InputError> {
        let directory = || Entry { kind: EntryKind::Directory, mode: 0o755, stamp: None };
        match self.places.get(path) {
            None if path.is_root() => Ok(Some(directory())),
            None => Ok(None),
            Some(Place::Part { part, path: inner }) => {
                let entry = self.parts[*part].root.lookup(inner).map_err(at(path))?;
                Ok(entry.map(|entry| Entry {
                    stamp: entry.stamp.map(|found| stamp(*part, found)),
                    ..entry
                }))
            }
            Some(Place::Made { made: Made::Link(target), .. }) => {
                let kind = EntryKind::Symlink { target: target.clone() };
                Ok(Some(Entry { kind, mode: 0o777, stamp: None }))
            }
            Some(Place::Made { made: Made::File(content), .. }) => {
                let kind = EntryKind::File { size: content.len() as u64 };
                Ok(Some(Entry { kind, mode: 0o644, stamp: None }))
            }
            Some(Place::Implied) => Ok(Some(directory())),
        }
    }

    fn list(&self, path: &TreePath) -> Result<Vec<Box<[u8]>>, InputError> {
        match self.lookup(path)? {
            None => Err(InputError::new(path, Problem::NotFound)),
            Some(entry) if !entry.is_directory() => {
                Err(InputError::new(path, Problem::NotADirectory))
            }
            Some(_) => Ok(self.names.get(path).into_iter().flatten().cloned().collect()),
        }
    }

    fn open(&self, path: &TreePath) -> Result<Box<dyn ReadAt>, InputError> {
        match self.places.get(path) {
            None if path.is_root() => Err(InputError::new(path, Problem::NotAFile("a directory"))),
            None => Err(InputError::new(path, Problem::NotFound)),
            Some(Place::Part { part, path: inner }) => {
                let file = self.parts[*part].root.open(inner).map_err(at(path))?;
                Ok(Box::new(OfPart { part: *part, file }))
            }
            Some(Place::Made { made: Made::File(content), .. }) => {
                Ok(Box::new(InMemory(content.clone())))
            }
            Some(Place::Made { .. }) => {
                Err(InputError::new(path, Problem::NotAFile("a symbolic link")))
            }
            Some(Place::Implied) => Err(InputError::new(path, Problem::NotAFile("a directory"))),
        }
    }

    fn packages(&self, paths: &BTreeSet<TreePath>) -> BTreeMap<TreePath, String> {
        let owner = |path: &TreePath| Some((path.clone(), self.package_of(path)?.to_string()));
        paths.iter().filter_map(owner).collect()
    }
}

impl Root for Union {
    fn meta(&self, path: &TreePath) -> Result<Option<Meta>, InputError> {
        match self.places.get(path) {
            None => Ok(path.is_root().then(|| Meta::new(Mode::EXECUTABLE))),
            Some(Place::Part { part, path: inner }) => {
                self.parts[*part].root.meta(inner).map_err(at(path))
            }
            Some(Place::Made { made: Made::Link(_), .. }) => Ok(Some(Meta::new(Mode::SYMLINK))),
            Some(Place::Made { made: Made::File(_), .. }) => Ok(Some(Meta::new(Mode::FILE))),
            Some(Place::Implied) => Ok(Some(Meta::new(Mode::EXECUTABLE))),
        }
    }
}
