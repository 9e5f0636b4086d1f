//! A manifest with its inputs, and the plans it comes to: what `build`, `plan` and `why` share.

mod image;

use std::collections::BTreeMap;
use std::fmt::Display;
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::FileTypeExt as _;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use scant_core::formats::lock::For;
use scant_core::formats::manifest::{
    self, Backend, BuildrootMode, InputDeclaration, Location, Manifest, PerPlatform,
};
use scant_core::formats::provenance::{Document, Origin};
use scant_core::formats::suggestion_rules::{self, Rule};
use scant_core::plan::{self, Depth, FaultKind, NamedLayer, Plan, Request};
use scant_core::rules::View;
use scant_core::words::{InputName, Platform};
use scant_io::image::PlatformImage;
use scant_io::inputs::{
    Declared, Inputs, Journal, Kept, MadeFiles, OpenRequest, OpenedInputs, opened_image,
};

use crate::exit::Failure;
use crate::locked::Locked;
use crate::render::diagnostic::{Diagnostic, Source};
use crate::sources::Sources;
use crate::surroundings::Surroundings;

/// What the parser accepts. More is not even read.
const LARGEST_MANIFEST: u64 = 4 << 20;

/// The names a manifest has when none is given.
const DEFAULT_NAMES: [&str; 2] = ["scant.yaml", "scant.yml"];

/// A manifest that was read.
#[derive(Clone)]
pub(crate) struct Project {
    /// The manifest's name as the user gave it.
    pub(crate) name: String,
    /// All that it says.
    pub(crate) text: String,
    /// The texts of the files of rules that it names.
    pub(crate) rule_texts: Vec<String>,
    directory: PathBuf,
    pub(crate) manifest: Manifest,
    /// What its inputs were when somebody looked.
    pub(crate) locked: Locked,
    sources: Rc<Sources>,
    kept: Rc<Kept>,
    /// The one platform that is planned for; else all that the manifest is for.
    only: Option<Platform>,
}

/// What a text is read as, for messages.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Manifest,
    Rules,
    Lock,
    Apko,
}

/// A plan without faults, and the inputs it takes its files from.
pub(crate) struct Planned {
    pub(crate) plan: Plan,
    pub(crate) inputs: Inputs,
    /// What those are that are one thing.
    pub(crate) origins: BTreeMap<String, Origin>,
}

impl Planned {
    /// The provenance document of the plan, which is divided into these layers.
    pub(crate) fn document(&self, layers: &[NamedLayer<'_>]) -> Document {
        let document = plan::document(&self.plan.tree, self.plan.platform, layers);
        let (inputs, packages) = (self.origins.clone(), self.plan.packages.clone());
        Document { inputs, packages, ..document }
    }
}

impl Project {
    /// Reads the manifest at `path`, `-` for standard input; without a path, `scant.yaml` or
    /// `scant.yml` in the current directory.
    pub(crate) fn read(
        path: Option<&Path>,
        sources: Sources,
        surroundings: &Surroundings,
    ) -> Result<Self, Failure> {
        let path = match path {
            Some(path) => path.to_path_buf(),
            None => default_manifest(&surroundings.directory)?,
        };
        let name = path.display().to_string();
        let text = match path == Path::new("-") {
            true => read_stdin(Kind::Manifest),
            false => read_file(&path, Kind::Manifest),
        }?;
        let directory = match path.parent() {
            Some(parent) => surroundings.directory.join(parent),
            None => surroundings.directory.clone(),
        };
        Self::new(name, text, directory, Rc::new(sources))
    }

    /// A manifest of this name and text, which lies in a directory.
    fn new(
        name: String,
        text: String,
        directory: PathBuf,
        sources: Rc<Sources>,
    ) -> Result<Self, Failure> {
        let mut manifest = manifest::parse(&text).map_err(|faults| {
            let source = Source { name: &name, text: &text };
            Failure::manifest(faults.iter().map(|f| Diagnostic::of_manifest(f).render(&source)))
        })?;
        let mut rule_texts = Vec::new();
        for file in &manifest.suggestions.files {
            let (rules, text) = read_rules(&directory.join(&file.value), &file.value)?;
            rule_texts.push(text);
            manifest
                .suggestions
                .rules
                .retain(|known| rules.iter().all(|rule| rule.id.value != known.id.value));
            manifest.suggestions.rules.extend(rules);
        }
        let locked = Locked::read(&name, &directory, &manifest, sources.lock)?;
        let kept = Rc::default();
        let only = None;
        Ok(Self { name, text, rule_texts, directory, manifest, locked, sources, kept, only })
    }

    /// The manifest's text.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The same project with another text of its manifest.
    pub(crate) fn with_text(&self, text: String) -> Result<Self, Failure> {
        let project =
            Self::new(self.name.clone(), text, self.directory.clone(), self.sources.clone())?;
        Ok(project.only(self.only))
    }

    /// The same project, planned for one platform only.
    pub(crate) fn only(self, platform: Option<Platform>) -> Self {
        Self { only: platform, ..self }
    }

    /// The same project with one more suggestion accepted.
    pub(crate) fn accepting(&self, id: &str) -> Self {
        let mut project = self.clone();
        let (id, with) = (id.to_string(), Default::default());
        let accepted = manifest::Accepted { span: manifest::Span::default(), id, with };
        project.manifest.suggestions.accept.push(accepted);
        project
    }

    /// The manifest's file, from the root on; `-` in the current directory for standard input.
    pub(crate) fn path(&self) -> PathBuf {
        let name = Path::new(&self.name).file_name().unwrap_or(self.name.as_ref());
        self.directory.join(name)
    }

    /// The name of the manifest's file without its ending: what outputs are called by default.
    pub(crate) fn stem(&self) -> &str {
        let stem = Path::new(&self.name).file_stem().and_then(|stem| stem.to_str());
        stem.filter(|stem| !matches!(*stem, "-" | "")).unwrap_or("image")
    }

    /// Plans the image for every platform.
    ///
    /// # Errors
    /// All faults of all platforms, each with its place in the manifest.
    pub(crate) fn plan(&self) -> Result<Vec<Planned>, Failure> {
        self.plan_noted(None)
    }

    /// [`Self::plan`], with all that is asked of inputs noted in the journal.
    pub(crate) fn plan_noted(&self, journal: Option<&Journal>) -> Result<Vec<Planned>, Failure> {
        self.plan_to(Depth::Symbols, journal)
    }

    /// As [`Project::plan_noted`], with suggestions for which as much is read as `depth` says.
    pub(crate) fn plan_to(
        &self,
        depth: Depth,
        journal: Option<&Journal>,
    ) -> Result<Vec<Planned>, Failure> {
        let plans = self.plans(depth, journal)?;
        let source = self.source();
        let faults: Vec<_> = plans.iter().flat_map(|planned| &planned.plan.faults).collect();
        if faults.is_empty() {
            return Ok(plans);
        }
        // What is wrong for every platform is said once; what is not says for which.
        let mut texts: Vec<String> = Vec::new();
        for planned in &plans {
            let is_everywhere = |fault| plans.iter().all(|other| other.plan.faults.contains(fault));
            for fault in &planned.plan.faults {
                let mut diagnostic = Diagnostic::of_plan(fault, &source);
                if !is_everywhere(fault) {
                    diagnostic.note(format!("for {}", planned.plan.platform));
                }
                let text = diagnostic.render(&source);
                if !texts.contains(&text) {
                    texts.push(text);
                }
            }
        }
        if faults.iter().all(|fault| is_of_an_input(&fault.kind)) {
            return Err(Failure::inputs(texts.into_iter()));
        }
        Err(Failure::manifest(texts.into_iter()))
    }

    /// The platforms that are built for.
    pub(crate) fn platforms(&self, journal: Option<&Journal>) -> Result<Vec<Platform>, Failure> {
        let common = self.open(None, journal)?;
        let views = views(&common.inputs);
        let mut platforms = plan::known_platforms(&self.manifest, &views, &common.base);
        drop(views);
        if platforms.is_empty() {
            platforms.push(self.platform_of_images().unwrap_or_else(plan::default_platform));
        }
        let is_wanted = |platform: &Platform| self.only.is_none_or(|only| only == *platform);
        if self.only.is_some() && !platforms.iter().any(is_wanted) {
            let names: Vec<_> = platforms.iter().map(ToString::to_string).collect();
            return Err(Failure::usage("the manifest is not for that platform")
                .hint(format_args!("it is for {}", names.join(", "))));
        }
        Ok(platforms.into_iter().filter(is_wanted).collect())
    }

    /// The plans as they are, faults included.
    fn plans(&self, depth: Depth, journal: Option<&Journal>) -> Result<Vec<Planned>, Failure> {
        let platforms = self.platforms(journal)?;
        platforms.into_iter().map(|platform| self.plan_for(platform, depth, journal)).collect()
    }

    /// The directories that inputs are read from, with the names of the inputs. A whole host is
    /// none of them: every output lies inside it.
    pub(crate) fn input_directories(&self) -> Vec<(InputName, PathBuf)> {
        let directory = |declaration: &InputDeclaration, place: &Location| {
            let path = match place {
                Location::Path { path, .. } => path,
                Location::Image(image) => image.path()?,
                Location::Url { .. } | Location::Archives { .. } => return None,
            };
            let path = self.directory.join(path);
            let tree = match declaration.backend {
                Backend::Buildroot { mode: BuildrootMode::Staging } => path.join("staging"),
                Backend::Buildroot { mode: BuildrootMode::Target } => path.join("target"),
                Backend::Sysroot
                | Backend::Tar { .. }
                | Backend::Http { .. }
                | Backend::Oci
                | Backend::Apt(_)
                | Backend::Apk(_) => {
                    return Some((declaration.name.clone(), path));
                }
                Backend::Host => return None,
            };
            Some((declaration.name.clone(), if tree.is_dir() { tree } else { path }))
        };
        let directories = |declaration: &InputDeclaration| -> Vec<_> {
            declaration.place.values().filter_map(|place| directory(declaration, place)).collect()
        };
        self.manifest.inputs.iter().flat_map(directories).collect()
    }

    /// The platform of the images that are inputs, if they are all for the same one. Those that
    /// cannot be read are opened again for the plan, which says why.
    fn platform_of_images(&self) -> Option<Platform> {
        let image = |input: &InputDeclaration| {
            let PerPlatform::One(Location::Image(image)) = &input.place else { return None };
            let pin = self.locked.pins.get(&(input.name.clone(), For::All)).copied();
            opened_image(self.sources(), image, &self.directory, pin).ok()
        };
        let images: Vec<_> = self.manifest.inputs.iter().filter_map(image).collect();
        let all = images.iter().flat_map(|image| &image.platforms);
        let platform =
            |one: &PlatformImage| one.manifest.descriptor.platform.as_ref()?.to_platform();
        let mut found: Vec<_> = all.map(platform).collect();
        found.dedup();
        found.pop().flatten().filter(|_| found.is_empty())
    }

    /// Which inputs there are.
    pub(crate) fn declared(&self) -> Declared<'_> {
        let pins = Some(&self.locked.pins);
        let packages = Some(&self.locked.packages);
        Declared { manifest: &self.manifest, directory: &self.directory, pins, packages }
    }

    /// Where inputs come from.
    pub(crate) fn sources(&self) -> &Sources {
        &self.sources
    }

    /// Says what a person should know of the lock.
    pub(crate) fn print_notes(&self) {
        for note in &self.locked.notes {
            // Nothing can be done when stderr is gone.
            let _ = writeln!(std::io::stderr(), "note: {note}");
        }
    }

    /// Where the manifest lies.
    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    fn plan_for(
        &self,
        platform: Platform,
        depth: Depth,
        journal: Option<&Journal>,
    ) -> Result<Planned, Failure> {
        let OpenedInputs { mut inputs, base } = self.open(Some(platform), journal)?;
        let views = views(&inputs);
        let request = Request { manifest: &self.manifest, platform, inputs: &views, base };
        let plan = plan::plan_with(&request, depth);
        drop(views);
        let made = MadeFiles::new(plan.made.clone());
        inputs.insert(InputName::scant(), Box::new(made));
        let origins = self.locked.origins(&self.manifest, platform);
        Ok(Planned { plan, inputs, origins })
    }

    fn open(
        &self,
        platform: Option<Platform>,
        journal: Option<&Journal>,
    ) -> Result<OpenedInputs, Failure> {
        let request = OpenRequest {
            declared: self.declared(),
            elsewhere: &*self.sources,
            temporary: self.sources.temporary(),
            kept: &self.kept,
        };
        let opened = request.open(platform, journal).map_err(|faults| {
            let source = self.source();
            let texts = faults
                .iter()
                .map(|fault| Diagnostic::new(fault.to_string(), fault.span).render(&source));
            Failure::inputs(texts)
        })?;
        self.sources.note_what_is_lacking();
        Ok(opened)
    }

    /// Opens all inputs for all platforms, and looks at nothing in them.
    pub(crate) fn open_all(&self) -> Result<(), Failure> {
        let platforms = self.platforms(None)?;
        platforms.into_iter().try_for_each(|platform| self.open(Some(platform), None).map(drop))
    }

    /// The manifest's text, for messages about it.
    pub(crate) fn source(&self) -> Source<'_> {
        Source { name: &self.name, text: &self.text }
    }
}

/// Views of all inputs.
pub(crate) fn views(inputs: &Inputs) -> BTreeMap<InputName, View<'_>> {
    inputs.iter().map(|(name, input)| (name.clone(), View::new(input))).collect()
}

/// Whether a fault is one of what is there, not of what the manifest says.
fn is_of_an_input(kind: &FaultKind) -> bool {
    matches!(
        kind,
        FaultKind::Input { .. }
            | FaultKind::Damaged { .. }
            | FaultKind::Missing(_)
            | FaultKind::MissingVersion { .. }
            | FaultKind::NotFoundInImage { .. }
    )
}

fn default_manifest(directory: &Path) -> Result<PathBuf, Failure> {
    let found = DEFAULT_NAMES.iter().find(|name| directory.join(name).is_file());
    found.map(PathBuf::from).ok_or_else(|| {
        Failure::usage("no manifest is named, and the current directory has no scant.yaml")
            .hint("`scant init PROGRAM > scant.yaml` makes one")
    })
}

/// Reads a file of suggestion rules, and gives its text as well.
fn read_rules(path: &Path, name: &str) -> Result<(Vec<Rule>, String), Failure> {
    // What the manifest says may begin with `./`.
    let text = read_file(&path.components().collect::<PathBuf>(), Kind::Rules)?;
    let rules = suggestion_rules::parse(&text).map_err(|faults| {
        let source = Source { name, text: &text };
        Failure::manifest(faults.iter().map(|f| Diagnostic::of_manifest(f).render(&source)))
    })?;
    Ok((rules, text))
}

pub(crate) fn read_file(path: &Path, kind: Kind) -> Result<String, Failure> {
    let name = path.display().to_string();
    let failed = |error: std::io::Error| {
        let failure = unread(&name, kind, &error);
        match image::of_name(&name).filter(|_| matches!(kind, Kind::Manifest)) {
            Some(what) if error.kind() == ErrorKind::NotFound => image::given(&name, what),
            _ => failure,
        }
    };
    // Looked at first: opening a FIFO waits for a writer.
    let metadata = std::fs::metadata(path).map_err(failed)?;
    if let Some(what) = image::of_file(path) {
        return Err(image::given(&name, what));
    }
    if let Some(what) = no_text(path, metadata.file_type()) {
        let failure = unread(&name, kind, &format_args!("it is {what}"));
        return Err(match kind {
            Kind::Manifest => failure.hint("a manifest is a file, or `-` for standard input"),
            Kind::Rules | Kind::Lock | Kind::Apko => failure,
        });
    }
    if metadata.is_file() && metadata.len() > LARGEST_MANIFEST {
        return Err(too_large(&name, Some(metadata.len())));
    }
    read_text(std::fs::File::open(path).map_err(failed)?, &name, kind)
}

fn unread(name: &str, kind: Kind, reason: &dyn Display) -> Failure {
    let failure = Failure::usage(format_args!("the {kind} `{name}` cannot be read: {reason}"));
    match kind {
        Kind::Manifest | Kind::Lock | Kind::Apko => failure,
        Kind::Rules => failure.hint("`suggestions: rules:` names files relative to the manifest"),
    }
}

/// What a path is that no manifest is read from. Pipes without a name, as the shell's `<(command)`
/// makes them, have somebody at the other end; FIFOs may not.
fn no_text(path: &Path, kind: std::fs::FileType) -> Option<&'static str> {
    match () {
        () if kind.is_dir() => Some("a directory"),
        () if kind.is_fifo() && path.canonicalize().is_ok() => Some("a FIFO"),
        () if kind.is_socket() => Some("a socket"),
        () if kind.is_char_device() || kind.is_block_device() => Some("a device"),
        () => None,
    }
}

fn too_large(name: &str, size: Option<u64>) -> Failure {
    let size = size.map_or_else(String::new, |size| format!(", {size} bytes,"));
    let most = LARGEST_MANIFEST >> 20;
    Failure::usage(format_args!(
        "`{name}`{size} is too large to be a manifest: at most {most} MiB are read"
    ))
    .hint("a directory under `data` takes all that is in it with one line")
}

pub(crate) fn read_stdin(kind: Kind) -> Result<String, Failure> {
    read_text(std::io::stdin().lock(), "standard input", kind)
}

fn read_text(reader: impl std::io::Read, name: &str, kind: Kind) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    let count = reader.take(LARGEST_MANIFEST + 1).read_to_end(&mut bytes);
    let count = count.map_err(|error| unread(name, kind, &error))?;
    if count as u64 > LARGEST_MANIFEST {
        return Err(too_large(name, None));
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let line = 1 + error.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count();
        let byte = error.as_bytes().get(at).copied().unwrap_or_default();
        let text = format!("the {kind} `{name}` is not UTF-8: byte {byte:#04x} in line {line}");
        Failure::usage(text).hint("save it as UTF-8")
    })
}

impl Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Manifest => "manifest",
            Self::Rules => "file of suggestion rules",
            Self::Lock => "lock",
            Self::Apko => "apko file",
        })
    }
}
