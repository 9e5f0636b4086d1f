//! How a command uses the network: flattened into the arguments of those that do.

use std::path::PathBuf;

use clap::Args as ClapArgs;

#[derive(ClapArgs, Clone, Debug, Default)]
pub(crate) struct NetworkArgs {
    /// Never use the network: only what is in the cache, or a failure that names what is not
    #[arg(long, help_heading = "Network")]
    pub(crate) offline: bool,
    /// Trust the authorities of this file of certificates (PEM) besides those of the system; may be
    /// given several times
    #[arg(long, value_name = "FILE", help_heading = "Network")]
    pub(crate) ca_file: Vec<PathBuf>,
}
