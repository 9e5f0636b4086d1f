//! How registries are asked: from the environment and the arguments to values. Nothing is read
//! before an image of a registry is named.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use scant_core::formats::image_reference::{ImageArgument, ImageReference};
use scant_core::words::Platform;
use scant_io::cache::Downloads;
use scant_io::image::{Image, PlatformImage};
use scant_io::images::{self, Opened, Sources};
use scant_io::net;
use scant_io::registry::{Registries, RegistryError, Settings};

use crate::args::{NetworkArgs, RegistryArgs};
use crate::exit::Failure;
use crate::network::Network;
use crate::surroundings::Surroundings;

/// Opens an image, wherever it is: for one platform where only that is wanted, and with all of its
/// files here if they are going to be read.
pub(crate) fn open(
    image: &ImageArgument,
    platform: Option<Platform>,
    args: &RegistryArgs,
    surroundings: &Surroundings,
) -> Result<Opened, Failure> {
    let of_registry = matches!(image, ImageArgument::Reference(ImageReference::Docker { .. }));
    let sources = Sources {
        registries: of_registry.then(|| registries(args, surroundings, None)).transpose()?,
        docker_host: surroundings.docker_host.clone(),
        temporary: surroundings.temporary.clone(),
        platform,
        only_files: false,
    };
    images::open_from(image, &sources).map_err(Failure::input)
}

/// The same, with all blobs here.
pub(crate) fn open_whole(
    image: &ImageArgument,
    platform: Option<Platform>,
    args: &RegistryArgs,
    surroundings: &Surroundings,
) -> Result<Opened, Failure> {
    let opened = open(image, platform, args, surroundings)?;
    if let Opened::Image(image) = &opened {
        images::fetch(image).map_err(Failure::input)?;
    }
    Ok(opened)
}

/// Brings the blobs of one platform here, several at a time.
pub(crate) fn fetch(image: &PlatformImage) -> Result<(), Failure> {
    images::fetch(&Image::single(image.clone())).map_err(Failure::input)
}

/// All registries. Blobs are kept in `cache`, or the user's cache directory.
pub(crate) fn registries(
    args: &RegistryArgs,
    surroundings: &Surroundings,
    cache: Option<&Path>,
) -> Result<Arc<Registries>, Failure> {
    let network = Network::new(&NetworkArgs::default(), surroundings);
    let cache = cache.or(surroundings.cache.as_deref());
    let downloads = cache.map(|cache| Arc::new(Downloads::new(cache)));
    registries_over(network.settings().clone(), args, surroundings, downloads)
}

/// The same over a network with these settings. Without `downloads` nothing is kept.
pub(crate) fn registries_over(
    net: net::Settings,
    args: &RegistryArgs,
    surroundings: &Surroundings,
    downloads: Option<Arc<Downloads>>,
) -> Result<Arc<Registries>, Failure> {
    let home = variable(surroundings, "HOME").map(PathBuf::from);
    let of_user = |name: &str| Some(config(surroundings)?.join("containers").join(name));
    let of_system = |name: &str| Path::new("/etc/containers").join(name);
    // A user's file stands for the system's; drop-ins of both count, the user's last.
    let own = of_user("registries.conf").filter(|path| path.is_file());
    let conf = variable(surroundings, "CONTAINERS_REGISTRIES_CONF").map(PathBuf::from);
    let first = conf.or(own).unwrap_or_else(|| of_system("registries.conf"));
    let drop_ins = [Some(of_system("registries.conf.d")), of_user("registries.conf.d")];
    let drop_ins = drop_ins.into_iter().flatten().filter(|path| path.is_dir());
    let certificates = [
        Some(PathBuf::from("/etc/docker/certs.d")),
        home.map(|home| home.join(".docker/certs.d")),
        Some(of_system("certs.d")),
        of_user("certs.d"),
    ];
    let programs = variable(surroundings, "PATH").unwrap_or_default();
    Registries::new(Settings {
        net,
        auth_files: auth_files(args, surroundings),
        programs: programs.split(':').map(PathBuf::from).collect(),
        registries_conf: [first].into_iter().chain(drop_ins).collect(),
        certificates: certificates.into_iter().flatten().collect(),
        insecure: args.insecure_registry.clone(),
        downloads,
        temporary: surroundings.temporary.clone(),
    })
    .map_err(of_registry)
}

/// The files of credentials, in the order in which they are asked; the first one is written to.
pub(crate) fn auth_files(args: &RegistryArgs, surroundings: &Surroundings) -> Vec<PathBuf> {
    let named = args.authfile.clone();
    if let Some(file) = named.or(variable(surroundings, "REGISTRY_AUTH_FILE").map(PathBuf::from)) {
        return vec![surroundings.directory.join(file)];
    }
    let of = |name: &str| variable(surroundings, name).map(PathBuf::from);
    let docker = of("DOCKER_CONFIG").or(of("HOME").map(|home| home.join(".docker")));
    let all = [
        docker.map(|directory| directory.join("config.json")),
        of("XDG_RUNTIME_DIR").map(|directory| directory.join("containers/auth.json")),
        config(surroundings).map(|directory| directory.join("containers/auth.json")),
    ];
    all.into_iter().flatten().collect()
}

/// A failure of a registry, with what helps.
pub(crate) fn of_registry(error: RegistryError) -> Failure {
    Failure::input(error)
}

/// The user's directory of settings.
fn config(surroundings: &Surroundings) -> Option<PathBuf> {
    let absolute = |path: &&str| path.starts_with('/');
    let named = variable(surroundings, "XDG_CONFIG_HOME").filter(absolute).map(PathBuf::from);
    named.or_else(|| Some(Path::new(variable(surroundings, "HOME")?).join(".config")))
}

fn variable<'a>(surroundings: &'a Surroundings, name: &str) -> Option<&'a str> {
    surroundings.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
}
