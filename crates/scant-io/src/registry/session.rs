//! One repository: requests with the authorization that its registry wants.

use std::sync::{Arc, Mutex};

use scant_core::formats::registries_conf::Endpoint;
use scant_core::words::Url;
use ureq::http::Method;
use ureq::http::header::LOCATION;

use super::credentials::{self, Account};
use super::registries::lock;
use super::server::{self, Server};
use super::token::{self, Authorization};
use super::{Registries, RegistryError};
use crate::blobs::Blob;
use crate::cache::Downloads;
use crate::net::{self, Body, NetError, Patience, Request, Response};

/// What a session is for: what authorization is asked for.
#[derive(Clone, Debug)]
pub(crate) enum Access {
    /// Reading.
    Pull,
    /// Writing, and mounting what other repositories of the registry have.
    Push {
        /// Those repositories.
        from: Vec<String>,
    },
}

/// A repository of a registry that has answered.
#[derive(Debug)]
pub(crate) struct Session {
    pub(super) server: Arc<Server>,
    /// The path of the repository.
    pub(super) repository: String,
    /// Registry and repository, for people.
    pub(super) place: String,
    /// Where documents are kept that were asked for by their digests, beside blobs.
    pub(super) documents: Option<Arc<Downloads>>,
    account: Option<Account>,
    scopes: Vec<String>,
    authorization: Mutex<Option<Authorization>>,
}

/// What is sent along. It can be sent again.
#[derive(Clone, Copy)]
pub(super) enum Payload<'a> {
    None,
    Bytes(&'a [u8]),
    /// Of a blob so many bytes from an offset on, whose number is noted as they go.
    Part(&'a Blob, u64, u64, &'a (dyn Fn(u64) + Sync)),
}

impl Session {
    /// Begins to talk to a repository.
    pub(crate) fn open(
        registries: &Registries,
        endpoint: &Endpoint,
        access: &Access,
    ) -> Result<Self, RegistryError> {
        let server = registries.server(endpoint)?;
        let Endpoint { registry, repository, .. } = endpoint;
        let scope = |repository: &str, what| format!("repository:{repository}:{what}");
        let scopes = match access {
            Access::Pull => vec![scope(repository, "pull")],
            // Some read the first one only.
            Access::Push { from } => {
                let others = from.iter().filter(|other| *other != repository);
                let others = others.map(|other| scope(other, "pull"));
                [scope(repository, "pull,push")].into_iter().chain(others).collect()
            }
        };
        let place = format!("{registry}/{repository}");
        let account = match registries.is_offline() {
            true => None,
            false => credentials::find(registries, registry, repository)?,
        };
        let documents = registries.settings.downloads.clone();
        let repository = repository.clone();
        let authorization = Mutex::default();
        let session = Self { server, repository, place, documents, account, scopes, authorization };
        if !session.server.challenges.is_empty() {
            let authorize = |_| session.authorize(&session.server.challenges, None);
            net::retry(session.patience(), authorize).map_err(|error| session.error(error))?;
        }
        Ok(session)
    }

    /// An error of this repository.
    pub(super) fn error(&self, error: NetError) -> RegistryError {
        let account = self.account.as_ref().map(|account| &*account.shown);
        RegistryError::of(error, &format!("`{}`", self.place), account)
    }

    pub(super) fn patience(&self) -> &Patience {
        &self.server.client.settings().patience
    }

    /// A request for a path of this repository, without authorization.
    pub(super) fn request(&self, method: Method, path: &str) -> Result<Request, NetError> {
        self.server.request(method, &format!("/v2/{}/{path}", self.repository))
    }

    /// Sends a request, with authorization if it is for the registry itself. Says what it is asked
    /// for, once, if the registry wants to know more.
    pub(super) fn send(
        &self,
        request: &Request,
        payload: Payload<'_>,
    ) -> Result<Response, NetError> {
        let is_own = request.url.is_same_server(&self.server.base);
        let mut used = lock(&self.authorization).clone().filter(|_| is_own);
        let answer = self.exchange(request, payload, used.as_ref())?;
        if answer.status.as_u16() != 401 || !is_own {
            return Ok(answer);
        }
        let challenges = server::challenges(&answer);
        if challenges.is_empty() {
            return Ok(answer);
        }
        self.authorize(&challenges, used.as_ref())?;
        let now = lock(&self.authorization).clone();
        if now == used {
            return Ok(answer);
        }
        // What the server still had to say is in the way of the next request otherwise.
        let _ = answer.into_error();
        used = now;
        self.exchange(request, payload, used.as_ref())
    }

    /// Asks for something, and goes where that is. The answer is one of success.
    pub(super) fn get(&self, request: &Request) -> Result<Response, NetError> {
        let answer = self.send(request, Payload::None)?;
        if !matches!(answer.status.as_u16(), 301 | 302 | 303 | 307 | 308) {
            return answer.successful().map_err(|error| self.without_secrets(error));
        }
        let to = self.location(&answer)?.ok_or_else(|| nowhere(&answer))?;
        let mut next = Request { url: to, ..request.clone() };
        // Storage may be elsewhere, and what proves who asks is none of its business.
        if next.url.is_same_server(&self.server.base) {
            next = self.with_authorization(next, lock(&self.authorization).as_ref());
        }
        net::follow(&self.server.client, &next)
    }

    /// Where an answer leads.
    pub(super) fn location(&self, answer: &Response) -> Result<Option<Url>, NetError> {
        let Some(location) = answer.header(LOCATION.as_str()).filter(|text| !text.is_empty())
        else {
            return Ok(None);
        };
        let failed = |error| NetError::Redirect { url: answer.url.clone(), error };
        let to = answer.url.join(location).map_err(failed)?;
        if !answer.url.is_https() || to.is_https() {
            return Ok(Some(to));
        }
        // Behind a proxy that encrypts, a registry may not know that it is reached so.
        let encrypted = to.to_string().replacen("http://", "https://", 1).parse::<Url>();
        match encrypted.map_err(failed)? {
            encrypted if encrypted.is_same_server(&answer.url) => Ok(Some(encrypted)),
            _ => Err(NetError::Downgrade { url: answer.url.clone(), to }),
        }
    }

    /// The error that an answer is, without what it may hold of a credential.
    pub(super) fn refusal(&self, answer: Response) -> NetError {
        self.without_secrets(answer.into_error())
    }

    pub(super) fn without_secrets(&self, error: NetError) -> NetError {
        let NetError::Status(mut status) = error else { return error };
        let secrets = self.account.iter().flat_map(|account| token::secrets(&account.credential));
        let authorization = lock(&self.authorization).clone();
        let own = authorization.iter().map(|authorization| authorization.secret().to_string());
        for secret in secrets.chain(own).filter(|secret| !secret.is_empty()) {
            status.said = status.said.replace(&secret, "***");
        }
        NetError::Status(status)
    }

    fn exchange(
        &self,
        request: &Request,
        payload: Payload<'_>,
        authorization: Option<&Authorization>,
    ) -> Result<Response, NetError> {
        let request = self.with_authorization(request.clone(), authorization);
        let client = &self.server.client;
        match payload {
            Payload::None => client.send(&request, Body::None),
            Payload::Bytes(bytes) => client.send(&request, Body::Bytes(bytes)),
            Payload::Part(blob, from, size, noted) => {
                let url = || request.url.clone();
                let mut reader = super::upload::part(blob, from, size, noted)
                    .map_err(|source| NetError::Body { url: url(), source })?;
                client.send(&request, Body::Reader(&mut reader, size))
            }
        }
    }

    fn with_authorization(&self, request: Request, with: Option<&Authorization>) -> Request {
        match with {
            Some(authorization) => request.with("authorization", authorization.header()),
            None => request,
        }
    }

    /// Gets what the challenges ask for, unless another thread did since `stale` was used.
    fn authorize(
        &self,
        challenges: &[scant_core::formats::challenge::Challenge],
        stale: Option<&Authorization>,
    ) -> Result<(), NetError> {
        let mut authorization = lock(&self.authorization);
        if authorization.as_ref() != stale {
            return Ok(());
        }
        let credential = self.account.as_ref().map(|account| &account.credential);
        let found = token::authorize(&self.server, challenges, credential, &self.scopes)?;
        if found.is_some() {
            *authorization = found;
        }
        Ok(())
    }
}

fn nowhere(answer: &Response) -> NetError {
    let why = format!("a redirect ({}) to nowhere", answer.status.as_u16());
    NetError::Answer { url: answer.url.clone(), why }
}
