//! A planned tree as the root file system it will be, before anything of it is written.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use crate::words::{
    Entry, EntryKind, Input, InputError, InputName, Meta, Mode, Node, NodeKind, Problem, ReadAt,
    Root, Tree, TreePath,
};

/// The files of a planned tree, their content read where it will be taken from.
pub struct PlannedRoot<'a> {
    tree: &'a Tree,
    inputs: &'a BTreeMap<InputName, &'a dyn Input>,
}

impl<'a> PlannedRoot<'a> {
    /// The tree of a plan without faults, with the inputs it was made from and the files that scant
    /// made for it.
    pub fn new(tree: &'a Tree, inputs: &'a BTreeMap<InputName, &'a dyn Input>) -> Self {
        Self { tree, inputs }
    }

    /// What is at `path`, and of a second name of a file the file.
    fn get(&self, path: &TreePath) -> Option<&'a Node> {
        let node = self.tree.get(path)?;
        match &node.kind {
            NodeKind::HardLink { target } => self.tree.get(target),
            _ => Some(node),
        }
    }
}

impl Input for PlannedRoot<'_> {
    fn lookup(&self, path: &TreePath) -> Result<Option<Entry>, InputError> {
        if path.is_root() {
            return Ok(Some(Entry { kind: EntryKind::Directory, mode: 0o755, stamp: None }));
        }
        let Some(node) = self.get(path) else { return Ok(None) };
        let kind = match &node.kind {
            NodeKind::Directory => EntryKind::Directory,
            NodeKind::File(file) => EntryKind::File { size: file.size },
            NodeKind::Symlink { target } => EntryKind::Symlink { target: target.clone() },
            NodeKind::HardLink { .. } => return Ok(None),
        };
        // The stamp of the input's file would make two copies of it one file.
        Ok(Some(Entry { kind, mode: node.meta.mode.bits(), stamp: None }))
    }

    fn list(&self, path: &TreePath) -> Result<Vec<Box<[u8]>>, InputError> {
        let is_directory =
            path.is_root() || self.get(path).is_some_and(|node| node.kind == NodeKind::Directory);
        if !is_directory {
            return Err(InputError::new(path, Problem::NotADirectory));
        }
        let below = self.tree.below(path).map(|(path, _)| path);
        let children = below.filter(|below| below.parent().as_ref() == Some(path));
        let mut names: Vec<Box<[u8]>> = children.filter_map(|p| p.name().map(Box::from)).collect();
        names.sort();
        Ok(names)
    }

    fn open(&self, path: &TreePath) -> Result<Box<dyn ReadAt>, InputError> {
        let Some(node) = self.get(path) else {
            return Err(InputError::new(path, Problem::NotFound));
        };
        match &node.kind {
            NodeKind::File(file) => {
                let input = self.inputs.get(&file.content.input);
                let input = input.ok_or_else(|| InputError::new(path, Problem::NotFound))?;
                input.open(&file.content.path)
            }
            NodeKind::Directory => Err(InputError::new(path, Problem::NotAFile("a directory"))),
            NodeKind::Symlink { .. } | NodeKind::HardLink { .. } => {
                Err(InputError::new(path, Problem::NotAFile("a symbolic link")))
            }
        }
    }
}

impl Root for PlannedRoot<'_> {
    fn meta(&self, path: &TreePath) -> Result<Option<Meta>, InputError> {
        if path.is_root() {
            return Ok(Some(Meta::new(Mode::EXECUTABLE)));
        }
        Ok(self.get(path).map(|node| node.meta.clone()))
    }
}
