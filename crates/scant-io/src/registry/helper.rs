//! Credential helpers: programs `docker-credential-NAME` that keep credentials for others.
//! [The protocol](https://github.com/docker/docker-credential-helpers#development).

use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use scant_core::formats::auth_file::{Credential, Secret};
use serde::Deserialize;

use super::RegistryError;

/// How long a helper may take: it may ask a person for a password.
const PATIENCE: Duration = Duration::from_secs(60);
/// The most that is read of what it says.
const MOST_SAID: u64 = 64 << 10;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    #[serde(default)]
    username: String,
    #[serde(default)]
    secret: String,
}

/// What a helper knows of a server.
pub(super) fn get(
    programs: &[PathBuf],
    name: &str,
    server: &str,
    file: &Path,
) -> Result<Option<Credential>, RegistryError> {
    let (is_ok, said) = run(programs, name, "get", server.as_bytes(), file)?;
    if !is_ok {
        // The words are part of the protocol.
        let text = String::from_utf8_lossy(&said).to_lowercase();
        return match text.contains("credentials not found") || text.contains("no credentials") {
            true => Ok(None),
            false => Err(failed(name, file, "fails".into())),
        };
    }
    let answer: Answer = serde_json::from_slice(&said)
        .map_err(|_| failed(name, file, "does not answer as a helper does".into()))?;
    let secret: Secret = answer.secret.into();
    Ok(match &*answer.username {
        _ if secret.reveal().is_empty() => None,
        "<token>" => Some(Credential::Identity(secret)),
        name => Some(Credential::Password { name: name.to_string(), password: secret }),
    })
}

/// Gives a helper a name and a password to keep.
pub(super) fn store(
    programs: &[PathBuf],
    name: &str,
    (server, user, password): (&str, &str, &Secret),
    file: &Path,
) -> Result<(), RegistryError> {
    let entry = serde_json::json!({
        "ServerURL": server, "Username": user, "Secret": password.reveal(),
    });
    match run(programs, name, "store", entry.to_string().as_bytes(), file)? {
        (true, _) => Ok(()),
        (false, _) => Err(failed(name, file, "does not keep the credentials".into())),
    }
}

/// Tells a helper to forget a server. Whether it knew it.
pub(super) fn erase(
    programs: &[PathBuf],
    name: &str,
    server: &str,
    file: &Path,
) -> Result<bool, RegistryError> {
    Ok(run(programs, name, "erase", server.as_bytes(), file)?.0)
}

/// The program of a helper.
pub(super) fn program(programs: &[PathBuf], name: &str) -> Option<PathBuf> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if !name.chars().all(is_name) {
        return None;
    }
    let all = programs.iter().filter(|directory| directory.is_absolute());
    all.map(|directory| directory.join(format!("docker-credential-{name}"))).find(|path| {
        path.metadata().is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
    })
}

/// Whether it ended well, and what it said.
fn run(
    programs: &[PathBuf],
    name: &str,
    action: &str,
    input: &[u8],
    file: &Path,
) -> Result<(bool, Vec<u8>), RegistryError> {
    let program = program(programs, name)
        .ok_or_else(|| failed(name, file, "is not in any directory of `PATH`".into()))?;
    let broken = |error: io::Error| failed(name, file, format!("cannot be run: {error}"));
    let mut child = Command::new(program)
        .arg(action)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(broken)?;
    if let Some(mut pipe) = child.stdin.take() {
        // One that does not listen may answer all the same.
        let _ = pipe.write_all(input);
    }
    let (sender, receiver) = mpsc::channel();
    let output = child.stdout.take();
    thread::spawn(move || {
        let mut said = Vec::new();
        let read = output.map(|pipe| pipe.take(MOST_SAID).read_to_end(&mut said));
        // Nobody listens when the time is over.
        let _ = sender.send(read.transpose().map(|_| said));
    });
    let said = receiver.recv_timeout(PATIENCE);
    if said.is_err() {
        let _ = child.kill();
    }
    let status = child.wait().map_err(broken)?;
    let said = said.map_err(|_| {
        failed(name, file, format!("has said nothing for {} s", PATIENCE.as_secs()))
    })?;
    Ok((status.success(), said.map_err(broken)?))
}

fn failed(name: &str, file: &Path, why: String) -> RegistryError {
    RegistryError::Helper { helper: name.to_string(), file: file.to_path_buf(), why }
}
