//! The programs that are compared, and what each is told to do.

mod buildah;
mod docker;
mod floors;
mod pieces;
mod scant;
mod umoci;

pub(crate) use buildah::Buildah;
pub(crate) use docker::Docker;
pub(crate) use floors::{Floor, Floors, run_floor};
pub(crate) use scant::Scant;
pub(crate) use umoci::Umoci;

use std::fs;
use std::path::{Path, PathBuf};

use crate::case::Case;
use crate::measure::Daemon;
use crate::trees::Made;

/// Something that is measured.
pub(crate) trait Tool {
    /// Its name and version.
    fn version(&self) -> String;
    /// What it does with a tree. `place` is an empty directory for it alone.
    ///
    /// # Errors
    /// When its files cannot be written.
    fn cases(&self, tree: &Made, place: &Path) -> std::io::Result<Vec<Case>>;
    /// The process that works for it, if there is one.
    fn daemon(&self) -> Option<&Daemon> {
        None
    }
}

/// The path of a program: in `PATH`, or where administrators' programs are.
pub(crate) fn find(program: &str) -> Result<PathBuf, String> {
    all(program).next().ok_or_else(|| format!("{program} is not installed"))
}

/// All programs of this name, in the order of `PATH`.
fn all(program: &str) -> impl Iterator<Item = PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut directories: Vec<PathBuf> = std::env::split_paths(&path).collect();
    directories.extend(["/usr/sbin".into(), "/sbin".into()]);
    directories
        .into_iter()
        .map(move |directory| directory.join(program))
        .filter(|file| file.is_file())
}

/// What a program prints on standard output; none when it fails.
fn output(program: &Path, arguments: &[&str]) -> Option<String> {
    let output = std::process::Command::new(program).args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The first line of `--version`.
fn version(program: &Path) -> String {
    let text = output(program, &["--version"]).unwrap_or_default();
    text.lines().next().unwrap_or("unknown version").trim().to_string()
}

/// The recipe for those that read a Dockerfile.
fn write_dockerfile(place: &Path) -> std::io::Result<PathBuf> {
    let path = place.join("Dockerfile");
    fs::write(&path, "FROM scratch\nCOPY . /\n")?;
    Ok(path)
}

/// A path as an argument.
fn text(path: &Path) -> String {
    path.to_str().expect("checked when the benchmark starts").to_string()
}
