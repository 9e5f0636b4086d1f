//! The report as Markdown, and its place in a document.

use std::fs;
use std::path::Path;

use super::table;
use super::{CaseResult, Results, TreeResult};
use crate::case::{Method, Subject};
use crate::measure::Written;

/// The lines between which a document has the tables.
const BEGIN: &str = "<!-- tables -->\n";
const END: &str = "<!-- end of tables -->\n";

/// Machine, targets, and a table for each tree.
pub(crate) fn markdown(results: &Results) -> String {
    let mut text = String::from("### Machine and tools\n\n");
    for fact in results.machine.facts().iter().chain(&results.versions) {
        text += &format!("* {fact}\n");
    }
    text += &format!("\n### Targets\n\n{}", table::summary(&results.trees, results.machine.cores));
    let cases = results.trees.iter().flat_map(|tree| &tree.cases);
    let others = cases.filter_map(CaseResult::summary).map(|summary| summary.others);
    let most = 100.0 * others.fold(0.0, f64::max);
    text += &format!("\nOthers used up to {most:.0} % of the machine meanwhile.\n");
    for tree in &results.trees {
        let TreeResult { name, files, .. } = tree;
        let size = table::megabytes(tree.bytes);
        text += &format!("\n### {name}: {files} files, {size}{}\n\n", share(tree));
        text += &table::cases(tree);
    }
    if !results.left_out.is_empty() {
        text += "\n### Not measured\n\n";
        for reason in &results.left_out {
            text += &format!("* {reason}\n");
        }
    }
    text
}

/// How well the tree compresses: what gzip leaves of it.
fn share(tree: &TreeResult) -> String {
    let output = tree.find(Subject::ScantToLayout, Method::Gzip).and_then(|summary| summary.output);
    let share = |output: Written| {
        format!(", of which gzip leaves {:.2}", output.largest as f64 / tree.bytes as f64)
    };
    output.map_or(String::new(), share)
}

/// Replaces what is between the markers of a document. Without the document it is made.
///
/// # Errors
/// When it cannot be written, or has no markers.
pub(crate) fn write_between_markers(path: &Path, tables: &str) -> Result<(), String> {
    let text = match fs::read_to_string(path) {
        Ok(text) => replaced(&text, tables),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Some(tables.to_string()),
        Err(error) => return Err(format!("`{}`: {error}", path.display())),
    };
    let text = text.ok_or_else(|| no_markers(path))?;
    fs::write(path, text).map_err(|error| format!("`{}`: {error}", path.display()))
}

/// Whether the tables can be written later: a run is long.
///
/// # Errors
/// When a document is there without markers.
pub(crate) fn check_markers(path: &Path) -> Result<(), String> {
    match fs::read_to_string(path) {
        Ok(text) if replaced(&text, "").is_none() => Err(no_markers(path)),
        _ => Ok(()),
    }
}

fn no_markers(path: &Path) -> String {
    format!("`{}` has no line `{}` with `{}` after it", path.display(), BEGIN.trim(), END.trim())
}

fn replaced(text: &str, tables: &str) -> Option<String> {
    let (before, rest) = text.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n{tables}\n{END}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_replaced_between_the_markers() {
        let text = "a\n<!-- tables -->\nold\n<!-- end of tables -->\nb\n";
        let new = "a\n<!-- tables -->\n\nnew\n\n<!-- end of tables -->\nb\n";
        assert_eq!(replaced(text, "new\n").as_deref(), Some(new));
        assert_eq!(replaced(new, "new\n").as_deref(), Some(new));
        assert_eq!(replaced("a\n<!-- tables -->\n", "new\n"), None);
    }
}
