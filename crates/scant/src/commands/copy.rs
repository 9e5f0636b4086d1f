//! `scant copy`: an image from one place to another, unchanged.

use std::io::{self, IsTerminal as _, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use scant_core::formats::image_reference::{ImageArgument, ImageReference, Name};
use scant_io::image::Image;
use scant_io::images::{self, Opened, Sources};
use scant_io::registry::{Registries, Traffic};
use scant_io::sinks::{self, Existing, Output, Published};
use serde_json::json;

use crate::args::Copy;
use crate::exit::{Done, Failure, Outcome};
use crate::registries;
use crate::render::size::{Count, Size};
use crate::surroundings::Surroundings;

/// Runs the command.
pub(crate) fn run(args: &Copy, surroundings: &Surroundings) -> Outcome {
    let source = ImageReference::parse_or_path(&args.source).map_err(Failure::usage)?;
    refuse_files(&source, &args.destination)?;
    let registries = uses_registry(&source, &args.destination)
        .then(|| registries::registries(&args.registry, surroundings, None))
        .transpose()?;
    let sources = Sources {
        registries: registries.clone(),
        docker_host: surroundings.docker_host.clone(),
        temporary: surroundings.temporary.clone(),
        platform: args.platform,
        only_files: false,
    };
    let watched = registries.as_ref().filter(|_| !args.quiet).map(|all| all.traffic().clone());
    let published = watch(watched, || -> Result<_, Failure> {
        let opened = images::open_from(&source, &sources).map_err(Failure::input)?;
        let Opened::Image(image) = opened else {
            let text = format!("`{}` holds files, and is no image", args.source);
            return Err(Failure::usage(text).hint("`scant build` makes images of files"));
        };
        let image = chosen(args, image)?;
        publish(args, &image, &source, surroundings, registries.as_ref())
    })?;
    report(args, &published)
}

/// Images are copied, not files.
fn refuse_files(source: &ImageArgument, destination: &ImageReference) -> Result<(), Failure> {
    let is_files = |reference: &ImageReference| {
        matches!(reference, ImageReference::Rootfs { .. } | ImageReference::Tar { .. })
    };
    match source {
        ImageArgument::Reference(reference) if is_files(reference) => {
            let text = format!("{reference} holds files, and is no image");
            Err(Failure::usage(text).hint("`scant build` makes images of files"))
        }
        _ if is_files(destination) => {
            let text = format!("{destination} would hold the files of the image, and no image");
            Err(Failure::usage(text).hint("`skopeo` and `umoci` unpack images"))
        }
        _ => Ok(()),
    }
}

fn uses_registry(source: &ImageArgument, destination: &ImageReference) -> bool {
    let is_registry =
        |reference: &ImageReference| matches!(reference, ImageReference::Docker { .. });
    let of_source = match source {
        ImageArgument::Reference(reference) => is_registry(reference),
        ImageArgument::Path(_) => false,
    };
    of_source || is_registry(destination)
}

/// The image with the platforms that are asked for.
fn chosen(args: &Copy, image: Image) -> Result<Image, Failure> {
    let is_docker = matches!(
        args.destination,
        ImageReference::DockerArchive { .. } | ImageReference::DockerDaemon { .. }
    );
    if args.platform.is_some() {
        let platform = images::pick(&image, args.platform).map_err(Failure::input)?;
        return Ok(Image::single(platform.clone()));
    }
    if is_docker && image.platforms.len() > 1 {
        let names: Vec<_> = image.platforms.iter().map(|one| one.platform()).collect();
        let transport = args.destination.transport();
        let text = format!("{transport} holds one platform, and the image has {}", names.len());
        let hint = format!("choose one of {} with `--platform`", names.join(", "));
        return Err(Failure::usage(text).hint(hint));
    }
    Ok(image)
}

fn publish(
    args: &Copy,
    image: &Image,
    source: &ImageArgument,
    surroundings: &Surroundings,
    registries: Option<&Arc<Registries>>,
) -> Result<Published, Failure> {
    let name = name_of(source);
    let output = Output {
        reference: &args.destination,
        name: name.as_ref(),
        mtime: surroundings.epoch()?,
        existing: Existing::Refuse,
        docker_host: surroundings.docker_host.as_deref(),
        registries,
        cache: None,
    };
    sinks::check(&args.destination, Existing::Refuse).map_err(Failure::output)?;
    sinks::publish(image, &output).map_err(Failure::output)
}

/// The name that an image has where it comes from.
fn name_of(source: &ImageArgument) -> Option<Name> {
    match source {
        ImageArgument::Reference(
            ImageReference::Docker { name } | ImageReference::DockerDaemon { name },
        ) => Some(name.clone()),
        ImageArgument::Reference(ImageReference::DockerArchive { name, .. }) => name.clone(),
        _ => None,
    }
}

fn report(args: &Copy, published: &Published) -> Outcome {
    let sent = &published.pushed;
    if args.json {
        let value = json!({
            "place": published.place.to_string(),
            "digest": published.digest,
            "sent": { "blobs": sent.sent, "bytes": sent.bytes },
            "mounted": sent.mounted,
            "present": sent.present,
            "notes": published.notes,
        });
        writeln!(io::stdout(), "{value:#}")?;
        return Ok(Done::Yes);
    }
    if !args.quiet {
        let mut stderr = io::stderr().lock();
        if matches!(args.destination, ImageReference::Docker { .. }) {
            let (blobs, bytes) = (Count(sent.sent, "blob"), Size(sent.bytes));
            let mounted = match sent.mounted {
                0 => String::new(),
                count => format!("{count} taken from another repository, "),
            };
            writeln!(stderr, "{blobs} of {bytes} sent, {mounted}{} there already", sent.present)?;
        }
        for note in &published.notes {
            writeln!(stderr, "note: {note}")?;
        }
    }
    writeln!(io::stdout(), "{} {}", published.place, published.digest)?;
    Ok(Done::Yes)
}

/// Does something while a bar on stderr shows what is moved; without one where that is no terminal.
fn watch<T>(traffic: Option<Arc<Traffic>>, act: impl FnOnce() -> T) -> T {
    let Some(traffic) = traffic.filter(|_| io::stderr().is_terminal()) else { return act() };
    let bar = ProgressBar::new(0);
    let style = "copying {wide_bar} {decimal_bytes}/{decimal_total_bytes} {eta}";
    bar.set_style(ProgressStyle::with_template(style).expect("the template is a literal"));
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                bar.set_length(traffic.expected());
                bar.set_position(traffic.moved().min(traffic.expected()));
                thread::sleep(Duration::from_millis(100));
            }
            bar.finish_and_clear();
        });
        let done = act();
        is_over.store(true, Ordering::Relaxed);
        done
    })
}
