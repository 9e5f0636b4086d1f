//! Commands of tests: what each is run with, in which order, and several at once. How a program is
//! run is said elsewhere.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use scant_core::formats::oci::RunConfig;
use scant_core::formats::structure_test::{BindMount, Command, Subject, Test, expand, variables};
use scant_core::rules::structure_test::{Ran, environment, output};

use super::{Options, Outcome, Suite, Testee, env_file};
use crate::exit::Failure;
use crate::surroundings::Surroundings;

/// What can make copies of an image to run programs in.
pub(super) trait Engine: Sync {
    /// A copy that can be written to. It is thrown away with the value.
    fn copy(&self) -> Result<Box<dyn Copy + '_>, Failure>;
}

/// A copy of an image.
pub(super) trait Copy {
    /// Runs a program to its end, or kills it.
    fn run(&mut self, invocation: &Invocation<'_>) -> Result<Ran, NotRun>;
}

/// A program that is to be run.
pub(super) struct Invocation<'a> {
    /// Program and arguments.
    pub(super) line: &'a [String],
    /// All of its environment.
    pub(super) env: &'a BTreeMap<String, String>,
    /// Whom it runs as; else the user of the image.
    pub(super) user: Option<&'a str>,
    /// What it sees of the machine.
    pub(super) mounts: &'a [BindMount],
    /// Whether it sees the network of the machine.
    pub(super) has_network: bool,
    /// How long it may take.
    pub(super) timeout: Duration,
}

/// Why a program was not run.
pub(super) enum NotRun {
    /// It is not there, or cannot be executed: the fault of the image.
    Program(String),
    /// No program can be run.
    Nothing(Failure),
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

/// One test: setup, command and teardown in a copy of its own.
fn one(
    command: &Command,
    shared: &Shared<'_>,
    engine: &dyn Engine,
    options: &Options<'_>,
) -> Result<Outcome, Failure> {
    let mut env = environment(&shared.env, &[&command.env]);
    env.extend(shared.last.iter().cloned());
    let expanded = |line: &[String]| -> Vec<String> {
        let value = |name: &str| env.get(name).cloned().unwrap_or_default();
        line.iter().map(|word| expand(word, value)).collect()
    };
    let run_options = &shared.suite.tests.options;
    let mut copy = engine.copy()?;
    let mut invoke = |line: &[String]| {
        copy.run(&Invocation {
            line,
            env: &env,
            user: run_options.user.as_deref(),
            mounts: &run_options.bind_mounts,
            has_network: options.has_network,
            timeout: options.timeout,
        })
    };
    let mut aside = Vec::new();
    for line in &command.setup {
        aside.extend(beside("setup", line, invoke(&expanded(line)))?);
    }
    let started = Instant::now();
    let line = expanded(&command.line);
    let (mut wrong, ran) = match invoke(&line) {
        Ok(ran) => (output(command, &ran), Some(ran)),
        Err(NotRun::Program(why)) => (vec![why], None),
        Err(NotRun::Nothing(failure)) => return Err(failure),
    };
    let time = started.elapsed();
    for line in &command.teardown {
        aside.extend(beside("teardown", line, invoke(&expanded(line)))?);
    }
    // What went wrong beside a command that did as it should changes nothing.
    if !wrong.is_empty() {
        if line != command.line {
            wrong.push(format!("run was: {}", shown(&line)));
        }
        wrong.append(&mut aside);
    }
    Ok((wrong, ran, Some(time)))
}

/// What is worth knowing of a command of the setup or teardown.
fn beside(
    what: &str,
    line: &[String],
    outcome: Result<Ran, NotRun>,
) -> Result<Option<String>, Failure> {
    use scant_core::rules::structure_test::End;
    let line = shown(line);
    Ok(match outcome {
        Ok(Ran { end: End::Exit(0), .. }) => None,
        Ok(Ran { end: End::Exit(code), .. }) => Some(format!("{what} {line} ended with {code}")),
        Ok(Ran { end: End::Signal(signal), .. }) => {
            Some(format!("{what} {line} was killed by signal {signal}"))
        }
        Ok(Ran { end: End::TimeOut(seconds), .. }) => {
            Some(format!("{what} {line} did not end within {seconds} s, and was killed"))
        }
        Err(NotRun::Program(why)) => Some(format!("{what} {line}: {why}")),
        Err(NotRun::Nothing(failure)) => return Err(failure),
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
