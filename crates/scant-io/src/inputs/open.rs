//! The inputs of a manifest, opened.

use std::path::{Component, Path, PathBuf};

use scant_core::formats::manifest::{
    Backend, BuildrootMode, InputDeclaration, Location, Manifest, Reference, Span,
};
use scant_core::words::{InputName, Platform, TreePath};

use super::{BuildrootTree, DirectoryInput, Inputs, Journal, OpenError, Packages, open_buildroot};

/// The inputs of a manifest for one platform.
pub struct OpenedInputs {
    /// By name; the files beside the manifest are [`InputName::manifest`].
    pub inputs: Inputs,
    /// The manifest's directory inside the input of the files beside it.
    pub base: TreePath,
}

/// An input that cannot be opened.
#[derive(Debug, thiserror::Error)]
#[error("input {name}: {error}")]
pub struct InputFault {
    /// Its declaration; none for the directory of the manifest.
    pub span: Option<Span>,
    /// Its name.
    pub name: InputName,
    /// Why.
    #[source]
    pub error: InputFaultKind,
}

/// Why an input cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum InputFaultKind {
    /// It is no directory that can be read.
    #[error(transparent)]
    Directory(#[from] OpenError),
    /// It is of a kind that is declared but not yet opened.
    #[error("this version cannot read inputs with backend `{0}`")]
    Unsupported(&'static str),
}

/// The same, before it is decided who else hears what they say.
pub(super) struct OpenedDirectories {
    pub(super) inputs: Vec<(InputName, DirectoryInput)>,
    pub(super) base: TreePath,
}

/// Opens the inputs of a manifest that lies in `directory`. Those given per platform are opened for
/// `platform`, and left out when it is none or they have no path for it.
///
/// # Errors
/// All inputs that cannot be opened.
pub fn open_inputs(
    manifest: &Manifest,
    directory: &Path,
    platform: Option<Platform>,
) -> Result<OpenedInputs, Vec<InputFault>> {
    let OpenedDirectories { inputs: opened, base } =
        open_directories(manifest, directory, platform)?;
    let mut inputs = Inputs::default();
    for (name, input) in opened {
        inputs.insert(name, Box::new(input));
    }
    Ok(OpenedInputs { inputs, base })
}

/// [`open_inputs`], with all that is asked of them noted in `journal`.
///
/// # Errors
/// As [`open_inputs`].
pub fn open_inputs_noted(
    manifest: &Manifest,
    directory: &Path,
    platform: Option<Platform>,
    journal: &Journal,
) -> Result<OpenedInputs, Vec<InputFault>> {
    let opened = open_directories(manifest, directory, platform)?;
    Ok(journal.begin(platform, opened))
}

pub(super) fn open_directories(
    manifest: &Manifest,
    directory: &Path,
    platform: Option<Platform>,
) -> Result<OpenedDirectories, Vec<InputFault>> {
    let (mut inputs, mut faults) = (Vec::new(), Vec::new());
    for declaration in &manifest.inputs {
        let Some(place) = declaration.place.get(platform) else { continue };
        match open(declaration, place, directory) {
            Ok(input) => inputs.push((declaration.name.clone(), input)),
            Err(error) => faults.push(InputFault {
                span: Some(declaration.span),
                name: declaration.name.clone(),
                error,
            }),
        }
    }
    let (root, base) = beside(manifest, directory);
    match DirectoryInput::open(&root, Packages::None) {
        Ok(input) => inputs.push((InputName::manifest(), input)),
        Err(error) => {
            let name = InputName::manifest();
            faults.push(InputFault { span: None, name, error: error.into() });
        }
    }
    if faults.is_empty() { Ok(OpenedDirectories { inputs, base }) } else { Err(faults) }
}

fn open(
    declaration: &InputDeclaration,
    place: &Location,
    directory: &Path,
) -> Result<DirectoryInput, InputFaultKind> {
    let path = match place {
        Location::Path { path, .. } => directory.join(path),
        Location::Url { .. } | Location::Image(_) => {
            return Err(InputFaultKind::Unsupported(declaration.backend.as_str()));
        }
    };
    match &declaration.backend {
        Backend::Buildroot { mode } => {
            let tree = match mode {
                BuildrootMode::Staging => BuildrootTree::Staging,
                BuildrootMode::Target => BuildrootTree::Target,
            };
            Ok(open_buildroot(&path, tree)?)
        }
        Backend::Sysroot | Backend::Host => Ok(DirectoryInput::open(&path, Packages::default())?),
        other => Err(InputFaultKind::Unsupported(other.as_str())),
    }
}

/// The root of the files beside the manifest, and the manifest's directory inside it: as far above
/// the manifest as its references reach with `..`, so that links cannot lead further.
fn beside(manifest: &Manifest, directory: &Path) -> (PathBuf, TreePath) {
    let references = manifest.binaries.iter().map(|binary| &binary.from);
    let references = references.chain(manifest.data.iter().map(|data| &data.from));
    let highest = references.map(levels_above).max().unwrap_or(0);
    let directory = directory.canonicalize().unwrap_or_else(|_| directory.to_path_buf());
    let mut root = directory.as_path();
    let mut names = Vec::new();
    for _ in 0..highest {
        let (Some(parent), Some(name)) = (root.parent(), root.file_name()) else { break };
        names.push(name.as_encoded_bytes());
        root = parent;
    }
    let base = names.iter().rev().fold(TreePath::root(), |path, name| path.join(name));
    (root.to_path_buf(), base)
}

/// How many directories above the manifest's a reference reaches.
fn levels_above(reference: &Reference) -> usize {
    let Reference::Beside(path) = reference else { return 0 };
    let (mut depth, mut highest) = (0usize, 0usize);
    for component in Path::new(path).components() {
        match component {
            Component::ParentDir if depth == 0 => highest += 1,
            Component::ParentDir => depth -= 1,
            Component::Normal(_) => depth += 1,
            _ => {}
        }
    }
    highest
}
