//! What the manifest names goes into the tree first: links before what is placed through them,
//! then what has a place of its own, then what keeps the place it has in its input.

mod data;
mod programs;

pub(super) use programs::Executable;

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use super::fault::{FaultKind, Severity};
use super::placer::{Last, Route, named};
use super::walk::{Located, Planner, meta};
use crate::formats::capabilities;
use crate::formats::manifest::{
    Destination, Directory, HardLink, Reference, Span, Spanned, Symlink,
};
use crate::words::{
    Content, EntryKind, FileContent, InputName, Meta, Mode, Node, NodeKind, Place, Provenance,
    Section, TreePath, Why,
};

impl Planner<'_> {
    /// Places everything that is declared, but hard links: their files may come with a closure.
    pub(super) fn declare(&mut self) {
        let manifest = self.request.manifest;
        let mut symlinks: Vec<&Symlink> = manifest.symlinks.iter().collect();
        symlinks.sort_by_key(|symlink| &symlink.link);
        symlinks.into_iter().for_each(|symlink| self.place_symlink(symlink));
        manifest.directories.iter().for_each(|directory| self.place_directory(directory));
        self.place_accounts();
        for keeps_place in [false, true] {
            for binary in &manifest.binaries {
                if keeps_its_place(&binary.from, &binary.to) == keeps_place {
                    self.place_binary(binary);
                }
            }
            for data in &manifest.data {
                if keeps_its_place(&data.from, &data.to) == keeps_place {
                    self.place_data(data);
                }
            }
        }
    }

    fn place_symlink(&mut self, symlink: &Symlink) {
        let landed = self.placer.land(symlink.link.as_bytes(), None, Last::Stay);
        let Some(path) = self.keep(symlink.span, landed) else { return };
        let why = declared(Section::Symlinks, symlink.span, &symlink.why);
        let node = Node {
            kind: NodeKind::Symlink { target: symlink.target.as_bytes().into() },
            meta: meta(Mode::SYMLINK, symlink.owner),
            provenance: Provenance::new(None, why),
        };
        let placed = self.declare_node(path, node);
        self.keep(symlink.span, placed);
    }

    fn place_directory(&mut self, directory: &Directory) {
        let landed = self.placer.land(directory.path.as_bytes(), None, Last::Stay);
        let Some(path) = self.keep(directory.span, landed) else { return };
        let mut meta = meta(directory.mode.unwrap_or(Mode::EXECUTABLE), directory.owner);
        add_xattrs(&mut meta, &directory.xattrs);
        let why = declared(Section::Directories, directory.span, &directory.why);
        let provenance = Provenance::new(None, why);
        let placed = self.declare_node(path, Node { kind: NodeKind::Directory, meta, provenance });
        self.keep(directory.span, placed);
    }

    fn place_accounts(&mut self) {
        let accounts = &self.request.manifest.accounts;
        let users = accounts.users.iter().map(|user| user.span).min();
        let groups = accounts.groups.iter().map(|group| group.span).min();
        let files = [
            ("/etc/passwd", accounts.passwd(), users),
            ("/etc/group", accounts.group(), groups.or(users)),
        ];
        for (path, content, span) in files {
            let (Some(content), Some(span)) = (content, span) else { continue };
            let landed = self.placer.land(path.as_bytes(), None, Last::Follow);
            let Some(path) = self.keep(span, landed) else { continue };
            let why = declared(Section::Accounts, span, &None);
            let placed = self.place_made(path, content, why);
            self.keep(span, placed);
        }
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

    /// Second names of files, when all files are there.
    pub(super) fn place_hard_links(&mut self) {
        for hardlink in &self.request.manifest.hardlinks {
            let placed = self.place_hard_link(hardlink);
            self.keep(hardlink.span, placed);
        }
    }

    fn place_hard_link(&mut self, hardlink: &HardLink) -> Result<(), FaultKind> {
        let target = self.placer.land(hardlink.target.as_bytes(), None, Last::Follow)?;
        let link = self.placer.land(hardlink.link.as_bytes(), None, Last::Stay)?;
        let refused = |found: &'static str| FaultKind::HardLinkTarget {
            link: hardlink.link.clone(),
            target: hardlink.target.clone(),
            found,
        };
        let meta = match self.placer.tree.get(&target) {
            Some(node) if matches!(node.kind, NodeKind::File(_)) => node.meta.clone(),
            Some(node) if matches!(node.kind, NodeKind::HardLink { .. }) => {
                return Err(refused("itself another name"));
            }
            Some(_) => return Err(refused("not a regular file")),
            None => return Err(refused("not in the image")),
        };
        let why = declared(Section::HardLinks, hardlink.span, &hardlink.why);
        let kind = NodeKind::HardLink { target };
        self.declare_node(link, Node { kind, meta, provenance: Provenance::new(None, why) })
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
            Some(name) if to.into && !located.found.entry.is_directory() => to.path.join(name),
            _ => to.path.clone(),
        };
        let last = if located.found.entry.is_directory() { Last::Follow } else { Last::Stay };
        self.placer.land(path.as_bytes(), None, last)
    }

    /// Says that privilege bits of an input were dropped: they count only where `mode` says so.
    fn note_dropped_bits(&mut self, span: Span, located_mode: u32, file: &str, kept: Mode) {
        let dropped = located_mode & 0o6000 & !kept.bits();
        if dropped == 0 {
            return;
        }
        let bits = match dropped {
            0o4000 => "setuid bit",
            0o2000 => "setgid bit",
            _ => "setuid and setgid bits",
        };
        let text = alloc::format!("the {bits} of `{file}` was dropped; `mode` can keep it");
        self.find(Some(span), Severity::Notice, text);
    }
}

/// Whether a file goes where it lies in its input.
fn keeps_its_place(from: &Reference, to: &Destination) -> bool {
    matches!(from, Reference::Input { path, .. } if *path == to.path)
}

/// The reason of a declaration.
pub(super) fn declared(section: Section, span: Span, reason: &Option<String>) -> Why {
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
