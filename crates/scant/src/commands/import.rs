//! `scant import`: a manifest that declares what a file of apko does, and what it does not take over.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use scant_core::formats::apko::{self, Configuration, Imported};
use scant_core::words::Escaped;
use scant_io::replace_file;

use crate::args::Import;
use crate::exit::{Done, Failure, Outcome};
use crate::project::{Kind, read_file, read_stdin};
use crate::render::diagnostic::{Diagnostic, Source};
use crate::surroundings::Surroundings;

/// Files of which each includes the next. Nobody writes more.
const MOST_FILES: usize = 16;

/// Runs the command.
pub(crate) fn run(args: &Import, surroundings: &Surroundings) -> Outcome {
    let output = args.output.as_ref().map(|path| surroundings.directory.join(path));
    if let Some(path) =
        output.as_ref().filter(|path| !args.force && path.symlink_metadata().is_ok())
    {
        return Err(Failure::output(format_args!("`{}` is there already", path.display()))
            .hint("`--force` replaces it"));
    }
    let mut files = Vec::new();
    let configuration = read(&args.file, &mut files)?;
    let Imported { text, notes } = apko::import(&configuration, &name_of(&args.file));
    match &output {
        None => io::stdout().lock().write_all(text.as_bytes())?,
        Some(path) => replace_file(path, text.as_bytes()).map_err(|error| {
            Failure::output(format_args!("`{}` cannot be written: {error}", path.display()))
        })?,
    }
    let mut stderr = io::stderr().lock();
    for note in notes {
        let file = files.get(note.place.file).map_or("-", String::as_str);
        let file = Escaped(file.as_bytes());
        // Nothing can be done when stderr is gone.
        let _ = writeln!(stderr, "{file}:{}: {}", note.place.line, note.text);
    }
    Ok(Done::Yes)
}

/// What a file declares together with what it includes. `files` become the names of those that are
/// read.
fn read(path: &Path, files: &mut Vec<String>) -> Result<Configuration, Failure> {
    let mut configurations = vec![read_one(path, files)?];
    let mut path = path.to_path_buf();
    while let Some(include) = configurations.last().and_then(|last| last.include.clone()) {
        let name = path.display().to_string();
        path = included(&path, &include.value);
        let by = format!("line {} of {name} includes it", include.place.line);
        if files.len() == MOST_FILES || files.contains(&path.display().to_string()) {
            let text = format!("`{}` is included again and again", path.display());
            return Err(Failure::usage(text).hint(by));
        }
        configurations.push(read_one(&path, files).map_err(|failure| failure.hint(by))?);
    }
    let upper = configurations.into_iter().reduce(Configuration::over);
    Ok(upper.expect("the first file is read"))
}

fn read_one(path: &Path, files: &mut Vec<String>) -> Result<Configuration, Failure> {
    let text = match path == Path::new("-") {
        true => read_stdin(Kind::Apko),
        false => read_file(path, Kind::Apko),
    }?;
    let name = path.display().to_string();
    let configuration = apko::parse(&text, files.len()).map_err(|faults| {
        let source = Source { name: &name, text: &text };
        Failure::manifest(faults.iter().map(|f| Diagnostic::of_manifest(f).render(&source)))
    })?;
    files.push(name);
    Ok(configuration)
}

/// The file that is included: apko looks for it in the current directory. A file that lies beside the
/// one that names it is found from everywhere.
fn included(path: &Path, include: &str) -> PathBuf {
    let beside = path.parent().map(|directory| directory.join(include));
    match beside {
        Some(beside) if !Path::new(include).exists() && beside.exists() => beside,
        _ => PathBuf::from(include),
    }
}

fn name_of(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    match name == "-" {
        true => "a file of apko".to_string(),
        false => name.to_string_lossy().into_owned(),
    }
}
