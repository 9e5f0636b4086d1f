//! What the links of data directories point at comes along, so that none of them dangles.

use alloc::vec::Vec;

use super::fault::{FaultKind, Severity};
use super::placer::{Last, Route, named};
use super::tree_view::Seen;
use super::walk::{DataLink, Loadable, Planner, default_mode, file_node, meta};
use crate::formats::elf::Header;
use crate::rules::loader::Spot;
use crate::words::{EntryKind, Escaped, TreePath, Why};

impl Planner<'_> {
    /// Looks at every link that came with data. A file it points at comes along with that reason;
    /// a directory does not, and is told.
    pub(super) fn follow_link_targets(&mut self) {
        for link in core::mem::take(&mut self.data_links) {
            if let Some((path, seen)) = self.placer.seen(link.path.as_bytes()) {
                if matches!(seen, Seen::Node(_)) {
                    self.add_reason(&path, &link);
                }
                continue;
            }
            let followed = self.follow_link(&link);
            self.keep(link.span, followed);
        }
    }

    fn add_reason(&mut self, path: &TreePath, link: &DataLink) {
        if let Some(provenance) = self.placer.tree.provenance_mut(path) {
            provenance.add(Why::LinkTarget { of: link.path.clone() });
        }
    }

    fn follow_link(&mut self, link: &DataLink) -> Result<(), FaultKind> {
        let view = self.view(&link.input)?;
        let target = Escaped(&link.target);
        let Ok(found) = view.resolve(link.source.as_bytes()) else {
            let text = alloc::format!("`{}` points at `{target}`, which is nowhere", link.path);
            self.find(Some(link.span), Severity::Warning, text);
            return Ok(());
        };
        let EntryKind::File { size } = found.entry.kind else {
            let file = named(&link.input, &found.path);
            let text = alloc::format!(
                "`{}` points at `{file}`, {}, which is not in the image",
                link.path,
                found.entry.kind.describe()
            );
            self.find(Some(link.span), Severity::Warning, text);
            return Ok(());
        };
        let image = beside(&link.path, &link.target);
        let keeps_place = image == beside(&link.source, &link.target);
        let route = Route { input: &link.input, view };
        let path = self.placer.land(&image, keeps_place.then_some(route), Last::Follow)?;
        let why = Why::LinkTarget { of: link.path.clone() };
        let meta = meta(default_mode(found.entry.mode), None);
        let node = file_node(&link.input, &found.path, size, meta, why);
        self.placer.need(path.clone(), node)?;
        let is_elf =
            view.elf(&found.path).as_ref().as_ref().is_ok_and(|elf| is_loaded(&elf.header));
        if link.close_elf && is_elf {
            let spot = Spot::moved(path.as_bytes(), found.path.as_bytes());
            let home = self.home(&link.input);
            let openings = Vec::new();
            let span = link.span;
            let elf = Loadable { spot, path, home, openings, span, is_secure: false };
            self.data_elves.push(elf);
        }
        Ok(())
    }
}

/// Whether a loader ever loads files of this type.
fn is_loaded(header: &Header) -> bool {
    use crate::formats::elf::FileType;
    matches!(header.file_type, FileType::Executable | FileType::Shared)
}

/// The path that a link's text means, not normalised.
fn beside(link: &TreePath, target: &[u8]) -> Vec<u8> {
    if target.starts_with(b"/") {
        return target.to_vec();
    }
    let directory = link.parent().unwrap_or_else(TreePath::root);
    [directory.as_bytes(), b"/", target].concat()
}
