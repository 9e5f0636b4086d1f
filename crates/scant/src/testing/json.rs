//! What came of tests, for programs.

use std::io::{self, Write};

use scant_core::rules::structure_test::{End, Ran};
use serde_json::{Value, json};

use super::Tested;

/// Writes all tests as one document.
pub(super) fn write(out: &mut dyn Write, tested: &[Tested]) -> io::Result<()> {
    let failed = tested.iter().filter(|test| !test.is_ok()).count();
    let document = json!({
        "ok": failed == 0,
        "passed": tested.len() - failed,
        "failed": failed,
        "tests": tested.iter().map(test).collect::<Vec<_>>(),
    });
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

fn test(tested: &Tested) -> Value {
    let ran = tested.ran.as_ref();
    let exit_code = ran.and_then(|ran| match ran.end {
        End::Exit(code) => Some(code),
        End::Signal(signal) => Some(128 + signal),
        End::TimeOut(_) => None,
    });
    json!({
        "ok": tested.is_ok(),
        "kind": tested.kind,
        "name": tested.name,
        "file": tested.file,
        "line": tested.line,
        "platform": tested.platform,
        "wrong": tested.wrong,
        "exit_code": exit_code,
        "timed_out": ran.is_some_and(|Ran { end, .. }| matches!(end, End::TimeOut(_))),
        "stdout": ran.map(|ran| &ran.stdout),
        "stderr": ran.map(|ran| &ran.stderr),
        "seconds": tested.time.map(|time| time.as_secs_f64()),
    })
}
