//! The lock of a manifest, as far as the manifest still asks for what is in it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use scant_core::formats::image_reference::ImageReference;
use scant_core::formats::lock::{self, Asked, Difference, For, Lock};
use scant_core::formats::manifest::{Location, Manifest};
use scant_core::formats::provenance::Origin;
use scant_core::words::{InputName, Platform};
use scant_io::inputs::{LockedPackages, Pins};

use crate::exit::Failure;
use crate::locked_files::{self, Files};
use crate::project::{Kind, read_file};
use crate::render::diagnostic::{Diagnostic, Source};
use crate::sources::LockUse;

/// What is locked.
#[derive(Clone, Default)]
pub(crate) struct Locked {
    text: Option<String>,
    /// What the places of the manifest were.
    pub(crate) pins: Pins,
    /// The packages that were chosen.
    pub(crate) packages: LockedPackages,
    /// What the files were that are taken of directories.
    pub(crate) files: Files,
    /// Whether all that is taken must be locked.
    pub(crate) is_required: bool,
    /// What a person should know, each a sentence.
    pub(crate) notes: Vec<String>,
}

impl Locked {
    /// Reads the lock that belongs to the manifest `name` in `directory`.
    pub(crate) fn read(
        name: &str,
        directory: &Path,
        manifest: &Manifest,
        lock: LockUse,
    ) -> Result<Self, Failure> {
        if lock == LockUse::Write {
            return Ok(Self::default());
        }
        let path = path(name, directory);
        let found = path.as_ref().map(|path| read(path)).transpose()?.flatten();
        let (text, locked) = found.map_or((None, None), |(text, lock)| (Some(text), Some(lock)));
        let differences = differences(manifest, locked.as_ref());
        if lock == LockUse::Require {
            refuse(&differences, path.as_deref(), text.is_some())?;
        }
        let is_so = |asked: &&Asked<'_>| {
            !differences.iter().any(|difference| {
                *difference.input() == asked.input.name && !difference.is_harmless()
            })
        };
        let pin = |asked: &Asked<'_>| {
            let pin = locked.as_ref()?.pin(&asked.input.name, asked.for_)?;
            Some(((asked.input.name.clone(), asked.for_), pin.digest))
        };
        let asked = Asked::of(manifest);
        let pins: Pins = asked.iter().filter(is_so).filter_map(pin).collect();
        let packages = packages(locked.as_ref(), &pins);
        let note = |difference: &Difference| match difference {
            Difference::Unused { .. } => format!("{difference}; `scant lock` forgets it"),
            _ => format!("{difference}; `scant lock` keeps what it is now"),
        };
        let notes = differences.iter().map(note).collect();
        let files = locked.as_ref().map(|lock| locked_files::locked(manifest, lock));
        let files = files.unwrap_or_default();
        let is_required = lock == LockUse::Require;
        Ok(Self { text, pins, packages, files, is_required, notes })
    }

    /// What a lock says that was made for this manifest just now.
    pub(crate) fn just_made(manifest: &Manifest, lock: &Lock) -> Self {
        let pin = |asked: &Asked<'_>| {
            let pin = lock.pin(&asked.input.name, asked.for_)?;
            Some(((asked.input.name.clone(), asked.for_), pin.digest))
        };
        Self { pins: Asked::of(manifest).iter().filter_map(pin).collect(), ..Self::default() }
    }

    /// What the inputs of a manifest are that are one thing, as far as it is known without opening
    /// them.
    pub(crate) fn origins(
        &self,
        manifest: &Manifest,
        platform: Platform,
    ) -> BTreeMap<String, Origin> {
        let is_for = |asked: &&Asked<'_>| {
            matches!(asked.for_, For::All) || asked.for_ == For::Platform(platform)
        };
        let origin = |asked: &Asked<'_>| {
            let (input, place) = (asked.input, asked.place);
            let named = match place {
                Location::Image(ImageReference::Docker { name }) => name.digest(),
                place => place.sha256(),
            };
            let pin = || self.pins.get(&(input.name.clone(), asked.for_)).copied();
            let origin = Origin {
                backend: input.backend.as_str().into(),
                digest: named.or_else(pin),
                place: match place {
                    Location::Url { url, .. } => Some(url.shown().into()),
                    Location::Image(image) => image.path().is_none().then(|| image.to_string()),
                    Location::Path { .. } | Location::Archives { .. } => None,
                },
            };
            (input.name.to_string(), origin)
        };
        Asked::of(manifest).iter().filter(is_for).map(origin).collect()
    }

    /// All that it says, if it is there.
    pub(crate) fn text(&self) -> Option<&str> {
        self.text.as_deref()
    }
}

/// The packages that were chosen for inputs whose pins count.
fn packages(lock: Option<&Lock>, pins: &Pins) -> LockedPackages {
    let inputs = lock.iter().flat_map(|lock| &lock.inputs);
    let is_pinned = |name: &InputName| pins.contains_key(&(name.clone(), For::All));
    inputs
        .filter(|(name, _)| is_pinned(name))
        .flat_map(|(name, input)| {
            let all = input.packages.iter();
            all.map(|(platform, packages)| ((name.clone(), *platform), packages.clone()))
        })
        .collect()
}

/// The lock of a manifest: `scant.lock` of `scant.yaml`. Standard input has none.
pub(crate) fn path(name: &str, directory: &Path) -> Option<PathBuf> {
    let file = Path::new(name).file_name().filter(|file| *file != "-")?;
    Some(directory.join(file).with_extension("lock"))
}

/// Reads a lock, and gives its text as well; none where none is.
pub(crate) fn read(path: &Path) -> Result<Option<(String, Lock)>, Failure> {
    if path.symlink_metadata().is_err() {
        return Ok(None);
    }
    let text = read_file(path, Kind::Lock)?;
    match lock::parse(&text) {
        Ok(lock) => Ok(Some((text, lock))),
        Err(faults) => {
            let name = name_of(path);
            let source = Source { name: &name, text: &text };
            let faults = faults.iter().map(|f| Diagnostic::of_manifest(f).render(&source));
            Err(Failure::manifest(faults))
        }
    }
}

/// What a lock is called in messages.
pub(crate) fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

/// What manifest and lock do not agree on. What nobody needs to lock is no difference.
fn differences(manifest: &Manifest, lock: Option<&Lock>) -> Vec<Difference> {
    let asked = Asked::of(manifest);
    let is_fixed = |difference: &Difference| {
        let Difference::Lacking { input, for_ } = difference else { return false };
        asked
            .iter()
            .any(|asked| asked.input.name == *input && asked.for_ == *for_ && is_fixed(asked.place))
    };
    let empty = Lock::default();
    let mut all = lock::differences(manifest, lock.unwrap_or(&empty));
    all.retain(|difference| !is_fixed(difference));
    all
}

/// Whether a place cannot become another without somebody on this machine.
fn is_fixed(place: &Location) -> bool {
    match place {
        Location::Image(ImageReference::Docker { name }) => name.digest().is_some(),
        Location::Image(ImageReference::DockerDaemon { .. }) | Location::Archives { .. } => false,
        Location::Path { .. } | Location::Url { .. } | Location::Image(_) => true,
    }
}

fn refuse(differences: &[Difference], path: Option<&Path>, is_there: bool) -> Result<(), Failure> {
    let wrong: Vec<_> = differences.iter().filter(|one| !one.is_harmless()).collect();
    let Some(first) = wrong.first() else { return Ok(()) };
    let name = path.map_or_else(|| "a lock".into(), name_of);
    let texts = wrong.iter().map(|difference| format!("error: {difference}"));
    let failure = Failure::manifest(texts);
    Err(match (first, is_there) {
        (_, false) => failure.hint(format_args!(
            "there is no {name}, and only what is locked is taken (`--locked`, or CI is set): \
             `scant lock` writes it, `--no-locked` does without"
        )),
        (Difference::Lacking { .. }, true) => {
            failure.hint(format_args!("`scant lock` adds to {name} what is lacking"))
        }
        (_, true) => {
            failure.hint(format_args!("`scant lock` renews {name}, and what is the same stays"))
        }
    })
}
