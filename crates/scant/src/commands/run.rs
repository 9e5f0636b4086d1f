//! `scant run`: an image's program in a sandbox, without an engine and without root.

use std::ffi::{OsStr, OsString};
use std::io::IsTerminal as _;
use std::os::unix::ffi::OsStrExt as _;

use scant_core::formats::oci::{ImageConfig, RunConfig};
use scant_io::image::PlatformImage;
use scant_io::images::{self, Files, Opened};
use scant_io::sandbox::{self, Bounds, Mount, Signals, Streams};

use crate::args::{Net, Run};
use crate::commands::build;
use crate::exit::{Done, Failure, Outcome};
use crate::guest::{Changes, Guest, Wishes};
use crate::project::Project;
use crate::subject::Subject;
use crate::surroundings::Surroundings;

/// SIGTERM: what asks a program to end, unless its image says another.
const TERMINATE: i32 = 15;

/// Runs the command.
pub(crate) fn run(args: &Run, surroundings: &Surroundings) -> Outcome {
    // Before there are threads, which inherit that these signals are taken.
    let signals = Signals::take().map_err(Failure::output)?;
    let guest = guest(args, surroundings)?;
    let mut environment = Vec::new();
    if std::io::stdin().is_terminal() {
        let term = surroundings.variables.get("TERM").map_or("xterm", String::as_str);
        environment.push(("TERM".into(), term.into()));
    }
    for text in &args.env {
        environment.extend(variable(text, surroundings));
    }
    let process = guest.process(Changes {
        entrypoint: args.entrypoint.as_ref().map(|program| vec![program.clone()]),
        arguments: args.arguments.clone(),
        environment,
        user: args.user.as_deref(),
        directory: args.workdir.as_deref(),
    })?;
    let mounts =
        args.mount.iter().map(|text| mount(text, surroundings)).collect::<Result<_, _>>()?;
    let (has_network, is_writable) = (args.net == Net::Host, args.writable);
    let sandbox = guest.sandbox(&process, Wishes { has_network, is_writable, mounts });
    let stop_signal = guest.stop_signal().and_then(sandbox::signal_number).unwrap_or(TERMINATE);
    let bounds = Bounds { time: None, end: None, signals: Some(&signals), stop_signal };
    let mut running = sandbox::start(&sandbox).map_err(|error| Failure::run(&error))?;
    let ended = running.run(&process, Streams::Inherited, &bounds);
    let ended = ended.map_err(|error| Failure::run(&error))?;
    Ok(Done::Ended(ended.exit.code()))
}

/// What is run, its files in a directory.
fn guest(args: &Run, surroundings: &Surroundings) -> Result<Guest, Failure> {
    let of_image = |image: &PlatformImage| {
        let config: ImageConfig = serde_json::from_slice(&image.config.bytes)
            .map_err(|error| Failure::input(format_args!("the image's config: {error}")))?;
        Guest::new(&Files::of(image), config.config, surroundings)
    };
    match Subject::parse(&args.subject)? {
        Subject::Image(image) => match images::open(&image).map_err(Failure::input)? {
            Opened::Files(files) => Guest::new(&files, RunConfig::default(), surroundings),
            Opened::Image(image) => {
                of_image(images::pick(&image, args.platform).map_err(Failure::input)?)
            }
        },
        Subject::Manifest(path) => {
            let project = Project::read(Some(&path), surroundings)?;
            let built = build::unpublished(&project, surroundings)?;
            of_image(images::pick(&built.image, args.platform).map_err(Failure::input)?)
        }
    }
}

/// `NAME=VALUE`, or `NAME` for the value that it has here.
fn variable(text: &str, surroundings: &Surroundings) -> Option<(OsString, OsString)> {
    match text.split_once('=') {
        Some((name, value)) => Some((name.into(), value.into())),
        None => surroundings.variables.get(text).map(|value| (text.into(), value.into())),
    }
}

/// `SOURCE:TARGET[:ro]`, the source on this machine.
fn mount(text: &OsStr, surroundings: &Surroundings) -> Result<Mount, Failure> {
    let parts: Vec<&OsStr> =
        text.as_bytes().split(|&byte| byte == b':').map(OsStr::from_bytes).collect();
    let (source, target, read_only) = match parts[..] {
        [source, target] => (source, target, false),
        [source, target, mode] if mode == "ro" || mode == "rw" => (source, target, mode == "ro"),
        _ => return Err(wrong_mount(text)),
    };
    if source.is_empty() || !target.as_bytes().starts_with(b"/") {
        return Err(wrong_mount(text));
    }
    let source = surroundings.directory.join(source).into();
    Ok(Mount { source, target: target.into(), read_only })
}

fn wrong_mount(text: &OsStr) -> Failure {
    Failure::usage(format_args!("`--mount {}` does not say what is mounted where", text.display()))
        .hint("SOURCE:TARGET, or SOURCE:TARGET:ro; TARGET starts with `/`")
}
