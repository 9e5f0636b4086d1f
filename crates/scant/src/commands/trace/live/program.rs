//! What a run is called: its command, as the image and what was typed say it.

use scant_core::formats::manifest::{ImageSettings, Manifest};

use crate::args::Trace;
use crate::exit::Failure;

/// The name of a run that was given none: its command.
pub(in crate::commands::trace) fn name(
    args: &Trace,
    manifest: &Manifest,
) -> Result<String, Failure> {
    match &args.run {
        Some(name) => Ok(name.clone()),
        None => Ok(command(args, &manifest.image)?.join(" ")),
    }
}

/// The entrypoint, with what was typed in place of the usual arguments.
pub(super) fn command(args: &Trace, image: &ImageSettings) -> Result<Vec<String>, Failure> {
    let list = |list: Option<&Vec<String>>| list.cloned().unwrap_or_default();
    let mut all = match &args.entrypoint {
        Some(program) => vec![program.clone()],
        None => list(image.entrypoint.as_ref().map(|list| &list.value)),
    };
    if args.arguments.is_empty() && args.entrypoint.is_none() {
        all.extend(list(image.cmd.as_ref().map(|list| &list.value)));
    }
    for argument in &args.arguments {
        let text = argument.to_str();
        all.push(text.ok_or_else(|| Failure::usage("an argument is not UTF-8"))?.to_string());
    }
    match all.is_empty() {
        true => Err(Failure::usage("the image has no entrypoint")
            .hint("name a program: `scant trace MANIFEST -- /usr/bin/x`")),
        false => Ok(all),
    }
}
