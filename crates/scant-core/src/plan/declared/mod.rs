//! What the manifest names goes into the tree first: links before what is placed through them,
//! then what has a place of its own, then what keeps the place it has in its input.

mod accounts;
mod contents;
mod data;
mod packages;
mod programs;

pub(super) use programs::Executable;

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use super::fault::{FaultKind, Severity};
use super::placer::{Last, Route, named};
use super::planner::{Located, Planner};
use crate::formats::capabilities;
use crate::formats::manifest::{Destination, Directory, Reference, Span, Spanned, Symlink};
use crate::words::{
    Content, EntryKind, FileContent, InputName, Meta, Mode, Node, NodeKind, Place, Provenance,
    Section, TreePath, Why,
};

impl Planner<'_> {
    /// Places everything that is declared, but hard links whose files come with a closure.
    pub(super) fn declare(&mut self) {
        let manifest = self.request.manifest;
        let packages = self.select_packages();
        self.read_accounts(&packages);
        let mut symlinks: Vec<&Symlink> = manifest.symlinks.iter().collect();
        symlinks.sort_by_key(|symlink| &symlink.link);
        symlinks.into_iter().for_each(|symlink| self.place_symlink(symlink));
        manifest.directories.iter().for_each(|directory| self.place_directory(directory));
        self.place_links_of_packages(&packages);
        self.place_accounts(&packages);
        for keeps_place in [false, true] {
            for binary in &manifest.binaries {
                if keeps_its_place(&binary.from, &binary.to) == keeps_place {
                    self.place_binary(binary);
                }
            }
            // What is said of directories counts where another declaration says nothing of them.
            for says_directories in [true, false] {
                for data in &manifest.data {
                    if keeps_its_place(&data.from, &data.to) == keeps_place
                        && data::says_directories(data) == says_directories
                    {
                        self.place_data(data);
                    }
                }
            }
        }
        let wanted = self.place_wanted_directories(&packages);
        self.place_packages(&packages, &wanted);
        self.place_hard_links();
    }

    fn place_symlink(&mut self, symlink: &Symlink) {
        let landed = self.placer.land(symlink.link.as_bytes(), None, Last::Stay);
        let meta = self.meta(Mode::SYMLINK, symlink.owner.as_ref());
        let (path, meta) = (self.keep(symlink.span, landed), self.keep(symlink.span, meta));
        let (Some(path), Some(meta)) = (path, meta) else { return };
        let why = declared(Section::Symlinks, symlink.span, &symlink.why);
        let node = Node {
            kind: NodeKind::Symlink { target: symlink.target.as_bytes().into() },
            meta,
            provenance: Provenance::new(None, why),
        };
        let placed = self.declare_node(path, node);
        self.keep(symlink.span, placed);
    }

    fn place_directory(&mut self, directory: &Directory) {
        let landed = self.placer.land(directory.path.as_bytes(), None, Last::Stay);
        let mode = directory.mode.unwrap_or(Mode::EXECUTABLE);
        let meta = self.meta(mode, directory.owner.as_ref());
        let (path, meta) = (self.keep(directory.span, landed), self.keep(directory.span, meta));
        let (Some(path), Some(mut meta)) = (path, meta) else { return };
        add_xattrs(&mut meta, &directory.xattrs);
        let why = declared(Section::Directories, directory.span, &directory.why);
        let provenance = Provenance::new(None, why);
        let placed = self.declare_node(path, Node { kind: NodeKind::Directory, meta, provenance });
        self.keep(directory.span, placed);
    }

    /// Puts a file that scant makes into the tree.
    pub(super) fn place_made(
        &mut self,
        path: TreePath,
        content: Vec<u8>,
        why: Why,
    ) -> Result<(), FaultKind> {
        let file = FileContent {
            content: Content { input: InputName::scant(), path: path.clone() },
            size: content.len() as u64,
            stamp: None,
        };
        let node = Node {
            kind: NodeKind::File(file),
            meta: Meta::new(Mode::FILE),
            provenance: Provenance::new(None, why),
        };
        self.declare_node(path.clone(), node)?;
        self.made.insert(path, content);
        Ok(())
    }

    /// Where a file goes. What keeps its place brings the links on its way; what is given another
    /// place goes exactly there, but through links that the manifest declares.
    fn landing(
        &mut self,
        from: &Reference,
        to: &Destination,
        located: &Located<'_>,
    ) -> Result<TreePath, FaultKind> {
        if keeps_its_place(from, to) {
            let route = Route { input: &located.input, view: located.view };
            return self.placer.land(&located.asked, Some(route), Last::Follow);
        }
        let name = located.asked.rsplit(|&b| b == b'/').find(|name| !name.is_empty());
        let path = match name {
            Some(name) if (to.into || to.path.is_root()) && !located.found.entry.is_directory() => {
                to.path.join(name)
            }
            _ => to.path.clone(),
        };
        let last = if located.found.entry.is_directory() { Last::Follow } else { Last::Stay };
        self.placer.land(path.as_bytes(), None, last)
    }

    /// The declaration named a link of the input: it is the reason for that link too.
    fn declare_link(&mut self, to: &Destination, why: Why) {
        let is_link = |node: &Node| matches!(node.kind, NodeKind::Symlink { .. });
        if self.placer.tree.get(&to.path).is_some_and(is_link)
            && let Some(provenance) = self.placer.tree.provenance_mut(&to.path)
        {
            provenance.add(why);
        }
    }

    /// Says that privilege bits of an input were dropped: they count only where `mode` says so.
    pub(super) fn note_dropped_bits(&mut self, span: Span, mode: u32, file: &str) {
        let (bits, were, it) = match mode & 0o6000 {
            0 => return,
            0o4000 => ("setuid bit", "was", "it"),
            0o2000 => ("setgid bit", "was", "it"),
            _ => ("setuid and setgid bits", "were", "them"),
        };
        let text = alloc::format!("the {bits} of `{file}` {were} dropped; `mode` can keep {it}");
        self.find(Some(span), Severity::Notice, text);
    }
}

/// Whether a file goes where it lies in its input.
fn keeps_its_place(from: &Reference, to: &Destination) -> bool {
    matches!(from, Reference::Input { path, .. } if *path == to.path)
}

/// Whether a reason is that a directory is declared by itself.
fn is_declared_directory(why: &Why) -> bool {
    matches!(why, Why::Declared { place, .. } if place.section == Section::Directories)
}

/// The reason of a declaration.
pub(in crate::plan) fn declared(section: Section, span: Span, reason: &Option<String>) -> Why {
    Why::Declared { place: Place { section, line: span.line }, reason: reason.clone() }
}

fn add_xattrs(meta: &mut Meta, xattrs: &BTreeMap<String, String>) {
    let pairs = xattrs.iter().map(|(name, value)| (name.clone(), Box::from(value.as_bytes())));
    meta.xattrs.extend(pairs);
}

/// Adds extended attributes and file capabilities.
fn add_attributes(
    meta: &mut Meta,
    xattrs: &BTreeMap<String, String>,
    clauses: &[Spanned<String>],
) -> Result<(), FaultKind> {
    add_xattrs(meta, xattrs);
    if !clauses.is_empty() {
        let texts = clauses.iter().map(|clause| clause.value.as_str());
        let value = capabilities::encode(texts).map_err(FaultKind::Capabilities)?;
        meta.xattrs.insert(capabilities::XATTR.into(), value);
    }
    Ok(())
}

/// Refuses what is no regular file.
fn regular_file(located: &Located<'_>) -> Result<u64, FaultKind> {
    let file = named(&located.input, &located.found.path);
    match located.found.entry.kind {
        EntryKind::File { size } => Ok(size),
        EntryKind::Directory => Err(FaultKind::DirectoryAsFile { file }),
        EntryKind::Special(kind) => Err(FaultKind::Special { file, kind }),
        EntryKind::Symlink { .. } => unreachable!("a resolved path is never a link"),
    }
}
