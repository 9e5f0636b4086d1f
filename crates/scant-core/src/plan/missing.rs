//! What no loader would find, told once for everything that needs it; and what may be wanted at run
//! time.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::closures::Loadable;
use super::fault::{FaultKind, Finding, MissingName, Severity};
use super::planner::Planner;
use crate::formats::elf::DlopenNote;
use crate::formats::manifest::Span;
use crate::rules::loader::{Missing, Outcome};
use crate::words::{EntryKind, Escaped, InputName, Relation, Section, TreePath};

/// Directories in which libraries and programs lie.
const COMMON_DIRECTORIES: [&str; 11] = [
    "/lib",
    "/usr/lib",
    "/lib64",
    "/usr/lib64",
    "/usr/local/lib",
    "/opt/lib",
    "/bin",
    "/usr/bin",
    "/sbin",
    "/usr/sbin",
    "/usr/local/bin",
];

impl Planner<'_> {
    /// Records what a closure lacks.
    pub(super) fn note_missing(
        &mut self,
        loadable: &Loadable,
        missing: &Missing,
        paths: &[TreePath],
    ) {
        let by = paths[missing.by].clone();
        let name = Escaped(&missing.name).to_string();
        // What opens a plug-in has opened before what it needs.
        let is_there = |path: &TreePath| path.name() == Some(&missing.name);
        if loadable.section == Section::Packages {
            if missing.relation != Relation::Interpreter
                && self.placer.tree.iter().any(|(path, _)| is_there(path))
            {
                return;
            }
            let text = format!(
                "`{name}`, {} {by}, was not found: the package does without",
                missing.relation
            );
            return self.find(Some(loadable.span), Severity::Warning, text);
        }
        if is_tolerated(missing.relation) {
            let text = match missing.relation {
                Relation::Preload => format!("LD_PRELOAD names `{name}`, which was not found"),
                Relation::PreloadFile => {
                    format!("/etc/ld.so.preload names `{name}`, which was not found")
                }
                relation => format!("`{name}`, {relation} {by}, was not found"),
            };
            return self.find(Some(loadable.span), Severity::Warning, text);
        }
        let is_plugin = loadable.section == Section::Suggestions
            && missing.relation != Relation::Interpreter
            && loadable.openings.is_empty();
        if is_plugin && self.placer.tree.iter().any(|(path, _)| path.name() == Some(&missing.name))
        {
            self.opened_before.insert(name);
            return;
        }
        if self.also_missed(loadable.span, &name, &by) {
            return;
        }
        let tried = missing.tries.iter().map(|tried| &*tried.path);
        let fatal = missing.fatal.iter().map(|(path, _)| &**path);
        let missing = MissingName {
            relation: missing.relation,
            by: Vec::from([by]),
            section: loadable.section,
            tries: tries(missing, paths),
            elsewhere: self.elsewhere(&missing.name, tried.chain(fatal), &loadable.home.libraries),
            name,
        };
        self.miss(loadable.span, missing);
    }

    /// Records a missing name, or that one more file misses it.
    pub(super) fn miss(&mut self, span: Span, missing: MissingName) {
        if missing.by.iter().any(|by| self.also_missed(span, &missing.name, by)) {
            return;
        }
        self.missing.insert(missing.name.clone(), self.faults.len());
        self.fault(span, FaultKind::Missing(missing));
    }

    /// Adds a file that misses a name to the fault that tells of it. False when none does yet.
    fn also_missed(&mut self, span: Span, name: &str, by: &TreePath) -> bool {
        let fault = self.missing.get(name).and_then(|&at| self.faults.get_mut(at));
        let Some(fault) = fault else { return false };
        fault.span = fault.span.min(span);
        if let FaultKind::Missing(known) = &mut fault.kind
            && !known.by.contains(by)
        {
            known.by.push(by.clone());
        }
        true
    }

    /// Places that have a missing file: common ones, and those that were tried, but in the inputs
    /// where they were tried.
    pub(super) fn elsewhere<'t>(
        &self,
        name: &[u8],
        tried: impl Iterator<Item = &'t [u8]>,
        inputs: &[InputName],
    ) -> Vec<String> {
        let tried: BTreeSet<&[u8]> = tried.collect();
        let base = name.rsplit(|&b| b == b'/').next().unwrap_or_default();
        let mut candidates = in_common_directories(base);
        candidates.extend(tried.iter().map(|path| path.to_vec()));
        let is_told =
            |input: &InputName, path: &[u8]| tried.contains(path) && inputs.contains(input);
        let mut places: BTreeMap<(&InputName, TreePath), String> = BTreeMap::new();
        for (input, view) in self.request.inputs {
            for candidate in candidates.iter().filter(|path| !is_told(input, path)) {
                if let Ok(found) = view.resolve(candidate)
                    && matches!(found.entry.kind, EntryKind::File { .. })
                {
                    let shown = || format!("{input}{}", Escaped(candidate));
                    places.entry((input, found.path)).or_insert_with(shown);
                }
            }
        }
        places.into_values().collect()
    }

    /// Where else an input has a file of the name that was asked for.
    pub(super) fn programs_named(&self, input: &InputName, asked: &[u8]) -> Vec<String> {
        let name = asked.rsplit(|&b| b == b'/').find(|name| !name.is_empty()).unwrap_or_default();
        let view = self.request.inputs.get(input).filter(|_| *input != InputName::manifest());
        let mut places = BTreeMap::new();
        for candidate in in_common_directories(name) {
            let found = view.and_then(|view| view.resolve(&candidate).ok());
            if let Some(found) = found.filter(|found| found.entry.file_size().is_some()) {
                let shown = format!("{input}{}", Escaped(&candidate));
                places.entry(found.path).or_insert(shown);
            }
        }
        places.into_values().collect()
    }

    pub(super) fn suggest(&mut self, span: Span, by: &TreePath, note: &DlopenNote) {
        if self.is_note_decided(by, note) {
            return;
        }
        let sonames = note.sonames.join(" or ");
        let about = note.description.as_ref().or(note.feature.as_ref());
        let about = about.map_or(String::new(), |about| format!(" ({about})"));
        let text = format!("{by} opens {sonames} at run time{about}: {}", note.priority);
        let soname = note.sonames.first().cloned().unwrap_or_default();
        let remedy = Some(format!("libraries: [{soname}]"));
        self.advise(Finding { span: Some(span), severity: Severity::Suggestion, text, remedy });
    }
}

/// Loaders say so when these are not there, and go on.
pub(super) fn is_tolerated(relation: Relation) -> bool {
    matches!(relation, Relation::Preload | Relation::PreloadFile | Relation::Audit)
}

fn in_common_directories(name: &[u8]) -> BTreeSet<Vec<u8>> {
    COMMON_DIRECTORIES.iter().map(|dir| [dir.as_bytes(), b"/", name].concat()).collect()
}

/// What was tried, one line each.
fn tries(missing: &Missing, paths: &[TreePath]) -> Vec<String> {
    let mut lines: Vec<String> = missing
        .tries
        .iter()
        .map(|tried| {
            let path = Escaped(&tried.path);
            let how = tried.rule.how(|object| paths[object].clone());
            let how = how.to_string();
            let how = how.strip_prefix("found ").unwrap_or(&how);
            match &tried.outcome {
                Outcome::Problem(problem) => format!("{path} ({how}): {problem}"),
                Outcome::Skipped(fault) => format!("{path} ({how}): passed over, {fault}"),
            }
        })
        .collect();
    if let Some((path, fault)) = &missing.fatal {
        lines.push(format!("{}: the loader stops here, {fault}", Escaped(path)));
    }
    lines
}
