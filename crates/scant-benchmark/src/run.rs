//! One run of the benchmark: who takes part, on which trees, how many times.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use crate::args::{Args, Peer};
use crate::case::Case;
use crate::report::{self, CaseResult, Machine, Results, TreeResult};
use crate::tools::{Buildah, Docker, Floors, Scant, Tool, Umoci};
use crate::trees::{Made, Sketch, remove};

/// Measures everything that was asked for, and prints and writes what came out.
///
/// # Errors
/// When a tree cannot be made or a result not be written. A tool that fails is part of the result.
pub(crate) fn run(args: &Args) -> Result<(), String> {
    if let Some(path) = &args.markdown {
        report::check_markers(path)?;
    }
    let directory = directory(args)?;
    let work = Work::new(&directory)?;
    let Participants { tools, left_out } = participants(args, &work.path)?;
    let mut results = Results {
        machine: Machine::this(&directory),
        versions: tools.iter().map(|tool| tool.version()).collect(),
        left_out,
        trees: Vec::new(),
    };
    for name in &args.trees {
        let sketch = Sketch::named(name).expect("clap has checked the name");
        let tree = Made::below(&directory, sketch)
            .map_err(|error| format!("cannot make the tree `{name}`: {error}"))?;
        let runs = args.runs.map_or(sketch.runs, usize::from);
        let measured = measure_tree(&tree, &tools, &work.path, runs)?;
        let failures = measured.cases.iter().filter_map(|case| {
            let failure = case.failure.as_ref()?;
            Some(format!("{}: {} with {}: {failure}", sketch.name, case.subject, case.method))
        });
        results.left_out.extend(failures);
        results.trees.push(measured);
    }
    write(args, &results)
}

/// Where everything but the trees is written. One run at a time has it.
struct Work {
    path: PathBuf,
    _lock: File,
}

impl Work {
    fn new(directory: &Path) -> Result<Self, String> {
        let failed = |error| format!("`{}`: {error}", directory.display());
        let lock = File::open(directory).map_err(failed)?;
        lock.try_lock().map_err(|_| {
            format!("another run uses `{}`: name another `--directory`", directory.display())
        })?;
        let path = directory.join("work");
        // Of a run that was interrupted.
        remove(&path).map_err(failed)?;
        fs::create_dir(&path).map_err(failed)?;
        Ok(Self { path, _lock: lock })
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        if let Err(error) = remove(&self.path) {
            eprintln!("`{}` is left: {error}", self.path.display());
        }
    }
}

/// Who takes part, and who does not.
struct Participants {
    tools: Vec<Box<dyn Tool>>,
    /// With the reason.
    left_out: Vec<String>,
}

/// Finds everybody, and starts those that need a daemon.
fn participants(args: &Args, work: &Path) -> Result<Participants, String> {
    let scant = Scant::find(args.scant.clone())?;
    let floors = Floors::new()?;
    let mut left_out = floors.missing();
    if !scant.has_cache {
        left_out.push("builds with nothing changed: this scant remembers nothing".into());
    }
    let mut tools: Vec<Box<dyn Tool>> = vec![Box::new(scant), Box::new(floors)];
    let peers = if args.no_peers { &[][..] } else { &args.peers[..] };
    for peer in peers {
        let found: Result<Box<dyn Tool>, String> = match peer {
            Peer::Docker => Docker::start(&work.join("docker")).map(|tool| Box::new(tool) as _),
            Peer::Buildah => Buildah::find(&work.join("buildah")).map(|tool| Box::new(tool) as _),
            Peer::Umoci => Umoci::find().map(|tool| Box::new(tool) as _),
        };
        match found {
            Ok(tool) => tools.push(tool),
            Err(reason) => {
                eprintln!("left out: {reason}");
                left_out.push(reason);
            }
        }
    }
    Ok(Participants { tools, left_out })
}

/// Runs all cases in turn, so that what the machine does meanwhile falls on all of them: first once
/// to warm the page cache, which does not count. A case that fails once is not run again.
fn measure_tree(
    tree: &Made,
    tools: &[Box<dyn Tool>],
    work: &Path,
    runs: usize,
) -> Result<TreeResult, String> {
    let place = work.join(tree.sketch.name);
    let failed = |error| format!("`{}`: {error}", place.display());
    let mut cases: Vec<(&dyn Tool, Case, CaseResult)> = Vec::new();
    for (number, tool) in tools.iter().enumerate() {
        let place = place.join(number.to_string());
        fs::create_dir_all(&place).map_err(failed)?;
        for case in tool.cases(tree, &place).map_err(failed)? {
            let (subject, method) = (case.subject, case.method);
            let result = CaseResult { subject, method, samples: Vec::new(), failure: None };
            cases.push((tool.as_ref(), case, result));
        }
    }
    let log = place.join("log");
    for round in 0..=runs {
        for (tool, case, result) in cases.iter_mut().filter(|(_, _, r)| r.failure.is_none()) {
            eprintln!("{}, {round} of {runs}: {}, {}", tree.sketch.name, case.subject, case.method);
            match case.run(round, &log, tool.daemon()) {
                Ok(sample) if round > 0 => result.samples.push(sample),
                Ok(_) => {}
                Err(message) => {
                    eprintln!("failed: {message}");
                    result.failure = Some(message);
                }
            }
        }
    }
    remove(&place).map_err(failed)?;
    Ok(TreeResult {
        name: tree.sketch.name,
        files: tree.files,
        bytes: tree.bytes,
        cases: cases.into_iter().map(|(_, _, result)| result).collect(),
    })
}

/// Where trees and outputs are. Its path is an argument of all tools, so it must be text.
fn directory(args: &Args) -> Result<PathBuf, String> {
    let target = || {
        // `target/release/scant-benchmark`: the directory two above.
        let program = std::env::current_exe().ok()?;
        Some(program.parent()?.parent()?.join("benchmark"))
    };
    let directory = args.directory.clone().or_else(target).ok_or("name a `--directory`")?;
    let failed = |error| format!("`{}`: {error}", directory.display());
    fs::create_dir_all(&directory).map_err(failed)?;
    let directory = fs::canonicalize(&directory).map_err(failed)?;
    match directory.to_str() {
        Some(text) if !text.contains(':') => Ok(directory),
        // A colon ends a path in the names of images.
        _ => Err(format!("`{}`: name a `--directory` of plain text", directory.display())),
    }
}

fn write(args: &Args, results: &Results) -> Result<(), String> {
    let markdown = report::markdown(results);
    print!("{markdown}");
    if let Some(path) = &args.json {
        let mut json =
            serde_json::to_string_pretty(&report::json(results)).expect("the report is plain data");
        json.push('\n');
        fs::write(path, json).map_err(|error| format!("`{}`: {error}", path.display()))?;
    }
    args.markdown.as_ref().map_or(Ok(()), |path| report::write_between_markers(path, &markdown))
}
