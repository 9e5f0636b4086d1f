//! scant: builds minimal OCI container images from an empty root file system, and says why each
//! file is there.

mod args;
mod commands;
mod exit;
mod render;
mod surroundings;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    let surroundings = surroundings::Surroundings::read();
    let args = args::Args::parse();
    let outcome = match &args.command {
        args::Command::Deps(deps) => commands::deps::run(deps, &surroundings),
    };
    exit::finish(outcome)
}
