//! `scant login` and `scant logout`: credentials of registries, into files and out of them.

use std::io::{self, Read as _, Write};

use scant_core::formats::auth_file::Secret;
use scant_core::formats::image_reference::Name;
use scant_io::registry::{self, LoggedIn};
use serde_json::json;

use crate::args::{Login, Logout};
use crate::exit::{Done, Failure, Outcome};
use crate::registries::{auth_files, of_registry, registries};
use crate::surroundings::Surroundings;

/// A password is not longer.
const MOST_PASSWORD: u64 = 64 << 10;

/// Runs `login`.
pub(crate) fn run(args: &Login, surroundings: &Surroundings) -> Outcome {
    let host = host(&args.name)?;
    let files = auth_files(&args.registry, surroundings);
    let Some(file) = files.first() else {
        return Err(Failure::usage("there is no home directory to keep credentials in")
            .hint("name a file with `--authfile`"));
    };
    let password = password()?;
    let registries = registries(&args.registry, surroundings, None)?;
    let LoggedIn { file, helper, is_checked } =
        registry::login(&registries, &host, (&args.username, &password), file)
            .map_err(of_registry)?;
    if args.json {
        let value = json!({
            "registry": host,
            "username": args.username,
            "file": file,
            "helper": helper,
            "checked": is_checked,
        });
        writeln!(io::stdout(), "{value:#}")?;
        return Ok(Done::Yes);
    }
    if !is_checked {
        writeln!(io::stderr(), "note: {host} asks nobody for a password, so it was not tried")?;
    }
    let place = match helper {
        Some(helper) => format!("with `docker-credential-{helper}`"),
        None => format!("in `{}`", file.display()),
    };
    writeln!(io::stdout(), "the password of {} for {host} is kept {place}", args.username)?;
    Ok(Done::Yes)
}

/// Runs `logout`.
pub(crate) fn logout(args: &Logout, surroundings: &Surroundings) -> Outcome {
    let host = host(&args.name)?;
    let registries = registries(&args.registry, surroundings, None)?;
    let changed = registry::logout(&registries, &host).map_err(of_registry)?;
    if args.json {
        let value = json!({ "registry": host, "files": changed });
        writeln!(io::stdout(), "{value:#}")?;
    } else {
        for file in &changed {
            writeln!(io::stdout(), "the password for {host} is gone from `{}`", file.display())?;
        }
        if changed.is_empty() {
            writeln!(io::stderr(), "there was no password for {host}")?;
        }
    }
    Ok(if changed.is_empty() { Done::No } else { Done::Yes })
}

/// A registry as people write it.
fn host(text: &str) -> Result<String, Failure> {
    let name = text.strip_prefix("https://").unwrap_or(text).trim_end_matches('/');
    let wrong = || {
        Failure::usage(format_args!("`{text}` is not the name of a registry"))
            .hint("`HOST` or `HOST:PORT` was expected, as in `registry.example.com`")
    };
    if name.contains('/') {
        return Err(wrong());
    }
    let image: Name = format!("{name}/image").parse().map_err(|_| wrong())?;
    // Without a dot or a port it would be a path of Docker Hub.
    if image.repository() != "image" { Err(wrong()) } else { Ok(image.registry().to_string()) }
}

/// What comes through standard input, without the end of its line.
fn password() -> Result<Secret, Failure> {
    let mut text = String::new();
    io::stdin()
        .lock()
        .take(MOST_PASSWORD)
        .read_to_string(&mut text)
        .map_err(|error| Failure::usage(format_args!("standard input: {error}")))?;
    let text = text.strip_suffix('\n').unwrap_or(&text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    if text.is_empty() {
        return Err(Failure::usage("there is no password in standard input"));
    }
    Ok(text.to_string().into())
}
