//! The machine's own glibc loader.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::answer::Answer;

/// The loader of glibc for this architecture, where the machine has one.
pub(crate) fn loader() -> Option<&'static Path> {
    let path = match std::env::consts::ARCH {
        "x86_64" => "/lib64/ld-linux-x86-64.so.2",
        "aarch64" => "/lib/ld-linux-aarch64.so.1",
        _ => return None,
    };
    Some(Path::new(path)).filter(|path| path.exists())
}

/// The best `glibc-hwcaps` level that the loader searches on this machine, as its help says it.
pub(crate) fn level(loader: &Path) -> Option<String> {
    let output = Command::new(loader).arg("--help").output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let searched = text.lines().find(|line| line.contains("(supported, searched)"));
    searched.and_then(|line| line.split_whitespace().next()).map(String::from)
}

/// What the loader would load for `file`. Nothing of the file is run.
pub(crate) fn answer(loader: &Path, file: &Path) -> Answer {
    let output = Command::new(loader)
        .arg(file)
        .env_clear()
        .env("LD_TRACE_LOADED_OBJECTS", "1")
        .current_dir("/")
        .output()
        .expect("the loader can be started");
    let (stdout, stderr) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if stdout.trim().is_empty() {
        return Answer::Refused(format!("{} {}", output.status, stderr.trim()));
    }
    let loader = real_path(loader.to_string_lossy().as_ref());
    let loads = stdout.lines().filter_map(object).filter(|path| *path != loader);
    Answer::Loads(loads.collect::<BTreeSet<_>>())
}

/// One line: `name => path (address)`, `path (address)` or `name => not found`.
fn object(line: &str) -> Option<String> {
    let line = line.trim();
    if line.starts_with("linux-vdso") || line == "statically linked" {
        return None;
    }
    match line.split_once(" => ") {
        Some((name, "not found")) => Some(format!("MISSING {name}")),
        Some((_, rest)) => Some(real_path(rest.rsplit_once(" (")?.0)),
        None => Some(real_path(line.rsplit_once(" (")?.0)),
    }
}

fn real_path(path: &str) -> String {
    let real = fs::canonicalize(path);
    real.map_or_else(|_| path.to_string(), |real| real.to_string_lossy().into_owned())
}
