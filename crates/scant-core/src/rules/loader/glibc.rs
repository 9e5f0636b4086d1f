//! The rules of glibc's `ld.so` (`elf/dl-load.c`, `elf/dl-deps.c`).

use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use super::candidate::{CandidateFault, unloadable};
use super::closure::{Missing, Rule, Try};
use super::expand::{self, Tokens};
use super::files::{Config, Spot};
use super::process::{Found, Process, Record, Step, elements, text_of, trimmed};
use crate::formats::elf::{Header, NeededTag};
use crate::formats::ld_so_cache::accepted_flags;
use crate::words::Relation;

/// `/etc/ld.so.preload` holds a few names.
const LARGEST_PRELOAD: u64 = 1 << 20;

impl From<NeededTag> for Relation {
    fn from(tag: NeededTag) -> Self {
        match tag {
            NeededTag::Needed => Self::Needed,
            NeededTag::Auxiliary => Self::Auxiliary,
            NeededTag::Filter => Self::Filter,
        }
    }
}

/// What comes before the program's own needs: audit libraries, each list in a namespace of its
/// own, then `LD_PRELOAD`, then `/etc/ld.so.preload`.
pub(super) fn start(process: &mut Process<'_>) {
    let environment = process.setting.environment;
    let audits = process.elf(0).dynamic.as_ref().map(|d| d.audit.clone()).unwrap_or_default();
    for name in audits.iter().flat_map(|list| elements(list, b":")).filter(|n| !n.is_empty()) {
        // A privileged program only takes names without a slash.
        if !(environment.is_secure && name.contains(&b'/')) {
            let namespace = process.objects.len();
            need_in(process, 0, Relation::Audit, name, namespace);
        }
    }
    // Of a privileged program only setuid libraries of the default directories count here, and
    // no image has those.
    if let Some(list) = environment.preload.as_ref().filter(|_| !environment.is_secure) {
        for name in elements(list, b": ").filter(|name| !name.is_empty()) {
            need(process, 0, Relation::Preload, name);
        }
    }
    let file =
        process.setting.files.config(Config::Preload, b"/etc/ld.so.preload", LARGEST_PRELOAD);
    let content = file.ok().flatten().unwrap_or_default();
    for line in text_of(&content).split(|&b| b == b'\n') {
        let names = line.split(|&b| b == b'#').next().unwrap_or_default();
        for name in elements(names, b": \t").filter(|name| !name.is_empty()) {
            if !environment.is_secure || name.contains(&b'/') {
                need(process, 0, Relation::PreloadFile, name);
            }
        }
    }
}

/// Brings in `name` for the object `by`. False when it is missing.
pub(super) fn need(process: &mut Process<'_>, by: usize, relation: Relation, name: &[u8]) -> bool {
    let namespace = process.objects[by].namespace;
    need_in(process, by, relation, name, namespace)
}

fn need_in(
    process: &mut Process<'_>,
    by: usize,
    relation: Relation,
    name: &[u8],
    namespace: usize,
) -> bool {
    let written = name;
    if !process.affords(by, name) {
        return process.gives_up(by, relation, name);
    }
    let wanted = match wanted(process, by, relation, name) {
        Ok(Some(wanted)) => wanted,
        Ok(None) => return miss(process, by, relation, name, None),
        Err(fault) => return miss(process, by, relation, name, Some((name.into(), fault))),
    };
    let name = &*wanted.image;
    if let Some(object) = loaded_by_name(process, name, namespace) {
        let rule = process.rule_of(object);
        process.connect(by, object, relation, written, rule);
        return true;
    }
    if is_resident(process, name)
        && let Some(object) = process.loader()
    {
        process.connect(by, object, relation, written, Rule::Loader);
        return true;
    }
    match search(process, by, &wanted, &mut None) {
        Found::File(spot, opened, rule) => {
            // There is one loader for all namespaces, but each must find it.
            let loader = process.interpreter.filter(|_| namespace != 0);
            let loader = loader.filter(|loader| loaded_by_name(process, name, 0) == Some(*loader));
            if let Some(object) = loader.or_else(|| process.same_file(&opened, namespace)) {
                let path = process.add_path(object, spot, opened, name);
                process.connect(by, path, relation, written, rule);
                return true;
            }
            let elf = opened.elf.as_ref().as_ref().expect("a candidate that was accepted is ELF");
            if let Some(fault) = unloadable(elf).or_else(|| above_level(process, elf.x86_isa_level))
            {
                return miss(process, by, relation, written, Some((spot.image, fault)));
            }
            let object = process.add(spot, opened, name, Some(by), namespace);
            process.connect(by, object, relation, written, rule);
            true
        }
        Found::Nothing => miss(process, by, relation, written, None),
        Found::Fatal(spot, fault) => {
            miss(process, by, relation, written, Some((spot.image, fault)))
        }
    }
}

/// The name as it is looked for: the tokens of the dynamic section's names are expanded before
/// anything else, those of other names only if they are paths. None when a token has no value.
fn wanted(
    process: &Process<'_>,
    by: usize,
    relation: Relation,
    name: &[u8],
) -> Result<Option<Spot>, CandidateFault> {
    let is_dynamic = matches!(relation, Relation::Needed | Relation::Auxiliary | Relation::Filter);
    if !expand::has_token(name) || (!is_dynamic && !name.contains(&b'/')) {
        return Ok(Some(Spot::new(name)));
    }
    if is_dynamic && process.setting.environment.is_secure {
        return Err(CandidateFault::TokenInSecureMode);
    }
    Ok(expanded(process, by, name))
}

/// Whether the name means the loader that runs already, where it is no object yet.
fn is_resident(process: &Process<'_>, name: &[u8]) -> bool {
    process.resident.as_ref().is_some_and(|(spot, opened)| {
        let soname = opened.elf.as_ref().as_ref().ok().and_then(|elf| elf.soname());
        *spot.image == *name || soname == Some(name)
    })
}

/// Whether the file needs a better processor than the one chosen.
pub(super) fn above_level(process: &Process<'_>, needed: Option<u8>) -> Option<CandidateFault> {
    let (needed, level) = (needed?, process.setting.processor.x86_level?);
    (needed > level).then_some(CandidateFault::IsaLevel(needed))
}

fn miss(
    process: &mut Process<'_>,
    by: usize,
    relation: Relation,
    name: &[u8],
    fatal: Option<(Box<[u8]>, CandidateFault)>,
) -> bool {
    // A DT_AUXILIARY that is not there or is no library is passed over.
    if relation == Relation::Auxiliary {
        return true;
    }
    let mut tries: Vec<Try> = Vec::new();
    if let Ok(Some(wanted)) = wanted(process, by, relation, name) {
        search(process, by, &wanted, &mut Some(&mut tries));
    }
    process.missing.push(Missing { name: name.into(), by, relation, tries, fatal });
    false
}

/// The object that answers to `name` before any search: asked for by it before, opened by it, or
/// having it as its `DT_SONAME`. A program itself has no path.
pub(super) fn loaded_by_name(
    process: &Process<'_>,
    name: &[u8],
    namespace: usize,
) -> Option<usize> {
    (0..process.objects.len()).find(|&object| {
        let loaded = &process.objects[object];
        let has_path = object != 0 || !process.is_program();
        loaded.namespace == namespace
            && loaded.same_as.is_none()
            && (loaded.names.iter().any(|known| **known == *name)
                || (has_path && *loaded.spot.image == *name)
                || process.elf(object).soname() == Some(name))
    })
}

/// Looks for a file, in the order of `ld.so(8)`.
fn search(process: &Process<'_>, by: usize, wanted: &Spot, record: &mut Record<'_>) -> Found {
    let name = &*wanted.image;
    if name.contains(&b'/') {
        return open_path(process, wanted, record);
    }
    let stages = [run_paths, library_path, run_path, cached, default_directories];
    for stage in stages {
        match stage(process, by, name, record) {
            Found::Nothing => {}
            found => return found,
        }
    }
    Found::Nothing
}

/// A name with a slash is opened as it is, relative to the working directory.
fn open_path(process: &Process<'_>, wanted: &Spot, record: &mut Record<'_>) -> Found {
    let environment = process.setting.environment;
    let path = wanted.map(|path| environment.absolute(path));
    step(process.try_open(path, &Rule::Path, record), Rule::Path).unwrap_or(Found::Nothing)
}

/// `DT_RPATH` of the object that asks, then of the one that loaded it, and so on up, then of the
/// program. Only when the object that asks has no `DT_RUNPATH`; ancestors that have one are passed
/// over.
fn run_paths(process: &Process<'_>, by: usize, name: &[u8], record: &mut Record<'_>) -> Found {
    if run_path_of(process, by).is_some() {
        return Found::Nothing;
    }
    let mut chain: Vec<usize> =
        core::iter::successors(Some(by), |&object| process.objects[object].loader).collect();
    if !chain.contains(&0) {
        chain.push(0);
    }
    for object in chain {
        let dynamic = process.elf(object).dynamic.as_ref();
        let Some(list) = dynamic.filter(|d| d.runpath.is_none()).and_then(|d| d.rpath.as_deref())
        else {
            continue;
        };
        let rule = |entry: &[u8]| Rule::Rpath { object, entry: entry.into() };
        match search_list(process, object, list, b":", name, &rule, record) {
            Found::Nothing => {}
            found => return found,
        }
    }
    Found::Nothing
}

fn library_path(process: &Process<'_>, _: usize, name: &[u8], record: &mut Record<'_>) -> Found {
    let environment = process.setting.environment;
    match &environment.library_path {
        Some(list) if !environment.is_secure && !list.is_empty() => {
            let rule = |entry: &[u8]| Rule::LibraryPath { entry: entry.into() };
            search_list(process, 0, list, b":;", name, &rule, record)
        }
        _ => Found::Nothing,
    }
}

/// `DT_RUNPATH` of the object that asks: it is not inherited.
fn run_path(process: &Process<'_>, by: usize, name: &[u8], record: &mut Record<'_>) -> Found {
    match run_path_of(process, by) {
        Some(list) => {
            let rule = |entry: &[u8]| Rule::Runpath { object: by, entry: entry.into() };
            search_list(process, by, list, b":", name, &rule, record)
        }
        None => Found::Nothing,
    }
}

fn run_path_of<'p>(process: &'p Process<'_>, object: usize) -> Option<&'p [u8]> {
    process.elf(object).dynamic.as_ref()?.runpath.as_deref()
}

fn cached(process: &Process<'_>, by: usize, name: &[u8], record: &mut Record<'_>) -> Found {
    let Some(cache) = process.setting.cache else { return Found::Nothing };
    if cache.has_hwcaps_of(name) {
        process.setting.seen.note(false);
    }
    let flags = accepted_flags(loader_header(process));
    let entry = cache.find(name, flags, &process.setting.processor.levels);
    let Some(entry) = entry else { return Found::Nothing };
    if ignores_default_directories(process, by) && is_in_default_directory(process, &entry.path) {
        return Found::Nothing;
    }
    let spot = Spot::new(entry.path.clone());
    step(process.try_open(spot, &Rule::Cache, record), Rule::Cache).unwrap_or(Found::Nothing)
}

/// The header that knows which entries of a cache are for this process: the loader's, because
/// programs need not say for which floating point ABI they are.
fn loader_header<'p>(process: &'p Process<'_>) -> &'p Header {
    process.interpreter.map_or(&process.setting.expected, |object| &process.elf(object).header)
}

fn default_directories(
    process: &Process<'_>,
    by: usize,
    name: &[u8],
    record: &mut Record<'_>,
) -> Found {
    if ignores_default_directories(process, by) {
        return Found::Nothing;
    }
    for directory in &process.setting.facts.directories {
        let rule = Rule::DefaultDirectory { directory: directory.clone() };
        let spot = Spot::new(directory.clone());
        match process.try_directory(&spot, name, &rule, record) {
            Step::Next => {}
            Step::EndOfList => break,
            other => return step(other, rule).unwrap_or(Found::Nothing),
        }
    }
    Found::Nothing
}

/// `DF_1_NODEFLIB` counts for the object that carries it, not for the process.
fn ignores_default_directories(process: &Process<'_>, by: usize) -> bool {
    let dynamic = process.elf(by).dynamic.as_ref();
    dynamic.is_some_and(|dynamic| dynamic.flags_1.no_default_directories())
}

fn is_in_default_directory(process: &Process<'_>, path: &[u8]) -> bool {
    process
        .setting
        .facts
        .directories
        .iter()
        .any(|directory| path.strip_prefix(&**directory).is_some_and(|rest| rest.starts_with(b"/")))
}

/// Searches a list of directories, tokens expanded for `owner`; an empty element is the working
/// directory, and a directory that stands twice is searched once.
fn search_list(
    process: &Process<'_>,
    owner: usize,
    list: &[u8],
    separators: &[u8],
    name: &[u8],
    rule: &dyn Fn(&[u8]) -> Rule,
    record: &mut Record<'_>,
) -> Found {
    // A list without any text is no list; what has text has elements, and empty ones count.
    if list.is_empty() {
        return Found::Nothing;
    }
    let environment = process.setting.environment;
    let mut seen: BTreeSet<Spot> = BTreeSet::new();
    for entry in elements(list, separators) {
        let Some(directory) = expanded(process, owner, entry) else { continue };
        let directory = directory.map(|path| {
            let path = if path.is_empty() { &environment.directory } else { trimmed(path) };
            environment.absolute(path)
        });
        if seen.contains(&directory) {
            continue;
        }
        match process.try_directory(&directory, name, &rule(entry), record) {
            Step::Next => {}
            Step::EndOfList => break,
            other => return step(other, rule(entry)).unwrap_or(Found::Nothing),
        }
        seen.insert(directory);
    }
    Found::Nothing
}

/// The text with its tokens expanded for an object. None when one has no value, or when a
/// privileged program's own `$ORIGIN` leads out of the default directories.
fn expanded(process: &Process<'_>, object: usize, text: &[u8]) -> Option<Spot> {
    if !expand::has_token(text) {
        return Some(Spot::new(text));
    }
    if super::facts::find(text, b"PLATFORM") {
        process.setting.seen.note(true);
    }
    let origin = process.origin(object);
    let is_secure = process.setting.environment.is_secure;
    let tokens = Tokens {
        origin: &origin,
        lib: &process.setting.facts.lib,
        platform: process.setting.processor.platform.as_deref(),
        is_secure,
    };
    let spot = expand::glibc(text, &tokens)?;
    let must_be_trusted = is_secure && object == 0 && super::facts::find(text, b"ORIGIN");
    let is_trusted = || is_in_default_directory(process, &normalized(&spot.image));
    (!must_be_trusted || is_trusted()).then_some(spot)
}

/// An absolute path without `.`, `..` and repeated slashes, by its text alone; with a slash at its
/// end.
fn normalized(path: &[u8]) -> Vec<u8> {
    let mut names: Vec<&[u8]> = Vec::new();
    for name in path.split(|&b| b == b'/') {
        match name {
            b"" | b"." => {}
            b".." => drop(names.pop()),
            _ => names.push(name),
        }
    }
    names.iter().fold(b"/".to_vec(), |path, name| [&path, *name, b"/"].concat())
}

/// A step that ends the search as the outcome of the search.
fn step(step: Step, rule: Rule) -> Option<Found> {
    match step {
        Step::Found(spot, opened) => Some(Found::File(spot, opened, rule)),
        Step::Fatal(spot, fault) => Some(Found::Fatal(spot, fault)),
        Step::Next | Step::EndOfList => None,
    }
}
