//! A closure as the lines that tests expect.

use std::fmt;

use scant_core::rules::loader::{Closure, Edge, Missing, Outcome, Rule};
use scant_core::words::{Escaped, Problem, Relation};

pub(crate) struct Shown<'a>(pub(crate) &'a Closure);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for edge in &self.0.edges {
            self.edge(f, edge)?;
        }
        for missing in &self.0.missing {
            self.missing(f, missing)?;
        }
        for version in &self.0.missing_versions {
            let (of, by) = (self.0.shown(version.of), self.0.shown(version.by));
            let version = Escaped(&version.version);
            writeln!(f, "VERSION {version} of {of} MISSING (wanted by {by})")?;
        }
        for (by, note) in &self.0.suggestions {
            let names = note.sonames.join(" or ");
            let priority = format!("{:?}", note.priority).to_lowercase();
            writeln!(f, "suggested {names} ({priority} by {})", self.0.shown(*by))?;
        }
        Ok(())
    }
}

impl Shown<'_> {
    fn edge(&self, f: &mut fmt::Formatter<'_>, edge: &Edge) -> fmt::Result {
        let (name, path) = (Escaped(&edge.name), self.0.shown(edge.to));
        let (by, rule) = (self.relation(edge.relation, edge.by), self.rule(&edge.rule, edge.by));
        match edge.relation {
            Relation::Interpreter if path == "/ld.so" => Ok(()),
            Relation::Interpreter => writeln!(f, "{name} -> {path} ({by})"),
            _ => writeln!(f, "{name} -> {path} ({by}; {rule})"),
        }
    }

    fn missing(&self, f: &mut fmt::Formatter<'_>, missing: &Missing) -> fmt::Result {
        let by = self.relation(missing.relation, missing.by);
        writeln!(f, "{} MISSING ({by})", Escaped(&missing.name))?;
        for tried in &missing.tries {
            let (path, rule) = (Escaped(&tried.path), self.rule(&tried.rule, missing.by));
            write!(f, "tried {path} ({rule})")?;
            match &tried.outcome {
                Outcome::Problem(Problem::NotFound) => writeln!(f)?,
                Outcome::Problem(problem) => writeln!(f, ": {problem}")?,
                Outcome::Skipped(fault) => writeln!(f, ": {fault}")?,
            }
        }
        match &missing.fatal {
            Some((path, fault)) => writeln!(f, "stopped at {}: {fault}", Escaped(path)),
            None => Ok(()),
        }
    }

    fn relation(&self, relation: Relation, by: usize) -> String {
        let by = self.0.shown(by);
        match relation {
            Relation::Auxiliary => format!("auxiliary of {by}"),
            Relation::Audit => format!("audits {by}"),
            Relation::Preload => format!("LD_PRELOAD of {by}"),
            Relation::PreloadFile => format!("ld.so.preload of {by}"),
            Relation::Opened => format!("opened by {by}"),
            Relation::DlopenNote => format!("note of {by}"),
            other => format!("{other} {by}"),
        }
    }

    /// The rule; the object whose list it was only if another than the requester.
    fn rule(&self, rule: &Rule, by: usize) -> String {
        let list = |what: &str, entry: &[u8], object: usize| {
            let list = format!("{what} {}", Escaped(entry));
            if object == by { list } else { format!("{list} of {}", self.0.shown(object)) }
        };
        match rule {
            Rule::Path => "path".into(),
            Rule::Rpath { object, entry } => list("RPATH", entry, *object),
            Rule::Runpath { object, entry } => list("RUNPATH", entry, *object),
            Rule::LibraryPath { entry } => format!("LD_LIBRARY_PATH {}", Escaped(entry)),
            Rule::Cache => "cache".into(),
            Rule::DefaultDirectory { directory } => format!("default {}", Escaped(directory)),
            Rule::PathFile { directory } => format!("path file {}", Escaped(directory)),
            Rule::LoaderDirectory => "beside the loader".into(),
            Rule::Loader => "the loader itself".into(),
        }
    }
}
