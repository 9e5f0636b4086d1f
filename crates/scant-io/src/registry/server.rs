//! One registry: by which scheme it is asked, and what it asks for.

use std::sync::Arc;

use scant_core::formats::challenge::{self, Challenge};
use scant_core::words::Url;
use ureq::http::Method;

use super::RegistryError;
use crate::net::{Body, Client, NetError, Request, Response, Verify, retry};

/// A registry that has answered.
#[derive(Debug)]
pub(crate) struct Server {
    pub(super) client: Arc<Client>,
    /// Its name, as images have it.
    pub(super) registry: String,
    /// `https://HOST/v2/`.
    pub(super) base: Url,
    pub(super) verify: Verify,
    /// What it asked for at first; nothing if it let anybody in.
    pub(super) challenges: Vec<Challenge>,
}

impl Server {
    /// Asks a registry for its version, which says which scheme it has and what it wants.
    pub(super) fn find(
        client: Arc<Client>,
        registry: &str,
        is_insecure: bool,
    ) -> Result<Self, RegistryError> {
        let host = if registry == "docker.io" { "registry-1.docker.io" } else { registry };
        let url = |scheme: &str| format!("{scheme}://{host}/v2/").parse::<Url>();
        let (plain, encrypted) = (url("http")?, url("https")?);
        let verify = if is_insecure { Verify::No } else { Verify::Yes };
        let ask = |base: &Url| ping(&client, base, verify);
        let patient = |base: &Url| retry(&client.settings().patience, |_| ask(base));
        let (base, challenges) = match (is_insecure, encrypted.is_loopback()) {
            (false, false) => {
                let challenges = patient(&encrypted)?;
                (encrypted, challenges)
            }
            (true, _) => either(encrypted, plain, &ask, &patient)?,
            (false, true) => either(plain, encrypted, &ask, &patient)?,
        };
        let registry = registry.to_string();
        Ok(Self { client, registry, base, verify, challenges })
    }

    /// One that is not going to be asked anything: what is known of it is in the cache.
    pub(super) fn unasked(client: Arc<Client>, registry: &str) -> Result<Self, RegistryError> {
        let base = format!("https://{registry}/v2/").parse()?;
        let (registry, challenges) = (registry.to_string(), Vec::new());
        Ok(Self { client, registry, base, verify: Verify::Yes, challenges })
    }

    /// A request for a path below `/v2/`.
    pub(super) fn request(&self, method: Method, path: &str) -> Result<Request, NetError> {
        let wrong = |error| NetError::Redirect { url: self.base.clone(), error };
        let url = self.base.join(path).map_err(wrong)?;
        Ok(Request { verify: self.verify, ..Request::new(method, url) })
    }
}

/// What a registry asks for.
type Challenges = Result<Vec<Challenge>, NetError>;

/// The one of two that a registry answers by, and what it asks for there.
fn either(
    first: Url,
    second: Url,
    ask: &dyn Fn(&Url) -> Challenges,
    patient: &dyn Fn(&Url) -> Challenges,
) -> Result<(Url, Vec<Challenge>), NetError> {
    let error = match ask(&first) {
        Ok(challenges) => return Ok((first, challenges)),
        // A server for encrypted connections says so by 400. All others are the registry.
        Err(error) if error.status().is_some_and(|status| status != 400) => {
            let challenges = patient(&first)?;
            return Ok((first, challenges));
        }
        Err(error) => error,
    };
    let is_refused = matches!(error, NetError::Unreachable { .. });
    match ask(&second) {
        Ok(challenges) => Ok((second, challenges)),
        Err(other) if error.status().is_some() => Err(other),
        // The first one was the registry, and was disturbed.
        Err(_) if !is_refused => {
            let challenges = patient(&first)?;
            Ok((first, challenges))
        }
        Err(_) => Err(error),
    }
}

/// What a registry asks for; an error if that is no registry.
fn ping(client: &Client, base: &Url, verify: Verify) -> Challenges {
    let request = Request { verify, ..Request::new(Method::GET, base.clone()) };
    let answer = client.send(&request, Body::None)?;
    match answer.status.as_u16() {
        200..=299 => Ok(Vec::new()),
        401 => Ok(challenges(&answer)),
        // Some know no such page and serve images all the same.
        403 | 404 if answer.header("docker-distribution-api-version").is_some() => Ok(Vec::new()),
        _ => Err(answer.into_error()),
    }
}

/// The challenges of an answer, of all its headers.
pub(super) fn challenges(answer: &Response) -> Vec<Challenge> {
    let headers = answer.headers.get_all("www-authenticate").iter();
    headers.filter_map(|value| value.to_str().ok()).flat_map(challenge::parse).collect()
}
