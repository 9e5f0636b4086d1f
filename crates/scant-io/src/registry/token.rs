//! Authorization for a challenge: a name and a password themselves, or a token that another server
//! gives out for them.
//! [Docker's tokens](https://distribution.github.io/distribution/spec/auth/token/), and
//! [by OAuth 2](https://distribution.github.io/distribution/spec/auth/oauth/).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use scant_core::formats::auth_file::Credential;
use scant_core::formats::challenge::Challenge;
use scant_core::words::Url;
use serde::Deserialize;
use ureq::http::Method;

use super::MOST_DOCUMENT;
use super::server::Server;
use crate::net::{self, Body, NetError, Request};

/// The value of the header `Authorization`.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Authorization(String);

impl Authorization {
    pub(super) fn header(&self) -> &str {
        &self.0
    }

    /// The part that nobody else may see.
    pub(super) fn secret(&self) -> &str {
        self.0.split_once(' ').map_or(&self.0, |(_, secret)| secret)
    }

    fn basic(name: &str, password: &str) -> Self {
        Self(format!("Basic {}", STANDARD.encode(format!("{name}:{password}"))))
    }
}

impl std::fmt::Debug for Authorization {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

/// What of a credential nobody else may see.
pub(super) fn secrets(credential: &Credential) -> Vec<String> {
    match credential {
        Credential::Password { name, password } => {
            let basic = Authorization::basic(name, password.reveal());
            vec![password.reveal().to_string(), basic.secret().to_string()]
        }
        Credential::Identity(token) | Credential::Registry(token) => {
            vec![token.reveal().to_string()]
        }
    }
}

/// What meets one of the challenges; none if nothing that is known does.
pub(super) fn authorize(
    server: &Server,
    challenges: &[Challenge],
    credential: Option<&Credential>,
    scopes: &[String],
) -> Result<Option<Authorization>, NetError> {
    let of_scheme = |scheme| challenges.iter().find(|challenge| challenge.scheme == scheme);
    if let Some(Credential::Registry(token)) = credential {
        return Ok(Some(Authorization(format!("Bearer {}", token.reveal()))));
    }
    if let Some(challenge) = of_scheme("bearer") {
        return token(server, challenge, credential, scopes).map(Some);
    }
    Ok(match (of_scheme("basic"), credential) {
        (Some(_), Some(Credential::Password { name, password })) => {
            Some(Authorization::basic(name, password.reveal()))
        }
        _ => None,
    })
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    token: Option<String>,
    #[serde(default)]
    access_token: Option<String>,
}

fn token(
    server: &Server,
    challenge: &Challenge,
    credential: Option<&Credential>,
    scopes: &[String],
) -> Result<Authorization, NetError> {
    let wrong = |why: &str| NetError::Answer { url: server.base.clone(), why: why.to_string() };
    let realm = challenge.parameter("realm").ok_or_else(|| wrong("it names no realm"))?;
    let realm: Url = server
        .base
        .join(realm)
        .map_err(|error| NetError::Redirect { url: server.base.clone(), error })?;
    if server.base.is_https() && !realm.is_https() {
        return Err(NetError::Downgrade { url: server.base.clone(), to: realm });
    }
    if realm.is_loopback() && !server.base.is_loopback() {
        return Err(wrong("it names this machine itself as the one that gives out tokens"));
    }
    let service = challenge.parameter("service").unwrap_or_default();
    let scopes = merged(scopes, challenge.parameter("scope"));
    let answer = match credential {
        Some(Credential::Identity(identity)) => {
            let form = [
                ("grant_type", "refresh_token"),
                ("service", service),
                ("client_id", "scant"),
                ("scope", &scopes.join(" ")),
                ("refresh_token", identity.reveal()),
            ];
            let request = Request { verify: server.verify, ..Request::new(Method::POST, realm) };
            let request = request.with("content-type", "application/x-www-form-urlencoded");
            server.client.send(&request, Body::Bytes(query(&form).as_bytes()))?.successful()
        }
        credential => {
            let service = Some(("service", service)).filter(|(_, service)| !service.is_empty());
            let scopes = scopes.iter().map(|scope| ("scope", &**scope));
            let all: Vec<_> = service.into_iter().chain(scopes).collect();
            let separator = if realm.path_and_query().contains('?') { '&' } else { '?' };
            let url = format!("{realm}{separator}{}", query(&all));
            let url = url.parse().map_err(|error| NetError::Redirect { url: realm, error })?;
            let mut request = Request { verify: server.verify, ..Request::new(Method::GET, url) };
            if let Some(Credential::Password { name, password }) = credential {
                let basic = Authorization::basic(name, password.reveal());
                request = request.with("authorization", basic.header());
            }
            net::follow(&server.client, &request)
        }
    };
    let answer = answer.map_err(|error| without(error, credential))?;
    let url = answer.url.clone();
    let wrong = |why: &str| NetError::Answer { url: url.clone(), why: why.to_string() };
    let bytes = answer.read(MOST_DOCUMENT)?;
    let answer: Answer = serde_json::from_slice(&bytes).map_err(|_| wrong("it is no token"))?;
    let token = [answer.token, answer.access_token].into_iter().flatten();
    let token = token.into_iter().find(|token| !token.is_empty());
    let token = token.ok_or_else(|| wrong("there is no token in it"))?;
    if !token.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(wrong("its token has characters that no token has"));
    }
    Ok(Authorization(format!("Bearer {token}")))
}

/// What is needed, and what the server asks for besides.
fn merged(scopes: &[String], demanded: Option<&str>) -> Vec<String> {
    let mut all = scopes.to_vec();
    for demanded in demanded.unwrap_or_default().split(' ').filter(|scope| !scope.is_empty()) {
        let (name, actions) = demanded.rsplit_once(':').unwrap_or((demanded, ""));
        let covers = |scope: &String| {
            scope.rsplit_once(':').is_some_and(|(own, has)| {
                own == name && actions.split(',').all(|one| has.split(',').any(|two| one == two))
            })
        };
        if !all.iter().any(covers) {
            all.push(demanded.to_string());
        }
    }
    all
}

fn without(error: NetError, credential: Option<&Credential>) -> NetError {
    let NetError::Status(mut status) = error else { return error };
    for secret in credential.iter().flat_map(|credential| secrets(credential)) {
        status.said = status.said.replace(&*secret, "***");
    }
    NetError::Status(status)
}

/// Pairs as they stand in a query or a form.
pub(super) fn query(pairs: &[(&str, &str)]) -> String {
    let pairs = pairs.iter().map(|(name, value)| format!("{name}={}", encoded(value)));
    pairs.collect::<Vec<_>>().join("&")
}

/// A value with all but the plainest characters as `%` and two digits.
pub(super) fn encoded(text: &str) -> String {
    let each = |byte: u8| match byte {
        byte if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => {
            char::from(byte).to_string()
        }
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(each).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_merged() {
        let case = |demanded: &str, expected: &[&str]| {
            let own = ["repository:a/b:pull,push".to_string()];
            assert_eq!(merged(&own, Some(demanded)), expected);
        };
        case("", &["repository:a/b:pull,push"]);
        case("repository:a/b:pull", &["repository:a/b:pull,push"]);
        case("repository:c:pull", &["repository:a/b:pull,push", "repository:c:pull"]);
        case("repository:a/b:delete", &["repository:a/b:pull,push", "repository:a/b:delete"]);
    }

    #[test]
    fn queries_are_encoded() {
        let pairs = [("scope", "repository:a/b:pull,push"), ("x", "ä &")];
        assert_eq!(query(&pairs), "scope=repository%3Aa%2Fb%3Apull%2Cpush&x=%C3%A4%20%26");
    }
}
