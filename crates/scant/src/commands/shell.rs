//! `scant schema`, `completions` and `man`: for editors, shells and packagers.

use std::io::{self, Write};
use std::path::Path;

use clap::CommandFactory as _;
use scant_core::formats::{manifest, suggestion_rules};

use crate::args::{Args, Completions, Man, Schema};
use crate::exit::{Done, Failure, Outcome};

/// Prints the JSON schema of the manifest or of files of suggestion rules, or the reference page.
pub(crate) fn schema(args: &Schema) -> Outcome {
    let mut out = io::stdout().lock();
    if args.rules {
        let schema = suggestion_rules::schema();
        serde_json::to_writer_pretty(&mut out, &schema).map_err(io::Error::from)?;
        writeln!(out)?;
    } else if args.markdown {
        out.write_all(manifest::reference_markdown().as_bytes())?;
    } else {
        serde_json::to_writer_pretty(&mut out, &manifest::schema()).map_err(io::Error::from)?;
        writeln!(out)?;
    }
    Ok(Done::Yes)
}

/// Prints a shell's completion script.
pub(crate) fn completions(args: &Completions) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Args::command(), "scant", &mut script);
    io::stdout().lock().write_all(&script)?;
    Ok(Done::Yes)
}

/// Prints the manual page, or writes the pages of all commands into a directory.
pub(crate) fn man(args: &Man) -> Outcome {
    let Some(directory) = &args.directory else {
        clap_mangen::Man::new(Args::command()).render(&mut io::stdout().lock())?;
        return Ok(Done::Yes);
    };
    let failed = |error: io::Error, path: &Path| {
        Failure::output(format_args!("cannot write `{}`: {error}", path.display()))
    };
    std::fs::create_dir_all(directory).map_err(|error| failed(error, directory))?;
    clap_mangen::generate_to(Args::command(), directory).map_err(|e| failed(e, directory))?;
    Ok(Done::Yes)
}
