//! What can be typed.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

use crate::tools::Floor;
use crate::tracer::Load;

/// Compares scant with its peers on the same trees, in one run
///
/// Makes the trees, builds scant, and measures each tool several times in turn: time, processor
/// time of all its processes, peak memory, size of what it writes. Prints Markdown tables and which
/// targets are met. Tools that are not installed are left out and named.
#[derive(Parser)]
#[command(
    name = "scant-benchmark",
    version,
    max_term_width = 100,
    after_help = "\
Examples:
  cargo run --release -p scant-benchmark
  cargo run --release -p scant-benchmark -- --trees small,medium --peers umoci
  cargo run --release -p scant-benchmark -- tracer
  cargo run --release -p scant-benchmark -- --markdown docs/benchmarks.md --json benchmark.json

Docker and Buildah need root. Everything written is removed at the end except the trees, which take
about 1.5 GB; the largest tree needs 5 GB more meanwhile. docs/benchmarks.md says what is measured."
)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Args {
    /// Something else than builds, or what the processes do that the benchmark starts
    #[command(subcommand)]
    pub(crate) internal: Option<Internal>,
    /// The trees to measure: small, medium, large, many
    #[arg(long, value_name = "NAMES", value_delimiter = ',', default_value = "small,medium,large,many",
          value_parser = ["small", "medium", "large", "many"])]
    pub(crate) trees: Vec<String>,
    /// What scant is compared with
    #[arg(
        long,
        value_name = "NAMES",
        value_delimiter = ',',
        value_enum,
        default_value = "docker,buildah,umoci"
    )]
    pub(crate) peers: Vec<Peer>,
    /// Compare with none of them
    #[arg(long, conflicts_with = "peers")]
    pub(crate) no_peers: bool,
    /// How many times each case is measured, after one that does not count; 11, 5, 3 and 3 for the
    /// four trees unless said
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) runs: Option<u16>,
    /// Where trees are kept and outputs written; in cargo's target directory unless said
    #[arg(long, value_name = "DIR")]
    pub(crate) directory: Option<PathBuf>,
    /// The scant to measure; unless said, the one that cargo builds now
    #[arg(long, value_name = "FILE")]
    pub(crate) scant: Option<PathBuf>,
    /// Write the tables into a file: between its lines `<!-- tables -->` and `<!-- end of tables -->`
    #[arg(long, value_name = "FILE")]
    pub(crate) markdown: Option<PathBuf>,
    /// Write every measurement into a file
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Peer {
    Docker,
    Buildah,
    Umoci,
}

#[derive(Subcommand)]
pub(crate) enum Internal {
    /// Run the steps of standard input, and print what they took
    #[command(hide = true)]
    Measure { log: PathBuf },
    /// Do what no builder can do without
    #[command(hide = true)]
    Floor { floor: Floor, tree: PathBuf },
    /// Measure what tracing costs, beside strace
    Tracer {
        /// How many times each case is measured, after one that does not count
        #[arg(long, value_name = "COUNT", default_value_t = 5,
              value_parser = clap::value_parser!(u16).range(1..))]
        runs: u16,
    },
    /// Make the calls that are traced
    #[command(hide = true)]
    Load { load: Load },
    /// Make them under scant's tracer
    #[command(hide = true)]
    Traced { load: Load },
}
