//! What can be typed. Each command's module says what it means.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};

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
    Deps(Deps),
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
    #[arg(long, value_name = "LEVEL")]
    pub(crate) cpu: Option<String>,
    /// Follow the dlopen notes of this priority and above
    #[arg(long, value_name = "PRIORITY", value_enum, default_value_t = Dlopen::Required)]
    pub(crate) dlopen: Dlopen,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// The priorities of dlopen notes.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Dlopen {
    None,
    Required,
    Recommended,
    Suggested,
}
