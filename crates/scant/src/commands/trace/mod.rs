//! `scant trace`: what runs asked for, held against the image of the manifest; what it lacks as a
//! patch of the manifest.
//!
//! ```text
//! sources   where accesses come from: logs
//! live      where accesses come from: runs
//! files     the trace file and the manifest, read and written
//! additions what is proposed, as entries of this manifest
//! accepted  what programs that are proposed end without
//! runs      the recorded runs, listed and forgotten
//! ```

mod accepted;
mod additions;
mod files;
mod live;
mod runs;
mod sources;

use std::collections::BTreeMap;
use std::io::{self, Write};

use scant_core::formats::manifest::{self, Edited};
use scant_core::formats::trace_file::TraceFile;
use scant_core::plan::Plan;
use scant_core::rules::trace::{Answer, Question, propose, unused};
use scant_core::words::{Place, TreePath};

use crate::args::Trace;
use crate::exit::{Done, Failure, Outcome};
use crate::project::{Planned, Project, views};
use crate::render::trace as render;
use crate::sources::Sources;
use crate::surroundings::Surroundings;

pub(crate) use sources::Recorded;

/// What is said at the end.
pub(crate) struct Report<'r> {
    pub(crate) manifest: &'r str,
    pub(crate) trace_file: Option<String>,
    pub(crate) recorded: &'r [sources::Recorded],
    /// Runs that failed, and how.
    pub(crate) failed: Vec<(String, String)>,
    pub(crate) runs: Vec<&'r str>,
    pub(crate) answer: &'r Answer,
    pub(crate) patch: Option<String>,
    /// Whether the patch is in the manifest now.
    pub(crate) is_written: bool,
    pub(crate) unused: Option<BTreeMap<Place, Vec<TreePath>>>,
}

/// Runs the command.
pub(crate) fn run(args: &Trace, surroundings: &Surroundings) -> Outcome {
    let mut project = Project::read(
        args.manifest.as_deref(),
        Sources::new(&args.inputs, &args.registry, surroundings).quiet(args.quiet),
        surroundings,
    )?;
    let file = files::trace_file(args, &project, surroundings);
    let mut trace = files::read(file.as_deref())?;
    if args.list_runs || !args.forget.is_empty() {
        return runs::list_or_forget(args, file.as_deref(), trace);
    }
    let mut planned = plan(args, &project)?;
    let (mut added, mut is_stable) = (Vec::new(), true);
    let recorded = if args.import.is_empty() && !args.no_run {
        let rounds = live::rounds(args, project, planned, &trace, surroundings)?;
        (project, planned, added, is_stable) =
            (rounds.project, rounds.planned, rounds.added, rounds.is_stable);
        vec![rounds.recorded]
    } else {
        sources::record(args, &planned.plan)?
    };
    for record in &recorded {
        trace.runs.insert(record.name.clone(), record.to_run());
    }
    if trace.runs.is_empty() {
        return Err(no_runs());
    }
    let mut answer = answer(&project, &planned, &trace);
    tell_of_these(&recorded, &mut answer, &project, &planned, &trace);
    let edited = edit(&project, &answer)?;
    if args.write && edited.is_some() {
        write(&project, edited.as_ref(), surroundings)?;
    }
    if !args.check && !recorded.is_empty() {
        files::write(file.as_deref(), &trace)?;
    }
    let is_clean = answer.proposals.is_empty();
    let is_written = args.write && !is_clean || !added.is_empty() && is_clean;
    if is_clean {
        answer.proposals = added;
    }
    let report = Report {
        manifest: &project.name,
        trace_file: file.map(|file| file.display().to_string()),
        recorded: &recorded,
        failed: failed(&recorded, &trace),
        runs: trace.runs.keys().map(String::as_str).collect(),
        answer: &answer,
        patch: edited.map(|edited| manifest::patch(&project.name, project.text(), &edited)),
        is_written,
        unused: args.unused.then(|| unused(&planned.plan.tree, &trace)),
    };
    print(args, &report)?;
    let is_asked = args.check || args.until_stable;
    let is_undone = recorded.iter().any(|record| !record.undone.is_empty());
    let is_failed = !report.failed.is_empty() && !args.allow_failure;
    let is_bad = is_undone || is_asked && (is_failed || !(is_clean && is_stable));
    Ok(if is_bad { Done::No } else { Done::Yes })
}

/// What is told besides proposals is that of the runs of this time: the others were told before.
fn tell_of_these(
    recorded: &[Recorded],
    answer: &mut Answer,
    project: &Project,
    planned: &Planned,
    trace: &TraceFile,
) {
    if recorded.is_empty() || recorded.len() == trace.runs.len() {
        return;
    }
    let runs = recorded.iter().map(|record| (record.name.clone(), record.to_run())).collect();
    let these = self::answer(project, planned, &TraceFile { runs });
    answer.nowhere = these.nowhere;
    answer.withheld = these.withheld;
    answer.written = these.written;
    answer.offers = these.offers;
}

/// Runs that failed, and how: those of this time, else the recorded ones.
fn failed(recorded: &[Recorded], trace: &TraceFile) -> Vec<(String, String)> {
    let is_of_now = |name: &String| recorded.iter().any(|record| record.name == *name);
    let runs = trace.runs.iter().filter(|(name, _)| recorded.is_empty() || is_of_now(name));
    let failed = runs.filter_map(|(name, run)| Some((name.clone(), run.failed.clone()?)));
    failed.collect()
}

/// The plan for the platform that was asked for, else for the first one.
fn plan(args: &Trace, project: &Project) -> Result<Planned, Failure> {
    let plans = project.plan()?;
    let names: Vec<_> = plans.iter().map(|planned| planned.plan.platform.to_string()).collect();
    let is_wanted =
        |planned: &Planned| args.platform.is_none_or(|wanted| wanted == planned.plan.platform);
    plans.into_iter().find(is_wanted).ok_or_else(|| {
        Failure::usage("the manifest is not for that platform")
            .hint(format_args!("it is for {}", names.join(", ")))
    })
}

fn no_runs() -> Failure {
    Failure::usage("no run is recorded yet")
        .hint("without `--no-run` the image is run; `--import strace:FILE` reads a log")
}

fn answer(project: &Project, planned: &Planned, trace: &TraceFile) -> Answer {
    let views = views(&planned.inputs);
    let declared = project.manifest.inputs.iter();
    let inputs = declared.filter_map(|input| views.get_key_value(&input.name)).collect();
    let Plan { tree, .. } = &planned.plan;
    let mut answer = propose(&Question { tree, inputs }, trace);
    accepted::add_required(project, planned, &mut answer.proposals);
    answer
}

/// The manifest with what is proposed; none if nothing is.
fn edit(project: &Project, answer: &Answer) -> Result<Option<Edited>, Failure> {
    let additions = additions::of(&project.manifest, &answer.proposals);
    if additions.is_empty() {
        return Ok(None);
    }
    let edited = manifest::edit(project.text(), &additions);
    edited.map(Some).map_err(|error| {
        let lines = additions.iter().map(additions::line).collect::<Vec<_>>().join("\n");
        Failure::usage(format_args!("`{}`: {error}", project.name))
            .hint(format_args!("add:\n{lines}"))
    })
}

/// Writes the manifest, when it comes to a plan.
fn write(
    project: &Project,
    edited: Option<&Edited>,
    surroundings: &Surroundings,
) -> Result<(), Failure> {
    let Some(edited) = edited else { return Ok(()) };
    let new = project.with_text(edited.text.clone())?;
    new.plan().map_err(|failure| {
        failure
            .hint(format_args!("`{}` is not changed: these entries would be in it", project.name))
    })?;
    files::replace_manifest(project, &edited.text, surroundings)
}

fn print(args: &Trace, report: &Report<'_>) -> io::Result<()> {
    let mut stderr = io::stderr().lock();
    if !args.quiet {
        render::summary(&mut stderr, report, args.verbose)?;
    }
    render::failures(&mut stderr, report)?;
    let mut out = io::stdout().lock();
    if args.json {
        return render::json(&mut out, report);
    }
    if let Some(patch) = report.patch.as_ref().filter(|_| !report.is_written) {
        write!(out, "{patch}")?;
    }
    if let Some(unused) = &report.unused {
        render::unused(&mut out, report.manifest, unused)?;
    }
    out.flush()
}
