//! What can be typed. Each command's module says what it means.

#![allow(rustdoc::broken_intra_doc_links, reason = "the comments are the help: `DIR[:TAG]`")]

use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use scant_core::formats::image_reference::{ImageReference, Name};
use scant_core::words::Platform;

/// Builds minimal OCI container images from an empty root file system, and says why each file is
/// there.
#[derive(Parser)]
#[command(name = "scant", version, propagate_version = true, max_term_width = 100)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    Init(Init),
    Build(Build),
    Plan(Plan),
    Why(Why),
    Ls(Ls),
    Verify(Verify),
    Trace(Box<Trace>),
    Deps(Deps),
    Schema(Schema),
    Completions(Completions),
    Man(Man),
}

/// Show the libraries that programs need, and how each is found
///
/// An `ldd` that executes nothing and reads files of any architecture: the rules of the loader
/// that the program names (glibc, musl, uClibc-ng) are applied to the files under the root.
#[derive(ClapArgs)]
#[command(after_help = "\
Examples:
  scant deps /usr/bin/python3
  scant deps --root ./sysroot --list usr/sbin/unbound
  scant deps --env LD_LIBRARY_PATH=/opt/lib --json /opt/bin/app

Exits with 1 if anything is missing.")]
pub(crate) struct Deps {
    /// Programs or libraries, by their paths inside the root
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// The directory that is the root of the file system
    #[arg(long, value_name = "DIR", default_value = "/")]
    pub(crate) root: PathBuf,
    /// Print one path a line: interpreter, libraries and the links to them, `MISSING name` for
    /// what is not found
    #[arg(long, conflicts_with = "json")]
    pub(crate) list: bool,
    /// Set a variable of the program's environment: LD_LIBRARY_PATH, LD_PRELOAD
    #[arg(long = "env", value_name = "NAME=VALUE")]
    pub(crate) environment: Vec<String>,
    /// The program's working directory, inside the root
    #[arg(long = "cwd", value_name = "DIR", default_value = "/")]
    pub(crate) directory: PathBuf,
    /// Only what a processor of this level loads, such as x86-64-v2; else of all levels
    #[arg(long, value_name = "LEVEL", value_parser = CPU_LEVELS)]
    pub(crate) cpu: Option<String>,
    /// Follow the dlopen notes of this priority and above
    #[arg(long, value_name = "PRIORITY", value_enum, default_value_t = Dlopen::Required)]
    pub(crate) dlopen: Dlopen,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// The names of `glibc-hwcaps` levels, and the baseline of x86-64.
const CPU_LEVELS: [&str; 11] = [
    "x86-64-v1",
    "x86-64-v2",
    "x86-64-v3",
    "x86-64-v4",
    "power9",
    "power10",
    "z13",
    "z14",
    "z15",
    "z16",
    "z17",
];

/// The priorities of dlopen notes.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Dlopen {
    None,
    Required,
    Recommended,
    Suggested,
}

/// Build an image from a manifest
///
/// The whole tree is planned first; nothing is written while anything is missing or in conflict.
/// Prints each output with its digest.
#[derive(ClapArgs)]
#[command(after_help = "\
Examples:
  scant build                                       # scant.yaml to oci-archive:scant.tar
  scant build nginx.yaml -t nginx:minimal -o oci:nginx
  scant build rg.yaml -o docker-daemon:myrg:latest  # into the local Docker engine
  scant build app.yaml -o rootfs:./rootfs -o oci-archive:app.tar
  SOURCE_DATE_EPOCH=$(git log -1 --format=%ct) scant build app.yaml

Outputs: oci:DIR[:TAG], oci-archive:FILE[:TAG], docker-archive:FILE[:NAME], docker-daemon:NAME,
rootfs:DIR, tar:FILE.")]
pub(crate) struct Build {
    /// The manifest, - for standard input; else scant.yaml in the current directory
    #[arg(value_name = "MANIFEST")]
    pub(crate) manifest: Option<PathBuf>,
    /// Where the image goes; may be given several times
    #[arg(short, long, value_name = "OUTPUT", value_parser = parse_output)]
    pub(crate) output: Vec<ImageReference>,
    /// The name of the image, such as nginx:minimal
    #[arg(short, long, value_name = "NAME", value_parser = parse_name)]
    pub(crate) tag: Option<Name>,
    /// How layers are compressed: gzip[:0-9], zstd[:1-19] or none; gzip:2 unless said
    #[arg(long, value_name = "COMPRESSION")]
    pub(crate) compression: Option<String>,
    /// How many threads write layers; the bytes are the same for any number
    #[arg(long, value_name = "COUNT")]
    pub(crate) threads: Option<NonZeroUsize>,
    /// Where compressed layers are kept for the next build; else scant in the user's cache directory
    #[arg(long, value_name = "DIR", conflicts_with = "no_cache")]
    pub(crate) cache_dir: Option<PathBuf>,
    /// Keep nothing for the next build, and use nothing of the last
    #[arg(long)]
    pub(crate) no_cache: bool,
    /// Replace a directory that a rootfs: output finds there
    #[arg(long)]
    pub(crate) force: bool,
    /// Print no findings, no progress, no summary
    #[arg(short, long)]
    pub(crate) quiet: bool,
    /// Print JSON: image IDs, digests, outputs
    #[arg(long)]
    pub(crate) json: bool,
}

/// Show the tree that would be built, with a reason for each path
#[derive(ClapArgs)]
#[command(after_help = "\
Examples:
  scant plan nginx.yaml
  scant plan --json nginx.yaml | jq '.[0].nodes[].path'")]
pub(crate) struct Plan {
    /// The manifest, - for standard input; else scant.yaml in the current directory
    #[arg(value_name = "MANIFEST")]
    pub(crate) manifest: Option<PathBuf>,
    /// Print JSON: the provenance document of each platform
    #[arg(long)]
    pub(crate) json: bool,
}

/// Say why a path is in an image, back to a line of the manifest
#[derive(ClapArgs)]
#[command(after_help = "\
Examples:
  scant why nginx.yaml /lib/x86_64-linux-gnu/libz.so.1
  scant why oci-archive:nginx.tar /etc
  scant why --not nginx.yaml /bin/sh

Exits with 1 if the path is not there (with --not: if it is).")]
pub(crate) struct Why {
    /// An image (oci:DIR[:TAG], oci-archive:FILE, docker-archive:FILE, or a path), or a manifest
    #[arg(value_name = "IMAGE|MANIFEST")]
    pub(crate) subject: String,
    /// A path inside the image
    #[arg(value_name = "PATH")]
    pub(crate) path: String,
    /// Say why the path is not in the image
    #[arg(long)]
    pub(crate) not: bool,
    /// Print all reasons of the path itself, not one chain
    #[arg(long, conflicts_with = "not")]
    pub(crate) all: bool,
    /// The platform, of an image for several
    #[arg(long, value_name = "PLATFORM")]
    pub(crate) platform: Option<Platform>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// List the files of an image with mode, owner, size and reason
#[derive(ClapArgs)]
#[command(after_help = "\
Examples:
  scant ls oci-archive:nginx.tar
  scant ls oci:nginx:minimal --platform linux/arm64
  scant ls rootfs:./rootfs --json")]
pub(crate) struct Ls {
    /// oci:DIR[:TAG], oci-archive:FILE[:TAG], docker-archive:FILE[:NAME], rootfs:DIR, tar:FILE, or
    /// a path of any of these
    #[arg(value_name = "IMAGE")]
    pub(crate) image: String,
    /// The platform, of an image for several
    #[arg(long, value_name = "PLATFORM")]
    pub(crate) platform: Option<Platform>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Verify an image from its bytes, and report all that is not as it says
///
/// Everything is computed again: digests, sizes, diff IDs, documents, the entries of each layer, and the provenance of images
/// that scant built: for all platforms, in images of any builder. A damaged part does not stop the
/// rest.
#[derive(ClapArgs)]
#[command(after_help = "\
Examples:
  scant verify oci-archive:nginx.tar
  scant verify oci:nginx:minimal
  scant verify ./saved.tar --json | jq -r '.mismatches[].text'

Exits with 1 if anything is not as it is said to be.")]
pub(crate) struct Verify {
    /// oci:DIR[:TAG], oci-archive:FILE[:TAG], docker-archive:FILE[:NAME], or a path of any of
    /// these; without tag or name, all images that are there
    #[arg(value_name = "IMAGE")]
    pub(crate) image: String,
    /// Print JSON: what was verified, mismatches, notes
    #[arg(long)]
    pub(crate) json: bool,
}

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

Exits with 1 if --check finds something that a run needs and the manifest lacks.")]
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
    /// The user of the run in numbers, uid:gid; root alone can be another
    #[arg(long, value_name = "USER")]
    pub(crate) user: Option<String>,
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
    /// The longest that a run may take
    #[arg(long, value_name = "SECONDS")]
    pub(crate) timeout: Option<u64>,
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
    /// The platform, of a manifest for several
    #[arg(long, value_name = "PLATFORM")]
    pub(crate) platform: Option<Platform>,
    /// Also tell what no input has
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
}

/// The network of a run.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Net {
    None,
    Host,
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

/// Print a manifest for programs of this machine or of a root file system
#[derive(ClapArgs)]
#[command(after_help = "\
Examples:
  scant init /bin/bash > bash.yaml && scant build bash.yaml
  scant init --root ./sysroot /usr/sbin/nginx > nginx.yaml")]
pub(crate) struct Init {
    /// Programs, by their paths inside the root; the first one is the entrypoint
    #[arg(required = true, value_name = "BINARY")]
    pub(crate) programs: Vec<PathBuf>,
    /// The directory that is the root of the file system
    #[arg(long, value_name = "DIR", default_value = "/")]
    pub(crate) root: PathBuf,
}

/// Print the JSON schema of the manifest, for editors
#[derive(ClapArgs)]
#[command(after_help = "\
Example:
  scant schema > scant.schema.json
  # first line of a manifest: # yaml-language-server: $schema=scant.schema.json")]
pub(crate) struct Schema {
    /// Print the reference page instead, as Markdown
    #[arg(long)]
    pub(crate) markdown: bool,
}

/// Print a completion script for a shell
#[derive(ClapArgs)]
#[command(after_help = "\
Example:
  scant completions bash > /etc/bash_completion.d/scant")]
pub(crate) struct Completions {
    /// The shell
    pub(crate) shell: clap_complete::Shell,
}

/// Print the manual page, or write those of all commands
#[derive(ClapArgs)]
#[command(after_help = "\
Examples:
  scant man | man -l -
  scant man --directory ./man1")]
pub(crate) struct Man {
    /// Write the pages of all commands into this directory
    #[arg(long, value_name = "DIR")]
    pub(crate) directory: Option<PathBuf>,
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

fn parse_output(text: &str) -> Result<ImageReference, String> {
    match text.parse::<ImageReference>() {
        Ok(ImageReference::Docker { .. }) => {
            Err("this version cannot push to a registry; `skopeo copy` can, from oci:DIR".into())
        }
        Ok(reference) if reference.path() == Some("-") => {
            Err("an image cannot be written to standard output: name a file".into())
        }
        Ok(reference) => Ok(reference),
        Err(error) => Err(error.to_string()),
    }
}

fn parse_name(text: &str) -> Result<Name, String> {
    text.parse::<Name>().map_err(|error| error.to_string())
}
