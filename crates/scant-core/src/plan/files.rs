//! The files of an image that is being planned, as a loader sees them.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::tree_view::{self, Seen};
use crate::formats::elf::Elf;
use crate::rules::View;
use crate::rules::loader::{Config, Files, Identity, Opened, Spot};
use crate::words::{EntryKind, InputName, NodeKind, Problem, Tree, TreePath};

/// The tree alone: what the image will be.
#[derive(Clone, Copy)]
pub(super) struct TreeFiles<'p> {
    pub(super) tree: &'p Tree,
    pub(super) inputs: &'p BTreeMap<InputName, View<'p>>,
    pub(super) made: &'p BTreeMap<TreePath, Vec<u8>>,
}

/// Whether a loader finds libraries through the `ld.so.cache` of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Caches {
    /// It does.
    OfInputs,
    /// Only the image's own cache counts.
    OfImage,
}

/// The tree, and below it the inputs that the needs of a file are taken from.
pub(super) struct Overlay<'p> {
    pub(super) image: TreeFiles<'p>,
    /// Has what lies beside a file that is moved.
    pub(super) own: &'p InputName,
    /// Stand for the root of the image.
    pub(super) libraries: &'p [InputName],
    pub(super) caches: Caches,
}

impl TreeFiles<'_> {
    fn content(&self, path: &TreePath, limit: u64) -> Result<Vec<u8>, Problem> {
        if let Some(content) = self.made.get(path) {
            return Ok(content.clone());
        }
        let Some(NodeKind::File(file)) = self.tree.get(path).map(|node| &node.kind) else {
            return Err(Problem::NotFound);
        };
        let view = self.inputs.get(&file.content.input).ok_or(Problem::NotFound)?;
        view.input().read(&file.content.path, limit).map_err(|error| error.problem)
    }
}

impl Files for TreeFiles<'_> {
    fn open(&self, spot: &Spot) -> Result<Opened, Problem> {
        let (path, seen) = tree_view::resolve(self.tree, &spot.image)?;
        let Seen::Node(node) = seen else {
            return Err(Problem::NotAFile("a directory"));
        };
        let file = match &node.kind {
            NodeKind::File(file) => file,
            NodeKind::HardLink { target } => match self.tree.get(target).map(|node| &node.kind) {
                Some(NodeKind::File(file)) => file,
                _ => return Err(Problem::NotFound),
            },
            _ => return Err(Problem::NotFound),
        };
        let view = self.inputs.get(&file.content.input).ok_or(Problem::NotFound)?;
        let elf = view.elf(&file.content.path);
        let number = view.lookup(&file.content.path).ok().flatten().map(|entry| entry.identity());
        let identity = Identity {
            input: file.content.input.clone(),
            path: file.content.path.clone(),
            number: number.unwrap_or_default(),
        };
        Ok(Opened { identity, real: path.as_bytes().into(), elf })
    }

    fn is_directory(&self, spot: &Spot) -> bool {
        matches!(tree_view::resolve(self.tree, &spot.image), Ok((_, Seen::Directory)))
    }

    fn config(&self, _: Config, path: &[u8], limit: u64) -> Result<Option<Vec<u8>>, Problem> {
        match tree_view::resolve(self.tree, path) {
            Ok((path, Seen::Node(_))) => self.content(&path, limit).map(Some),
            Ok((_, Seen::Directory)) => Err(Problem::NotAFile("a directory")),
            Err(Problem::NotFound | Problem::NotADirectory) => Ok(None),
            Err(problem) => Err(problem),
        }
    }

    fn content(&self, of: &Identity, limit: u64) -> Result<Vec<u8>, Problem> {
        let view = self.inputs.get(&of.input).ok_or(Problem::NotFound)?;
        view.input().read(&of.path, limit).map_err(|error| error.problem)
    }

    fn defines(&self, of: &Identity, names: &[&[u8]]) -> Vec<bool> {
        let file = self.inputs.get(&of.input).and_then(|view| view.input().open(&of.path).ok());
        file.and_then(|file| Elf::defines(&*file, names).ok())
            .unwrap_or_else(|| alloc::vec![false; names.len()])
    }
}

impl Overlay<'_> {
    /// The same, but that the caches of inputs are not read.
    pub(super) fn without_caches(&self) -> Self {
        Self { caches: Caches::OfImage, ..*self }
    }

    fn views(&self) -> impl Iterator<Item = (&InputName, &View<'_>)> {
        self.libraries.iter().filter_map(|name| Some((name, self.image.inputs.get(name)?)))
    }

    /// The inputs that may have what is at `spot`, and the path there.
    fn places<'s>(&'s self, spot: &'s Spot) -> Vec<(&'s InputName, &'s View<'s>, Box<[u8]>)> {
        match &spot.source {
            Some(path) => {
                let view = self.image.inputs.get(self.own);
                view.map(|view| (self.own, view, path.clone())).into_iter().collect()
            }
            None => {
                let sought = |view: &View<'_>| {
                    tree_view::sought(self.image.tree, &spot.image, |p| view.resolve(p).is_ok())
                };
                self.views().map(|(name, view)| (name, view, sought(view))).collect()
            }
        }
    }

    fn open_in_inputs(&self, spot: &Spot) -> Result<Opened, Problem> {
        let mut first = None;
        for (name, view, path) in self.places(spot) {
            match view.resolve(&path) {
                Ok(found) => {
                    if !matches!(found.entry.kind, EntryKind::File { .. }) {
                        return Err(Problem::NotAFile(found.entry.kind.describe()));
                    }
                    let elf = view.elf(&found.path);
                    let number = found.entry.identity();
                    let real = match &spot.source {
                        Some(_) => spot.image.clone(),
                        None => found.path.as_bytes().into(),
                    };
                    let identity = Identity { input: name.clone(), path: found.path, number };
                    return Ok(Opened { identity, real, elf });
                }
                Err(error) => first = first.or(Some(error.problem)),
            }
        }
        Err(first.unwrap_or(Problem::NotFound))
    }
}

impl Files for Overlay<'_> {
    fn open(&self, spot: &Spot) -> Result<Opened, Problem> {
        match self.image.open(spot) {
            Err(Problem::NotFound | Problem::NotADirectory | Problem::NotAFile(_)) => {}
            decided => return decided,
        }
        self.open_in_inputs(spot)
    }

    fn is_directory(&self, spot: &Spot) -> bool {
        let in_input = |(_, view, path): (_, &View<'_>, Box<[u8]>)| {
            view.resolve(&path).is_ok_and(|found| found.entry.is_directory())
        };
        self.image.is_directory(spot) || self.places(spot).into_iter().any(in_input)
    }

    /// The image's own file where it has one. Of the inputs, their preloads are not the image's;
    /// their caches and path files tell where libraries lie.
    fn config(&self, which: Config, path: &[u8], limit: u64) -> Result<Option<Vec<u8>>, Problem> {
        if let Some(content) = self.image.config(which, path, limit)? {
            return Ok(Some(content));
        }
        if which == Config::Preload || which == Config::Cache && self.caches == Caches::OfImage {
            return Ok(None);
        }
        for (_, view) in self.views() {
            if let Ok(found) = view.resolve(path) {
                let content = view.input().read(&found.path, limit);
                return content.map(Some).map_err(|error| error.problem);
            }
        }
        Ok(None)
    }

    fn content(&self, of: &Identity, limit: u64) -> Result<Vec<u8>, Problem> {
        Files::content(&self.image, of, limit)
    }

    fn defines(&self, of: &Identity, names: &[&[u8]]) -> Vec<bool> {
        self.image.defines(of, names)
    }
}
