//! Tests of an image: which there are, what came of them, how that is told. What `scant test` and
//! `scant build --test` share. What a test means is said by `scant_core::rules::structure_test`.

mod commands;
mod env_file;
mod json;
mod junit;
mod sandbox;
mod suites;
mod text;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::time::Duration;

use scant_core::formats::oci::{ImageConfig, RunConfig};
use scant_core::formats::structure_test::{Subject, Test, variables};
use scant_core::rules::structure_test::{ImageFiles, Ran, metadata};
use scant_core::words::Root;
use scant_io::image::PlatformImage;
use scant_io::images::{Contents, Files};

use crate::exit::Failure;
use crate::surroundings::Surroundings;
pub(crate) use suites::{Suite, of_manifest, of_paths};

/// What is tested: the files of an image and, unless there are only files, how it is run.
pub(crate) struct Testee {
    /// The platform; none for files without an image.
    platform: Option<String>,
    files: Files,
    config: Option<RunConfig>,
}

/// How tests are made.
pub(crate) struct Options<'a> {
    /// Only tests whose name has this in it.
    pub(crate) filter: Option<&'a str>,
    /// How long a command may take.
    pub(crate) timeout: Duration,
    /// Whether commands see the network of the machine.
    pub(crate) has_network: bool,
    /// How many commands are run at once.
    pub(crate) jobs: NonZeroUsize,
}

impl Options<'_> {
    /// All tests, no network, and what `scant test --help` says of the rest.
    pub(crate) fn usual() -> Self {
        let jobs = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        Self { filter: None, timeout: Duration::from_secs(300), has_network: false, jobs }
    }
}

/// A test that was made.
pub(crate) struct Tested {
    /// The file that it is written in.
    file: String,
    line: u32,
    kind: &'static str,
    name: String,
    platform: Option<String>,
    /// What is wrong; nothing when the image is as it should be.
    wrong: Vec<String>,
    /// What came of its command.
    ran: Option<Ran>,
    /// How long its command took.
    time: Option<Duration>,
}

/// The ways to tell what came of tests.
#[derive(Clone, Copy, PartialEq, clap::ValueEnum)]
pub(crate) enum Format {
    /// One line each, and what is wrong below it
    Text,
    /// One JSON document
    Json,
    /// The XML that CI servers read
    Junit,
}

/// What is wrong with a test, what its command did, and how long that took.
type Outcome = (Vec<String>, Option<Ran>, Option<Duration>);

impl Testee {
    /// An image for one platform.
    ///
    /// # Errors
    /// When its config cannot be read.
    pub(crate) fn image(image: &PlatformImage) -> Result<Self, Failure> {
        let config: ImageConfig = serde_json::from_slice(&image.config.bytes)
            .map_err(|error| Failure::input(format_args!("the config cannot be read: {error}")))?;
        let platform = Some(image.platform()).filter(|platform| !platform.is_empty());
        Ok(Self { platform, files: Files::of(image), config: Some(config.config) })
    }

    /// Files without an image.
    pub(crate) fn files(files: Files) -> Self {
        Self { platform: None, files, config: None }
    }
}

/// Makes all tests, and gives what came of them in the order of the suites.
///
/// # Errors
/// When the files of the image cannot be read, or commands cannot be run at all.
pub(crate) fn run(
    testee: &Testee,
    suites: &[Suite],
    options: &Options<'_>,
    surroundings: &Surroundings,
) -> Result<Vec<Tested>, Failure> {
    let contents =
        Contents::read(&testee.files, &surroundings.temporary).map_err(Failure::input)?;
    let config = testee.config.clone().unwrap_or_default();
    let is_wanted = |test: &&Test| options.filter.is_none_or(|part| label(test).contains(part));
    let wanted: Vec<(&Suite, &Test)> = suites
        .iter()
        .flat_map(|suite| suite.tests.tests.iter().filter(is_wanted).map(move |test| (suite, test)))
        .collect();
    let mut commands = commands::run(testee, &config, &wanted, options, surroundings)?;
    let image_env = variables(&config.env);
    let tested = wanted.iter().enumerate().map(|(index, (suite, test))| {
        let (wrong, ran, time) = match commands.remove(&index) {
            Some(outcome) => outcome,
            None => (of_files(test, suite, testee, &contents, &image_env), None, None),
        };
        Tested {
            file: suite.name.clone(),
            line: test.span.line,
            kind: test.subject.kind(),
            name: test.name.clone(),
            platform: testee.platform.clone(),
            wrong,
            ran,
            time,
        }
    });
    Ok(tested.collect())
}

/// What is wrong with a test that needs no program.
fn of_files(
    test: &Test,
    suite: &Suite,
    testee: &Testee,
    contents: &dyn Root,
    image_env: &BTreeMap<String, String>,
) -> Vec<String> {
    let global = &suite.tests.global_env;
    let env = scant_core::rules::structure_test::environment(image_env, &[global]);
    let files = ImageFiles::new(contents, &env);
    match (&test.subject, &testee.config) {
        (Subject::Existence(existence), _) => files.existence(existence),
        (Subject::Content(content), _) => files.content(content),
        (Subject::License(license), _) => files.license(license),
        (Subject::Metadata(expected), Some(config)) => metadata(expected, config),
        (Subject::Metadata(_), None) => {
            vec!["these are files without an image, which say nothing of how it is run".to_string()]
        }
        (Subject::Command(_), _) => Vec::new(),
    }
}

/// What a test is called: by its name or, without one, by its kind.
fn label(test: &Test) -> &str {
    if test.name.is_empty() { test.subject.kind() } else { &test.name }
}

impl Tested {
    /// Whether all is as it should be.
    pub(crate) fn is_ok(&self) -> bool {
        self.wrong.is_empty()
    }

    fn label(&self) -> &str {
        if self.name.is_empty() { self.kind } else { &self.name }
    }

    fn seconds(&self) -> f64 {
        self.time.map_or(0.0, |time| time.as_secs_f64())
    }
}

/// Writes what came of tests.
pub(crate) fn write(
    out: &mut dyn Write,
    format: Format,
    tested: &[Tested],
    quiet: bool,
) -> io::Result<()> {
    match format {
        Format::Text => text::write(out, tested, quiet),
        Format::Json => json::write(out, tested),
        Format::Junit => junit::write(out, tested),
    }
}

/// How many tests there were, and how many of them failed, in words.
pub(crate) fn summary(tested: &[Tested]) -> String {
    let failed = tested.iter().filter(|test| !test.is_ok()).count();
    let count = crate::render::size::Count(tested.len(), "test");
    if failed == 0 { format!("{count} passed") } else { format!("{failed} of {count} failed") }
}

/// Says what is asked for and not done.
pub(crate) fn tell_notes(suites: &[Suite]) -> io::Result<()> {
    let mut stderr = io::stderr().lock();
    for suite in suites {
        for note in &suite.tests.notes {
            writeln!(stderr, "note: {}:{}: {}", suite.name, note.span.line, note.message)?;
        }
    }
    Ok(())
}
