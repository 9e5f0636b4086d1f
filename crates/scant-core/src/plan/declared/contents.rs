//! What is in a data directory: walked depth first, each entry held against the globs.

use alloc::collections::BTreeSet;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::Cell;

use super::data::broken;
use crate::formats::manifest::{Data, Spanned};
use crate::plan::fault::{FaultKind, Severity};
use crate::plan::placer::{Last, named, reachable};
use crate::plan::planner::{Located, Planner};
use crate::words::{EntryKind, NodeKind, TreePath};

/// One walk.
struct Walk<'w> {
    data: &'w Data,
    located: &'w Located<'w>,
    /// Directories whose contents are still to be placed.
    pending: Vec<Directory>,
    /// The `include` globs that matched nothing by now, by their number.
    unmatched: BTreeSet<usize>,
}

/// A directory on the way.
struct Directory {
    place: Rc<Placed>,
    /// The path below the declared directory, which globs are matched against.
    relative: Vec<u8>,
}

/// A directory and those above it, up to the declared one. What is not included itself comes with
/// the first entry that is.
struct Placed {
    source: TreePath,
    image: TreePath,
    is_placed: Cell<bool>,
    above: Option<Rc<Self>>,
}

impl Planner<'_> {
    pub(super) fn place_contents(
        &mut self,
        data: &Data,
        located: &Located<'_>,
    ) -> Result<(), FaultKind> {
        let image = self.landing(&data.from, &data.to, located)?;
        let source = located.found.path.clone();
        self.place_data_directory(data, located, &source, image.clone())?;
        let place = Rc::new(Placed { source, image, is_placed: Cell::new(true), above: None });
        let first = Directory { place, relative: Vec::new() };
        let unmatched = (0..data.include.len()).collect();
        let mut walk = Walk { data, located, pending: Vec::from([first]), unmatched };
        while let Some(directory) = walk.pending.pop() {
            let placed = self.place_entries(&mut walk, &directory);
            self.keep(data.span, placed);
        }
        self.tell_unmatched(&walk);
        Ok(())
    }

    fn place_entries(
        &mut self,
        walk: &mut Walk<'_>,
        directory: &Directory,
    ) -> Result<(), FaultKind> {
        let Walk { data, located, .. } = *walk;
        let broken = |error| broken(&located.input, error);
        let names = located.view.input().list(&directory.place.source).map_err(broken)?;
        let before = walk.pending.len();
        for name in names {
            let placed = self.place_entry(walk, directory, &name);
            self.keep(data.span, placed);
        }
        // The first of them is taken next.
        walk.pending[before..].reverse();
        Ok(())
    }

    fn place_entry(
        &mut self,
        walk: &mut Walk<'_>,
        directory: &Directory,
        name: &[u8],
    ) -> Result<(), FaultKind> {
        let Walk { data, located, .. } = *walk;
        let source = directory.place.source.join(name);
        let relative = match directory.relative.is_empty() {
            true => name.to_vec(),
            false => [&directory.relative, &b"/"[..], name].concat(),
        };
        if data.exclude.iter().any(|glob| matches(glob, &relative)) {
            return Ok(());
        }
        // Not through the view, which would remember it: most of it is asked for once.
        let entry = located.view.input().lookup(&source);
        let Some(entry) = entry.map_err(|error| broken(&located.input, error))? else {
            return Ok(());
        };
        let is_included = walk.includes(&relative);
        let image = directory.place.image.join(name);
        if is_included {
            self.place_above(data, located, &directory.place)?;
        }
        match &entry.kind {
            EntryKind::Directory => {
                let known = self.placer.tree.get(&image).map(|node| &node.kind);
                let image = match known {
                    Some(NodeKind::Symlink { .. }) => {
                        self.placer.land(image.as_bytes(), None, Last::Follow)?
                    }
                    // The directory above has landed, so this one has.
                    _ => image,
                };
                if is_included {
                    // Nothing in it could be reached either.
                    reachable(&image)?;
                }
                let above = Some(directory.place.clone());
                let is_placed = Cell::new(false);
                let place = Rc::new(Placed { source, image, is_placed, above });
                walk.pending.push(Directory { place: place.clone(), relative });
                if is_included { self.place_above(data, located, &place) } else { Ok(()) }
            }
            _ if !is_included => Ok(()),
            EntryKind::File { .. } => self.place_data_file(data, located, &source, &entry, image),
            EntryKind::Symlink { target } => {
                self.place_data_link(data, located, &source, target, image)
            }
            EntryKind::Special(kind) => {
                let file = named(&located.input, &source);
                let text = alloc::format!("`{file}` is {kind} and was left out");
                self.find(Some(data.span), Severity::Notice, text);
                Ok(())
            }
        }
    }

    /// Places a directory and those above it that are not in the tree yet.
    fn place_above(
        &mut self,
        data: &Data,
        located: &Located<'_>,
        place: &Rc<Placed>,
    ) -> Result<(), FaultKind> {
        let mut next = Some(place);
        while let Some(Placed { source, image, is_placed, above }) = next.map(|next| &**next) {
            if is_placed.replace(true) {
                break;
            }
            self.place_data_directory(data, located, source, image.clone())?;
            next = above.as_ref();
        }
        Ok(())
    }

    fn tell_unmatched(&mut self, walk: &Walk<'_>) {
        let directory = named(&walk.located.input, &walk.located.found.path);
        for &number in &walk.unmatched {
            let glob = &walk.data.include[number];
            let text = alloc::format!("nothing in `{directory}` matches `{}`", glob.value);
            self.find(Some(glob.span), Severity::Warning, text);
        }
    }
}

impl Walk<'_> {
    /// Whether an entry is included. Without any glob, everything is.
    fn includes(&mut self, relative: &[u8]) -> bool {
        let globs = &self.data.include;
        let mut is_included = globs.is_empty();
        for (number, glob) in globs.iter().enumerate() {
            if matches(glob, relative) {
                self.unmatched.remove(&number);
                is_included = true;
            }
        }
        is_included
    }
}

/// Whether a glob matches a path below the declared directory. A slash at its end says that it
/// means a directory, and nothing more.
fn matches(glob: &Spanned<String>, path: &[u8]) -> bool {
    fast_glob::glob_match(glob.value.trim_end_matches('/').as_bytes(), path)
}
