//! `scant cache`: how large the cache is, whether it is whole, and how to make it smaller.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use scant_core::words::Time;
use scant_io::cache::{self, Kept, Kind};
use serde_json::{Value, json};

use crate::args::{Cache, CacheAction, Prune};
use crate::exit::{Done, Failure, Outcome};
use crate::render::size::{Count, Size};
use crate::surroundings::Surroundings;

/// Runs the command.
pub(crate) fn run(args: &Cache, surroundings: &Surroundings) -> Outcome {
    let directory = directory(args, surroundings)?;
    match &args.action {
        None => show(&directory, args.json, surroundings.started),
        Some(CacheAction::Verify) => verify(&directory, args.json),
        Some(CacheAction::Prune(prune)) => {
            self::prune(&directory, prune, args.json, surroundings.started)
        }
    }
}

fn directory(args: &Cache, surroundings: &Surroundings) -> Result<PathBuf, Failure> {
    let directory = args.cache_dir.as_ref().or(surroundings.cache.as_ref());
    directory.cloned().ok_or_else(|| {
        Failure::usage("there is no cache: neither XDG_CACHE_HOME nor HOME is set")
            .hint("`--cache-dir DIR` names one")
    })
}

fn show(directory: &Path, json: bool, now: Time) -> Outcome {
    let all = cache::kept(directory);
    let size: u64 = all.iter().map(|kept| kept.size).sum();
    if json {
        return print_json(&json!({
            "directory": directory.display().to_string(),
            "size": size,
            "kinds": all.iter().map(json_of).collect::<Vec<_>>(),
        }));
    }
    let mut out = io::stdout().lock();
    writeln!(out, "{}: {}", directory.display(), Size(size))?;
    for kept in &all {
        let age = kept.oldest.map_or(String::new(), |oldest| format!(", {}", age(oldest, now)));
        let files = Count(kept.files, "file");
        writeln!(out, "{:<9} {:>8}  {files}{age}", name(kept.kind), Size(kept.size))?;
    }
    Ok(Done::Yes)
}

fn verify(directory: &Path, json: bool) -> Outcome {
    let found = cache::verify(directory);
    if json {
        let damaged = found.damaged.iter().map(|path| path.display().to_string());
        print_json(&json!({
            "ok": found.damaged.is_empty(),
            "files": found.files,
            "removed": damaged.collect::<Vec<_>>(),
        }))?;
    } else {
        let mut out = io::stdout().lock();
        for path in &found.damaged {
            writeln!(out, "{}: damaged, and removed", path.display())?;
        }
        let (files, damaged) = (Count(found.files, "file"), found.damaged.len());
        match damaged {
            0 => writeln!(out, "{files}, all as they should be")?,
            _ => writeln!(out, "{files}, {damaged} damaged")?,
        }
    }
    Ok(if found.damaged.is_empty() { Done::Yes } else { Done::No })
}

fn prune(directory: &Path, args: &Prune, json: bool, now: Time) -> Outcome {
    const UNUSED: Duration = Duration::from_secs(30 * 24 * 60 * 60);
    let is_told = args.all || args.keep_size.is_some();
    let pruned = cache::prune(
        directory,
        &cache::Prune {
            all: args.all,
            keep_size: args.keep_size,
            older_than: args.older_than.or((!is_told).then_some(UNUSED)),
            now,
        },
    );
    if pruned.is_in_use {
        let mut stderr = io::stderr().lock();
        writeln!(stderr, "note: downloads are in use by another scant, and have stayed")?;
    }
    if json {
        return print_json(&json!({
            "files": pruned.files,
            "size": pruned.size,
            "left": pruned.left,
            "in_use": pruned.is_in_use,
        }));
    }
    let (files, size, left) = (Count(pruned.files, "file"), Size(pruned.size), Size(pruned.left));
    writeln!(io::stdout().lock(), "{files} removed, {size}; {left} left")?;
    Ok(Done::Yes)
}

fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Layers => "layers",
        Kind::Builds => "builds",
        Kind::Downloads => "downloads",
    }
}

fn json_of(kept: &Kept) -> Value {
    let seconds =
        |time: SystemTime| time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    json!({
        "kind": name(kept.kind),
        "files": kept.files,
        "size": kept.size,
        "oldest": kept.oldest.map(seconds),
    })
}

/// How long ago the one that was used longest ago was used.
fn age(oldest: SystemTime, now: Time) -> String {
    const DAY: u64 = 24 * 60 * 60;
    let now = UNIX_EPOCH + Duration::from_secs(u64::try_from(now.seconds).unwrap_or(0));
    match now.duration_since(oldest).map_or(0, |since| since.as_secs() / DAY) {
        0 => "all used today".into(),
        days => format!("the oldest unused for {}", Count(days as usize, "day")),
    }
}

fn print_json(value: &Value) -> Outcome {
    let mut out = io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, value).map_err(io::Error::from)?;
    writeln!(out)?;
    Ok(Done::Yes)
}
