//! The trace file and the manifest: read, and replaced by rename.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use scant_core::formats::trace_file::{self, TraceFile};
use scant_io::replace_file;

use crate::args::Trace;
use crate::exit::Failure;
use crate::project::Project;
use crate::surroundings::Surroundings;

/// Where runs are recorded: beside the manifest; nowhere for one from standard input.
pub(super) fn trace_file(
    args: &Trace,
    project: &Project,
    surroundings: &Surroundings,
) -> Option<PathBuf> {
    match &args.trace_file {
        Some(file) => Some(surroundings.directory.join(file)),
        None if project.name == "-" => None,
        None => Some(project.path().with_extension("trace.json")),
    }
}

/// The recorded runs; none where there is no file yet.
pub(super) fn read(file: Option<&Path>) -> Result<TraceFile, Failure> {
    let Some(file) = file else { return Ok(TraceFile::default()) };
    let name = file.display();
    let failed =
        |error: io::Error| Failure::input(format_args!("the trace file `{name}`: {error}"));
    let metadata = match fs::metadata(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(TraceFile::default()),
        metadata => metadata.map_err(failed)?,
    };
    if !metadata.is_file() || metadata.len() > trace_file::LARGEST {
        return Err(Failure::input(format_args!("`{name}` is no trace file")));
    }
    let text = fs::read_to_string(file).map_err(failed)?;
    trace_file::decode(&text).map_err(|faults| {
        let text = format!("the trace file `{name}` cannot be read:\n{}", faults.join("\n"));
        Failure::input(text).hint("remove it to record anew, or name another with --trace-file")
    })
}

/// Records the runs.
pub(super) fn write(file: Option<&Path>, trace: &TraceFile) -> Result<(), Failure> {
    let Some(file) = file else { return Ok(()) };
    replace(file, &trace_file::encode(trace))
}

/// Puts a new text into the manifest's file: a link leads to it, its permissions stay.
pub(super) fn replace_manifest(
    project: &Project,
    text: &str,
    surroundings: &Surroundings,
) -> Result<(), Failure> {
    if project.name == "-" {
        let text = "the manifest came from standard input: there is no file to write to";
        return Err(Failure::usage(text).hint("without `--write` the patch is printed"));
    }
    let path = surroundings.directory.join(&project.name);
    let path = fs::canonicalize(&path).map_err(|error| failed(&path, &error))?;
    let current = fs::read_to_string(&path).map_err(|error| failed(&path, &error))?;
    if current != project.text() {
        let text = format!("`{}` changed while it was traced: nothing is written", project.name);
        return Err(Failure::output(text).hint("run it again"));
    }
    replace(&path, text)
}

fn replace(path: &Path, text: &str) -> Result<(), Failure> {
    replace_file(path, text.as_bytes()).map_err(|error| failed(path, &error))
}

fn failed(path: &Path, error: &io::Error) -> Failure {
    Failure::output(format_args!("`{}` cannot be written: {error}", path.display()))
}
