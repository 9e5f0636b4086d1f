//! The files a loader brings in for one program or library, and the chain of reasons.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, VecDeque};
use alloc::string::String;
use alloc::vec::Vec;

use super::candidate::{CandidateFault, Verdict, judge};
use super::environment::{Cpu, DlopenChoice, Environment};
use super::facts::{Kind, LoaderFacts};
use super::files::{Opened, Spot};
use super::hwcaps::{self, Processor, Seen};
use super::process::{Process, Setting};
use super::session::Session;
use super::versions::{self, MissingVersion};
use super::{glibc, musl, uclibc};
use crate::formats::elf::{DlopenNote, DlopenPriority, Elf, ElfError, FileType};
use crate::words::{Escaped, How, InputName, Problem, Relation, TreePath};

/// A program or library and what it opens.
#[derive(Clone, Debug, Default)]
pub struct Closure {
    /// The files: the one asked about first, then its interpreter, then in the order they are
    /// loaded.
    pub objects: Vec<Object>,
    /// Who needs whom, and how each was found.
    pub edges: Vec<Edge>,
    /// What was not found.
    pub missing: Vec<Missing>,
    /// Symbol versions that the library found does not define.
    pub missing_versions: Vec<MissingVersion>,
    /// Dlopen notes that were not followed: the object and its note.
    pub suggestions: Vec<(usize, DlopenNote)>,
    /// The loader's configuration file that decided something: musl's path file.
    pub path_file: Option<Box<[u8]>>,
    /// What is known of the loader; none for what needs no loader.
    pub loader: Option<LoaderFacts>,
}

/// A file of a closure.
#[derive(Clone, Debug)]
pub struct Object {
    /// The path it was opened by.
    pub spot: Spot,
    /// What was found there.
    pub opened: Opened,
}

/// One object needs another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// The index of the object that needs.
    pub by: usize,
    /// The index of the object that is needed.
    pub to: usize,
    /// In which way.
    pub relation: Relation,
    /// The name asked for.
    pub name: Box<[u8]>,
    /// The rule that found it.
    pub rule: Rule,
}

/// The rule of a loader that suggested a path; objects by their index.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "as in `How`, which is this with paths in place of indices")]
pub enum Rule {
    Path,
    Rpath { object: usize, entry: Box<[u8]> },
    Runpath { object: usize, entry: Box<[u8]> },
    LibraryPath { entry: Box<[u8]> },
    Cache,
    DefaultDirectory { directory: Box<[u8]> },
    PathFile { directory: Box<[u8]> },
    LoaderDirectory,
    Loader,
}

/// A name that no file was found for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// The name.
    pub name: Box<[u8]>,
    /// The index of the object that asks for it.
    pub by: usize,
    /// In which way it is needed.
    pub relation: Relation,
    /// What was tried, in order.
    pub tries: Vec<Try>,
    /// The file that ended the search, if one did.
    pub fatal: Option<(Box<[u8]>, CandidateFault)>,
}

/// One path that was tried in vain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Try {
    /// The rule that suggested it.
    pub rule: Rule,
    /// The path.
    pub path: Box<[u8]>,
    /// Why it was not taken.
    pub outcome: Outcome,
}

/// Why a path was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It could not be opened.
    Problem(Problem),
    /// It is there, but for other processes.
    Skipped(CandidateFault),
}

/// A file that a program opens at run time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// A soname or a path.
    pub name: Box<[u8]>,
    /// Why: declared, or a note says so.
    pub relation: Relation,
}

impl Rule {
    /// The rule with the objects' paths.
    pub fn how(&self, path: impl Fn(usize) -> TreePath) -> How {
        let text = |bytes: &[u8]| alloc::format!("{}", Escaped(bytes));
        match self {
            Self::Path => How::Path,
            Self::Rpath { object, entry } => {
                How::Rpath { object: path(*object), entry: text(entry) }
            }
            Self::Runpath { object, entry } => {
                How::Runpath { object: path(*object), entry: text(entry) }
            }
            Self::LibraryPath { entry } => How::LibraryPath { entry: text(entry) },
            Self::Cache => How::Cache,
            Self::DefaultDirectory { directory } => {
                How::DefaultDirectory { directory: text(directory) }
            }
            Self::PathFile { directory } => How::PathFile { directory: text(directory) },
            Self::LoaderDirectory => How::LoaderDirectory,
            Self::Loader => How::Loader,
        }
    }
}

/// Finds everything the loader opens for the file at `program`, and for each of `openings` as if
/// the program opened it at run time. `loader` is used for a library, which names none itself.
///
/// # Errors
/// When the file itself cannot be opened or is no ELF file. Whatever else is missing is part of the
/// answer.
pub fn close(
    session: &Session<'_>,
    program: &Spot,
    openings: &[Opening],
    environment: &Environment,
    loader: Option<&Spot>,
) -> Result<Closure, ElfError> {
    let files = session.files();
    let at = TreePath::parse(program.in_input()).unwrap_or_else(|_| TreePath::root());
    let opened =
        files.open(program).map_err(|problem| crate::words::InputError::new(&at, problem))?;
    let elf = match opened.elf.as_ref() {
        Ok(elf) => elf,
        Err(error) => return Err(error.clone()),
    };
    if let Some(fault) = refused_by_kernel(elf) {
        return Err(fault);
    }
    let interpreter = elf.interpreter.as_deref().map(|path| environment.absolute(path));
    let opens = !openings.is_empty() || !elf.dlopen_notes.is_empty();
    let is_alone = elf.is_static_program() && !opens;
    let loader = match (&interpreter, loader) {
        (Some(path), _) => Some(Spot::new(path.clone())),
        (None, Some(loader)) if !is_alone => Some(loader.clone()),
        _ => None,
    };
    let mut closure = Closure::default();
    if loader.is_none() && is_alone {
        closure.objects.push(Object { spot: program.clone(), opened });
        return Ok(closure);
    }
    let facts = session.facts(loader.as_ref(), &elf.header);
    let cache = session.cache(&facts, &elf.header);
    let resident = loader.as_ref().filter(|_| interpreter.is_none());
    let resident = resident.and_then(|spot| Some((spot.clone(), files.open(spot).ok()?)));
    let resident = resident.filter(|(_, opened)| opened.elf.is_ok());
    let seen = Seen::default();
    let processors = match &environment.cpu {
        Cpu::Any => Processor::all(&facts, &elf.header),
        Cpu::Level(name) => Processor::of_level(&facts, &elf.header, name),
    };
    let first_components = hwcaps::first_components(&processors);
    for processor in &processors {
        if processor.is_other_platform && !seen.platform.get() {
            continue;
        }
        let setting = Setting {
            files,
            environment,
            facts: &facts,
            cache: cache.as_deref(),
            processor,
            expected: elf.header.clone(),
            first_components: &first_components,
            seen: &seen,
        };
        let mut process = Process::new(setting, resident.clone());
        process.add(program.clone(), opened.clone(), b"", None, 0);
        if let Some(path) = &interpreter {
            add_interpreter(&mut process, path);
        }
        check_level(&mut process);
        let suggestions = match facts.kind {
            Kind::Glibc => run(&mut process, openings, glibc::start, glibc::need),
            Kind::Musl => run(&mut process, openings, musl::start, musl::need),
            Kind::Uclibc => run(&mut process, openings, uclibc::start, uclibc::need),
        };
        if facts.kind == Kind::Musl {
            closure.path_file = musl::path_file_in_use(&process);
        }
        let versions = match facts.kind {
            Kind::Glibc => versions::check(&process),
            _ => Vec::new(),
        };
        closure.absorb(process, versions, suggestions);
        if !seen.any.get() {
            break;
        }
    }
    closure.loader = Some((*facts).clone());
    Ok(closure)
}

/// What is wrong with a program so that the kernel does not start it.
fn refused_by_kernel(elf: &Elf) -> Option<ElfError> {
    let no_segments = || ElfError::Damaged("it has no program headers of the right size".into());
    let is_program = matches!(elf.header.file_type, FileType::Executable | FileType::Shared);
    let has_none = is_program && !elf.header.has_segments();
    elf.interpreter_fault.clone().or_else(|| has_none.then(no_segments))
}

/// The kernel opens `PT_INTERP` whether or not anything needs it, and takes a file for the same
/// machine only.
fn add_interpreter(process: &mut Process<'_>, path: &[u8]) {
    let spot = Spot::new(path);
    let mut tries = Vec::new();
    let fatal = match process.setting.files.open(&spot) {
        Ok(opened) => match judge(&opened.elf, &process.setting.expected, false) {
            Verdict::Accept => {
                let object = process.add(spot, opened, path, Some(0), 0);
                process.connect(0, object, Relation::Interpreter, path, Rule::Path);
                process.interpreter = Some(object);
                return;
            }
            Verdict::Skip(fault) | Verdict::Fatal(fault) => Some((Box::from(path), fault)),
        },
        Err(Problem::NotAFile(what)) => Some((Box::from(path), CandidateFault::NotAFile(what))),
        Err(problem) => {
            let outcome = Outcome::Problem(problem);
            tries.push(Try { rule: Rule::Path, path: path.into(), outcome });
            None
        }
    };
    process.missing.push(Missing {
        name: path.into(),
        by: 0,
        relation: Relation::Interpreter,
        tries,
        fatal,
    });
}

/// The program itself may need a better processor than the one chosen.
fn check_level(process: &mut Process<'_>) {
    if let Some(fault) = glibc::above_level(process, process.elf(0).x86_isa_level) {
        let path = process.objects[0].spot.image.clone();
        process.missing.push(Missing {
            name: path.clone(),
            by: 0,
            relation: Relation::Needed,
            tries: Vec::new(),
            fatal: Some((path, fault)),
        });
    }
}

type Start = fn(&mut Process<'_>);
type Need = fn(&mut Process<'_>, usize, Relation, &[u8]) -> bool;

/// Loads the process breadth first, as all loaders do; then what is opened at run time, each with
/// what it needs.
fn run(
    process: &mut Process<'_>,
    openings: &[Opening],
    start: Start,
    need: Need,
) -> Vec<(usize, DlopenNote)> {
    start(process);
    let mut next = load_needs(process, 0, need);
    for opening in openings {
        need(process, 0, opening.relation, &opening.name);
        next = load_needs(process, next, need);
    }
    // Notes of what is loaded may bring in more, which has notes of its own.
    let mut suggestions = Vec::new();
    let mut noted = 0;
    while noted < process.objects.len() {
        let notes = match process.objects[noted].same_as {
            Some(_) => Vec::new(),
            None => process.elf(noted).dlopen_notes.clone(),
        };
        for note in notes {
            if !follow_note(process, noted, &note, need) {
                suggestions.push((noted, note));
            }
        }
        next = load_needs(process, next, need);
        noted += 1;
    }
    suggestions
}

/// Brings in what the objects from this number on need, and what that needs. What an object
/// filters comes right after it, before what its siblings need.
fn load_needs(process: &mut Process<'_>, from: usize, need: Need) -> usize {
    let mut queue: VecDeque<usize> = (from..process.objects.len()).collect();
    while let Some(object) = queue.pop_front() {
        if process.objects[object].same_as.is_some() {
            continue;
        }
        let wanted: Vec<(Relation, Box<[u8]>)> =
            process.elf(object).needed().map(|(tag, name)| (tag.into(), name.into())).collect();
        let mut filters = Vec::new();
        for (relation, name) in wanted {
            let known = process.objects.len();
            need(process, object, relation, &name);
            if matches!(relation, Relation::Auxiliary | Relation::Filter) {
                let edges = process.edges.iter().rev();
                let mut edges = edges.filter(|e| e.by == object && e.name == name);
                let target = edges.find(|e| e.relation == relation).map(|e| e.to);
                filters.extend(target.filter(|to| *to >= known || queue.contains(to)));
                queue.retain(|queued| Some(*queued) != target);
            } else {
                queue.extend(known..process.objects.len());
            }
        }
        for filter in filters.into_iter().rev() {
            queue.push_front(filter);
        }
    }
    process.objects.len()
}

/// Opens the first alternative of a note that exists. False when the note is not to be followed.
fn follow_note(process: &mut Process<'_>, by: usize, note: &DlopenNote, need: Need) -> bool {
    let follows = match process.setting.environment.dlopen {
        DlopenChoice::None => false,
        DlopenChoice::Required => note.priority == DlopenPriority::Required,
        DlopenChoice::Recommended => note.priority <= DlopenPriority::Recommended,
        DlopenChoice::Suggested => true,
    };
    if !follows {
        return false;
    }
    let missing_before = process.missing.len();
    for soname in &note.sonames {
        if need(process, by, Relation::DlopenNote, soname.as_bytes()) {
            process.missing.truncate(missing_before);
            return true;
        }
    }
    // Only what is required is missed when it is not there.
    if note.priority != DlopenPriority::Required {
        process.missing.truncate(missing_before);
        return false;
    }
    process.missing.truncate(missing_before + 1);
    true
}

impl Closure {
    /// Adds what the process of one more kind of processor loads: the union is what an image for
    /// all of them needs.
    fn absorb(
        &mut self,
        process: Process<'_>,
        versions: Vec<MissingVersion>,
        suggestions: Vec<(usize, DlopenNote)>,
    ) {
        let mut known: BTreeMap<(Spot, InputName, TreePath), usize> = BTreeMap::new();
        let key = |object: &Object| {
            let identity = &object.opened.identity;
            (object.spot.clone(), identity.input.clone(), identity.path.clone())
        };
        for (index, object) in self.objects.iter().enumerate() {
            known.insert(key(object), index);
        }
        let mut numbers = Vec::with_capacity(process.objects.len());
        for loaded in process.objects {
            let object = Object { spot: loaded.spot, opened: loaded.opened };
            let number = *known.entry(key(&object)).or_insert_with(|| {
                self.objects.push(object);
                self.objects.len() - 1
            });
            numbers.push(number);
        }
        let renumber = |rule: Rule| match rule {
            Rule::Rpath { object, entry } => Rule::Rpath { object: numbers[object], entry },
            Rule::Runpath { object, entry } => Rule::Runpath { object: numbers[object], entry },
            other => other,
        };
        for edge in process.edges {
            let edge = Edge {
                by: numbers[edge.by],
                to: numbers[edge.to],
                rule: renumber(edge.rule),
                ..edge
            };
            push_new(&mut self.edges, edge);
        }
        for mut missing in process.missing {
            missing.by = numbers[missing.by];
            for tried in &mut missing.tries {
                tried.rule = renumber(tried.rule.clone());
            }
            let same = |m: &Missing| m.name == missing.name && m.by == missing.by;
            if !self.missing.iter().any(same) {
                self.missing.push(missing);
            }
        }
        for version in versions {
            push_new(
                &mut self.missing_versions,
                MissingVersion { by: numbers[version.by], of: numbers[version.of], ..version },
            );
        }
        for (object, note) in suggestions {
            push_new(&mut self.suggestions, (numbers[object], note));
        }
    }

    /// The name under which an object is shown: the path it was opened by.
    pub fn shown(&self, object: usize) -> String {
        alloc::format!("{}", Escaped(&self.objects[object].spot.image))
    }
}

fn push_new<T: PartialEq>(list: &mut Vec<T>, item: T) {
    if !list.contains(&item) {
        list.push(item);
    }
}
