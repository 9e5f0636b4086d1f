//! The parent of what is measured. The benchmark starts itself again for each measurement: the
//! resources that the system adds up for the children of a process are then those of one command,
//! with all its descendants, and their peak memory does not begin with that of a large parent.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;
use rustix::process::{Signal, set_parent_process_death_signal};
use serde::{Deserialize, Serialize};

/// A command.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Step {
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<String>,
    /// Variables set besides those of the benchmark.
    pub(crate) environment: BTreeMap<String, String>,
}

impl Step {
    /// A program with its arguments.
    pub(crate) fn new<A: Into<String>>(
        program: &Path,
        arguments: impl IntoIterator<Item = A>,
    ) -> Self {
        let arguments = arguments.into_iter().map(Into::into).collect();
        Self { program: program.to_path_buf(), arguments, environment: BTreeMap::new() }
    }

    pub(crate) fn env(mut self, name: &str, value: impl Into<String>) -> Self {
        self.environment.insert(name.into(), value.into());
        self
    }

    /// Runs it without measuring. What it prints is added to `log`.
    pub(crate) fn run(&self, log: &Path) -> Result<(), String> {
        let failed = |error: io::Error| format!("cannot run `{}`: {error}", self.program.display());
        let output = File::options().create(true).append(true).open(log).map_err(failed)?;
        let status = Command::new(&self.program)
            .args(&self.arguments)
            .envs(&self.environment)
            .stdin(Stdio::null())
            .stdout(output.try_clone().map_err(failed)?)
            .stderr(output)
            .status()
            .map_err(failed)?;
        if status.success() {
            return Ok(());
        }
        let words = self.arguments.iter().map(String::as_str).take(3).collect::<Vec<_>>().join(" ");
        let program = self.program.file_name().unwrap_or_default().display();
        Err(format!("`{program} {words} ...`: {status}: {}", last_lines(log)))
    }
}

/// What all steps took.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Usage {
    /// Seconds.
    pub(super) wall: f64,
    /// Seconds of user and system time.
    pub(super) cpu: f64,
    /// Bytes of the largest process.
    pub(super) peak: u64,
}

/// Starts this program as the parent of the steps, and waits.
pub(super) fn run(steps: &[Step], log: &Path) -> Result<Usage, String> {
    let failed = |error: io::Error| format!("cannot start the measuring process: {error}");
    fs::write(log, "").map_err(failed)?;
    let mut child = Command::new(std::env::current_exe().map_err(failed)?)
        .arg("measure")
        .arg(log)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    let request = serde_json::to_vec(steps).expect("steps are plain data");
    let written = child.stdin.take().expect("it is a pipe").write_all(&request);
    let output = child.wait_with_output().map_err(failed)?;
    written.map_err(failed)?;
    let result: Result<Usage, String> = serde_json::from_slice(&output.stdout)
        .map_err(|error| format!("the measuring process ended with {}: {error}", output.status))?;
    result
}

/// What the measuring process does: reads steps, runs them, writes what they took.
///
/// # Errors
/// When its own input and output fail; failures of steps are written.
pub(crate) fn run_as_parent(log: &Path) -> io::Result<()> {
    // It ends with the benchmark, however that ends.
    set_parent_process_death_signal(Some(Signal::KILL))?;
    let mut request = Vec::new();
    io::stdin().read_to_end(&mut request)?;
    let steps: Vec<Step> = serde_json::from_slice(&request)?;
    let start = Instant::now();
    let ran = steps.iter().try_for_each(|step| step.run(log));
    let wall = start.elapsed().as_secs_f64();
    let result = ran.and_then(|()| {
        let usage = getrusage(UsageWho::RUSAGE_CHILDREN).map_err(|error| error.to_string())?;
        let cpu = seconds(usage.user_time()) + seconds(usage.system_time());
        Ok(Usage { wall, cpu, peak: 1024 * usage.max_rss().unsigned_abs() })
    });
    serde_json::to_writer(io::stdout().lock(), &result)?;
    Ok(())
}

fn seconds(time: TimeVal) -> f64 {
    time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6
}

/// What a failed command has said.
fn last_lines(log: &Path) -> String {
    let log = fs::read(log).unwrap_or_default();
    let log = String::from_utf8_lossy(&log);
    let lines: Vec<&str> = log.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(3)..].join(" / ")
}
