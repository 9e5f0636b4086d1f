//! Programs of an image, run in the sandbox: each test in one of its own, over one copy of the
//! files that nothing is written to.

use std::ffi::OsString;

use scant_core::formats::oci::RunConfig;
use scant_core::rules::structure_test::{End, Ran};
use scant_io::sandbox::{self, Bounds, Exit, Mount, Process, Running, SandboxError, Streams};

use super::Testee;
use super::commands::{Commands, Ended, Engine};
use crate::exit::Failure;
use crate::guest::{Changes, Guest, Wishes};
use crate::surroundings::Surroundings;

/// As much is kept of what a command prints to one stream, in bytes.
const MOST: usize = 16 << 20;

/// What runs programs of an image.
///
/// # Errors
/// When the image cannot be unpacked.
pub(super) fn engine(
    testee: &Testee,
    config: &RunConfig,
    surroundings: &Surroundings,
) -> Result<Box<dyn Engine>, Failure> {
    Ok(Box::new(Sandboxes(Guest::new(&testee.files, config.clone(), surroundings)?)))
}

struct Sandboxes(Guest);

impl Engine for Sandboxes {
    fn run(&self, commands: &Commands<'_>) -> Result<Ended, Failure> {
        let mounts = commands.mounts.iter().map(|mount| Mount {
            source: OsString::from(&mount.source),
            target: OsString::from(&mount.target),
            read_only: mount.read_only,
        });
        let wishes = Wishes {
            has_network: commands.has_network,
            is_writable: true,
            mounts: mounts.collect(),
        };
        let first = self.process(&commands.line, commands)?;
        let sandbox = self.0.sandbox(&first, wishes);
        let mut running = sandbox::start(&sandbox).map_err(|error| Failure::run(&error))?;
        let setup = self.ends(&mut running, &commands.setup, commands)?;
        let ran = self.one(&mut running, &commands.line, commands)?;
        let teardown = self.ends(&mut running, &commands.teardown, commands)?;
        Ok(Ended { setup, ran, teardown })
    }
}

impl Sandboxes {
    /// A command with an environment that is its own: that of the image is part of it.
    fn process(&self, line: &[String], commands: &Commands<'_>) -> Result<Process, Failure> {
        let environment = commands.env.iter();
        let environment = environment.map(|(name, value)| (name.into(), value.into()));
        self.0.process(Changes {
            entrypoint: Some(line.to_vec()),
            environment: environment.collect(),
            user: commands.user,
            ..Changes::default()
        })
    }

    /// How commands ended that nobody reads the output of.
    fn ends(
        &self,
        running: &mut Running,
        lines: &[Vec<String>],
        commands: &Commands<'_>,
    ) -> Result<Vec<Result<End, String>>, Failure> {
        let mut ends = Vec::new();
        for line in lines {
            ends.push(self.one(running, line, commands)?.map(|ran| ran.end));
        }
        Ok(ends)
    }

    /// What came of one command, or why it could not be run.
    fn one(
        &self,
        running: &mut Running,
        line: &[String],
        commands: &Commands<'_>,
    ) -> Result<Result<Ran, String>, Failure> {
        let process = self.process(line, commands)?;
        let bounds =
            Bounds { time: Some(commands.timeout), end: None, signals: None, stop_signal: 0 };
        let ended = match running.run(&process, Streams::Captured { most: MOST }, &bounds) {
            Ok(ended) => ended,
            Err(SandboxError::Program(fault)) => return Ok(Err(fault.to_string())),
            Err(error) => return Err(Failure::run(&error)),
        };
        let end = match ended.exit {
            _ if ended.is_late => End::TimeOut(commands.timeout.as_secs()),
            Exit::Status(status) => End::Exit(status.into()),
            Exit::Signal(signal) => End::Signal(signal.unsigned_abs()),
        };
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ok(Ok(Ran {
            end,
            stdout: text(&ended.output.bytes),
            stderr: text(&ended.errors.bytes),
            is_cut: ended.output.is_cut || ended.errors.is_cut,
        }))
    }
}
