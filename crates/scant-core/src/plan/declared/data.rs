//! Data: single files, and directories with what is in them.

use alloc::string::String;
use alloc::vec::Vec;

use super::{add_attributes, declared, regular_file};
use crate::formats::elf::MAGIC;
use crate::formats::manifest::{Data, Elf as ElfChoice};
use crate::plan::fault::{FaultKind, Severity};
use crate::plan::placer::{Last, named};
use crate::plan::walk::{DataLink, Loadable, Located, Planner, default_mode, file_node, meta};
use crate::rules::loader::Spot;
use crate::words::{
    Entry, EntryKind, InputError, Meta, Mode, Node, NodeKind, Provenance, Section, Source, TreePath,
};

/// A directory of an input whose contents are still to be placed.
struct Pending {
    source: TreePath,
    image: TreePath,
    /// The path below the declared directory, which globs are matched against.
    relative: Vec<u8>,
}

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
        let source = located.found.path.clone();
        let entry = located.found.entry.clone();
        self.place_data_file(data, &located, &source, &entry, path)
    }

    fn place_contents(&mut self, data: &Data, located: &Located<'_>) -> Result<(), FaultKind> {
        let image = self.landing(&data.from, &data.to, located)?;
        let source = located.found.path.clone();
        if !image.is_root() {
            self.place_data_directory(data, located, &source, image.clone())?;
        }
        let mut pending = Vec::from([Pending { source, image, relative: Vec::new() }]);
        let mut count = 0usize;
        while let Some(directory) = pending.pop() {
            let names = located
                .view
                .input()
                .list(&directory.source)
                .map_err(|error| broken(located, error))?;
            for name in names {
                let source = directory.source.join(&name);
                let relative = match directory.relative.is_empty() {
                    true => name.to_vec(),
                    false => [&directory.relative, &b"/"[..], &name].concat(),
                };
                if matches_any(&data.exclude, &relative) {
                    continue;
                }
                let entry = located.view.lookup(&source).map_err(|error| broken(located, error))?;
                let Some(entry) = entry else { continue };
                let image = directory.image.join(&name);
                let is_included = data.include.is_empty() || matches_any(&data.include, &relative);
                if entry.is_directory() {
                    let image = self.placer.land(image.as_bytes(), None, Last::Follow)?;
                    if is_included {
                        self.place_data_directory(data, located, &source, image.clone())?;
                    }
                    pending.push(Pending { source, image, relative });
                } else if is_included {
                    count += 1;
                    let placed = self.place_entry(data, located, &source, entry, image);
                    self.keep(data.span, placed);
                }
            }
        }
        if count == 0 && !data.include.is_empty() {
            let file = named(&located.input, &located.found.path);
            let text = alloc::format!("no file of `{file}` matches what is included");
            self.find(Some(data.span), Severity::Warning, text);
        }
        Ok(())
    }

    fn place_entry(
        &mut self,
        data: &Data,
        located: &Located<'_>,
        source: &TreePath,
        entry: Entry,
        image: TreePath,
    ) -> Result<(), FaultKind> {
        match &entry.kind {
            EntryKind::Symlink { target } => {
                let why = declared(Section::Data, data.span, &data.why);
                let node = Node {
                    kind: NodeKind::Symlink { target: target.clone() },
                    meta: meta(Mode::SYMLINK, data.owner),
                    provenance: Provenance::new(Some(source_of(located, source)), why),
                };
                self.declare_node(image.clone(), node)?;
                self.data_links.push(DataLink {
                    path: image,
                    target: target.clone(),
                    input: located.input.clone(),
                    source: source.clone(),
                    span: data.span,
                    close_elf: data.elf == ElfChoice::Close,
                });
                Ok(())
            }
            EntryKind::File { .. } => self.place_data_file(data, located, source, &entry, image),
            EntryKind::Special(kind) => {
                let file = named(&located.input, source);
                let text = alloc::format!("`{file}` is {kind} and was left out");
                self.find(Some(data.span), Severity::Notice, text);
                Ok(())
            }
            EntryKind::Directory => unreachable!("directories are walked, not placed as entries"),
        }
    }

    fn place_data_directory(
        &mut self,
        data: &Data,
        located: &Located<'_>,
        source: &TreePath,
        path: TreePath,
    ) -> Result<(), FaultKind> {
        let why = declared(Section::Data, data.span, &data.why);
        let mode = data.directory_mode.unwrap_or(Mode::EXECUTABLE);
        let node = Node {
            kind: NodeKind::Directory,
            meta: meta(mode, data.owner),
            provenance: Provenance::new(Some(source_of(located, source)), why),
        };
        // A directory that is declared by itself keeps what is declared of it.
        self.placer.need(path, node)
    }

    fn place_data_file(
        &mut self,
        data: &Data,
        located: &Located<'_>,
        source: &TreePath,
        entry: &Entry,
        path: TreePath,
    ) -> Result<(), FaultKind> {
        let size = entry.file_size().unwrap_or(0);
        let meta = self.data_meta(data, located, source, entry)?;
        let why = declared(Section::Data, data.span, &data.why);
        let node = file_node(&located.input, source, size, meta, why);
        self.declare_node(path.clone(), node)?;
        let is_elf = data.elf == ElfChoice::Close && is_elf(located, source)?;
        if is_elf {
            let spot = Spot::moved(path.as_bytes(), source.as_bytes());
            let home = self.home(&located.input);
            let openings = Vec::new();
            let span = data.span;
            let elf = Loadable { spot, path, home, openings, span, is_secure: false };
            self.data_elves.push(elf);
        }
        Ok(())
    }

    fn data_meta(
        &mut self,
        data: &Data,
        located: &Located<'_>,
        source: &TreePath,
        entry: &Entry,
    ) -> Result<Meta, FaultKind> {
        let mode = data.mode.unwrap_or_else(|| default_mode(entry.mode));
        self.note_dropped_bits(data.span, entry.mode, &named(&located.input, source), mode);
        let mut meta = meta(mode, data.owner);
        add_attributes(&mut meta, &data.xattrs, &data.capabilities)?;
        Ok(meta)
    }
}

fn source_of(located: &Located<'_>, path: &TreePath) -> Source {
    Source { input: located.input.as_str().into(), path: path.clone(), package: None }
}

fn matches_any(globs: &[crate::formats::manifest::Spanned<String>], path: &[u8]) -> bool {
    globs.iter().any(|glob| fast_glob::glob_match(glob.value.as_bytes(), path))
}

fn is_elf(located: &Located<'_>, path: &TreePath) -> Result<bool, FaultKind> {
    let read = || -> Result<bool, InputError> {
        let file = located.view.input().open(path)?;
        let mut start = [0; MAGIC.len()];
        let count = file.read_at(0, &mut start)?;
        Ok(count == start.len() && start == MAGIC)
    };
    read().map_err(|error| broken(located, error))
}

fn broken(located: &Located<'_>, error: InputError) -> FaultKind {
    FaultKind::Input { input: located.input.clone(), path: alloc::format!("{}", error.path), error }
}
