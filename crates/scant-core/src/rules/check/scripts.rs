//! The interpreters of scripts.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::finding::{Finding, Findings};
use super::place::Place;
use super::start::attempt;
use super::walk::{Content, Walked};
use crate::formats::shebang::Shebang;
use crate::words::{Check, Escaped, Level, TreePath};

/// What runs a script: its interpreter, and with `env` the program that it looks for.
pub(super) fn names(shebang: &Shebang) -> impl Iterator<Item = &[u8]> {
    core::iter::once(&*shebang.interpreter).chain(shebang.env_program())
}

/// Below these, nobody starts a script in an image: examples, and what starts services of a machine.
const NOT_STARTED: [&str; 4] = ["/usr/share/doc", "/etc/init.d", "/etc/sv", "/etc/rc.d"];

/// Looks for the interpreters of all executable scripts.
pub(super) fn check(place: &Place<'_>, walked: &[Walked], findings: &mut Findings) {
    let not_started = NOT_STARTED.map(TreePath::literal);
    let is_started = |path: &TreePath| not_started.iter().all(|it| path.below(it).is_none());
    let executable = walked.iter().filter(|one| one.entry.mode & 0o111 != 0);
    for one in executable.filter(|one| is_started(&one.path)) {
        let Content::Script(shebang) = &one.content else { continue };
        for name in names(shebang) {
            if let Err(tried) = found(place, name) {
                let finding = missing(Level::Warning, name, tried);
                findings.add(finding.by("named by", one.path.clone()));
            }
        }
    }
}

/// The finding that an interpreter is missing; what was tried are its `tried` lines.
pub(super) fn missing(level: Level, name: &[u8], tried: Vec<String>) -> Finding {
    let shown = Escaped(name);
    let text = if name.contains(&b'/') {
        format!("`{shown}`, which scripts name as their interpreter, is not in the image")
    } else {
        format!("`{shown}`, which scripts run through `env`, is in no directory of `PATH`")
    };
    let mut finding = Finding::new(level, Check::ScriptInterpreter, text);
    if name.ends_with(b"\r") {
        finding = finding.help(
            "the line ends as on Windows, and the kernel takes that for a part \
             of the name: convert the scripts",
        );
    }
    finding.tried = tried;
    finding
}

fn found(place: &Place<'_>, name: &[u8]) -> Result<(), Vec<String>> {
    if name.contains(&b'/') {
        return match place.resolve(name) {
            Ok(_) => Ok(()),
            Err(error) => Err(Vec::from([attempt(name, &error)])),
        };
    }
    let mut tried = Vec::new();
    for directory in place.search_path() {
        let path = place.absolute(&[directory.as_bytes(), b"/", name].concat());
        match place.resolve(&path) {
            Ok(found) if found.entry.file_size().is_some() && found.entry.mode & 0o111 != 0 => {
                return Ok(());
            }
            Ok(_) => tried.push(format!("{}: not an executable file", Escaped(&path))),
            Err(error) => tried.push(attempt(&path, &error)),
        }
    }
    Err(tried)
}
