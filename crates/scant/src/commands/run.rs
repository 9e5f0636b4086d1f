//! `scant run`: an image's program in a sandbox, without an engine and without root.

mod bundle;
mod toolbox;

use std::ffi::{OsStr, OsString};
use std::io::{IsTerminal as _, Write as _};
use std::os::unix::ffi::OsStrExt as _;

use scant_core::formats::oci::{ImageConfig, RunConfig};
use scant_core::words::OneLine;
use scant_io::image::PlatformImage;
use scant_io::images::{self, Files, Opened};
use scant_io::sandbox::{self, Bounds, Exit, Limits, Mount, Sandbox, Signals, Streams};

use self::toolbox::Toolbox;
use crate::args::{Net, Run};
use crate::commands::build;
use crate::exit::{Done, Failure, Outcome};
use crate::guest::{Changes, Guest, Wishes};
use crate::project::Project;
use crate::registries;
use crate::sources::Sources;
use crate::subject::{self, Subject};
use crate::surroundings::Surroundings;

/// SIGTERM: what asks a program to end, unless its image says another.
const TERMINATE: i32 = 15;

/// Runs the command.
pub(crate) fn run(args: &Run, surroundings: &Surroundings) -> Outcome {
    if let Some(directory) = &args.bundle {
        return bundle::write(args, &surroundings.directory.join(directory), surroundings);
    }
    run_program(args, surroundings).map_err(Failure::before_program)
}

fn run_program(args: &Run, surroundings: &Surroundings) -> Outcome {
    let guest =
        opened(args, surroundings, |files, config| Guest::new(files, config, surroundings))?;
    let mut environment = Vec::new();
    if std::io::stdin().is_terminal() {
        let term = surroundings.variables.get("TERM").map_or("xterm", String::as_str);
        environment.push(("TERM".into(), term.into()));
    }
    let mut process = guest.process(changes(args, environment, surroundings)?)?;
    let mut mounts = mounts(args, surroundings)?;
    let toolbox = match &args.debug_tools {
        Some(tools) => Some(Toolbox::new(tools, args.of.platform, surroundings)?),
        None => None,
    };
    if let Some(toolbox) = &toolbox {
        toolbox.add_to(&mut process, &mut mounts);
        if !args.quiet {
            toolbox.tell(&args.subject);
        }
    }
    let (has_network, is_writable) = (args.net == Net::Host, args.writable);
    let sandbox = guest.sandbox(&process, Wishes { has_network, is_writable, mounts });
    let limits = Limits { processes: args.pids_limit, memory: args.tmpfs_size };
    let sandbox = Sandbox { limits, ..sandbox };
    let stop_signal = guest.stop_signal().and_then(sandbox::signal_number).unwrap_or(TERMINATE);
    // Not before: until there is a program, they end what is prepared for it.
    let signals = Signals::take().map_err(Failure::output)?;
    let bounds = Bounds { time: None, end: None, signals: Some(&signals), stop_signal };
    let mut running = sandbox::start(&sandbox).map_err(|error| Failure::run(&error))?;
    let ended = running.run(&process, Streams::Inherited, &bounds);
    let ended = ended.map_err(|error| Failure::run(&error))?;
    if !args.quiet && !is_writable && matches!(ended.exit, Exit::Status(1..)) {
        // Nobody saw why it failed, but this is what an image that runs elsewhere stumbles over.
        let hint = "hint: if it could not write somewhere: the root is read-only; `--writable` lets \
                    the program write anywhere";
        let _ = writeln!(std::io::stderr(), "{hint}");
    }
    Ok(Done::Ended(ended.exit.code()))
}

/// How the program is run, where that is not as the image says.
fn changes<'a>(
    args: &'a Run,
    mut environment: Vec<(OsString, OsString)>,
    surroundings: &Surroundings,
) -> Result<Changes<'a>, Failure> {
    for text in &args.env {
        environment.extend(variable(text, surroundings)?);
    }
    Ok(Changes {
        entrypoint: args.entrypoint.as_ref().map(|program| vec![program.clone()]),
        arguments: args.arguments.clone(),
        environment,
        user: args.user.as_deref(),
        directory: args.workdir.as_deref(),
    })
}

fn mounts(args: &Run, surroundings: &Surroundings) -> Result<Vec<Mount>, Failure> {
    args.mount.iter().map(|text| mount(text, surroundings)).collect()
}

/// Does something with what is to be run: its files, and how it wants to be run.
fn opened<T>(
    args: &Run,
    surroundings: &Surroundings,
    then: impl FnOnce(&Files, RunConfig) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let config_of = |image: &PlatformImage| {
        let config: ImageConfig = serde_json::from_slice(&image.config.bytes)
            .map_err(|error| Failure::input(format_args!("the image's config: {error}")))?;
        Ok::<_, Failure>(config.config)
    };
    match Subject::parse(&args.subject)? {
        Subject::Image(image) => {
            let platform = args.of.platform;
            let opened = registries::open(&image, platform, &args.registry, surroundings)?;
            if !args.quiet {
                subject::tell_doubt(&image, &opened);
            }
            match opened {
                Opened::Files(files) => then(&files, RunConfig::default()),
                Opened::Image(image) => {
                    let image = images::pick(&image, platform).map_err(Failure::input)?;
                    registries::fetch(image)?;
                    then(&Files::of(image), config_of(image)?)
                }
            }
        }
        Subject::Manifest(path) => {
            let project = Project::read(
                Some(&path),
                Sources::new(&args.inputs, &args.registry, surroundings).quiet(args.quiet),
                surroundings,
            )?
            .only(args.of.platform);
            let built = build::unpublished(&project, surroundings)?;
            let image = images::pick(&built.image, args.of.platform).map_err(Failure::input)?;
            then(&Files::of(image), config_of(image)?)
        }
    }
}

/// `NAME=VALUE`, or `NAME` for the value that it has here.
fn variable(
    text: &str,
    surroundings: &Surroundings,
) -> Result<Option<(OsString, OsString)>, Failure> {
    let (name, value) = match text.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (text, surroundings.variables.get(text).map(String::as_str)),
    };
    let is_wrong = |c: char| c.is_whitespace() || c.is_control();
    if name.is_empty() || name.contains(is_wrong) {
        let what =
            if name.is_empty() { "no name" } else { "a space or control character in its name" };
        return Err(Failure::usage(format_args!("`--env {}` has {what}", OneLine(text)))
            .hint("NAME=VALUE, or NAME for the value that it has here"));
    }
    Ok(value.map(|value| (name.into(), value.into())))
}

/// `SOURCE:TARGET[:ro]`, the source on this machine.
pub(crate) fn mount(text: &OsStr, surroundings: &Surroundings) -> Result<Mount, Failure> {
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
