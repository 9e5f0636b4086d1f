//! Where inputs come from: this machine, the cache of downloads, the network, registries. Nothing is
//! opened or read before an input asks for it.

use std::cell::{Cell, OnceCell};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use scant_core::formats::image_reference::{ImageArgument, ImageReference, Name};
use scant_core::formats::lock;
use scant_core::formats::manifest::AskedOf;
use scant_core::words::{Digest, Platform, Url};
use scant_io::cache::{Authorization, Download, DownloadError, Downloads, Step};
use scant_io::image::Image;
use scant_io::images::{self, Opened};
use scant_io::inputs::{AskedPackages, Elsewhere, Trouble};
use scant_io::net::{Settings, Verify};
use scant_io::packages::apk::Repositories;
use scant_io::packages::apt::Archives;
use scant_io::packages::{Choice, Loader};
use scant_io::registry::Registries;

use crate::args::{InputArgs, NetworkArgs, RegistryArgs};
use crate::exit::Failure;
use crate::network::Network;
use crate::progress::Loading;
use crate::registries;
use crate::surroundings::Surroundings;

/// The most that an archive or file of the network may have.
const LARGEST_DOWNLOAD: u64 = 16 << 30;

/// What the lock is for a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LockUse {
    /// What is in it counts; what is not is taken as it is now.
    Use,
    /// All must be in it.
    Require,
    /// It is going to be written.
    Write,
}

/// Where inputs come from.
pub(crate) struct Sources {
    pub(crate) lock: LockUse,
    network: Network,
    registry: RegistryArgs,
    registries: OnceCell<Arc<Registries>>,
    downloads: OnceCell<Arc<Downloads>>,
    cache: Option<PathBuf>,
    /// A directory that is looked into first.
    vendor: Option<PathBuf>,
    /// The same as it was typed.
    shown_vendor: Option<PathBuf>,
    /// Whether it was said that not all is in it.
    is_told: Cell<bool>,
    surroundings: Surroundings,
    /// Whether no progress is shown.
    is_quiet: bool,
}

impl Sources {
    /// As the user and the surroundings want it.
    pub(crate) fn new(
        args: &InputArgs,
        registry: &RegistryArgs,
        surroundings: &Surroundings,
    ) -> Self {
        let is_ci = surroundings
            .variables
            .get("CI")
            .is_some_and(|value| !matches!(value.as_str(), "" | "0" | "false"));
        let variable =
            || surroundings.variables.get("SCANT_VENDOR").filter(|name| !name.is_empty());
        let vendor = args.vendor.as_deref().or_else(|| variable().map(Path::new));
        let is_locked = args.locked || (is_ci && !args.no_locked);
        let lock = if is_locked { LockUse::Require } else { LockUse::Use };
        Self::with(lock, &args.network, registry, surroundings).in_vendor(vendor)
    }

    /// The same for a command that says itself what the lock is for.
    pub(crate) fn with(
        lock: LockUse,
        network: &NetworkArgs,
        registry: &RegistryArgs,
        surroundings: &Surroundings,
    ) -> Self {
        Self {
            lock,
            network: Network::new(network, surroundings),
            registry: registry.clone(),
            registries: OnceCell::new(),
            downloads: OnceCell::new(),
            cache: surroundings.cache.clone(),
            vendor: None,
            shown_vendor: None,
            is_told: Cell::new(false),
            surroundings: surroundings.clone(),
            is_quiet: false,
        }
    }

    /// Without progress, if that is what is wanted.
    pub(crate) fn quiet(self, is_quiet: bool) -> Self {
        Self { is_quiet, ..self }
    }

    /// With another directory for what is loaded.
    pub(crate) fn in_cache(mut self, cache: Option<PathBuf>) -> Self {
        let cache = cache.map(|cache| self.surroundings.directory.join(cache));
        self.cache = cache.or(self.cache);
        self
    }

    /// With a directory that is looked into first.
    pub(crate) fn in_vendor(mut self, vendor: Option<&Path>) -> Self {
        self.vendor = vendor.map(|vendor| self.surroundings.directory.join(vendor));
        self.shown_vendor = vendor.map(Path::to_path_buf);
        self
    }

    /// Says, once, that not all was in the directory that is looked into first.
    pub(crate) fn note_what_is_lacking(&self) {
        let Some(vendor) = self.shown_vendor.as_ref().filter(|_| !self.is_quiet) else { return };
        let is_lacking = self.downloads.get().is_some_and(|downloads| downloads.is_incomplete());
        if is_lacking && self.lock != LockUse::Write && !self.is_told.replace(true) {
            // Nothing can be done when stderr is gone.
            let _ = writeln!(
                std::io::stderr(),
                "note: not all that is needed is in `{0}`; `scant lock --vendor {0}` puts it there",
                vendor.display()
            );
        }
    }

    /// The directory for temporary files.
    pub(crate) fn temporary(&self) -> &std::path::Path {
        &self.surroundings.temporary
    }

    /// What was loaded, and what goes with the project.
    pub(crate) fn downloads(&self) -> Result<&Arc<Downloads>, Failure> {
        if self.cache.is_none() && self.vendor.is_none() {
            return Err(Failure::usage(
                "what is loaded is kept in the user's cache directory, and there is none",
            )
            .hint("set HOME or XDG_CACHE_HOME"));
        }
        if let (Some(vendor), Some(shown)) = (&self.vendor, &self.shown_vendor)
            && self.lock != LockUse::Write
            && !vendor.is_dir()
        {
            let text = format!(
                "there is no directory `{}` to take packages and files from",
                shown.display()
            );
            let hint = format!("`scant lock --vendor {}` makes it", shown.display());
            return Err(Failure::usage(text).hint(hint));
        }
        Ok(self.downloads.get_or_init(|| {
            Arc::new(match &self.cache {
                Some(cache) => Downloads::new(cache).with_vendor(self.vendor.clone()),
                None => Downloads::of_vendor(self.vendor.clone()),
            })
        }))
    }

    fn registries(&self) -> Result<Arc<Registries>, Failure> {
        if let Some(registries) = self.registries.get() {
            return Ok(registries.clone());
        }
        let made = self.registries_over(self.network.settings().clone())?;
        Ok(self.registries.get_or_init(|| made).clone())
    }

    fn registries_over(&self, net: Settings) -> Result<Arc<Registries>, Failure> {
        let downloads = self.downloads().ok().cloned();
        registries::registries_over(net, &self.registry, &self.surroundings, downloads)
    }

    /// The registries for an image: none is asked for one that goes with the project.
    fn registries_for(&self, name: &Name) -> Result<Arc<Registries>, Failure> {
        let is_here = |digest: &Digest| {
            self.vendor.is_some() && self.downloads().is_ok_and(|all| all.is_vendored(digest))
        };
        match name.digest().is_some_and(|digest| is_here(&digest)) {
            true => {
                let offline = Settings { is_offline: true, ..self.network.settings().clone() };
                self.registries_over(offline)
            }
            false => self.registries(),
        }
    }

    /// The archives of Debian packages, for a manifest in `directory`.
    fn archives<'a>(&'a self, directory: &'a Path, loader: Loader<'a>) -> Archives<'a> {
        Archives {
            loader,
            apt: Path::new(APT),
            directory,
            temporary: &self.surroundings.temporary,
            now: self.surroundings.started.seconds,
        }
    }

    /// The repositories of Alpine's packages, for a manifest in `directory`.
    fn repositories<'a>(&'a self, directory: &'a Path, loader: Loader<'a>) -> Repositories<'a> {
        Repositories { loader, directory, temporary: &self.surroundings.temporary }
    }

    /// Does something with what loads files of packages, and shows how far it is.
    fn loading<T>(
        &self,
        asked: AskedOf<'_>,
        load: impl FnOnce(Loader<'_>) -> Result<T, Trouble>,
    ) -> Result<T, Trouble> {
        let client = self.network.client().map_err(trouble)?;
        let downloads = self.downloads().map_err(trouble)?;
        let loading = Loading::new(self.is_quiet);
        let watch = |step: Step<'_>| loading.step(step);
        let passwords = self.network.passwords();
        let authorize = |url: &Url| {
            let credentials = match asked {
                AskedOf::Apt(_) => passwords.read_with_apt(Path::new(APT)),
                AskedOf::Apk(_) => passwords.read(),
            };
            Ok(credentials?.authorization(url).map(Authorization))
        };
        load(Loader { client, downloads, authorize: &authorize, watch: &watch })
    }

    /// The files of packages.
    fn fetch(
        &self,
        asked: AskedOf<'_>,
        packages: &[lock::Package],
        directory: &Path,
    ) -> Result<Vec<PathBuf>, Trouble> {
        self.loading(asked, |loader| match asked {
            AskedOf::Apt(_) => {
                let fetched = self.archives(directory, loader).fetch(packages);
                fetched.map_err(|error| helped(error.hint(), &error))
            }
            AskedOf::Apk(_) => {
                let fetched = self.repositories(directory, loader).fetch(packages);
                fetched.map_err(|error| helped(error.hint(), &error))
            }
        })
    }

    /// The packages that go together now.
    pub(crate) fn choose(
        &self,
        asked: AskedOf<'_>,
        platform: Platform,
        directory: &Path,
    ) -> Result<Choice, Trouble> {
        self.loading(asked, |loader| match asked {
            AskedOf::Apt(apt) => {
                let choice = self.archives(directory, loader).choose(apt, platform);
                choice.map_err(|error| helped(error.hint(), &error))
            }
            AskedOf::Apk(apk) => {
                let choice = self.repositories(directory, loader).choose(apk, platform);
                choice.map_err(|error| helped(error.hint(), &error))
            }
        })
    }

    fn load(&self, url: &Url, digest: Digest) -> Result<PathBuf, Failure> {
        let downloads = self.downloads()?;
        // Neither a client nor a password is needed for what is here.
        if let Some(path) = downloads.find(&digest, None) {
            return Ok(path);
        }
        let download = Download {
            url: url.clone(),
            digest: Some(digest),
            size: None,
            authorization: self.network.authorization(url)?,
            limit: LARGEST_DOWNLOAD,
            verify: Verify::Yes,
        };
        let loading = Loading::new(self.is_quiet);
        let loaded = downloads.fetch(self.network.client()?, &download, &|step| loading.step(step));
        drop(loading);
        let failed = |error: DownloadError| {
            error.hint().into_iter().fold(Failure::input(&error), Failure::hint)
        };
        loaded.map(|loaded| loaded.path).map_err(failed)
    }
}

impl Elsewhere for Sources {
    fn download(&self, url: &Url, digest: Digest) -> Result<PathBuf, Trouble> {
        self.load(url, digest).map_err(trouble)
    }

    fn image(&self, image: &ImageReference) -> Result<Image, Trouble> {
        let registries = match image {
            ImageReference::Docker { name } => Some(self.registries_for(name).map_err(trouble)?),
            _ => None,
        };
        let sources = images::Sources {
            registries,
            docker_host: self.surroundings.docker_host.clone(),
            temporary: self.surroundings.temporary.clone(),
            platform: None,
            only_files: true,
        };
        match images::open_from(&ImageArgument::Reference(image.clone()), &sources)? {
            Opened::Image(image) => Ok(image),
            Opened::Files(_) => Err(format!("{image} is no image but files").into()),
        }
    }

    fn packages(&self, asked: &AskedPackages<'_>) -> Result<Vec<PathBuf>, Trouble> {
        if let Some(locked) = asked.locked {
            return self.fetch(asked.asked, locked, asked.directory);
        }
        if self.lock == LockUse::Require {
            let AskedPackages { input, platform, .. } = asked;
            let text = format!(
                "its packages for {platform} are not locked: `scant lock --update {input}` chooses \
                 them"
            );
            return Err(text.into());
        }
        let chosen = self.choose(asked.asked, asked.platform, asked.directory)?;
        for note in chosen.notes.iter().filter(|_| !self.is_quiet) {
            // Nothing can be done when stderr is gone.
            let _ = writeln!(std::io::stderr(), "note: {}: {note}", asked.input);
        }
        self.fetch(asked.asked, &chosen.packages, asked.directory)
    }
}

/// Where apt has its lists and keys.
const APT: &str = "/etc/apt";

/// An error with what helps.
fn helped(hint: Option<&str>, error: &impl std::fmt::Display) -> Trouble {
    trouble(hint.into_iter().fold(Failure::input(error), Failure::hint))
}

fn trouble(failure: Failure) -> Trouble {
    failure.text().into()
}
