//! The planner's state, and the small steps that all its parts share.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::closures::{FoundLibrary, Loadable, Proof};
use super::fault::{Fault, FaultKind, Finding, Severity, is_between_declarations};
use super::files::{Caches, Overlay, TreeFiles};
use super::homes::{Home, Loaders};
use super::link_targets::DataLink;
use super::placer::Placer;
use super::scripts::Script;
use super::suggestions::Suggesting;
use super::{Plan, Request};
use crate::formats::manifest::{Backend, InputDeclaration, Reference, Span};
use crate::rules::loader::Environment;
use crate::rules::packages::accounts::Lists;
use crate::rules::{Resolved, View};
use crate::words::{InputName, TreePath};

/// A plan in the making.
pub(super) struct Planner<'a> {
    pub(super) request: &'a Request<'a>,
    pub(super) placer: Placer,
    pub(super) made: BTreeMap<TreePath, Vec<u8>>,
    /// The users and groups of the image, declared or of packages.
    pub(super) accounts: Lists,
    pub(super) faults: Vec<Fault>,
    /// What was said already: faults of a closure come again with every program that shares it.
    said: BTreeSet<(Option<Span>, String)>,
    /// Which of `faults` tells of a missing name.
    pub(super) missing: BTreeMap<String, usize>,
    /// Names that plug-ins of suggestions lack, and files of the image have: what opens the plug-ins
    /// has opened those before.
    pub(super) opened_before: BTreeSet<String>,
    pub(super) findings: Vec<Finding>,
    /// Scripts whose interpreters are still to be looked for.
    pub(super) scripts: Vec<Script>,
    /// Programs whose needs are still to be looked at.
    pub(super) programs: Vec<Loadable>,
    /// ELF files of data declarations, likewise.
    pub(super) data_elves: Vec<Loadable>,
    /// Links of data declarations: what they point at is looked for when all data is placed.
    pub(super) data_links: Vec<DataLink>,
    /// What was closed over, to be proved on the finished tree.
    pub(super) proofs: Vec<Proof>,
    /// The files whose needs are in the tree.
    pub(super) closed: BTreeSet<TreePath>,
    /// The libraries that the loaders' system rules found.
    pub(super) libraries: BTreeSet<FoundLibrary>,
    pub(super) loaders: Loaders,
    pub(super) suggesting: Suggesting,
}

/// A file of an input that was found for a reference.
pub(super) struct Located<'a> {
    pub(super) input: InputName,
    pub(super) view: &'a View<'a>,
    /// The path as it was asked for, absolute inside the input.
    pub(super) asked: Vec<u8>,
    pub(super) found: Resolved,
}

impl<'a> Planner<'a> {
    pub(super) fn new(request: &'a Request<'a>) -> Self {
        Self {
            request,
            placer: Placer::default(),
            made: BTreeMap::new(),
            accounts: Lists::default(),
            faults: Vec::new(),
            said: BTreeSet::new(),
            missing: BTreeMap::new(),
            opened_before: BTreeSet::new(),
            findings: Vec::new(),
            scripts: Vec::new(),
            programs: Vec::new(),
            data_elves: Vec::new(),
            data_links: Vec::new(),
            proofs: Vec::new(),
            closed: BTreeSet::new(),
            libraries: BTreeSet::new(),
            loaders: Loaders::default(),
            suggesting: Suggesting::default(),
        }
    }

    /// The finished plan: faults in the order of the manifest.
    pub(super) fn finish(mut self) -> Plan {
        self.faults.sort_by_key(|fault| fault.span);
        self.findings.sort_by_key(|finding| (finding.severity, finding.span));
        let packages = self.used_packages();
        Plan {
            packages,
            platform: self.request.platform,
            tree: self.placer.tree,
            made: self.made,
            faults: self.faults,
            findings: self.findings,
            suggestions: self.suggesting.open,
        }
    }

    /// Records a fault, once; one that a closure has, once for all that share the closure.
    pub(super) fn fault(&mut self, span: Span, kind: FaultKind) {
        let key = match &kind {
            FaultKind::Conflict(conflict) if !is_between_declarations(conflict) => {
                (None, alloc::format!("conflict at {}", conflict.path))
            }
            FaultKind::MissingVersion { .. } | FaultKind::NotFoundInImage { .. } => {
                (None, kind.to_string())
            }
            // A directory may have any number of them: the first tells where they begin.
            FaultKind::PathTooLong { .. } => (Some(span), "path too long".into()),
            _ => (Some(span), kind.to_string()),
        };
        if self.said.insert(key) {
            self.faults.push(Fault { span, kind });
        }
    }

    /// Keeps the value of a step, or records its fault.
    pub(super) fn keep<T>(&mut self, span: Span, step: Result<T, FaultKind>) -> Option<T> {
        step.map_err(|kind| self.fault(span, kind)).ok()
    }

    pub(super) fn find(&mut self, span: Option<Span>, severity: Severity, text: String) {
        self.advise(Finding { span, severity, text, remedy: None });
    }

    /// Records a finding, once whatever declaration it comes from.
    pub(super) fn advise(&mut self, finding: Finding) {
        if self.said.insert((None, finding.text.clone())) {
            self.findings.push(finding);
        }
    }

    /// The view of an input.
    pub(super) fn view(&self, input: &InputName) -> Result<&'a View<'a>, FaultKind> {
        let platform = self.request.platform;
        let missing = || FaultKind::NoInputForPlatform { input: input.clone(), platform };
        self.request.inputs.get(input).ok_or_else(missing)
    }

    /// Finds what a reference names.
    pub(super) fn locate(&self, reference: &Reference) -> Result<Located<'a>, FaultKind> {
        let input = reference.input();
        let view = self.view(&input)?;
        let (asked, shown) = match reference {
            Reference::Input { path, .. } => (path.as_bytes().to_vec(), path.to_string()),
            Reference::Beside(path) => {
                let asked = [self.request.base.as_bytes(), b"/", path.as_bytes()].concat();
                (asked, path.clone())
            }
        };
        match view.resolve(&asked) {
            Ok(found) if self.is_of_the_kernel(&input, &found.path) => {
                let file = super::placer::named(&input, &found.path);
                Err(FaultKind::Special { file, kind: "made by the running kernel" })
            }
            Ok(found) => Ok(Located { input, view, asked, found }),
            Err(error) => {
                let elsewhere = self.programs_named(&input, &asked);
                Err(FaultKind::Input { input, path: shown, error, elsewhere })
            }
        }
    }

    /// Whether a file of the host is made by its kernel as it is read: such files have no size, and
    /// other bytes each time.
    fn is_of_the_kernel(&self, input: &InputName, path: &TreePath) -> bool {
        let is_host = |declared: &&InputDeclaration| {
            declared.name == *input && declared.backend == Backend::Host
        };
        let below = |directory| path.below(&TreePath::literal(directory)).is_some();
        self.request.manifest.inputs.iter().any(|declared| is_host(&declared))
            && ["/proc", "/sys"].into_iter().any(below)
    }

    /// The files as a loader sees them: the tree first, then the inputs of `home`.
    pub(super) fn overlay<'p>(&'p self, home: &'p Home) -> Overlay<'p> {
        let Home { own, libraries } = home;
        Overlay { image: self.tree_files(), own, libraries, caches: Caches::OfInputs }
    }

    /// The files of the tree alone.
    pub(super) fn tree_files(&self) -> TreeFiles<'_> {
        TreeFiles { tree: &self.placer.tree, inputs: self.request.inputs, made: &self.made }
    }

    /// Surroundings of a program in the image.
    pub(super) fn environment(&self, is_secure: bool) -> Environment {
        let image = &self.request.manifest.image;
        let variable = |name: &str| image.env.get(name).map(|value| Box::from(value.as_bytes()));
        Environment {
            library_path: variable("LD_LIBRARY_PATH"),
            preload: variable("LD_PRELOAD"),
            directory: self.working_directory().as_bytes().into(),
            is_secure,
            ..Environment::default()
        }
    }

    /// The directory that the image's program starts in.
    pub(super) fn working_directory(&self) -> TreePath {
        let workdir = self.request.manifest.image.workdir.as_ref();
        workdir.map_or_else(TreePath::root, |workdir| workdir.value.clone())
    }

    /// `path` in the image, a relative one below the working directory.
    pub(super) fn absolute(&self, path: &[u8]) -> Vec<u8> {
        if path.starts_with(b"/") {
            return path.to_vec();
        }
        [self.working_directory().as_bytes(), b"/", path].concat()
    }
}
