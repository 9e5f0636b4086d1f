//! What can be typed. Each command's module says what it means.

#![allow(rustdoc::broken_intra_doc_links, reason = "the comments are the help: `DIR[:TAG]`")]

mod cache;
mod diff;
mod init;
mod inputs;
mod network;
mod offering;
mod registry;
mod run;
mod trace;

use std::num::{NonZeroU64, NonZeroUsize};
use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use scant_core::formats::image_reference::{ImageReference, Name};
use scant_core::rules::check::Allow;
use scant_core::words::Platform;

use crate::testing::Format;
pub(crate) use cache::{Cache, CacheAction, Prune};
pub(crate) use diff::Diff;
pub(crate) use init::{From, Import, Init};
pub(crate) use inputs::{InputArgs, Lock};
pub(crate) use network::NetworkArgs;
pub(crate) use registry::{Copy, Login, Logout, RegistryArgs};
pub(crate) use run::Run;
pub(crate) use trace::{Log, LogKind, Trace};

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
    Import(Import),
    Build(Build),
    Plan(Plan),
    Lock(Lock),
    Why(Why),
    Ls(Ls),
    Diff(Diff),
    Run(Run),
    Test(Test),
    Verify(Verify),
    Copy(Copy),
    Login(Login),
    Logout(Logout),
    Check(Check),
    Trace(Box<Trace>),
    Deps(Deps),
    Cache(Cache),
    Schema(Schema),
    Completions(Completions),
    Man(Man),
}

/// Which platform is meant, where there may be several.
#[derive(ClapArgs, Clone, Copy)]
pub(crate) struct OfPlatform {
    /// The platform, where there are several
    #[arg(long, value_name = "PLATFORM", value_parser = offering::platform(), hide_possible_values = true)]
    pub(crate) platform: Option<Platform>,
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
  scant build app.yaml -o docker://registry.example.com/team/app:1.0
  scant build app.yaml -o rootfs:./rootfs -o oci-archive:app.tar
  SOURCE_DATE_EPOCH=$(git log -1 --format=%ct) scant build app.yaml

Outputs: oci:DIR[:TAG], oci-archive:FILE[:TAG], docker-archive:FILE[:NAME], docker-daemon:NAME,
docker://NAME, rootfs:DIR, tar:FILE.")]
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
    #[command(flatten)]
    pub(crate) of: OfPlatform,
    /// How layers are compressed: gzip[:0-9], zstd[:1-19] or none; gzip:2 unless said
    #[arg(long, value_name = "COMPRESSION", value_parser = offering::compression(), hide_possible_values = true)]
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
    /// Build an image that would not start: run no checks
    #[arg(long)]
    pub(crate) no_check: bool,
    /// Make the tests of the manifest first, and publish nothing if one fails
    #[arg(long)]
    pub(crate) test: bool,
    /// Print no findings, no progress, no summary
    #[arg(short, long)]
    pub(crate) quiet: bool,
    /// Print JSON: image IDs, digests, outputs
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) registry: RegistryArgs,
    #[command(flatten)]
    pub(crate) inputs: InputArgs,
}

/// Show the tree that would be built, with a reason for each path
#[derive(ClapArgs)]
#[command(after_help = "\
Examples:
  scant plan nginx.yaml
  scant plan --summary nginx.yaml
  scant plan --json nginx.yaml | jq '.[0].nodes[].path'")]
pub(crate) struct Plan {
    /// The manifest, - for standard input; else scant.yaml in the current directory
    #[arg(value_name = "MANIFEST")]
    pub(crate) manifest: Option<PathBuf>,
    /// Print how much there is, by place, input and layer, in place of every path
    #[arg(long)]
    pub(crate) summary: bool,
    #[command(flatten)]
    pub(crate) of: OfPlatform,
    /// Print JSON: the provenance document of each platform, and what is suggested
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) inputs: InputArgs,
    #[command(flatten)]
    pub(crate) registry: RegistryArgs,
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
    /// An image (oci:DIR[:TAG], oci-archive:FILE, docker-archive:FILE, docker://NAME, or a path), or
    /// a manifest
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
    #[command(flatten)]
    pub(crate) of: OfPlatform,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) registry: RegistryArgs,
    #[command(flatten)]
    pub(crate) inputs: InputArgs,
}

/// List the files of an image with mode, owner, size and reason
#[derive(ClapArgs)]
#[command(after_help = "\
Examples:
  scant ls oci-archive:nginx.tar
  scant ls oci:nginx:minimal --platform linux/arm64
  scant ls rootfs:./rootfs --json
  scant ls --packages nginx.yaml")]
pub(crate) struct Ls {
    /// oci:DIR[:TAG], oci-archive:FILE[:TAG], docker-archive:FILE[:NAME], docker://NAME, rootfs:DIR,
    /// tar:FILE, or a path of any of these; with --packages also a manifest
    #[arg(value_name = "IMAGE|MANIFEST")]
    pub(crate) image: String,
    /// List the packages instead, with version, architecture, source package and how much of each is
    /// in the image
    #[arg(long)]
    pub(crate) packages: bool,
    #[command(flatten)]
    pub(crate) of: OfPlatform,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) registry: RegistryArgs,
    #[command(flatten)]
    pub(crate) inputs: InputArgs,
}

/// Test an image by files of container-structure-test, without a daemon
///
/// Files and metadata are read from the image. Each command is run in a sandbox, in a fresh copy of
/// the image that is thrown away. A manifest is built for its own tests and for those of files.
#[derive(ClapArgs)]
#[command(after_help = "\
Examples:
  scant test oci-archive:nginx.tar --config nginx-tests.yaml
  scant test nginx.yaml                   # the tests that the manifest has
  scant test oci:nginx --config tests/ --junit report.xml

Exits with 1 if a test fails, with 2 if a file of tests does not make sense.")]
pub(crate) struct Test {
    /// An image (oci:DIR[:TAG], oci-archive:FILE, docker-archive:FILE, docker://NAME, rootfs:DIR,
    /// tar:FILE, or a path), or a manifest
    #[arg(value_name = "IMAGE|MANIFEST")]
    pub(crate) subject: String,
    /// A file of tests, or a directory of them; may be given several times
    #[arg(short, long, value_name = "FILE|DIR")]
    pub(crate) config: Vec<PathBuf>,
    /// Only tests that have this in their name
    #[arg(long, value_name = "NAME")]
    pub(crate) filter: Option<String>,
    #[command(flatten)]
    pub(crate) of: OfPlatform,
    /// The network that commands see
    #[arg(long, value_name = "NETWORK", value_enum, default_value_t = Net::None)]
    pub(crate) net: Net,
    /// Kill a command after so many seconds
    #[arg(long, value_name = "SECONDS", default_value = "300")]
    pub(crate) timeout: NonZeroU64,
    /// How many commands run at once; else one for each processor
    #[arg(long, value_name = "COUNT")]
    pub(crate) jobs: Option<NonZeroUsize>,
    /// How the results are written
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    /// Write the results into a file
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Write JUnit's XML into a file as well
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,
    /// Print failed tests only, no summary
    #[arg(short, long)]
    pub(crate) quiet: bool,
    /// Print JSON: as --format json
    #[arg(long, conflicts_with = "format")]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) registry: RegistryArgs,
    #[command(flatten)]
    pub(crate) inputs: InputArgs,
}

/// The networks of a sandbox.
#[derive(Clone, Copy, PartialEq, ValueEnum)]
pub(crate) enum Net {
    /// None but itself
    None,
    /// That of this machine
    Host,
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

/// Prove that an image starts, from its files alone
///
/// Nothing is executed. The rules of the image's own loader are applied to its files: loaders,
/// libraries and symbol versions; entrypoint, health check, user and permissions; scripts, links,
/// modes. Works on images of any builder and architecture, and on manifests before they are built.
#[derive(ClapArgs)]
#[command(after_help = "\
Examples:
  scant check nginx.yaml
  scant check oci-archive:nginx.tar --symbols
  scant check rootfs:./rootfs --level error
  scant check oci:app --allow world-writable --allow 'dangling-link:/usr/share/**'

Exits with 1 if an error is found.")]
pub(crate) struct Check {
    /// An image (oci:DIR[:TAG], oci-archive:FILE, docker-archive:FILE, docker://NAME, rootfs:DIR,
    /// tar:FILE, or a path), or a manifest
    #[arg(value_name = "IMAGE|MANIFEST", required_unless_present = "list")]
    pub(crate) subject: Option<String>,
    /// Look for every symbol that programs need, not only for versions
    #[arg(long)]
    pub(crate) symbols: bool,
    /// Show what is at least as bad as this
    #[arg(long, value_name = "LEVEL", value_enum, default_value_t = CheckLevel::Hint)]
    pub(crate) level: CheckLevel,
    /// Accept what a check finds, of all paths or of those that match a glob
    #[arg(long, value_name = "NAME[:GLOB]", value_parser = offering::allow(), hide_possible_values = true)]
    pub(crate) allow: Vec<Allow>,
    #[command(flatten)]
    pub(crate) of: OfPlatform,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Print the names of all checks with what they mean
    #[arg(long, conflicts_with = "subject")]
    pub(crate) list: bool,
    #[command(flatten)]
    pub(crate) registry: RegistryArgs,
    #[command(flatten)]
    pub(crate) inputs: InputArgs,
}

/// How bad a finding is.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum CheckLevel {
    Error,
    Warning,
    Hint,
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
    /// Print the schema of files of suggestion rules
    #[arg(long, conflicts_with = "markdown")]
    pub(crate) rules: bool,
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

fn parse_output(text: &str) -> Result<ImageReference, String> {
    match text.parse::<ImageReference>() {
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
