//! Outputs and inputs that lie in each other. An output in a directory that the image takes would be
//! a part of the next image; one in the place of an input would destroy it. Paths are compared with
//! all links followed; the decision itself looks at nothing.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use scant_core::formats::image_reference::ImageReference;
use scant_core::formats::manifest::Reference;

use crate::exit::Failure;
use crate::project::Project;

/// What an image is made of.
struct Source {
    real: PathBuf,
    /// How the manifest calls it, for messages.
    called: String,
    /// What happens to what is put into it.
    inside: Inside,
}

/// What happens to what is put into a directory.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    /// Nothing: only what is named is taken.
    Left,
    /// Everything in it is taken.
    Taken,
    /// It is an input, and inputs are never changed.
    ReadOnly,
}

/// What would be written to.
struct Target {
    real: PathBuf,
    called: String,
    /// Whether it takes the place of what is there, and is not added to it.
    replaces: bool,
}

/// Refuses outputs and a cache that lie in what the image takes, and outputs that would replace it.
pub(crate) fn check(
    project: &Project,
    outputs: &[ImageReference],
    cache: Option<&Path>,
    current: &Path,
) -> Result<(), Failure> {
    let target = |path: &Path, called, replaces| {
        Some(Target { real: real(&current.join(path))?, called, replaces })
    };
    let outputs = outputs.iter().filter_map(|output| {
        let path = Path::new(output.path()?);
        let replaces = match output {
            ImageReference::Oci { .. } => false,
            ImageReference::Rootfs { .. } => true,
            // An archive never replaces a directory.
            _ => !current.join(path).is_dir(),
        };
        target(path, format!("`{output}`"), replaces)
    });
    let cache = cache.and_then(|cache| {
        let called = format!("the cache in `{}`", cache.display());
        target(cache, called, false)
    });
    let (sources, targets) = (sources(project), outputs.chain(cache).collect::<Vec<_>>());
    targets.iter().try_for_each(|target| match collision(target, &sources) {
        Some((text, hint)) => Err(Failure::output(text).hint(hint)),
        None => Ok(()),
    })
}

/// What is wrong with a target, and what to do.
fn collision(target: &Target, sources: &[Source]) -> Option<(String, &'static str)> {
    let destroyed = sources.iter().find(|source| source.real.starts_with(&target.real));
    if let Some(source) = destroyed.filter(|_| target.replaces) {
        let (file, Source { called, .. }) = (source.real.display(), source);
        let text = format!("{} would replace `{file}`, {called}", target.called);
        return Some((text, "name a place that the image is not made of"));
    }
    let mut closed = sources.iter().filter(|source| source.inside != Inside::Left);
    let around = closed.find(|source| target.real.starts_with(&source.real))?;
    let (directory, Source { called, .. }) = (around.real.display(), around);
    let text = format!("{} lies in `{directory}`, {called}", target.called);
    match around.inside {
        Inside::ReadOnly => {
            Some((format!("{text}: an input is only read"), "name a place outside of it"))
        }
        _ => Some((
            format!("{text}: the next image would hold it as well"),
            "name a place outside of that directory, or leave it out there with `exclude`",
        )),
    }
}

/// The manifest, the directories of its inputs, and what it names in them.
fn sources(project: &Project) -> Vec<Source> {
    let mut sources = Vec::new();
    let mut add = |path: PathBuf, called: String, inside: Inside| {
        if let Ok(real) = path.canonicalize() {
            sources.push(Source { real, called, inside });
        }
    };
    add(project.path(), "the manifest".into(), Inside::Left);
    let directories = project.input_directories();
    for (name, directory) in &directories {
        let called = format!("the directory of the input `{name}`");
        add(directory.clone(), called, Inside::ReadOnly);
    }
    let places = |from: &Reference| -> Vec<PathBuf> {
        match from {
            Reference::Beside(path) => vec![project.directory().join(path)],
            Reference::Input { input, path } => {
                let path = OsStr::from_bytes(path.relative());
                let roots: Vec<_> = directories
                    .iter()
                    .filter(|(name, _)| name == input)
                    .map(|(_, root)| root)
                    .collect();
                match &roots[..] {
                    // A whole host.
                    [] => vec![Path::new("/").join(path)],
                    roots => roots.iter().map(|root| root.join(path)).collect(),
                }
            }
        }
    };
    let at = |from: &Reference, line| format!("which the image takes (`{from}` in line {line})");
    for binary in &project.manifest.binaries {
        let called = at(&binary.from, binary.span.line);
        places(&binary.from).into_iter().for_each(|place| add(place, called.clone(), Inside::Left));
    }
    for data in &project.manifest.data {
        // Whoever says what to take from a directory has thought of what else is in it.
        let is_whole = data.include.is_empty() && data.exclude.is_empty();
        let called = at(&data.from, data.span.line);
        places(&data.from).into_iter().for_each(|place| {
            let is_taken = is_whole && place.is_dir();
            add(place, called.clone(), if is_taken { Inside::Taken } else { Inside::Left });
        });
    }
    sources
}

/// A path that need not be there yet, with the links of what is there followed.
fn real(path: &Path) -> Option<PathBuf> {
    let mut missing = Vec::new();
    let mut there = path;
    loop {
        if let Ok(real) = there.canonicalize() {
            return Some(missing.iter().rev().fold(real, |path, name| path.join(name)));
        }
        missing.push(there.file_name()?);
        there = there.parent()?;
    }
}
