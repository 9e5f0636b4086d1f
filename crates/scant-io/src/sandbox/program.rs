//! Which file is run, seen from inside the sandbox, and why it cannot be.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use scant_core::formats::elf::Elf;
use scant_core::formats::shebang;
use scant_core::words::{Escaped, Platform};

use super::{Process, ProgramFault};
use crate::inputs::directory::OpenFile;

/// Where programs are looked for when the environment does not say, as execvp(3) does.
const DEFAULT_PATH: &str = "/bin:/usr/bin";

/// The file that a process is to run.
pub(super) fn find(process: &Process) -> Result<PathBuf, ProgramFault> {
    let name = process.arguments.first().filter(|name| !name.is_empty());
    let name = name.ok_or(ProgramFault::None)?;
    let directory = Path::new(&process.directory);
    if name.as_bytes().contains(&b'/') {
        let path = directory.join(name);
        return match path.metadata() {
            Ok(metadata) if metadata.is_file() => Ok(path),
            Ok(metadata) => {
                let what = if metadata.is_dir() { "it is a directory" } else { "it is no file" };
                Err(ProgramFault::NotExecutable { path: shown(&path), why: what.into() })
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(ProgramFault::NotFound { name: shown(&path), searched: Vec::new() })
            }
            Err(error) => Err(not_executable(&path, &error)),
        };
    }
    let directories = search_path(&process.environment);
    let mut refused = None;
    for place in directories.as_bytes().split(|&byte| byte == b':') {
        let path = directory.join(OsStr::from_bytes(place)).join(name);
        let Ok(metadata) = path.metadata() else { continue };
        if metadata.is_file() && metadata.permissions().mode() & 0o111 != 0 {
            return Ok(path);
        }
        refused.get_or_insert(path);
    }
    match refused {
        Some(path) => Err(not_executable(&path, &io::ErrorKind::PermissionDenied.into())),
        None => {
            let places = directories.as_bytes().split(|&byte| byte == b':');
            let searched = places.map(|place| Escaped(place).to_string()).collect();
            Err(ProgramFault::NotFound { name: Escaped(name.as_bytes()).to_string(), searched })
        }
    }
}

fn search_path(environment: &[(OsString, OsString)]) -> OsString {
    let path = environment.iter().rev().find(|(name, _)| name == "PATH");
    path.map_or_else(|| DEFAULT_PATH.into(), |(_, value)| value.clone())
}

/// Why the kernel did not run a file that is there.
pub(super) fn explain(path: &Path, error: &io::Error) -> ProgramFault {
    let needed = needed_by(path);
    match (error.raw_os_error(), needed) {
        (Some(libc::ENOEXEC), Some(Needed { platform: Some(platform), .. })) => {
            ProgramFault::WrongMachine { path: shown(path), machine: platform.to_string() }
        }
        (Some(libc::ENOENT), Some(Needed { interpreter: Some(interpreter), .. })) => {
            ProgramFault::NoInterpreter { path: shown(path), interpreter: shown(&interpreter) }
        }
        _ => not_executable(path, error),
    }
}

/// What a file wants for being run.
struct Needed {
    interpreter: Option<PathBuf>,
    platform: Option<Platform>,
}

fn needed_by(path: &Path) -> Option<Needed> {
    // Whoever opens a FIFO waits for somebody at its other end.
    path.metadata().ok().filter(std::fs::Metadata::is_file)?;
    if let Ok(elf) = Elf::parse(&OpenFile::of_host(path).ok()?) {
        let interpreter = elf.interpreter.as_deref().map(OsStr::from_bytes);
        return Some(Needed { interpreter: interpreter.map(Into::into), platform: elf.platform() });
    }
    let mut start = Vec::new();
    File::open(path).ok()?.take(shebang::LONGEST).read_to_end(&mut start).ok()?;
    let interpreter = shebang::parse(&start)?.interpreter;
    Some(Needed { interpreter: Some(OsStr::from_bytes(&interpreter).into()), platform: None })
}

fn not_executable(path: &Path, error: &io::Error) -> ProgramFault {
    ProgramFault::NotExecutable { path: shown(path), why: plain(error) }
}

/// An error of the system in its words, without its number.
pub(super) fn plain(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_lowercase()
}

fn shown(path: &Path) -> String {
    Escaped(path.as_os_str().as_bytes()).to_string()
}
