//! What can be typed about manifests that are made: of programs, of packages, of files of apko.

use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::NetworkArgs;

/// Print a manifest for programs of this machine or of a root, or for a package
#[derive(ClapArgs)]
#[command(after_help = "\
Examples:
  scant init /bin/bash > bash.yaml && scant build bash.yaml
  scant init --root ./sysroot /usr/sbin/nginx > nginx.yaml
  scant init --from apt:redis-server > redis.yaml && scant build redis.yaml")]
pub(crate) struct Init {
    /// Programs, by their paths inside the root; the first one is the entrypoint
    #[arg(required_unless_present = "from", value_name = "BINARY")]
    pub(crate) programs: Vec<PathBuf>,
    /// The directory that is the root of the file system
    #[arg(long, value_name = "DIR", default_value = "/")]
    pub(crate) root: PathBuf,
    /// Start from a package of Debian instead: its program, how its service is started, its
    /// configuration and accounts
    #[arg(long, value_name = "apt:PACKAGE", value_parser = From::parse, conflicts_with_all = ["programs", "root"])]
    pub(crate) from: Option<From>,
    /// Where packages come from, a line of sources.list; else what apt has on this machine. May be
    /// given several times
    #[arg(long, value_name = "LINE", requires = "from")]
    pub(crate) source: Vec<String>,
    /// Keep what is loaded here; else in scant of the user's cache directory
    #[arg(long, value_name = "DIR", requires = "from")]
    pub(crate) cache_dir: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) network: NetworkArgs,
}

/// What a manifest is made of that is no program.
#[derive(Clone, Debug)]
pub(crate) enum From {
    /// A package of Debian, perhaps with a version: `nginx (>= 1.22)`.
    Apt(String),
}

impl From {
    fn parse(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            Some(("apt", package)) if !package.trim().is_empty() => Ok(Self::Apt(package.into())),
            _ => Err("write `apt:` and the name of a package".into()),
        }
    }
}

/// Print a manifest that declares what a file of apko does
///
/// What has no counterpart in a manifest, or one that is not the same, is said on standard error with
/// the line of the file. Nothing is fetched, and no package is looked at.
#[derive(ClapArgs)]
#[command(after_help = "\
Examples:
  scant import apko.yaml > scant.yaml && scant build
  scant import images/nginx.yaml -o nginx.yaml")]
pub(crate) struct Import {
    /// The file of apko, - for standard input
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Write the manifest into a file that is not there yet
    #[arg(short, long, value_name = "MANIFEST")]
    pub(crate) output: Option<PathBuf>,
    /// Replace the file that the manifest is written into
    #[arg(long, requires = "output")]
    pub(crate) force: bool,
}
