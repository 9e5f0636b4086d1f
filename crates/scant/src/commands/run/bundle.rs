//! `scant run --bundle`: what would be run, for an OCI runtime to run it. Nothing is run.

use std::ffi::{OsStr, OsString};
use std::io::Write as _;
use std::path::Path;

use scant_core::formats::oci::runtime::{self, Bind, Container};
use scant_core::words::{Escaped, OneLine};
use scant_io::sandbox::{self, Mount, Process};
use scant_io::sinks::Bundle;

use super::{changes, mounts, opened};
use crate::args::{Net, Run};
use crate::exit::{Done, Failure, Outcome};
use crate::guest::{Guest, HOSTNAME};
use crate::surroundings::Surroundings;

/// Writes the bundle to a directory.
pub(super) fn write(args: &Run, directory: &Path, surroundings: &Surroundings) -> Outcome {
    let mounts = mounts(args, surroundings)?;
    let notes = opened(args, surroundings, |files, config| {
        let bundle = Bundle::new(files, directory).map_err(Failure::unpack)?;
        let guest = Guest::of_directory(bundle.root(), config, surroundings);
        let process = guest.process(changes(args, Vec::new(), surroundings)?)?;
        let mut notes = Vec::new();
        let container = container(&guest, &process, args, &mounts, &mut notes)?;
        notes.extend(bundle.publish(&runtime::config(&container)).map_err(Failure::output)?);
        Ok(notes)
    })?;
    let mut stderr = std::io::stderr().lock();
    for note in notes.iter().filter(|_| !args.quiet) {
        let _ = writeln!(stderr, "note: {}", OneLine(note));
    }
    Ok(Done::Yes)
}

fn container(
    guest: &Guest,
    process: &Process,
    args: &Run,
    mounts: &[Mount],
    notes: &mut Vec<String>,
) -> Result<Container, Failure> {
    let texts =
        |words: &[OsString]| words.iter().map(|word| text(word)).collect::<Result<_, Failure>>();
    let pair =
        |(name, value): &(OsString, OsString)| Ok(format!("{}={}", text(name)?, text(value)?));
    let bind = |mount: &Mount| {
        let (source, target) = (text(&mount.source)?, text(&mount.target)?);
        Ok::<_, Failure>(Bind { source, target, read_only: mount.read_only })
    };
    let (numbers, is_known) = sandbox::numbers_of_bundle(process.user, process.group);
    let (mut user, mut group, mut groups) = (process.user, process.group, process.groups.clone());
    if !is_known {
        notes.push(format!(
            "the program runs as user 0 and group 0 in this bundle, not as {user} and {group}: a \
             runtime needs a root user, and you are granted no other numbers in /etc/subuid and \
             /etc/subgid"
        ));
        (user, group) = (0, 0);
    }
    if numbers.is_some() {
        // Runtimes refuse other groups of users who are not root.
        groups.clear();
    }
    Ok(Container {
        arguments: texts(&process.arguments)?,
        environment: process.environment.iter().map(pair).collect::<Result<_, Failure>>()?,
        directory: text(&process.directory)?,
        user,
        group,
        groups,
        hostname: HOSTNAME.to_string(),
        is_writable: args.writable,
        has_network: args.net == Net::Host,
        numbers,
        memory: args.tmpfs_size,
        volumes: guest.volumes().map(str::to_string).collect(),
        mounts: mounts.iter().map(bind).collect::<Result<_, _>>()?,
    })
}

/// A text, which is all that the document can hold.
fn text(word: &OsStr) -> Result<String, Failure> {
    word.to_str().map(str::to_string).ok_or_else(|| {
        let word = Escaped(word.as_encoded_bytes());
        Failure::usage(format_args!("`{word}` is not UTF-8, and a bundle can say nothing else"))
    })
}
