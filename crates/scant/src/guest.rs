//! An image that is ready to be run: its files in a directory, and how it wants to be run.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use scant_core::formats::oci::RunConfig;
use scant_core::plan::run_config;
use scant_core::rules::{Identity, View, identity};
use scant_core::words::Input as _;
use scant_io::images::Files;
use scant_io::inputs::{DirectoryInput, Packages};
use scant_io::sandbox::{Base, Limits, Mount, Network, Process, Sandbox};
use scant_io::sinks::Unpacked;

use crate::commands::build;
use crate::exit::Failure;
use crate::project::{Planned, Project};
use crate::surroundings::Surroundings;

/// The directories of programs where an image says nothing, as Docker has it.
const USUAL_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The host's name inside.
pub(crate) const HOSTNAME: &str = "scant";

/// Longer lists of accounts are not read.
const LARGEST_LIST: u64 = 16 << 20;

/// An image whose files are there.
pub(crate) struct Guest {
    place: Place,
    config: RunConfig,
    temporary: PathBuf,
}

/// Where its files are.
enum Place {
    /// In a directory of the user's.
    Directory(PathBuf),
    /// In the root of a machine, with all that is mounted there.
    Host(PathBuf),
    /// Unpacked for this run.
    Unpacked(Unpacked),
}

/// How a sandbox differs from what is usual.
#[derive(Default)]
pub(crate) struct Wishes {
    pub(crate) has_network: bool,
    pub(crate) is_writable: bool,
    pub(crate) mounts: Vec<Mount>,
}

/// How a program is run, where that is not as the image says.
#[derive(Default)]
pub(crate) struct Changes<'a> {
    /// The program with its first arguments.
    pub(crate) entrypoint: Option<Vec<String>>,
    /// What follows them; nothing for what the image says.
    pub(crate) arguments: Vec<OsString>,
    /// Variables that are set as well, or instead.
    pub(crate) environment: Vec<(OsString, OsString)>,
    /// `USER[:GROUP]`.
    pub(crate) user: Option<&'a str>,
    pub(crate) directory: Option<&'a str>,
}

impl Guest {
    /// Unpacks an image, unless it is a directory already.
    ///
    /// # Errors
    /// When its files cannot be read, or written to the directory for temporary files.
    pub(crate) fn new(
        files: &Files,
        config: RunConfig,
        surroundings: &Surroundings,
    ) -> Result<Self, Failure> {
        let temporary = surroundings.temporary.clone();
        let place = match files.directory() {
            Some(directory) => Place::Directory(surroundings.directory.join(directory)),
            None => Place::Unpacked(Unpacked::new(files, &temporary).map_err(Failure::unpack)?),
        };
        Ok(Self { place, config, temporary })
    }

    /// What a manifest's plan comes to.
    ///
    /// # Errors
    /// As [`Guest::new`].
    pub(crate) fn planned(
        project: &Project,
        planned: &Planned,
        surroundings: &Surroundings,
    ) -> Result<Self, Failure> {
        let built = build::unpublished_plans(project, std::slice::from_ref(planned), surroundings)?;
        let config = run_config(&project.manifest.image);
        let image = built.image.platforms.first().ok_or_else(|| Failure::usage("no platform"))?;
        Self::new(&Files::of(image), config, surroundings)
    }

    /// The root of a machine instead of an image, to be run as an image would be.
    pub(crate) fn host(directory: &Path, config: RunConfig, surroundings: &Surroundings) -> Self {
        let place = Place::Host(surroundings.directory.join(directory));
        Self { place, config, temporary: surroundings.temporary.clone() }
    }

    /// An image whose files are in this directory.
    pub(crate) fn of_directory(
        directory: PathBuf,
        config: RunConfig,
        surroundings: &Surroundings,
    ) -> Self {
        let temporary = surroundings.temporary.clone();
        Self { place: Place::Directory(directory), config, temporary }
    }

    /// The directories that it declares to hold data.
    pub(crate) fn volumes(&self) -> impl Iterator<Item = &str> {
        self.config.volumes.keys().map(String::as_str)
    }

    /// Where its files are.
    pub(crate) fn directory(&self) -> &Path {
        match &self.place {
            Place::Directory(directory) | Place::Host(directory) => directory,
            Place::Unpacked(unpacked) => unpacked.directory(),
        }
    }

    /// The signal that asks its program to end.
    pub(crate) fn stop_signal(&self) -> Option<&str> {
        self.config.stop_signal.as_deref()
    }

    /// A sandbox for a program of it.
    pub(crate) fn sandbox(&self, process: &Process, wishes: Wishes) -> Sandbox {
        Sandbox {
            root: self.directory().into(),
            base: match self.place {
                Place::Host(_) => Base::Host,
                _ => Base::Overlay { writable: wishes.is_writable },
            },
            temporary: self.temporary.clone().into(),
            network: if wishes.has_network { Network::Host } else { Network::None },
            mounts: wishes.mounts,
            volumes: self.config.volumes.keys().map(OsString::from).collect(),
            hostname: HOSTNAME.to_string(),
            identity: (process.user, process.group),
            limits: Limits::default(),
        }
    }

    /// A program of it.
    ///
    /// # Errors
    /// When there is nothing to run, or nobody to run it as.
    pub(crate) fn process(&self, changes: Changes<'_>) -> Result<Process, Failure> {
        let config = &self.config;
        let identity = self.identity(changes.user.or(config.user.as_deref()).unwrap_or(""))?;
        let of_image = |words: &Option<Vec<String>>| words.clone().unwrap_or_default();
        let is_replaced = changes.entrypoint.is_some();
        let mut arguments: Vec<OsString> = changes
            .entrypoint
            .unwrap_or_else(|| of_image(&config.entrypoint))
            .into_iter()
            .map(OsString::from)
            .collect();
        // What follows an entrypoint that is replaced was meant for the other one.
        match changes.arguments.is_empty() && !is_replaced {
            true => arguments.extend(of_image(&config.cmd).into_iter().map(OsString::from)),
            false => arguments.extend(changes.arguments),
        }
        if arguments.is_empty() {
            return Err(Failure::usage("the image does not say what to run")
                .hint("name a program after `--`, or with `--entrypoint`"));
        }
        let environment = self.environment(&identity, changes.environment);
        let directory = changes.directory.or(config.working_dir.as_deref());
        let directory = directory.filter(|directory| !directory.is_empty()).unwrap_or("/");
        let Identity { user, group, groups, .. } = identity;
        let directory = directory.into();
        Ok(Process { arguments, environment, directory, user, group, groups })
    }

    /// The image's environment with what engines add, and with changes.
    fn environment(
        &self,
        identity: &Identity,
        changes: Vec<(OsString, OsString)>,
    ) -> Vec<(OsString, OsString)> {
        let home = identity.home.as_deref().filter(|home| !home.is_empty()).unwrap_or(b"/");
        let mut all: BTreeMap<OsString, OsString> = [
            ("HOME".into(), OsStr::from_bytes(home).into()),
            ("HOSTNAME".into(), HOSTNAME.into()),
            ("PATH".into(), USUAL_PATH.into()),
        ]
        .into();
        let split = |text: &String| {
            let (name, value) = text.split_once('=').unwrap_or((text, ""));
            (OsString::from(name), OsString::from(value))
        };
        all.extend(self.config.env.iter().map(split));
        all.extend(changes);
        all.into_iter().collect()
    }

    /// Who `USER[:GROUP]` is in the image.
    fn identity(&self, user: &str) -> Result<Identity, Failure> {
        let read = |path: &str| self.read(path).unwrap_or_default();
        identity(user, &read("/etc/passwd"), &read("/etc/group")).map_err(|error| {
            Failure::usage(error).hint("a number needs no entry: `--user 1000:1000`")
        })
    }

    /// A small file of the image, links followed inside it.
    fn read(&self, path: &str) -> Option<Vec<u8>> {
        let input = DirectoryInput::open(self.directory(), Packages::default()).ok()?;
        let found = View::new(&input).resolve(path.as_bytes()).ok()?;
        input.read(&found.path, LARGEST_LIST).ok()
    }
}
