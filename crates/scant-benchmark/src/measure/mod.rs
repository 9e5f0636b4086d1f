//! Measures commands: what they take, and what the machine did meanwhile.
//!
//! ```text
//! parent    the small process that a measured command is a child of
//! machine   what all processes did, and what a daemon did
//! sample    one measurement, and many of them
//! ```

mod machine;
mod parent;
mod sample;

use std::path::Path;

pub(crate) use machine::Daemon;
pub(crate) use parent::{Step, run_as_parent};
pub(crate) use sample::{Sample, Summary, Written};

/// Runs the steps one after the other and measures them together. What a daemon does for them
/// counts too. What they print goes to the file `log`.
///
/// # Errors
/// When a step fails: what it printed last.
pub(crate) fn measure(
    steps: &[Step],
    log: &Path,
    daemon: Option<&Daemon>,
) -> Result<Sample, String> {
    // What was written before must not be written to the disk while this is measured.
    rustix::fs::sync();
    let before = machine::Activity::now()?;
    let daemon_before = daemon.map(Daemon::start).transpose()?;
    let usage = parent::run(steps, log)?;
    let busy = machine::Activity::now()?.since(&before);
    let (mut cpu, mut peak) = (usage.cpu, usage.peak);
    if let (Some(daemon), Some(before)) = (daemon, daemon_before) {
        let (used, daemon_peak) = daemon.since(before)?;
        cpu += used;
        peak = peak.max(daemon_peak);
    }
    Ok(Sample { wall: usage.wall, cpu, peak, others: busy.others(cpu), output: None })
}
