//! Files of credentials for registries: Docker's `config.json` and the `auth.json` of podman,
//! skopeo and others. What a helper holds, and where the files are, is not known here.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

/// A text that is not shown, not even to those who debug.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// It, for those that it is meant for.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// What proves to a registry who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credential {
    /// A name and a password.
    Password {
        /// The name.
        name: String,
        /// The password.
        password: Secret,
    },
    /// A token that others are given out for.
    Identity(Secret),
    /// A token that the registry itself takes.
    Registry(Secret),
}

/// A file of credentials. Members that are not known here are kept.
#[derive(Clone, Default)]
pub struct AuthFile(Map<String, Value>);

impl fmt::Debug for AuthFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// A file that is none. The text does not say what is in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct AuthFileError(String);

impl AuthFile {
    /// Reads a file; an empty one has no entries.
    ///
    /// # Errors
    /// When it is not a JSON object.
    pub fn parse(bytes: &[u8]) -> Result<Self, AuthFileError> {
        if bytes.trim_ascii().is_empty() {
            return Ok(Self::default());
        }
        serde_json::from_slice(bytes).map(Self).map_err(|error| {
            // Its own words may quote what is there.
            let (line, column) = (error.line(), error.column());
            AuthFileError(format!("it is not a JSON object (line {line}, column {column})"))
        })
    }

    /// The file's text.
    pub fn encode(&self) -> Vec<u8> {
        let mut text = serde_json::to_vec_pretty(&self.0).expect("a JSON value can be written");
        text.push(b'\n');
        text
    }

    /// The credential of a repository: the entry whose key is the longest that it begins with.
    pub fn credential(&self, registry: &str, repository: &str) -> Option<Credential> {
        let entries = self.0.get("auths")?.as_object()?;
        let entry = |wanted: &str| {
            let mut same = entries.iter().filter(|(key, _)| normal(key) == wanted);
            same.find_map(|(_, entry)| of_entry(entry))
        };
        candidates(registry, repository).iter().find_map(|key| entry(key))
    }

    /// The helper that is named for a repository.
    pub fn helper(&self, registry: &str, repository: &str) -> Option<&str> {
        let helpers = self.0.get("credHelpers")?.as_object()?;
        let helper = |wanted: &str| {
            let mut same = helpers.iter().filter(|(key, _)| normal(key) == wanted);
            same.find_map(|(_, name)| name.as_str().filter(|name| !name.is_empty()))
        };
        candidates(registry, repository).iter().find_map(|key| helper(key))
    }

    /// The helper for all that none is named for.
    pub fn store(&self) -> Option<&str> {
        self.0.get("credsStore")?.as_str().filter(|name| !name.is_empty())
    }

    /// Puts a name and a password in for a registry.
    pub fn insert(&mut self, registry: &str, name: &str, password: &Secret) {
        self.remove(registry);
        let auth = STANDARD.encode(format!("{name}:{}", password.reveal()));
        let entry = [("auth".to_string(), Value::String(auth))].into_iter().collect();
        let entries = self.0.entry("auths").or_insert_with(|| Value::Object(Map::new()));
        if !entries.is_object() {
            *entries = Value::Object(Map::new());
        }
        if let Some(entries) = entries.as_object_mut() {
            entries.insert(server(registry).to_string(), Value::Object(entry));
        }
    }

    /// Takes all entries of a registry, or of a path in it, out. Whether there was one.
    pub fn remove(&mut self, registry: &str) -> bool {
        let Some(entries) = self.0.get_mut("auths").and_then(Value::as_object_mut) else {
            return false;
        };
        let (before, wanted) = (entries.len(), normal(registry));
        entries.retain(|key, _| normal(key) != wanted);
        entries.len() < before
    }
}

/// The name of a registry as files and helpers have it: Docker Hub's is that of its first version.
pub fn server(registry: &str) -> &str {
    if normal(registry) == "docker.io" { "https://index.docker.io/v1/" } else { registry }
}

/// The keys that a repository may stand under, the longest first.
fn candidates(registry: &str, repository: &str) -> Vec<String> {
    let whole = format!("{}/{repository}", normal(registry));
    let ends = whole.match_indices('/').map(|(at, _)| at).chain([whole.len()]);
    let mut all: Vec<String> = ends.map(|end| whole[..end].to_string()).collect();
    all.reverse();
    all
}

/// A key without scheme, without the path of a version of the protocol, and with one name for
/// Docker Hub.
fn normal(key: &str) -> String {
    let key = key.trim();
    let (had_scheme, rest) = match key.split_once("://") {
        Some((_, rest)) => (true, rest),
        None => (false, key),
    };
    let rest = rest.trim_end_matches('/');
    let rest = ["/v1", "/v2"].iter().find_map(|end| rest.strip_suffix(end)).unwrap_or(rest);
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = match &*host.to_ascii_lowercase() {
        "index.docker.io" | "registry-1.docker.io" => "docker.io".to_string(),
        host => host.to_string(),
    };
    // A URL names a server: what follows is no repository.
    if path.is_empty() || had_scheme { host } else { format!("{host}/{path}") }
}

fn of_entry(entry: &Value) -> Option<Credential> {
    let text = |name| entry.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    if let Some(token) = text("identitytoken") {
        return Some(Credential::Identity(token.to_string().into()));
    }
    if let Some(token) = text("registrytoken") {
        return Some(Credential::Registry(token.to_string().into()));
    }
    if let Some(auth) = text("auth") {
        let bytes = STANDARD.decode(auth.trim()).ok()?;
        let text = String::from_utf8(bytes).ok()?;
        let (name, password) = text.split_once(':')?;
        let password = password.trim_end_matches('\0').to_string().into();
        return Some(Credential::Password { name: name.to_string(), password });
    }
    let (name, password) = (text("username")?, text("password")?.to_string().into());
    Some(Credential::Password { name: name.to_string(), password })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(credential: Option<Credential>) -> String {
        match credential {
            None => "none".into(),
            Some(Credential::Password { name, password }) => {
                format!("{name} {}", password.reveal())
            }
            Some(Credential::Identity(token)) => format!("identity {}", token.reveal()),
            Some(Credential::Registry(token)) => format!("registry {}", token.reveal()),
        }
    }

    #[test]
    fn the_longest_key_counts() {
        let file = r#"{"auths": {
            "r.example.com": {"auth": "YTox"},
            "r.example.com/team": {"auth": "Yjoy"},
            "r.example.com/team/app": {"username": "c", "password": "3"},
            "https://index.docker.io/v1/": {"auth": "aHViOnB3AAA="},
            "https://old.example.com/v2/": {"identitytoken": "t"},
            "token.example.com:5000": {"registrytoken": "u", "auth": ""},
            "bad.example.com": {"auth": "%"}
        }}"#;
        let file = AuthFile::parse(file.as_bytes()).unwrap();
        let case = |registry: &str, repository: &str, expected: &str| {
            assert_eq!(shown(file.credential(registry, repository)), expected);
        };
        case("r.example.com", "other", "a 1");
        case("r.example.com", "teams/app", "a 1");
        case("r.example.com", "team/other", "b 2");
        case("r.example.com", "team/app", "c 3");
        case("r.example.com", "team/app/sub", "c 3");
        case("docker.io", "library/alpine", "hub pw");
        case("old.example.com", "x", "identity t");
        case("token.example.com:5000", "x", "registry u");
        case("token.example.com", "x", "none");
        case("bad.example.com", "x", "none");
    }

    #[test]
    fn helpers_are_found() {
        let file =
            r#"{"credsStore": "secret", "credHelpers": {"r.example.com": "cloud", "x": ""}}"#;
        let file = AuthFile::parse(file.as_bytes()).unwrap();
        assert_eq!(file.helper("r.example.com", "a"), Some("cloud"));
        assert_eq!(file.helper("x", "a"), None);
        assert_eq!(file.store(), Some("secret"));
    }

    #[test]
    fn other_members_are_kept() {
        let text = r#"{"HttpHeaders": {"a": "b"}, "auths": {"x": {"auth": "YTox", "email": "e"}}}"#;
        let mut file = AuthFile::parse(text.as_bytes()).unwrap();
        file.insert("docker.io", "n", &"p".to_string().into());
        file.insert("r.example.com", "n", &"p".to_string().into());
        assert!(file.remove("https://r.example.com/v2/"));
        assert!(!file.remove("r.example.com"));
        let expected = r#"{"HttpHeaders":{"a":"b"},"auths":{"https://index.docker.io/v1/":{"auth":"bjpw"},"x":{"auth":"YTox","email":"e"}}}"#;
        let value: Value = serde_json::from_slice(&file.encode()).unwrap();
        assert_eq!(value.to_string(), expected);
    }

    #[test]
    fn secrets_are_not_shown() {
        let case = |text: &str, expected: &str| {
            let error = AuthFile::parse(text.as_bytes()).unwrap_err();
            assert_eq!(error.to_string(), expected);
        };
        case("\"password\"", "it is not a JSON object (line 1, column 10)");
        let secret: Secret = "password".to_string().into();
        assert_eq!(format!("{secret:?}"), "***");
    }
}
