//! What can be typed after `scant run`.

#![allow(rustdoc::broken_intra_doc_links, reason = "the comments are the help")]

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::{InputArgs, Net, OfPlatform, RegistryArgs};

/// Run the program of an image in a sandbox, without an engine and without root
///
/// The files are seen read-only, with /tmp, /run and the image's volumes to write to, which are
/// forgotten afterwards. The program sees no network, no other processes and no other files. It
/// gets the signals that scant gets, and its exit code is scant's. 125: scant itself failed, and
/// nothing was run. 126: the program cannot be run. 127: it is not there.
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
    #[command(flatten)]
    pub(crate) of: OfPlatform,
    /// Show it tools that the image does not have, below /.debug and last in PATH: a manifest of
    /// static programs, or a directory
    #[arg(long, value_name = "MANIFEST|DIR", conflicts_with = "bundle")]
    pub(crate) debug_tools: Option<String>,
    /// How much each of its file systems in memory may hold: what it writes to the root, /tmp, /run
    /// and /dev/shm. Usually 64m for the last two, and a quarter of the memory for the others
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub(crate) tmpfs_size: Option<u64>,
    /// How many processes and threads it may have at a time, 301 at least; usually 8192
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(301..=4_194_304),
          conflicts_with = "bundle")]
    pub(crate) pids_limit: Option<u32>,
    /// Print no hints and notes
    #[arg(long, short)]
    pub(crate) quiet: bool,
    /// Run nothing; write a bundle for OCI runtimes, as runc and crun, to a directory that is empty
    /// or not there
    #[arg(long, value_name = "DIR")]
    pub(crate) bundle: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) registry: RegistryArgs,
    #[command(flatten)]
    pub(crate) inputs: InputArgs,
}

/// A size in bytes, or with the letter of a unit: 64m.
fn size(text: &str) -> Result<u64, String> {
    const UNITS: [(char, u32); 3] = [('k', 10), ('m', 20), ('g', 30)];
    // What scant itself writes there has to fit in.
    const LEAST: u64 = 1 << 20;
    let number = |(letter, bits): (char, u32)| {
        let digits = text.strip_suffix([letter, letter.to_ascii_uppercase()])?;
        Some((digits, bits))
    };
    let (digits, bits) = UNITS.into_iter().find_map(number).unwrap_or((text, 0));
    let bytes = digits.parse::<u64>().ok().and_then(|number| number.checked_mul(1 << bits));
    match bytes {
        Some(bytes) if (LEAST..1 << 60).contains(&bytes) => Ok(bytes),
        Some(_) => Err("it is 1m at least, and less than 2^60".into()),
        None => Err("a number of bytes, or one with k, m or g after it".into()),
    }
}
