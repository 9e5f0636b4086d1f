//! Many packages as one root, as dpkg would lay them over one another, with the directories of
//! programs and libraries below `/usr` alone, as in every Debian since 12:
//! <https://wiki.debian.org/UsrMerge>.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufReader};
use std::path::PathBuf;

use scant_core::words::{Entry, Input, InputError, Meta, Problem, ReadAt, Root, TreePath};

use super::{DebError, DebFault, DebPackage};
use crate::images::listed_input::{ListedInput, Store};
use crate::images::overlay::Overlay;
use crate::images::stored::{OpenedAs, Piece, Stored};
use crate::images::tar_reader::{Stream, TarEntry, TarReader};
use crate::inputs::{ArchiveFault, ArchiveOptions, ArchivePlace, Reading};

/// The directories that are links into `/usr`.
const MERGED: [&[u8]; 7] = [b"bin", b"lib", b"lib32", b"lib64", b"libo32", b"libx32", b"sbin"];

/// The files of many packages.
pub struct DebRoot {
    files: ListedInput<Contents>,
    /// What the packages are called.
    titles: Vec<String>,
    /// The package that each path is from, directories left out.
    owners: BTreeMap<TreePath, usize>,
}

impl DebRoot {
    /// Opens packages, each of them a file.
    ///
    /// # Errors
    /// The first that is damaged, or does not go with those before it.
    pub fn open(paths: &[PathBuf], options: &ArchiveOptions) -> Result<Self, DebError> {
        let mut packages = Vec::new();
        for path in paths {
            packages.push((path.clone(), DebPackage::open(path, options)?));
        }
        packages.sort_by(|(_, a), (_, b)| a.package.name.cmp(&b.package.name));
        Self::of(packages, options)
    }

    fn of(
        packages: Vec<(PathBuf, DebPackage)>,
        options: &ArchiveOptions,
    ) -> Result<Self, DebError> {
        let mut laying = Laying {
            packages: &packages,
            options,
            overlay: Overlay::of_archive(),
            starts: BTreeMap::new(),
            owners: BTreeMap::new(),
            bytes: 0,
        };
        for (number, (path, _)) in packages.iter().enumerate() {
            laying
                .add(number)
                .map_err(|fault| DebError { path: path.clone(), fault: fault.into() })?;
        }
        let (listing, starts) = laying.finish().map_err(|why| DebError {
            path: packages.first().map(|(path, _)| path.clone()).unwrap_or_default(),
            fault: DebFault::Refused(why).into(),
        })?;
        let is_directory =
            |kind: &crate::images::ListedKind| matches!(kind, crate::images::ListedKind::Directory);
        let owners = listing
            .iter()
            .filter(|(_, listed)| !is_directory(&listed.kind) && listed.origin() < packages.len())
            .map(|(path, listed)| (path.clone(), listed.origin()))
            .collect();
        let titles = packages.iter().map(|(_, package)| package.title()).collect();
        let stored = packages.into_iter().map(|(_, package)| package.data).collect();
        let files = ListedInput::new(listing, None, Contents { stored, starts });
        Ok(Self { files, titles, owners })
    }
}

/// Packages while they are laid over one another.
struct Laying<'a> {
    packages: &'a [(PathBuf, DebPackage)],
    options: &'a ArchiveOptions,
    overlay: Overlay,
    starts: BTreeMap<(usize, u64), u64>,
    /// Which package has a path that is no directory.
    owners: BTreeMap<Vec<u8>, usize>,
    bytes: u64,
}

type Starts = BTreeMap<(usize, u64), u64>;

impl Laying<'_> {
    fn add(&mut self, package: usize) -> Result<(), DebFault> {
        let stored = &self.packages[package].1.data;
        let source = Stream(BufReader::with_capacity(1 << 16, Reading { stored, position: 0 }));
        let mut archive = TarReader::of_any(source, self.options.limits.max_header);
        let failed = |fault| DebFault::Archive { member: "data.tar", fault };
        for number in 0.. {
            let next = archive.next();
            let offset = archive.position;
            let place =
                |member: Option<Vec<u8>>| ArchivePlace { offset, decompressed: None, member };
            let damaged = |error: io::Error| {
                let why = match error.kind() {
                    io::ErrorKind::UnexpectedEof => "the archive ends too early".into(),
                    _ => error.to_string(),
                };
                failed(ArchiveFault::Damaged { place: place(None), why })
            };
            let Some(entry) = next.map_err(damaged)? else { break };
            let name = entry.name.clone();
            let refused =
                |why| failed(ArchiveFault::Refused { place: place(Some(name.clone())), why });
            self.bound(number, &entry).map_err(failed)?;
            if let Some(why) = unexpected(&entry) {
                return Err(refused(why.into()));
            }
            let is_file = matches!(entry.flag, b'\0' | b'0');
            let Some(entry) = merged(entry) else { continue };
            if entry.flag != b'5' && !self.takes(package, &entry.name)? {
                continue;
            }
            self.overlay.apply(entry, (package, number)).map_err(refused)?;
            if is_file {
                self.starts.insert((package, number), offset);
            }
        }
        Ok(())
    }

    fn bound(&mut self, number: u64, entry: &TarEntry) -> Result<(), ArchiveFault> {
        let limits = &self.options.limits;
        self.bytes = self.bytes.saturating_add(entry.size);
        let limit = |what: &str, limit, option| {
            Err(ArchiveFault::Limit { what: what.into(), limit, option })
        };
        if number >= limits.max_entries {
            return limit("it has too many entries", limits.max_entries, "max_entries");
        }
        if self.bytes > limits.max_bytes {
            return limit("its files have too many bytes", limits.max_bytes, "max_bytes");
        }
        Ok(())
    }

    /// Whether a package puts something there that is no directory.
    /// [Debian Policy, 7.6](https://www.debian.org/doc/debian-policy/ch-relationships.html#overwriting-files-and-replacing-packages-replaces).
    fn takes(&mut self, package: usize, path: &[u8]) -> Result<bool, DebFault> {
        let Some(other) = self.owners.insert(path.to_vec(), package) else { return Ok(true) };
        let (this, that) = (&self.packages[package].1.package, &self.packages[other].1.package);
        let replaces = |one: &scant_core::formats::debian::Package,
                        other: &scant_core::formats::debian::Package| {
            one.replaces
                .iter()
                .any(|relation| relation.name == other.name && relation.allows(&other.version))
        };
        if other == package || replaces(this, that) {
            return Ok(true);
        }
        if replaces(that, this) {
            self.owners.insert(path.to_vec(), other);
            return Ok(false);
        }
        Err(DebFault::Both {
            name: this.name.to_string(),
            other: that.name.to_string(),
            path: [b"/", path].concat(),
        })
    }

    /// What is visible, with the links into `/usr`.
    fn finish(mut self) -> Result<(crate::images::Listing, Starts), String> {
        let nobody = self.packages.len();
        for (number, name) in MERGED.iter().enumerate() {
            let below = [b"usr/", *name].concat();
            let start = [&below[..], b"/"].concat();
            let mut following = self.owners.range(start.clone()..);
            if !following.next().is_some_and(|(path, _)| path.starts_with(&start)) {
                continue;
            }
            let link = TarEntry {
                name: name.to_vec(),
                link: below,
                flag: b'2',
                mode: 0o777,
                ..TarEntry::default()
            };
            self.overlay.apply(link, (nobody, number as u64))?;
        }
        Ok((self.overlay.finish()?, self.starts))
    }
}

/// Why an entry is none that a package has.
fn unexpected(entry: &TarEntry) -> Option<&'static str> {
    if entry.sparse.is_some() {
        return Some("a sparse file, which no package has");
    }
    if entry.name.split(|&b| b == b'/').any(|part| part == b"..") {
        return Some("a name that contains `..`");
    }
    match entry.flag {
        b'\0' | b'0' | b'1' | b'2' | b'3' | b'4' | b'5' | b'6' => None,
        _ => Some("an entry of a kind that no package has"),
    }
}

/// An entry with its name from the root on, where it is since `/usr` is merged; none for what is a
/// link there.
fn merged(mut entry: TarEntry) -> Option<TarEntry> {
    if entry.flag == b'\0' && entry.name.ends_with(b"/") {
        entry.flag = b'5';
    }
    entry.name = below_usr(&entry.name);
    if entry.flag == b'1' {
        entry.link = below_usr(&entry.link);
    }
    let is_merged = entry.name.strip_prefix(b"usr/").is_some_and(|name| MERGED.contains(&name));
    (!is_merged || entry.flag == b'5').then_some(entry)
}

fn below_usr(name: &[u8]) -> Vec<u8> {
    let parts = name.split(|&b| b == b'/').filter(|part| !matches!(*part, b"" | b"."));
    let parts: Vec<&[u8]> = parts.collect();
    let is_merged = parts.first().is_some_and(|first| MERGED.contains(first));
    let usr: &[&[u8]] = if is_merged { &[b"usr"] } else { &[] };
    [usr, &parts].concat().join(&b'/')
}

/// The contents of the files.
struct Contents {
    stored: Vec<Stored>,
    /// Where that of each begins, by the number of its package and of its entry.
    starts: Starts,
}

impl Store for Contents {
    fn open(&self, at: (usize, u64), file: OpenedAs) -> Result<Box<dyn ReadAt>, InputError> {
        let start = self.starts.get(&at).copied();
        let (Some(start), Some(stored)) = (start, self.stored.get(at.0)) else {
            return Err(InputError::new(&file.path, Problem::NotFound));
        };
        Ok(Box::new(Piece { stored: stored.clone(), start, file }))
    }
}

impl Input for DebRoot {
    fn lookup(&self, path: &TreePath) -> Result<Option<Entry>, InputError> {
        self.files.lookup(path)
    }

    fn list(&self, path: &TreePath) -> Result<Vec<Box<[u8]>>, InputError> {
        self.files.list(path)
    }

    fn open(&self, path: &TreePath) -> Result<Box<dyn ReadAt>, InputError> {
        Input::open(&self.files, path)
    }

    fn packages(&self, paths: &BTreeSet<TreePath>) -> BTreeMap<TreePath, String> {
        let title = |path: &TreePath| {
            let owner = self.owners.get(path)?;
            Some((path.clone(), self.titles[*owner].clone()))
        };
        paths.iter().filter_map(title).collect()
    }
}

impl Root for DebRoot {
    fn meta(&self, path: &TreePath) -> Result<Option<Meta>, InputError> {
        self.files.meta(path)
    }
}
