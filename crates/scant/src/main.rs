//! scant: builds minimal OCI container images from an empty root file system, and says why each
//! file is there.

mod args;
mod commands;
mod exit;
mod guest;
mod locked;
mod locked_files;
mod locked_packages;
mod network;
mod overlap;
mod passwords;
mod program;
mod progress;
mod project;
mod registries;
mod render;
mod sources;
mod subject;
mod surroundings;
mod testing;

use std::process::ExitCode;

use clap::Parser as _;

use args::{Args, Command};
use scant_io::{interrupt, sandbox};

fn main() -> ExitCode {
    if let Some(arguments) = surroundings::of_sandbox() {
        return sandbox::enter(arguments).map_or(ExitCode::FAILURE, ExitCode::from);
    }
    // Without it, a signal leaves what the next build sweeps away.
    let _ = interrupt::watch();
    let surroundings = surroundings::Surroundings::read();
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => return exit::misuse(&error, surroundings::is_run()),
    };
    render::color::set_no_color(surroundings.no_color);
    let outcome = match &args.command {
        Command::Init(args) => commands::init::run(args, &surroundings),
        Command::Import(args) => commands::import::run(args, &surroundings),
        Command::Build(args) => commands::build::run(args, &surroundings),
        Command::Lock(args) => commands::lock::run(args, &surroundings),
        Command::Plan(args) => commands::plan::run(args, &surroundings),
        Command::Why(args) => commands::why::run(args, &surroundings),
        Command::Ls(args) => commands::ls::run(args, &surroundings),
        Command::Diff(args) => commands::diff::run(args, &surroundings),
        Command::Run(args) => commands::run::run(args, &surroundings),
        Command::Test(args) => commands::test::run(args, &surroundings),
        Command::Verify(args) => commands::verify::run(args),
        Command::Copy(args) => commands::copy::run(args, &surroundings),
        Command::Login(args) => commands::login::run(args, &surroundings),
        Command::Logout(args) => commands::login::logout(args, &surroundings),
        Command::Check(args) => commands::check::run(args, &surroundings),
        Command::Trace(args) => commands::trace::run(args, &surroundings),
        Command::Deps(args) => commands::deps::run(args, &surroundings),
        Command::Cache(args) => commands::cache::run(args, &surroundings),
        Command::Schema(args) => commands::shell::schema(args),
        Command::Completions(args) => commands::shell::completions(args),
        Command::Man(args) => commands::shell::man(args),
    };
    interrupt::wait_if_ended();
    exit::finish(outcome)
}
