//! `scant why`: the chain of reasons for a path of an image, back to a line of the manifest.

mod absence;
mod way;

use std::io::{self, Write};

use scant_core::formats::image_reference::ImageArgument;
use scant_core::formats::provenance::{Document, Entry, Kind};
use scant_core::plan::{self, Step, Suggestion};
use scant_core::words::{OneLine, PackageIdentity, Source, TreePath, Why as Reason};
use serde_json::json;

use self::absence::Absence;
use self::way::Way;
use crate::args::Why;
use crate::exit::{Done, Failure, Outcome};
use crate::project::{Planned, Project};
use crate::render::size::Size;
use crate::render::suggestions;
use crate::sources::Sources;
use crate::subject::{self, Subject};
use crate::surroundings::Surroundings;

/// As many of the paths below a directory are named.
const SHOWN_BELOW: usize = 3;

/// Runs the command.
pub(crate) fn run(args: &Why, surroundings: &Surroundings) -> Outcome {
    let path = path(&args.path)?;
    let subject = match Subject::parse(&args.subject)? {
        Subject::Manifest(manifest) => {
            let sources = Sources::new(&args.inputs, &args.registry, surroundings);
            let project = Project::read(Some(&manifest), sources, surroundings)?;
            project.print_notes();
            Of::Manifest(Box::new(project.only(args.of.platform)))
        }
        Subject::Image(image) => Of::Image(image),
    };
    let documents = match &subject {
        Of::Manifest(project) => of_manifest(project)?,
        Of::Image(image) => {
            let platform = args.of.platform;
            let documents = subject::documents(image, platform, &args.registry, surroundings)?;
            of_image(args, documents)?
        }
    };
    // Of several platforms the first that has the path answers; else the first says what is not.
    let ways: Vec<_> = documents.iter().map(|document| Way::to(&path, document)).collect();
    let chosen = ways.iter().position(|way| way.end.is_some()).unwrap_or(0);
    let (document, way) = (&documents[chosen], &ways[chosen]);
    let is_there = way.end.is_some();
    let absence = match &subject {
        Of::Manifest(project) if !is_there => absence(project, chosen, way)?,
        _ => Absence::default(),
    };
    if args.json {
        print_json(document, &absence, way)?;
    } else if is_there {
        if documents.len() > 1 {
            writeln!(io::stdout(), "{}:", document.platform)?;
        }
        explain(args, document, way)?;
    } else {
        explain_absence(way, &absence)?;
    }
    if is_there && args.not {
        writeln!(io::stderr(), "{path} is in the image")?;
    }
    Ok(if is_there == args.not { Done::No } else { Done::Yes })
}

/// What is asked about.
enum Of {
    Manifest(Box<Project>),
    Image(ImageArgument),
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

fn of_image(args: &Why, documents: Vec<Document>) -> Result<Vec<Document>, Failure> {
    if documents.is_empty() {
        let text = format!("`{}` does not say where its files come from", args.subject);
        return Err(Failure::input(text)
            .hint("layouts and archives that scant built do; for others, ask about the manifest"));
    }
    Ok(documents)
}

/// The documents of the manifest's plans.
fn of_manifest(project: &Project) -> Result<Vec<Document>, Failure> {
    let document =
        |planned: &Planned| planned.document(&plan::split(&planned.plan.tree, &project.manifest));
    Ok(project.plan()?.iter().map(document).collect())
}

/// What would bring a path that the plan of this number does not have.
fn absence(project: &Project, number: usize, way: &Way<'_>) -> Result<Absence, Failure> {
    let plans = absence::plans(project)?;
    let planned = plans.get(number);
    let absence = |planned| Absence::new(project, planned, &way.asked, &way.place);
    Ok(planned.map(absence).unwrap_or_default())
}

/// The chain of reasons from an entry to the manifest.
fn chain(document: &Document, entry: &Entry) -> Vec<Step> {
    let reasons =
        |path: &TreePath| document.get(path).map(|e| e.reasons.clone()).unwrap_or_default();
    plan::chain(&entry.path, reasons)
}

/// One object, whether the path is there or not.
fn print_json(document: &Document, absence: &Absence, way: &Way<'_>) -> io::Result<()> {
    let step = |step: &Step| json!({"path": step.path, "reason": step.why});
    let node = |entry: &Entry| {
        let chain: Vec<_> = chain(document, entry).iter().map(step).collect();
        let package = entry.source.as_ref().and_then(|source| document.package(source));
        match entry.kind {
            Kind::Directory => {
                let parent_of = Below::of(document, &entry.path).count;
                json!({"node": entry, "package": package, "chain": chain, "parent_of": parent_of})
            }
            _ => json!({"node": entry, "package": package, "chain": chain}),
        }
    };
    let suggestion = |one: &Suggestion| {
        json!({
            "id": one.id,
            "level": one.level.to_string(),
            "because": one.because,
            "of": one.of,
        })
    };
    let is_there = way.end.is_some();
    let answer = json!({
        "path": way.asked,
        "platform": document.platform,
        "present": is_there,
        "nodes": way.entries().map(node).collect::<Vec<_>>(),
        "nearest": (!is_there).then_some(&way.nearest),
        "place": (!is_there).then_some(&way.place),
        "elsewhere": absence.elsewhere.iter().map(|one| &one.name).collect::<Vec<_>>(),
        "suggestions": absence.suggestions.iter().map(suggestion).collect::<Vec<_>>(),
    });
    let mut out = io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, &answer)?;
    writeln!(out)
}

fn explain(args: &Why, document: &Document, way: &Way<'_>) -> io::Result<()> {
    let mut out = io::stdout().lock();
    for entry in way.entries() {
        writeln!(out, "{}", headline(document, entry))?;
        let source = entry.source.as_ref().filter(|_| way.is_about(entry));
        if let Some((name, origin)) =
            source.and_then(|source| document.inputs.get_key_value(&source.input))
        {
            writeln!(out, "    {}", OneLine(format_args!("{name} ({origin})")))?;
        }
        if let Some(line) = source.and_then(|source| about_package(document, source)) {
            writeln!(out, "    {}", OneLine(line))?;
        }
        // Links on the way are named; the chain is that of what was asked about.
        if !way.is_about(entry) {
            continue;
        }
        if args.all {
            for reason in all_reasons(document, entry) {
                writeln!(out, "    {reason}")?;
            }
            continue;
        }
        for (number, step) in chain(document, entry).iter().enumerate() {
            if number > 0 {
                let node = document.get(&step.path);
                let shown =
                    node.map_or_else(|| step.path.to_string(), |node| headline(document, node));
                writeln!(out, "{}{shown}", "  ".repeat(number))?;
            }
            writeln!(out, "{}    {}", "  ".repeat(number), step.why)?;
        }
    }
    Ok(())
}

/// Every reason of a path: what the manifest says of it first; of a directory last what lies below.
fn all_reasons(document: &Document, entry: &Entry) -> Vec<String> {
    let mut reasons: Vec<&Reason> = entry.reasons.iter().collect();
    reasons.sort_by_key(|why| !matches!(why, Reason::Declared { .. } | Reason::Accepted { .. }));
    if entry.kind != Kind::Directory {
        return reasons.into_iter().map(ToString::to_string).collect();
    }
    // It is kept for one path that lies in it, and would be for each.
    reasons.retain(|why| !matches!(why, Reason::Parent { .. }));
    let below = Below::of(document, &entry.path);
    reasons.into_iter().map(ToString::to_string).chain(below.to_text()).collect()
}

/// The paths below a directory, without directories that are only there for these.
struct Below<'d> {
    count: usize,
    first: Vec<&'d TreePath>,
}

impl<'d> Below<'d> {
    fn of(document: &'d Document, directory: &TreePath) -> Self {
        let is_implied =
            |entry: &&Entry| entry.reasons.iter().all(|why| matches!(why, Reason::Parent { .. }));
        let start = document.nodes.partition_point(|entry| entry.path <= *directory);
        let below = document.nodes[start..]
            .iter()
            .take_while(|entry| entry.path.below(directory).is_some())
            .filter(|entry| !is_implied(entry))
            .map(|entry| &entry.path);
        Self { count: below.clone().count(), first: below.take(SHOWN_BELOW).collect() }
    }

    fn to_text(&self) -> Option<String> {
        let names: Vec<_> = self.first.iter().map(ToString::to_string).collect();
        let names = names.join(", ");
        match (self.count, self.count - self.first.len()) {
            (0, _) => None,
            (1, _) => Some(format!("parent directory of {names}")),
            (count, 0) => Some(format!("parent directory of {count} paths: {names}")),
            (count, more) => {
                Some(format!("parent directory of {count} paths: {names} and {more} more"))
            }
        }
    }
}

/// A node in one line: what it is and where it was taken from.
fn headline(document: &Document, entry: &Entry) -> String {
    let what = match &entry.kind {
        Kind::Directory => "directory".to_string(),
        Kind::File { size } => format!("file, {}", Size(*size)),
        Kind::Symlink { target } => format!("link to {target}"),
        Kind::HardLink { target } => format!("another name of {target}"),
    };
    let source = entry.source.as_ref().map_or(String::new(), |source| {
        let name = source.package.as_ref();
        let package = match document.package(source) {
            Some(package) => format!(", package {}", package.identity),
            None => name.map_or(String::new(), |package| format!(", package {package}")),
        };
        format!(", from {}{}{package}", source.input, source.path)
    });
    let layer = entry.layer.as_ref().map_or(String::new(), |layer| format!(", layer {layer}"));
    // The document may be of an image that nobody vouches for.
    OneLine(format_args!("{} ({what}{source}{layer})", entry.path)).to_string()
}

/// What the package of a source is called everywhere, and under which terms it may be used.
fn about_package(document: &Document, source: &Source) -> Option<String> {
    let package = document.package(source)?;
    let PackageIdentity { purl, license, .. } = &package.identity;
    let license = match (&license[..], package.license_files.first()) {
        ("", None) => String::new(),
        ("", Some(file)) => format!(", licence in {}{file}", source.input),
        (license, _) => format!(", licence {license}"),
    };
    Some(format!("{purl}{license}"))
}

fn explain_absence(way: &Way<'_>, absence: &Absence) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let path = &way.asked;
    writeln!(out, "{path} is not in the image: nothing declares it, and nothing in it needs it")?;
    for link in &way.links {
        let Kind::Symlink { target } = &link.kind else { continue };
        writeln!(out, "    {} is a link to {}", link.path, OneLine(target))?;
    }
    if way.place != *path {
        writeln!(out, "    so it would be {}", way.place)?;
    }
    writeln!(out, "    the nearest directory that is there is {}", way.nearest)?;
    for Suggestion { id, level, because, of, .. } in &absence.suggestions {
        let (id, because) = (OneLine(id), OneLine(because));
        writeln!(out, "    the suggestion {id} ({level}) for {of} brings it: {because}")?;
    }
    for place in &absence.elsewhere {
        writeln!(out, "    {}", OneLine(place))?;
    }
    if !absence.suggestions.is_empty() {
        writeln!(out, "to accept a suggestion, add it to the manifest:")?;
        for line in suggestions::lines(&absence.suggestions) {
            writeln!(out, "    {line}")?;
        }
    }
    Ok(())
}
