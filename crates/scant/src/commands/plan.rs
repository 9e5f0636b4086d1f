//! `scant plan`: the tree that would be built, with a reason for each path. Writes nothing.

use std::io::{self, BufWriter, Write};

use scant_core::plan::{self, Depth};
use scant_core::words::Tree;

use crate::args::{Plan, RegistryArgs};
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

/// Runs the command.
pub(crate) fn run(args: &Plan, surroundings: &Surroundings) -> Outcome {
    let project = Project::read(
        args.manifest.as_deref(),
        Sources::new(&args.inputs, &RegistryArgs::default(), surroundings),
        surroundings,
    )?;
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
    let document = |(Planned { plan, .. }, layers): (&Planned, &Vec<_>)| {
        plan::document(&plan.tree, plan.platform, layers)
    };
    let documents: Vec<_> = plans.iter().zip(&layers).map(document).collect();
    if args.json {
        serde_json::to_writer_pretty(&mut out, &documents)?;
        writeln!(out)?;
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

/// How much is in a tree.
fn summary(tree: &Tree) -> String {
    let (paths, content) = (Count(tree.len(), "path"), Size(tree.content_size()));
    format!("{paths}, {content} of files")
}
