//! Scripts bring the interpreter that their first line names, and with `env` the program that it
//! looks for.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::declared::Executable;
use super::fault::{FaultKind, MissingName};
use super::placer::{Last, Route};
use super::walk::{Loadable, Located, Planner, default_mode, file_node};
use crate::formats::manifest::Span;
use crate::formats::shebang::Shebang;
use crate::rules::loader::{Files as _, Spot};
use crate::words::{EntryKind, Escaped, How, InputName, Meta, Mode, Relation, TreePath, Why};

/// Where `env` and shells look for programs when the image sets no `PATH`.
const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Scripts may name scripts as their interpreters; the kernel follows this many.
const MOST_INTERPRETERS: usize = 5;

impl<'a> Planner<'a> {
    /// The interpreter of a script, and with `env` the program that it looks for.
    pub(super) fn need_interpreter(
        &mut self,
        span: Span,
        script: &TreePath,
        shebang: &Shebang,
        home: &[InputName],
    ) {
        let mut next = Some((script.clone(), shebang.clone()));
        for _ in 0..MOST_INTERPRETERS {
            let Some((script, shebang)) = next.take() else { return };
            next = self.need_executable(span, &script, &shebang.interpreter, home);
            if let Some(program) = shebang.env_program() {
                match self.in_search_path(program, home) {
                    Some(path) => {
                        let script = self.need_executable(span, &script, &path, home);
                        next = next.or(script);
                    }
                    None => self.miss_interpreter(span, &script, program, self.search_path()),
                }
            }
        }
    }

    /// Brings in an executable that a script names. Gives the script that it is, if it is one.
    fn need_executable(
        &mut self,
        span: Span,
        script: &TreePath,
        path: &[u8],
        home: &[InputName],
    ) -> Option<(TreePath, Shebang)> {
        if !path.starts_with(b"/") {
            self.miss_interpreter(span, script, path, Vec::new());
            return None;
        }
        let why = Why::Depends {
            of: script.clone(),
            relation: Relation::Shebang,
            name: Escaped(path).to_string(),
            how: How::Path,
        };
        if let Some((at, _)) = self.placer.seen(path) {
            if let Some(provenance) = self.placer.tree.provenance_mut(&at) {
                provenance.add(why);
            }
            return None;
        }
        let needed = self.need_file(path, home, why, Some(Mode::EXECUTABLE));
        let Some((at, located)) = self.keep(span, needed)? else {
            self.miss_interpreter(span, script, path, Vec::from([path.to_vec()]));
            return None;
        };
        let executable = self.executable(&located);
        match self.keep(span, executable)? {
            Executable::Script(shebang) => Some((at, shebang)),
            Executable::Elf => {
                self.programs.push(Loadable {
                    spot: Spot::moved(at.as_bytes(), located.found.path.as_bytes()),
                    path: at,
                    home: home.to_vec(),
                    openings: Vec::new(),
                    span,
                    is_secure: false,
                });
                None
            }
        }
    }

    /// Takes the file at `path` from the first input of `home` that has it; none when none has.
    pub(super) fn need_file(
        &mut self,
        path: &[u8],
        home: &[InputName],
        why: Why,
        mode: Option<Mode>,
    ) -> Result<Option<(TreePath, Located<'a>)>, FaultKind> {
        let inputs = self.request.inputs;
        for input in home {
            let Some(view) = inputs.get(input) else { continue };
            let Ok(found) = view.resolve(path) else { continue };
            let EntryKind::File { size } = found.entry.kind else { continue };
            let landed = self.placer.land(path, Some(Route { input, view }), Last::Follow)?;
            let mode = mode.unwrap_or_else(|| default_mode(found.entry.mode));
            let node = file_node(input, &found.path, size, Meta::new(mode), why);
            self.placer.need(landed.clone(), node)?;
            let located = Located { input: input.clone(), view, asked: path.to_vec(), found };
            return Ok(Some((landed, located)));
        }
        Ok(None)
    }

    fn miss_interpreter(
        &mut self,
        span: Span,
        script: &TreePath,
        name: &[u8],
        tried: Vec<Vec<u8>>,
    ) {
        let tries = tried.iter().map(|path| format!("{}: not there", Escaped(path))).collect();
        let kind = FaultKind::Missing(MissingName {
            name: Escaped(name).to_string(),
            relation: Relation::Shebang,
            by: Vec::from([script.clone()]),
            tries,
            elsewhere: Vec::new(),
        });
        self.fault(span, kind);
    }

    /// The directories of the image's `PATH`.
    fn search_path(&self) -> Vec<Vec<u8>> {
        let path = self.request.manifest.image.env.get("PATH").map_or(DEFAULT_PATH, String::as_str);
        let directories = path.split(':').filter(|directory| directory.starts_with('/'));
        directories.map(|directory| directory.as_bytes().to_vec()).collect()
    }

    /// The path of a program that the image, or an input, has in a directory of `PATH`.
    fn in_search_path(&self, program: &[u8], home: &[InputName]) -> Option<Vec<u8>> {
        let candidates =
            self.search_path().into_iter().map(|dir| [&dir, &b"/"[..], program].concat());
        let overlay = self.overlay(home);
        candidates.into_iter().find(|path| overlay.open(&Spot::new(path.clone())).is_ok())
    }
}
