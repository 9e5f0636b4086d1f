//! `scant build`: a manifest to an image, and the image to where it was asked for.

use std::io::{self, Write};
use std::path::Path;

use scant_core::formats::image_reference::ImageReference;
use scant_core::formats::provenance;
use scant_core::plan::{self, assemble};
use scant_io::blobs::Store;
use scant_io::image::{Image, PlatformImage};
use scant_io::layer::{self, Compression};
use scant_io::sinks::{self, Existing, Output, Published, SinkError};
use serde_json::json;

use crate::args::Build;
use crate::exit::{Done, Failure, Outcome};
use crate::overlap;
use crate::progress::Progress;
use crate::project::{Planned, Project};
use crate::render::{
    findings,
    size::{Count, Size},
};
use crate::surroundings::Surroundings;

/// What decides an image's bytes besides its plan.
struct Settings {
    compression: Compression,
    threads: usize,
    epoch: u64,
}

/// Runs the command.
pub(crate) fn run(args: &Build, surroundings: &Surroundings) -> Outcome {
    let project = Project::read(args.manifest.as_deref(), surroundings)?;
    let outputs = outputs(args, &project)?;
    let settings = Settings {
        compression: compression(args, &outputs)?,
        threads: args.threads.map_or_else(all_processors, usize::from),
        epoch: surroundings.epoch()?,
    };
    let plans = project.plan()?;
    if !args.quiet {
        plans.iter().for_each(|planned| findings::print(&project.name, &planned.plan.findings));
    }
    overlap::check(&outputs, &project, &surroundings.directory)?;
    outputs.iter().try_for_each(|o| sinks::check(o, existing(args))).map_err(of_sink)?;
    let store = store(&outputs, surroundings)?;
    let progress = Progress::new(args.quiet, &plans);
    let image = image(&project, &plans, &settings, &store, &progress)?;
    progress.finish();
    let published = publish(args, &image, &outputs, settings.epoch, surroundings)?;
    report(args, &plans, &image, &published)?;
    Ok(Done::Yes)
}

/// Plans to an image: each tree to a layer, layers and settings to documents.
fn image(
    project: &Project,
    plans: &[Planned],
    settings: &Settings,
    store: &Store,
    progress: &Progress,
) -> Result<Image, Failure> {
    let platforms: Result<Vec<_>, _> = plans
        .iter()
        .map(|planned| platform_image(project, planned, settings, store, progress))
        .collect();
    let platforms = platforms?;
    let index = (platforms.len() > 1).then(|| {
        let manifests = platforms.iter().map(|platform| platform.manifest.descriptor.clone());
        assemble::index(manifests.collect(), &project.manifest.image.annotations)
    });
    Ok(Image { platforms, index, others: Vec::new() })
}

fn platform_image(
    project: &Project,
    planned: &Planned,
    settings: &Settings,
    store: &Store,
    progress: &Progress,
) -> Result<PlatformImage, Failure> {
    let options = layer::Options {
        compression: settings.compression,
        threads: settings.threads,
        mtime: settings.epoch,
        progress: &|done| progress.layer(done),
    };
    let layer =
        layer::write(&planned.plan.tree, &planned.inputs, store, &options).map_err(of_layer)?;
    progress.layer_is_done();
    let recipe = assemble::Recipe {
        platform: planned.plan.platform,
        layers: &[layer.to_layer("scant build")],
        config: &plan::run_config(&project.manifest.image),
        annotations: &project.manifest.image.annotations,
        epoch: settings.epoch,
    };
    let document = provenance::encode(&planned.plan.tree, planned.plan.platform);
    Ok(PlatformImage::new(assemble::image(&recipe), vec![layer], Some(document)))
}

fn publish(
    args: &Build,
    image: &Image,
    outputs: &[ImageReference],
    epoch: u64,
    surroundings: &Surroundings,
) -> Result<Vec<Published>, Failure> {
    let publish = |reference| {
        let output = Output {
            reference,
            name: args.tag.as_ref(),
            mtime: epoch,
            existing: existing(args),
            docker_host: surroundings.docker_host.as_deref(),
        };
        sinks::publish(image, &output).map_err(of_sink)
    };
    outputs.iter().map(publish).collect()
}

/// Says where the image is: on stdout the places and digests, on stderr what it holds.
fn report(
    args: &Build,
    plans: &[Planned],
    image: &Image,
    published: &[Published],
) -> io::Result<()> {
    if !args.quiet {
        let mut stderr = io::stderr().lock();
        for (planned, platform) in plans.iter().zip(&image.platforms) {
            let tree = &planned.plan.tree;
            let (paths, content) = (Count(tree.len(), "path"), Size(tree.content_size()));
            let blobs: u64 = platform.layers.iter().map(|layer| layer.descriptor.size).sum();
            let (name, layer) = (planned.plan.platform, Size(blobs));
            writeln!(stderr, "{name}: {paths}, {content} of files, {layer} as a layer")?;
        }
        for note in published.iter().flat_map(|published| &published.notes) {
            writeln!(stderr, "note: {note}")?;
        }
        for published in published {
            if let ImageReference::DockerArchive { file, name: None } = &published.place {
                writeln!(
                    stderr,
                    "note: the image in `{file}` has no name, so `docker load` shows it as \
                     `<none>`; `-t NAME` gives it one"
                )?;
            }
        }
        if args.output.is_empty() {
            writeln!(stderr, "written to {}", published[0].place)?;
        }
    }
    let mut stdout = io::stdout().lock();
    if args.json {
        serde_json::to_writer_pretty(&mut stdout, &json_of(image, published))?;
        return writeln!(stdout);
    }
    for published in published {
        writeln!(stdout, "{} {}", published.place, published.digest)?;
    }
    Ok(())
}

fn json_of(image: &Image, published: &[Published]) -> serde_json::Value {
    let platform = |platform: &PlatformImage| {
        json!({
            "platform": platform.platform(),
            "image_id": platform.config.descriptor.digest,
            "manifest": platform.manifest.descriptor.digest,
            "layers": platform.layers.iter().map(|layer| json!({
                "diff_id": layer.diff_id,
                "digest": layer.descriptor.digest,
                "size": layer.descriptor.size,
            })).collect::<Vec<_>>(),
        })
    };
    json!({
        "digest": image.top().descriptor.digest,
        "platforms": image.platforms.iter().map(platform).collect::<Vec<_>>(),
        "outputs": published.iter().map(|published| json!({
            "place": published.place.to_string(),
            "notes": published.notes,
        })).collect::<Vec<_>>(),
    })
}

/// The outputs asked for; without any, an archive in the current directory.
fn outputs(args: &Build, project: &Project) -> Result<Vec<ImageReference>, Failure> {
    if !args.output.is_empty() {
        return Ok(args.output.clone());
    }
    let file = format!("oci-archive:{}.tar", project.stem());
    let reference = file.parse().map_err(|error| {
        Failure::usage(format_args!("`{file}`: {error}")).hint("name an output with `-o`")
    })?;
    Ok(vec![reference])
}

fn existing(args: &Build) -> Existing {
    if args.force { Existing::Replace } else { Existing::Refuse }
}

/// How layers are compressed. What only plain files are made of is not compressed at all.
fn compression(args: &Build, outputs: &[ImageReference]) -> Result<Compression, Failure> {
    let is_plain = |output: &ImageReference| {
        matches!(output, ImageReference::Rootfs { .. } | ImageReference::Tar { .. })
    };
    match &args.compression {
        Some(text) => text.parse().map_err(Failure::usage),
        None if outputs.iter().all(is_plain) => Ok(Compression::None),
        None => Ok(Compression::default()),
    }
}

/// Layers are written beside the first output that is a file, so that they get there by a link.
fn store(outputs: &[ImageReference], surroundings: &Surroundings) -> Result<Store, Failure> {
    let place = outputs.iter().find_map(ImageReference::path);
    let place = place.map(|path| surroundings.directory.join(path));
    let store = match &place {
        Some(place) => Store::beside(place),
        None => Store::temporary(&surroundings.temporary),
    };
    store.map_err(|error| {
        let place = place.as_deref().and_then(Path::parent).unwrap_or(&surroundings.temporary);
        let text = format!("`{}` cannot be written to: {error}", place.display());
        Failure::output(text)
    })
}

fn all_processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn of_sink(error: SinkError) -> Failure {
    match error {
        SinkError::NotEmpty { .. } => {
            Failure::output(error).hint("name another directory, or replace it with `--force`")
        }
        error => Failure::output(error),
    }
}

fn of_layer(error: layer::LayerError) -> Failure {
    match error {
        layer::LayerError::Write { .. } => Failure::output(error),
        _ => Failure::input(error),
    }
}
