//! Exit codes, and the one place where errors become text on stderr. See `docs/exit-codes.md`.

use std::fmt::Display;
use std::io::{self, Write};
use std::process::ExitCode;

use scant_core::words::Lines;
use scant_io::sandbox::{self, Limit, ProgramFault, SandboxError};

/// How a command ended when nothing failed.
pub(crate) enum Done {
    /// What was asked for is so, or was done.
    Yes,
    /// The thing asked about is not so: a library is missing, a path is not in the image.
    No,
    /// A program was run, which ended with this.
    Ended(u8),
}

/// Why a command failed.
pub(crate) struct Failure {
    kind: Kind,
    texts: Vec<String>,
    hints: Vec<String>,
}

/// The kinds of failure that have an exit code of their own.
#[derive(Clone, Copy)]
enum Kind {
    /// Wrong usage, or a manifest that does not make sense.
    Usage = 2,
    /// An input is missing, damaged or refused.
    Input = 3,
    /// An output could not be written.
    Output = 4,
    /// There is no sandbox to run a program in.
    Sandbox = 125,
    /// The program is there and cannot be run.
    NotExecutable = 126,
    /// The program is not there.
    NoProgram = 127,
    /// Whoever read stdout has gone away (`scant ls | head`): no failure, nothing is said.
    ClosedPipe = 0,
}

pub(crate) type Outcome = Result<Done, Failure>;

impl Failure {
    /// Wrong usage or manifest.
    pub(crate) fn usage(text: impl Display) -> Self {
        Self::new(Kind::Usage, text)
    }

    /// An input.
    pub(crate) fn input(text: impl Display) -> Self {
        Self::new(Kind::Input, text)
    }

    /// An output.
    pub(crate) fn output(text: impl Display) -> Self {
        Self::new(Kind::Output, text)
    }

    /// A program that could not be run, with the code that shells have for that.
    pub(crate) fn run(error: &SandboxError) -> Self {
        let kind = match error {
            SandboxError::Program(fault) if fault.code() == 127 => Kind::NoProgram,
            SandboxError::Program(_) => Kind::NotExecutable,
            _ => Kind::Sandbox,
        };
        let failure = Self::new(kind, error);
        remedies(error).into_iter().fold(failure, Self::hint)
    }

    /// Faults of a manifest, each a text of its own that says `error`.
    pub(crate) fn manifest(faults: impl Iterator<Item = String>) -> Self {
        Self::several(Kind::Usage, faults)
    }

    /// Faults of inputs, likewise.
    pub(crate) fn inputs(faults: impl Iterator<Item = String>) -> Self {
        Self::several(Kind::Input, faults)
    }

    fn several(kind: Kind, faults: impl Iterator<Item = String>) -> Self {
        Self { kind, texts: faults.collect(), hints: Vec::new() }
    }

    fn new(kind: Kind, text: impl Display) -> Self {
        Self { kind, texts: vec![format!("error: {}", Lines(text))], hints: Vec::new() }
    }

    /// What is said, without the word that it is an error: as a part of another failure.
    pub(crate) fn text(&self) -> String {
        let text = |text: &String| text.strip_prefix("error: ").unwrap_or(text).to_string();
        let hints = self.hints.iter().map(|hint| format!("; {hint}"));
        self.texts.iter().map(text).collect::<Vec<_>>().join("; ") + &hints.collect::<String>()
    }

    /// Says what to do next.
    pub(crate) fn hint(mut self, hint: impl Display) -> Self {
        self.hints.push(Lines(hint).to_string());
        self
    }
}

/// What helps where there is no sandbox, or a program cannot be run in it.
fn remedies(error: &SandboxError) -> Vec<String> {
    let of_namespaces = |limits: Vec<Limit>| match limits.is_empty() {
        true => vec![
            "in a container its own engine refuses them; Docker allows them with \
             `--security-opt seccomp=unconfined --security-opt apparmor=unconfined`"
                .to_string(),
        ],
        false => limits
            .into_iter()
            .map(|limit| format!("{limit}; as root: `sysctl -w {}`", limit.remedy()))
            .collect(),
    };
    match error {
        SandboxError::Namespaces { .. } => of_namespaces(sandbox::limits()),
        // Some settings let a namespace be made in which nothing can be done.
        SandboxError::Setup { source, .. } if source.kind() != io::ErrorKind::PermissionDenied => {
            Vec::new()
        }
        SandboxError::Setup { .. } | SandboxError::Identity(_) => Some(sandbox::limits())
            .filter(|limits| !limits.is_empty())
            .map_or_else(Vec::new, of_namespaces),
        SandboxError::Program(ProgramFault::WrongMachine { machine, .. }) => vec![format!(
            "an emulator that is registered for {machine} runs it: `apt-get install \
             qemu-user-static binfmt-support`, or `docker run --privileged --rm tonistiigi/binfmt \
             --install {}`",
            machine.split('/').nth(1).unwrap_or(machine)
        )],
        _ => Vec::new(),
    }
}

/// A failed write to stdout.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self::new(Kind::ClosedPipe, "");
        }
        Self::output(format_args!("standard output: {error}"))
    }
}

/// Says what failed, and gives the exit code.
pub(crate) fn finish(outcome: Outcome) -> ExitCode {
    match outcome {
        Ok(Done::Yes) => ExitCode::SUCCESS,
        Ok(Done::No) => ExitCode::from(1),
        Ok(Done::Ended(code)) => ExitCode::from(code),
        Err(Failure { kind: Kind::ClosedPipe, .. }) => ExitCode::SUCCESS,
        Err(failure) => {
            let mut stderr = io::stderr().lock();
            // Nothing can be done when stderr is gone.
            let _ = writeln!(stderr, "{}", failure.texts.join("\n\n"));
            for hint in &failure.hints {
                let _ = writeln!(stderr, "hint: {hint}");
            }
            ExitCode::from(failure.kind as u8)
        }
    }
}
