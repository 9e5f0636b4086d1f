//! `scant test`: the tests of container-structure-test, without a daemon.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::time::Duration;

use scant_io::images::{self, Opened};

use crate::args::{Net, Test};
use crate::commands::build;
use crate::exit::{Done, Failure, Outcome};
use crate::project::Project;
use crate::registries;
use crate::sources::Sources;
use crate::subject::{self, Subject};
use crate::surroundings::Surroundings;
use crate::testing::{self, Format, Options, Suite, Tested, Testee};

/// Runs the command.
pub(crate) fn run(args: &Test, surroundings: &Surroundings) -> Outcome {
    let mut suites = testing::of_paths(&args.config)?;
    let tested = match Subject::parse(&args.subject)? {
        Subject::Image(image) => {
            let platform = args.of.platform;
            let opened = registries::open(&image, platform, &args.registry, surroundings)?;
            subject::tell_doubt(&image, &opened);
            let testee = match opened {
                Opened::Files(files) => Testee::files(files),
                Opened::Image(image) => {
                    let image = images::pick(&image, platform).map_err(Failure::input)?;
                    registries::fetch(image)?;
                    Testee::image(image)?
                }
            };
            testing::tell_notes(&suites)?;
            tested(args, &[testee], &suites, surroundings)?
        }
        Subject::Manifest(path) => {
            let project = Project::read(
                Some(&path),
                Sources::new(&args.inputs, &args.registry, surroundings).quiet(args.quiet),
                surroundings,
            )?
            .only(args.of.platform);
            suites.extend(testing::of_manifest(&project)?);
            testing::tell_notes(&suites)?;
            refuse_none(&suites, None)?;
            let built = build::unpublished(&project, surroundings)?;
            let platforms = match args.of.platform {
                None => built.image.platforms.iter().collect(),
                wanted => vec![images::pick(&built.image, wanted).map_err(Failure::input)?],
            };
            let testees: Result<Vec<_>, _> = platforms.into_iter().map(Testee::image).collect();
            tested(args, &testees?, &suites, surroundings)?
        }
    };
    report(args, &tested)?;
    Ok(if tested.iter().all(Tested::is_ok) { Done::Yes } else { Done::No })
}

fn tested(
    args: &Test,
    testees: &[Testee],
    suites: &[Suite],
    surroundings: &Surroundings,
) -> Result<Vec<Tested>, Failure> {
    refuse_none(suites, None)?;
    let usual = Options::usual();
    let options = Options {
        filter: args.filter.as_deref(),
        timeout: Duration::from_secs(args.timeout.get()),
        has_network: args.net == Net::Host,
        jobs: args.jobs.unwrap_or(usual.jobs),
    };
    let mut tested = Vec::new();
    for testee in testees {
        tested.extend(testing::run(testee, suites, &options, surroundings)?);
    }
    if tested.is_empty() {
        refuse_none(&[], args.filter.as_deref())?;
    }
    Ok(tested)
}

/// That nothing was tested must not look like a success.
fn refuse_none(suites: &[Suite], filter: Option<&str>) -> Result<(), Failure> {
    if let Some(filter) = filter {
        return Err(Failure::usage(format_args!("no test has `{filter}` in its name")));
    }
    if suites.iter().all(|suite| suite.tests.tests.is_empty()) {
        return Err(Failure::usage("there are no tests")
            .hint("name a file of tests with `--config`, or write `tests` into the manifest"));
    }
    Ok(())
}

fn report(args: &Test, tested: &[Tested]) -> Result<(), Failure> {
    let format = if args.json { Format::Json } else { args.format };
    match &args.output {
        Some(path) => to_file(path, format, tested, args.quiet)?,
        None => {
            let mut out = BufWriter::new(io::stdout().lock());
            testing::write(&mut out, format, tested, args.quiet)?;
            out.flush()?;
        }
    }
    if let Some(path) = &args.junit {
        to_file(path, Format::Junit, tested, false)?;
    }
    if !args.quiet {
        writeln!(io::stderr().lock(), "{}", testing::summary(tested))?;
    }
    Ok(())
}

fn to_file(path: &Path, format: Format, tested: &[Tested], quiet: bool) -> Result<(), Failure> {
    let write = || -> io::Result<()> {
        let mut out = BufWriter::new(File::create(path)?);
        testing::write(&mut out, format, tested, quiet)?;
        out.flush()
    };
    write().map_err(|error| {
        Failure::output(format_args!("`{}` cannot be written: {error}", path.display()))
    })
}
