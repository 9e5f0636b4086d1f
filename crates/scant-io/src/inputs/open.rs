//! The inputs of a manifest, opened.

use std::path::{Component, Path, PathBuf};

use scant_core::formats::lock::For;
use scant_core::formats::manifest::{
    Backend, BuildrootMode, InputDeclaration, Location, Manifest, PerPlatform, Reference, Span,
};
use scant_core::words::{Input, InputName, Platform, TreePath};

use super::elsewhere::{self, Fixed, Identity, Nowhere, Shared};
use super::{
    BuildrootTree, DirectoryInput, Elsewhere, InputFaultKind, Inputs, Journal, Kept,
    LockedPackages, Packages, Pins, open_buildroot,
};

/// The inputs of a manifest for one platform.
pub struct OpenedInputs {
    /// By name; the files beside the manifest are [`InputName::manifest`].
    pub inputs: Inputs,
    /// The manifest's directory inside the input of the files beside it.
    pub base: TreePath,
}

/// Which inputs there are.
#[derive(Clone, Copy)]
pub struct Declared<'a> {
    /// The manifest.
    pub manifest: &'a Manifest,
    /// The directory it lies in.
    pub directory: &'a Path,
    /// What its places were when somebody looked.
    pub pins: Option<&'a Pins>,
    /// The packages that were chosen then.
    pub packages: Option<&'a LockedPackages>,
}

/// All that is needed to open them.
#[derive(Clone, Copy)]
pub struct OpenRequest<'a> {
    /// Which.
    pub declared: Declared<'a>,
    /// Where things come from that are not on this machine.
    pub elsewhere: &'a dyn Elsewhere,
    /// The directory for temporary files.
    pub temporary: &'a Path,
    /// What was opened already.
    pub kept: &'a Kept,
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

/// The inputs, before it is decided who else hears what they say.
pub(super) struct Opened {
    pub(super) inputs: Vec<(InputName, OpenedInput)>,
    pub(super) base: TreePath,
}

/// An opened input, and what tells it from what it may be the next time.
pub(super) enum OpenedInput {
    /// What it says is compared answer by answer.
    Directory(DirectoryInput),
    /// It says the same as long as it is the same; none if nobody can tell that it is.
    Fixed(Option<Identity>, Shared),
}

/// What an input is, before it is opened.
pub(super) enum Identified {
    Directory(DirectoryInput),
    Fixed(Option<Identity>),
}

/// Opens the inputs of a manifest that lies in `directory`, of which none comes from elsewhere. Those
/// given per platform are opened for `platform`, and left out when it is none or they have no place
/// for it.
///
/// # Errors
/// All inputs that cannot be opened.
pub fn open_inputs(
    manifest: &Manifest,
    directory: &Path,
    platform: Option<Platform>,
) -> Result<OpenedInputs, Vec<InputFault>> {
    local((manifest, directory).into(), platform, None)
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
    local((manifest, directory).into(), platform, Some(journal))
}

fn local(
    declared: Declared<'_>,
    platform: Option<Platform>,
    journal: Option<&Journal>,
) -> Result<OpenedInputs, Vec<InputFault>> {
    let kept = Kept::default();
    let request =
        OpenRequest { declared, elsewhere: &Nowhere, temporary: declared.directory, kept: &kept };
    request.open(platform, journal)
}

impl<'a> From<(&'a Manifest, &'a Path)> for Declared<'a> {
    fn from((manifest, directory): (&'a Manifest, &'a Path)) -> Self {
        Self { manifest, directory, pins: None, packages: None }
    }
}

impl OpenRequest<'_> {
    /// Opens the inputs: those that are the same for all platforms, and those of one. What is asked of
    /// them is noted in the journal.
    ///
    /// # Errors
    /// All inputs that cannot be opened.
    pub fn open(
        &self,
        platform: Option<Platform>,
        journal: Option<&Journal>,
    ) -> Result<OpenedInputs, Vec<InputFault>> {
        let Opened { inputs: opened, base } = self
            .declared
            .each(platform, |declaration, place| open(self, declaration, place, platform))?;
        if let Some(journal) = journal {
            return Ok(journal.begin(platform, Opened { inputs: opened, base }));
        }
        let mut inputs = Inputs::default();
        for (name, input) in opened {
            inputs.insert(name, input.into_input());
        }
        Ok(OpenedInputs { inputs, base })
    }
}

impl Declared<'_> {
    /// What the inputs are, as far as it can be told without opening more than directories.
    pub(super) fn identify(
        &self,
        platform: Option<Platform>,
    ) -> Option<(Vec<(InputName, Identified)>, TreePath)> {
        let mut inputs = Vec::new();
        for declaration in &self.manifest.inputs {
            let Some(place) = declaration.place.get(platform) else { continue };
            let fixed = Fixed::new(self, declaration, place, platform);
            let input = match directory(declaration, place, self.directory) {
                Some(opened) => Identified::Directory(opened.ok()?),
                None if fixed.is_left_out() => continue,
                None => Identified::Fixed(fixed.identity()),
            };
            inputs.push((declaration.name.clone(), input));
        }
        let (root, base) = beside(self.manifest, self.directory);
        let beside = DirectoryInput::open(&root, Packages::None).ok()?;
        inputs.push((InputName::manifest(), Identified::Directory(beside)));
        Some((inputs, base))
    }

    /// Opens each, and the files beside the manifest.
    fn each(
        &self,
        platform: Option<Platform>,
        open: impl Fn(&InputDeclaration, &Location) -> Result<Option<OpenedInput>, InputFaultKind>,
    ) -> Result<Opened, Vec<InputFault>> {
        let (mut inputs, mut faults) = (Vec::new(), Vec::new());
        for declaration in &self.manifest.inputs {
            let Some(place) = declaration.place.get(platform) else { continue };
            let name = declaration.name.clone();
            match open(declaration, place) {
                Ok(input) => inputs.extend(input.map(|input| (name, input))),
                Err(error) => {
                    faults.push(InputFault { span: Some(declaration.span), name, error });
                }
            }
        }
        let (root, base) = beside(self.manifest, self.directory);
        let name = InputName::manifest();
        match DirectoryInput::open(&root, Packages::None) {
            Ok(input) => inputs.push((name, OpenedInput::Directory(input))),
            Err(error) => faults.push(InputFault { span: None, name, error: error.into() }),
        }
        if faults.is_empty() { Ok(Opened { inputs, base }) } else { Err(faults) }
    }

    /// What a place was when somebody looked.
    pub(super) fn pin(
        &self,
        declaration: &InputDeclaration,
        platform: Option<Platform>,
    ) -> Option<scant_core::words::Digest> {
        let for_ = match declaration.place {
            PerPlatform::One(_) => For::All,
            PerPlatform::Each(_) => platform.into(),
        };
        self.pins?.get(&(declaration.name.clone(), for_)).copied()
    }
}

impl OpenedInput {
    pub(super) fn into_input(self) -> Box<dyn Input> {
        match self {
            Self::Directory(input) => Box::new(input),
            Self::Fixed(_, input) => Box::new(input),
        }
    }
}

fn open(
    request: &OpenRequest<'_>,
    declaration: &InputDeclaration,
    place: &Location,
    platform: Option<Platform>,
) -> Result<Option<OpenedInput>, InputFaultKind> {
    if let Some(opened) = directory(declaration, place, request.declared.directory) {
        return Ok(Some(OpenedInput::Directory(opened?)));
    }
    let fixed = Fixed::new(&request.declared, declaration, place, platform);
    // Before it is opened: what changes meanwhile is another.
    let identity = fixed.identity();
    let input = elsewhere::open(request, &fixed)?;
    Ok(input.map(|input| OpenedInput::Fixed(identity, input)))
}

/// The directory that an input is; none if it is something else.
fn directory(
    declaration: &InputDeclaration,
    place: &Location,
    directory: &Path,
) -> Option<Result<DirectoryInput, InputFaultKind>> {
    let Location::Path { path, .. } = place else { return None };
    let path = directory.join(path);
    let opened = match &declaration.backend {
        Backend::Buildroot { mode } => {
            let tree = match mode {
                BuildrootMode::Staging => BuildrootTree::Staging,
                BuildrootMode::Target => BuildrootTree::Target,
            };
            open_buildroot(&path, tree)
        }
        Backend::Sysroot | Backend::Host => DirectoryInput::open(&path, Packages::default()),
        Backend::Tar { .. }
        | Backend::Http { .. }
        | Backend::Oci
        | Backend::Apt(_)
        | Backend::Apk(_) => return None,
    };
    Some(opened.map_err(InputFaultKind::from))
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
