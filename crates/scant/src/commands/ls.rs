//! `scant ls`: the files of an image with mode, owner, size and reason; or its packages.

mod packages;

use std::io::{self, BufWriter, Write};

use scant_core::words::{Escaped, OneLine, TreePath};
use scant_io::images::{Listed, ListedKind};
use serde_json::{Value, json};

use crate::args::Ls;
use crate::exit::{Done, Failure, Outcome};
use crate::render::nodes::{self, Line};
use crate::subject::{self, Contents, Subject};
use crate::surroundings::Surroundings;

/// Runs the command.
pub(crate) fn run(args: &Ls, surroundings: &Surroundings) -> Outcome {
    let subject = Subject::parse(&args.image)?;
    if args.packages {
        let tables = packages::tables(args, &subject, surroundings)?;
        let mut out = BufWriter::new(io::stdout().lock());
        packages::print(&mut out, &tables, args.json)?;
        out.flush()?;
        return Ok(Done::Yes);
    }
    let image = match subject {
        Subject::Image(image) => image,
        Subject::Manifest(path) => {
            let text = format!("`{}` is a manifest", path.display());
            return Err(Failure::usage(text)
                .hint("`scant plan` lists what it would build, `--packages` of what packages"));
        }
    };
    let contents = subject::contents(&image, args.of.platform, &args.registry, surroundings)?;
    print(args, &contents)?;
    Ok(Done::Yes)
}

fn print(args: &Ls, platforms: &[Contents]) -> io::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    if args.json {
        let nodes = platforms
            .iter()
            .flat_map(|contents| contents.listing.iter().map(|node| json_of(node, contents)));
        serde_json::to_writer_pretty(&mut out, &nodes.collect::<Vec<_>>())?;
        writeln!(out)?;
        return out.flush();
    }
    for contents in platforms {
        if let Some(platform) = contents.platform.as_ref().filter(|_| platforms.len() > 1) {
            writeln!(out, "{}:", OneLine(platform))?;
        }
        let lines: Vec<_> = contents.listing.iter().map(|node| line(node, contents)).collect();
        nodes::print(&mut out, &lines)?;
    }
    out.flush()
}

fn line((path, listed): (&TreePath, &Listed), contents: &Contents) -> Line {
    let (size, shown) = match &listed.kind {
        ListedKind::Directory => (None, format!("{path}/")),
        ListedKind::File { size } => (Some(*size), path.to_string()),
        ListedKind::Symlink { target } => (None, format!("{path} -> {}", Escaped(target))),
        ListedKind::HardLink { target } => (None, format!("{path} = {target}")),
        ListedKind::Special(what) => (None, format!("{path} ({what})")),
    };
    let entry = contents.document.as_ref().and_then(|document| document.get(path));
    Line {
        mode: listed.mode.to_string(),
        owner: format!("{}:{}", listed.uid, listed.gid),
        size,
        path: shown,
        layer: entry.and_then(|entry| entry.layer.clone()).unwrap_or_default(),
        reason: entry.map(|entry| nodes::reason(&entry.reasons)).unwrap_or_default(),
    }
}

fn json_of((path, listed): (&TreePath, &Listed), contents: &Contents) -> Value {
    let (kind, size, target) = match &listed.kind {
        ListedKind::Directory => ("directory", None, None),
        ListedKind::File { size } => ("file", Some(*size), None),
        ListedKind::Symlink { target } => ("symlink", None, Some(Escaped(target).to_string())),
        ListedKind::HardLink { target } => ("hard-link", None, Some(target.to_string())),
        ListedKind::Special(what) => (*what, None, None),
    };
    let entry = contents.document.as_ref().and_then(|document| document.get(path));
    json!({
        "platform": contents.platform,
        "path": path,
        "kind": kind,
        "size": size,
        "target": target,
        "mode": listed.mode.to_string(),
        "uid": listed.uid,
        "gid": listed.gid,
        "xattrs": listed.xattrs.keys().collect::<Vec<_>>(),
        "layer": entry.and_then(|entry| entry.layer.as_ref()),
        "source": entry.and_then(|entry| entry.source.as_ref()),
        "reasons": entry.map(|entry| &entry.reasons),
    })
}
