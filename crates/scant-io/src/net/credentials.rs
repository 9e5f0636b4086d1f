//! Who is who to which server, for plain downloads. Registries have ways of their own.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use scant_core::formats::netrc::{Netrc, NetrcError};
use scant_core::words::Url;

/// What the user has for servers.
#[derive(Clone, Default)]
pub struct Credentials {
    /// A netrc file.
    pub netrc: Netrc,
    /// Tokens, by host.
    pub tokens: BTreeMap<String, String>,
}

/// A netrc file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CredentialsError {
    /// It cannot be read.
    #[error("`{path}` cannot be read: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It makes no sense.
    #[error("`{path}`: {source}")]
    Parse {
        /// The file.
        path: PathBuf,
        /// Why.
        source: NetrcError,
    },
}

impl Credentials {
    /// The value of the header `authorization` for a server, if the user has one: a token, else what
    /// the netrc file says of it.
    pub fn authorization(&self, url: &Url) -> Option<String> {
        if let Some(token) = self.tokens.get(url.host()) {
            return Some(format!("Bearer {token}"));
        }
        let found = self.netrc.of(url)?;
        Some(basic(&found.login, &found.password))
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(***)")
    }
}

/// The value of the header `authorization` for a name and a password.
/// [RFC 7617](https://www.rfc-editor.org/rfc/rfc7617).
pub fn basic(name: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{name}:{password}")))
}

/// The netrc file at `path`, and whether others than its owner may read it; none if there is no file.
///
/// # Errors
/// When it cannot be read or makes no sense.
pub fn read_netrc(path: &Path) -> Result<Option<(Netrc, bool)>, CredentialsError> {
    const LARGEST: u64 = 1 << 20;
    let failed = |source| CredentialsError::Read { path: path.to_path_buf(), source };
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    if metadata.len() > LARGEST {
        return Err(failed(io::Error::other(format!("it is larger than {LARGEST} bytes"))));
    }
    let text = fs::read_to_string(path).map_err(failed)?;
    let netrc = Netrc::parse(&text)
        .map_err(|source| CredentialsError::Parse { path: path.to_path_buf(), source })?;
    let is_public = metadata.is_file() && metadata.permissions().mode() & 0o077 != 0;
    Ok(Some((netrc, is_public)))
}

/// The passwords that apt has in its directory: `auth.conf`, and the files of `auth.conf.d` that end in
/// `.conf`, sorted. Those that the user may not read are somebody else's.
///
/// # Errors
/// When one cannot be read or makes no sense.
pub fn read_apt_passwords(directory: &Path) -> Result<Netrc, CredentialsError> {
    let parts = directory.join("auth.conf.d");
    let mut paths: Vec<PathBuf> = match fs::read_dir(&parts) {
        Ok(entries) => entries.flatten().map(|entry| entry.path()).collect(),
        Err(_) => Vec::new(),
    };
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "conf"));
    paths.sort();
    let mut all = Netrc::default();
    for path in [directory.join("auth.conf")].iter().chain(&paths) {
        match read_netrc(path) {
            Ok(Some((netrc, _))) => all = all.and(netrc),
            Ok(None) => {}
            Err(CredentialsError::Read { source, .. })
                if source.kind() == io::ErrorKind::PermissionDenied => {}
            Err(error) => return Err(error),
        }
    }
    Ok(all)
}
