//! A closure as a tree of reasons, as a list of paths, as JSON.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use scant_core::rules::loader::{Closure, Edge, InputFiles, Missing, Outcome, Rule};
use scant_core::words::{Escaped, How, Relation, TreePath};
use serde_json::{Value, json};

/// No real chain of libraries is longer. Each level is a call, and widens the lines below it.
const DEEPEST: usize = 100;

/// A closure as a tree: each file once with what it needs below it, later mentions on one line.
pub(crate) struct Shown<'a> {
    pub(crate) closure: &'a Closure,
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.closure.shown(0))?;
        let mut edges: BTreeMap<usize, Vec<&Edge>> = BTreeMap::new();
        for edge in &self.closure.edges {
            edges.entry(edge.by).or_default().push(edge);
        }
        self.children(f, 0, 1, &edges, &mut BTreeSet::from([0]))?;
        for version in &self.closure.missing_versions {
            let (of, by) = (self.closure.shown(version.of), self.closure.shown(version.by));
            let version = Escaped(&version.version);
            writeln!(f, "    MISSING VERSION {version} of {of}, wanted by {by}")?;
        }
        Ok(())
    }
}

impl Shown<'_> {
    fn children(
        &self,
        f: &mut fmt::Formatter<'_>,
        object: usize,
        depth: usize,
        edges: &BTreeMap<usize, Vec<&Edge>>,
        seen: &mut BTreeSet<usize>,
    ) -> fmt::Result {
        let indent = "    ".repeat(depth);
        for edge in edges.get(&object).into_iter().flatten() {
            let is_new = seen.insert(edge.to);
            write!(f, "{indent}{}", self.edge(edge))?;
            writeln!(f, "{}", if is_new { "" } else { " (above)" })?;
            if is_new && depth < DEEPEST {
                self.children(f, edge.to, depth + 1, edges, seen)?;
            } else if is_new {
                writeln!(
                    f,
                    "{indent}    ... (more than {DEEPEST} levels; `--list` has all files)"
                )?;
            }
        }
        for missing in self.closure.missing.iter().filter(|missing| missing.by == object) {
            self.missing(f, &indent, missing)?;
        }
        Ok(())
    }

    fn edge(&self, edge: &Edge) -> String {
        let path = self.closure.shown(edge.to);
        let rule = self.rule(&edge.rule);
        match edge.relation {
            Relation::Interpreter => format!("{path} (interpreter)"),
            Relation::Needed => format!("{} => {path} ({rule})", Escaped(&edge.name)),
            relation => format!("{} => {path} ({relation} it, {rule})", Escaped(&edge.name)),
        }
    }

    fn rule(&self, rule: &Rule) -> How {
        how(self.closure, rule)
    }

    fn missing(&self, f: &mut fmt::Formatter<'_>, indent: &str, missing: &Missing) -> fmt::Result {
        writeln!(f, "{indent}{} => MISSING", Escaped(&missing.name))?;
        for tried in &missing.tries {
            // "found through RUNPATH" is what a rule says of a file that is there.
            let rule = self.rule(&tried.rule).to_string();
            let rule = rule.strip_prefix("found ").unwrap_or(&rule);
            write!(f, "{indent}    tried {} ({rule})", Escaped(&tried.path))?;
            match &tried.outcome {
                Outcome::Problem(problem) => writeln!(f, ": {problem}")?,
                Outcome::Skipped(fault) => writeln!(f, ": passed over, {fault}")?,
            }
        }
        if let Some((path, fault)) = &missing.fatal {
            writeln!(f, "{indent}    ended at {}: {fault}", Escaped(path))?;
        }
        Ok(())
    }
}

/// A rule with paths; an object that has no normalised path is shown by the root.
fn how(closure: &Closure, rule: &Rule) -> How {
    rule.how(|object| {
        TreePath::parse(&closure.objects[object].spot.image).unwrap_or_else(|_| TreePath::root())
    })
}

/// One line a path: every file but the one asked about, the links on the way to them, and what is
/// missing.
pub(crate) fn list(files: &InputFiles<'_>, closure: &Closure) -> Vec<String> {
    let mut lines = BTreeSet::new();
    for object in closure.objects.iter().skip(1) {
        if let Ok(found) = files.view().resolve(object.spot.in_input()) {
            lines.extend(found.links.iter().map(|link| link.path.to_string()));
            lines.insert(found.path.to_string());
        }
    }
    let missing = closure.missing.iter().map(|m| format!("MISSING {}", Escaped(&m.name)));
    let versions = closure.missing_versions.iter();
    let versions = versions.map(|v| format!("MISSING {}", Escaped(&v.version)));
    lines.into_iter().chain(missing).chain(versions).collect()
}

/// The closures as JSON: an array, one element a file asked about.
pub(crate) fn json(files: &InputFiles<'_>, closures: &[Closure]) -> Value {
    closures.iter().map(|closure| one(files, closure)).collect()
}

fn one(files: &InputFiles<'_>, closure: &Closure) -> Value {
    let text = |bytes: &[u8]| Escaped(bytes).to_string();
    let object = |index: usize| {
        let object = &closure.objects[index];
        let found = files.view().resolve(object.spot.in_input()).ok();
        let links: Vec<_> = found
            .iter()
            .flat_map(|found| &found.links)
            .map(|link| json!({"path": link.path, "target": text(&link.target)}))
            .collect();
        json!({
            "path": text(&object.spot.image),
            "real": object.opened.identity.path,
            "links": links,
        })
    };
    let edge = |edge: &Edge| {
        json!({
            "by": closure.shown(edge.by),
            "to": closure.shown(edge.to),
            "relation": edge.relation,
            "name": text(&edge.name),
            "how": how(closure, &edge.rule),
        })
    };
    let missing = |missing: &Missing| {
        let tries: Vec<_> = missing
            .tries
            .iter()
            .map(|tried| {
                let outcome = match &tried.outcome {
                    Outcome::Problem(problem) => problem.to_string(),
                    Outcome::Skipped(fault) => fault.to_string(),
                };
                let how = how(closure, &tried.rule);
                json!({"path": text(&tried.path), "how": how, "outcome": outcome})
            })
            .collect();
        let fatal = missing.fatal.as_ref();
        let fatal = fatal.map(|(path, fault)| format!("{}: {fault}", Escaped(path)));
        json!({
            "name": text(&missing.name),
            "by": closure.shown(missing.by),
            "relation": missing.relation,
            "tried": tries,
            "ended_at": fatal,
        })
    };
    json!({
        "file": closure.shown(0),
        "objects": (0..closure.objects.len()).map(object).collect::<Vec<_>>(),
        "edges": closure.edges.iter().map(edge).collect::<Vec<_>>(),
        "missing": closure.missing.iter().map(missing).collect::<Vec<_>>(),
        "missing_versions": closure.missing_versions.iter().map(|v| json!({
            "version": text(&v.version),
            "by": closure.shown(v.by),
            "of": closure.shown(v.of),
        })).collect::<Vec<_>>(),
        "suggestions": closure.suggestions.iter().map(|(by, note)| json!({
            "by": closure.shown(*by),
            "sonames": note.sonames,
            "feature": note.feature,
            "description": note.description,
            "priority": note.priority,
        })).collect::<Vec<_>>(),
    })
}
