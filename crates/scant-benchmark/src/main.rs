//! Compares scant with its peers on the same trees, in one run.
//!
//! ```text
//! trees     what is built from: made from seeds, the same on every machine
//! tools     who builds, and the floors below which nobody gets
//! case      one of them doing one thing
//! measure   what a case takes
//! run       all of them, in turn
//! report    tables, targets, JSON
//! tracer    what tracing costs, beside strace
//! ```

mod args;
mod case;
mod measure;
mod report;
mod run;
mod tools;
mod tracer;
mod trees;

use std::process::ExitCode;

use clap::Parser as _;

use args::{Args, Internal};

fn main() -> ExitCode {
    let args = Args::parse();
    let done = match &args.internal {
        Some(Internal::Measure { log }) => {
            measure::run_as_parent(log).map_err(|error| error.to_string())
        }
        Some(Internal::Floor { floor, tree }) => {
            tools::run_floor(*floor, tree).map(|size| println!("{size}"))
        }
        Some(Internal::Tracer { runs }) => tracer::run(usize::from(*runs)),
        Some(Internal::Load { load }) => load.run().map_err(|error| error.to_string()),
        Some(Internal::Traced { load }) => load.trace().map(|told| println!("{told}")),
        None => run::run(&args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}
