//! What programs and libraries need, by the rules of their loader. Nothing is placed here before
//! the closures of a whole batch are known, so that they share what was learnt of the loader.

use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::rc::Rc;
use alloc::vec::Vec;

use super::fault::Severity;
use super::homes::Home;
use super::planner::Planner;
use crate::formats::elf::{Elf, ElfError, FileType};
use crate::formats::manifest::Span;
use crate::rules::loader::{
    self, Closure, Environment, Files as _, Identity, Missing, Opened, Opening, Rule, Session, Spot,
};
use crate::words::{InputName, Relation, Section, TreePath};

/// An ELF file of the image whose needs are to be looked at.
#[derive(Clone, Debug)]
pub(super) struct Loadable {
    /// Its path in the image, and in its input where that is another.
    pub(super) spot: Spot,
    /// Its path in the image.
    pub(super) path: TreePath,
    pub(super) home: Home,
    /// What it opens at run time.
    pub(super) openings: Vec<Opening>,
    /// The declaration it comes from.
    pub(super) span: Span,
    /// The section of that declaration.
    pub(super) section: Section,
    /// Whether the kernel starts it with privileges.
    pub(super) is_secure: bool,
}

/// A library that a system rule (the cache, a default directory) found for the image.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct FoundLibrary {
    /// The name asked for.
    pub(super) name: Box<[u8]>,
    /// The path it was found by.
    pub(super) path: Box<[u8]>,
}

/// A library that only the cache of an input finds.
#[derive(Clone, Debug)]
pub(super) struct Cached {
    /// Who needs it.
    pub(super) by: TreePath,
    /// The name asked for.
    pub(super) name: Box<[u8]>,
    /// Where it is in the image.
    pub(super) at: TreePath,
}

/// A closure that must hold in the image too.
#[derive(Clone, Debug)]
pub(super) struct Proof {
    pub(super) program: Spot,
    pub(super) openings: Vec<Opening>,
    /// The loader of a file that names none.
    pub(super) loader: Option<Spot>,
    pub(super) environment: Environment,
    pub(super) span: Span,
    /// What only the input's cache found.
    pub(super) cached: Vec<Cached>,
    /// What it has loaded.
    pub(super) loaded: Rc<Loaded>,
}

/// What a program has loaded: all that it can add to the needs of a library that it opens.
#[derive(Clone, Debug, Default)]
pub(super) struct Loaded {
    /// The names that were asked for, and those that the files found have.
    names: BTreeSet<Box<[u8]>>,
    /// Whether a file of it lists directories to search, which may count for the library too.
    has_paths: bool,
}

impl Loaded {
    fn of(closure: &Closure) -> Self {
        let dynamic = |object: &'_ loader::Object| elf_of(&object.opened).ok()?.dynamic.clone();
        let mut loaded = Self::default();
        loaded.names.extend(closure.edges.iter().map(|edge| edge.name.clone()));
        for dynamic in closure.objects.iter().filter_map(dynamic) {
            loaded.has_paths |= dynamic.rpath.is_some() || dynamic.runpath.is_some();
            loaded.names.extend(dynamic.soname);
        }
        loaded
    }

    /// Whether what a library lacks might not be lacked if this program opened it.
    fn may_have(&self, missing: &[Missing]) -> bool {
        self.has_paths || missing.iter().all(|missing| self.names.contains(&missing.name))
    }
}

/// What is known of an ELF file's needs.
enum Outcome {
    Closed(Box<Closure>, Proof),
    /// A closure before it has them.
    Covered,
    Damaged(ElfError),
    OtherMachine,
    /// No loader ever loads it: object files, core dumps.
    NotLoaded,
}

impl Planner<'_> {
    /// Closes over the declared programs, and over the interpreters that scripts name.
    pub(super) fn close_programs(&mut self) {
        while !self.programs.is_empty() || !self.scripts.is_empty() {
            self.need_interpreters();
            let mut programs = core::mem::take(&mut self.programs);
            programs.sort_by_key(|program| program.span);
            self.close(programs);
        }
    }

    /// Closes over ELF files of data that nothing has loaded yet: programs first, because they
    /// may be what opens the libraries.
    pub(super) fn close_data(&mut self) {
        let mut elves = core::mem::take(&mut self.data_elves);
        elves.retain(|elf| !self.closed.contains(&elf.path));
        let (programs, libraries) = elves.into_iter().partition(|elf| self.is_program(elf));
        self.close(programs);
        self.close(libraries);
    }

    fn is_program(&self, loadable: &Loadable) -> bool {
        let opened = self.overlay(&loadable.home).open(&loadable.spot);
        opened.is_ok_and(|opened| elf_of(&opened).is_ok_and(|elf| elf.interpreter.is_some()))
    }

    /// Closes over files, those of one home at once. What lacks something is looked at again when
    /// the needs of the others are in the image.
    pub(super) fn close(&mut self, loadables: Vec<Loadable>) {
        for batch in loadables.chunk_by(|a, b| a.home == b.home) {
            let outcomes = self.outcomes(batch);
            let mut incomplete = Vec::new();
            for (loadable, outcome) in batch.iter().zip(outcomes) {
                match outcome {
                    Outcome::Closed(closure, _) if !closure.missing.is_empty() => {
                        incomplete.push(loadable.clone());
                    }
                    outcome => self.settle(loadable, outcome),
                }
            }
            let outcomes = self.outcomes(&incomplete);
            for (loadable, outcome) in incomplete.iter().zip(outcomes) {
                self.settle(loadable, outcome);
            }
        }
    }

    fn settle(&mut self, loadable: &Loadable, outcome: Outcome) {
        let Loadable { path, span, .. } = loadable;
        match outcome {
            Outcome::Closed(closure, mut proof) => {
                self.closed.insert(path.clone());
                proof.cached = self.place_closure(loadable, &closure);
                proof.loaded = Rc::new(Loaded::of(&closure));
                let program = closure.objects.first().and_then(|first| elf_of(&first.opened).ok());
                if let Some(elf) = program {
                    self.learn_loader(elf);
                }
                // What a package lacks is told, and nothing more is expected of it.
                if loadable.section != Section::Packages || closure.missing.is_empty() {
                    self.proofs.push(proof);
                }
            }
            Outcome::Damaged(error) => {
                let text = format!("`{path}` is a damaged ELF file: {error}");
                self.find(Some(*span), Severity::Warning, text);
            }
            Outcome::OtherMachine => {
                let text =
                    format!("`{path}` is made for another machine; what it needs is not looked at");
                self.find(Some(*span), Severity::Notice, text);
            }
            Outcome::Covered | Outcome::NotLoaded => {}
        }
    }

    /// What is known of each file of a batch, which share their home.
    fn outcomes(&self, batch: &[Loadable]) -> Vec<Outcome> {
        let Some(Loadable { home, .. }) = batch.first() else { return Vec::new() };
        let first =
            Home { libraries: home.libraries.iter().take(1).cloned().collect(), ..home.clone() };
        let (alone, all) = (self.overlay(&first), self.overlay(home));
        let (alone_plain, all_plain) = (alone.without_caches(), all.without_caches());
        let sessions = [
            Sessions { cached: Session::new(&alone), plain: Session::new(&alone_plain) },
            Sessions { cached: Session::new(&all), plain: Session::new(&all_plain) },
        ];
        // The other inputs are only asked when the first one does not have everything.
        let sessions = if first == *home { &sessions[..1] } else { &sessions[..] };
        let mut covered = BTreeSet::new();
        batch.iter().map(|loadable| self.outcome(sessions, loadable, &mut covered)).collect()
    }

    fn outcome(
        &self,
        sessions: &[Sessions<'_>],
        loadable: &Loadable,
        covered: &mut BTreeSet<(InputName, TreePath)>,
    ) -> Outcome {
        let key = |Identity { input, path, .. }: &Identity| (input.clone(), path.clone());
        let Ok(opened) = sessions[0].cached.files().open(&loadable.spot) else {
            return Outcome::NotLoaded;
        };
        let is_data = matches!(loadable.section, Section::Data | Section::Packages);
        if is_data && covered.contains(&key(&opened.identity)) {
            return Outcome::Covered;
        }
        let elf = match elf_of(&opened) {
            Ok(elf) if !is_loaded(elf) => return Outcome::NotLoaded,
            Ok(elf) => elf,
            Err(error) => return Outcome::Damaged(error.clone()),
        };
        let header = &elf.header;
        if !self.request.platform.admits_elf(header.machine, header.class, header.order) {
            return Outcome::OtherMachine;
        }
        let attempts = sessions.iter().map(|sessions| {
            let (closure, proof) = self.closure_of(&sessions.cached, loadable, elf);
            (sessions.without_cache(closure, &proof), proof)
        });
        let (closure, proof) = best(attempts);
        if closure.missing.is_empty() {
            covered.extend(closure.objects.iter().map(|object| key(&object.opened.identity)));
        }
        Outcome::Closed(Box::new(closure), proof)
    }

    /// The closure of a file; for a library that is incomplete by itself, that of the first
    /// program that can open it.
    pub(super) fn closure_of(
        &self,
        session: &Session<'_>,
        loadable: &Loadable,
        elf: &Elf,
    ) -> (Closure, Proof) {
        let loader = match elf.interpreter {
            Some(_) => None,
            None => self.loader_for(elf, &loadable.home),
        };
        let own = Proof {
            program: loadable.spot.clone(),
            openings: loadable.openings.clone(),
            loader,
            environment: self.environment(loadable.is_secure),
            span: loadable.span,
            cached: Vec::new(),
            loaded: Rc::default(),
        };
        let closure = run(session, &own).unwrap_or_default();
        if closure.missing.is_empty() || elf.interpreter.is_some() {
            return (closure, own);
        }
        let opening = Opening { name: loadable.path.as_bytes().into(), relation: Relation::Opened };
        let by_program = |program: &Proof| {
            let openings = [&program.openings[..], core::slice::from_ref(&opening)].concat();
            let proof = Proof { openings, ..program.clone() };
            let closure = run(session, &proof)?;
            closure.missing.is_empty().then_some((closure, proof))
        };
        let may_help =
            |proof: &&Proof| proof.loader.is_none() && proof.loaded.may_have(&closure.missing);
        let programs = self.proofs.iter().filter(may_help);
        programs.filter_map(by_program).next().unwrap_or((closure, own))
    }
}

/// The same files, with and without the caches of inputs.
struct Sessions<'s> {
    cached: Session<'s>,
    plain: Session<'s>,
}

impl Sessions<'_> {
    /// The same closure with reasons that hold in an image without a cache, if there is one.
    fn without_cache(&self, closure: Closure, proof: &Proof) -> Closure {
        if closure.edges.iter().all(|edge| edge.rule != Rule::Cache) {
            return closure;
        }
        let plain = run(&self.plain, proof).filter(|plain| is_same(plain, &closure));
        plain.unwrap_or(closure)
    }
}

/// Whether two closures hold the same files.
fn is_same(a: &Closure, b: &Closure) -> bool {
    let files = |closure: &Closure| -> BTreeSet<(Spot, Identity)> {
        let objects = closure.objects.iter();
        objects.map(|object| (object.spot.clone(), object.opened.identity.clone())).collect()
    };
    a.missing.len() == b.missing.len() && files(a) == files(b)
}

/// The first attempt that lacks nothing, else the last.
fn best(attempts: impl Iterator<Item = (Closure, Proof)>) -> (Closure, Proof) {
    let mut last = None;
    for (closure, proof) in attempts {
        if closure.missing.is_empty() {
            return (closure, proof);
        }
        last = Some((closure, proof));
    }
    last.expect("there is a session at least")
}

pub(super) fn run(session: &Session<'_>, proof: &Proof) -> Option<Closure> {
    let Proof { program, openings, loader, environment, .. } = proof;
    loader::close(session, program, openings, environment, loader.as_ref()).ok()
}

pub(super) fn elf_of(opened: &Opened) -> Result<&Elf, &ElfError> {
    opened.elf.as_ref().as_ref()
}

/// Whether a loader ever loads files of this type: not object files, not core dumps.
pub(super) fn is_loaded(elf: &Elf) -> bool {
    matches!(elf.header.file_type, FileType::Executable | FileType::Shared)
}
