//! Runs a program for a bounded time, and keeps what it said.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

/// After this many seconds a program is ended, and the test fails.
const SECONDS: &str = "120";

/// A program about to be run. Coreutils' `timeout` runs it, so that no test hangs.
pub(crate) struct Run(Command);

/// What a program said, and how it ended.
pub(crate) struct Ran {
    line: String,
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// A program by its name or path.
pub(crate) fn run(program: impl AsRef<OsStr>) -> Run {
    let mut command = Command::new("timeout");
    command.args(["--kill-after=5", SECONDS]).arg(program).stdin(Stdio::null());
    Run(command)
}

impl Run {
    pub(crate) fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.0.arg(arg);
        self
    }

    /// Arguments in one string, parted by spaces.
    pub(crate) fn words(mut self, words: &str) -> Self {
        self.0.args(words.split_whitespace());
        self
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.0.env(name, value);
        self
    }

    pub(crate) fn without_env(mut self, name: &str) -> Self {
        self.0.env_remove(name);
        self
    }

    pub(crate) fn directory(mut self, directory: impl AsRef<Path>) -> Self {
        self.0.current_dir(directory);
        self
    }

    /// Runs it to its end, whatever that is.
    #[track_caller]
    pub(crate) fn end(mut self) -> Ran {
        let line = format!("{:?}", self.0);
        let output = self.0.output().unwrap_or_else(|error| panic!("{line}: {error}"));
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        let (stdout, stderr) = (text(output.stdout), text(output.stderr));
        Ran { line, code: output.status.code(), stdout, stderr }
    }

    /// Runs it, expects that it succeeds, and gives its standard output.
    #[track_caller]
    pub(crate) fn ok(self) -> String {
        self.end().expect(0).stdout
    }
}

impl Ran {
    /// Expects this exit code.
    #[track_caller]
    pub(crate) fn expect(self, code: i32) -> Self {
        let Self { line, stdout, stderr, .. } = &self;
        assert_eq!(self.code, Some(code), "{line}\nstdout:\n{stdout}\nstderr:\n{stderr}");
        self
    }
}
