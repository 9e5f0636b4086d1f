//! Data: single files, and what a directory's walk finds (see `contents`).

use alloc::string::ToString;

use super::{add_attributes, declared, regular_file};
use crate::formats::elf::MAGIC;
use crate::formats::manifest::{Data, Elf as ElfChoice};
use crate::plan::closures::Loadable;
use crate::plan::fault::FaultKind;
use crate::plan::link_targets::DataLink;
use crate::plan::nodes::{default_mode, fill};
use crate::plan::placer::named;
use crate::plan::planner::{Located, Planner};
use crate::rules::View;
use crate::rules::loader::Spot;
use crate::words::{
    Entry, InputError, InputName, Mode, Node, NodeKind, Provenance, Section, TreePath,
};

impl Planner<'_> {
    pub(super) fn place_data(&mut self, data: &Data) {
        let placed = self.try_place_data(data);
        self.keep(data.span, placed);
    }

    fn try_place_data(&mut self, data: &Data) -> Result<(), FaultKind> {
        let located = self.locate(&data.from)?;
        if located.found.entry.is_directory() {
            return self.place_contents(data, &located);
        }
        regular_file(&located)?;
        let path = self.landing(&data.from, &data.to, &located)?;
        let node = self.data_node(data, &located, &located.found.path, &located.found.entry)?;
        self.declare_node(path.clone(), node)?;
        self.declare_link(&data.to, declared(Section::Data, data.span, &data.why));
        self.note_elf(data, &located, &located.found.path, path)
    }

    /// Places one file of a directory.
    pub(super) fn place_data_file(
        &mut self,
        data: &Data,
        located: &Located<'_>,
        source: &TreePath,
        entry: &Entry,
        path: TreePath,
    ) -> Result<(), FaultKind> {
        let node = self.data_node(data, located, source, entry)?;
        let known = self.placer.tree.get(&path);
        if is_by_default(data) && known.is_some_and(|known| known.kind == node.kind) {
            // A file that is declared by itself keeps what is declared of it.
            self.placer.need(path.clone(), node)?;
        } else {
            self.declare_node(path.clone(), node)?;
        }
        self.note_elf(data, located, source, path)
    }

    pub(super) fn place_data_link(
        &mut self,
        data: &Data,
        located: &Located<'_>,
        source: &TreePath,
        target: &[u8],
        path: TreePath,
    ) -> Result<(), FaultKind> {
        let why = declared(Section::Data, data.span, &data.why);
        let node = Node {
            kind: NodeKind::Symlink { target: target.into() },
            meta: self.meta(Mode::SYMLINK, data.owner.as_ref())?,
            provenance: Provenance::new(Some(self.source(&located.input, source)), why),
        };
        self.declare_node(path.clone(), node)?;
        self.data_links.push(DataLink {
            path,
            target: target.into(),
            input: located.input.clone(),
            source: source.clone(),
            span: data.span,
            close_elf: data.elf == ElfChoice::Close,
        });
        Ok(())
    }

    pub(super) fn place_data_directory(
        &mut self,
        data: &Data,
        located: &Located<'_>,
        source: &TreePath,
        path: TreePath,
    ) -> Result<(), FaultKind> {
        if path.is_root() {
            return Ok(());
        }
        let why = declared(Section::Data, data.span, &data.why);
        let mode = data.directory_mode.unwrap_or(Mode::EXECUTABLE);
        let node = Node {
            kind: NodeKind::Directory,
            meta: self.meta(mode, data.owner.as_ref())?,
            provenance: Provenance::new(Some(self.source(&located.input, source)), why),
        };
        let is_separate = |planner: &Self| {
            let known = planner.placer.tree.get(&path).map(|known| known.provenance.reasons());
            known.into_iter().flatten().any(super::is_declared_directory)
        };
        if says_directories(data) && !is_separate(self) {
            self.declare_node(path, node)
        } else {
            // A directory that is declared by itself keeps what is declared of it.
            self.placer.need(path, node)
        }
    }

    fn data_node(
        &mut self,
        data: &Data,
        located: &Located<'_>,
        source: &TreePath,
        entry: &Entry,
    ) -> Result<Node, FaultKind> {
        if data.mode.is_none() {
            self.note_dropped_bits(data.span, entry.mode, &named(&located.input, source));
        }
        let mode = data.mode.unwrap_or_else(|| default_mode(entry.mode));
        let mut meta = self.meta(mode, data.owner.as_ref())?;
        add_attributes(&mut meta, &data.xattrs, &data.capabilities)?;
        let why = declared(Section::Data, data.span, &data.why);
        Ok(self.file_node(&located.input, source, entry, meta, why))
    }

    /// An ELF file brings what it needs.
    fn note_elf(
        &mut self,
        data: &Data,
        located: &Located<'_>,
        source: &TreePath,
        path: TreePath,
    ) -> Result<(), FaultKind> {
        if data.elf == ElfChoice::Close && is_elf(&located.input, located.view, source)? {
            let elf = located.view.elf(source);
            let home = match elf.as_ref() {
                Ok(elf) => self.home_of(&located.input, elf),
                Err(_) => self.home(&located.input),
            };
            self.data_elves.push(Loadable {
                spot: Spot::moved(path.as_bytes(), source.as_bytes()),
                path,
                home,
                openings: alloc::vec::Vec::new(),
                span: data.span,
                section: Section::Data,
                is_secure: false,
            });
        }
        Ok(())
    }
}

/// Whether a declaration says modes or owners of directories.
pub(super) fn says_directories(data: &Data) -> bool {
    data.directory_mode.is_some() || data.owner.is_some()
}

/// Whether a declaration says nothing of modes, owners and attributes of files.
fn is_by_default(data: &Data) -> bool {
    let Data { mode, owner, capabilities, xattrs, .. } = data;
    mode.is_none() && owner.is_none() && capabilities.is_empty() && xattrs.is_empty()
}

pub(super) fn is_elf(
    input: &InputName,
    view: &View<'_>,
    path: &TreePath,
) -> Result<bool, FaultKind> {
    let read = || -> Result<bool, InputError> {
        let file = view.input().open(path)?;
        let mut start = [0; MAGIC.len()];
        let count = fill(&*file, 0, &mut start)?;
        Ok(count == start.len() && start == MAGIC)
    };
    read().map_err(|error| broken(input, error))
}

/// The fault of a part of an input that cannot be read.
pub(super) fn broken(input: &InputName, error: InputError) -> FaultKind {
    let path = error.path.to_string();
    FaultKind::Input { input: input.clone(), path, error, elsewhere: alloc::vec::Vec::new() }
}
