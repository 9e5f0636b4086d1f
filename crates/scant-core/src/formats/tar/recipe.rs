//! The entries of a tree in the order of the archive.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::{EntryType, Header};
use crate::words::{FileContent, NodeKind, Tree, TreePath};

/// One entry: write `header`, then the content if there is one, then its padding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step<'a> {
    /// The path of the entry.
    pub path: &'a TreePath,
    /// The header blocks.
    pub header: Vec<u8>,
    /// Where the content is read.
    pub content: Option<&'a FileContent>,
}

/// A hard link whose file is not in its tree.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{link}` is a hard link to `{target}`, which is not a regular file of the same layer")]
pub struct LinkError {
    /// The link.
    pub link: TreePath,
    /// What it leads to.
    pub target: TreePath,
}

/// The steps that write `tree`, in its order: depth first, names sorted bytewise. The zero blocks
/// at the end ([`super::END`]) are not among them.
///
/// A hard link must come after its file, and all names of a file are one inode. So of all names
/// of a file the first in order carries content and attributes, whichever of them the tree calls
/// the file, and the others are links to it.
///
/// # Errors
/// When a hard link leads to anything but a regular file of the tree.
pub fn recipe(tree: &Tree, mtime: u64) -> Result<impl Iterator<Item = Step<'_>>, Box<LinkError>> {
    let first_names = first_names(tree)?;
    Ok(tree.iter().map(move |(path, node)| {
        let mut name = path.relative().to_vec();
        let file = |file_path: &TreePath| match tree.get(file_path).map(|n| (&n.kind, &n.meta)) {
            Some((NodeKind::File(content), meta)) => (content, meta),
            _ => unreachable!("`first_names` has checked that `{file_path}` is a file"),
        };
        let plain = Header {
            name: &[],
            entry_type: EntryType::Directory,
            link: &[],
            size: 0,
            meta: &node.meta,
            mtime,
        };
        let (header, content) = match &node.kind {
            NodeKind::Directory => {
                name.push(b'/');
                (plain, None)
            }
            NodeKind::Symlink { target } => {
                (Header { entry_type: EntryType::Symlink, link: target, ..plain }, None)
            }
            NodeKind::File(_) | NodeKind::HardLink { .. } => {
                let owner = match &node.kind {
                    NodeKind::HardLink { target } => follow(tree, target).unwrap_or(target),
                    _ => path,
                };
                let (content, meta) = file(owner);
                match first_names.get(owner) {
                    Some(first) if *first != path => {
                        let link = first.relative();
                        (Header { entry_type: EntryType::HardLink, link, meta, ..plain }, None)
                    }
                    _ => {
                        let size = content.size;
                        let entry_type = EntryType::File;
                        (Header { entry_type, size, meta, ..plain }, Some(content))
                    }
                }
            }
        };
        Step { path, header: Header { name: &name, ..header }.encode(), content }
    }))
}

/// For each file that has hard links, the first of its names.
fn first_names(tree: &Tree) -> Result<BTreeMap<&TreePath, &TreePath>, Box<LinkError>> {
    let mut first_names = BTreeMap::new();
    for (link, node) in tree.iter() {
        if let NodeKind::HardLink { target } = &node.kind {
            let file = follow(tree, target)
                .ok_or_else(|| LinkError { link: link.clone(), target: target.clone() })?;
            let first = first_names.entry(file).or_insert(file);
            *first = (*first).min(link);
        }
    }
    Ok(first_names)
}

/// The file that `path` or the hard links from there lead to.
fn follow<'a>(tree: &'a Tree, path: &'a TreePath) -> Option<&'a TreePath> {
    let mut path = path;
    for _ in 0..=tree.len() {
        match &tree.get(path)?.kind {
            NodeKind::File(_) => return Some(path),
            NodeKind::HardLink { target } => path = target,
            _ => return None,
        }
    }
    None
}
