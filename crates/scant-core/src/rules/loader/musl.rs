//! The rules of musl's dynamic linker (`ldso/dynlink.c`).

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::candidate::CandidateFault;
use super::closure::{Missing, Outcome, Rule, Try};
use super::expand;
use super::files::{Config, Opened, Spot};
use super::process::{Found, Loaded, Process, Record, cost_of, elements, text_of};
use crate::words::{Problem, Relation};

/// What follows `lib` in the names that mean the loader itself.
const RESERVED: [&[u8]; 7] = [b"c.", b"pthread.", b"rt.", b"m.", b"dl.", b"util.", b"xnet."];

/// The path file lists a few directories.
const LARGEST_PATH_FILE: u64 = 1 << 20;

/// What separates directories.
const SEPARATORS: &[u8] = b":\n";

/// `LD_PRELOAD` comes first; there is no preload file, no audit, no auxiliary filter.
pub(super) fn start(process: &mut Process<'_>) {
    let environment = process.setting.environment;
    if let Some(list) = environment.preload.as_ref().filter(|_| !environment.is_secure) {
        for name in elements(list, b": \t\n\r\x0b\x0c").filter(|name| !name.is_empty()) {
            need(process, 0, Relation::Preload, name);
        }
    }
}

/// Brings in `name` for the object `by`. False when it is missing.
pub(super) fn need(process: &mut Process<'_>, by: usize, relation: Relation, name: &[u8]) -> bool {
    if matches!(relation, Relation::Auxiliary | Relation::Filter) {
        return true;
    }
    if !process.affords(by, name) {
        return process.gives_up(by, relation, name);
    }
    if is_the_loader(process, name)
        && let Some(object) = process.loader()
    {
        process.connect(by, object, relation, name, Rule::Loader);
        return true;
    }
    if let Some(object) = loaded_by_name(process, name) {
        let rule = process.rule_of(object);
        process.connect(by, object, relation, name, rule);
        return true;
    }
    // Nobody needs what is preloaded, so no run path counts for it.
    let loader = (relation != Relation::Preload).then_some(by);
    match find(process, loader, name, &mut None) {
        Found::File(spot, opened, rule) => {
            if let Some(object) = process.same_file(&opened, 0) {
                let path = process.add_path(object, spot, opened, name);
                process.connect(by, path, relation, name, rule);
                return true;
            }
            if let Some(fault) = refused(process, &opened) {
                return miss(process, by, relation, name, Some((spot.image, fault)));
            }
            if is_a_c_library(process, &opened)
                && let Some(interpreter) = process.loader()
            {
                process.connect(by, interpreter, relation, name, Rule::Loader);
                return true;
            }
            let object = process.add(spot, opened, name, loader, 0);
            process.connect(by, object, relation, name, rule);
            true
        }
        Found::Nothing => miss(process, by, relation, name, None),
        Found::Fatal(spot, fault) => miss(process, by, relation, name, Some((spot.image, fault))),
    }
}

/// The first file that opens is taken whatever it is; one that is for other processes ends the
/// program.
fn refused(process: &Process<'_>, opened: &Opened) -> Option<CandidateFault> {
    let elf = match opened.elf.as_ref() {
        Ok(elf) => elf,
        Err(error) => return Some(error.clone().into()),
    };
    let expected = &process.setting.expected;
    if (elf.header.class, elf.header.order) != (expected.class, expected.order) {
        return Some(CandidateFault::Class);
    }
    if elf.header.machine != expected.machine {
        return Some(CandidateFault::Machine(elf.header.machine));
    }
    elf.dynamic.is_none().then_some(CandidateFault::NotDynamic)
}

/// A second C library must not be loaded beside the loader: what defines these is replaced by it.
fn is_a_c_library(process: &Process<'_>, opened: &Opened) -> bool {
    let names: [&[u8]; 2] = [b"__libc_start_main", b"stdin"];
    process.setting.files.defines(&opened.identity, &names).iter().all(|defined| *defined)
}

fn miss(
    process: &mut Process<'_>,
    by: usize,
    relation: Relation,
    name: &[u8],
    fatal: Option<(Box<[u8]>, CandidateFault)>,
) -> bool {
    let mut tries: Vec<Try> = Vec::new();
    let loader = (relation != Relation::Preload).then_some(by);
    find(process, loader, name, &mut Some(&mut tries));
    process.missing.push(Missing { name: name.into(), by, relation, tries, fatal });
    false
}

/// Whether the name means the loader, which is the C library too.
fn is_the_loader(process: &Process<'_>, name: &[u8]) -> bool {
    let rest = name.strip_prefix(b"lib");
    rest.is_some_and(|rest| RESERVED.iter().any(|reserved| rest.starts_with(reserved)))
        || process.loader_spot().is_some_and(|spot| *spot.image == *name)
}

/// The object that was searched for by this name: paths and sonames do not count.
fn loaded_by_name(process: &Process<'_>, name: &[u8]) -> Option<usize> {
    let answers = |loaded: &Loaded| loaded.names.iter().any(|known| **known == *name);
    process.objects.iter().position(answers).filter(|_| !name.contains(&b'/'))
}

fn find(process: &Process<'_>, by: Option<usize>, name: &[u8], record: &mut Record<'_>) -> Found {
    if name.contains(&b'/') {
        let path = Spot::new(process.setting.environment.absolute(name));
        return match process.setting.files.open(&path) {
            Ok(opened) => Found::File(path, opened, Rule::Path),
            Err(problem) => {
                note(record, Rule::Path, &path, problem);
                Found::Nothing
            }
        };
    }
    search(process, by, name, record)
}

fn search(process: &Process<'_>, by: Option<usize>, name: &[u8], record: &mut Record<'_>) -> Found {
    let environment = process.setting.environment;
    if let Some(list) = environment.library_path.as_ref().filter(|_| !environment.is_secure) {
        let rule = |entry: &[u8]| Rule::LibraryPath { entry: entry.into() };
        match search_list(process, &Spot::new(list.clone()), name, &rule, record) {
            Found::Nothing => {}
            found => return found,
        }
    }
    // RPATH and RUNPATH are one thing, inherited from whoever needed the object first.
    for object in core::iter::successors(by, |&object| process.objects[object].loader) {
        let Some(list) = run_path(process, object) else { continue };
        let rule = |entry: &[u8]| Rule::Rpath { object, entry: entry.into() };
        match search_list(process, &list, name, &rule, record) {
            Found::Nothing => {}
            found => return found,
        }
    }
    let (list, is_file) = system_path(process);
    process.spend(cost_of(&list, name, b""));
    let rule = |entry: &[u8]| {
        let directory = entry.into();
        if is_file { Rule::PathFile { directory } } else { Rule::DefaultDirectory { directory } }
    };
    search_list(process, &Spot::new(list), name, &rule, record)
}

fn run_path(process: &Process<'_>, object: usize) -> Option<Spot> {
    let dynamic = process.elf(object).dynamic.as_ref()?;
    let list = dynamic.runpath.as_deref().or(dynamic.rpath.as_deref())?;
    if object == 0 && process.setting.environment.is_secure && list.contains(&b'$') {
        return None;
    }
    expand::musl(list, &process.origin(object))
}

/// The path file where it exists, else the directories built in. A file that cannot be read gives
/// an empty list.
fn system_path(process: &Process<'_>) -> (Vec<u8>, bool) {
    let path = path_file(process);
    match process.setting.files.config(Config::PathFile, &path, LARGEST_PATH_FILE) {
        Ok(Some(content)) => (text_of(&content).to_vec(), true),
        Ok(None) => (process.setting.facts.directories.join(&b':'), false),
        Err(_) => (Vec::new(), true),
    }
}

/// Where the path file lies: below the directory that the loader's directory lies in.
fn path_file(process: &Process<'_>) -> Vec<u8> {
    let mut prefix = process.loader_spot().map_or(&b"/lib/x"[..], |spot| &spot.image);
    for _ in 0..2 {
        let end = prefix.iter().rposition(|&b| b == b'/').unwrap_or(0);
        prefix = &prefix[..end];
    }
    [prefix, &process.setting.facts.configuration].concat()
}

/// The path file, if it exists and something was found through it.
pub(super) fn path_file_in_use(process: &Process<'_>) -> Option<Box<[u8]>> {
    let used = process.edges.iter().any(|edge| matches!(edge.rule, Rule::PathFile { .. }));
    used.then(|| path_file(process).into())
}

/// Searches a list of directories; empty elements are passed over, and any error but that nothing
/// is there ends the whole search.
fn search_list(
    process: &Process<'_>,
    list: &Spot,
    name: &[u8],
    rule: &dyn Fn(&[u8]) -> Rule,
    record: &mut Record<'_>,
) -> Found {
    let environment = process.setting.environment;
    let images = elements(&list.image, SEPARATORS);
    let sources = elements(list.in_input(), SEPARATORS);
    for (image, source) in images.zip(sources).filter(|(image, _)| !image.is_empty()) {
        let directory = Spot::moved(environment.absolute(image), environment.absolute(source));
        let spot = directory.join(name);
        match process.setting.files.open(&spot) {
            Ok(opened) => return Found::File(spot, opened, rule(image)),
            Err(Problem::NotAFile(what)) => {
                return Found::Fatal(spot, CandidateFault::NotAFile(what));
            }
            Err(problem) if is_absence(&problem, &spot) => {
                note(record, rule(image), &spot, problem)
            }
            Err(problem) => {
                note(record, rule(image), &spot, problem.clone());
                return Found::Fatal(spot, CandidateFault::Unreadable(problem));
            }
        }
    }
    Found::Nothing
}

/// Whether an error means that nothing is there, so that the search goes on. A name that is too
/// long for a directory is not there either.
fn is_absence(problem: &Problem, spot: &Spot) -> bool {
    let is_too_long = || spot.in_input().split(|&b| b == b'/').any(|name| name.len() > 255);
    matches!(problem, Problem::NotFound | Problem::NotADirectory | Problem::PermissionDenied)
        || is_too_long()
}

fn note(record: &mut Record<'_>, rule: Rule, spot: &Spot, problem: Problem) {
    if let Some(record) = record {
        let outcome = Outcome::Problem(problem);
        record.push(Try { rule, path: spot.image.clone(), outcome });
    }
}
