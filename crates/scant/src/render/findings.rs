//! Findings: what a person should know and the build does not stop at. Always on stderr.

use std::io::Write;

use scant_core::plan::{Finding, Severity};
use scant_core::words::{Lines, OneLine};

/// Findings, one line each, with the line of the manifest they come from.
pub(crate) fn text(name: &str, findings: &[Finding]) -> String {
    let mut text = String::new();
    for finding in findings {
        let severity = match finding.severity {
            Severity::Warning => "warning",
            Severity::Notice => "notice",
            Severity::Suggestion => "suggestion",
        };
        let place = finding.span.map_or(String::new(), |span| format!(" ({name}:{})", span.line));
        text += &format!("{severity}: {}{place}\n", OneLine(&finding.text));
        if let Some(remedy) = &finding.remedy {
            text += &format!("    add: {}\n", Lines(remedy));
        }
    }
    text
}

/// Prints findings.
pub(crate) fn print(name: &str, findings: &[Finding]) {
    // Nothing can be done when stderr is gone.
    let _ = std::io::stderr().lock().write_all(text(name, findings).as_bytes());
}
