//! `scant run --debug-tools`: programs that an image does not have, for one run of it.
//!
//! They are static: a dynamic program names its loader by a path in the image, where it is not.

use std::ffi::OsString;
use std::io::Write as _;
use std::path::Path;

use scant_core::formats::oci::RunConfig;
use scant_core::words::Platform;
use scant_io::images::{self, Files};
use scant_io::sandbox::{Mount, Process};

use crate::args::{InputArgs, RegistryArgs};
use crate::commands::build;
use crate::exit::Failure;
use crate::guest::Guest;
use crate::project::Project;
use crate::sources::Sources;
use crate::surroundings::Surroundings;

/// Where they are.
const PLACE: &str = "/.debug";

/// Where below that programs are looked for, after the image's own; the tree itself for a directory
/// of programs.
const PROGRAMS: [&str; 5] = ["/bin", "/usr/bin", "/sbin", "/usr/sbin", ""];

/// A tree of tools; what was unpacked vanishes with the value.
pub(super) struct Toolbox(Guest);

impl Toolbox {
    /// A manifest is built; a directory is taken as it is.
    pub(super) fn new(
        tools: &str,
        platform: Option<Platform>,
        surroundings: &Surroundings,
    ) -> Result<Self, Failure> {
        let directory = surroundings.directory.join(tools);
        if directory.is_dir() {
            let config = RunConfig::default();
            return Ok(Self(Guest::of_directory(directory, config, surroundings)));
        }
        let sources = Sources::new(&InputArgs::default(), &RegistryArgs::default(), surroundings);
        let project = Project::read(Some(Path::new(tools)), sources, surroundings)?;
        let built = build::unpublished(&project, surroundings)?;
        let image = images::pick(&built.image, platform).map_err(Failure::input)?;
        Guest::new(&Files::of(image), RunConfig::default(), surroundings).map(Self)
    }

    /// Shows them to a program, which cannot write to them.
    pub(super) fn add_to(&self, process: &mut Process, mounts: &mut Vec<Mount>) {
        let source = self.0.directory().into();
        mounts.push(Mount { source, target: PLACE.into(), read_only: true });
        let path = process.environment.iter_mut().find(|(name, _)| name == "PATH");
        if let Some((_, value)) = path {
            let more = PROGRAMS.map(|programs| format!(":{PLACE}{programs}")).concat();
            value.push(OsString::from(more));
        }
    }

    /// Says what does the same elsewhere, where the tools are an image of their own.
    pub(super) fn tell(&self, image: &str) {
        let mut stderr = std::io::stderr().lock();
        let _ = write!(
            stderr,
            "note: for this run alone, the tools are in {PLACE} of {image}. With an image TOOLS of \
             them, the same for one that runs elsewhere:\n  \
             docker run --rm -it --pid container:NAME --network container:NAME \
             --cap-add SYS_PTRACE TOOLS sh\n  \
             kubectl debug -it POD --image TOOLS --target CONTAINER -- sh\n\
             Its files are in /proc/1/root there.\n"
        );
    }
}
