//! What an image lacks of what its runs asked for, and which inputs have it: as entries that a
//! manifest could have. Nothing is decided for the user here, and nothing is generalised: what is
//! proposed is what was asked for.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use super::deny::{Refusal, denied};
use super::record::is_there;
use super::resolve::{There, follow, there};
use super::wholes::{Whole, offers, poorer};
use crate::formats::trace_file::{TraceFile, Use, UseKind};
use crate::rules::{Resolved, View};
use crate::words::{
    EntryKind, Escaped, InputName, LastLink, Mode, Node, Section, Tree, TreePath, Why,
};

/// Programs and libraries in these directories are found by their names.
const LIBRARY_DIRECTORIES: [&str; 5] =
    ["/lib", "/usr/lib", "/lib64", "/usr/lib64", "/usr/local/lib"];
const PROGRAM_DIRECTORIES: [&[u8]; 4] = [b"bin", b"sbin", b"libexec", b"games"];
/// What the runs are held against.
pub struct Question<'a> {
    /// The image's tree as it is planned now.
    pub tree: &'a Tree,
    /// The inputs that may be declared from, in the order of the manifest.
    pub inputs: Vec<(&'a InputName, &'a View<'a>)>,
}

/// What the runs say about the image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// What the image lacks and an input has, each once.
    pub proposals: Vec<Proposal>,
    /// What the image lacks and no input has.
    pub nowhere: Vec<Told>,
    /// What an input has and is never proposed, with the reason.
    pub withheld: Vec<(Told, Refusal)>,
    /// Directories of the image that were written to, below which a container keeps nothing.
    pub written: Vec<Told>,
    /// Directories that were listed of which an input has more.
    pub poorer: Vec<Whole>,
    /// Directories that may be meant as a whole: those, and those of which several files are
    /// proposed. None lies in another.
    pub offers: Vec<Whole>,
}

/// An entry for the manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// The entry.
    pub entry: Entry,
    /// Why: who asked, in which run.
    pub reason: String,
}

/// What is added.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Entry {
    /// A program, under `binaries`.
    Binary {
        /// The input that has it.
        input: InputName,
        /// Its path in the input and in the image.
        path: TreePath,
    },
    /// A library that a program opens: under `libraries` of its entry.
    Library {
        /// The program, by its path in the image.
        program: TreePath,
        /// The line of the manifest that declares it.
        line: u32,
        /// What it asks for.
        name: String,
    },
    /// A file, under `data`.
    Data {
        /// The input that has it.
        input: InputName,
        /// Its path in the input and in the image.
        path: TreePath,
    },
    /// A directory that is empty at first, under `directories`.
    Directory {
        /// The directory.
        path: TreePath,
        /// Permission bits, if not the usual ones.
        mode: Option<Mode>,
    },
    /// A suggestion without which a program of the manifest ends, under `accept` of `suggestions`.
    /// No run says so: it comes of the rules, for what is proposed.
    Accept {
        /// Its id.
        id: String,
    },
}

/// A path, and what is to be said of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The path in the image.
    pub path: TreePath,
    /// Who asked, in which run.
    pub reason: String,
}

/// Holds all runs against the tree and the inputs.
pub fn propose(question: &Question<'_>, runs: &TraceFile) -> Answer {
    let mut collected = Collected::default();
    // What a run needed that went well is no doubt needed: its reason is told before others.
    let (failed, well): (Vec<_>, Vec<_>) =
        runs.runs.iter().partition(|(_, run)| run.failed.is_some());
    for (name, run) in well.into_iter().chain(failed) {
        let run_of = RunOf { name, is_failed: run.failed.is_some() };
        for one in &run.uses {
            consider(question, run_of, one, &mut collected);
        }
    }
    collected.answer(question)
}

/// The run that a use is of.
#[derive(Clone, Copy)]
struct RunOf<'r> {
    name: &'r str,
    /// What a program asks for before it fails, it may not need when it does not.
    is_failed: bool,
}

#[derive(Default)]
struct Collected {
    entries: BTreeMap<Entry, String>,
    /// The file of an input that an entry brings: several names of one file are one proposal.
    brought: BTreeMap<(InputName, TreePath, Box<[u8]>), Entry>,
    nowhere: BTreeMap<TreePath, String>,
    withheld: BTreeMap<TreePath, (String, Refusal)>,
    written: BTreeMap<TreePath, String>,
    poorer: BTreeSet<Whole>,
}

fn consider(question: &Question<'_>, run: RunOf<'_>, one: &Use, collected: &mut Collected) {
    let why = || reason(one, run);
    match one.kind {
        UseKind::Followed => {}
        UseKind::Written => written(question, one, why(), collected),
        _ if is_there(question.tree, one) => {
            if one.kind == UseKind::Listed {
                collected.poorer.extend(poorer(question, &one.path));
            }
        }
        _ => missing(question, one, why(), collected),
    }
}

fn missing(question: &Question<'_>, one: &Use, why: String, collected: &mut Collected) {
    let Some(found) = in_an_input(question, one) else {
        let is_told = denied(&one.path).is_none_or(Refusal::is_worth_telling);
        if !one.found && is_told {
            collected.nowhere.entry(one.path.clone()).or_insert(why);
        }
        return;
    };
    let refused = match (&found.resolved.entry.kind, denied(found.at).or_else(|| denied(&one.path)))
    {
        (_, Some(refused)) => Some(refused),
        (EntryKind::Special(_), None) => Some(Refusal::NoFile),
        _ if core::str::from_utf8(found.at.as_bytes()).is_err() => Some(Refusal::Name),
        _ => None,
    };
    if let Some(refused) = refused {
        collected.withheld.entry(one.path.clone()).or_insert((why, refused));
        return;
    }
    let entry = entry(question, one, &found);
    if one.kind == UseKind::Listed {
        collected.poorer.extend(poorer(question, found.at));
    }
    let name = found.at.name().unwrap_or_default().into();
    let key = (found.input.clone(), found.resolved.path.clone(), name);
    // Of several names of one file (merged `/usr`), the one without links on the way.
    if let Some(known) = collected.brought.get(&key) {
        if known == &entry || !is_at(&entry, &found.resolved.path) {
            return;
        }
        collected.entries.remove(known);
    }
    collected.brought.insert(key, entry.clone());
    collected.entries.entry(entry).or_insert(why);
}

fn is_at(entry: &Entry, wanted: &TreePath) -> bool {
    match entry {
        Entry::Binary { path, .. } | Entry::Data { path, .. } | Entry::Directory { path, .. } => {
            path == wanted
        }
        Entry::Library { .. } | Entry::Accept { .. } => false,
    }
}

/// A file of an input.
struct Found<'q> {
    input: &'q InputName,
    view: &'q View<'q>,
    /// The path that was asked of the input.
    at: &'q TreePath,
    resolved: Resolved,
}

/// The first input that has what was asked for: that of the program before others.
fn in_an_input<'q>(question: &'q Question<'_>, one: &'q Use) -> Option<Found<'q>> {
    let source = node_of(question.tree, &one.program)
        .and_then(|(_, node)| node.provenance.source())
        .map(|source| &*source.input);
    let is_own = |input: &InputName| Some(input.as_str()) == source;
    let own = question.inputs.iter().filter(|(input, _)| is_own(input));
    let others = question.inputs.iter().filter(|(input, _)| !is_own(input));
    let paths = || one.asked.iter().chain([&one.path]);
    own.chain(others).find_map(|(input, view)| {
        paths().find_map(|at| {
            let resolved = view.resolve(at.as_bytes()).ok()?;
            Some(Found { input, view, at, resolved })
        })
    })
}

fn entry(question: &Question<'_>, one: &Use, found: &Found<'_>) -> Entry {
    let (input, path) = (found.input.clone(), found.at.clone());
    if found.resolved.entry.is_directory() {
        let mode = found.resolved.entry.mode;
        return Entry::Directory { path, mode: sticky(mode) };
    }
    let is_elf = || found.view.elf(&found.resolved.path).is_ok();
    if is_program(one, found) {
        return Entry::Binary { input, path };
    }
    if is_by_name(one, &path)
        && is_elf()
        && let Some((program, line)) = declared_program(question.tree, &one.program)
    {
        let name = Escaped(path.name().unwrap_or_default()).to_string();
        return Entry::Library { program, line, name };
    }
    Entry::Data { input, path }
}

fn is_program(one: &Use, found: &Found<'_>) -> bool {
    let directory = found.at.parent();
    let is_bin = directory.as_ref().and_then(TreePath::name);
    let is_bin = is_bin.is_some_and(|name| PROGRAM_DIRECTORIES.contains(&name));
    let is_executable = found.resolved.entry.mode & 0o111 != 0;
    one.kind == UseKind::Executed || (is_bin && is_executable && one.kind != UseKind::Mapped)
}

/// Whether a loader would find the file by its name alone.
fn is_by_name(one: &Use, path: &TreePath) -> bool {
    let name = path.name().unwrap_or_default();
    let is_library = name.windows(3).any(|part| part == b".so");
    is_library
        && (one.searched || is_library_directory(&path.parent().unwrap_or_else(TreePath::root)))
}

/// `/usr/lib` and the like, and the directories of one architecture in them.
pub(super) fn is_library_directory(directory: &TreePath) -> bool {
    let is_listed = |path: &TreePath| {
        LIBRARY_DIRECTORIES.iter().any(|known| path.as_bytes() == known.as_bytes())
    };
    let is_triplet = |name: &[u8]| name.windows(7).any(|part| part == b"-linux-");
    is_listed(directory)
        || directory.name().is_some_and(is_triplet)
            && directory.parent().is_some_and(|parent| is_listed(&parent))
}

fn sticky(mode: u32) -> Option<Mode> {
    (mode & 0o1000 != 0).then(|| Mode::from_bits(mode))
}

/// The node of the image that a path leads to.
pub(super) fn node_of<'t>(tree: &'t Tree, path: &[u8]) -> Option<(TreePath, &'t Node)> {
    let led = follow(tree, path, LastLink::Follow)?;
    let node = tree.get(&led.path)?;
    Some((led.path, node))
}

/// The line under `binaries` that declares a program.
fn declared_program(tree: &Tree, program: &[u8]) -> Option<(TreePath, u32)> {
    let line = |node: &Node| {
        node.provenance.reasons().find_map(|why| match why {
            Why::Declared { place, .. } if place.section == Section::Binaries => Some(place.line),
            _ => None,
        })
    };
    if let Some((path, node)) = node_of(tree, program) {
        return line(node).map(|line| (path, line));
    }
    // On another machine it may lie elsewhere: then the only one of its name is meant.
    let name = program.rsplit(|&b| b == b'/').next().filter(|name| !name.is_empty())?;
    let named = tree.iter().filter(|(path, _)| path.name() == Some(name));
    let mut declared = named.filter_map(|(path, node)| Some((path.clone(), line(node)?)));
    declared.next().filter(|_| declared.next().is_none())
}

fn written(question: &Question<'_>, one: &Use, why: String, collected: &mut Collected) {
    let is_temporary = ["/tmp", "/var/tmp", "/run", "/var/run"]
        .into_iter()
        .find(|directory| one.path.as_bytes() == directory.as_bytes());
    if there(question.tree, &one.path) != There::Nothing {
        if is_temporary.is_none() {
            collected.written.entry(one.path.clone()).or_insert(why);
        }
        return;
    }
    let refused = denied(&one.path);
    let is_place = |refused: &Refusal| match refused {
        Refusal::Cache => !is_users_cache(&one.path),
        // What is never proposed is the log itself; where it goes, there must be a directory.
        Refusal::Log => true,
        _ => false,
    };
    if let (Some(refused), None) = (refused.filter(|refused| !is_place(refused)), is_temporary) {
        collected.withheld.entry(one.path.clone()).or_insert((why, refused));
        return;
    }
    let mode = match is_temporary {
        Some("/tmp" | "/var/tmp") => Some(Mode::from_bits(0o1777)),
        _ => {
            let views = question.inputs.iter();
            let of_input =
                |(_, view): &(&InputName, &View<'_>)| view.resolve(one.path.as_bytes()).ok();
            views.filter_map(of_input).next().and_then(|found| sticky(found.entry.mode))
        }
    };
    let entry = Entry::Directory { path: one.path.clone(), mode };
    collected.entries.entry(entry).or_insert(why);
}

/// `/var/cache` belongs to the system: what is kept there is written by its services.
fn is_users_cache(path: &TreePath) -> bool {
    path.below(&TreePath::literal("/var/cache")).is_none()
}

impl Collected {
    fn answer(mut self, question: &Question<'_>) -> Answer {
        self.drop_ends_of_links();
        self.drop_implied_directories();
        let offers = offers(question, self.entries.keys(), &self.poorer);
        let told = |(path, reason)| Told { path, reason };
        // What was found in one way need not be told as missing in another.
        let is_missing =
            |(path, _): &(TreePath, String)| there(question.tree, path) == There::Nothing;
        Answer {
            proposals: self
                .entries
                .into_iter()
                .map(|(entry, reason)| Proposal { entry, reason })
                .collect(),
            nowhere: self.nowhere.into_iter().filter(is_missing).map(told).collect(),
            withheld: self
                .withheld
                .into_iter()
                .map(|(path, (reason, refused))| (Told { path, reason }, refused))
                .collect(),
            written: self.written.into_iter().map(told).collect(),
            poorer: self.poorer.into_iter().collect(),
            offers,
        }
    }

    /// A link brings what it leads to, so that this need not be asked for by its own name: a
    /// library is opened by one name and mapped by another.
    fn drop_ends_of_links(&mut self) {
        let keys = self.brought.iter();
        let is_end = |name: &[u8], path: &TreePath| path.name() == Some(name);
        let ends: Vec<_> = keys
            .filter(|((input, path, name), _)| {
                let others = || self.brought.keys().filter(|key| (&key.0, &key.1) == (input, path));
                is_end(name, path) && others().any(|key| !is_end(&key.2, path))
            })
            .map(|(_, entry)| entry.clone())
            .collect();
        for entry in ends {
            self.entries.remove(&entry);
        }
    }

    /// A directory without a mode of its own is made by whatever lies in it.
    fn drop_implied_directories(&mut self) {
        let paths = |entry: &Entry| match entry {
            Entry::Binary { path, .. }
            | Entry::Data { path, .. }
            | Entry::Directory { path, .. } => Some(path.clone()),
            Entry::Library { .. } | Entry::Accept { .. } => None,
        };
        let all: BTreeSet<TreePath> = self.entries.keys().filter_map(paths).collect();
        self.entries.retain(|entry, _| match entry {
            Entry::Directory { path, mode: None } => {
                !all.iter().any(|other| other != path && other.below(path).is_some())
            }
            _ => true,
        });
    }
}

/// `opened by /usr/lib/libcrypto.so.3 in /usr/sbin/unbound, run `dns query``.
fn reason(one: &Use, run: RunOf<'_>) -> String {
    let who = match (&one.by, &*one.program) {
        (Some(by), b"") => alloc::format!(" by {}", Escaped(by)),
        (Some(by), program) => alloc::format!(" by {} in {}", Escaped(by), Escaped(program)),
        (None, b"") => String::new(),
        (None, program) => alloc::format!(" by {}", Escaped(program)),
    };
    let failed = if run.is_failed { ", from a run that failed" } else { "" };
    alloc::format!("{}{who}, run `{}`{failed}", one.kind.as_str(), Escaped(run.name.as_bytes()))
}
