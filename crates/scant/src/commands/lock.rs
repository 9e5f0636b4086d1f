//! `scant lock`: what the inputs of a manifest are now, written down for later builds.

mod vendor;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

use scant_core::formats::lock::{Asked, For, Lock, LockedInput, Pin};
use scant_core::formats::manifest::{AskedOf, Location};
use scant_core::words::{Digest, InputName};
use scant_io::inputs::{Elsewhere as _, InputFaultKind, Trouble, digest_of, opened_image};
use serde_json::json;

use self::vendor::{Filled, Mended};
use crate::args::Lock as LockArgs;
use crate::exit::{Done, Failure, Outcome};
use crate::locked::{self, Locked};
use crate::locked_files::{self, FilesChange};
use crate::locked_packages::{self, PackageChange};
use crate::project::Project;
use crate::render::diagnostic::Diagnostic;
use crate::sources::{LockUse, Sources};
use crate::surroundings::Surroundings;

/// What `--update` takes for all inputs: a name of none, for those are in capitals.
const ALL: &str = "all";

/// One pin that is not as it was.
struct Change {
    input: InputName,
    for_: For,
    before: Option<Pin>,
    after: Option<Pin>,
}

/// All that is not as it was.
struct Changed {
    pins: Vec<Change>,
    packages: Vec<PackageChange>,
    files: Vec<FilesChange>,
}

/// Runs the command.
pub(crate) fn run(args: &LockArgs, surroundings: &Surroundings) -> Outcome {
    let sources = Sources::with(LockUse::Write, &args.network, &args.registry, surroundings)
        .in_cache(args.cache_dir.clone())
        .in_vendor(args.vendor.as_deref());
    let vendor = args.vendor.as_deref();
    let vendor = vendor.map(|directory| Mended::new(directory, surroundings)).transpose()?;
    let mut project = Project::read(args.manifest.as_deref(), sources, surroundings)?;
    let path = locked::path(&project.name, project.directory()).ok_or_else(|| {
        Failure::usage("a manifest from standard input has no lock").hint("name its file")
    })?;
    names_are_declared(args, &project)?;
    let before = match locked::read(&path) {
        Ok(found) => found,
        // What is going to be written anew need not be read.
        Err(_) if args.update.iter().any(|name| name == ALL) => None,
        Err(failure) => return Err(failure),
    };
    let (text, old) = before.unwrap_or_default();
    let mut new = resolve(args, &project, &old)?;
    if args.files {
        // Which files are taken may depend on what the other inputs are.
        project.locked = Locked::just_made(&project.manifest, &new);
        locked_files::renew(&mut new, &project)?;
    }
    let (changes, encoded) = (changes(&old, &new), new.encode());
    let changed = Changed {
        pins: changes,
        packages: locked_packages::changes(&old, &new),
        files: locked_files::changes(&old, &new),
    };
    let is_changed = !(encoded == text || (new == Lock::default() && text.is_empty()));
    if is_changed && !args.check {
        write(&path, &encoded)?;
    }
    let filled = vendor.map(|vendor| vendor.fill(args, surroundings)).transpose()?;
    print(args, &path, &changed, is_changed, filled.as_ref())?;
    Ok(if args.check && is_changed { Done::No } else { Done::Yes })
}

fn names_are_declared(args: &LockArgs, project: &Project) -> Result<(), Failure> {
    let asked = Asked::of(&project.manifest);
    let names = args.update.iter().filter(|name| *name != ALL);
    for name in names {
        if asked.iter().all(|asked| asked.input.name.as_str() != name) {
            let text = format!("`{name}` is no input of {} that can be locked", project.name);
            return Err(Failure::usage(text)
                .hint("archives, files of the network, images and packages can"));
        }
    }
    Ok(())
}

/// The lock as it would be: what is in the old one stays while the manifest asks for it.
fn resolve(args: &LockArgs, project: &Project, old: &Lock) -> Result<Lock, Failure> {
    let (mut new, mut faults) = (Lock::default(), Vec::new());
    // What else is known of inputs is not looked at here, and stays.
    for (name, input) in &old.inputs {
        let is_declared = project.manifest.inputs.iter().any(|declared| declared.name == *name);
        let kept = LockedInput { pins: BTreeMap::new(), ..input.clone() };
        if is_declared && !kept.is_empty() {
            new.inputs.insert(name.clone(), kept);
        }
    }
    for asked in Asked::of(&project.manifest) {
        let name = &asked.input.name;
        let is_renewed = args.update.iter().any(|update| update == ALL || update == name.as_str());
        let place = asked.place.to_string();
        let is_so = |pin: &&Pin| {
            let demanded = asked.place.sha256();
            !is_renewed && pin.asked == place && demanded.is_none_or(|sha256| sha256 == pin.digest)
        };
        let known = old.pin(name, asked.for_).filter(is_so);
        if let Some(wanted) = asked.input.backend.packages() {
            let kept = old.inputs.get(name).filter(|_| known.is_some());
            match packages(project, wanted, &place, kept) {
                Ok(input) => drop(new.inputs.insert(name.clone(), input)),
                Err(Refused::All(failure)) => return Err(failure),
                Err(Refused::Input(error)) => {
                    let text = format!("input {name}: {error}");
                    let diagnostic = Diagnostic::new(text, Some(asked.input.span));
                    faults.push(diagnostic.render(&project.source()));
                }
            }
            continue;
        }
        let pin = match known {
            Some(pin) => Ok(pin.clone()),
            None => look(project, asked.place),
        };
        let input: &mut LockedInput = new.inputs.entry(name.clone()).or_default();
        match pin {
            Ok(pin) => drop(input.pins.insert(asked.for_, pin)),
            Err(error) => {
                let text = format!("input {name}: {error}");
                let diagnostic = Diagnostic::new(text, Some(asked.input.span));
                faults.push(diagnostic.render(&project.source()));
            }
        }
    }
    if faults.is_empty() { Ok(new) } else { Err(Failure::inputs(faults.into_iter())) }
}

/// Why packages are not chosen.
enum Refused {
    /// Nothing can be said of any input.
    All(Failure),
    /// Not of this one.
    Input(Trouble),
}

/// The packages of an input for all platforms. Those of `kept` stay, which were asked for in the same
/// words.
fn packages(
    project: &Project,
    wanted: AskedOf<'_>,
    asked: &str,
    kept: Option<&LockedInput>,
) -> Result<LockedInput, Refused> {
    let mut input = LockedInput::default();
    for platform in project.platforms(None).map_err(Refused::All)? {
        let known = kept.and_then(|kept| {
            Some((kept.indexes.get(&platform)?.clone(), kept.packages.get(&platform)?.clone()))
        });
        let (indexes, packages) = match known {
            Some(known) => known,
            None => {
                let chosen = project.sources().choose(wanted, platform, project.directory());
                let chosen = chosen.map_err(Refused::Input)?;
                for note in chosen.notes {
                    let _ = writeln!(io::stderr(), "note: {platform}: {note}");
                }
                (chosen.indexes, chosen.packages)
            }
        };
        input.indexes.insert(platform, indexes);
        input.packages.insert(platform, packages);
    }
    let all = || input.packages.values().flatten();
    let digests: String = all().map(|package| format!("{}\n", package.digest)).collect();
    let pin = Pin {
        asked: asked.to_string(),
        digest: Digest::of(digests.as_bytes()),
        size: all().map(|package| package.size).sum(),
        media_type: None,
    };
    input.pins.insert(For::All, pin);
    Ok(input)
}

/// What is at a place now.
fn look(project: &Project, place: &Location) -> Result<Pin, InputFaultKind> {
    let (digest, size, media_type) = match place {
        Location::Path { path, .. } => {
            let (digest, size) = digest_of(&project.directory().join(path))?;
            (digest, size, None)
        }
        Location::Url { url, sha256 } => {
            let (digest, size) = digest_of(&project.sources().download(url, *sha256)?)?;
            (digest, size, None)
        }
        Location::Archives { .. } => return Err(InputFaultKind::Unsupported("packages")),
        Location::Image(image) => {
            let image = opened_image(project.sources(), image, project.directory(), None)?;
            let top = &image.top().descriptor;
            (top.digest, top.size, Some(top.media_type.clone()))
        }
    };
    match place.sha256() {
        Some(demanded) if demanded != digest => {
            Err(InputFaultKind::Differs { what: place.to_string(), demanded, found: digest })
        }
        _ => Ok(Pin { asked: place.to_string(), digest, size, media_type }),
    }
}

fn changes(old: &Lock, new: &Lock) -> Vec<Change> {
    let all = |lock: &Lock| {
        let pins = |(name, input): (&InputName, &LockedInput)| {
            input.pins.keys().map(|for_| (name.clone(), *for_)).collect::<Vec<_>>()
        };
        lock.inputs.iter().flat_map(pins).collect::<Vec<_>>()
    };
    let mut keys = [all(old), all(new)].concat();
    keys.sort();
    keys.dedup();
    let change = |(input, for_): (InputName, For)| {
        let pin = |lock: &Lock| lock.pin(&input, for_).cloned();
        let (before, after) = (pin(old), pin(new));
        (before != after).then_some(Change { input, for_, before, after })
    };
    keys.into_iter().filter_map(change).collect()
}

/// All of it or nothing.
fn write(path: &Path, text: &str) -> Result<(), Failure> {
    scant_io::replace_file(path, text.as_bytes())
        .map_err(|error| Failure::output(format_args!("`{}`: {error}", path.display())))
}

fn print(
    args: &LockArgs,
    path: &Path,
    changed: &Changed,
    is_changed: bool,
    filled: Option<&Filled>,
) -> io::Result<()> {
    let name = locked::name_of(path);
    if args.json {
        let change = |change: &Change| {
            json!({
                "input": change.input.as_str(),
                "for": change.for_.to_string(),
                "before": change.before,
                "after": change.after,
            })
        };
        let changes: Vec<_> = changed.pins.iter().map(change).collect();
        let mut value = json!({ "lock": name, "changed": is_changed, "changes": changes });
        if !changed.packages.is_empty() {
            value["packages"] = json!(changed.packages);
        }
        if !changed.files.is_empty() {
            value["files"] = json!(changed.files);
        }
        if let Some(filled) = filled {
            value["vendor"] = filled.json();
        }
        return writeln!(io::stdout(), "{value:#}");
    }
    let mut out = io::stdout().lock();
    for Change { input, for_, before, after } in &changed.pins {
        let of = match for_ {
            For::All => input.to_string(),
            For::Platform(platform) => format!("{input} for {platform}"),
        };
        match (before, after) {
            (None, Some(pin)) => writeln!(out, "+ {of} {}", pin.digest)?,
            (Some(pin), None) => writeln!(out, "- {of} {}", pin.digest)?,
            (Some(before), Some(after)) if before.digest == after.digest => {
                writeln!(out, "~ {of} {} is now asked for as {}", after.digest, after.asked)?;
            }
            (Some(before), Some(after)) => {
                writeln!(out, "~ {of} {} -> {}", before.digest, after.digest)?;
            }
            (None, None) => {}
        }
    }
    changed.packages.iter().try_for_each(|change| writeln!(out, "{change}"))?;
    changed.files.iter().try_for_each(|change| writeln!(out, "{change}"))?;
    drop(out);
    let what = match (is_changed, args.check) {
        (false, _) => "is up to date",
        (true, true) => "is not up to date",
        (true, false) => "is written",
    };
    writeln!(io::stderr(), "{name} {what}")?;
    filled.map_or(Ok(()), Filled::print)
}
