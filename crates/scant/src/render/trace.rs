//! What runs said about an image, as text and JSON.

use std::collections::BTreeMap;
use std::io::{self, Write};

use scant_core::rules::trace::{Entry, Proposal, Refusal, Told, Whole};
use scant_core::words::{OneLine, Place, TreePath};
use serde_json::{Value, json};

use super::size::Count;
use crate::commands::trace::Report;

/// Prints what was found, in groups.
pub(crate) fn summary(out: &mut impl Write, report: &Report<'_>, verbose: bool) -> io::Result<()> {
    for record in report.recorded {
        let (files, name) = (Count(record.uses.len(), "use"), OneLine(&record.name));
        let ended = record.ended.as_ref().map_or(String::new(), |text| format!(", {text}"));
        writeln!(
            out,
            "run `{name}`: {files} of files in {} requests{ended}",
            record.counts.accesses
        )?;
        if record.counts.lost > 0 {
            writeln!(out, "warning: {} requests more than are kept", record.counts.lost)?;
        }
        if record.left.count() > 0 {
            let left = &record.left;
            let (unreadable, cut) = (left.unreadable, left.cut);
            writeln!(
                out,
                "warning: not used of the log: {unreadable} unreadable lines, {cut} cut names, {} \
                 relative names whose directory is not known",
                left.unplaced
            )?;
            for (number, line) in &left.first {
                writeln!(out, "    line {number}: {}", OneLine(line))?;
            }
            if left.cut > 0 {
                writeln!(out, "    `strace -s 4096` cuts no name")?;
            }
            if left.unplaced > 0 {
                writeln!(
                    out,
                    "    `--cwd DIR` says where the program started; `strace -y` tells all"
                )?;
            }
        }
    }
    let answer = report.answer;
    let is_failed = report.recorded.iter().any(|record| !record.is_well());
    let heading = match (report.is_written, is_failed) {
        (true, false) => "added",
        (true, true) => "added, from runs that failed",
        (false, _) => "missing, and an input has it",
    };
    group(out, heading, answer.proposals.iter().map(|p| (entry(&p.entry), &*p.reason)))?;
    if verbose {
        let nowhere = answer.nowhere.iter().map(told);
        group(out, "missing, and no input has it", nowhere)?;
    } else if !answer.nowhere.is_empty() {
        let count = Count(answer.nowhere.len(), "name");
        writeln!(out, "missing, and no input has it: {count} (--verbose lists them)")?;
    }
    let withheld = answer.withheld.iter().filter(|(_, why)| verbose || why.is_worth_telling());
    let withheld = withheld.map(|(told, why)| (format!("{}: {why}", told.path), &*told.reason));
    group(out, "missing, and never proposed", withheld)?;
    group(out, "written to", answer.written.iter().map(told))?;
    if !answer.written.is_empty() {
        writeln!(
            out,
            "    what is written there is gone with the container: `image: volumes` keeps it"
        )?;
    }
    if !answer.offers.is_empty() {
        writeln!(out, "whole directories that may be meant, under `data`:")?;
        for Whole { input, path } in &answer.offers {
            writeln!(out, "    # - {input}{path}")?;
        }
    }
    for account in report.recorded.iter().flat_map(|record| &record.unknown) {
        writeln!(out, "{account}: `accounts` declares it")?;
    }
    if answer.proposals.is_empty() {
        match report.failed.is_empty() {
            true => writeln!(out, "nothing that a run needs and an input has is missing")?,
            false => writeln!(out, "nothing that a run asked for and an input has is missing")?,
        }
    }
    Ok(())
}

/// Prints which runs failed, and what could not be done with a program.
pub(crate) fn failures(out: &mut impl Write, report: &Report<'_>) -> io::Result<()> {
    for (name, how) in &report.failed {
        let of_now = report.recorded.iter().find(|record| record.name == *name);
        let (ended, undone) = match of_now {
            Some(record) => (record.failed.as_deref(), &record.undone[..]),
            None => (Some(&**how), &[][..]),
        };
        let ended = ended.map_or(String::new(), |text| format!(": {}", OneLine(text)));
        writeln!(out, "run `{}` failed{ended}", OneLine(name))?;
        for line in undone.iter().flat_map(|text| text.lines()) {
            writeln!(out, "    {}", OneLine(line))?;
        }
    }
    Ok(())
}

fn group<'r>(
    out: &mut impl Write,
    heading: &str,
    lines: impl Iterator<Item = (String, &'r str)>,
) -> io::Result<()> {
    for (number, (what, reason)) in lines.enumerate() {
        if number == 0 {
            writeln!(out, "{heading}:")?;
        }
        writeln!(out, "    {}", OneLine(what))?;
        writeln!(out, "        {}", OneLine(reason))?;
    }
    Ok(())
}

fn told(told: &Told) -> (String, &str) {
    (told.path.to_string(), &told.reason)
}

fn entry(entry: &Entry) -> String {
    match entry {
        Entry::Binary { input, path } => format!("binaries: {input}{path}"),
        Entry::Data { input, path } => format!("data: {input}{path}"),
        Entry::Directory { path, mode } => {
            format!("directories: {path}{}", mode.map_or(String::new(), |mode| format!(", {mode}")))
        }
        Entry::Library { program, name, .. } => format!("libraries of {program}: {name}"),
        Entry::Accept { id } => format!("suggestions: accept {id}"),
    }
}

/// Prints the declared files that no run touched, by the lines that declare them.
pub(crate) fn unused(
    out: &mut impl Write,
    manifest: &str,
    unused: &BTreeMap<Place, Vec<TreePath>>,
) -> io::Result<()> {
    for (place, paths) in unused {
        let (section, line) = (place.section, place.line);
        writeln!(
            out,
            "{manifest}:{line}: `{section}`: {} not touched",
            Count(paths.len(), "file")
        )?;
        for path in paths {
            writeln!(out, "    {path}")?;
        }
    }
    Ok(())
}

/// Prints one object.
pub(crate) fn json(out: &mut impl Write, report: &Report<'_>) -> io::Result<()> {
    let answer = report.answer;
    let told = |told: &Told| json!({"path": told.path, "reason": told.reason});
    let withheld = |(told, why): &(Told, Refusal)| json!({"path": told.path, "reason": told.reason, "refused": why.to_string()});
    let whole = |whole: &Whole| Value::from(format!("{}{}", whole.input, whole.path));
    let unused = report.unused.as_ref().map(|unused| {
        let line = |(place, paths): (&Place, &Vec<TreePath>)| {
            json!({"section": place.section, "line": place.line, "paths": paths})
        };
        unused.iter().map(line).collect::<Vec<_>>()
    });
    let recorded = |record: &crate::commands::trace::Recorded| {
        json!({
            "name": record.name,
            "command": record.command,
            "ended": record.ended,
            "failed": record.failed,
            "undone": record.undone,
            "unknownAccounts": record.unknown.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "requests": record.counts.accesses,
            "searches": record.counts.searches,
            "lost": record.counts.lost,
            "unreadable": record.left.unreadable,
            "cut": record.left.cut,
            "unplaced": record.left.unplaced,
        })
    };
    let document = json!({
        "manifest": report.manifest,
        "traceFile": report.trace_file,
        "recorded": report.recorded.iter().map(recorded).collect::<Vec<_>>(),
        "runs": report.runs,
        "proposals": answer.proposals.iter().map(proposal).collect::<Vec<_>>(),
        "missing": answer.nowhere.iter().map(told).collect::<Vec<_>>(),
        "withheld": answer.withheld.iter().map(withheld).collect::<Vec<_>>(),
        "written": answer.written.iter().map(told).collect::<Vec<_>>(),
        "offers": answer.offers.iter().map(whole).collect::<Vec<_>>(),
        "unused": unused,
        "patch": report.patch,
        "applied": report.is_written,
    });
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

fn proposal(proposal: &Proposal) -> Value {
    let mut value = match &proposal.entry {
        Entry::Binary { input, path } => {
            json!({"section": "binaries", "from": format!("{input}{path}")})
        }
        Entry::Data { input, path } => json!({"section": "data", "from": format!("{input}{path}")}),
        Entry::Directory { path, mode } => {
            json!({"section": "directories", "path": path, "mode": mode.map(|mode| mode.to_string())})
        }
        Entry::Accept { id } => json!({"section": "suggestions", "accept": id}),
        Entry::Library { program, line, name } => {
            json!({"section": "libraries", "program": program, "line": line, "name": name})
        }
    };
    value["reason"] = Value::from(&*proposal.reason);
    value
}
