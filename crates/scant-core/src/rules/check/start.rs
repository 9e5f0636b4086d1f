//! What is started: the entrypoint or command and the health check, through scripts to the programs
//! that run them, each executable by the image's user.

use alloc::borrow::ToOwned;
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::finding::{Finding, Findings};
use super::place::Place;
use super::scripts;
use super::user::{EXECUTE, Identity};
use super::walk::{Content, content};
use crate::rules::Resolved;
use crate::words::{Check, Escaped, InputError, Level, Problem, TreePath};

/// The interpreter of a script may be a script; the kernel follows this many (`exec_binprm`).
const MOST_SCRIPTS: usize = 5;

/// The ELF programs that the image starts, by their resolved paths.
pub(super) fn programs(
    place: &Place<'_>,
    user: &Identity,
    findings: &mut Findings,
) -> BTreeSet<TreePath> {
    let mut start = Start { place, user, findings, programs: BTreeSet::new() };
    let run = place.image.run;
    let of = |words: &Option<Vec<String>>| words.iter().flatten().next().cloned();
    match (of(&run.entrypoint), of(&run.cmd)) {
        (Some(program), _) => start.started(&program, Check::Entrypoint, "the entrypoint"),
        (None, Some(program)) => start.started(&program, Check::Entrypoint, "the command"),
        (None, None) if place.image.is_image => {
            let text = "the image names neither an entrypoint nor a command";
            let finding = Finding::new(Level::Hint, Check::Entrypoint, text);
            start.findings.add(finding.help("whoever runs it has to name a program"));
        }
        (None, None) => {}
    }
    let test = run.healthcheck.as_ref().map(|check| &check.test[..]).unwrap_or_default();
    match test {
        [kind, program, ..] if kind == "CMD" => {
            start.started(program, Check::Healthcheck, "the health check");
        }
        [kind, ..] if kind == "CMD-SHELL" => {
            start.started("/bin/sh", Check::Healthcheck, "the shell of the health check");
        }
        _ => {}
    }
    start.working_directory();
    start.programs
}

struct Start<'s, 'a> {
    place: &'s Place<'a>,
    user: &'s Identity,
    findings: &'s mut Findings,
    programs: BTreeSet<TreePath>,
}

impl Start<'_, '_> {
    fn started(&mut self, name: &str, check: Check, role: &str) {
        match self.look_up(name.as_bytes()) {
            Ok((asked, found)) => self.execute(&asked, &found, role, MOST_SCRIPTS, check),
            Err(tried) => {
                let fault = if name.contains('/') {
                    "is not in the image"
                } else {
                    "is in no directory of `PATH` in the image"
                };
                let text = format!("`{}`, {role}, {fault}", Escaped(name.as_bytes()));
                let mut finding = Finding::new(Level::Error, check, text);
                finding.paths.extend(TreePath::parse(self.place.absolute(name.as_bytes())));
                finding.tried = tried;
                if name.contains(' ') {
                    let help = "program and arguments are words of a list of their own";
                    finding = finding.help(help);
                } else if name == "/bin/sh" || name == "sh" {
                    let help = "name the program itself, as a list, or add a shell";
                    finding = finding.help(help);
                }
                self.findings.add(finding);
            }
        }
    }

    /// The file that a runtime takes for this name: of several in `PATH`, the first that may be
    /// executed.
    fn look_up(&self, name: &[u8]) -> Result<(Vec<u8>, Resolved), Vec<String>> {
        let candidates: Vec<Vec<u8>> = if name.contains(&b'/') {
            Vec::from([self.place.absolute(name)])
        } else {
            let path = self.place.search_path().into_iter();
            let below = path.map(|dir| [dir.as_bytes(), b"/", name].concat());
            below.map(|path| self.place.absolute(&path)).collect()
        };
        let (mut tried, mut refused) = (Vec::new(), None);
        for path in candidates {
            match self.place.resolve(&path) {
                Ok(found) if found.entry.file_size().is_some() => {
                    if self.refusal(&found, EXECUTE).is_none() {
                        return Ok((path, found));
                    }
                    refused.get_or_insert((path, found));
                }
                Ok(found) => {
                    tried.push(format!(
                        "{}: it is {}",
                        Escaped(&path),
                        found.entry.kind.describe()
                    ));
                }
                Err(error) => tried.push(attempt(&path, &error)),
            }
        }
        refused.ok_or(tried)
    }

    /// Why the user may not execute, or read, a file.
    fn refusal(&self, found: &Resolved, wanted: u32) -> Option<String> {
        refusal(self.place, self.user, found, wanted)
    }

    /// A file that is executed: by itself, or as the interpreter of a script.
    fn execute(&mut self, asked: &[u8], found: &Resolved, role: &str, left: usize, check: Check) {
        let asked = Escaped(asked);
        if let Some(why) = self.refusal(found, EXECUTE) {
            let text = format!("{} may not execute `{asked}`, {role}: {why}", self.user);
            let finding = Finding::new(Level::Error, Check::NotPermitted, text);
            self.findings.add(
                finding
                    .at(found.path.clone())
                    .help("give it another owner or mode, or let the image run as a user that may"),
            );
        }
        match content(self.place, &found.path) {
            Ok(Content::Elf) => {
                self.programs.insert(found.path.clone());
            }
            Ok(Content::Script(shebang)) => {
                let names = scripts::names(&shebang);
                for name in names {
                    match self.look_up(name) {
                        Ok((asked, found)) if left > 0 => {
                            let role = "an interpreter of what is started";
                            self.execute(&asked, &found, role, left - 1, Check::ScriptInterpreter);
                        }
                        Ok(_) => {
                            let text = format!(
                                "the kernel does not follow the interpreters of \
                                 `{}` so far",
                                found.path
                            );
                            let finding =
                                Finding::new(Level::Error, Check::ScriptInterpreter, text);
                            self.findings.add(finding.at(found.path.clone()));
                        }
                        Err(tried) => {
                            let missing = scripts::missing(Level::Error, name, tried);
                            self.findings.add(missing.by("named by", found.path.clone()));
                        }
                    }
                }
            }
            Ok(Content::Other) => {
                let text = format!("`{asked}`, {role}, is neither an ELF program nor a script");
                let finding = Finding::new(Level::Error, check, text).at(found.path.clone());
                self.findings.add(finding.help("a script begins with `#!` and its interpreter"));
            }
            Err(error) => {
                let text = format!("`{asked}`, {role}, cannot be read: {}", error.problem);
                self.findings.add(Finding::new(Level::Error, check, text).at(found.path.clone()));
            }
        }
    }

    fn working_directory(&mut self) {
        let place = self.place;
        let text = place.directory();
        let path =
            TreePath::parse([b"/", text.as_bytes()].concat()).unwrap_or_else(|_| TreePath::root());
        let shown = Escaped(text.as_bytes());
        let finding = match place.resolve(text.as_bytes()) {
            Ok(found) if !found.entry.is_directory() => {
                let what = found.entry.kind.describe();
                let text = format!("`{shown}`, the working directory, is {what}");
                Finding::new(Level::Error, Check::WorkingDirectory, text)
            }
            Ok(found) => match self.refusal(&found, EXECUTE) {
                None => return,
                Some(why) => {
                    let text = format!(
                        "{} may not enter `{shown}`, the working directory: {why}",
                        self.user
                    );
                    Finding::new(Level::Error, Check::WorkingDirectory, text)
                }
            },
            Err(_) if place.is_made_at_run_time(&path) => return,
            Err(error) => {
                let problem = match error.problem {
                    Problem::NotFound => "is not in the image".to_owned(),
                    other => format!("cannot be reached: {other}"),
                };
                let text = format!("`{shown}`, the working directory, {problem}");
                let finding = Finding::new(Level::Warning, Check::WorkingDirectory, text);
                finding.help("most runtimes make it, owned by root, unless the root is read-only")
            }
        };
        self.findings.add(finding.at(path));
    }
}

/// Why the user may not do this with a file or directory.
pub(super) fn refusal(
    place: &Place<'_>,
    user: &Identity,
    found: &Resolved,
    wanted: u32,
) -> Option<String> {
    if let Some(directory) = place.closed_directory(user, found) {
        return Some(format!("the directory `{directory}` {}", shown(place, &directory)));
    }
    let meta = place.meta(&found.path)?;
    let may = user.may(wanted, &meta, found.entry.is_directory());
    (!may).then(|| format!("it {}", shown(place, &found.path)))
}

fn shown(place: &Place<'_>, path: &TreePath) -> String {
    let meta = place.meta(path);
    meta.map_or_else(String::new, |meta| {
        format!("has mode {} and owner {}:{}", meta.mode, meta.uid, meta.gid)
    })
}

/// A path that was tried, and what came of it.
pub(super) fn attempt(path: &[u8], error: &InputError) -> String {
    let shown = Escaped(path);
    match &error.problem {
        Problem::NotFound if error.path.as_bytes() == path => format!("{shown}: not there"),
        Problem::NotFound => format!("{shown}: `{}` is not there", error.path),
        problem => format!("{shown}: {problem}"),
    }
}
