//! `scant build`: a manifest to an image, and the image to where it was asked for.

mod last;
mod report;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use self::report::Report;
use scant_core::formats::image_reference::ImageReference;
use scant_core::plan::{self, NamedLayer, assemble};
use scant_io::blobs::Store;
use scant_io::cache::Cache;
use scant_io::image::{Image, LayerBlob, PlatformImage};
use scant_io::inputs::Journal;
use scant_io::layer::{self, Compression, Slot};
use scant_io::registry::Registries;
use scant_io::sinks::{self, Existing, Output, Published, SinkError};

use crate::args::Build;
use crate::commands::check;
use crate::exit::{Done, Failure, Outcome};
use crate::locked_files;
use crate::overlap;
use crate::progress::Progress;
use crate::project::{Planned, Project};
use crate::registries;
use crate::sources::Sources;
use crate::surroundings::Surroundings;
use crate::testing::{self, Format, Suite, Tested, Testee};

/// What decides an image's bytes besides its plan.
#[derive(Clone)]
struct Settings {
    compression: Compression,
    threads: usize,
    epoch: u64,
    cache: Option<Arc<Cache>>,
    registries: Option<Arc<Registries>>,
}

/// A plan and the layers it is divided into.
struct Divided<'p> {
    planned: &'p Planned,
    layers: Vec<NamedLayer<'p>>,
}

/// Runs the command.
pub(crate) fn run(args: &Build, surroundings: &Surroundings) -> Outcome {
    let project = Project::read(
        args.manifest.as_deref(),
        Sources::new(&args.inputs, &args.registry, surroundings)
            .in_cache(args.cache_dir.clone())
            .quiet(args.quiet),
        surroundings,
    )?
    .only(args.of.platform);
    let outputs = outputs(args, &project)?;
    let suites = suites(args, &project)?;
    let settings = Settings {
        compression: compression(args, &outputs)?,
        threads: args.threads.map_or_else(usual_threads, usize::from),
        epoch: surroundings.epoch()?,
        cache: cache(args, surroundings),
        registries: registries(args, &outputs, surroundings)?,
    };
    let last = last::Last::of(args, &project, &outputs, &settings, surroundings);
    if let Some(report) = last.as_ref().and_then(last::Last::report) {
        report.print_all(args)?;
        return Ok(Done::Yes);
    }
    let journal = last.as_ref().map(|_| Journal::default());
    if !args.quiet {
        project.print_notes();
    }
    let plans = project.plan_noted(journal.as_ref())?;
    if !args.quiet {
        for planned in &plans {
            // Nothing can be done when stderr is gone.
            let _ = write!(io::stderr().lock(), "{}", report::findings(&project, planned));
        }
    }
    if !args.no_check {
        check::refuse(&project, &plans)?;
    }
    locked_files::verify(&project, &plans)?;
    let asked = last.as_ref().zip(journal).and_then(|(last, journal)| last.asked(journal));
    let cache = cache_directory(args, surroundings);
    overlap::check(&project, &outputs, cache.as_deref(), &surroundings.directory)?;
    outputs.iter().try_for_each(|o| sinks::check(o, existing(args))).map_err(of_sink)?;
    let store = store(&outputs, surroundings)?;
    let divide = |planned| divide(&project, planned);
    let plans: Vec<_> = plans.iter().map(divide).collect();
    let trees = plans.iter().flat_map(|plan| plan.layers.iter().map(|layer| &*layer.tree));
    let progress = Progress::new(args.quiet, trees);
    let make = |settings| image(&project, &plans, settings, &store, &progress);
    let publish = |image: &Image, published: &mut Vec<_>| {
        publish(args, image, &outputs, &settings, surroundings, published)
    };
    let (mut image, mut published) = (make(&settings)?, Vec::new());
    progress.finish();
    if args.test && !passes(args, &suites, &image, surroundings)? {
        return Ok(Done::No);
    }
    let mut done = publish(&image, &mut published);
    if done.as_ref().is_err_and(SinkError::is_lost) {
        // The cache has lost a part of a layer: it is made without, for the outputs that are left.
        forget(&project, &plans, &settings);
        image = make(&Settings { cache: None, ..settings.clone() })?;
        done = publish(&image, &mut published);
    }
    done.map_err(of_sink)?;
    let report = Report::new(args, &project, &plans, &image, &published);
    report.print(args)?;
    drop((image, store));
    remember(args, &settings, &published, || {
        if let Some((last, asked)) = last.as_ref().zip(asked) {
            last.keep(asked, &published, report);
        }
    });
    Ok(Done::Yes)
}

/// An image that is nowhere but in a store, which is gone with the value.
pub(crate) struct Unpublished {
    pub(crate) image: Image,
    _store: Store,
}

/// The image of a project, for looking at it: not compressed, and not published.
pub(crate) fn unpublished(
    project: &Project,
    surroundings: &Surroundings,
) -> Result<Unpublished, Failure> {
    unpublished_plans(project, &project.plan()?, surroundings)
}

/// The same of plans that are made already.
pub(crate) fn unpublished_plans(
    project: &Project,
    plans: &[Planned],
    surroundings: &Surroundings,
) -> Result<Unpublished, Failure> {
    locked_files::verify(project, plans)?;
    let settings = Settings {
        compression: Compression::None,
        threads: usual_threads(),
        epoch: surroundings.epoch()?,
        cache: None,
        registries: None,
    };
    let store = store(&[], surroundings)?;
    let plans: Vec<_> = plans.iter().map(|planned| divide(project, planned)).collect();
    let image = image(project, &plans, &settings, &store, &Progress::new(true, [].into_iter()))?;
    Ok(Unpublished { image, _store: store })
}

/// The tests to make before anything is published.
fn suites(args: &Build, project: &Project) -> Result<Vec<Suite>, Failure> {
    if !args.test {
        return Ok(Vec::new());
    }
    let suites = testing::of_manifest(project)?;
    if suites.iter().all(|suite| suite.tests.tests.is_empty()) {
        let text = format!("`{}` has no tests", project.name);
        return Err(Failure::usage(text).hint("write `tests` into it, or leave out `--test`"));
    }
    if !args.quiet {
        testing::tell_notes(&suites)?;
    }
    Ok(suites)
}

/// Makes the tests on an image that is not published yet, and tells which of them failed.
fn passes(
    args: &Build,
    suites: &[Suite],
    image: &Image,
    surroundings: &Surroundings,
) -> Result<bool, Failure> {
    let mut tested = Vec::new();
    for platform in &image.platforms {
        let testee = Testee::image(platform)?;
        let options = testing::Options::usual();
        tested.extend(testing::run(&testee, suites, &options, surroundings)?);
    }
    let is_ok = tested.iter().all(Tested::is_ok);
    let mut stderr = io::stderr().lock();
    testing::write(&mut stderr, Format::Text, &tested, true)?;
    if !args.quiet || !is_ok {
        let then = if is_ok { "" } else { ": nothing is published" };
        writeln!(stderr, "{}{then}", testing::summary(&tested))?;
    }
    Ok(is_ok)
}

fn divide<'p>(project: &Project, planned: &'p Planned) -> Divided<'p> {
    Divided { planned, layers: plan::split(&planned.plan.tree, &project.manifest) }
}

/// Plans to an image: each tree of a layer to a blob, layers and settings to documents.
fn image(
    project: &Project,
    plans: &[Divided<'_>],
    settings: &Settings,
    store: &Store,
    progress: &Progress,
) -> Result<Image, Failure> {
    let platforms: Result<Vec<_>, _> =
        plans.iter().map(|plan| platform_image(project, plan, settings, store, progress)).collect();
    let platforms = platforms?;
    let index = (platforms.len() > 1).then(|| {
        let manifests = platforms.iter().map(|platform| platform.manifest.descriptor.clone());
        assemble::index(manifests.collect(), &project.manifest.image.annotations)
    });
    Ok(Image { platforms, index, others: Vec::new() })
}

fn platform_image(
    project: &Project,
    Divided { planned, layers }: &Divided<'_>,
    settings: &Settings,
    store: &Store,
    progress: &Progress,
) -> Result<PlatformImage, Failure> {
    let options = layer::Options {
        compression: settings.compression,
        threads: settings.threads,
        mtime: settings.epoch,
        progress: &|done| progress.layer(done),
        slot: None,
    };
    let write = |layer: &NamedLayer<'_>| -> Result<LayerBlob, Failure> {
        let slot = slot(project, planned, layer, settings);
        let options = layer::Options { slot: slot.as_ref(), ..options };
        let blob = layer::write(&layer.tree, &planned.inputs, store, &options);
        progress.layer_is_done();
        blob.map_err(of_layer)
    };
    let (blobs, document) = std::thread::scope(|scope| {
        // It depends on the plan alone, and is written while the layers are.
        let document = scope.spawn(|| planned.document(layers).encode());
        let blobs: Result<Vec<_>, _> = layers.iter().map(write).collect();
        (blobs, document.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    });
    let blobs = blobs?;
    let named = |(blob, layer): (&LayerBlob, _)| blob.to_layer(&created_by(layer, layers.len()));
    let history: Vec<_> = blobs.iter().zip(layers).map(named).collect();
    let recipe = assemble::Recipe {
        platform: planned.plan.platform,
        layers: &history,
        config: &plan::run_config(&project.manifest.image),
        annotations: &project.manifest.image.annotations,
        epoch: settings.epoch,
    };
    Ok(PlatformImage::new(assemble::image(&recipe), blobs, Some(document)))
}

/// What is built again and again: a layer of a platform of a manifest.
fn slot(
    project: &Project,
    planned: &Planned,
    layer: &NamedLayer<'_>,
    settings: &Settings,
) -> Option<Slot> {
    let (manifest, platform) = (project.path().display().to_string(), planned.plan.platform);
    let name = format!("{manifest}\n{platform}\n{}", layer.name);
    settings.cache.clone().map(|cache| Slot { cache, name })
}

/// Forgets all layers, for the cache has lost a part of them.
fn forget(project: &Project, plans: &[Divided<'_>], settings: &Settings) {
    for Divided { planned, layers } in plans {
        let slots = layers.iter().filter_map(|layer| slot(project, planned, layer, settings));
        slots.for_each(|slot| slot.forget(settings.compression));
    }
}

/// Leaves to the next build what it can use.
fn remember(args: &Build, settings: &Settings, published: &[Published], all: impl FnOnce()) {
    let Some(cache) = &settings.cache else { return };
    published.iter().for_each(|published| published.remember(cache));
    all();
    cache.sweep();
    if let Some(trouble) = cache.trouble().filter(|_| !args.quiet) {
        // The image is there: that nobody reads this changes nothing.
        let _ = writeln!(io::stderr(), "note: {trouble}");
    }
}

/// What the history says of a layer.
fn created_by(layer: &NamedLayer<'_>, count: usize) -> String {
    match count {
        1 => "scant build".into(),
        _ => format!("scant build: layer {}", layer.name),
    }
}

/// Publishes what is not published yet.
fn publish(
    args: &Build,
    image: &Image,
    outputs: &[ImageReference],
    settings: &Settings,
    surroundings: &Surroundings,
    published: &mut Vec<Published>,
) -> Result<(), SinkError> {
    for reference in &outputs[published.len()..] {
        let output = Output {
            reference,
            name: args.tag.as_ref(),
            mtime: settings.epoch,
            existing: existing(args),
            docker_host: surroundings.docker_host.as_deref(),
            registries: settings.registries.as_ref(),
            cache: settings.cache.as_deref(),
        };
        published.push(sinks::publish(image, &output)?);
    }
    Ok(())
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

/// The registries, if one is written to.
fn registries(
    args: &Build,
    outputs: &[ImageReference],
    surroundings: &Surroundings,
) -> Result<Option<Arc<Registries>>, Failure> {
    let is_registry = |output: &ImageReference| matches!(output, ImageReference::Docker { .. });
    let cache = cache_directory(args, surroundings);
    let registries = || registries::registries(&args.registry, surroundings, cache.as_deref());
    outputs.iter().any(is_registry).then(registries).transpose()
}

/// The cache that was asked for, or the user's.
fn cache(args: &Build, surroundings: &Surroundings) -> Option<Arc<Cache>> {
    let directory = cache_directory(args, surroundings)?;
    Some(Arc::new(Cache::new(&directory, surroundings.started)))
}

fn cache_directory(args: &Build, surroundings: &Surroundings) -> Option<PathBuf> {
    let directory = args.cache_dir.as_ref().or(surroundings.cache.as_ref());
    let directory = directory.filter(|_| !args.no_cache)?;
    Some(surroundings.directory.join(directory))
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

/// Two for each processor, for threads wait for each other, and for disks. More than a few would only
/// wait: the digest of the archive is computed by one at a time.
fn usual_threads() -> usize {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    (2 * processors).clamp(4, 16)
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
