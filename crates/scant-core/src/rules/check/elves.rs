//! Programs and libraries by the rules of the image's own loader: loader, libraries, versions.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::rc::Rc;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::finding::{Finding, Findings};
use super::place::Place;
use super::start::refusal;
use super::symbols;
use super::user::{EXECUTE, Identity, READ};
use super::versions::{self, GlibcNeed};
use super::walk::{Content, Walked};
use crate::formats::elf::{Elf, ElfError, FileType};
use crate::rules::loader::{
    self, Closure, Environment, Missing, MissingVersion, Outcome, Session, Spot,
};
use crate::words::{ByteOrder, Check, Class, Escaped, Level, Platform, Relation, TreePath};

/// Where libraries lie in a place that may have what is missing, with their directories' names.
const LIBRARY_DIRECTORIES: [&str; 5] =
    ["/lib", "/usr/lib", "/lib64", "/usr/lib64", "/usr/local/lib"];

/// What the files of an image are taken to be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    /// It is started, or declared as a program.
    Started,
    /// Another program of the image.
    Program,
    /// A library that no program is known to load.
    Library,
}

/// The ELF files of an image while they are checked.
pub(super) struct Elves<'e, 'a> {
    place: &'e Place<'a>,
    user: &'e Identity,
    session: Session<'e>,
    findings: &'e mut Findings,
    /// Where libraries of this name are.
    named: BTreeMap<Box<[u8]>, Vec<TreePath>>,
    /// The files of complete closures.
    covered: BTreeSet<TreePath>,
    glibc: GlibcNeed,
    symbols: symbols::Cache,
}

/// Checks what is started and, where the image was walked, everything else.
pub(super) fn check<'e>(
    place: &'e Place<'_>,
    user: &'e Identity,
    started: &BTreeSet<TreePath>,
    walked: &[Walked],
    findings: &'e mut Findings,
) -> GlibcNeed {
    let mut elves = Elves {
        place,
        user,
        session: Session::new(&place.files),
        findings,
        named: BTreeMap::new(),
        covered: BTreeSet::new(),
        glibc: GlibcNeed::default(),
        symbols: symbols::Cache::default(),
    };
    elves.run(started, walked);
    elves.glibc
}

impl Elves<'_, '_> {
    fn run(&mut self, started: &BTreeSet<TreePath>, walked: &[Walked]) {
        let declared = self.place.image.programs.iter().filter_map(|path| {
            let found = self.place.view().resolve(path.as_bytes()).ok()?;
            let elf = self.place.view().elf(&found.path);
            // A declared script is looked at with the scripts.
            (!is_no_elf(&elf)).then_some(found.path)
        });
        let first: BTreeSet<TreePath> = started.iter().cloned().chain(declared).collect();
        let found = walked.iter().filter(|one| matches!(one.content, Content::Elf));
        let found: Vec<_> =
            found.map(|one| (&one.path, self.place.view().elf(&one.path))).collect();
        for (path, _) in &found {
            let name = path.name().unwrap_or_default();
            self.named.entry(name.into()).or_default().push((*path).clone());
        }
        let platform = self.place.image.platform.or_else(|| usual_platform(&found));
        let mut foreign: BTreeMap<u16, Vec<TreePath>> = BTreeMap::new();
        let mut libraries = Vec::new();
        let mut programs = Vec::new();
        for (path, elf) in &found {
            match elf.as_ref() {
                Err(error) => self.damaged(Level::Warning, path, error),
                Ok(elf) if !is_loaded(elf) => {}
                Ok(elf) if !admits(platform, elf) => {
                    foreign.entry(elf.header.machine).or_default().push((*path).clone());
                }
                Ok(elf) if elf.interpreter.is_some() => programs.push(*path),
                Ok(_) => libraries.push(*path),
            }
        }
        for path in &first {
            let elf = self.place.view().elf(path);
            match elf.as_ref() {
                Err(error) => self.damaged(Level::Error, path, error),
                Ok(elf) if !admits(platform, elf) => self.foreign_program(path, elf, platform),
                Ok(_) => self.close(path, Role::Started, started.contains(path)),
            }
        }
        for path in programs.into_iter().filter(|path| !first.contains(*path)) {
            self.close(path, Role::Program, false);
        }
        for path in libraries {
            if !self.covered.contains(path) && !first.contains(path) {
                self.close(path, Role::Library, false);
            }
        }
        for (machine, mut paths) in foreign {
            paths.retain(|path| !first.contains(path));
            if paths.is_empty() {
                continue;
            }
            let name = machine_name(machine);
            let wanted = platform.map_or_else(String::new, |p| format!(", not for {p}"));
            let text = format!("these files are made for {name}{wanted}");
            let finding = Finding::new(Level::Warning, Check::ForeignMachine, text);
            self.findings.add(Finding { paths, relation: "at", ..finding });
        }
    }

    fn damaged(&mut self, level: Level, path: &TreePath, error: &ElfError) {
        let text = format!("`{path}`: {error}");
        self.findings.add(Finding::new(level, Check::DamagedElf, text).at(path.clone()));
    }

    fn foreign_program(&mut self, path: &TreePath, elf: &Elf, platform: Option<Platform>) {
        let name = machine_name(elf.header.machine);
        let wanted = platform.map_or_else(|| "another".to_string(), |p| p.to_string());
        let text = format!("`{path}` is made for {name}, and the image is for {wanted}");
        let finding = Finding::new(Level::Error, Check::ForeignMachine, text).at(path.clone());
        self.findings.add(finding.help(format!("take the file from a system for {wanted}")));
    }

    fn close(&mut self, path: &TreePath, role: Role, by_user: bool) {
        let view = self.place.view();
        let elf = view.elf(path);
        let Ok(elf) = elf.as_ref() else { return };
        let level = if role == Role::Started { Level::Error } else { Level::Warning };
        let loader = match &elf.interpreter {
            Some(_) => None,
            None => loader::of_root(view, &elf.header).map(|path| Spot::new(path.as_bytes())),
        };
        // A library of an image without a loader for it is for other images.
        if role == Role::Library && loader.is_none() {
            return;
        }
        let spot = Spot::new(path.as_bytes());
        let environment = self.environment(path);
        let closure = loader::close(&self.session, &spot, &[], &environment, loader.as_ref());
        let closure = match closure {
            Ok(closure) => closure,
            Err(error) => return self.damaged(level, path, &error),
        };
        for missing in closure.missing.iter().filter(|missing| !is_tolerated(missing.relation)) {
            match missing.relation {
                Relation::Interpreter => self.missing_interpreter(level, path, elf, missing),
                _ => self.missing_library(level, role, &closure, missing),
            }
        }
        for missing in &closure.missing_versions {
            self.missing_version(level, &closure, missing);
        }
        self.interpreter_mode(level, path, &closure);
        if by_user {
            self.readable(&closure);
        }
        self.glibc.count(&closure);
        let is_whole = closure.missing.iter().all(|missing| is_tolerated(missing.relation));
        if is_whole && closure.missing_versions.is_empty() {
            let files = closure.objects.iter().map(|object| object.opened.identity.path.clone());
            self.covered.extend(files);
            if self.place.image.symbols && role != Role::Library {
                let root = self.place.image.root;
                symbols::check(root, level, &closure, &mut self.symbols, self.findings);
            }
        }
    }

    fn environment(&self, program: &TreePath) -> Environment {
        let place = self.place;
        let variable = |name| place.variable(name).map(|value| Box::from(value.as_bytes()));
        let meta = place.meta(program);
        Environment {
            library_path: variable("LD_LIBRARY_PATH"),
            preload: variable("LD_PRELOAD"),
            directory: place.absolute(b"").into(),
            is_secure: meta.is_some_and(|meta| self.user.gains_by(&meta)),
            ..Environment::default()
        }
    }

    fn missing_interpreter(&mut self, level: Level, path: &TreePath, elf: &Elf, missing: &Missing) {
        let shown = Escaped(&missing.name);
        let text = match &missing.fatal {
            Some((_, fault)) => {
                format!(
                    "`{shown}`, which programs name as their loader, cannot start them: {fault}"
                )
            }
            None => format!("`{shown}`, which programs name as their loader, is not in the image"),
        };
        let mut finding = Finding::new(level, Check::MissingInterpreter, text);
        finding.tried = missing.tries.iter().map(tried).collect();
        match loader::of_root(self.place.view(), &elf.header) {
            Some(other) if other.as_bytes() != &*missing.name => {
                let help = format!(
                    "the image has the loader `{other}`: build the program for its C library, or \
                     link it statically"
                );
                finding = finding.help(help);
            }
            _ => finding = finding.help("add the loader, or link the program statically"),
        }
        finding.help.extend(self.in_sources(&missing.name, |_| true));
        self.findings.add(finding.by("named by", path.clone()));
    }

    fn missing_library(&mut self, level: Level, role: Role, closure: &Closure, missing: &Missing) {
        let name = &missing.name;
        let shown = Escaped(name);
        let text = match &missing.fatal {
            Some((path, fault)) => {
                format!("`{shown}` cannot be loaded: `{}`: {fault}", Escaped(path))
            }
            None => format!("`{shown}` is nowhere that the image's loader looks"),
        };
        let elsewhere = self.named.get(name).cloned().unwrap_or_default();
        // A plug-in is mostly loaded by a program that has loaded what it needs.
        let level = match role {
            Role::Library if !elsewhere.is_empty() => Level::Hint,
            _ => level,
        };
        let mut finding = Finding::new(level, Check::MissingLibrary, text);
        finding.tried = missing.tries.iter().map(tried).collect();
        finding.help = elsewhere.iter().take(3).map(|path| {
            let directory = path.parent().unwrap_or_else(TreePath::root);
            format!("`{path}` has that name: `LD_LIBRARY_PATH` or a run path may lead to `{directory}`")
        }).collect();
        finding.help.extend(self.in_sources(name, |_| true));
        let by = closure.objects[missing.by].opened.identity.path.clone();
        self.findings.add(finding.by("needed by", by));
    }

    fn missing_version(&mut self, level: Level, closure: &Closure, missing: &MissingVersion) {
        let MissingVersion { version, by, of } = missing;
        let library = &closure.objects[*of];
        let path = &library.opened.identity.path;
        let shown = Escaped(version);
        let definitions = library.opened.elf.as_ref().as_ref().ok();
        let definitions = definitions.and_then(|elf| elf.dynamic.as_ref());
        let definitions = definitions.and_then(|dynamic| dynamic.version_definitions.as_ref());
        let highest = definitions.and_then(|all| versions::highest_of_family(all, version));
        let family = Escaped(versions::family(version));
        let has = match &highest {
            Some(highest) => format!("has nothing newer than `{}`", Escaped(highest)),
            None => format!("has no version of {family} at all"),
        };
        let text = format!("symbol version `{shown}` is wanted, and `{path}` {has}");
        let mut finding = Finding::new(level, Check::MissingVersion, text);
        let elf = library.opened.elf.as_ref().as_ref().ok();
        let soname = elf.and_then(Elf::soname).or(path.name()).unwrap_or_default();
        let defines = |elf: &Elf| {
            let dynamic = elf.dynamic.as_ref().and_then(|d| d.version_definitions.as_ref());
            dynamic.is_some_and(|versions| versions.contains(version))
        };
        finding.help = self.in_sources(soname, defines);
        if finding.help.is_empty() {
            let older = highest.map_or_else(
                || "for the library that the image has".to_string(),
                |highest| format!("on a system that has `{}`", Escaped(&highest)),
            );
            finding = finding.help(format!(
                "take `{}` from the system the program was built on, or build the program {older}",
                Escaped(soname)
            ));
        }
        let by = closure.objects[*by].opened.identity.path.clone();
        self.findings.add(finding.by("wanted by", by));
    }

    /// The kernel executes the interpreter too.
    fn interpreter_mode(&mut self, level: Level, program: &TreePath, closure: &Closure) {
        let edges = closure.edges.iter().filter(|edge| edge.relation == Relation::Interpreter);
        for edge in edges {
            let path = &closure.objects[edge.to].opened.identity.path;
            let Some(meta) = self.place.meta(path) else { continue };
            if meta.mode.bits() & 0o111 == 0 {
                let text = format!(
                    "`{path}`, which programs name as their loader, is not executable: its mode is {}",
                    meta.mode
                );
                let finding = Finding::new(level, Check::MissingInterpreter, text);
                self.findings.add(finding.by("named by", program.clone()));
            }
        }
    }

    /// Whether the user may read what is loaded, and execute the interpreter.
    fn readable(&mut self, closure: &Closure) {
        for (number, object) in closure.objects.iter().enumerate().skip(1) {
            let Ok(found) = self.place.view().resolve(&object.spot.image) else { continue };
            let is_interpreter = closure
                .edges
                .iter()
                .any(|edge| edge.to == number && edge.relation == Relation::Interpreter);
            let (wanted, what) = if is_interpreter { (EXECUTE, "execute") } else { (READ, "read") };
            if let Some(why) = refusal(self.place, self.user, &found, wanted) {
                let path = &found.path;
                let text = format!("{} may not {what} `{path}`, which is loaded: {why}", self.user);
                let finding = Finding::new(Level::Error, Check::NotPermitted, text);
                self.findings.add(finding.at(path.clone()));
            }
        }
    }

    /// Which inputs have a file of this name that will do.
    fn in_sources(&self, name: &[u8], will_do: impl Fn(&Elf) -> bool) -> Vec<String> {
        let mut lines = Vec::new();
        for (input, view) in self.place.image.sources {
            let candidates: Vec<Vec<u8>> = if name.contains(&b'/') {
                Vec::from([name.to_vec()])
            } else {
                candidates(self.place.image.platform, name)
            };
            let found = candidates.iter().find(|path| {
                let found = view.resolve(path).ok().filter(|f| f.entry.file_size().is_some());
                found.is_some_and(|found| {
                    view.elf(&found.path).as_ref().as_ref().is_ok_and(&will_do)
                })
            });
            if let Some(path) = found {
                lines.push(format!("input {input} has one that will do, `{}`", Escaped(path)));
            }
        }
        lines
    }
}

/// Where a library of this name may be in an input.
fn candidates(platform: Option<Platform>, name: &[u8]) -> Vec<Vec<u8>> {
    let mut candidates = Vec::new();
    let triplets = platform.and_then(multiarch);
    for directory in LIBRARY_DIRECTORIES {
        for below in triplets.into_iter() {
            candidates.push([directory.as_bytes(), b"/", below.as_bytes(), b"/", name].concat());
        }
        candidates.push([directory.as_bytes(), b"/", name].concat());
    }
    candidates
}

/// Debian's directory for libraries of the platform.
fn multiarch(platform: Platform) -> Option<&'static str> {
    Some(match platform.architecture().debian()? {
        "amd64" => "x86_64-linux-gnu",
        "arm64" => "aarch64-linux-gnu",
        "armhf" => "arm-linux-gnueabihf",
        "armel" => "arm-linux-gnueabi",
        "i386" => "i386-linux-gnu",
        "ppc64el" => "powerpc64le-linux-gnu",
        "riscv64" => "riscv64-linux-gnu",
        "s390x" => "s390x-linux-gnu",
        _ => return None,
    })
}

fn tried(one: &loader::Try) -> String {
    let path = Escaped(&one.path);
    match &one.outcome {
        Outcome::Problem(crate::words::Problem::NotFound) => format!("{path}: not there"),
        Outcome::Problem(problem) => format!("{path}: {problem}"),
        Outcome::Skipped(fault) => format!("{path}: {fault}"),
    }
}

/// Loaders say so when these are not there, and go on.
fn is_tolerated(relation: Relation) -> bool {
    matches!(relation, Relation::Preload | Relation::PreloadFile | Relation::Audit)
}

fn is_no_elf(elf: &Rc<Result<Elf, ElfError>>) -> bool {
    matches!(elf.as_ref(), Err(ElfError::Header(_)))
}

/// Whether a loader ever loads files of this type: not object files, not core dumps.
fn is_loaded(elf: &Elf) -> bool {
    matches!(elf.header.file_type, FileType::Executable | FileType::Shared)
}

fn admits(platform: Option<Platform>, elf: &Elf) -> bool {
    let header = &elf.header;
    platform.is_none_or(|one| one.admits_elf(header.machine, header.class, header.order))
}

/// The platform of most programs: that of files that say nothing of theirs.
fn usual_platform(found: &[(&TreePath, Rc<Result<Elf, ElfError>>)]) -> Option<Platform> {
    let mut counts: BTreeMap<(u16, bool, bool), (usize, Platform)> = BTreeMap::new();
    for (_, elf) in found {
        let Ok(elf) = elf.as_ref() else { continue };
        let Some(platform) = elf.platform().filter(|_| is_loaded(elf)) else { continue };
        let header = &elf.header;
        let key = (header.machine, header.class == Class::Elf64, header.order == ByteOrder::Little);
        counts.entry(key).or_insert((0, platform)).0 += 1;
    }
    counts.into_values().max_by_key(|(count, _)| *count).map(|(_, platform)| platform)
}

fn machine_name(machine: u16) -> String {
    let name = match machine {
        3 => "i386",
        8 => "MIPS",
        20 => "PowerPC",
        21 => "64-bit PowerPC",
        22 => "S/390",
        40 => "32-bit ARM",
        62 => "x86-64",
        183 => "64-bit ARM",
        243 => "RISC-V",
        247 => "BPF",
        258 => "LoongArch",
        other => return format!("another machine (e_machine {other})"),
    };
    name.to_string()
}
