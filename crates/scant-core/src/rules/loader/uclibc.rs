//! The rules of uClibc-ng's loader (`ldso/ldso/dl-elf.c`), read in its source, not run.

use alloc::vec::Vec;

use super::candidate::unloadable;
use super::closure::{Missing, Rule, Try};
use super::expand;
use super::files::Spot;
use super::process::{Found, Process, Record, Step, elements, trimmed};
use crate::formats::ld_so_cache::accepted_flags;
use crate::words::Relation;

/// Nothing comes before the program's own needs but `LD_PRELOAD`.
pub(super) fn start(process: &mut Process<'_>) {
    let environment = process.setting.environment;
    if let Some(list) = environment.preload.as_ref().filter(|_| !environment.is_secure) {
        for name in elements(list, b": ").filter(|name| !name.is_empty()) {
            need(process, 0, Relation::Preload, name);
        }
    }
}

/// Brings in `name` for the object `by`. False when it is missing.
pub(super) fn need(process: &mut Process<'_>, by: usize, relation: Relation, name: &[u8]) -> bool {
    if matches!(relation, Relation::Auxiliary | Relation::Filter) {
        return true;
    }
    if let Some(object) = super::glibc::loaded_by_name(process, name, 0) {
        let rule = process.rule_of(object);
        process.connect(by, object, relation, name, rule);
        return true;
    }
    let fatal = match search(process, by, name, &mut None) {
        Found::File(spot, opened, rule) => {
            let elf = opened.elf.as_ref().as_ref().expect("a candidate that was accepted is ELF");
            match unloadable(elf) {
                Some(fault) => Some((spot.image, fault)),
                None => {
                    let object = process.add(spot, opened, name, Some(by), 0);
                    process.connect(by, object, relation, name, rule);
                    return true;
                }
            }
        }
        Found::Fatal(spot, fault) => Some((spot.image, fault)),
        Found::Loaded(..) | Found::Nothing => None,
    };
    let mut tries: Vec<Try> = Vec::new();
    search(process, by, name, &mut Some(&mut tries));
    process.missing.push(Missing { name: name.into(), by, relation, tries, fatal });
    false
}

fn search(process: &Process<'_>, by: usize, name: &[u8], record: &mut Record<'_>) -> Found {
    let environment = process.setting.environment;
    let mut wanted = name;
    if name.contains(&b'/') {
        let spot = Spot::new(environment.absolute(name));
        if let Step::Found(spot, opened) = process.try_open(spot, &Rule::Path, record) {
            return Found::File(spot, opened, Rule::Path);
        }
        // A path that leads nowhere is searched for by its last component.
        wanted = name.rsplit(|&b| b == b'/').next().unwrap_or(name);
    }
    for place in places(process, by) {
        let found = match place {
            Place::List(owner, list, rule) => {
                search_list(process, owner, &list, wanted, &*rule, record)
            }
            Place::Cache => cached(process, wanted, record),
            Place::Directory(directory, rule) => {
                found(process.try_directory(&directory, wanted, &rule, record), rule)
            }
        };
        match found {
            Found::Nothing => {}
            found => return found,
        }
    }
    Found::Nothing
}

/// Makes the rule for an element of a list.
type RuleOf = alloc::boxed::Box<dyn Fn(&[u8]) -> Rule>;

enum Place {
    List(usize, Vec<u8>, RuleOf),
    Cache,
    Directory(Spot, Rule),
}

/// Where a name is looked for, in order: RPATH of the object (not inherited), `LD_LIBRARY_PATH`,
/// RUNPATH of the object, RPATH of the program, the cache, the loader's own directory, the default
/// directories, and as a last resort RUNPATH and RPATH of the program.
fn places(process: &Process<'_>, by: usize) -> Vec<Place> {
    let rpath = |object: usize| {
        let list = process.elf(object).dynamic.as_ref()?.rpath.clone()?;
        let rule = move |entry: &[u8]| Rule::Rpath { object, entry: entry.into() };
        Some(Place::List(object, list.into(), alloc::boxed::Box::new(rule)))
    };
    let runpath = |object: usize| {
        let list = process.elf(object).dynamic.as_ref()?.runpath.clone()?;
        let rule = move |entry: &[u8]| Rule::Runpath { object, entry: entry.into() };
        Some(Place::List(object, list.into(), alloc::boxed::Box::new(rule)))
    };
    let environment = process.setting.environment;
    let library_path = environment.library_path.as_ref().filter(|_| !environment.is_secure);
    let library_path = library_path.map(|list| {
        let rule = |entry: &[u8]| Rule::LibraryPath { entry: entry.into() };
        Place::List(0, list.to_vec(), alloc::boxed::Box::new(rule))
    });
    let interpreter = process.edges.iter().find(|e| e.relation == Relation::Interpreter);
    let beside = interpreter.map(|edge| {
        Place::Directory(process.objects[edge.to].spot.directory(), Rule::LoaderDirectory)
    });
    let defaults = process.setting.facts.directories.iter().map(|directory| {
        let rule = Rule::DefaultDirectory { directory: directory.clone() };
        Place::Directory(Spot::new(directory.clone()), rule)
    });
    let first = [rpath(by), library_path, runpath(by), rpath(0), Some(Place::Cache), beside];
    first.into_iter().flatten().chain(defaults).chain(runpath(0)).chain(rpath(0)).collect()
}

fn cached(process: &Process<'_>, name: &[u8], record: &mut Record<'_>) -> Found {
    let flags = accepted_flags(&process.setting.expected);
    let entry = process.setting.cache.and_then(|cache| cache.find(name, flags, &[]));
    match entry {
        Some(entry) => {
            let spot = Spot::new(entry.path.clone());
            found(process.try_open(spot, &Rule::Cache, record), Rule::Cache)
        }
        None => Found::Nothing,
    }
}

fn search_list(
    process: &Process<'_>,
    owner: usize,
    list: &[u8],
    name: &[u8],
    rule: &dyn Fn(&[u8]) -> Rule,
    record: &mut Record<'_>,
) -> Found {
    let environment = process.setting.environment;
    for entry in elements(list, b":") {
        // `$ORIGIN` is known as a prefix only.
        let directory = match entry.strip_prefix(b"$ORIGIN") {
            Some(_) => expand::musl(entry, &process.origin(owner)),
            None => Some(Spot::new(entry)),
        };
        let Some(directory) = directory else { continue };
        let directory = directory.map(|path| {
            let path = if path.is_empty() { &environment.directory } else { trimmed(path) };
            environment.absolute(path)
        });
        match found(process.try_directory(&directory, name, &rule(entry), record), rule(entry)) {
            Found::Nothing => {}
            found => return found,
        }
    }
    Found::Nothing
}

fn found(step: Step, rule: Rule) -> Found {
    match step {
        Step::Found(spot, opened) => Found::File(spot, opened, rule),
        Step::Fatal(spot, fault) => Found::Fatal(spot, fault),
        Step::Next | Step::EndOfList => Found::Nothing,
    }
}
