//! The files that an image takes of directories, as far as the lock holds them: written by
//! `scant lock --files`, and compared before anything is packed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use scant_core::formats::lock::Lock;
use scant_core::formats::manifest::Manifest;
use scant_core::words::{Digest, FileContent, InputName, NodeKind, OneLine, Platform, TreePath};
use scant_io::layer::{self, LayerError};
use serde::Serialize;

use crate::exit::Failure;
use crate::project::{Planned, Project};
use crate::render::diagnostic::Diagnostic;
use crate::render::size::Count;

/// Digests by input, platform and path in the input.
pub(crate) type Files = BTreeMap<InputName, BTreeMap<Platform, BTreeMap<TreePath, Digest>>>;

/// How the files of an input differ from those that were locked.
#[derive(Serialize)]
pub(crate) struct FilesChange {
    input: String,
    platform: Platform,
    added: Vec<TreePath>,
    changed: Vec<TreePath>,
    removed: Vec<TreePath>,
}

/// The files that a lock holds of inputs of a manifest that are directories.
pub(crate) fn locked(manifest: &Manifest, lock: &Lock) -> Files {
    let files = lock.inputs.iter().filter(|(name, _)| is_directory(manifest, name));
    files.map(|(name, input)| (name.clone(), input.files.clone())).collect()
}

/// Refuses files that are not what the lock says, all at once.
///
/// # Errors
/// When there are any, or when one cannot be read.
pub(crate) fn verify(project: &Project, plans: &[Planned]) -> Result<(), Failure> {
    let mut faults = Vec::new();
    for planned in plans {
        for (name, taken) in taken(&project.manifest, planned) {
            let files = project.locked.files.get(name);
            let Some(locked) = files.and_then(|files| files.get(&planned.plan.platform)) else {
                continue;
            };
            let (known, unknown): (Vec<_>, Vec<_>) =
                taken.values().partition(|file| locked.contains_key(&file.content.path));
            if project.locked.is_required {
                let text = |file: &&FileContent| {
                    let path = OneLine(&file.content.path);
                    format!("input {name}: `{path}` is not locked; `scant lock --files` locks it")
                };
                faults.extend(unknown.iter().map(|file| (name.clone(), text(file))));
            }
            let found = layer::digests(&known, &planned.inputs).map_err(unreadable)?;
            for (file, found) in known.iter().zip(found) {
                let path = &file.content.path;
                if let Some(demanded) = locked.get(path).filter(|demanded| **demanded != found) {
                    let text = format!(
                        "input {name}: `{}` is {found}, but {demanded} is locked; `scant lock \
                         --files` takes what is there now",
                        OneLine(path)
                    );
                    faults.push((name.clone(), text));
                }
            }
        }
    }
    if faults.is_empty() {
        return Ok(());
    }
    let source = project.source();
    let (mut said, mut texts) = (BTreeSet::new(), Vec::new());
    for (name, text) in faults {
        // Platforms may share a tree.
        if said.insert(text.clone()) {
            let declared = project.manifest.inputs.iter().find(|input| input.name == name);
            let diagnostic = Diagnostic::new(text, declared.map(|input| input.span));
            texts.push(diagnostic.render(&source));
        }
    }
    Err(Failure::inputs(texts.into_iter()))
}

/// Puts the files that are taken now into a lock, in place of those that it has.
///
/// # Errors
/// When the image cannot be planned, or a file cannot be read.
pub(crate) fn renew(lock: &mut Lock, project: &Project) -> Result<(), Failure> {
    let plans = project.plan()?;
    lock.inputs.values_mut().for_each(|input| input.files.clear());
    for planned in &plans {
        for (name, taken) in taken(&project.manifest, planned) {
            let files: Vec<_> = taken.values().copied().collect();
            let digests = layer::digests(&files, &planned.inputs).map_err(unreadable)?;
            let paths = files.iter().map(|file| file.content.path.clone());
            let input = lock.inputs.entry(name.clone()).or_default();
            input.files.insert(planned.plan.platform, paths.zip(digests).collect());
        }
    }
    lock.inputs.retain(|_, input| !input.is_empty());
    Ok(())
}

/// What two locks do not agree on.
pub(crate) fn changes(old: &Lock, new: &Lock) -> Vec<FilesChange> {
    let keys = |lock: &Lock| -> Vec<_> {
        let keys = lock.inputs.iter().flat_map(|(name, input)| {
            input.files.keys().map(move |platform| (name.clone(), *platform))
        });
        keys.collect()
    };
    let all: BTreeSet<_> = keys(old).into_iter().chain(keys(new)).collect();
    let change = |(input, platform): (InputName, Platform)| {
        let of = |lock: &Lock| {
            let files = lock.inputs.get(&input).and_then(|input| input.files.get(&platform));
            files.cloned().unwrap_or_default()
        };
        let (before, after) = (of(old), of(new));
        let lacking = |of: &BTreeMap<TreePath, Digest>, other: &BTreeMap<TreePath, Digest>| {
            of.keys().filter(|path| !other.contains_key(path)).cloned().collect::<Vec<_>>()
        };
        let is_other = |(path, digest): &(&TreePath, &Digest)| {
            before.get(path).is_some_and(|before| before != *digest)
        };
        FilesChange {
            added: lacking(&after, &before),
            changed: after.iter().filter(is_other).map(|(path, _)| path.clone()).collect(),
            removed: lacking(&before, &after),
            input: input.to_string(),
            platform,
        }
    };
    all.into_iter().map(change).filter(|change| !change.is_none()).collect()
}

/// The files that a plan takes of directories, each once.
fn taken<'p>(
    manifest: &Manifest,
    planned: &'p Planned,
) -> BTreeMap<&'p InputName, BTreeMap<&'p TreePath, &'p FileContent>> {
    let mut taken: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
    for (_, node) in planned.plan.tree.iter() {
        let NodeKind::File(file) = &node.kind else { continue };
        if is_directory(manifest, &file.content.input) {
            let files = taken.entry(&file.content.input).or_default();
            files.insert(&file.content.path, file);
        }
    }
    taken
}

/// Whether an input is a directory. What lies beside the manifest is none of its inputs.
fn is_directory(manifest: &Manifest, name: &InputName) -> bool {
    let declared = manifest.inputs.iter().find(|input| input.name == *name);
    declared.is_some_and(|input| !input.backend.can_be_locked())
}

fn unreadable(error: LayerError) -> Failure {
    Failure::input(error)
}

impl FilesChange {
    fn is_none(&self) -> bool {
        self.added.is_empty() && self.changed.is_empty() && self.removed.is_empty()
    }
}

impl fmt::Display for FilesChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { input, platform, added, changed, removed } = self;
        write!(f, "~ {input} for {platform}:")?;
        let all = [(added, "added"), (changed, "changed"), (removed, "removed")];
        let mut before = " ";
        for (paths, what) in all.into_iter().filter(|(paths, _)| !paths.is_empty()) {
            write!(f, "{before}{} {what}", Count(paths.len(), "file"))?;
            before = ", ";
        }
        Ok(())
    }
}
