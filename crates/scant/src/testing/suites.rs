//! Files of tests: found, read, and their faults told.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use scant_core::formats::manifest::TestSource;
use scant_core::formats::structure_test::{self, StructureTests};

use crate::exit::Failure;
use crate::project::Project;
use crate::render::diagnostic::{Diagnostic, Source};

/// What the parser accepts. More is not even read.
const LARGEST: u64 = 4 << 20;

/// The endings of files of tests.
const ENDINGS: [&str; 3] = ["yaml", "yml", "json"];

/// The tests of one file.
pub(crate) struct Suite {
    /// The file's name, as the user or the manifest gave it.
    pub(crate) name: String,
    /// The directory that other files are named from.
    pub(crate) directory: PathBuf,
    /// The tests.
    pub(crate) tests: StructureTests,
}

/// The suites in files, and in the files of directories.
///
/// # Errors
/// All faults of all files.
pub(crate) fn of_paths(paths: &[PathBuf]) -> Result<Vec<Suite>, Failure> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            files.extend(in_directory(path)?);
        } else {
            files.push(path.clone());
        }
    }
    let files = files.into_iter().map(|file| (file.display().to_string(), file));
    all(files)
}

/// The suites of a manifest: its own tests, and files that it names.
///
/// # Errors
/// All faults of all files.
pub(crate) fn of_manifest(project: &Project) -> Result<Vec<Suite>, Failure> {
    let (mut suites, mut files) = (Vec::new(), Vec::new());
    for source in &project.manifest.tests {
        match source {
            TestSource::File(file) => {
                let path = project.directory().join(&file.value);
                // As the user would name it: from where the manifest was named.
                let beside = Path::new(&project.name).with_file_name(&file.value);
                files.push((suites.len() + files.len(), (beside.display().to_string(), path)));
            }
            TestSource::Here(tests) => suites.push(Suite {
                name: project.name.clone(),
                directory: project.directory().to_path_buf(),
                tests: StructureTests::clone(tests),
            }),
        }
    }
    let (places, files): (Vec<_>, Vec<_>) = files.into_iter().unzip();
    for (place, suite) in places.into_iter().zip(all(files.into_iter())?) {
        suites.insert(place, suite);
    }
    Ok(suites)
}

fn all(files: impl Iterator<Item = (String, PathBuf)>) -> Result<Vec<Suite>, Failure> {
    let (mut suites, mut faults) = (Vec::new(), Vec::new());
    for (name, path) in files {
        let text = read(&path, &name)?;
        match structure_test::parse(&text) {
            Ok(tests) => {
                let directory = path.parent().unwrap_or(Path::new("")).to_path_buf();
                suites.push(Suite { name, directory, tests });
            }
            Err(found) => {
                let source = Source { name: &name, text: &text };
                let shown =
                    found.iter().map(|fault| Diagnostic::of_manifest(fault).render(&source));
                faults.extend(shown);
            }
        }
    }
    if faults.is_empty() { Ok(suites) } else { Err(Failure::manifest(faults.into_iter())) }
}

fn in_directory(directory: &Path) -> Result<Vec<PathBuf>, Failure> {
    let failed =
        |error| Failure::usage(format_args!("`{}` cannot be listed: {error}", directory.display()));
    let entries = std::fs::read_dir(directory).map_err(failed)?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(failed)?.path();
        let ending = path.extension().and_then(|ending| ending.to_str());
        if ending.is_some_and(|ending| ENDINGS.contains(&ending)) && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    if files.is_empty() {
        let text = format!("`{}` holds no files of tests", directory.display());
        return Err(Failure::usage(text).hint("they end in .yaml, .yml or .json"));
    }
    Ok(files)
}

fn read(path: &Path, name: &str) -> Result<String, Failure> {
    let failed = |why: &dyn std::fmt::Display| {
        Failure::usage(format_args!("the tests in `{name}` cannot be read: {why}"))
    };
    let metadata = std::fs::metadata(path).map_err(|error| failed(&error))?;
    // Opening a FIFO waits for a writer.
    if !metadata.is_file() {
        return Err(failed(&"it is not a file"));
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| failed(&error))?;
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|error| failed(&error))?;
    if bytes.len() as u64 > LARGEST {
        return Err(failed(&format_args!("it has more than {} MiB", LARGEST >> 20)));
    }
    String::from_utf8(bytes).map_err(|_| failed(&"it is not UTF-8"))
}
