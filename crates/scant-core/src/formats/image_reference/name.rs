//! The name of an image in a registry.

use alloc::string::{String, ToString};
use core::fmt;
use core::str::FromStr;

use crate::words::Digest;

/// `[HOST[:PORT]/]PATH[:TAG][@DIGEST]`, normalised as Docker does: `alpine` is
/// `docker.io/library/alpine`.
/// [distribution reference](https://github.com/distribution/reference/blob/v0.6.0/reference.go).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name {
    registry: String,
    repository: String,
    tag: Option<String>,
    digest: Option<Digest>,
}

/// A text that is no name of an image.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not the name of an image: {problem}")]
pub struct NameError {
    /// What was given.
    pub text: String,
    /// The rule it breaks.
    pub problem: &'static str,
}

impl Name {
    /// The registry's host and port.
    pub fn registry(&self) -> &str {
        &self.registry
    }

    /// The path in the registry.
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// The tag as written; none if it was left out.
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    /// The tag, `latest` if it was left out.
    pub fn tag_or_latest(&self) -> &str {
        self.tag().unwrap_or("latest")
    }

    /// The digest it is pinned to.
    pub fn digest(&self) -> Option<Digest> {
        self.digest
    }

    /// This name with another tag and no digest.
    ///
    /// # Errors
    /// When the text is not a tag.
    pub fn with_tag(&self, tag: &str) -> Result<Self, NameError> {
        if !is_tag(tag) {
            return Err(NameError { text: tag.to_string(), problem: TAG });
        }
        Ok(Self { tag: Some(tag.to_string()), digest: None, ..self.clone() })
    }

    /// Registry, repository and tag in full, `docker.io/library/alpine:latest`: what containerd
    /// wants in `io.containerd.image.name`.
    pub fn tagged(&self) -> String {
        alloc::format!("{}/{}:{}", self.registry, self.repository, self.tag_or_latest())
    }

    /// The short form that Docker shows and writes into `RepoTags`, `alpine:latest`; in full where
    /// the short form would be another name.
    pub fn familiar(&self) -> String {
        let tagged = self.tagged();
        let short = tagged.strip_prefix("docker.io/").map(|path| {
            path.strip_prefix("library/").filter(|path| !path.contains('/')).unwrap_or(path)
        });
        // A path of docker.io may begin with what alone would be a host, such as `l.ia/x`.
        let same = |short: &&str| short.parse::<Self>().is_ok_and(|name| name.tagged() == tagged);
        short.filter(same).map_or_else(|| tagged.clone(), ToString::to_string)
    }
}

const TAG: &str =
    "a tag is 1 to 128 letters, digits, `_`, `.` and `-`, and does not start with `.` or `-`";

fn is_tag(tag: &str) -> bool {
    let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    (1..=128).contains(&tag.len())
        && tag.bytes().next().is_some_and(word)
        && tag.bytes().all(|b| word(b) || b == b'.' || b == b'-')
}

impl FromStr for Name {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let refuse = |problem| NameError { text: text.to_string(), problem };
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => {
                let digest = digest.parse().map_err(|_| {
                    refuse("after `@` a digest is expected, `sha256:` and 64 hexadecimal digits")
                })?;
                (rest, Some(digest))
            }
            None => (text, None),
        };
        // A colon after the last slash starts a tag; one before it, a port.
        let (rest, tag) = match rest.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
            _ => (rest, None),
        };
        if tag.is_some_and(|tag| !is_tag(tag)) {
            return Err(refuse(TAG));
        }
        let is_host = |first: &str| {
            first.contains(['.', ':'])
                || first == "localhost"
                || first.bytes().any(|b| b.is_ascii_uppercase())
        };
        let (registry, path) = match rest.split_once('/') {
            Some((first, path)) if is_host(first) => (first, path),
            _ => ("docker.io", rest),
        };
        let registry = if registry == "index.docker.io" { "docker.io" } else { registry };
        if !is_registry(registry) {
            return Err(refuse("the host may hold letters, digits, `-` and `.`, then `:PORT`"));
        }
        if path.bytes().any(|b| b.is_ascii_uppercase()) {
            return Err(refuse("the path must be in lower case"));
        }
        if !path.split('/').all(is_path_component) {
            return Err(refuse(
                "a path is lower-case letters and digits with `.`, `_`, `__` or `-` between them",
            ));
        }
        let library = registry == "docker.io" && !path.contains('/');
        let repository = if library { alloc::format!("library/{path}") } else { path.to_string() };
        if registry.len() + 1 + repository.len() > 255 {
            return Err(refuse("it is longer than 255 characters"));
        }
        Ok(Self {
            registry: registry.to_string(),
            repository,
            tag: tag.map(ToString::to_string),
            digest,
        })
    }
}

fn is_registry(text: &str) -> bool {
    let (host, port) = text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port)));
    let label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    host.split('.').all(label)
        && port.is_none_or(|port| !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()))
}

fn is_path_component(component: &str) -> bool {
    let alphanumeric = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    component.starts_with(alphanumeric)
        && component.ends_with(alphanumeric)
        && component.split(alphanumeric).all(|separator| {
            matches!(separator, "" | "." | "_" | "__") || separator.bytes().all(|b| b == b'-')
        })
}

/// In full, with tag and digest as far as they were given.
impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.registry, self.repository)?;
        self.tag.iter().try_for_each(|tag| write!(f, ":{tag}"))?;
        self.digest.iter().try_for_each(|digest| write!(f, "@{digest}"))
    }
}
