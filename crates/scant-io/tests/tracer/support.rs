//! A program in C, traced, and what it asked for as text.

use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use scant_core::words::{Access, Action, LastLink, Outcome};
use scant_io::tracer::{Bounds, Exit, Program, TraceError, trace};

/// What most programs include.
const INCLUDES: &str = "#define _GNU_SOURCE\n#include <dirent.h>\n#include <errno.h>\n\
    #include <fcntl.h>\n#include <pthread.h>\n#include <sched.h>\n#include <signal.h>\n\
    #include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n#include <sys/mman.h>\n\
    #include <sys/ptrace.h>\n#include <sys/socket.h>\n#include <sys/stat.h>\n\
    #include <sys/syscall.h>\n#include <sys/un.h>\n#include <sys/wait.h>\n#include <unistd.h>\n\
    #define look(name) access(name, F_OK)\n";

/// A directory with programs in it, which they are run in.
pub(crate) struct Place {
    directory: tempfile::TempDir,
}

/// What came of a run.
pub(crate) struct Run {
    pub(crate) exit: Result<Exit, TraceError>,
    pub(crate) accesses: Vec<Access>,
    directory: PathBuf,
}

impl Place {
    /// None, and a line that says so, without a compiler.
    pub(crate) fn new() -> Option<Self> {
        present("gcc", "gcc")
            .then(|| Self { directory: tempfile::tempdir().expect("a directory can be made") })
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.directory.path().canonicalize().expect("it is there")
    }

    /// Compiles `main` with this body to `program`.
    pub(crate) fn compile(&self, body: &str) -> PathBuf {
        let source =
            format!("{INCLUDES}int main(int argc, char **argv) {{\n{body}\nreturn 0; }}\n");
        self.compile_as("gcc", "program", &source, &["-w", "-pthread"]).expect("it is correct")
    }

    /// Compiles a whole file. None if the compiler does not.
    pub(crate) fn compile_as(
        &self,
        compiler: &str,
        name: &str,
        source: &str,
        options: &[&str],
    ) -> Option<PathBuf> {
        let file = self.path().join(format!("{name}.c"));
        fs::write(&file, source).expect("the directory is ours");
        let output = self.path().join(name);
        let mut command = Command::new(compiler);
        command.arg("-o").arg(&output).arg(&file).args(options);
        let done = command.output().expect("the compiler runs");
        fs::remove_file(&file).expect("it was written");
        if !done.status.success() {
            println!("{}", String::from_utf8_lossy(&done.stderr));
            return None;
        }
        Some(output)
    }

    pub(crate) fn run(&self, program: &Path) -> Run {
        self.run_with(program, &[], &Bounds::default())
    }

    pub(crate) fn run_with(&self, program: &Path, arguments: &[&str], bounds: &Bounds) -> Run {
        self.run_program(&self.program(program, arguments), bounds)
    }

    pub(crate) fn program(&self, file: &Path, arguments: &[&str]) -> Program {
        let all = [file.as_os_str().to_owned()].into_iter();
        Program {
            file: file.to_path_buf(),
            arguments: all.chain(arguments.iter().map(OsString::from)).collect(),
            environment: vec![("PATH".into(), "/usr/sbin:/usr/bin:/sbin:/bin".into())],
            directory: self.path(),
            identity: None,
            preparation: None,
        }
    }

    /// Runs a program until it has asked for a name, and then has it asked to end.
    pub(crate) fn run_until(&self, program: &Path, name: &str, bounds: &Bounds) -> Run {
        let (stop, mut accesses) = (AtomicBool::new(false), Vec::new());
        let bounds = Bounds { stop: Some(&stop), ..*bounds };
        let exit = trace(&self.program(program, &[]), &bounds, &mut |access| {
            stop.fetch_or(*access.name == *name.as_bytes(), Ordering::Relaxed);
            accesses.push(access);
        });
        Run { exit, accesses, directory: self.path() }
    }

    pub(crate) fn run_program(&self, program: &Program, bounds: &Bounds) -> Run {
        let mut accesses = Vec::new();
        let exit = trace(program, bounds, &mut |access| accesses.push(access));
        Run { exit, accesses, directory: self.path() }
    }
}

impl Run {
    /// What was asked for in the directory, without what starting takes, in order. The directory is
    /// written as `.`.
    pub(crate) fn asked(&self) -> Vec<String> {
        let here = self.directory.as_os_str().as_bytes();
        let ours =
            |access: &&Access| access.directory.starts_with(here) || access.name.starts_with(here);
        self.accesses.iter().filter(ours).map(|access| self.line(access)).collect()
    }

    fn line(&self, access: &Access) -> String {
        let here = self.directory.to_string_lossy();
        let text = |bytes: &[u8]| {
            let text = String::from_utf8_lossy(bytes).replace(here.as_ref(), ".");
            if text.is_empty() { "-".to_string() } else { text }
        };
        let action = match &access.action {
            Action::Execute { arguments } => {
                let arguments: Vec<String> = arguments.iter().map(|a| text(a)).collect();
                format!("Execute[{}]", arguments.join(" "))
            }
            action => format!("{action:?}"),
        };
        let keep = if access.last == LastLink::Keep { " keep" } else { "" };
        let outcome = match access.outcome {
            Outcome::Done => "done".to_string(),
            Outcome::Failed(error) => format!("error {error}"),
            Outcome::Unknown => "unknown".to_string(),
        };
        format!("{action} {} in {}{keep}: {outcome}", text(&access.name), text(&access.directory))
    }

    /// How many names with this in them were asked for.
    pub(crate) fn count(&self, part: &str) -> usize {
        let part = part.as_bytes();
        let holds = |access: &&Access| access.name.windows(part.len()).any(|own| own == part);
        self.accesses.iter().filter(holds).count()
    }

    #[track_caller]
    pub(crate) fn ended_well(&self) -> &Self {
        assert!(matches!(self.exit, Ok(Exit::Status(0))), "{:?}", self.exit);
        self
    }
}

/// Compiles and runs the body of `main`; compares what it asks for after its own start.
#[track_caller]
pub(crate) fn check(body: &str, expected: &[&str]) {
    let Some(place) = Place::new() else { return };
    let program = place.compile(body);
    let run = place.run(&program);
    run.ended_well();
    let asked = run.asked();
    assert_eq!(asked.first().map(String::as_str), Some(START), "{asked:#?}");
    assert_eq!(asked[1..], *expected, "{asked:#?}");
}

/// The execution of `program` itself.
pub(crate) const START: &str = "Execute[./program] ./program in /: done";

/// Whether a program is installed. Says so if it is not.
pub(crate) fn present(program: &str, package: &str) -> bool {
    let found = ["/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin"]
        .iter()
        .any(|directory| Path::new(directory).join(program).is_file());
    if !found {
        skip(&format!("{program} is not installed (apt-get install {package})"));
    }
    found
}

/// Says that a test is not made, and why.
pub(crate) fn skip(reason: &str) {
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test");
    #[expect(clippy::disallowed_methods, reason = "a test may ask how it is run")]
    let strict = std::env::var_os("SCANT_NO_SKIP").is_some_and(|value| value == "1");
    assert!(!strict, "{test} must not be skipped: {reason}");
    println!("skipped: {test}: {reason}");
}
