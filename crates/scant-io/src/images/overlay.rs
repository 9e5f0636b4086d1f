//! Layers laid one over the other, from their entries alone.
//! [Image specification, layer: applying changesets](https://github.com/opencontainers/image-spec/blob/v1.1.1/layer.md#applying-changesets).

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use scant_core::words::{Escaped, Mode, TreePath};

use super::listing::{Listed, ListedKind, Listing};
use super::sparse::Extent;
use super::tar_reader::TarEntry;

/// The most entries all layers together may have: a bound for memory, far above real images.
const MOST_ENTRIES: u64 = 4_000_000;
/// The most bytes that their paths, links and attributes may have together: a small layer can unpack
/// to any number of them, and each name of a file repeats what the file is.
const MOST_TEXT: usize = 512 << 20;
/// How much more a directory that no entry lists counts: a path of 4 KiB may have 2048 above it.
const IMPLIED: usize = 8;
/// Walking down a path costs as many bytes as it has, for each of its components; a deep one counts
/// that much, divided by this.
const WALKED: usize = 8;
/// Linux opens no path that is longer, `PATH_MAX`.
const LONGEST_PATH: usize = 4096;
/// As many links are followed as the kernel would.
const MOST_LINKS: usize = 40;

/// What is laid over one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Of {
    /// Layers of an image, with marks that hide what lies below.
    Layers,
    /// One archive, which means what GNU tar makes of it: no name is a mark, and a directory that
    /// is not empty makes room for nothing. A hard link may come before its file.
    Archive,
}

/// What is visible so far.
pub(crate) struct Overlay {
    of: Of,
    /// What an archive says of the root.
    root: Option<Listed>,
    seen: BTreeMap<TreePath, (Listed, usize)>,
    entries: u64,
    text: usize,
    most_text: usize,
    /// What the layer of this number has hidden: a second mark for it would only take time.
    hidden: (usize, BTreeSet<TreePath>),
}

impl Default for Overlay {
    fn default() -> Self {
        Self::bounded(MOST_TEXT)
    }
}

impl Overlay {
    /// Nothing yet, and never more than so many bytes of names and attributes.
    pub(crate) fn bounded(most_text: usize) -> Self {
        let (seen, hidden) = (BTreeMap::new(), (0, BTreeSet::new()));
        Self { of: Of::Layers, root: None, seen, entries: 0, text: 0, most_text, hidden }
    }

    /// Nothing yet of an archive that is no layer.
    pub(crate) fn of_archive() -> Self {
        Self { of: Of::Archive, ..Self::default() }
    }

    /// What the entry of the root itself says.
    pub(crate) fn root(&self) -> Option<&Listed> {
        self.root.as_ref()
    }

    /// Lays one entry over what is there. `at` is its layer and its number in the layer.
    pub(crate) fn apply(&mut self, entry: TarEntry, at: (usize, u64)) -> Result<(), String> {
        self.entries += 1;
        if self.entries > MOST_ENTRIES {
            return Err(format!("it has more than {MOST_ENTRIES} entries"));
        }
        let path = path(&entry.name)?;
        let Some(name) = path.name() else { return self.apply_to_root(entry, at) };
        let parent = self.real_parent(&path)?;
        if self.of == Of::Archive {
            return self.apply_plain(entry, at, parent.join(name));
        }
        if name == b".wh..wh..opq" {
            return self.hide_below(parent, at.0);
        }
        if let Some(hidden) = name.strip_prefix(b".wh.") {
            // `.wh..wh.*` are marks of a storage driver, not names.
            let is_mark = hidden.starts_with(b".wh.") || matches!(hidden, b"" | b"." | b"..");
            if !is_mark {
                let hidden = parent.join(hidden);
                self.hide_below(hidden.clone(), at.0)?;
                if self.seen.get(&hidden).is_some_and(|(_, layer)| *layer < at.0) {
                    self.seen.remove(&hidden);
                }
            }
            return Ok(());
        }
        let path = parent.join(name);
        let listed = self.listed(entry, at, &path)?;
        self.count(&path, &listed)?;
        if listed.kind != ListedKind::Directory {
            self.hide(&path, usize::MAX);
        }
        self.seen.insert(path, (listed, at.0));
        Ok(())
    }

    /// Lays one entry of an archive that is no layer over what is there.
    fn apply_plain(
        &mut self,
        entry: TarEntry,
        at: (usize, u64),
        path: TreePath,
    ) -> Result<(), String> {
        let parts = entry.sparse.as_ref().map_or(0, Vec::len);
        self.count_text(parts * size_of::<Extent>())?;
        let listed = self.listed(entry, at, &path)?;
        self.count(&path, &listed)?;
        let below = self.seen.range((Bound::Excluded(path.clone()), Bound::Unbounded)).next();
        if listed.kind != ListedKind::Directory
            && below.is_some_and(|(next, _)| next.below(&path).is_some())
        {
            return Err(format!("`{path}` is to replace a directory that is not empty"));
        }
        self.seen.insert(path, (listed, at.0));
        Ok(())
    }

    fn apply_to_root(&mut self, entry: TarEntry, at: (usize, u64)) -> Result<(), String> {
        if self.of == Of::Archive {
            let listed = self.listed(entry, at, &TreePath::root())?;
            if listed.kind != ListedKind::Directory {
                return Err("the root is to be something else than a directory".into());
            }
            self.root = Some(listed);
        }
        Ok(())
    }

    /// Counts what is kept of an entry.
    fn count(&mut self, path: &TreePath, listed: &Listed) -> Result<(), String> {
        let link = match &listed.kind {
            ListedKind::Symlink { target } => target.len(),
            _ => 0,
        };
        let attributes = listed.xattrs.iter().map(|(name, value)| name.len() + value.len());
        self.count_text(path.as_bytes().len() + link + attributes.sum::<usize>())
    }

    fn count_text(&mut self, length: usize) -> Result<(), String> {
        self.text = self.text.saturating_add(length);
        if self.text > self.most_text {
            let most = self.most_text >> 20;
            return Err(format!("its names and attributes take more than {most} MiB"));
        }
        Ok(())
    }

    /// Hides what lower layers have below `directory`, once for each layer.
    fn hide_below(&mut self, directory: TreePath, layer: usize) -> Result<(), String> {
        if self.hidden.0 != layer {
            self.hidden = (layer, BTreeSet::new());
        }
        if !self.hidden.1.contains(&directory) {
            self.count_text(directory.as_bytes().len())?;
            self.hide(&directory, layer);
            self.hidden.1.insert(directory);
        }
        Ok(())
    }

    /// Removes what is below `directory` and lies in layers under `layer`.
    fn hide(&mut self, directory: &TreePath, layer: usize) {
        let hidden: Vec<_> = self
            .seen
            .range(directory.clone()..)
            .take_while(|(path, _)| path.below(directory).is_some())
            .filter(|(path, (_, at))| *path != directory && *at < layer)
            .map(|(path, _)| path.clone())
            .collect();
        for path in hidden {
            self.seen.remove(&path);
        }
    }

    /// The directory of `path` with symbolic links followed, as an engine that extracts does.
    fn real_parent(&mut self, path: &TreePath) -> Result<TreePath, String> {
        let parent = path.parent().unwrap_or_else(TreePath::root);
        let seen = self.seen.get(&parent).map(|(listed, _)| &listed.kind);
        // What is put over a directory hides what is in it: nothing above one that is seen is a
        // link.
        if parent.is_root() || seen == Some(&ListedKind::Directory) {
            return Ok(parent);
        }
        self.count_text(path.as_bytes().len() * path.components().count() / WALKED)?;
        self.walked_parent(path)
    }

    fn walked_parent(&self, path: &TreePath) -> Result<TreePath, String> {
        let mut rest: Vec<Vec<u8>> = path.components().map(<[u8]>::to_vec).collect();
        rest.pop();
        rest.reverse();
        let mut real = TreePath::root();
        let mut links = 0;
        while let Some(name) = rest.pop() {
            match &name[..] {
                b"" | b"." => continue,
                name if name.contains(&0) || name.len() > 255 => {
                    return Err(format!("`{path}` lies behind a link that leads nowhere"));
                }
                b".." => {
                    real = real.parent().unwrap_or(real);
                    continue;
                }
                _ => {}
            }
            let next = real.join(&name);
            match self.seen.get(&next).map(|(listed, _)| &listed.kind) {
                None | Some(ListedKind::Directory) => real = next,
                Some(ListedKind::Symlink { target }) => {
                    links += 1;
                    if links > MOST_LINKS {
                        return Err(format!("`{path}` lies behind too many symbolic links"));
                    }
                    if target.starts_with(b"/") {
                        real = TreePath::root();
                    }
                    rest.extend(target.rsplit(|&b| b == b'/').map(<[u8]>::to_vec));
                }
                Some(_) => return Err(format!("`{path}` lies below `{next}`, which is a file")),
            }
        }
        Ok(real)
    }

    fn listed(
        &mut self,
        entry: TarEntry,
        at: (usize, u64),
        path: &TreePath,
    ) -> Result<Listed, String> {
        let kind = match entry.flag {
            b'1' => {
                let link = self::path(&entry.link)?;
                let target = match link.name() {
                    Some(name) => self.real_parent(&link)?.join(name),
                    None => link.clone(),
                };
                return match self.seen.get(&target) {
                    // All names of a file share what the file is. Linux links to symbolic links and
                    // devices as well, and GNU tar writes that.
                    Some((file, _)) if file.kind != ListedKind::Directory => Ok(file.clone()),
                    // Its file may still come.
                    None if self.of == Of::Archive => Ok(Listed {
                        kind: ListedKind::HardLink { target: link },
                        at,
                        ..Listed::implied_directory()
                    }),
                    _ => Err(self.no_file(path, &target)),
                };
            }
            b'2' if entry.link.len() > LONGEST_PATH => {
                return Err(format!("the link `{path}` holds more than {LONGEST_PATH} bytes"));
            }
            b'2' if self.of == Of::Archive && entry.link.is_empty() => {
                return Err(format!("the link `{path}` holds nothing"));
            }
            b'2' if self.of == Of::Archive && entry.link.contains(&0) => {
                return Err(format!("the link `{path}` holds a NUL byte"));
            }
            b'2' => ListedKind::Symlink { target: entry.link.into() },
            b'3' => ListedKind::Special("a character device"),
            b'4' => ListedKind::Special("a block device"),
            b'5' => ListedKind::Directory,
            b'6' => ListedKind::Special("a FIFO"),
            // Old archives mark a directory by the slash alone.
            b'\0' if entry.name.ends_with(b"/") => ListedKind::Directory,
            // GNU tar takes the slash for that of any file.
            b'0' | b'7' if self.of == Of::Archive && entry.name.ends_with(b"/") => {
                ListedKind::Directory
            }
            b'\0' | b'0' | b'7' => ListedKind::File { size: entry.size },
            flag => return Err(format!("`{path}` has the unknown type `{}`", Escaped(&[flag]))),
        };
        Ok(Listed {
            kind,
            mode: Mode::from_bits(entry.mode),
            uid: entry.uid,
            gid: entry.gid,
            mtime: entry.mtime,
            xattrs: entry.xattrs,
            at,
        })
    }

    fn no_file(&self, path: &TreePath, target: &TreePath) -> String {
        let of = match self.of {
            Of::Layers => "the image",
            Of::Archive => "the archive",
        };
        format!("`{path}` is a hard link to `{target}`, which is no file of {of}")
    }

    /// Gives the hard links that came before their files what those are.
    fn find_late_files(&mut self) -> Result<(), String> {
        let late = |(path, (listed, _)): (&TreePath, &(Listed, usize))| match &listed.kind {
            ListedKind::HardLink { target } => Some((path.clone(), target.clone())),
            _ => None,
        };
        let late: Vec<_> = self.seen.iter().filter_map(late).collect();
        let mut real = BTreeMap::new();
        for (path, target) in late {
            let target = match target.name() {
                Some(name) => self.real_parent(&target)?.join(name),
                None => target,
            };
            real.insert(path, target);
        }
        let mut links = Vec::new();
        while let Some((path, target)) = real.pop_first() {
            // Along the links, as far as they are not known: each is passed once.
            links.push(path);
            let mut end = target;
            while let Some(next) = real.remove(&end) {
                links.push(std::mem::replace(&mut end, next));
            }
            let file = self.seen.get(&end).map(|(file, _)| file.clone());
            let is_file = |file: &Listed| {
                !matches!(file.kind, ListedKind::Directory | ListedKind::HardLink { .. })
            };
            match file.filter(is_file) {
                Some(file) => {
                    for link in links.drain(..) {
                        self.count(&link, &file)?;
                        let place = self.seen.get_mut(&link);
                        place.expect("what was found in `seen` is there").0 = file.clone();
                    }
                }
                None => return Err(self.no_file(&links[0], &end)),
            }
        }
        Ok(())
    }

    /// What is visible in the end. Directories that no layer lists are added, and of the names of
    /// one file the first is the file.
    pub(crate) fn finish(mut self) -> Result<Listing, String> {
        self.find_late_files()?;
        let seen = std::mem::take(&mut self.seen);
        let mut listing: BTreeMap<TreePath, Listed> =
            seen.into_iter().map(|(path, (listed, _))| (path, listed)).collect();
        let mut missing = BTreeSet::new();
        for path in listing.keys() {
            // What is above a path that is known is looked at from there.
            let is_new = |above: &TreePath| !above.is_root() && !listing.contains_key(above);
            for above in path.ancestors().take_while(is_new) {
                self.count_text(IMPLIED * above.as_bytes().len())?;
                if !missing.insert(above) {
                    break;
                }
            }
        }
        for path in missing {
            listing.insert(path, Listed::implied_directory());
        }
        let mut first_names = BTreeMap::new();
        for (path, listed) in &mut listing {
            if let ListedKind::File { .. } = listed.kind {
                let first = first_names.entry(listed.at).or_insert_with(|| path.clone());
                if first != path {
                    listed.kind = ListedKind::HardLink { target: first.clone() };
                }
            }
        }
        Ok(Listing(listing))
    }
}

/// A name in an archive as a path: `./a/` and `/a` are `/a`; `..` is refused.
fn path(name: &[u8]) -> Result<TreePath, String> {
    if name.len() > LONGEST_PATH {
        return Err(format!("a name is refused: it has more than {LONGEST_PATH} bytes"));
    }
    TreePath::parse([b"/", name].concat()).map_err(|error| format!("a name is refused: {error}"))
}
