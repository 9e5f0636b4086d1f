//! What came of tests, for people: a line each, and what is wrong below it.

use std::io::{self, Write};

use scant_core::words::{Lines, OneLine};

use super::Tested;

/// Writes all tests, or only the failed ones.
pub(super) fn write(out: &mut dyn Write, tested: &[Tested], quiet: bool) -> io::Result<()> {
    let platforms = tested.iter().any(|test| test.platform != tested[0].platform);
    for test in tested.iter().filter(|test| !quiet || !test.is_ok()) {
        let outcome = if test.is_ok() { "ok  " } else { "FAIL" };
        let Tested { file, line, kind, name, .. } = test;
        let name = if name.is_empty() { String::new() } else { format!(" {}", OneLine(name)) };
        let platform = test.platform.as_ref().filter(|_| platforms);
        let platform = platform.map_or(String::new(), |name| format!("{} ", OneLine(name)));
        writeln!(out, "{outcome} {platform}{}:{line} {kind}{name}", OneLine(file))?;
        for wrong in &test.wrong {
            for line in Lines(wrong).to_string().lines() {
                writeln!(out, "     {line}")?;
            }
        }
    }
    Ok(())
}
