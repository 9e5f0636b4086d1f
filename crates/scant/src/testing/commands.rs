//! Commands of tests: what each is run with, in which order, and several at once. How a program is
//! run is said elsewhere.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use scant_core::formats::oci::RunConfig;
use scant_core::formats::structure_test::{BindMount, Command, Subject, Test, expand, variables};
use scant_core::rules::structure_test::{End, Ran, environment, output};

use super::{Options, Outcome, Suite, Testee, env_file};
use crate::exit::Failure;
use crate::surroundings::Surroundings;

/// What runs programs of an image.
pub(super) trait Engine: Sync {
    /// Runs commands one after the other in a copy of the image, which they can write to and which
    /// is thrown away then. All of them are run, however those before them end.
    ///
    /// # Errors
    /// When no program can be run.
    fn run(&self, commands: &Commands<'_>) -> Result<Ended, Failure>;
}

/// Commands that are to be run.
pub(super) struct Commands<'a> {
    /// Before the one that is tested; each is a program with its arguments.
    pub(super) setup: Vec<Vec<String>>,
    /// The one that is tested.
    pub(super) line: Vec<String>,
    /// After it.
    pub(super) teardown: Vec<Vec<String>>,
    /// All of their environment.
    pub(super) env: &'a BTreeMap<String, String>,
    /// Whom they run as; else the user of the image.
    pub(super) user: Option<&'a str>,
    /// What they see of the machine.
    pub(super) mounts: &'a [BindMount],
    /// Whether they see the network of the machine.
    pub(super) has_network: bool,
    /// How long each of them may take.
    pub(super) timeout: Duration,
}

/// How commands ended, or why they could not be run, which is a fault of the image.
pub(super) struct Ended {
    /// Those of the setup.
    pub(super) setup: Vec<Result<End, String>>,
    /// The one that is tested.
    pub(super) ran: Result<Ran, String>,
    /// Those of the teardown.
    pub(super) teardown: Vec<Result<End, String>>,
}

/// The commands of one file, and what they share.
struct Shared<'a> {
    suite: &'a Suite,
    /// The image's environment and the global variables.
    env: BTreeMap<String, String>,
    /// What counts more than the variables of a test.
    last: Vec<(String, String)>,
}

/// Runs all commands among the tests, and gives what came of each by its number.
pub(super) fn run(
    testee: &Testee,
    config: &RunConfig,
    wanted: &[(&Suite, &Test)],
    options: &Options<'_>,
    surroundings: &Surroundings,
) -> Result<BTreeMap<usize, Outcome>, Failure> {
    let mut commands = Vec::new();
    let mut shared: Vec<Shared<'_>> = Vec::new();
    for (index, (suite, test)) in wanted.iter().enumerate() {
        if let Subject::Command(command) = &test.subject {
            // The tests of a suite follow each other.
            if !shared.last().is_some_and(|last| std::ptr::eq(last.suite, *suite)) {
                shared.push(Shared::new(suite, config, surroundings)?);
            }
            commands.push((index, shared.len() - 1, command));
        }
    }
    if commands.is_empty() {
        return Ok(BTreeMap::new());
    }
    let engine = super::sandbox::engine(testee, config, surroundings)?;
    let next = AtomicUsize::new(0);
    let done = Mutex::new((BTreeMap::new(), None));
    let work = || {
        while let Some((index, of, command)) = commands.get(next.fetch_add(1, Ordering::Relaxed)) {
            let outcome = one(command, &shared[*of], &*engine, options);
            let mut done = done.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            match outcome {
                Ok(outcome) => drop(done.0.insert(*index, outcome)),
                Err(failure) => {
                    done.1.get_or_insert(failure);
                    next.store(commands.len(), Ordering::Relaxed);
                }
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..options.jobs.get().min(commands.len()) {
            scope.spawn(work);
        }
        work();
    });
    match done.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner()) {
        (_, Some(failure)) => Err(failure),
        (outcomes, None) => Ok(outcomes),
    }
}

/// One test: setup, command and teardown in a copy of their own.
fn one(
    command: &Command,
    shared: &Shared<'_>,
    engine: &dyn Engine,
    options: &Options<'_>,
) -> Result<Outcome, Failure> {
    let mut env = environment(&shared.env, &[&command.env]);
    env.extend(shared.last.iter().cloned());
    let expanded = |line: &Vec<String>| -> Vec<String> {
        let value = |name: &str| env.get(name).cloned().unwrap_or_default();
        line.iter().map(|word| expand(word, value)).collect()
    };
    let run_options = &shared.suite.tests.options;
    let commands = Commands {
        setup: command.setup.iter().map(expanded).collect(),
        line: expanded(&command.line),
        teardown: command.teardown.iter().map(expanded).collect(),
        env: &env,
        user: run_options.user.as_deref(),
        mounts: &run_options.bind_mounts,
        has_network: options.has_network,
        timeout: options.timeout,
    };
    let started = Instant::now();
    let ended = engine.run(&commands)?;
    let time = started.elapsed();
    let (mut wrong, ran) = match ended.ran {
        Ok(ran) => (output(command, &ran), Some(ran)),
        Err(why) => (vec![why], None),
    };
    // What went wrong beside a command that did as it should changes nothing.
    if !wrong.is_empty() {
        if commands.line != command.line {
            wrong.push(format!("run was: {}", shown(&commands.line)));
        }
        wrong.extend(beside("setup", &commands.setup, &ended.setup));
        wrong.extend(beside("teardown", &commands.teardown, &ended.teardown));
    }
    Ok((wrong, ran, Some(time)))
}

/// What is worth knowing of the commands of the setup or teardown.
fn beside<'a>(
    what: &'a str,
    lines: &'a [Vec<String>],
    ended: &'a [Result<End, String>],
) -> impl Iterator<Item = String> + use<'a> {
    lines.iter().zip(ended).filter_map(move |(line, end)| {
        let how = match end {
            Ok(End::Exit(0)) => return None,
            Ok(End::Exit(code)) => format!("ended with {code}"),
            Ok(End::Signal(signal)) => format!("was killed by signal {signal}"),
            Ok(End::TimeOut(seconds)) => format!("did not end within {seconds} s, and was killed"),
            Err(why) => format!("was not run: {why}"),
        };
        Some(format!("{what} {} {how}", shown(line)))
    })
}

fn shown(line: &[String]) -> String {
    let words: Vec<_> = line.iter().map(|word| format!("{word:?}")).collect();
    format!("[{}]", words.join(", "))
}

impl<'a> Shared<'a> {
    fn new(
        suite: &'a Suite,
        config: &RunConfig,
        surroundings: &Surroundings,
    ) -> Result<Self, Failure> {
        let env = environment(&variables(&config.env), &[&suite.tests.global_env]);
        let options = &suite.tests.options;
        let mut last = Vec::new();
        if let Some(file) = &options.env_file {
            last.extend(env_file::read(file, suite, surroundings)?);
        }
        for name in &options.env_vars {
            let value = surroundings.variables.get(name).filter(|value| !value.is_empty());
            last.extend(value.map(|value| (name.clone(), value.clone())));
        }
        Ok(Self { suite, env, last })
    }
}

#[cfg(test)]
mod tests;
