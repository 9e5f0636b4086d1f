//! What no loader would find, told once for everything that needs it; and what may be wanted at run
//! time.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::fault::{FaultKind, Finding, MissingName, Severity};
use super::placer::named;
use super::walk::{Loadable, Planner};
use crate::formats::elf::DlopenNote;
use crate::formats::manifest::Span;
use crate::rules::loader::{Missing, Outcome};
use crate::words::{EntryKind, Escaped, Relation, TreePath};

/// Directories in which a library may lie without the loader looking there.
const COMMON_DIRECTORIES: [&str; 6] =
    ["/lib", "/usr/lib", "/lib64", "/usr/lib64", "/usr/local/lib", "/opt/lib"];

impl Planner<'_> {
    /// Records a missing name, or that one more file misses it.
    pub(super) fn note_missing(
        &mut self,
        loadable: &Loadable,
        missing: &Missing,
        paths: &[TreePath],
    ) {
        let by = paths[missing.by].clone();
        let name = Escaped(&missing.name).to_string();
        // ld.so says so and goes on.
        if matches!(missing.relation, Relation::Preload | Relation::PreloadFile | Relation::Audit) {
            let text = format!("{name}, {} {by}, was not found", missing.relation);
            self.find(Some(loadable.span), Severity::Warning, text);
            return;
        }
        for fault in &mut self.faults {
            if let FaultKind::Missing(known) = &mut fault.kind
                && known.name == name
            {
                if !known.by.contains(&by) {
                    known.by.push(by);
                }
                return;
            }
        }
        let kind = FaultKind::Missing(MissingName {
            relation: missing.relation,
            by: Vec::from([by]),
            tries: tries(missing, paths),
            elsewhere: self.elsewhere(missing),
            name,
        });
        self.fault(loadable.span, kind);
    }

    /// Inputs that have a missing file, at a path that was tried or in a common place.
    fn elsewhere(&self, missing: &Missing) -> Vec<String> {
        let name = missing.name.rsplit(|&b| b == b'/').next().unwrap_or_default();
        let common = COMMON_DIRECTORIES.iter().map(|dir| [dir.as_bytes(), b"/", name].concat());
        let mut candidates: Vec<Vec<u8>> =
            missing.tries.iter().map(|tried| tried.path.to_vec()).chain(common).collect();
        candidates.sort();
        candidates.dedup();
        let mut places = BTreeSet::new();
        for (input, view) in self.request.inputs {
            for candidate in &candidates {
                if let Ok(found) = view.resolve(candidate)
                    && matches!(found.entry.kind, EntryKind::File { .. })
                {
                    places.insert(named(input, &found.path));
                }
            }
        }
        places.into_iter().collect()
    }

    pub(super) fn suggest(&mut self, span: Span, by: &TreePath, note: &DlopenNote) {
        let sonames = note.sonames.join(" or ");
        let about = note.description.as_ref().or(note.feature.as_ref());
        let about = about.map_or(String::new(), |about| format!(" ({about})"));
        let text = format!("{by} opens {sonames} at run time{about}: {}", note.priority);
        let soname = note.sonames.first().cloned().unwrap_or_default();
        let remedy = Some(format!("libraries: [{soname}]"));
        let finding = Finding { span: Some(span), severity: Severity::Suggestion, text, remedy };
        if !self.findings.contains(&finding) {
            self.findings.push(finding);
        }
    }
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
