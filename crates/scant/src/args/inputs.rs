//! What can be typed about the inputs of a manifest and their lock.

use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::{NetworkArgs, RegistryArgs};

/// How inputs are had: flattened into the arguments of commands that read a manifest.
#[derive(ClapArgs, Clone, Debug, Default)]
pub(crate) struct InputArgs {
    /// Refuse a manifest that asks for what scant.lock does not hold; without it: where CI is set
    #[arg(long, conflicts_with = "no_locked", help_heading = "Inputs")]
    pub(crate) locked: bool,
    /// Do not refuse it, though CI is set
    #[arg(long, help_heading = "Inputs")]
    pub(crate) no_locked: bool,
    /// Take what `scant lock --vendor DIR` has put there before the cache and the network
    #[arg(long, value_name = "DIR", help_heading = "Inputs")]
    pub(crate) vendor: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) network: NetworkArgs,
}

/// Write down what the inputs of a manifest are now, for later builds to take the same
///
/// Into scant.lock beside scant.yaml, app.lock beside app.yaml. What is locked already stays as it is
/// as long as the manifest asks for it.
#[derive(ClapArgs)]
#[command(after_help = "\
Examples:
  scant lock
  scant lock app.yaml --update BASE    # what the tag of BASE names now
  scant lock --update all
  scant lock --files                   # every file that is taken of directories, too
  scant lock --vendor ./vendor         # and put all that it names there, for builds without network
  scant lock --check                   # in CI: is the lock up to date?

Exits with 1 if --check finds that the lock would change.")]
pub(crate) struct Lock {
    /// The manifest; else scant.yaml in the current directory
    #[arg(value_name = "MANIFEST")]
    pub(crate) manifest: Option<PathBuf>,
    /// Look again at this input, or at all; may be given several times
    #[arg(long, value_name = "NAME")]
    pub(crate) update: Vec<String>,
    /// Lock every file that is taken of directories as well, as they are now
    #[arg(long)]
    pub(crate) files: bool,
    /// Write nothing; say whether the lock would change
    #[arg(long)]
    pub(crate) check: bool,
    /// Put all that builds take of the network into this directory, for `--vendor` of other commands
    #[arg(long, value_name = "DIR", conflicts_with = "check")]
    pub(crate) vendor: Option<PathBuf>,
    /// Remove from it what builds do not need any more
    #[arg(long, requires = "vendor")]
    pub(crate) prune: bool,
    /// Print JSON: the path of the lock, and what changes in it
    #[arg(long)]
    pub(crate) json: bool,
    /// Keep what is loaded here; else in scant of the user's cache directory
    #[arg(long, value_name = "DIR")]
    pub(crate) cache_dir: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) network: NetworkArgs,
    #[command(flatten)]
    pub(crate) registry: RegistryArgs,
}
