//! The rules of uClibc-ng's loader (`ldso/ldso/dl-elf.c`), read in its source, not run.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::candidate::{CandidateFault, Verdict, judge, unloadable};
use super::closure::{Missing, Outcome, Rule, Try};
use super::files::Spot;
use super::process::{Found, Process, Record, elements, trimmed};
use crate::words::{Problem, Relation};

/// The flags of entries it takes of a cache: `LIB_ELF`, `LIB_ELF_LIBC5`, `LIB_ELF_LIBC0`.
const CACHE_FLAGS: [u32; 3] = [1, 2, 4];

/// Nothing comes before the program's own needs but `LD_PRELOAD`; a preload file is read only if
/// it was built so, which is not the default.
pub(super) fn start(process: &mut Process<'_>) {
    let environment = process.setting.environment;
    if let Some(list) = environment.preload.as_ref().filter(|_| !environment.is_secure) {
        for name in elements(list, b": \t").filter(|name| !name.is_empty()) {
            need(process, 0, Relation::Preload, name);
        }
    }
}

/// Brings in `name` for the object `by`. False when it is missing. Only the file tells whether it
/// is there already: each name is searched for anew, but that of the loader.
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
    // Nobody needs what is preloaded, so its run paths are not the program's.
    let requester = (relation != Relation::Preload).then_some(by);
    if let Found::File(spot, opened, rule) = search(process, requester, name, &mut None) {
        let object = match process.same_file(&opened, 0) {
            Some(object) => process.add_path(object, spot, opened, name),
            None => process.add(spot, opened, name, Some(by), 0),
        };
        process.connect(by, object, relation, name, rule);
        return true;
    }
    let mut tries: Vec<Try> = Vec::new();
    search(process, requester, name, &mut Some(&mut tries));
    process.missing.push(Missing { name: name.into(), by, relation, tries, fatal: None });
    false
}

/// Whether the last component of the name is the loader's soname.
fn is_the_loader(process: &Process<'_>, name: &[u8]) -> bool {
    let interpreter = process.interpreter.map(|object| process.elf(object));
    let resident = || process.resident.as_ref().and_then(|(_, o)| o.elf.as_ref().as_ref().ok());
    let soname = interpreter.or_else(resident).and_then(|elf| elf.soname());
    soname == Some(last_component(name))
}

fn last_component(name: &[u8]) -> &[u8] {
    name.rsplit(|&b| b == b'/').next().unwrap_or(name)
}

fn search(process: &Process<'_>, by: Option<usize>, name: &[u8], record: &mut Record<'_>) -> Found {
    if name.contains(&b'/') {
        let spot = Spot::new(process.setting.environment.absolute(name));
        match try_open(process, spot, Rule::Path, record) {
            Found::Nothing => {}
            found => return found,
        }
    }
    // A path that leads nowhere is searched for by its last component.
    let wanted = last_component(name);
    let places = places(process, by, wanted);
    // One name may have any number of entries in the cache.
    process.spend(places.len() * name.len());
    for place in places {
        match try_open(process, place.spot, place.rule, record) {
            Found::Nothing => {}
            found => return found,
        }
    }
    Found::Nothing
}

/// A path to try, and why.
struct Place {
    spot: Spot,
    rule: Rule,
}

/// Where a name is looked for, in order: RPATH of the object (not inherited), `LD_LIBRARY_PATH`,
/// RUNPATH of the object, RPATH of the program, the cache, the loader's own directory,
/// the default directories, and as a last resort RUNPATH and RPATH of the program. `$ORIGIN` is
/// known in the first of these only.
fn places(process: &Process<'_>, by: Option<usize>, name: &[u8]) -> Vec<Place> {
    let environment = process.setting.environment;
    let mut places = Vec::new();
    if let Some((by, list)) = by.and_then(|by| Some((by, rpath(process, by)?))) {
        let origin = process.objects[by].spot.directory();
        let rule = |entry: Box<[u8]>| Rule::Rpath { object: by, entry };
        add_list(process, &mut places, list, name, Some(&origin), &rule);
    }
    let library_path = environment.library_path.as_deref().filter(|_| !environment.is_secure);
    if let Some(list) = library_path {
        add_list(process, &mut places, list, name, None, &|entry| Rule::LibraryPath { entry });
    }
    if let Some((by, list)) = by.and_then(|by| Some((by, runpath(process, by)?))) {
        let rule = |entry: Box<[u8]>| Rule::Runpath { object: by, entry };
        add_list(process, &mut places, list, name, None, &rule);
    }
    let add_rpath_of_program = |places: &mut Vec<Place>| {
        if let Some(list) = rpath(process, 0) {
            let rule = |entry: Box<[u8]>| Rule::Rpath { object: 0, entry };
            add_list(process, places, list, name, None, &rule);
        }
    };
    add_rpath_of_program(&mut places);
    if let Some(cache) = process.setting.cache {
        let entries = cache.find_all(name, &CACHE_FLAGS);
        places.extend(
            entries.map(|entry| Place { spot: Spot::new(entry.path.clone()), rule: Rule::Cache }),
        );
    }
    if let Some(spot) = process.loader_spot() {
        places.push(Place { spot: spot.directory().join(name), rule: Rule::LoaderDirectory });
    }
    places.extend(process.setting.facts.directories.iter().map(|directory| {
        let rule = Rule::DefaultDirectory { directory: directory.clone() };
        Place { spot: Spot::new(directory.clone()).join(name), rule }
    }));
    if let Some(list) = runpath(process, 0) {
        let rule = |entry: Box<[u8]>| Rule::Runpath { object: 0, entry };
        add_list(process, &mut places, list, name, None, &rule);
    }
    add_rpath_of_program(&mut places);
    places
}

fn rpath<'p>(process: &'p Process<'_>, object: usize) -> Option<&'p [u8]> {
    process.elf(object).dynamic.as_ref()?.rpath.as_deref()
}

fn runpath<'p>(process: &'p Process<'_>, object: usize) -> Option<&'p [u8]> {
    process.elf(object).dynamic.as_ref()?.runpath.as_deref()
}

/// Adds the directories of a list; an element that starts with `$ORIGIN` is passed over where no
/// origin is known, and an empty one is the working directory.
fn add_list(
    process: &Process<'_>,
    places: &mut Vec<Place>,
    list: &[u8],
    name: &[u8],
    origin: Option<&Spot>,
    rule: &dyn Fn(Box<[u8]>) -> Rule,
) {
    let environment = process.setting.environment;
    for entry in elements(list, b":") {
        let directory = match (entry.strip_prefix(b"$ORIGIN"), origin) {
            (Some(rest), Some(origin)) => origin.map(|origin| [origin, rest].concat()),
            (Some(_), None) => continue,
            (None, _) => Spot::new(entry),
        };
        let directory = directory.map(|path| {
            let path = if path.is_empty() { &environment.directory } else { trimmed(path) };
            environment.absolute(path)
        });
        places.push(Place { spot: directory.join(name), rule: rule(entry.into()) });
    }
}

/// Opens a candidate; whatever is wrong with it, the search goes on.
fn try_open(process: &Process<'_>, spot: Spot, rule: Rule, record: &mut Record<'_>) -> Found {
    let outcome = match process.setting.files.open(&spot) {
        Ok(opened) => {
            let fault =
                match (judge(&opened.elf, &process.setting.expected, false), opened.elf.as_ref()) {
                    (Verdict::Accept, Ok(elf)) => unloadable(elf),
                    (Verdict::Skip(fault) | Verdict::Fatal(fault), _) => Some(fault),
                    (Verdict::Accept, Err(error)) => Some(error.clone().into()),
                };
            match fault {
                None => return Found::File(spot, opened, rule),
                Some(fault) => Outcome::Skipped(fault),
            }
        }
        Err(Problem::NotAFile(what)) => Outcome::Skipped(CandidateFault::NotAFile(what)),
        Err(problem) => Outcome::Problem(problem),
    };
    if let Some(record) = record {
        record.push(Try { rule, path: spot.image, outcome });
    }
    Found::Nothing
}
