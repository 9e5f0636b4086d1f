//! `scant check`: what keeps an image from starting, or will surprise somebody, from its files
//! alone.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufWriter, Write};

use scant_core::formats::image_reference::ImageArgument;
use scant_core::formats::manifest::Span;
use scant_core::formats::oci::{ImageConfig, RunConfig};
use scant_core::plan::{PlannedRoot, Suggestion, run_config};
use scant_core::rules::check::{self, Allow, Extent, Finding, Image, Report};
use scant_core::words::{
    Check as Name, Input, InputName, Level, Lines, Node, OneLine, Platform, Section, TreePath, Why,
};
use scant_io::image::PlatformImage;
use scant_io::images::{self, Contents, Files, Opened};
use serde_json::{Value, json};

use crate::args::{Check, CheckLevel};
use crate::exit::{Done, Failure, Outcome};
use crate::project::{self, Planned, Project};
use crate::registries;
use crate::render::diagnostic::Diagnostic;
use crate::render::size::Count;
use crate::sources::Sources;
use crate::subject::{self, Subject};
use crate::surroundings::Surroundings;

/// As many paths are shown of a finding that has more.
const SHOWN_PATHS: usize = 3;

/// As many lines of what was tried are shown.
const SHOWN_TRIES: usize = 8;

/// What was checked, for one platform.
struct Checked {
    platform: Option<String>,
    report: Report,
}

/// Runs the command.
pub(crate) fn run(args: &Check, surroundings: &Surroundings) -> Outcome {
    let Some(subject) = args.subject.as_ref().filter(|_| !args.list) else {
        return list(args).map(|()| Done::Yes).map_err(Failure::from);
    };
    let mut checked = match Subject::parse(subject)? {
        Subject::Image(image) => of_image(args, &image, surroundings)?,
        Subject::Manifest(path) => {
            let project = Project::read(
                Some(&path),
                Sources::new(&args.inputs, &args.registry, surroundings),
                surroundings,
            )?
            .only(args.of.platform);
            project.print_notes();
            of_manifest(args, &project)?
        }
    };
    for one in &mut checked {
        check::allow(&mut one.report.findings, &args.allow, false);
    }
    let is_bad = checked.iter().flat_map(|one| &one.report.findings).any(is_error);
    if args.json {
        print_json(args, &checked)?;
    } else {
        print(args, &checked)?;
    }
    Ok(if is_bad { Done::No } else { Done::Yes })
}

fn is_error(finding: &Finding) -> bool {
    finding.level == Level::Error
}

fn of_image(
    args: &Check,
    image: &ImageArgument,
    surroundings: &Surroundings,
) -> Result<Vec<Checked>, Failure> {
    let check = |files: &Files, run: &RunConfig, platform: Option<&PlatformImage>| {
        let contents = Contents::read(files, &surroundings.temporary).map_err(Failure::input)?;
        let report = check::check(&Image {
            root: &contents,
            run,
            platform: platform.and_then(platform_of),
            is_image: platform.is_some(),
            programs: BTreeSet::new(),
            privileged: BTreeSet::new(),
            sources: &BTreeMap::new(),
            extent: Extent::Whole,
            symbols: args.symbols,
        });
        Ok(Checked { platform: platform.map(PlatformImage::platform), report })
    };
    let opened = registries::open_whole(image, args.of.platform, &args.registry, surroundings)?;
    subject::tell_doubt(image, &opened);
    match opened {
        Opened::Files(files) => Ok(vec![check(&files, &RunConfig::default(), None)?]),
        Opened::Image(image) => {
            let platforms = match args.of.platform {
                Some(_) => vec![images::pick(&image, args.of.platform).map_err(Failure::input)?],
                None => image.platforms.iter().collect(),
            };
            let of_platform = |platform: &PlatformImage| {
                let config: ImageConfig = serde_json::from_slice(&platform.config.bytes)
                    .map_err(|error| Failure::input(format_args!("the image's config: {error}")))?;
                if config.os != "linux" {
                    let os = OneLine(&config.os);
                    return Err(Failure::input(format_args!(
                        "the image is for {os}, not for Linux"
                    ))
                    .hint("`--platform` chooses one of several"));
                }
                check(&Files::of(platform), &config.config, Some(platform))
            };
            platforms.into_iter().map(of_platform).collect()
        }
    }
}

fn platform_of(image: &PlatformImage) -> Option<Platform> {
    image.manifest.descriptor.platform.as_ref()?.to_platform()
}

fn of_manifest(args: &Check, project: &Project) -> Result<Vec<Checked>, Failure> {
    let plans = project.plan()?;
    let check = |planned: &Planned| Checked {
        platform: Some(planned.plan.platform.to_string()),
        report: plan(project, planned, Depth::Whole { symbols: args.symbols }),
    };
    Ok(plans.iter().map(check).collect())
}

/// How much of a plan is checked.
#[derive(Clone, Copy)]
pub(crate) enum Depth {
    /// All of it.
    Whole { symbols: bool },
    /// What is started: enough for the errors that the planner does not find itself.
    Start,
}

/// Checks what a plan will become.
pub(crate) fn plan(project: &Project, planned: &Planned, depth: Depth) -> Report {
    let (extent, symbols) = match depth {
        Depth::Whole { symbols } => (Extent::Whole, symbols),
        Depth::Start => (Extent::Start, false),
    };
    let inputs: BTreeMap<InputName, &dyn Input> =
        planned.inputs.iter().map(|(name, input)| (name.clone(), input)).collect();
    let root = PlannedRoot::new(&planned.plan.tree, &inputs);
    let sources = project::views(&planned.inputs);
    let run = run_config(&project.manifest.image);
    let nodes = || planned.plan.tree.iter();
    let programs = nodes().filter(|(_, node)| is_declared(node, &[Section::Binaries]));
    let privileged = nodes().filter(|(_, node)| has_declared_privileges(project, node));
    let paths = |nodes: &mut dyn Iterator<Item = (&TreePath, &Node)>| -> BTreeSet<TreePath> {
        nodes.map(|(path, _)| path.clone()).collect()
    };
    // The planner has looked at what declared programs need.
    let programs = match depth {
        Depth::Whole { .. } => paths(&mut { programs }),
        Depth::Start => BTreeSet::new(),
    };
    let mut report = check::check(&Image {
        root: &root,
        run: &run,
        platform: Some(planned.plan.platform),
        is_image: true,
        programs,
        privileged: paths(&mut { privileged }),
        sources: &sources,
        extent,
        symbols,
    });
    report.findings.extend(planned.plan.required_suggestions().map(run_time_need));
    let allowed = project.manifest.checks.allow.iter();
    let allowed: Vec<_> =
        allowed.map(|one| Allow { check: one.check, path: one.path.clone() }).collect();
    check::allow(&mut report.findings, &allowed, extent == Extent::Whole);
    report
}

/// What a program opens when it runs and would end without.
fn run_time_need(suggestion: &Suggestion) -> Finding {
    let Suggestion { id, because, of, .. } = suggestion;
    let text = format!("`{of}` needs what `{id}` brings, and nobody accepted or declined it");
    let help = format!("add it to `suggestions: accept`, or decline it with a reason: {because}");
    Finding::new(Level::Error, Name::RunTimeNeed, text).help(help).at(of.clone())
}

/// Refuses plans of images that would not start.
pub(crate) fn refuse(project: &Project, plans: &[Planned]) -> Result<(), Failure> {
    let mut diagnostics: Vec<Diagnostic> = Vec::new();
    let mut said = BTreeSet::new();
    for planned in plans {
        let report = plan(project, planned, Depth::Start);
        for finding in report.findings.iter().filter(|finding| is_error(finding)) {
            if said.insert(finding.text.clone()) {
                let title = format!("{} [{}]", finding.text, finding.check);
                let mut diagnostic = Diagnostic::new(title, place(project, planned, finding));
                notes(finding).into_iter().for_each(|note| diagnostic.note(note));
                finding.help.iter().for_each(|help| diagnostic.help(help.clone()));
                diagnostics.push(diagnostic);
            }
        }
    }
    if diagnostics.is_empty() {
        return Ok(());
    }
    let failure = Failure::manifest(diagnostics.iter().map(|one| one.render(&project.source())));
    Err(failure.hint(
        "`--no-check` builds it all the same; `checks` in the manifest accepts findings by name",
    ))
}

/// The declaration that a finding comes from, where it is known.
fn place(project: &Project, planned: &Planned, finding: &Finding) -> Option<Span> {
    let image = &project.manifest.image;
    let command = image.entrypoint.as_ref().or(image.cmd.as_ref()).map(|words| words.span);
    let of_setting = match finding.check {
        Name::Entrypoint => command,
        Name::Healthcheck => image.healthcheck.as_ref().map(|check| check.span),
        Name::UnknownUser | Name::UnknownGroup => image.user.as_ref().map(|user| user.span),
        Name::WorkingDirectory => image.workdir.as_ref().map(|path| path.span),
        _ => None,
    };
    of_setting.or_else(|| declaration(project, planned, finding.paths.first()?))
}

/// The declaration that brought a path into the image.
fn declaration(project: &Project, planned: &Planned, path: &TreePath) -> Option<Span> {
    let reasons = |path: &TreePath| -> Vec<Why> {
        let node = planned.plan.tree.get(path);
        node.map_or_else(Vec::new, |node| node.provenance.reasons().cloned().collect())
    };
    let steps = scant_core::plan::chain(path, reasons);
    let line = steps.iter().find_map(|step| match &step.why {
        Why::Declared { place, .. } => Some(place.line),
        _ => None,
    })?;
    let manifest = &project.manifest;
    let binaries = manifest.binaries.iter().map(|one| one.span);
    let data = manifest.data.iter().map(|one| one.span);
    let directories = manifest.directories.iter().map(|one| one.span);
    let symlinks = manifest.symlinks.iter().map(|one| one.span);
    binaries.chain(data).chain(directories).chain(symlinks).find(|span| span.line == line)
}

fn is_declared(node: &Node, sections: &[Section]) -> bool {
    node.provenance
        .reasons()
        .any(|why| matches!(why, Why::Declared { place, .. } if sections.contains(&place.section)))
}

/// Whether the declaration of a file says which privileges it gives.
fn has_declared_privileges(project: &Project, node: &Node) -> bool {
    let lines = node.provenance.reasons().filter_map(|why| match why {
        Why::Declared { place, .. } => Some(place.line),
        _ => None,
    });
    let manifest = &project.manifest;
    let gives =
        |mode: Option<scant_core::words::Mode>| mode.is_some_and(|mode| mode.bits() & 0o6000 != 0);
    let binaries = manifest
        .binaries
        .iter()
        .map(|one| (one.span.line, gives(one.mode) || !one.capabilities.is_empty()));
    let data = manifest
        .data
        .iter()
        .map(|one| (one.span.line, gives(one.mode) || !one.capabilities.is_empty()));
    let declared: BTreeSet<u32> =
        binaries.chain(data).filter(|(_, gives)| *gives).map(|(line, _)| line).collect();
    lines.into_iter().any(|line| declared.contains(&line))
}

/// Whether a finding is to be shown.
fn is_shown(args: &Check, finding: &&Finding) -> bool {
    let least = match args.level {
        CheckLevel::Error => Level::Error,
        CheckLevel::Warning => Level::Warning,
        CheckLevel::Hint => Level::Hint,
    };
    finding.level <= least
}

fn print(args: &Check, checked: &[Checked]) -> io::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    for one in checked {
        if let Some(platform) = one.platform.as_ref().filter(|_| checked.len() > 1) {
            writeln!(out, "{}:", OneLine(platform))?;
        }
        for finding in one.report.findings.iter().filter(|finding| is_shown(args, finding)) {
            write!(out, "{}", text(finding))?;
        }
    }
    out.flush()?;
    let mut stderr = io::stderr().lock();
    for one in checked {
        let platform = match &one.platform {
            Some(platform) if checked.len() > 1 => format!("{}: ", OneLine(platform)),
            _ => String::new(),
        };
        if let Some(needed) = one.report.glibc.needed() {
            let found = one.report.glibc.found();
            let found = found.map_or("none".to_string(), |found| found);
            writeln!(stderr, "{platform}glibc: {needed} is needed, {found} is there")?;
        }
        writeln!(stderr, "{platform}{}", summary(&one.report.findings))?;
    }
    Ok(())
}

fn summary(findings: &[Finding]) -> String {
    let count = |level| findings.iter().filter(|finding| finding.level == level).count();
    let (errors, warnings, hints) =
        (count(Level::Error), count(Level::Warning), count(Level::Hint));
    format!("{}, {}, {}", Count(errors, "error"), Count(warnings, "warning"), Count(hints, "hint"))
}

/// A finding as lines: what is wrong, where, what was tried, what to do.
pub(crate) fn text(finding: &Finding) -> String {
    let mut text = format!("{}: {}: {}\n", finding.level, finding.check, OneLine(&finding.text));
    for line in notes(finding) {
        text += &format!("    {}\n", Lines(line));
    }
    for help in &finding.help {
        text += &format!("    help: {}\n", Lines(help));
    }
    text
}

/// Where a finding is, and what was tried.
pub(crate) fn notes(finding: &Finding) -> Vec<String> {
    let mut notes = Vec::new();
    if !finding.relation.is_empty() {
        let shown: Vec<_> = finding.paths.iter().take(SHOWN_PATHS).map(|p| p.to_string()).collect();
        let more = finding.paths.len() - shown.len();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        notes.push(format!("{} {}{more}", finding.relation, shown.join(", ")));
    }
    for line in finding.tried.iter().take(SHOWN_TRIES) {
        notes.push(format!("tried {}", OneLine(line)));
    }
    if finding.tried.len() > SHOWN_TRIES {
        notes.push(format!("and {} more", finding.tried.len() - SHOWN_TRIES));
    }
    notes
}

fn print_json(args: &Check, checked: &[Checked]) -> io::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    let finding = |finding: &Finding| {
        json!({
            "check": finding.check.name(),
            "level": finding.level.to_string(),
            "text": finding.text,
            "paths": finding.paths,
            "tried": finding.tried,
            "help": finding.help,
        })
    };
    let platform = |one: &Checked| {
        let shown = one.report.findings.iter().filter(|finding| is_shown(args, finding));
        json!({
            "platform": one.platform,
            "ok": !one.report.findings.iter().any(is_error),
            "findings": shown.map(finding).collect::<Vec<_>>(),
            "glibc": { "needed": one.report.glibc.needed(), "found": one.report.glibc.found() },
        })
    };
    let value: Vec<Value> = checked.iter().map(platform).collect();
    serde_json::to_writer_pretty(&mut out, &value)?;
    writeln!(out)?;
    out.flush()
}

/// The names of all checks.
fn list(args: &Check) -> io::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    let levels = |check: Name| check.levels().iter().map(ToString::to_string).collect::<Vec<_>>();
    if args.json {
        let check = |check: Name| json!({ "check": check.name(), "levels": levels(check), "meaning": check.meaning() });
        serde_json::to_writer_pretty(&mut out, &Name::all().map(check).collect::<Vec<_>>())?;
        writeln!(out)?;
        return out.flush();
    }
    for check in Name::all() {
        let levels = levels(check).join(", ");
        writeln!(out, "{:20} {levels:20} {}", check.name(), check.meaning())?;
    }
    out.flush()
}
