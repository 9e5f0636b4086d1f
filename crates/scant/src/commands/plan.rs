//! `scant plan`: the tree that would be built, with a reason for each path. Writes nothing.

use std::io::{self, BufWriter, Write};

use scant_core::plan;

use crate::args::Plan;
use crate::exit::{Done, Outcome};
use crate::project::{Planned, Project};
use crate::render::nodes::{self, Line};
use crate::render::{
    findings,
    size::{Count, Size},
};
use crate::surroundings::Surroundings;

/// Runs the command.
pub(crate) fn run(args: &Plan, surroundings: &Surroundings) -> Outcome {
    let project = Project::read(args.manifest.as_deref(), surroundings)?;
    let plans = project.plan()?;
    for planned in &plans {
        findings::print(&project.name, &planned.plan.findings);
    }
    print(args, &project, &plans)?;
    Ok(Done::Yes)
}

fn print(args: &Plan, project: &Project, plans: &[Planned]) -> io::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    let documents: Vec<_> = plans
        .iter()
        .map(|Planned { plan, .. }| {
            let layers = plan::split(&plan.tree, &project.manifest);
            plan::document(&plan.tree, plan.platform, &layers)
        })
        .collect();
    if args.json {
        serde_json::to_writer_pretty(&mut out, &documents)?;
        writeln!(out)?;
        return out.flush();
    }
    for (document, planned) in documents.iter().zip(plans) {
        let tree = &planned.plan.tree;
        if plans.len() > 1 {
            writeln!(out, "{}:", document.platform)?;
        }
        let lines: Vec<_> = document.nodes.iter().map(Line::of_entry).collect();
        nodes::print(&mut out, &lines)?;
        out.flush()?;
        let (paths, content) = (Count(tree.len(), "path"), Size(tree.content_size()));
        writeln!(io::stderr(), "{}: {paths}, {content} of files", document.platform)?;
    }
    out.flush()
}
