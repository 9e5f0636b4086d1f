//! The planner's state, and the small steps that all its parts share.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;

use super::fault::{Fault, FaultKind, Finding, Severity};
use super::files::{Overlay, TreeFiles};
use super::placer::Placer;
use super::{Plan, Request};
use crate::formats::manifest::{Owner, Reference, Span};
use crate::rules::loader::{Environment, Opening, Spot};
use crate::rules::{Resolved, View};
use crate::words::{
    Content, FileContent, InputError, InputName, Meta, Mode, Node, NodeKind, Problem, Provenance,
    ReadAt, Source, TreePath, Why,
};

/// A plan in the making.
pub(super) struct Planner<'a> {
    pub(super) request: &'a Request<'a>,
    pub(super) placer: Placer,
    pub(super) made: BTreeMap<TreePath, Vec<u8>>,
    pub(super) faults: Vec<Fault>,
    pub(super) findings: Vec<Finding>,
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
    /// The libraries that were found, by the name asked for.
    pub(super) libraries: Vec<super::closures::FoundLibrary>,
}

/// An ELF file of the image whose needs are to be looked at.
#[derive(Clone, Debug)]
pub(super) struct Loadable {
    /// Its path in the image, and in its input where that is another.
    pub(super) spot: Spot,
    /// Its path in the image.
    pub(super) path: TreePath,
    /// The inputs its needs are taken from, in order.
    pub(super) home: Vec<InputName>,
    /// What it opens at run time.
    pub(super) openings: Vec<Opening>,
    /// The declaration it comes from.
    pub(super) span: Span,
    /// Whether the kernel starts it with privileges.
    pub(super) is_secure: bool,
}

/// A symbolic link that came with a data directory.
#[derive(Clone, Debug)]
pub(super) struct DataLink {
    pub(super) path: TreePath,
    pub(super) target: Box<[u8]>,
    pub(super) input: InputName,
    /// Where the link lies in its input.
    pub(super) source: TreePath,
    pub(super) span: Span,
    pub(super) close_elf: bool,
}

/// A closure that must hold in the image too.
#[derive(Clone, Debug)]
pub(super) struct Proof {
    pub(super) program: Spot,
    pub(super) openings: Vec<Opening>,
    pub(super) loader: Option<Spot>,
    pub(super) environment: Environment,
    pub(super) span: Span,
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
            faults: Vec::new(),
            findings: Vec::new(),
            programs: Vec::new(),
            data_elves: Vec::new(),
            data_links: Vec::new(),
            proofs: Vec::new(),
            closed: BTreeSet::new(),
            libraries: Vec::new(),
        }
    }

    /// The finished plan: faults in the order of the manifest.
    pub(super) fn finish(mut self) -> Plan {
        self.faults.sort_by_key(|fault| fault.span);
        self.findings.sort_by_key(|finding| (finding.severity, finding.span));
        self.findings.dedup();
        Plan {
            platform: self.request.platform,
            tree: self.placer.tree,
            made: self.made,
            faults: self.faults,
            findings: self.findings,
        }
    }

    /// Records a fault, once.
    pub(super) fn fault(&mut self, span: Span, kind: FaultKind) {
        let fault = Fault { span, kind };
        if !self.faults.contains(&fault) {
            self.faults.push(fault);
        }
    }

    /// Keeps the value of a step, or records its fault.
    pub(super) fn keep<T>(&mut self, span: Span, step: Result<T, FaultKind>) -> Option<T> {
        step.map_err(|kind| self.fault(span, kind)).ok()
    }

    pub(super) fn find(&mut self, span: Option<Span>, severity: Severity, text: String) {
        self.findings.push(Finding { span, severity, text, remedy: None });
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
        let asked = match reference {
            Reference::Input { path, .. } => path.as_bytes().to_vec(),
            Reference::Beside(path) => {
                [self.request.base.as_bytes(), b"/", path.as_bytes()].concat()
            }
        };
        match view.resolve(&asked) {
            Ok(found) => Ok(Located { input, view, asked, found }),
            Err(error) => {
                let path = match reference {
                    Reference::Input { path, .. } => alloc::format!("{path}"),
                    Reference::Beside(path) => path.clone(),
                };
                Err(FaultKind::Input { input, path, error })
            }
        }
    }

    /// The inputs that libraries for a file of `input` are taken from: that input alone; for a
    /// file beside the manifest, which has no root of its own, the declared ones in their order.
    pub(super) fn home(&self, input: &InputName) -> Vec<InputName> {
        if *input != InputName::manifest() {
            return Vec::from([input.clone()]);
        }
        self.request.manifest.inputs.iter().map(|declared| declared.name.clone()).collect()
    }

    /// The files as a loader sees them: the tree first, then the inputs of `home`.
    pub(super) fn overlay<'p>(&'p self, home: &'p [InputName]) -> Overlay<'p> {
        Overlay { image: self.tree_files(), home }
    }

    /// The files of the tree alone.
    pub(super) fn tree_files(&self) -> TreeFiles<'_> {
        TreeFiles { tree: &self.placer.tree, inputs: self.request.inputs, made: &self.made }
    }

    /// Surroundings of a program in the image.
    pub(super) fn environment(&self, is_secure: bool) -> Environment {
        let image = &self.request.manifest.image;
        let variable = |name: &str| image.env.get(name).map(|value| Box::from(value.as_bytes()));
        let root = || Box::from(*b"/");
        Environment {
            library_path: variable("LD_LIBRARY_PATH"),
            preload: variable("LD_PRELOAD"),
            directory: image.workdir.as_ref().map_or_else(root, |dir| dir.as_bytes().into()),
            is_secure,
            ..Environment::default()
        }
    }

    /// Puts a declared file into the tree. Two declarations of different files with the same bytes
    /// agree.
    pub(super) fn declare_node(&mut self, path: TreePath, node: Node) -> Result<(), FaultKind> {
        match self.placer.declare(path.clone(), node) {
            Err(FaultKind::Conflict(conflict)) => {
                if conflict.first.meta == conflict.second.meta && self.have_same_bytes(&conflict) {
                    if let Some(provenance) = self.placer.tree.provenance_mut(&path) {
                        provenance.merge(conflict.second.provenance);
                    }
                    return Ok(());
                }
                Err(FaultKind::Conflict(conflict))
            }
            other => other,
        }
    }

    fn have_same_bytes(&self, conflict: &crate::words::Conflict) -> bool {
        let (NodeKind::File(first), NodeKind::File(second)) =
            (&conflict.first.kind, &conflict.second.kind)
        else {
            return false;
        };
        let open = |content: &Content| self.open(content).ok();
        let (Some(a), Some(b)) = (open(&first.content), open(&second.content)) else {
            return false;
        };
        first.size == second.size && same_bytes(&*a, &*b).unwrap_or(false)
    }

    fn open(&self, content: &Content) -> Result<Box<dyn ReadAt>, InputError> {
        match self.request.inputs.get(&content.input) {
            Some(view) => view.input().open(&content.path),
            None => Err(InputError::new(&content.path, Problem::NotFound)),
        }
    }
}

fn same_bytes(first: &dyn ReadAt, second: &dyn ReadAt) -> Result<bool, InputError> {
    const CHUNK: usize = 64 << 10;
    let (mut a, mut b) = (alloc::vec![0; CHUNK], alloc::vec![0; CHUNK]);
    let mut offset = 0;
    loop {
        let (m, n) = (fill(first, offset, &mut a)?, fill(second, offset, &mut b)?);
        if a[..m] != b[..n] {
            return Ok(false);
        }
        if m == 0 {
            return Ok(true);
        }
        offset += m as u64;
    }
}

fn fill(file: &dyn ReadAt, offset: u64, buffer: &mut [u8]) -> Result<usize, InputError> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read_at(offset + filled as u64, &mut buffer[filled..])? {
            0 => break,
            count => filled += count,
        }
    }
    Ok(filled)
}

/// Mode and owner of a file or directory as declared, with defaults that do not depend on the host.
pub(super) fn meta(mode: Mode, owner: Option<Owner>) -> Meta {
    let mut meta = Meta::new(mode);
    if let Some(Owner { uid, gid }) = owner {
        (meta.uid, meta.gid) = (uid, gid);
    }
    meta
}

/// A file node for content of an input.
pub(super) fn file_node(
    input: &InputName,
    path: &TreePath,
    size: u64,
    meta: Meta,
    why: Why,
) -> Node {
    let source = Source { input: input.as_str().into(), path: path.clone(), package: None };
    let content = Content { input: input.clone(), path: path.clone() };
    Node {
        kind: NodeKind::File(FileContent { content, size }),
        meta,
        provenance: Provenance::new(Some(source), why),
    }
}

/// The mode that a file gets when nothing is declared: from the input only whether it is
/// executable.
pub(super) fn default_mode(mode: u32) -> Mode {
    if Mode::from_bits(mode).is_executable() { Mode::EXECUTABLE } else { Mode::FILE }
}
