//! What can be typed after `scant trace`.

#![allow(rustdoc::broken_intra_doc_links, reason = "the comments are the help")]

use std::ffi::OsString;
use std::path::PathBuf;

use super::{InputArgs, RegistryArgs};
use clap::Args as ClapArgs;
use scant_core::words::Platform;

use super::Net;

/// Find what a program asks for when it runs, and add what its manifest lacks
///
/// What a run asked for is held against the image that the manifest describes: files that the image
/// lacks and an input has become entries, each with who asked for it. They are printed as a patch,
/// or written into the manifest, whose comments and order stay. What runs asked for is kept in a
/// file beside the manifest, NAME.trace.json, and all runs in it count.
#[derive(ClapArgs)]
#[command(after_help = "\
Examples:
  scant trace app.yaml --write -- --version
  scant trace app.yaml --until-stable -- run everything
  scant trace nginx.yaml --run http --net host --until-port 80 --exercise 'curl -s localhost'
  strace -f -o web.log nginx -g 'daemon off;'
  scant trace nginx.yaml --import strace:web.log --run 'static pages'
  scant trace nginx.yaml --import strace:web.log --write
  LD_DEBUG=libs,files app 2> app.log; scant trace app.yaml --import ld-debug:app.log
  scant trace nginx.yaml --no-run --check           # in CI: the recorded runs against the manifest
  scant trace nginx.yaml --no-run --unused
  scant trace nginx.yaml --list-runs

Exits with 1 if --check finds something that a run needs and the manifest lacks; if with --check or
--until-stable a run fails; if a server is not ready, or --exercise fails.")]
pub(crate) struct Trace {
    /// The manifest, - for standard input; else scant.yaml in the current directory
    #[arg(value_name = "MANIFEST")]
    pub(crate) manifest: Option<PathBuf>,
    /// The name of the run, whose record is replaced; else its command, or the log's name
    #[arg(long, value_name = "NAME")]
    pub(crate) run: Option<String>,
    /// Read what was asked for from a log, strace:FILE or ld-debug:FILE; may be given several times
    #[arg(long, value_name = "KIND:FILE", value_parser = parse_log)]
    pub(crate) import: Vec<Log>,
    /// The directory in which the program of an imported log started
    #[arg(long = "cwd", value_name = "DIR", requires = "import")]
    pub(crate) directory: Option<PathBuf>,
    /// Look at the recorded runs only
    #[arg(long, conflicts_with = "import")]
    pub(crate) no_run: bool,
    /// Run, add what was missing, and run again until nothing is
    #[arg(long, conflicts_with_all = ["import", "no_run", "check"])]
    pub(crate) until_stable: bool,
    /// Run in this root file system instead of the image, for a first look
    #[arg(long = "in", value_name = "DIR", conflicts_with_all = ["import", "no_run", "until_stable"])]
    pub(crate) in_root: Option<PathBuf>,
    /// The network of the run: that of this machine, or none
    #[arg(long, value_name = "NET", value_enum, default_value_t = Net::None)]
    pub(crate) net: Net,
    /// Set a variable of the program's environment
    #[arg(long = "env", value_name = "NAME=VALUE")]
    pub(crate) environment: Vec<String>,
    /// Whom it runs as: names of the image's accounts, or numbers; root alone can be another
    #[arg(long, value_name = "USER[:GROUP]")]
    pub(crate) user: Option<String>,
    /// The program, instead of the image's own
    #[arg(long, value_name = "PROGRAM", conflicts_with_all = ["import", "no_run"])]
    pub(crate) entrypoint: Option<String>,
    /// Its working directory
    #[arg(long, value_name = "DIR")]
    pub(crate) workdir: Option<String>,
    /// Show it a file or directory of this machine; what it asks for below that is not recorded
    #[arg(long, value_name = "SOURCE:TARGET[:ro]", conflicts_with_all = ["import", "no_run"])]
    pub(crate) mount: Vec<OsString>,
    /// Let it write to /tmp, /run and volumes alone
    #[arg(long)]
    pub(crate) read_only: bool,
    /// The program is ready when this port of the machine takes connections
    #[arg(long, value_name = "PORT")]
    pub(crate) until_port: Option<u16>,
    /// The program is ready when it has printed this text
    #[arg(long, value_name = "TEXT")]
    pub(crate) until_log: Option<String>,
    /// When it is ready: a command line for sh that uses it, on this machine
    #[arg(long, value_name = "COMMAND")]
    pub(crate) exercise: Option<String>,
    /// When it is ready: go on for so long, then end it with SIGTERM
    #[arg(long = "for", value_name = "SECONDS")]
    pub(crate) seconds: Option<u64>,
    /// The longest that a run may take, --exercise included
    #[arg(long, value_name = "SECONDS")]
    pub(crate) timeout: Option<u64>,
    /// The exit status that the program is to end with, if that is not 0
    #[arg(long, value_name = "STATUS")]
    pub(crate) expect_status: Option<u8>,
    /// Take a run that fails for one that does not, in what scant exits with
    #[arg(long)]
    pub(crate) allow_failure: bool,
    /// Write the entries into the manifest
    #[arg(long, conflicts_with = "check")]
    pub(crate) write: bool,
    /// Exit with 1 if anything is to be added; nothing is written, the record neither
    #[arg(long)]
    pub(crate) check: bool,
    /// List the declared files that no run touched
    #[arg(long)]
    pub(crate) unused: bool,
    /// The file that runs are recorded in
    #[arg(long, value_name = "FILE")]
    pub(crate) trace_file: Option<PathBuf>,
    /// List the recorded runs
    #[arg(long, conflicts_with_all = ["import", "until_stable", "write", "check", "forget"])]
    pub(crate) list_runs: bool,
    /// Remove the record of a run; may be given several times
    #[arg(long, value_name = "NAME", conflicts_with_all = ["import", "until_stable", "write", "check"])]
    pub(crate) forget: Vec<String>,
    /// The platform, of a manifest for several
    #[arg(long, value_name = "PLATFORM")]
    pub(crate) platform: Option<Platform>,
    /// Also tell what no input has, of the runs of this time; with --no-run of all
    #[arg(short, long, conflicts_with = "quiet")]
    pub(crate) verbose: bool,
    /// Print the patch alone
    #[arg(short, long)]
    pub(crate) quiet: bool,
    /// Print JSON: proposals, what is missing, written, unused; the patch
    #[arg(long)]
    pub(crate) json: bool,
    /// Arguments of the program, in place of those of the image
    #[arg(last = true, value_name = "ARGS", conflicts_with_all = ["import", "no_run"])]
    pub(crate) arguments: Vec<OsString>,
    #[command(flatten)]
    pub(crate) inputs: InputArgs,
    #[command(flatten)]
    pub(crate) registry: RegistryArgs,
}

/// A log of another tool.
#[derive(Clone)]
pub(crate) struct Log {
    /// Whose.
    pub(crate) kind: LogKind,
    /// The file.
    pub(crate) file: PathBuf,
}

/// The tools whose logs can be read.
#[derive(Clone, Copy)]
pub(crate) enum LogKind {
    Strace,
    LdDebug,
}

fn parse_log(text: &str) -> Result<Log, String> {
    let (kind, file) = text.split_once(':').unwrap_or((text, ""));
    let kind = match kind {
        "strace" => LogKind::Strace,
        "ld-debug" => LogKind::LdDebug,
        _ => return Err("expected `strace:FILE` or `ld-debug:FILE`".into()),
    };
    match file {
        "" => Err("the name of the log is missing".into()),
        file => Ok(Log { kind, file: file.into() }),
    }
}
