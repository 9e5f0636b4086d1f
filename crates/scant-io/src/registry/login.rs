//! Credentials into a file or a helper, once they are known to be right, and out of them.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use scant_core::formats::auth_file::{self, AuthFile, Credential, Secret};
use scant_core::formats::registries_conf::Endpoint;
use ureq::http::Method;

use super::server::challenges;
use super::{Registries, RegistryError, helper, token};
use crate::net::{Body, Request, retry};
use crate::scratch::{Scratch, parent};

/// Where credentials went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedIn {
    /// The file, or the file that names the helper.
    pub file: PathBuf,
    /// The helper, if there is one.
    pub helper: Option<String>,
    /// Whether the registry has looked at them: some let anybody in.
    pub is_checked: bool,
}

/// Tries a name and a password at a registry, and keeps them in `file` or with the helper that it
/// names.
///
/// # Errors
/// When the registry refuses them, or they cannot be kept.
pub fn login(
    registries: &Registries,
    registry: &str,
    (name, password): (&str, &Secret),
    file: &Path,
) -> Result<LoggedIn, RegistryError> {
    let credential = Credential::Password { name: name.to_string(), password: password.clone() };
    let is_checked = try_out(registries, registry, &credential)?;
    let mut entries = read(file)?;
    let helper = entries.helper(registry, "").or(entries.store()).map(ToString::to_string);
    match &helper {
        Some(helper) => {
            let entry = (auth_file::server(registry), name, password);
            helper::store(&registries.settings.programs, helper, entry, file)?;
        }
        None => {
            entries.insert(registry, name, password);
            write(file, &entries.encode())?;
        }
    }
    Ok(LoggedIn { file: file.to_path_buf(), helper, is_checked })
}

/// Takes the credentials of a registry out of all files and helpers. Those that had some.
///
/// # Errors
/// When one of them cannot be written.
pub fn logout(registries: &Registries, registry: &str) -> Result<Vec<PathBuf>, RegistryError> {
    let mut changed = Vec::new();
    for (path, file) in &registries.auth_files {
        let mut file = file.clone();
        let helper = file.helper(registry, "").or(file.store());
        let programs = &registries.settings.programs;
        let helper = helper.filter(|name| helper::program(programs, name).is_some());
        let server = auth_file::server(registry);
        let was_kept = match helper {
            Some(name) => {
                let had = helper::get(programs, name, server, path)?.is_some();
                had && helper::erase(programs, name, server, path)?
            }
            None => false,
        };
        let was_there = file.remove(registry);
        if was_there {
            write(path, &file.encode())?;
        }
        if was_there || was_kept {
            changed.push(path.clone());
        }
    }
    Ok(changed)
}

/// Whether the registry let them in; false if it asks nobody.
fn try_out(
    registries: &Registries,
    registry: &str,
    credential: &Credential,
) -> Result<bool, RegistryError> {
    let endpoint =
        Endpoint { registry: registry.to_string(), repository: String::new(), is_insecure: false };
    let server = registries.server(&endpoint)?;
    if server.challenges.is_empty() {
        return Ok(false);
    }
    let what = format!("`{registry}`");
    let tried = retry(&server.client.settings().patience, |_| {
        let request =
            Request { verify: server.verify, ..Request::new(Method::GET, server.base.clone()) };
        let found = token::authorize(&server, &server.challenges, Some(credential), &[])?;
        let request = match &found {
            Some(found) => request.with("authorization", found.header()),
            None => request,
        };
        let answer = server.client.send(&request, Body::None)?;
        // A token for nothing in particular may not be enough for the page of the version.
        let is_known = answer.status.as_u16() == 401
            && challenges(&answer).iter().any(|one| {
                one.parameter("error").is_some_and(|error| error == "insufficient_scope")
            });
        if is_known { Ok(()) } else { answer.successful().map(drop) }
    });
    let account = "what was typed".to_string();
    tried.map_err(|error| RegistryError::of(error, &what, Some(&account)))?;
    Ok(true)
}

fn read(file: &Path) -> Result<AuthFile, RegistryError> {
    let path = || file.to_path_buf();
    match fs::read(file) {
        Ok(bytes) => AuthFile::parse(&bytes)
            .map_err(|error| RegistryError::Settings { path: path(), why: error.to_string() }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(AuthFile::default()),
        Err(source) => Err(RegistryError::File { doing: "read", path: path(), source }),
    }
}

/// Writes a file that nobody else may read, beside its place first. The file behind a link is meant.
fn write(file: &Path, bytes: &[u8]) -> Result<(), RegistryError> {
    let real = fs::canonicalize(file).unwrap_or_else(|_| file.to_path_buf());
    let directory = parent(&real);
    let write = || -> io::Result<()> {
        fs::create_dir_all(directory)?;
        let scratch = Scratch::beside(&real)?;
        let unfinished = scratch.path().join("new");
        let mut options = OpenOptions::new();
        let mut new = options.write(true).create_new(true).mode(0o600).open(&unfinished)?;
        new.write_all(bytes)?;
        new.sync_all()?;
        fs::rename(&unfinished, &real)
    };
    write().map_err(|source| RegistryError::File {
        doing: "write",
        path: file.to_path_buf(),
        source,
    })
}
