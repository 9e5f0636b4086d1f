//! Findings: what a person should know and the build does not stop at. Always on stderr.

use std::io::Write;

use scant_core::plan::{Finding, Severity};
use scant_core::words::{Lines, OneLine};

/// Prints findings, one line each, with the line of the manifest they come from.
pub(crate) fn print(name: &str, findings: &[Finding]) {
    let mut stderr = std::io::stderr().lock();
    for finding in findings {
        let severity = match finding.severity {
            Severity::Warning => "warning",
            Severity::Notice => "notice",
            Severity::Suggestion => "suggestion",
        };
        let place = finding.span.map_or(String::new(), |span| format!(" ({name}:{})", span.line));
        // Nothing can be done when stderr is gone.
        let _ = writeln!(stderr, "{severity}: {}{place}", OneLine(&finding.text));
        if let Some(remedy) = &finding.remedy {
            let _ = writeln!(stderr, "    add: {}", Lines(remedy));
        }
    }
}
