//! `scant plan`: the tree that would be built, with a reason for each path. Writes nothing.

mod summary;

use std::io::{self, BufWriter, Write};

use scant_core::plan::{self, Depth};
use scant_core::words::Tree;
use serde::Serialize;
use serde_json::Value;

use crate::args::Plan;
use crate::exit::{Done, Outcome};
use crate::project::{Planned, Project};
use crate::render::nodes::{self, Line};
use crate::render::{
    findings,
    size::{Count, Size},
    suggestions,
};
use crate::sources::Sources;
use crate::surroundings::Surroundings;

use summary::Summary;

/// Runs the command.
pub(crate) fn run(args: &Plan, surroundings: &Surroundings) -> Outcome {
    let project = Project::read(
        args.manifest.as_deref(),
        Sources::new(&args.inputs, &args.registry, surroundings),
        surroundings,
    )?
    .only(args.of.platform);
    project.print_notes();
    let plans = project.plan_to(Depth::Texts, None)?;
    for planned in &plans {
        findings::print(&project.name, &planned.plan.findings);
    }
    print(args, &project, &plans)?;
    plans.iter().for_each(|planned| suggestions::print(&planned.plan.suggestions));
    Ok(Done::Yes)
}

fn print(args: &Plan, project: &Project, plans: &[Planned]) -> io::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    let layers = plans.iter().map(|planned| plan::split(&planned.plan.tree, &project.manifest));
    let layers: Vec<_> = layers.collect();
    let document = |(planned, layers): (&Planned, &Vec<_>)| planned.document(layers);
    let documents: Vec<_> = plans.iter().zip(&layers).map(document).collect();
    let summaries = documents.iter().zip(&layers).map(|(of, layers)| Summary::new(of, layers));
    let summaries: Option<Vec<_>> = args.summary.then(|| summaries.collect());
    if args.json {
        match &summaries {
            Some(summaries) => write_json(&mut out, summaries, plans)?,
            None => write_json(&mut out, &documents, plans)?,
        }
        writeln!(out)?;
        return out.flush();
    }
    if let Some(summaries) = summaries {
        summaries.iter().try_for_each(|summary| summary.print(&mut out))?;
        return out.flush();
    }
    for ((document, planned), layers) in documents.iter().zip(plans).zip(&layers) {
        if plans.len() > 1 {
            writeln!(out, "{}:", document.platform)?;
        }
        let lines: Vec<_> = document.nodes.iter().map(Line::of_entry).collect();
        nodes::print(&mut out, &lines)?;
        out.flush()?;
        writeln!(io::stderr(), "{}: {}", document.platform, summary(&planned.plan.tree))?;
        for layer in layers.iter().filter(|_| layers.len() > 1) {
            writeln!(io::stderr(), "    layer {}: {}", layer.name, summary(&layer.tree))?;
        }
    }
    out.flush()
}

/// A description of a plan, with what is suggested for it.
#[derive(Serialize)]
struct Suggesting<'a, T> {
    #[serde(flatten)]
    of: &'a T,
    suggestions: Value,
}

fn write_json<T: Serialize>(out: &mut dyn Write, of: &[T], plans: &[Planned]) -> io::Result<()> {
    let both = of.iter().zip(plans).map(|(of, planned)| Suggesting {
        of,
        suggestions: suggestions::json(&planned.plan.suggestions),
    });
    let all: Vec<_> = both.collect();
    Ok(serde_json::to_writer_pretty(out, &all)?)
}

/// How much is in a tree.
fn summary(tree: &Tree) -> String {
    let (paths, content) = (Count(tree.len(), "path"), Size(tree.content_size()));
    format!("{paths}, {content} of files")
}
