//! Layers laid one over the other, from their entries alone.
//! [Image specification, layer: applying changesets](https://github.com/opencontainers/image-spec/blob/v1.1.1/layer.md#applying-changesets).

use std::collections::BTreeMap;

use scant_core::words::{Escaped, Mode, TreePath};

use super::listing::{Listed, ListedKind, Listing};
use super::tar_reader::TarEntry;

/// The most entries all layers together may have: a bound for memory, far above real images.
const MOST_ENTRIES: u64 = 4_000_000;
/// As many links are followed as the kernel would.
const MOST_LINKS: usize = 40;

/// What is visible so far.
#[derive(Default)]
pub(super) struct Overlay {
    seen: BTreeMap<TreePath, (Listed, usize)>,
    entries: u64,
}

impl Overlay {
    /// Lays one entry over what is there. `at` is its layer and its number in the layer.
    pub(super) fn apply(&mut self, entry: TarEntry, at: (usize, u64)) -> Result<(), String> {
        self.entries += 1;
        if self.entries > MOST_ENTRIES {
            return Err(format!("it has more than {MOST_ENTRIES} entries"));
        }
        let path = path(&entry.name)?;
        let Some(name) = path.name() else { return Ok(()) };
        let parent = self.real_parent(&path)?;
        if name == b".wh..wh..opq" {
            self.hide(&parent, at.0);
            return Ok(());
        }
        if let Some(hidden) = name.strip_prefix(b".wh.") {
            // `.wh..wh.*` are marks of a storage driver, not names.
            let is_mark = hidden.starts_with(b".wh.") || matches!(hidden, b"" | b"." | b"..");
            if !is_mark {
                let hidden = parent.join(hidden);
                self.hide(&hidden, at.0);
                if self.seen.get(&hidden).is_some_and(|(_, layer)| *layer < at.0) {
                    self.seen.remove(&hidden);
                }
            }
            return Ok(());
        }
        let path = parent.join(name);
        let listed = self.listed(entry, at, &path)?;
        if listed.kind != ListedKind::Directory {
            self.hide(&path, usize::MAX);
        }
        self.seen.insert(path, (listed, at.0));
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
    fn real_parent(&self, path: &TreePath) -> Result<TreePath, String> {
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

    fn listed(&self, entry: TarEntry, at: (usize, u64), path: &TreePath) -> Result<Listed, String> {
        let kind = match entry.flag {
            b'1' => {
                let link = self::path(&entry.link)?;
                let target = match link.name() {
                    Some(name) => self.real_parent(&link)?.join(name),
                    None => link,
                };
                return match self.seen.get(&target) {
                    // All names of a file share what the file is. Linux links to symbolic links and
                    // devices as well, and GNU tar writes that.
                    Some((file, _)) if file.kind != ListedKind::Directory => Ok(file.clone()),
                    _ => Err(format!(
                        "`{path}` is a hard link to `{target}`, which is no file of the image"
                    )),
                };
            }
            b'2' => ListedKind::Symlink { target: entry.link.into() },
            b'3' => ListedKind::Special("a character device"),
            b'4' => ListedKind::Special("a block device"),
            b'5' => ListedKind::Directory,
            b'6' => ListedKind::Special("a FIFO"),
            // Old archives mark a directory by the slash alone.
            b'\0' if entry.name.ends_with(b"/") => ListedKind::Directory,
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

    /// What is visible in the end. Directories that no layer lists are added, and of the names of
    /// one file the first is the file.
    pub(super) fn finish(self) -> Listing {
        let mut listing: BTreeMap<TreePath, Listed> =
            self.seen.into_iter().map(|(path, (listed, _))| (path, listed)).collect();
        let missing: Vec<TreePath> = listing
            .keys()
            .flat_map(TreePath::ancestors)
            .filter(|path| !path.is_root() && !listing.contains_key(path))
            .collect();
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
        Listing(listing)
    }
}

/// A name in an archive as a path: `./a/` and `/a` are `/a`; `..` is refused.
fn path(name: &[u8]) -> Result<TreePath, String> {
    TreePath::parse([b"/", name].concat()).map_err(|error| format!("a name is refused: {error}"))
}
