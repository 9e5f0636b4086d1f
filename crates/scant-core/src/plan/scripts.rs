//! Scripts bring the interpreter that their first line names, and with `env` the program that it
//! looks for.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::closures::Loadable;
use super::declared::Executable;
use super::fault::{FaultKind, MissingName};
use super::homes::Home;
use super::nodes::default_mode;
use super::placer::{Last, Route};
use super::planner::{Located, Planner};
use super::tree_view::{self, Seen};
use crate::formats::manifest::Span;
use crate::formats::shebang::Shebang;
use crate::rules::loader::{Files as _, Opening, Spot};
use crate::words::{Escaped, How, InputName, Meta, Mode, Relation, Section, TreePath, Why};

/// Where runtimes look for programs when the image sets no `PATH`.
const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The interpreter of a script may be a script; the kernel follows this many (`exec_binprm`).
const MOST_SCRIPTS: usize = 5;

/// A script of the image whose interpreter is still to be looked for.
#[derive(Clone, Debug)]
pub(super) struct Script {
    pub(super) path: TreePath,
    pub(super) shebang: Shebang,
    pub(super) home: Home,
    pub(super) span: Span,
    /// What the interpreter opens at run time.
    pub(super) openings: Vec<Opening>,
}

impl<'a> Planner<'a> {
    /// Brings in what scripts name. It is done when all that is declared is in the tree, so that a
    /// declared interpreter is taken, wherever it comes from.
    pub(super) fn need_interpreters(&mut self) {
        let mut interpreters = BTreeMap::new();
        while let Some(script) = self.scripts.pop() {
            let program = script.shebang.env_program().map(<[u8]>::to_vec);
            let path = self.absolute(&script.shebang.interpreter);
            let is_last = program.is_none();
            let at = self.need_executable(&script, &script.shebang.interpreter, &path, is_last);
            interpreters.extend(at.map(|at| (script.path.clone(), (at, script.span))));
            let Some(program) = program else { continue };
            match self.in_search_path(&program, &script.home) {
                Some(path) => {
                    self.need_executable(&script, &program, &path, true);
                }
                None => {
                    let candidates = self.search_path().into_iter();
                    let tried = candidates.map(|dir| [&dir, &b"/"[..], &program].concat());
                    self.miss_interpreter(&script, &program, tried.collect());
                }
            }
        }
        self.refuse_long_chains(&interpreters);
    }

    fn refuse_long_chains(&mut self, interpreters: &BTreeMap<TreePath, (TreePath, Span)>) {
        for (script, (_, span)) in interpreters {
            let next = |path: &&TreePath| interpreters.get(*path).map(|(next, _)| next);
            let chain = core::iter::successors(Some(script), |path| next(path));
            if chain.take(MOST_SCRIPTS + 2).count() > MOST_SCRIPTS + 1 {
                let path = script.to_string();
                self.fault(*span, FaultKind::TooManyInterpreters { path });
            }
        }
    }

    /// Brings in an executable that a script names as `name`. `is_last` says that it is the one
    /// that runs the script. Gives its path.
    fn need_executable(
        &mut self,
        script: &Script,
        name: &[u8],
        path: &[u8],
        is_last: bool,
    ) -> Option<TreePath> {
        let why = Why::Depends {
            of: script.path.clone(),
            relation: Relation::Shebang,
            name: Escaped(name).to_string(),
            how: How::Path,
        };
        let openings = if is_last { &script.openings[..] } else { &[] };
        if let Some((at, Seen::Node(_))) = self.placer.seen(path) {
            if let Some(provenance) = self.placer.tree.provenance_mut(&at) {
                provenance.add(why);
            }
            // Its needs are known already; what it opens for this script is not.
            if !openings.is_empty() {
                let home = script.home.clone();
                self.load(script, Spot::new(at.as_bytes()), at.clone(), home, openings);
            }
            return Some(at);
        }
        let needed = self.need_file(path, &script.home.libraries, why, Some(Mode::EXECUTABLE));
        let Some((at, located)) = self.keep(script.span, needed)? else {
            self.miss_interpreter(script, name, Vec::from([path.to_vec()]));
            return None;
        };
        let executable = self.executable(&located);
        let home = self.home(&located.input);
        match self.keep(script.span, executable)? {
            Executable::Script(shebang) => {
                let (path, span, openings) = (at.clone(), script.span, openings.to_vec());
                self.scripts.push(Script { path, shebang, home, span, openings });
            }
            Executable::Elf => {
                let spot = Spot::moved(at.as_bytes(), located.found.path.as_bytes());
                self.load(script, spot, at.clone(), home, openings);
            }
        }
        Some(at)
    }

    fn load(
        &mut self,
        script: &Script,
        spot: Spot,
        path: TreePath,
        home: Home,
        openings: &[Opening],
    ) {
        let (span, section) = (script.span, Section::Binaries);
        let openings = openings.to_vec();
        self.programs.push(Loadable {
            spot,
            path,
            home,
            openings,
            span,
            section,
            is_secure: false,
        });
    }

    /// Takes the file at `path` from the first of `inputs` that has it; none when none has.
    pub(super) fn need_file(
        &mut self,
        path: &[u8],
        inputs: &[InputName],
        why: Why,
        mode: Option<Mode>,
    ) -> Result<Option<(TreePath, Located<'a>)>, FaultKind> {
        for input in inputs {
            let Some(view) = self.request.inputs.get(input) else { continue };
            let path = tree_view::sought(&self.placer.tree, path, |p| view.resolve(p).is_ok());
            let Ok(found) = view.resolve(&path) else { continue };
            if found.entry.file_size().is_none() {
                continue;
            }
            let landed = self.placer.land(&path, Some(Route { input, view }), Last::Follow)?;
            let mode = mode.unwrap_or_else(|| default_mode(found.entry.mode));
            let node = self.file_node(input, &found.path, &found.entry, Meta::new(mode), why);
            self.placer.need(landed.clone(), node)?;
            let located = Located { input: input.clone(), view, asked: path.to_vec(), found };
            return Ok(Some((landed, located)));
        }
        Ok(None)
    }

    fn miss_interpreter(&mut self, script: &Script, name: &[u8], tried: Vec<Vec<u8>>) {
        let inputs = &script.home.libraries;
        let elsewhere = self.elsewhere(name, tried.iter().map(Vec::as_slice), inputs);
        let tries = tried.iter().map(|path| alloc::format!("{}: not there", Escaped(path)));
        let missing = MissingName {
            name: Escaped(name).to_string(),
            relation: Relation::Shebang,
            by: Vec::from([script.path.clone()]),
            section: Section::Binaries,
            tries: tries.collect(),
            elsewhere,
        };
        self.miss(script.span, missing);
    }

    /// The directories in which programs are looked for: the image's `PATH`.
    pub(super) fn search_path(&self) -> Vec<Vec<u8>> {
        let path = self.request.manifest.image.env.get("PATH").map_or(DEFAULT_PATH, String::as_str);
        let directories = path.split(':').filter(|directory| directory.starts_with('/'));
        directories.map(|directory| directory.as_bytes().to_vec()).collect()
    }

    /// The path of a program that the image, or an input, has in a directory of `PATH`.
    fn in_search_path(&self, program: &[u8], home: &Home) -> Option<Vec<u8>> {
        let candidates =
            self.search_path().into_iter().map(|dir| [&dir, &b"/"[..], program].concat());
        let overlay = self.overlay(home);
        candidates.into_iter().find(|path| overlay.open(&Spot::new(path.clone())).is_ok())
    }
}
