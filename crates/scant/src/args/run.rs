//! What can be typed after `scant run`.

#![allow(rustdoc::broken_intra_doc_links, reason = "the comments are the help")]

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args as ClapArgs;
use scant_core::words::Platform;

use super::{InputArgs, Net, RegistryArgs};

/// Run the program of an image in a sandbox, without an engine and without root
///
/// The files are seen read-only, with /tmp, /run and the image's volumes to write to, which are
/// forgotten afterwards. The program sees no network, no other processes and no other files. It
/// gets the signals that scant gets, and its exit code is scant's: 125 if there is no sandbox, 126 if
/// the program cannot be run, 127 if it is not there.
#[derive(ClapArgs)]
#[command(after_help = "\
Examples:
  scant run oci:nginx:minimal
  scant run web.yaml --net host
  scant run oci-archive:bash.tar -- -c 'echo $HOME'
  scant run oci:app --entrypoint /bin/app --mount ./data:/data:ro -- --verbose
  scant run oci:app --debug-tools tools.yaml --entrypoint sh
  scant run oci:app --bundle ./bundle && runc run --bundle ./bundle app")]
pub(crate) struct Run {
    /// An image (oci:DIR[:TAG], oci-archive:FILE, docker-archive:FILE, rootfs:DIR, tar:FILE, or a
    /// path), or a manifest
    #[arg(value_name = "IMAGE|MANIFEST")]
    pub(crate) subject: String,
    /// Arguments for the program, instead of the image's own
    #[arg(last = true, value_name = "ARGUMENT")]
    pub(crate) arguments: Vec<OsString>,
    /// The program, instead of the image's own
    #[arg(long, value_name = "PROGRAM")]
    pub(crate) entrypoint: Option<String>,
    /// The network that it sees
    #[arg(long, value_enum, default_value_t = Net::None)]
    pub(crate) net: Net,
    /// Let it write anywhere; what it writes is forgotten
    #[arg(long)]
    pub(crate) writable: bool,
    /// Show it a file or directory of this machine
    #[arg(long, value_name = "SOURCE:TARGET[:ro]")]
    pub(crate) mount: Vec<OsString>,
    /// Set a variable of its environment; without a value, to what it is here
    #[arg(long, short, value_name = "NAME[=VALUE]")]
    pub(crate) env: Vec<String>,
    /// Whom it runs as: names of the image's accounts, or numbers
    #[arg(long, short, value_name = "USER[:GROUP]")]
    pub(crate) user: Option<String>,
    /// Its working directory
    #[arg(long, short, value_name = "DIR")]
    pub(crate) workdir: Option<String>,
    /// The platform, of an image for several
    #[arg(long, value_name = "PLATFORM")]
    pub(crate) platform: Option<Platform>,
    /// Show it tools that the image does not have, below /.debug and last in PATH: a manifest of
    /// static programs, or a directory
    #[arg(long, value_name = "MANIFEST|DIR", conflicts_with = "bundle")]
    pub(crate) debug_tools: Option<String>,
    /// Run nothing; write a bundle for OCI runtimes, as runc and crun, to a directory that is empty
    /// or not there
    #[arg(long, value_name = "DIR")]
    pub(crate) bundle: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) registry: RegistryArgs,
    #[command(flatten)]
    pub(crate) inputs: InputArgs,
}
