//! Runs, one after the other, until nothing is missing.
//!
//! What a program lists, it may want all of; what it would open of it, it says only where that is.
//! So a round after the first may run in a root that has more than the image: whole directories of
//! inputs that the last round listed. Only what is opened of them is proposed.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::os::unix::ffi::OsStrExt as _;

use scant_core::formats::manifest::{self, Addition, Manifest};
use scant_core::formats::trace_file::{Run, TraceFile, Use};
use scant_core::plan::run_config;
use scant_core::rules::trace::{Answer, Proposal, Recorder, Whole};
use scant_core::words::TreePath;

use super::super::sources::Recorded;
use super::super::{answer, edit, plan, write};
use super::accounts::Account;
use super::program::{command, name};
use super::start::{Ended, start};
use crate::args::{Net, Trace};
use crate::exit::Failure;
use crate::guest::Guest;
use crate::project::{Planned, Project};
use crate::surroundings::Surroundings;

/// More are not run: a program that wants something new each time never ends.
const MOST_ROUNDS: usize = 12;

/// What came of all rounds.
pub(in crate::commands::trace) struct Rounds {
    pub(in crate::commands::trace) project: Project,
    pub(in crate::commands::trace) planned: Planned,
    pub(in crate::commands::trace) recorded: Recorded,
    /// What was written into the manifest.
    pub(in crate::commands::trace) added: Vec<Proposal>,
    /// Whether there is nothing left to add; false when rounds were stopped.
    pub(in crate::commands::trace) is_stable: bool,
}

/// Runs once or, if asked for, until it is stable.
pub(in crate::commands::trace) fn rounds(
    args: &Trace,
    mut project: Project,
    mut planned: Planned,
    trace: &TraceFile,
    surroundings: &Surroundings,
) -> Result<Rounds, Failure> {
    check(args)?;
    let (mut added, mut wholes) = (Vec::new(), BTreeSet::new());
    for round in 1.. {
        let recorded = run(args, &project, &planned, &wholes, surroundings)?;
        if !args.until_stable {
            return Ok(Rounds { project, planned, recorded, added, is_stable: true });
        }
        if !recorded.is_well() && lacks_account(&project.manifest, &recorded) {
            // No file helps it: what it asked for is to be looked at, not to be written.
            return Ok(Rounds { project, planned, recorded, added, is_stable: false });
        }
        let found = judged(&project, &planned, trace, &recorded);
        let poorer: BTreeSet<Whole> = found.poorer.iter().cloned().collect();
        if round == MOST_ROUNDS {
            let is_stable = found.proposals.is_empty();
            return Ok(Rounds { project, planned, recorded, added, is_stable });
        }
        if let Some(edited) = edit(&project, &found)? {
            if !args.quiet {
                let count = found.proposals.len();
                // What is told on the way may be lost.
                let _ = writeln!(std::io::stderr(), "round {round}: {count} entries added");
            }
            write(&project, Some(&edited), surroundings)?;
            project = project.with_text(edited.text)?;
            planned = plan(args, &project)?;
            added.extend(found.proposals);
        } else if wholes.is_empty() && (recorded.is_well() || poorer.is_empty()) {
            return Ok(Rounds { project, planned, recorded, added, is_stable: true });
        }
        // The last round is one in the image as it is.
        let is_new = !poorer.is_subset(&wholes);
        match is_new && !recorded.is_well() {
            true => wholes.extend(poorer),
            false => wholes.clear(),
        }
    }
    unreachable!("the last round returns")
}

fn check(args: &Trace) -> Result<(), Failure> {
    let needs_net = args.until_port.is_some() || args.exercise.is_some();
    if needs_net && args.net == Net::None {
        let text = "`--until-port` and `--exercise` reach the program through the network";
        return Err(Failure::usage(text).hint("`--net host` gives it that of this machine"));
    }
    Ok(())
}

/// Whether the program asked for an account that the manifest does not declare.
fn lacks_account(manifest: &Manifest, recorded: &Recorded) -> bool {
    let accounts = &manifest.accounts;
    let is_declared = |account: &Account| match account {
        Account::User(name) => accounts.users.iter().any(|user| user.name == *name),
        Account::Group(name) => accounts.groups.iter().any(|group| group.name == *name),
    };
    !recorded.unknown.iter().all(is_declared)
}

fn judged(project: &Project, planned: &Planned, trace: &TraceFile, recorded: &Recorded) -> Answer {
    let mut trace = trace.clone();
    // The rounds before the last fail for what is added next: that is no mark of what they need.
    let run = Run { failed: None, ..recorded.to_run() };
    trace.runs.insert(recorded.name.clone(), run);
    answer(project, planned, &trace)
}

/// One run, in the image and the directories that are given besides.
fn run(
    args: &Trace,
    project: &Project,
    planned: &Planned,
    wholes: &BTreeSet<Whole>,
    surroundings: &Surroundings,
) -> Result<Recorded, Failure> {
    let mut recorder = Recorder::new(&planned.plan.tree);
    let mut take = |access: &_| recorder.take(access);
    let shown = command(args, &project.manifest.image)?;
    let more = with(args, project, wholes);
    let guest = match &args.in_root {
        Some(root) => Guest::host(root, run_config(&project.manifest.image), surroundings),
        None => Guest::planned(project, more.as_ref().unwrap_or(planned), surroundings)?,
    };
    let ended = start(args, &guest, &mut take, surroundings)?;
    let (mut uses, counts) = recorder.finish();
    uses.retain(|one| !is_below_mount(args, one));
    let Ended { text, is_well, undone, unknown } = ended;
    let name = name(args, &project.manifest)?;
    let (command, left) = (shown, Default::default());
    let failed = (!is_well).then(|| text.clone());
    let ended = Some(text);
    Ok(Recorded { name, command, uses, counts, left, ended, failed, undone, unknown })
}

/// Whether a file was that of a mount: no file of the image.
fn is_below_mount(args: &Trace, one: &Use) -> bool {
    let is_below = |path: &TreePath| {
        args.mount.iter().any(|text| {
            let target = text.as_bytes().split(|&b| b == b':').nth(1);
            let target = target.and_then(|target| TreePath::parse(target).ok());
            target.is_some_and(|target| path.below(&target).is_some())
        })
    };
    is_below(&one.path) || one.asked.as_ref().is_some_and(is_below)
}

/// The plan with whole directories besides; none when it comes to none.
fn with(args: &Trace, project: &Project, wholes: &BTreeSet<Whole>) -> Option<Planned> {
    let addition = |whole: &Whole| Addition::Data {
        from: format!("{}{}", whole.input, whole.path),
        why: "listed".into(),
    };
    let additions: Vec<_> = wholes.iter().map(addition).collect();
    if additions.is_empty() {
        return None;
    }
    let edited = manifest::edit(project.text(), &additions).ok()?;
    plan(args, &project.with_text(edited.text).ok()?).ok()
}
