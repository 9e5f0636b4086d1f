//! Why a program could not be traced.

use std::io;
use std::path::PathBuf;

use super::places::Privilege;

/// Why a program could not be traced.
#[derive(Debug, thiserror::Error)]
pub enum TraceError {
    /// Something of the program has a zero byte in it.
    #[error("`{0}` holds a zero byte, which no program can be given")]
    Zero(String),
    /// The machine's calls are not known.
    #[error("programs cannot be traced on this kind of machine: x86-64 and aarch64 are known")]
    Machine,
    /// There is no `/proc` to read from.
    #[error("`/proc` is needed to trace, and cannot be read: {0}")]
    Proc(#[source] io::Error),
    /// The child could not be made.
    #[error("no process can be started: {0}")]
    Fork(#[source] io::Error),
    /// The kernel does not let us trace.
    #[error(
        "the system does not allow tracing (ptrace: {0}); look for `kernel.yama.ptrace_scope` = 3, \
         a container's seccomp profile without ptrace, or a debugger that runs this already"
    )]
    NotAllowed(#[source] io::Error),
    /// Neither ptrace nor notifications are allowed.
    #[error("the system allows neither ptrace nor a listener of a seccomp filter ({0})")]
    NoListener(#[source] io::Error),
    /// What was killed has not ended.
    #[error("processes of the program are left: they were asked to end and killed, and go on")]
    Left,
    /// The child could not take its user and groups.
    #[error("the program cannot run as its user and groups: {0}")]
    Identity(#[source] io::Error),
    /// The child could not do what it was to do first.
    #[error("the program's process cannot be prepared: {0}")]
    Preparation(#[source] io::Error),
    /// The child could not enter its working directory.
    #[error("`{}`: the working directory cannot be entered: {error}", path.display())]
    #[expect(missing_docs, reason = "the names say it")]
    Directory { path: PathBuf, error: io::Error },
    /// The filter was not taken.
    #[error("the system does not take a seccomp filter: {0}")]
    Filter(#[source] io::Error),
    /// The program could not be executed.
    #[error("`{}` cannot be executed: {error}", path.display())]
    #[expect(missing_docs, reason = "the names say it")]
    Execute { path: PathBuf, error: io::Error },
    /// A program would have run without the rights that its file gives it.
    #[error(
        "`{program}` {}: a traced program cannot get more rights than it was started with, so it \
         would do something else than it does in use; start the trace as that user", wants(*privilege)
    )]
    #[expect(missing_docs, reason = "the names say it")]
    Privileged { program: String, privilege: Privilege },
    /// There were too many tasks; all were killed.
    #[error("more than {0} processes and threads at a time: all were killed")]
    TooManyTasks(usize),
    /// The kernel refused a call that a tracer needs; all were killed.
    #[error("tracing failed: {0}")]
    Kernel(#[source] io::Error),
}

fn wants(privilege: Privilege) -> String {
    match privilege {
        Privilege::User(user) => format!("is set-user-ID and wants to run as user {user}"),
        Privilege::Group(group) => format!("is set-group-ID and wants to run with group {group}"),
        Privilege::Capabilities => "has file capabilities".to_string(),
    }
}
