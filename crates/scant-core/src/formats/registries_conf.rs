//! `registries.conf`, version 2, of podman, skopeo and others: where the images of a registry really
//! are. Names without a registry are not searched for, so that their settings mean nothing here.
//! [containers-registries.conf(5)](https://github.com/containers/image/blob/main/docs/containers-registries.conf.5.md).

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::Deserialize;

use super::image_reference::Name;

/// One file, or several that were put together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct RegistriesConf {
    /// The registries that something is said of.
    #[serde(default, rename = "registry")]
    pub registries: Vec<RegistryConf>,
}

/// What is said of the names that begin in one way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct RegistryConf {
    /// How the names begin; `location` if it is left out. `*.example.com` are all hosts below.
    pub prefix: String,
    /// What stands in the place of the prefix.
    pub location: String,
    /// Whether its certificate is not verified, and plain HTTP is allowed.
    pub insecure: bool,
    /// Whether nothing is taken from there.
    pub blocked: bool,
    /// Whether mirrors are asked for what a digest names only.
    pub mirror_by_digest_only: bool,
    /// Who is asked before.
    pub mirror: Vec<MirrorConf>,
}

/// A copy of a registry.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct MirrorConf {
    /// What stands in the place of the prefix.
    pub location: String,
    /// Whether its certificate is not verified, and plain HTTP is allowed.
    pub insecure: bool,
    /// `all`, `digest-only` or `tag-only`.
    pub pull_from_mirror: String,
}

/// Where an image is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Host and port.
    pub registry: String,
    /// The path there.
    pub repository: String,
    /// Whether its certificate is not verified, and plain HTTP is allowed.
    pub is_insecure: bool,
}

/// A registry that nothing is taken from.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{prefix}` is blocked by registries.conf")]
pub struct Blocked {
    /// The prefix that is blocked.
    pub prefix: String,
}

impl RegistriesConf {
    /// Adds a file that is read later: what it says of a prefix counts.
    pub fn add(&mut self, later: Self) {
        for registry in later.registries {
            let same = |other: &RegistryConf| other.prefix() == registry.prefix();
            match self.registries.iter_mut().find(|other| same(other)) {
                Some(other) => *other = registry,
                None => self.registries.push(registry),
            }
        }
    }

    /// Where an image is read from: mirrors first, the registry itself last.
    ///
    /// # Errors
    /// When it is blocked.
    pub fn sources(&self, name: &Name) -> Result<Vec<Endpoint>, Blocked> {
        let Some(found) = self.of(name) else { return Ok(Vec::from([plain(name)])) };
        let itself = self.target(name)?;
        let by_digest = name.digest().is_some();
        let is_asked = |mirror: &&MirrorConf| match &*mirror.pull_from_mirror {
            "digest-only" => by_digest,
            "tag-only" => !by_digest,
            _ => by_digest || !found.mirror_by_digest_only,
        };
        let mirrors = found
            .mirror
            .iter()
            .filter(is_asked)
            .filter_map(|mirror| found.rewritten(name, &mirror.location, mirror.insecure));
        Ok(mirrors.chain([itself]).collect())
    }

    /// Where an image is written to, which is never a mirror.
    ///
    /// # Errors
    /// When it is blocked.
    pub fn target(&self, name: &Name) -> Result<Endpoint, Blocked> {
        let Some(found) = self.of(name) else { return Ok(plain(name)) };
        if found.blocked {
            return Err(Blocked { prefix: found.prefix().to_string() });
        }
        let moved = found.rewritten(name, &found.location, found.insecure);
        Ok(moved.unwrap_or(Endpoint { is_insecure: found.insecure, ..plain(name) }))
    }

    /// What is said of a name: the longest prefix counts.
    fn of(&self, name: &Name) -> Option<&RegistryConf> {
        let all = self.registries.iter().filter(|one| one.matched(name).is_some());
        all.max_by_key(|one| one.prefix().len())
    }
}

impl RegistryConf {
    fn prefix(&self) -> &str {
        let prefix = if self.prefix.is_empty() { &self.location } else { &self.prefix };
        prefix.trim_end_matches('/')
    }

    /// How much of `registry/repository` the prefix covers.
    fn matched(&self, name: &Name) -> Option<usize> {
        let (prefix, whole) = (self.prefix(), whole(name));
        if let Some(domain) = prefix.strip_prefix('*').filter(|rest| rest.starts_with('.')) {
            let host = name.registry().split(':').next().unwrap_or_default();
            return host.ends_with(domain).then_some(name.registry().len());
        }
        let rest = whole.strip_prefix(prefix).filter(|_| !prefix.is_empty())?;
        (rest.is_empty() || rest.starts_with('/')).then_some(prefix.len())
    }

    fn rewritten(&self, name: &Name, location: &str, is_insecure: bool) -> Option<Endpoint> {
        let rest = whole(name)[self.matched(name)?..].to_string();
        let moved = alloc::format!("{}{rest}", location.trim_end_matches('/'));
        let (registry, repository) = moved.split_once('/')?;
        if location.is_empty() || repository.is_empty() {
            return None;
        }
        let (registry, repository) = (registry.to_string(), repository.to_string());
        Some(Endpoint { registry, repository, is_insecure })
    }
}

fn whole(name: &Name) -> String {
    alloc::format!("{}/{}", name.registry(), name.repository())
}

fn plain(name: &Name) -> Endpoint {
    Endpoint {
        registry: name.registry().to_string(),
        repository: name.repository().to_string(),
        is_insecure: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn conf() -> RegistriesConf {
        let text = r#"{"unqualified-search-registries": ["x"], "registry": [
            {"location": "r.example.com", "insecure": true},
            {"prefix": "r.example.com/team", "location": "other.example.com/t", "mirror": [
                {"location": "m.example.com/a", "insecure": true},
                {"location": "d.example.com", "pull-from-mirror": "digest-only"}]},
            {"prefix": "docker.io", "mirror-by-digest-only": true,
                "mirror": [{"location": "hub.example.com"}]},
            {"prefix": "*.bad.example", "blocked": true}
        ]}"#;
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn names_lead_to_places() {
        let digest = "@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let case = |name: &str, expected: &str| {
            let name = name.parse::<Name>().unwrap();
            let shown = match conf().sources(&name) {
                Ok(all) => all
                    .iter()
                    .map(|one| {
                        let insecure = if one.is_insecure { "!" } else { "" };
                        alloc::format!("{}/{}{insecure}", one.registry, one.repository)
                    })
                    .collect::<Vec<_>>()
                    .join(" "),
                Err(error) => error.to_string(),
            };
            assert_eq!(shown, expected);
        };
        case("q.example.com/a", "q.example.com/a");
        case("r.example.com/a", "r.example.com/a!");
        case("r.example.com/teams/a", "r.example.com/teams/a!");
        case("r.example.com/team/a", "m.example.com/a/a! other.example.com/t/a");
        case(
            &alloc::format!("r.example.com/team/a{digest}"),
            "m.example.com/a/a! d.example.com/a other.example.com/t/a",
        );
        case("alpine", "docker.io/library/alpine");
        case(
            &alloc::format!("alpine{digest}"),
            "hub.example.com/library/alpine docker.io/library/alpine",
        );
        case("very.bad.example/a", "`*.bad.example` is blocked by registries.conf");
        case("bad.example/a", "bad.example/a");
    }

    #[test]
    fn a_later_file_counts() {
        let mut all = conf();
        all.add(RegistriesConf {
            registries: Vec::from([RegistryConf {
                location: "r.example.com".into(),
                blocked: true,
                ..RegistryConf::default()
            }]),
        });
        assert!(all.target(&"r.example.com/a".parse().unwrap()).is_err());
        assert_eq!(all.registries.len(), 4);
    }
}
