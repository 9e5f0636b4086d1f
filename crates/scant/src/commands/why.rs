//! `scant why`: the chain of reasons for a path of an image, back to a line of the manifest.

use std::collections::BTreeSet;
use std::io::{self, Write};

use scant_core::formats::provenance::{Document, Entry, Kind};
use scant_core::plan::{self, Plan, Step};
use scant_core::words::{Escaped, InputName, OneLine, TreePath};
use serde_json::json;

use crate::args::Why;
use crate::exit::{Done, Failure, Outcome};
use crate::project::{Planned, Project, views};
use crate::render::size::Size;
use crate::sources::Sources;
use crate::subject::{self, Subject};
use crate::surroundings::Surroundings;

/// Runs the command.
pub(crate) fn run(args: &Why, surroundings: &Surroundings) -> Outcome {
    let path = path(&args.path)?;
    let answers = match Subject::parse(&args.subject)? {
        Subject::Manifest(manifest) => {
            let project = Project::read(
                Some(&manifest),
                Sources::new(&args.inputs, &args.registry, surroundings),
                surroundings,
            )?;
            of_manifest(args, &project, &path)?
        }
        Subject::Image(image) => {
            let documents =
                subject::documents(&image, args.platform, &args.registry, surroundings)?;
            of_image(args, documents)?
        }
    };
    // Of several platforms the first that has the path answers; else the first says what is not.
    let ways: Vec<_> = answers.iter().map(|answer| Way::to(&path, &answer.document)).collect();
    let chosen = ways.iter().position(|way| way.end.is_some()).unwrap_or(0);
    let (answer, way) = (&answers[chosen], &ways[chosen]);
    if args.json {
        print_json(answer, way)?;
    } else if way.end.is_some() {
        if answers.len() > 1 {
            writeln!(io::stdout(), "{}:", answer.document.platform)?;
        }
        explain(args, &answer.document, way)?;
    } else {
        explain_absence(way, &answer.elsewhere)?;
    }
    let is_there = way.end.is_some();
    if is_there && args.not {
        writeln!(io::stderr(), "{path} is in the image")?;
    }
    Ok(if is_there == args.not { Done::No } else { Done::Yes })
}

/// What is known for one platform.
struct Answer {
    document: Document,
    /// The files of declared inputs that the path would be.
    elsewhere: Vec<String>,
}

/// A path as people write it: the slash at the start may be left out.
fn path(text: &str) -> Result<TreePath, Failure> {
    let text = if text.starts_with('/') { text.to_string() } else { format!("/{text}") };
    let path = TreePath::parse(text.as_bytes()).map_err(Failure::usage)?;
    if path.is_root() {
        return Err(Failure::usage("`/` is the root of every image")
            .hint("`scant plan` and `scant ls` say why each path below it is there"));
    }
    Ok(path)
}

fn of_image(args: &Why, documents: Vec<Document>) -> Result<Vec<Answer>, Failure> {
    if documents.is_empty() {
        let text = format!("`{}` does not say where its files come from", args.subject);
        return Err(Failure::input(text)
            .hint("layouts and archives that scant built do; for others, ask about the manifest"));
    }
    let answer = |document| Answer { document, elsewhere: Vec::new() };
    Ok(documents.into_iter().map(answer).collect())
}

/// The documents of the manifest's plans, and the inputs that have the path.
fn of_manifest(args: &Why, project: &Project, path: &TreePath) -> Result<Vec<Answer>, Failure> {
    let plans = project.plan()?;
    let is_wanted = |platform| args.platform.is_none_or(|wanted| wanted == platform);
    let answers: Vec<_> = plans
        .iter()
        .filter(|planned| is_wanted(planned.plan.platform))
        .map(|planned| {
            let Plan { tree, platform, .. } = &planned.plan;
            let layers = plan::split(tree, &project.manifest);
            let document = plan::document(tree, *platform, &layers);
            Answer { document, elsewhere: elsewhere(project, planned, path) }
        })
        .collect();
    if answers.is_empty() {
        let platforms: Vec<_> = plans.iter().map(|p| p.plan.platform.to_string()).collect();
        return Err(Failure::usage("the manifest is not for that platform")
            .hint(format_args!("it is for {}", platforms.join(", "))));
    }
    Ok(answers)
}

/// What declared inputs have at the path. The files beside the manifest and those that scant makes
/// are no place to declare from.
fn elsewhere(project: &Project, planned: &Planned, path: &TreePath) -> Vec<String> {
    let declared = |name: &InputName| project.manifest.inputs.iter().any(|i| i.name == *name);
    let mut elsewhere = Vec::new();
    for (name, view) in views(&planned.inputs).into_iter().filter(|(name, _)| declared(name)) {
        if let Ok(found) = view.resolve(path.as_bytes()) {
            let wanted = BTreeSet::from([found.path.clone()]);
            let package = view.input().packages(&wanted).remove(&found.path);
            let package = package.map_or(String::new(), |package| format!(" (package {package})"));
            elsewhere.push(format!("{name}{}{package}", found.path));
        }
    }
    elsewhere
}

/// A path followed through the links of the image.
struct Way<'d> {
    /// The path as it was asked for.
    asked: TreePath,
    /// The links on the way.
    links: Vec<&'d Entry>,
    /// What it leads to.
    end: Option<&'d Entry>,
    /// The nearest directory of the image above it, when it leads nowhere.
    nearest: TreePath,
}

impl<'d> Way<'d> {
    fn to(path: &TreePath, document: &'d Document) -> Self {
        let mut way =
            Self { asked: path.clone(), links: Vec::new(), end: None, nearest: TreePath::root() };
        let mut pending: Vec<Vec<u8>> = path.components().map(<[u8]>::to_vec).collect();
        pending.reverse();
        let mut current = TreePath::root();
        while let Some(name) = pending.pop() {
            if name == b".." || name == b"." {
                current = current.parent().filter(|_| name == b"..").unwrap_or(current);
                continue;
            }
            current = current.join(&name);
            let Some(entry) = document.get(&current) else { return way };
            match &entry.kind {
                // What was asked for may be the link itself: then its own reasons are told too.
                Kind::Symlink { target } if way.links.len() < 40 => {
                    way.links.push(entry);
                    let target = Escaped::parse(target).unwrap_or_default();
                    current = match target.starts_with(b"/") {
                        true => TreePath::root(),
                        false => current.parent().unwrap_or_else(TreePath::root),
                    };
                    let names = target.rsplit(|&b| b == b'/').filter(|name| !name.is_empty());
                    pending.extend(names.map(<[u8]>::to_vec));
                }
                Kind::Symlink { .. } => return way,
                Kind::Directory => way.nearest = current.clone(),
                Kind::File { .. } | Kind::HardLink { .. } if !pending.is_empty() => return way,
                Kind::File { .. } | Kind::HardLink { .. } => {}
            }
        }
        way.end = document.get(&current);
        way
    }

    /// Whether an entry is what was asked for, or what that leads to.
    fn is_about(&self, entry: &Entry) -> bool {
        entry.path == self.asked || self.end.is_some_and(|end| end.path == entry.path)
    }

    /// The entries to tell about: links first, then what they lead to.
    fn entries(&self) -> impl Iterator<Item = &'d Entry> {
        let links = self.links.iter().copied();
        links.chain(self.end.filter(|end| self.links.iter().all(|link| link.path != end.path)))
    }
}

/// The chain of reasons from an entry to the manifest.
fn chain(document: &Document, entry: &Entry) -> Vec<Step> {
    let reasons =
        |path: &TreePath| document.get(path).map(|e| e.reasons.clone()).unwrap_or_default();
    plan::chain(&entry.path, reasons)
}

/// One object, whether the path is there or not.
fn print_json(answer: &Answer, way: &Way<'_>) -> io::Result<()> {
    let Answer { document, elsewhere } = answer;
    let step = |step: &Step| json!({"path": step.path, "reason": step.why});
    let node = |entry: &Entry| {
        let chain: Vec<_> = chain(document, entry).iter().map(step).collect();
        json!({"node": entry, "chain": chain})
    };
    let is_there = way.end.is_some();
    let answer = json!({
        "path": way.asked,
        "platform": document.platform,
        "present": is_there,
        "nodes": way.entries().map(node).collect::<Vec<_>>(),
        "nearest": (!is_there).then_some(&way.nearest),
        "elsewhere": if is_there { &[][..] } else { elsewhere },
    });
    let mut out = io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, &answer)?;
    writeln!(out)
}

fn explain(args: &Why, document: &Document, way: &Way<'_>) -> io::Result<()> {
    let mut out = io::stdout().lock();
    for entry in way.entries() {
        writeln!(out, "{}", headline(entry))?;
        // Links on the way are named; the chain is that of what was asked about.
        if !way.is_about(entry) {
            continue;
        }
        if args.all {
            for why in &entry.reasons {
                writeln!(out, "    {why}")?;
            }
            continue;
        }
        for (number, step) in chain(document, entry).iter().enumerate() {
            if number > 0 {
                let node = document.get(&step.path);
                let shown = node.map_or_else(|| step.path.to_string(), headline);
                writeln!(out, "{}{shown}", "  ".repeat(number))?;
            }
            writeln!(out, "{}    {}", "  ".repeat(number), step.why)?;
        }
    }
    Ok(())
}

/// A node in one line: what it is and where it was taken from.
fn headline(entry: &Entry) -> String {
    let what = match &entry.kind {
        Kind::Directory => "directory".to_string(),
        Kind::File { size } => format!("file, {}", Size(*size)),
        Kind::Symlink { target } => format!("link to {target}"),
        Kind::HardLink { target } => format!("another name of {target}"),
    };
    let source = entry.source.as_ref().map_or(String::new(), |source| {
        let package = source.package.as_ref();
        let package = package.map_or(String::new(), |package| format!(", package {package}"));
        format!(", from {}{}{package}", source.input, source.path)
    });
    let layer = entry.layer.as_ref().map_or(String::new(), |layer| format!(", layer {layer}"));
    // The document may be of an image that nobody vouches for.
    OneLine(format_args!("{} ({what}{source}{layer})", entry.path)).to_string()
}

fn explain_absence(way: &Way<'_>, elsewhere: &[String]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let path = &way.asked;
    writeln!(out, "{path} is not in the image: nothing declares it, and nothing in it needs it")?;
    for link in &way.links {
        let Kind::Symlink { target } = &link.kind else { continue };
        writeln!(out, "    {} is a link to {}", link.path, OneLine(target))?;
    }
    writeln!(out, "    the nearest directory that is there is {}", way.nearest)?;
    for place in elsewhere {
        writeln!(out, "    {} could be declared", OneLine(place))?;
    }
    Ok(())
}
