//! What programs, libraries and scripts need comes into the tree, each file with its reasons.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

use super::fault::{FaultKind, Severity};
use super::placer::{Last, Route};
use super::walk::{Loadable, Planner, Proof, default_mode, file_node};
use crate::formats::elf::{Elf, FileType};
use crate::rules::loader::{self, Closure, Environment, Files as _, Opening, Rule, Session, Spot};
use crate::words::{EntryKind, Escaped, How, InputName, Meta, Mode, Relation, TreePath, Why};

/// A library that a loader found for the image, for its `ld.so.cache`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct FoundLibrary {
    /// The name asked for.
    pub(super) name: Box<[u8]>,
    /// The path it was found by.
    pub(super) path: Box<[u8]>,
    /// Whether the rule was one that a cache replaces: the cache or a default directory.
    pub(super) by_system_rule: bool,
}

impl Planner<'_> {
    /// Closes over the declared programs, and over the interpreters that scripts brought.
    pub(super) fn close_programs(&mut self) {
        while !self.programs.is_empty() {
            for program in core::mem::take(&mut self.programs) {
                self.close(&program);
            }
        }
    }

    /// Closes over ELF files of data that nothing has loaded yet.
    pub(super) fn close_data(&mut self) {
        for elf in core::mem::take(&mut self.data_elves) {
            if !self.closed.contains(&elf.path) {
                self.close(&elf);
            }
        }
        self.close_programs();
    }

    fn close(&mut self, loadable: &Loadable) {
        let environment = self.environment(loadable.is_secure);
        let (closure, proof) = {
            let overlay = self.overlay(&loadable.home);
            let session = Session::new(&overlay);
            let Ok(opened) = overlay.open(&loadable.spot) else { return };
            let elf = match opened.elf.as_ref() {
                Ok(elf) => elf,
                Err(error) => {
                    let text = format!("`{}` is a damaged ELF file: {error}", loadable.path);
                    self.find(Some(loadable.span), Severity::Warning, text);
                    return;
                }
            };
            if !matches!(elf.header.file_type, FileType::Executable | FileType::Shared) {
                return;
            }
            if !self.request.platform.admits_elf(
                elf.header.machine,
                elf.header.class,
                elf.header.order,
            ) {
                let text = format!(
                    "`{}` is made for another machine; what it needs is not looked at",
                    loadable.path
                );
                self.find(Some(loadable.span), Severity::Notice, text);
                return;
            }
            self.closure_of(&session, loadable, elf, environment)
        };
        self.closed.insert(loadable.path.clone());
        self.place_closure(loadable, &closure);
        self.proofs.push(proof);
    }

    /// The closure of a file; for a library that is incomplete by itself, that of the first
    /// program that can open it.
    fn closure_of(
        &self,
        session: &Session<'_>,
        loadable: &Loadable,
        elf: &Elf,
        environment: Environment,
    ) -> (Closure, Proof) {
        let loader = match elf.interpreter {
            Some(_) => None,
            None => self.loader_for(elf, &loadable.home),
        };
        let own = Proof {
            program: loadable.spot.clone(),
            openings: loadable.openings.clone(),
            loader,
            environment,
            span: loadable.span,
        };
        let closure = run(session, &own).unwrap_or_default();
        if closure.missing.is_empty() || elf.interpreter.is_some() {
            return (closure, own);
        }
        let opening = Opening { name: loadable.path.as_bytes().into(), relation: Relation::Opened };
        for program in self.proofs.iter().filter(|proof| proof.loader.is_none()) {
            let mut openings = program.openings.clone();
            openings.push(opening.clone());
            let proof = Proof { openings, ..program.clone() };
            if let Some(closure) = run(session, &proof)
                && closure.missing.is_empty()
            {
                return (closure, proof);
            }
        }
        (closure, own)
    }

    /// The loader for a file that names none: that of a program of the image which fits, else the
    /// one its input has.
    fn loader_for(&self, elf: &Elf, home: &[InputName]) -> Option<Spot> {
        let files = self.tree_files();
        let fits = |proof: &&Proof| {
            files.open(&proof.program).is_ok_and(|opened| {
                opened.elf.as_ref().as_ref().is_ok_and(|program| {
                    program.interpreter.is_some()
                        && program.layout() == elf.layout()
                        && program.header.machine == elf.header.machine
                })
            })
        };
        if let Some(proof) = self.proofs.iter().find(fits)
            && let Ok(opened) = files.open(&proof.program)
            && let Ok(program) = opened.elf.as_ref()
        {
            return program.interpreter.clone().map(Spot::new);
        }
        let mut views = home.iter().filter_map(|name| self.request.inputs.get(name));
        views
            .find_map(|view| loader::of_root(view, &elf.header))
            .map(|path| Spot::new(path.as_bytes()))
    }

    fn place_closure(&mut self, loadable: &Loadable, closure: &Closure) {
        let paths = self.place_objects(loadable, closure);
        for missing in &closure.missing {
            self.note_missing(loadable, missing, &paths);
        }
        for version in &closure.missing_versions {
            let kind = FaultKind::MissingVersion {
                version: Escaped(&version.version).to_string(),
                by: paths[version.by].clone(),
                of: paths[version.of].clone(),
            };
            self.fault(loadable.span, kind);
        }
        for (object, note) in &closure.suggestions {
            self.suggest(loadable.span, &paths[*object], note);
        }
        if let Some(path_file) = &closure.path_file {
            let placed = self.place_path_file(loadable, closure, path_file, &paths);
            self.keep(loadable.span, placed);
        }
    }

    /// Lands every object of a closure, then puts it there with all its reasons. Gives the path of
    /// each.
    fn place_objects(&mut self, loadable: &Loadable, closure: &Closure) -> Vec<TreePath> {
        let mut paths = Vec::with_capacity(closure.objects.len());
        for (number, object) in closure.objects.iter().enumerate() {
            if number == 0 && object.spot == loadable.spot {
                paths.push(loadable.path.clone());
                continue;
            }
            let identity = &object.opened.identity;
            let view = self.request.inputs.get(&identity.input);
            let keeps_place = object.spot.source.is_none();
            let route =
                view.filter(|_| keeps_place).map(|view| Route { input: &identity.input, view });
            let landed = self.placer.land(&object.spot.image, route, Last::Follow);
            let fallback = || identity.path.clone();
            paths.push(self.keep(loadable.span, landed).unwrap_or_else(fallback));
        }
        for number in 0..closure.objects.len() {
            let placed = self.place_object(closure, number, &paths);
            self.keep(loadable.span, placed);
            self.closed.insert(paths[number].clone());
        }
        paths
    }

    fn place_object(
        &mut self,
        closure: &Closure,
        number: usize,
        paths: &[TreePath],
    ) -> Result<(), FaultKind> {
        let identity = &closure.objects[number].opened.identity;
        let view = self.view(&identity.input)?;
        let entry = view.lookup(&identity.path).ok().flatten();
        let (size, mode) = match entry.map(|entry| (entry.kind, entry.mode)) {
            Some((EntryKind::File { size }, mode)) => (size, mode),
            _ => return Ok(()),
        };
        for edge in closure.edges.iter().filter(|edge| edge.to == number) {
            let why = Why::Depends {
                of: paths[edge.by].clone(),
                relation: edge.relation,
                name: Escaped(&edge.name).to_string(),
                how: edge.rule.how(|object| paths[object].clone()),
            };
            let mode = match edge.relation {
                Relation::Interpreter => Mode::EXECUTABLE,
                _ => default_mode(mode),
            };
            let node = file_node(&identity.input, &identity.path, size, Meta::new(mode), why);
            self.placer.need(paths[number].clone(), node)?;
            self.remember(edge, &closure.objects[number].spot);
        }
        Ok(())
    }

    fn remember(&mut self, edge: &loader::Edge, spot: &Spot) {
        let by_system_rule = matches!(edge.rule, Rule::Cache | Rule::DefaultDirectory { .. });
        let (name, path) = (edge.name.clone(), spot.image.clone());
        let library = FoundLibrary { name, path, by_system_rule };
        if edge.relation != Relation::Interpreter && !self.libraries.contains(&library) {
            self.libraries.push(library);
        }
    }

    /// musl found libraries through its path file, so the image needs that file.
    fn place_path_file(
        &mut self,
        loadable: &Loadable,
        closure: &Closure,
        path: &[u8],
        paths: &[TreePath],
    ) -> Result<(), FaultKind> {
        let reader = closure.edges.iter().find(|edge| edge.relation == Relation::Interpreter);
        let of = reader.map_or(&loadable.path, |edge| &paths[edge.to]).clone();
        let why = Why::Depends {
            of,
            relation: Relation::Configuration,
            name: Escaped(path).to_string(),
            how: How::Path,
        };
        self.need_file(path, &loadable.home, why, None).map(|_| ())
    }
}

fn run(session: &Session<'_>, proof: &Proof) -> Option<Closure> {
    let Proof { program, openings, loader, environment, span: _ } = proof;
    loader::close(session, program, openings, environment, loader.as_ref()).ok()
}
