//! How the network is used: from the environment and the arguments to a client. Nothing is opened
//! or read before somebody asks.

use std::cell::OnceCell;
use std::io::Write as _;
use std::path::PathBuf;

use scant_core::words::Url;
use scant_io::cache::Authorization;
use scant_io::net::{self, Client, Credentials, Proxies, Settings, SystemRoots};

use crate::args::NetworkArgs;
use crate::exit::Failure;
use crate::surroundings::Surroundings;

/// The network, as the user wants it to be used.
pub(crate) struct Network {
    settings: Settings,
    netrc: Option<PathBuf>,
    /// Whether the user has named the netrc file, which must be there then.
    is_netrc_named: bool,
    tokens: Vec<(String, String)>,
    client: OnceCell<Client>,
    credentials: OnceCell<Credentials>,
}

impl Network {
    /// From what was typed and the environment.
    pub(crate) fn new(args: &NetworkArgs, surroundings: &Surroundings) -> Self {
        let variable = |name: &str| {
            surroundings.variables.get(name).filter(|value| !value.is_empty()).cloned()
        };
        let home_netrc = || Some(PathBuf::from(variable("HOME")?).join(".netrc"));
        let named = variable("NETRC").map(PathBuf::from);
        Self {
            settings: Settings {
                is_offline: args.offline || variable("SCANT_OFFLINE").is_some_and(|v| is_yes(&v)),
                proxies: proxies(variable),
                system_roots: SystemRoots {
                    file: variable("SSL_CERT_FILE").map(PathBuf::from),
                    directory: variable("SSL_CERT_DIR").map(PathBuf::from),
                },
                certificates: args.ca_file.clone(),
                ..Settings::default()
            },
            is_netrc_named: named.is_some(),
            netrc: named.or_else(home_netrc),
            tokens: surroundings
                .variables
                .iter()
                .filter_map(|(name, token)| Some((host_of(name)?, token.clone())))
                .collect(),
            client: OnceCell::new(),
            credentials: OnceCell::new(),
        }
    }

    /// The settings of a client.
    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Whether it is not to be used at all.
    pub(crate) fn is_offline(&self) -> bool {
        self.settings.is_offline
    }

    /// The client, which is made when it is asked for first.
    pub(crate) fn client(&self) -> Result<&Client, Failure> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let client = Client::new(self.settings.clone()).map_err(Failure::usage)?;
        Ok(self.client.get_or_init(|| client))
    }

    /// What proves to the server of a plain download who asks, if the user has something for it.
    pub(crate) fn authorization(&self, url: &Url) -> Result<Option<Authorization>, Failure> {
        Ok(self.credentials()?.authorization(url).map(Authorization))
    }

    /// All that the user has for plain downloads; nothing where none is to be made.
    pub(crate) fn credentials(&self) -> Result<&Credentials, Failure> {
        if let Some(credentials) = self.credentials.get() {
            return Ok(credentials);
        }
        let mut credentials = Credentials::default();
        if self.is_offline() {
            return Ok(self.credentials.get_or_init(|| credentials));
        }
        credentials.tokens.extend(self.tokens.iter().cloned());
        if let Some(path) = &self.netrc {
            match net::read_netrc(path).map_err(Failure::usage)? {
                Some((netrc, is_public)) => {
                    if is_public {
                        let path = path.display();
                        let text =
                            "holds passwords, and others may read it: `chmod 600` keeps it to you";
                        // Nothing can be done when stderr is gone.
                        let _ = writeln!(std::io::stderr(), "warning: `{path}` {text}");
                    }
                    credentials.netrc = netrc;
                }
                None if self.is_netrc_named => {
                    let text = format!("`{}`, which NETRC names, is not there", path.display());
                    return Err(Failure::usage(text));
                }
                None => {}
            }
        }
        Ok(self.credentials.get_or_init(|| credentials))
    }
}

/// The variables of proxies as curl and Go read them: lower case before upper case. A server sets
/// `HTTP_PROXY` from a header of whoever asks it (CGI): it does not count there.
fn proxies(variable: impl Fn(&str) -> Option<String>) -> Proxies {
    let either = |lower: &str, upper: &str| variable(lower).or_else(|| variable(upper));
    let all = either("all_proxy", "ALL_PROXY");
    let http = variable("http_proxy")
        .or_else(|| variable("HTTP_PROXY").filter(|_| variable("REQUEST_METHOD").is_none()));
    Proxies {
        http: http.or_else(|| all.clone()),
        https: either("https_proxy", "HTTPS_PROXY").or(all),
        none: either("no_proxy", "NO_PROXY").unwrap_or_default(),
    }
}

fn is_yes(value: &str) -> bool {
    !matches!(value.to_ascii_lowercase().as_str(), "0" | "false" | "no" | "off")
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
    use super::*;

    #[test]
    fn proxies_are_read() {
        let case = |variables: &[(&str, &str)], expected: (&str, &str, &str)| {
            let find = |name: &str| {
                variables.iter().find(|(key, _)| *key == name).map(|(_, value)| value.to_string())
            };
            let Proxies { http, https, none } = proxies(find);
            let shown = (http.unwrap_or_default(), https.unwrap_or_default(), none);
            assert_eq!((&*shown.0, &*shown.1, &*shown.2), expected, "{variables:?}");
        };
        case(&[], ("", "", ""));
        case(&[("http_proxy", "a"), ("HTTP_PROXY", "b")], ("a", "", ""));
        case(&[("HTTP_PROXY", "b"), ("HTTPS_PROXY", "c")], ("b", "c", ""));
        case(&[("HTTP_PROXY", "b"), ("REQUEST_METHOD", "GET")], ("", "", ""));
        case(&[("http_proxy", "a"), ("REQUEST_METHOD", "GET")], ("a", "", ""));
        case(&[("all_proxy", "x"), ("https_proxy", "c")], ("x", "c", ""));
        case(&[("ALL_PROXY", "x"), ("NO_PROXY", "h")], ("x", "x", "h"));
    }

    /// The network of a user with these variables and files, whose home is a new directory.
    fn network(
        args: &NetworkArgs,
        variables: &[(&str, &str)],
        files: &[(&str, &str)],
    ) -> (tempfile::TempDir, Network) {
        let home = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(home.path().join(name), text).unwrap();
        }
        let path = home.path().to_str().unwrap();
        let mut surroundings = Surroundings::read();
        surroundings.variables = [("HOME".to_string(), path.to_string())].into();
        for (name, value) in variables {
            surroundings.variables.insert(name.to_string(), value.replace("HOME", path));
        }
        let network = Network::new(args, &surroundings);
        (home, network)
    }

    #[test]
    fn names_and_passwords_are_found() {
        let case = |variables: &[(&str, &str)], expected: Option<&str>| {
            let files = [
                (".netrc", "machine example.com login a password b"),
                ("other", "default login c password d"),
                ("broken", "machine example.com password not shown"),
            ];
            let (_home, network) = network(&NetworkArgs::default(), variables, &files);
            let url = "https://example.com/x".parse().unwrap();
            let found = network.authorization(&url);
            let found = found.map(|found| found.map(|Authorization(value)| value));
            assert_eq!(found.unwrap_or(Some("fails".into())).as_deref(), expected);
        };
        case(&[], Some("Basic YTpi"));
        case(&[("NETRC", "HOME/other")], Some("Basic Yzpk"));
        case(&[("NETRC", "HOME/none")], Some("fails"));
        case(&[("NETRC", "HOME/broken")], Some("fails"));
        case(&[("HOME", "/nowhere")], None);
        case(&[("SCANT_HTTP_TOKEN_EXAMPLE_COM", "t")], Some("Bearer t"));
        case(&[("SCANT_HTTP_TOKEN_OTHER_COM", "t"), ("HOME", "/nowhere")], None);
        case(&[("SCANT_OFFLINE", "1"), ("NETRC", "HOME/none")], None);
    }

    #[test]
    fn offline_is_said_by_an_option_or_a_variable() {
        let case = |offline: bool, value: &str, expected: bool| {
            let args = NetworkArgs { offline, ..NetworkArgs::default() };
            let (_home, network) = network(&args, &[("SCANT_OFFLINE", value)], &[]);
            assert_eq!(network.is_offline(), expected);
            assert!(network.client().is_ok_and(|client| client.settings().is_offline == expected));
        };
        case(false, "", false);
        case(true, "", true);
        case(false, "1", true);
        case(false, "false", false);
        case(true, "0", true);
    }

    #[test]
    fn certificates_are_read_when_they_are_needed() {
        let ca_file = vec![PathBuf::from("/nowhere/ca.pem")];
        let args = NetworkArgs { ca_file, ..NetworkArgs::default() };
        let (_home, online) = network(&args, &[], &[]);
        assert!(online.client().is_err());
        let (_home, offline) = network(&args, &[("SCANT_OFFLINE", "yes")], &[]);
        assert!(offline.client().is_ok());
    }

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
