//! The recorded runs: listed and forgotten.

use std::io::{self, Write as _};
use std::path::Path;

use scant_core::formats::trace_file::{Run, TraceFile};
use scant_core::words::OneLine;
use serde_json::json;

use super::files;
use crate::args::Trace;
use crate::exit::{Done, Failure, Outcome};

/// Does what was asked for.
pub(super) fn list_or_forget(args: &Trace, file: Option<&Path>, mut trace: TraceFile) -> Outcome {
    if args.list_runs {
        list(args, &trace)?;
        return Ok(Done::Yes);
    }
    let known: Vec<String> = trace.runs.keys().map(|name| format!("  {name}")).collect();
    let is_unknown = |name: &&String| !trace.runs.contains_key(*name);
    let unknown: Vec<&str> = args.forget.iter().filter(is_unknown).map(String::as_str).collect();
    if !unknown.is_empty() {
        let text = format!("no run is recorded as `{}`", unknown.join("`, `"));
        let failure = Failure::usage(text);
        return Err(match known.is_empty() {
            true => failure,
            false => failure.hint(format_args!("recorded are:\n{}", known.join("\n"))),
        });
    }
    trace.runs.retain(|name, _| !args.forget.contains(name));
    files::write(file, &trace)?;
    Ok(Done::Yes)
}

fn list(args: &Trace, trace: &TraceFile) -> io::Result<()> {
    let mut out = io::stdout().lock();
    if args.json {
        let run = |(name, run): (&String, &Run)| {
            let Run { command, failed, uses } = run;
            json!({"name": name, "command": command, "failed": failed, "uses": uses.len()})
        };
        let runs: Vec<_> = trace.runs.iter().map(run).collect();
        serde_json::to_writer_pretty(&mut out, &runs)?;
        return writeln!(out);
    }
    for (name, run) in &trace.runs {
        let failed = run.failed.as_ref();
        let failed = failed.map_or(String::new(), |how| format!(", failed: {}", OneLine(how)));
        writeln!(out, "{}: {} uses{failed}", OneLine(name), run.uses.len())?;
        writeln!(out, "    {}", OneLine(run.command.join(" ")))?;
    }
    out.flush()
}
