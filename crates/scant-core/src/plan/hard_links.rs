//! Second names of files. Their files may be declared, come with a closure, or be second names
//! themselves.

use alloc::vec::Vec;

use super::declared::declared;
use super::fault::FaultKind;
use super::placer::Last;
use super::planner::Planner;
use super::tree_view::Seen;
use crate::formats::manifest::HardLink;
use crate::words::{Node, NodeKind, Provenance, Section, TreePath};

impl Planner<'_> {
    /// Places the hard links whose files are there.
    pub(super) fn place_hard_links(&mut self) {
        let mut waiting: Vec<&HardLink> = self.request.manifest.hardlinks.iter().collect();
        loop {
            let before = waiting.len();
            waiting.retain(|hardlink| match self.file_of(&hardlink.target) {
                Ok(file) => {
                    let placed = self.place_hard_link(hardlink, file);
                    self.keep(hardlink.span, placed);
                    false
                }
                Err(_) => true,
            });
            if waiting.len() == before {
                return;
            }
        }
    }

    /// Refuses the hard links whose files are not there when everything else is.
    pub(super) fn refuse_hard_links(&mut self) {
        for hardlink in &self.request.manifest.hardlinks {
            let HardLink { link, target, .. } = hardlink;
            if let Err(found) = self.file_of(target) {
                let (link, target) = (link.clone(), target.clone());
                self.fault(hardlink.span, FaultKind::HardLinkTarget { link, target, found });
            }
        }
    }

    /// The file of the image that `path` leads to, else what is there.
    fn file_of(&self, path: &TreePath) -> Result<TreePath, &'static str> {
        match self.placer.seen(path.as_bytes()) {
            Some((_, Seen::Node(Node { kind: NodeKind::HardLink { target }, .. }))) => {
                Ok(target.clone())
            }
            Some((file, Seen::Node(_))) => Ok(file),
            Some((_, Seen::Directory)) => Err("a directory"),
            None => Err("not in the image"),
        }
    }

    fn place_hard_link(&mut self, hardlink: &HardLink, target: TreePath) -> Result<(), FaultKind> {
        let link = self.placer.land(hardlink.link.as_bytes(), None, Last::Stay)?;
        let Some(file) = self.placer.tree.get(&target) else { return Ok(()) };
        let meta = file.meta.clone();
        let why = declared(Section::HardLinks, hardlink.span, &hardlink.why);
        let provenance = Provenance::new(None, why);
        self.declare_node(link, Node { kind: NodeKind::HardLink { target }, meta, provenance })
    }
}
