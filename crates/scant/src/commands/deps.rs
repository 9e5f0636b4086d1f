//! `scant deps`: what the loader opens for a program, each edge with the rule that found it.

use std::collections::BTreeSet;
use std::io::{self, BufWriter, Write};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use scant_core::formats::elf::{Elf, ElfError};
use scant_core::rules::View;
use scant_core::rules::loader::{
    self, Closure, Cpu, DlopenChoice, Environment, InputFiles, Session, Spot,
};
use scant_core::words::{InputName, Problem, TreePath};
use scant_io::inputs::{DirectoryInput, Packages};

use crate::args::{Deps, Dlopen};
use crate::exit::{Done, Failure, Outcome};
use crate::program::{interpreter, of_that_name};
use crate::render::closure;
use crate::surroundings::Surroundings;

/// Runs the command.
pub(crate) fn run(args: &Deps, surroundings: &Surroundings) -> Outcome {
    let input = DirectoryInput::open(&args.root, Packages::default()).map_err(Failure::input)?;
    let files = InputFiles::new(InputName::new("root"), View::new(&input));
    let environment = environment(args)?;
    let session = Session::new(&files);
    let mut closures = Vec::new();
    for file in &args.files {
        let path = inside_root(file, &args.root, surroundings);
        let spot = Spot::new(path);
        let loader = loader_for(&files, &spot);
        let closure = loader::close(&session, &spot, &[], &environment, loader.as_ref())
            .map_err(|error| of_elf(error, file, &files, &spot))?;
        closures.push(closure);
    }
    let complete = closures.iter().all(|c| c.missing.is_empty() && c.missing_versions.is_empty());
    print(args, &files, &closures)?;
    Ok(if complete { Done::Yes } else { Done::No })
}

fn of_elf(error: ElfError, file: &Path, files: &InputFiles<'_>, spot: &Spot) -> Failure {
    match error {
        ElfError::Input(error) => {
            let is_absent = error.problem == Problem::NotFound;
            let near = is_absent.then(|| of_that_name(files.view(), file)).flatten();
            near.into_iter().fold(Failure::input(error), Failure::hint)
        }
        error => {
            let failure = Failure::input(format_args!("`{}`: {error}", file.display()));
            match interpreter(files.view(), spot.in_input()) {
                Some(path) => failure.hint(format_args!("it is a script for `{path}`")),
                None => failure,
            }
        }
    }
}

fn print(args: &Deps, files: &InputFiles<'_>, closures: &[Closure]) -> io::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    if args.json {
        serde_json::to_writer_pretty(&mut out, &closure::json(files, closures))?;
        writeln!(out)?;
    } else if args.list {
        let lines: BTreeSet<_> = closures.iter().flat_map(|c| closure::list(files, c)).collect();
        for line in lines {
            writeln!(out, "{line}")?;
        }
    } else {
        for closure in closures {
            write!(out, "{}", closure::Shown { closure })?;
        }
    }
    out.flush()
}

/// A path inside the root as the loader would be given it: relative ones start at the root, or on
/// the host itself at the current directory.
fn inside_root(file: &Path, root: &Path, surroundings: &Surroundings) -> Vec<u8> {
    let base = if root == Path::new("/") { &*surroundings.directory } else { Path::new("/") };
    base.join(file).as_os_str().as_bytes().to_vec()
}

fn environment(args: &Deps) -> Result<Environment, Failure> {
    let mut environment = Environment {
        directory: Path::new("/").join(&args.directory).as_os_str().as_bytes().into(),
        cpu: args.cpu.clone().map_or(Cpu::Any, Cpu::Level),
        dlopen: match args.dlopen {
            Dlopen::None => DlopenChoice::None,
            Dlopen::Required => DlopenChoice::Required,
            Dlopen::Recommended => DlopenChoice::Recommended,
            Dlopen::Suggested => DlopenChoice::Suggested,
        },
        ..Environment::default()
    };
    for variable in &args.environment {
        let Some((name, value)) = variable.split_once('=') else {
            let text = format!("`--env {variable}` is not of the form NAME=VALUE");
            return Err(Failure::usage(text));
        };
        match name {
            "LD_LIBRARY_PATH" => environment.library_path = Some(value.as_bytes().into()),
            "LD_PRELOAD" => environment.preload = Some(value.as_bytes().into()),
            _ => {
                let text = format!("`--env {name}` changes nothing of what a loader finds");
                let hint = "loaders look at LD_LIBRARY_PATH and LD_PRELOAD";
                return Err(Failure::usage(text).hint(hint));
            }
        }
    }
    Ok(environment)
}

/// The loader that the root has for a file that names none: a library.
fn loader_for(files: &InputFiles<'_>, spot: &Spot) -> Option<Spot> {
    let found = files.view().resolve(spot.in_input()).ok()?;
    let elf = files.view().elf(&found.path);
    let elf: &Elf = elf.as_ref().as_ref().ok()?;
    if elf.interpreter.is_some() {
        return None;
    }
    loader::of_root(files.view(), &elf.header).map(|path: TreePath| Spot::new(path.as_bytes()))
}
