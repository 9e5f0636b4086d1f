//! Who the user is to servers of plain downloads: files and variables, read when somebody asks. Those of
//! registries are `registries`.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use scant_io::net::{self, Credentials};

use crate::surroundings::Surroundings;

/// Where passwords are, and those that were read.
pub(crate) struct Passwords {
    netrc: Option<PathBuf>,
    /// Whether the user has named the netrc file, which must be there then.
    is_netrc_named: bool,
    tokens: Vec<(String, String)>,
    /// What was read, or why it cannot be.
    read: OnceLock<Result<Credentials, String>>,
    /// The same with what apt has.
    of_apt: OnceLock<Result<Credentials, String>>,
}

impl Passwords {
    /// From the environment. Nothing is read yet.
    pub(crate) fn new(surroundings: &Surroundings) -> Self {
        let variable = |name: &str| {
            let value = surroundings.variables.get(name).filter(|value| !value.is_empty());
            value.map(PathBuf::from)
        };
        let named = variable("NETRC");
        Self {
            is_netrc_named: named.is_some(),
            netrc: named.or_else(|| Some(variable("HOME")?.join(".netrc"))),
            tokens: surroundings
                .variables
                .iter()
                .filter_map(|(name, token)| Some((host_of(name)?, token.clone())))
                .collect(),
            read: OnceLock::new(),
            of_apt: OnceLock::new(),
        }
    }

    /// All that the user has, or why it cannot be read.
    pub(crate) fn read(&self) -> Result<&Credentials, String> {
        self.read.get_or_init(|| self.read_now()).as_ref().map_err(String::clone)
    }

    /// The same for archives of Debian packages: with what apt has in its directory, first.
    pub(crate) fn read_with_apt(&self, directory: &Path) -> Result<&Credentials, String> {
        let read = || {
            let mut credentials = self.read()?.clone();
            let of_apt = net::read_apt_passwords(directory).map_err(|error| error.to_string())?;
            credentials.netrc = of_apt.and(credentials.netrc);
            Ok(credentials)
        };
        self.of_apt.get_or_init(read).as_ref().map_err(String::clone)
    }

    fn read_now(&self) -> Result<Credentials, String> {
        let mut credentials = Credentials::default();
        credentials.tokens.extend(self.tokens.iter().cloned());
        let Some(path) = &self.netrc else { return Ok(credentials) };
        match net::read_netrc(path).map_err(|error| error.to_string())? {
            Some((netrc, is_public)) => {
                if is_public {
                    let path = path.display();
                    let text =
                        "holds passwords, and others may read it: `chmod 600` keeps it to you";
                    // Nothing can be done when stderr is gone.
                    let _ = writeln!(std::io::stderr(), "warning: `{path}` {text}");
                }
                credentials.netrc = netrc;
                Ok(credentials)
            }
            None if self.is_netrc_named => {
                Err(format!("`{}`, which NETRC names, is not there", path.display()))
            }
            None => Ok(credentials),
        }
    }
}

/// The host whose token a variable holds: `SCANT_HTTP_TOKEN_` and the host in capitals, with `_` for
/// `.` and `__` for `-`. Each name is of one host only: else a token could go to another one.
fn host_of(variable: &str) -> Option<String> {
    let name = variable.strip_prefix("SCANT_HTTP_TOKEN_")?;
    let host = name.replace("__", "-").replace('_', ".").to_ascii_lowercase();
    let is_label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    host.split('.').all(is_label).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::host_of;

    #[test]
    fn a_token_is_of_one_host() {
        let case = |name: &str, expected: Option<&str>| {
            assert_eq!(host_of(name).as_deref(), expected, "{name}");
        };
        case("SCANT_HTTP_TOKEN_EXAMPLE_COM", Some("example.com"));
        case("SCANT_HTTP_TOKEN_MY__HOST_EXAMPLE_COM", Some("my-host.example.com"));
        case("SCANT_HTTP_TOKEN_A____B", Some("a--b"));
        case("SCANT_HTTP_TOKEN_A___B", None);
        case("SCANT_HTTP_TOKEN_", None);
        case("SCANT_HTTP_TOKEN_A_", None);
        case("HTTP_TOKEN_A", None);
    }
}
