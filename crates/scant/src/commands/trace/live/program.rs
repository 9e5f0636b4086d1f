//! What is run: the image's settings, and what was typed.

use std::collections::BTreeMap;
use std::ffi::OsString;

use scant_core::formats::manifest::{ImageSettings, Manifest};
use scant_core::rules::trace::{There, follow};
use scant_core::words::{LastLink, Tree};
use serde::{Deserialize, Serialize};

use crate::args::Trace;
use crate::exit::Failure;

/// What containers search when an image says nothing.
const USUAL_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// A program as the process in the namespaces is told of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Command {
    /// The file: an absolute path in the image.
    pub(super) file: String,
    /// Its arguments, the name first.
    pub(super) arguments: Vec<String>,
    /// Its environment.
    pub(super) environment: BTreeMap<String, String>,
    /// Its working directory.
    pub(super) directory: String,
    /// User and group.
    pub(super) user: Option<(u32, u32)>,
    /// Directories that are given empty.
    pub(super) volumes: Vec<String>,
}

/// The name of a run that was given none: its command.
pub(in crate::commands::trace) fn name(
    args: &Trace,
    manifest: &Manifest,
) -> Result<String, Failure> {
    match &args.run {
        Some(name) => Ok(name.clone()),
        None => Ok(arguments(args, &manifest.image)?.join(" ")),
    }
}

/// The command, its program looked for in the image as the kernel and `PATH` do.
pub(super) fn command(args: &Trace, manifest: &Manifest, tree: &Tree) -> Result<Command, Failure> {
    let image = &manifest.image;
    let arguments = arguments(args, image)?;
    let mut environment = image.env.clone();
    environment.entry("PATH".into()).or_insert_with(|| USUAL_PATH.into());
    environment.entry("HOME".into()).or_insert_with(|| "/root".into());
    for variable in &args.environment {
        let Some((name, value)) = variable.split_once('=') else {
            return Err(Failure::usage(format_args!("`--env {variable}` has no `=`")));
        };
        environment.insert(name.into(), value.into());
    }
    let directory = image.workdir.as_ref().map_or("/".into(), |path| path.to_string());
    let user = args.user.as_deref().or(image.user.as_ref().map(|user| user.value.as_str()));
    let user = user.map(numbers).transpose()?.filter(|user| *user != (0, 0));
    let file = file(&arguments[0], &environment["PATH"], &directory, tree);
    let file = file.ok_or_else(|| {
        let text = format!("`{}` is not in the image", arguments[0]);
        Failure::usage(text).hint("the entrypoint must be declared under `binaries`")
    })?;
    let volumes = image.volumes.iter().map(|path| path.to_string()).collect();
    Ok(Command { file, arguments, environment, directory, user, volumes })
}

/// The entrypoint, with what was typed in place of the usual arguments.
fn arguments(args: &Trace, image: &ImageSettings) -> Result<Vec<String>, Failure> {
    let list = |list: Option<&Vec<String>>| list.cloned().unwrap_or_default();
    let mut all = list(image.entrypoint.as_ref().map(|list| &list.value));
    if args.arguments.is_empty() {
        all.extend(list(image.cmd.as_ref().map(|list| &list.value)));
    }
    for argument in &args.arguments {
        let text = OsString::clone(argument).into_string();
        all.push(text.map_err(|_| Failure::usage("an argument is not UTF-8"))?);
    }
    match all.is_empty() {
        true => Err(Failure::usage("the image has no entrypoint")
            .hint("name a program: `scant trace MANIFEST -- /usr/bin/x`")),
        false => Ok(all),
    }
}

fn file(name: &str, path: &str, directory: &str, tree: &Tree) -> Option<String> {
    let is_file = |path: &str| {
        let led = follow(tree, path.as_bytes(), LastLink::Follow);
        led.is_some_and(|led| led.there == There::File)
    };
    let candidates: Vec<String> = match () {
        () if name.starts_with('/') => vec![name.into()],
        () if name.contains('/') => vec![format!("{directory}/{name}")],
        () => path.split(':').map(|directory| format!("{directory}/{name}")).collect(),
    };
    candidates.into_iter().find(|path| is_file(path))
}

/// `uid` or `uid:gid`.
fn numbers(text: &str) -> Result<(u32, u32), Failure> {
    let (user, group) = text.split_once(':').unwrap_or((text, text));
    match (user.parse(), group.parse()) {
        (Ok(user), Ok(group)) => Ok((user, group)),
        _ => Err(Failure::usage(format_args!("`{text}` is no user in numbers, such as 1000:1000"))),
    }
}
