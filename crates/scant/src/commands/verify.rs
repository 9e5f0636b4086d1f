//! `scant verify`: everything about an image computed again from its bytes.

use std::io::{self, BufWriter, Write};

use scant_core::formats::image_reference::{ImageArgument, ImageReference};
use scant_core::rules::image::Mismatch;
use scant_io::images::{self, Verification, VerifiedLayer, VerifiedPlatform};
use serde_json::{Value, json};

use crate::args::Verify;
use crate::exit::{Done, Failure, Outcome};
use crate::render::size::{Count, Size};
use crate::subject::Subject;

/// Runs the command.
pub(crate) fn run(args: &Verify) -> Outcome {
    let image = match Subject::parse(&args.image)? {
        Subject::Image(image) => image,
        Subject::Manifest(path) => {
            let text = format!("`{}` is a manifest", path.display());
            return Err(Failure::usage(text).hint("`scant plan` checks it without building"));
        }
    };
    if let ImageArgument::Reference(ImageReference::Rootfs { .. } | ImageReference::Tar { .. }) =
        image
    {
        let text = format!("`{}` names files, which say nothing to verify them by", args.image);
        return Err(Failure::usage(text)
            .hint("images are oci:DIR, oci-archive:FILE and docker-archive:FILE"));
    }
    let found = images::verify(&image).map_err(Failure::input)?;
    if args.json {
        print_json(&found)?;
    } else {
        print(&found)?;
    }
    Ok(if found.report.is_ok() { Done::Yes } else { Done::No })
}

/// What was verified, or else what is wrong; notes go to stderr.
fn print(found: &Verification) -> io::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    let mismatches = found.report.mismatches();
    let count = mismatches.len();
    for mismatch in mismatches {
        writeln!(out, "{mismatch}")?;
    }
    if found.report.is_ok() {
        let has_several = found.platforms.iter().any(|p| p.tag != found.platforms[0].tag);
        for platform in &found.platforms {
            writeln!(out, "{}", line(platform, has_several))?;
        }
    }
    out.flush()?;
    let mut stderr = io::stderr().lock();
    for note in notes(found) {
        writeln!(stderr, "note: {note}")?;
    }
    if !found.report.is_ok() {
        let plural = if count == 1 { "mismatch" } else { "mismatches" };
        writeln!(stderr, "{count} {plural}")?;
    }
    Ok(())
}

fn line(found: &VerifiedPlatform, has_several: bool) -> String {
    let mut parts = Vec::new();
    if let Some(manifest) = found.manifest {
        parts.push(format!("manifest {manifest}"));
    }
    if let Some(image_id) = found.image_id {
        parts.push(format!("image ID {image_id}"));
    }
    let size = |size: fn(&VerifiedLayer) -> u64| Size(found.layers.iter().map(size).sum());
    let (size, tar_size) = (size(|layer| layer.size), size(|layer| layer.tar_size));
    let layers = Count(found.layers.len(), "layer");
    parts.push(format!("{layers} of {size}, {tar_size} as tar"));
    if let Some(paths) = found.paths {
        let provenance =
            if found.has_provenance { "with provenance" } else { "without provenance" };
        parts.push(format!("{} {provenance}", Count(paths, "path")));
    }
    let tag = found.tag.as_ref().filter(|_| has_several);
    let tag = tag.map_or(String::new(), |tag| format!("{tag} "));
    format!("{tag}{}: {}", found.platform, parts.join(", "))
}

fn notes(found: &Verification) -> impl Iterator<Item = String> {
    let more = found.report.more();
    let more = (more > 0).then(|| format!("{more} more mismatches are not shown"));
    found.report.notes().map(ToString::to_string).chain(more)
}

fn print_json(found: &Verification) -> io::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    let value = json!({
        "ok": found.report.is_ok(),
        "platforms": found.platforms.iter().map(platform).collect::<Vec<_>>(),
        "mismatches": found.report.mismatches().map(mismatch).collect::<Vec<_>>(),
        "notes": notes(found).collect::<Vec<_>>(),
    });
    serde_json::to_writer_pretty(&mut out, &value)?;
    writeln!(out)?;
    out.flush()
}

fn platform(found: &VerifiedPlatform) -> Value {
    let layer = |layer: &VerifiedLayer| {
        json!({
            "digest": layer.digest,
            "size": layer.size,
            "diff_id": layer.diff_id,
            "tar_size": layer.tar_size,
        })
    };
    json!({
        "tag": found.tag,
        "platform": found.platform,
        "manifest": found.manifest,
        "image_id": found.image_id,
        "layers": found.layers.iter().map(layer).collect::<Vec<_>>(),
        "paths": found.paths,
        "provenance": found.has_provenance,
    })
}

fn mismatch(found: &Mismatch) -> Value {
    json!({
        "kind": found.kind,
        "where": found.place,
        "expected": found.expected,
        "found": found.found,
        "text": found.to_string(),
    })
}
