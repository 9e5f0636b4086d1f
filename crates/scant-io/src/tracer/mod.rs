//! Runs a program and tells every request for a file by its name that it and its descendants make.
//! A filter in the kernel stops the calls that have names, and only those; the task then waits, so
//! nothing is ever lost. What the names mean for an image is not known here.
//!
//! ```text
//! program      what is run, how long, and how it ended
//! calls        which calls name files, for each convention of calling
//! filter       the filter: a program for the kernel
//! kernel       ptrace, seccomp, fork: the unsafe calls
//! info         the call of a stopped task
//! start        the first process
//! supervise    all tasks, from the first to the last
//! listen       the same where ptrace is not allowed
//! watch        when it has to end
//! memory       what the arguments point to
//! places       working directories, roots, descriptors
//! decode       a call to what it asks for
//! attribute    whose code asked
//! recent       what a process asked for before
//! stream       accesses through a pipe
//! ```

mod attribute;
mod calls;
mod decode;
mod error;
mod filter;
mod info;
mod kernel;
mod listen;
mod memory;
mod places;
mod program;
mod recent;
mod start;
pub mod stream;
mod supervise;
mod watch;

use scant_core::words::Access;

pub use error::TraceError;
pub use kernel::Preparation;
pub use places::Privilege;
pub use program::{Bounds, Engine, Exit, Identity, Program};

/// Runs a program in the root, the namespaces and, unless it has an identity of its own, as the
/// user of the caller, and tells what it and all its descendants ask for, in the order in which
/// their calls end. Comes back when the last of them has ended, also of those that left their
/// parent; what it gives is how the program itself ended. Called by the first process of a PID
/// namespace it collects orphans as well.
///
/// A program cannot get more rights than it is started with: see [`TraceError::Privileged`].
///
/// # Errors
/// When it cannot be started or traced. No process of it is left then.
pub fn trace(
    program: &Program,
    bounds: &Bounds,
    report: &mut dyn FnMut(Access),
) -> Result<Exit, TraceError> {
    let watch = watch::Watch::start(bounds).map_err(TraceError::Kernel)?;
    let mut started = start::start(program, bounds.engine)?;
    match started.listener.take() {
        None => supervise::supervise(started, watch, report),
        Some(listener) => listen::listen(started, listener, watch, report),
    }
}
