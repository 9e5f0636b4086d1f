//! `scant why`: the chain of reasons for a path of an image, back to a line of the manifest.

use std::collections::BTreeSet;
use std::io::{self, Write};

use scant_core::formats::provenance::{Document, Entry, Kind};
use scant_core::plan::{self, Step};
use scant_core::words::{Escaped, TreePath};
use serde_json::json;

use crate::args::Why;
use crate::exit::{Done, Failure, Outcome};
use crate::project::{Project, views};
use crate::render::size::Size;
use crate::subject::{Contents, Subject};
use crate::surroundings::Surroundings;

/// Runs the command.
pub(crate) fn run(args: &Why, surroundings: &Surroundings) -> Outcome {
    let path = TreePath::parse(args.path.as_bytes()).map_err(Failure::usage)?;
    let (document, elsewhere) = match Subject::parse(&args.subject)? {
        Subject::Manifest(manifest) => {
            let project = Project::read(Some(&manifest), surroundings)?;
            of_manifest(args, &project, &path)?
        }
        Subject::Image(image) => {
            let contents = Contents::open(&image, args.platform)?;
            let Some(document) = contents.document else {
                let text = format!("`{}` does not say where its files come from", args.subject);
                return Err(Failure::input(text).hint(
                    "layouts and archives that scant built do; for others, ask about the manifest",
                ));
            };
            (document, Vec::new())
        }
    };
    let way = Way::to(&path, &document);
    match (&way.end, args.not) {
        (Some(_), false) => explain(args, &document, &way).map(|()| Done::Yes),
        (None, true) => explain_absence(&path, &way, &elsewhere).map(|()| Done::Yes),
        (Some(_), true) => {
            explain(args, &document, &way)?;
            eprintln(&format!("{path} is in the image"))?;
            Ok(Done::No)
        }
        (None, false) => {
            explain_absence(&path, &way, &elsewhere)?;
            Ok(Done::No)
        }
    }
    .map_err(Failure::from)
}

/// The document of the manifest's plan, and the inputs that have the path.
fn of_manifest(
    args: &Why,
    project: &Project,
    path: &TreePath,
) -> Result<(Document, Vec<String>), Failure> {
    let plans = project.plan()?;
    let is_wanted = |platform| args.platform.is_none_or(|wanted| wanted == platform);
    let planned = plans.iter().find(|planned| is_wanted(planned.plan.platform));
    let planned = planned.ok_or_else(|| {
        let platforms: Vec<_> = plans.iter().map(|p| p.plan.platform.to_string()).collect();
        Failure::usage("the manifest is not for that platform")
            .hint(format_args!("it is for {}", platforms.join(", ")))
    })?;
    let mut elsewhere = Vec::new();
    for (name, view) in views(&planned.inputs) {
        if let Ok(found) = view.resolve(path.as_bytes()) {
            let wanted = BTreeSet::from([found.path.clone()]);
            let package = view.input().packages(&wanted).remove(&found.path);
            let package = package.map_or(String::new(), |package| format!(" (package {package})"));
            elsewhere.push(format!("{name}{}{package}", found.path));
        }
    }
    Ok((Document::of(&planned.plan.tree, planned.plan.platform), elsewhere))
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

fn explain(args: &Why, document: &Document, way: &Way<'_>) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let reasons =
        |path: &TreePath| document.get(path).map(|e| e.reasons.clone()).unwrap_or_default();
    let chains: Vec<_> =
        way.entries().map(|entry| (entry, plan::chain(&entry.path, reasons))).collect();
    if args.json {
        let chains: Vec<_> = chains
            .iter()
            .map(|(entry, chain)| json!({"node": entry, "chain": chain_json(chain)}))
            .collect();
        serde_json::to_writer_pretty(&mut out, &chains)?;
        return writeln!(out);
    }
    for (entry, chain) in chains {
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
        for (number, step) in chain.iter().enumerate() {
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

fn chain_json(chain: &[Step]) -> Vec<serde_json::Value> {
    let step = |step: &Step| json!({"path": step.path, "reason": step.why});
    chain.iter().map(step).collect()
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
    format!("{} ({what}{source})", entry.path)
}

fn explain_absence(path: &TreePath, way: &Way<'_>, elsewhere: &[String]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{path} is not in the image: nothing declares it, and nothing in it needs it")?;
    for link in &way.links {
        let Kind::Symlink { target } = &link.kind else { continue };
        writeln!(out, "    {} is a link to {target}", link.path)?;
    }
    writeln!(out, "    the nearest directory that is there is {}", way.nearest)?;
    for place in elsewhere {
        writeln!(out, "    {place} could be declared")?;
    }
    Ok(())
}

fn eprintln(text: &str) -> io::Result<()> {
    writeln!(io::stderr(), "{text}")
}
