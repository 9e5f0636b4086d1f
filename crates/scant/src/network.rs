//! How the network is used: from the environment and the arguments to a client. Nothing is opened
//! or read before somebody asks.

use std::cell::OnceCell;
use std::path::PathBuf;

use scant_core::words::Url;
use scant_io::cache::Authorization;
use scant_io::net::{Client, Proxies, Settings, SystemRoots};

use crate::args::NetworkArgs;
use crate::exit::Failure;
use crate::passwords::Passwords;
use crate::surroundings::Surroundings;

/// The network, as the user wants it to be used.
pub(crate) struct Network {
    settings: Settings,
    client: OnceCell<Client>,
    passwords: Passwords,
}

impl Network {
    /// From what was typed and the environment.
    pub(crate) fn new(args: &NetworkArgs, surroundings: &Surroundings) -> Self {
        let variable = |name: &str| {
            surroundings.variables.get(name).filter(|value| !value.is_empty()).cloned()
        };
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
            client: OnceCell::new(),
            passwords: Passwords::new(surroundings),
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
        if self.is_offline() {
            return Ok(None);
        }
        let credentials = self.passwords.read().map_err(Failure::usage)?;
        Ok(credentials.authorization(url).map(Authorization))
    }

    /// Who the user is to servers.
    pub(crate) fn passwords(&self) -> &Passwords {
        &self.passwords
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
}
