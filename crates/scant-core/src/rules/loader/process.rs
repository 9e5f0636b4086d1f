//! The state of one process while its loader brings in files: objects, and why each is there.
//! Which file is taken for a name is decided by the rules of each loader, beside this file.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::cell::Cell;

use super::candidate::{CandidateFault, Verdict, judge};
use super::closure::{Edge, Missing, Outcome, Rule, Try};
use super::environment::Environment;
use super::facts::LoaderFacts;
use super::files::{Files, Opened, Spot};
use super::hwcaps::{Processor, Seen};
use crate::formats::elf::{Elf, Header};
use crate::formats::ld_so_cache::Cache;
use crate::words::{Problem, Relation};

/// As many bytes of paths are put together in the search for the files of one process, and as many
/// are looked at to find a name again: hundreds of times what a large program takes, and some
/// seconds. Lists of directories and of names are multiplied with one another, so that a file of a
/// few megabytes could else keep the search busy for days.
const MOST_WORK: usize = 1 << 27;

/// What a path costs besides its bytes.
const PATH: usize = 64;

/// What does not change while a process is loaded.
pub(super) struct Setting<'a> {
    pub(super) files: &'a dyn Files,
    pub(super) environment: &'a Environment,
    pub(super) facts: &'a LoaderFacts,
    pub(super) cache: Option<&'a Cache>,
    pub(super) processor: &'a Processor,
    /// The program's header: libraries must fit it.
    pub(super) expected: Header,
    /// The subdirectories that some processor makes the loader search, by their first component.
    pub(super) first_components: &'a [Box<[u8]>],
    /// What was met that depends on the processor.
    pub(super) seen: &'a Seen,
}

/// A file in the process.
#[derive(Clone, Debug)]
pub(super) struct Loaded {
    pub(super) spot: Spot,
    pub(super) opened: Opened,
    /// The names it was asked for by.
    pub(super) names: Vec<Box<[u8]>>,
    /// The object that brought it in first (glibc's `l_loader`, musl's `needed_by`).
    pub(super) loader: Option<usize>,
    /// Audit libraries live apart: names are not shared between namespaces.
    pub(super) namespace: usize,
    /// The object that this is another path to. It must exist in the image and is opened, but it
    /// is not loaded a second time: it needs nothing and answers to no name.
    pub(super) same_as: Option<usize>,
}

/// The outcome of looking for a name.
pub(super) enum Found {
    /// A file, by this rule.
    File(Spot, Opened, Rule),
    /// Nothing.
    Nothing,
    /// A file that ends the search and the program.
    Fatal(Spot, CandidateFault),
}

/// One step of a search through a list of directories.
pub(super) enum Step {
    Found(Spot, Opened),
    /// Nothing here: the next element.
    Next,
    /// An error that ends this list, but not the search.
    EndOfList,
    Fatal(Spot, CandidateFault),
}

/// A record of what was tried, kept only when somebody will read it.
pub(super) type Record<'r> = Option<&'r mut Vec<Try>>;

pub(super) struct Process<'a> {
    pub(super) setting: Setting<'a>,
    pub(super) objects: Vec<Loaded>,
    pub(super) edges: Vec<Edge>,
    pub(super) missing: Vec<Missing>,
    /// The loader, once it is an object: from the start where `PT_INTERP` names it.
    pub(super) interpreter: Option<usize>,
    /// The loader that a library will find running; it is an object when something asks for it.
    pub(super) resident: Option<(Spot, Opened)>,
    /// What the search has cost.
    work: Cell<usize>,
}

impl<'a> Process<'a> {
    pub(super) fn new(setting: Setting<'a>, resident: Option<(Spot, Opened)>) -> Self {
        Self {
            setting,
            objects: Vec::new(),
            edges: Vec::new(),
            missing: Vec::new(),
            interpreter: None,
            resident,
            work: Cell::new(0),
        }
    }

    /// Whether one more search for `name` may be made for the object `by`; counts what it costs at
    /// the most. A name that is loaded already costs its share of being found.
    pub(super) fn affords(&self, by: usize, name: &[u8]) -> bool {
        if self.work.get() > MOST_WORK {
            return false;
        }
        let mut cost = (self.objects.len() + self.edges.len()) / PATH + name.len();
        let directories = self.setting.facts.directories.iter().map(|directory| &**directory);
        let list = self.setting.environment.library_path.as_deref();
        for list in directories.chain(list) {
            cost = cost.saturating_add(cost_of(list, name, b""));
        }
        // Run paths of the objects that led to this one may count, and those of the program.
        let chain = core::iter::successors(Some(by), |&object| self.objects[object].loader);
        for object in chain.chain([0]) {
            let Some(dynamic) = &self.elf(object).dynamic else { continue };
            for list in dynamic.runpath.iter().chain(&dynamic.rpath) {
                cost = cost.saturating_add(cost_of(list, name, &self.objects[object].spot.image));
            }
            cost = cost.saturating_add(1);
            if cost > MOST_WORK {
                break;
            }
        }
        self.spend(cost);
        self.work.get() <= MOST_WORK
    }

    /// Counts what a search has cost besides.
    pub(super) fn spend(&self, cost: usize) {
        self.work.set(self.work.get().saturating_add(cost));
    }

    /// The path of the loader, where it is known.
    pub(super) fn loader_spot(&self) -> Option<&Spot> {
        let interpreter = self.interpreter.map(|object| &self.objects[object].spot);
        interpreter.or(self.resident.as_ref().map(|(spot, _)| spot))
    }

    /// The loader as an object.
    pub(super) fn loader(&mut self) -> Option<usize> {
        if let (None, Some((spot, opened))) = (self.interpreter, self.resident.take()) {
            let name = spot.image.clone();
            self.interpreter = Some(self.add(spot, opened, &name, None, 0));
        }
        self.interpreter
    }

    /// Whether the file asked about is a program: then it is no library that others could need.
    pub(super) fn is_program(&self) -> bool {
        self.elf(0).interpreter.is_some()
    }

    /// What the object says as ELF.
    pub(super) fn elf(&self, object: usize) -> &Elf {
        let elf = self.objects[object].opened.elf.as_ref().as_ref();
        elf.expect("only files that parsed become objects")
    }

    /// `$ORIGIN` of an object: of the program by its real path, of a library by the path it was
    /// found under.
    pub(super) fn origin(&self, object: usize) -> Spot {
        let loaded = &self.objects[object];
        if object != 0 {
            return loaded.spot.directory();
        }
        let real = match &loaded.spot.source {
            Some(_) => {
                Spot::moved(loaded.opened.real.clone(), loaded.opened.identity.path.as_bytes())
            }
            None => Spot::new(loaded.opened.real.clone()),
        };
        real.directory()
    }

    /// Adds an object.
    pub(super) fn add(
        &mut self,
        spot: Spot,
        opened: Opened,
        name: &[u8],
        loader: Option<usize>,
        namespace: usize,
    ) -> usize {
        let names = Vec::from([Box::from(name)]);
        self.objects.push(Loaded { spot, opened, names, loader, namespace, same_as: None });
        self.objects.len() - 1
    }

    /// Records that the file of `object` was found again, perhaps by another path. The object
    /// that this path is.
    pub(super) fn add_path(
        &mut self,
        object: usize,
        spot: Spot,
        opened: Opened,
        name: &[u8],
    ) -> usize {
        let Loaded { namespace, loader, .. } = self.objects[object];
        self.objects[object].names.push(name.into());
        let known = |o: &Loaded| o.spot == spot && o.namespace == namespace;
        if let Some(known) = self.objects.iter().position(known) {
            return known;
        }
        let (names, same_as) = (Vec::new(), Some(object));
        self.objects.push(Loaded { spot, opened, names, loader, namespace, same_as });
        self.objects.len() - 1
    }

    /// Records that `by` needs `to`, once.
    pub(super) fn connect(
        &mut self,
        by: usize,
        to: usize,
        relation: Relation,
        name: &[u8],
        rule: Rule,
    ) {
        let edge = Edge { by, to, relation, name: name.into(), rule };
        if !self.edges.contains(&edge) {
            self.edges.push(edge);
        }
    }

    /// Records that `name` was not searched for. Always false: it is missing.
    pub(super) fn gives_up(&mut self, by: usize, relation: Relation, name: &[u8]) -> bool {
        // One such name tells enough: there may be very many.
        let is_endless = |m: &Missing| matches!(m.fatal, Some((_, CandidateFault::Endless)));
        if !self.missing.last().is_some_and(is_endless) {
            let fatal = Some((name.into(), CandidateFault::Endless));
            self.missing.push(Missing {
                name: name.into(),
                by,
                relation,
                tries: Vec::new(),
                fatal,
            });
        }
        false
    }

    /// The rule an object was first found by.
    pub(super) fn rule_of(&self, object: usize) -> Rule {
        let edge = self.edges.iter().find(|edge| edge.to == object);
        edge.map_or(Rule::Path, |edge| edge.rule.clone())
    }

    /// The object that is the same file, in the same namespace. A program and its interpreter were
    /// mapped by the kernel, so loaders do not know which files they are.
    pub(super) fn same_file(&self, opened: &Opened, namespace: usize) -> Option<usize> {
        self.objects.iter().enumerate().position(|(object, loaded)| {
            let is_mapped_by_kernel =
                (object == 0 && self.is_program()) || self.interpreter == Some(object);
            !is_mapped_by_kernel
                && loaded.namespace == namespace
                && loaded.opened.identity.is_same_file(&opened.identity)
        })
    }

    /// Opens the candidate at `spot` as glibc and uClibc do: what does not fit is passed over.
    pub(super) fn try_open(&self, spot: Spot, rule: &Rule, record: &mut Record<'_>) -> Step {
        let outcome = match self.setting.files.open(&spot) {
            Ok(opened) => match judge(
                &opened.elf,
                &self.setting.expected,
                self.setting.facts.passes_over_foreign,
            ) {
                Verdict::Accept => return Step::Found(spot, opened),
                Verdict::Fatal(fault) => return Step::Fatal(spot, fault),
                Verdict::Skip(fault) => Outcome::Skipped(fault),
            },
            Err(Problem::NotAFile(what)) => {
                return Step::Fatal(spot, CandidateFault::NotAFile(what));
            }
            Err(problem) => Outcome::Problem(problem),
        };
        let ends = match &outcome {
            Outcome::Problem(Problem::NotFound | Problem::PermissionDenied)
            | Outcome::Skipped(_) => false,
            // Any other error ends the list, unless it comes from the directory itself.
            Outcome::Problem(_) => self.setting.files.is_directory(&spot.directory()),
        };
        if let Some(record) = record {
            record.push(Try { rule: rule.clone(), path: spot.image, outcome });
        }
        if ends { Step::EndOfList } else { Step::Next }
    }

    /// Looks for `name` in one directory: the subdirectories for the processor, then itself.
    pub(super) fn try_directory(
        &self,
        directory: &Spot,
        name: &[u8],
        rule: &Rule,
        record: &mut Record<'_>,
    ) -> Step {
        if self.has_subdirectories(directory) {
            for below in self.setting.processor.subdirectories() {
                let subdirectory = directory.join(&below);
                if self.setting.files.is_directory(&subdirectory) {
                    match self.try_open(subdirectory.join(name), rule, record) {
                        // Only the error of the last place in a directory counts.
                        Step::Next | Step::EndOfList => {}
                        other => return other,
                    }
                }
            }
        }
        self.try_open(directory.join(name), rule, record)
    }

    /// Whether the directory has any subdirectory that some processor makes the loader search.
    fn has_subdirectories(&self, directory: &Spot) -> bool {
        let names = self.setting.first_components.iter();
        let found = names.filter(|name| self.setting.files.is_directory(&directory.join(name)));
        let mut any = false;
        for name in found {
            any = true;
            self.setting.seen.note(**name != *b"glibc-hwcaps");
        }
        any
    }
}

/// What a search through a list of directories costs at the most. Each token may stand for the
/// directory of the object that has the list.
pub(super) fn cost_of(list: &[u8], name: &[u8], origin: &[u8]) -> usize {
    let separators = list.iter().filter(|byte| matches!(byte, b':' | b';' | b'\n')).count();
    let tokens = list.iter().filter(|&&byte| byte == b'$').count();
    let names = (separators + 1).saturating_mul(name.len() + PATH);
    names.saturating_add(list.len()).saturating_add(tokens.saturating_mul(origin.len() + PATH))
}

/// What a loader takes a configuration file for: a C string, which ends at the first NUL.
pub(super) fn text_of(content: &[u8]) -> &[u8] {
    content.split(|&byte| byte == 0).next().unwrap_or_default()
}

/// The elements of a list of directories: split at `separators`, empty ones kept.
pub(super) fn elements<'t>(list: &'t [u8], separators: &'t [u8]) -> impl Iterator<Item = &'t [u8]> {
    list.split(|byte| separators.contains(byte))
}

/// A directory without the slashes at its end.
pub(super) fn trimmed(path: &[u8]) -> &[u8] {
    let end = path.iter().rposition(|&b| b != b'/').map_or(1.min(path.len()), |at| at + 1);
    &path[..end]
}
