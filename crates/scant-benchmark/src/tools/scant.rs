//! `scant build` of a whole tree as data: cold, and again with what it remembers.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{Tool, output, text, version};
use crate::case::{Case, Method, Preparation, Subject};
use crate::measure::Step;
use crate::trees::Made;

/// The release binary.
pub(crate) struct Scant {
    program: PathBuf,
    /// Whether it remembers earlier builds: whether it can be told not to.
    pub(crate) has_cache: bool,
}

impl Scant {
    /// This binary, or the one that cargo builds now.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) fn find(program: Option<PathBuf>) -> Result<Self, String> {
        let program = program.map_or_else(build, Ok)?;
        let help = output(&program, &["build", "--help"])
            .ok_or_else(|| format!("`{} build --help` fails", program.display()))?;
        let program = fs::canonicalize(&program)
            .map_err(|error| format!("`{}`: {error}", program.display()))?;
        Ok(Self { program, has_cache: help.contains("--no-cache") })
    }

    fn step(&self, manifest: &Path, place: &Path, method: Method, to: &str, cold: bool) -> Step {
        let method = method.to_string();
        let manifest = text(manifest);
        let mut arguments =
            vec!["build", &manifest, "--quiet", "--compression", &method, "--output", to];
        if cold && self.has_cache {
            arguments.push("--no-cache");
        }
        // What is remembered is remembered here, wherever a version of scant keeps it.
        let memory = text(&place.join("cache"));
        Step::new(&self.program, arguments).env("XDG_CACHE_HOME", memory)
    }

    fn cold(&self, tree: &Made, place: &Path) -> io::Result<Vec<Case>> {
        let manifest = place.join("cold.yaml");
        fs::write(&manifest, cold_manifest(tree))?;
        let mut cases = Vec::new();
        for method in Method::ALL {
            let path = place.join(format!("cold-{method}"));
            let to = format!("oci:{}", text(&path));
            let step = self.step(&manifest, place, method, &to, true);
            cases.push(Case::new(Subject::ScantToLayout, method, vec![step]).output(&path));
        }
        let path = place.join("cold.tar");
        let to = format!("docker-archive:{}", text(&path));
        let step = self.step(&manifest, place, Method::Gzip, &to, true);
        cases
            .push(Case::new(Subject::ScantToDockerArchive, Method::Gzip, vec![step]).output(&path));
        Ok(cases)
    }

    /// Each has a layout, a cache and a changing file of its own, which stay from run to run.
    fn warm(&self, tree: &Made, place: &Path) -> io::Result<Vec<Case>> {
        let mut cases = Vec::new();
        for (subject, name) in [
            (Subject::ScantAgain, "again"),
            (Subject::ScantAfterChange, "changed"),
            (Subject::ScantAfterTouch, "touched"),
        ] {
            let place = place.join(name);
            let (changing, layout) = (place.join("changing"), place.join("layout"));
            fs::create_dir_all(&changing)?;
            let file = changing.join("file");
            fs::write(&file, format!("{:0999}\n", 0))?;
            let manifest = place.join("warm.yaml");
            fs::write(&manifest, warm_manifest(tree, &changing))?;
            let to = format!("oci:{}", text(&layout));
            let step = self.step(&manifest, &place, Method::Gzip, &to, false);
            let mut case = Case::new(subject, Method::Gzip, vec![step]);
            case.before = match subject {
                Subject::ScantAfterChange => vec![Preparation::Change(file)],
                Subject::ScantAfterTouch => vec![Preparation::Touch(file)],
                _ => Vec::new(),
            };
            cases.push(case);
        }
        Ok(cases)
    }
}

impl Tool for Scant {
    fn version(&self) -> String {
        version(&self.program)
    }

    fn cases(&self, tree: &Made, place: &Path) -> io::Result<Vec<Case>> {
        let mut cases = self.cold(tree, place)?;
        if self.has_cache {
            cases.extend(self.warm(tree, place)?);
        }
        Ok(cases)
    }
}

/// Everything as it is: no ELF file is looked into, as the peers do not either.
fn cold_manifest(tree: &Made) -> String {
    let path = quoted(&tree.directory);
    format!(
        "platforms: [linux/amd64]\n\
         inputs:\n  TREE: {{backend: sysroot, path: {path}}}\n\
         data:\n  - {{from: TREE/, to: /, elf: ignore}}\n"
    )
}

/// The same, and a file from elsewhere that gets into its middle: the tree itself never changes.
fn warm_manifest(tree: &Made, changing: &Path) -> String {
    let (cold, path, middle) = (cold_manifest(tree), quoted(changing), &tree.middle);
    let inputs = format!("inputs:\n  CHANGING: {{backend: sysroot, path: {path}}}\n");
    format!("{}  - CHANGING/file:/{middle}\n", cold.replace("inputs:\n", &inputs))
}

/// A JSON string, which YAML reads too.
fn quoted(path: &Path) -> String {
    serde_json::to_string(&text(path)).expect("a string is JSON")
}

/// Builds `scant` as it is released, and asks cargo where it is.
fn build() -> Result<PathBuf, String> {
    eprintln!("building scant");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["build", "--release", "--package", "scant", "--bin", "scant"])
        .arg("--message-format=json-render-diagnostics")
        .arg("--manifest-path")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Cargo.toml"))
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("cannot run cargo: {error}; name the binary with `--scant`"))?;
    let messages = String::from_utf8_lossy(&output.stdout).into_owned();
    let executable = |line: &str| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        Some(PathBuf::from(message.get("executable")?.as_str()?))
    };
    let built = messages.lines().filter_map(executable).next_back();
    built.filter(|_| output.status.success()).ok_or_else(|| "scant does not build".into())
}
