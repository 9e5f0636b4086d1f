//! What is measured: a subject, a method of compression, and the commands.

use std::fmt;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::measure::{Daemon, Sample, Step, Written, measure};
use crate::trees::remove;

/// Who does what. Its `Display` is the name in the tables, its order theirs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Subject {
    ScantToLayout,
    ScantToDockerArchive,
    ScantAgain,
    ScantAfterChange,
    ScantAfterTouch,
    DockerBuildAndSave,
    BuildahAndPush,
    Umoci,
    ReadFloor,
    HashFloor,
    CompressFloor,
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ScantToLayout => "scant build -o oci:",
            Self::ScantToDockerArchive => "scant build -o docker-archive:",
            Self::ScantAgain => "scant build, nothing changed",
            Self::ScantAfterChange => "scant build, one file changed",
            Self::ScantAfterTouch => "scant build, one file touched",
            Self::DockerBuildAndSave => "docker build + docker save",
            Self::BuildahAndPush => "buildah build + push oci:",
            Self::Umoci => "umoci init + new + insert",
            Self::ReadFloor => "floor: read",
            Self::HashFloor => "floor: read + SHA-256",
            Self::CompressFloor => "floor: read + compress",
        })
    }
}

/// How the layer is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub(crate) enum Method {
    Gzip,
    Zstd,
    None,
}

impl Method {
    pub(crate) const ALL: [Self; 3] = [Self::Gzip, Self::Zstd, Self::None];
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::None => "none",
        })
    }
}

/// Something to be measured.
pub(crate) struct Case {
    pub(crate) subject: Subject,
    pub(crate) method: Method,
    /// What is done before each run, not measured.
    pub(crate) before: Vec<Preparation>,
    /// What is measured.
    pub(crate) steps: Vec<Step>,
    /// What it writes, removed after each run. Without it, the next run finds what is there.
    pub(crate) output: Option<PathBuf>,
}

/// A step that is not measured.
pub(crate) enum Preparation {
    Run(Step),
    /// Writes a file of a fixed size, each time with another content.
    Change(PathBuf),
    /// Gives a file the time that it is now.
    Touch(PathBuf),
}

impl Case {
    /// A case without preparations and output.
    pub(crate) fn new(subject: Subject, method: Method, steps: Vec<Step>) -> Self {
        Self { subject, method, before: Vec::new(), steps, output: None }
    }

    pub(crate) fn output(mut self, path: &Path) -> Self {
        self.output = Some(path.to_path_buf());
        self
    }

    /// Measures it. `number` is different in each run.
    ///
    /// # Errors
    /// When a step fails: what it said.
    pub(crate) fn run(
        &self,
        number: usize,
        log: &Path,
        daemon: Option<&Daemon>,
    ) -> Result<Sample, String> {
        for preparation in &self.before {
            preparation.run(number, log)?;
        }
        let mut sample = measure(&self.steps, log, daemon)?;
        if let Some(path) = &self.output {
            let name = path.file_name().unwrap_or_default().display();
            let failed = |error| format!("its output `{name}`: {error}");
            sample.output = Some(Written::at(path).map_err(failed)?);
            remove(path).map_err(failed)?;
        }
        Ok(sample)
    }
}

impl Preparation {
    fn run(&self, number: usize, log: &Path) -> Result<(), String> {
        match self {
            Self::Run(step) => step.run(log),
            Self::Change(path) => fs::write(path, format!("{number:0999}\n"))
                .map_err(|error| format!("`{}`: {error}", path.display())),
            Self::Touch(path) => File::options()
                .append(true)
                .open(path)
                .and_then(|file| file.set_modified(SystemTime::now()))
                .map_err(|error| format!("`{}`: {error}", path.display())),
        }
    }
}
