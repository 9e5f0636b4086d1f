//! Suggestions: what an image probably wants. In full for those who look at a plan, as one line for
//! those who build.

use std::io::Write;

use scant_core::formats::suggestion_rules::Level;
use scant_core::plan::Suggestion;
use scant_core::rules::suggestions::Addition;
use scant_core::words::{Escaped, OneLine};

use serde_json::{Value, json};

use super::size::Count;

/// Prints suggestions with what they would add, then the lines that accept them.
pub(crate) fn print(suggestions: &[Suggestion]) {
    let mut stderr = std::io::stderr().lock();
    for suggestion in suggestions {
        let Suggestion { id, level, because, of, .. } = suggestion;
        // Nothing can be done when stderr is gone.
        let _ = writeln!(
            stderr,
            "suggestion: {} ({level}) for {of}: {}\n    {}",
            OneLine(id),
            OneLine(because),
            effect(suggestion)
        );
    }
    if !suggestions.is_empty() {
        let _ = writeln!(stderr, "to take one in, add it to the manifest, or decline it:");
        for line in lines(suggestions) {
            let _ = writeln!(stderr, "    {line}");
        }
    }
}

/// Suggestions as JSON.
pub(crate) fn json(suggestions: &[Suggestion]) -> Value {
    let path = |Addition { input, path, soname }: &Addition| json!({ "input": input.to_string(), "path": Escaped(path).to_string(), "soname": soname });
    let one = |Suggestion { id, level, because, of, adds, missing }: &Suggestion| {
        let adds: Vec<_> = adds.iter().map(path).collect();
        json!({
            "id": id,
            "level": level.to_string(),
            "because": because,
            "of": of.to_string(),
            "adds": adds,
            "missing": missing,
        })
    };
    suggestions.iter().map(one).collect()
}

/// What is told while an image is built: how many there are.
pub(crate) fn short_text(name: &str, suggestions: &[Suggestion]) -> String {
    match suggestions.len() {
        0 => String::new(),
        count => {
            let count = Count(count, "suggestion");
            // What came through standard input is not there any more.
            let command = if name == "-" { "plan".to_string() } else { format!("plan {name}") };
            format!("{count}: `scant {command}` shows what may be missing\n")
        }
    }
}

/// The lines above a list of accepted suggestions.
pub(crate) const HEAD: [&str; 2] = ["suggestions:", "  accept:"];

/// Lines for a manifest that accept these suggestions.
pub(crate) fn lines(suggestions: &[Suggestion]) -> Vec<String> {
    let mut ids: Vec<(&str, Level, &str)> =
        suggestions.iter().map(|one| (&*one.id, one.level, &*one.because)).collect();
    ids.dedup_by_key(|(id, ..)| *id);
    let width = ids.iter().map(|(id, ..)| id.len()).max().unwrap_or(0);
    let line = |(id, level, because): (&str, Level, &str)| {
        let (id, because) = (OneLine(id).to_string(), OneLine(because));
        format!("    - {id:width$}  # {level}: {because}")
    };
    HEAD.map(String::from).into_iter().chain(ids.into_iter().map(line)).collect()
}

/// What it would do.
fn effect(suggestion: &Suggestion) -> String {
    let shown = |Addition { input, path, .. }: &Addition| format!("{input}{}", Escaped(path));
    let adds = &suggestion.adds;
    match adds.split_first() {
        None => format!("not found: {}", OneLine(&suggestion.missing.join(", "))),
        Some((first, [])) => format!("adds {}", shown(first)),
        Some((first, [second])) => format!("adds {} and {}", shown(first), shown(second)),
        Some((first, rest)) => format!("adds {} and {} more files", shown(first), rest.len()),
    }
}
