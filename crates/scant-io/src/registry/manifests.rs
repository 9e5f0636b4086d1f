//! Documents of a repository, by tag or by digest, and what they are.

use std::fs::File;
use std::io::Read as _;

use scant_core::formats::oci::{Descriptor, media_type};
use scant_core::words::Digest;
use serde::Deserialize;
use ureq::http::Method;

use super::session::{Payload, Session};
use super::{MOST_DOCUMENT, RegistryError};
use crate::net::{NetError, retry};

/// A document and what it is.
#[derive(Clone, Debug)]
pub(crate) struct Manifest {
    /// Its media type, digest and size.
    pub(crate) descriptor: Descriptor,
    /// Its bytes, as they came.
    pub(crate) bytes: Vec<u8>,
}

/// What may be answered. Some registries send the oldest kind to who does not say so.
const ACCEPT: &str = "application/vnd.oci.image.index.v1+json, \
    application/vnd.oci.image.manifest.v1+json, \
    application/vnd.docker.distribution.manifest.list.v2+json, \
    application/vnd.docker.distribution.manifest.v2+json";

/// What all kinds of documents may have.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Kind {
    media_type: Option<String>,
    #[serde(default)]
    schema_version: u32,
    manifests: Option<serde::de::IgnoredAny>,
}

impl Session {
    /// The document of this digest, or of this tag; none if it is not there.
    pub(crate) fn manifest(&self, reference: &str) -> Result<Option<Manifest>, RegistryError> {
        let wanted: Option<Digest> = reference.parse().ok();
        if let Some(bytes) = wanted.and_then(|digest| self.kept(digest)) {
            return self.described(reference, "", bytes).map(Some);
        }
        let got = retry(self.patience(), |_| {
            let request = self.request(Method::GET, &format!("manifests/{reference}"))?;
            let answer = self.get(&request.with("accept", ACCEPT))?;
            let said = answer.header("docker-content-digest").and_then(|text| text.parse().ok());
            let kind = answer.header("content-type").unwrap_or_default();
            let kind = kind.split(';').next().unwrap_or_default().trim().to_string();
            Ok((said, kind, answer.read(MOST_DOCUMENT)?))
        });
        let (said, kind, bytes): (Option<Digest>, _, _) = match got {
            Ok(got) => got,
            Err(error) if error.status() == Some(404) => return Ok(None),
            Err(error) => return Err(self.error(error)),
        };
        let digest = Digest::of(&bytes);
        if let Some(expected) = wanted.or(said).filter(|expected| *expected != digest) {
            let place = format!("{}:{reference}", self.place);
            return Err(RegistryError::Digest { place, expected, found: digest.to_string() });
        }
        let manifest = self.described(reference, &kind, bytes)?;
        self.keep(&manifest);
        Ok(Some(manifest))
    }

    fn described(
        &self,
        reference: &str,
        kind: &str,
        bytes: Vec<u8>,
    ) -> Result<Manifest, RegistryError> {
        let media_type = self.kind(reference, kind, &bytes)?;
        let descriptor = Descriptor::new(&media_type, Digest::of(&bytes), bytes.len() as u64);
        Ok(Manifest { descriptor, bytes })
    }

    /// A document that was loaded before.
    fn kept(&self, digest: Digest) -> Option<Vec<u8>> {
        let path = self.documents.as_ref()?.find(&digest, None)?;
        let mut bytes = Vec::new();
        File::open(path).ok()?.take(MOST_DOCUMENT).read_to_end(&mut bytes).ok()?;
        Some(bytes).filter(|bytes| Digest::of(bytes) == digest)
    }

    /// Keeps a document for runs that do not ask. That it cannot be kept is no reason to fail.
    fn keep(&self, manifest: &Manifest) {
        if let Some(documents) = &self.documents {
            let _ = documents.insert(&mut &*manifest.bytes, Some(manifest.descriptor.digest));
        }
    }

    /// The media type of a document: what it says itself, else what the server says, else what it
    /// looks like.
    fn kind(&self, reference: &str, said: &str, bytes: &[u8]) -> Result<String, RegistryError> {
        let wrong = |why: String| RegistryError::Document {
            place: format!("{}:{reference}", self.place),
            why,
        };
        let kind: Kind = serde_json::from_slice(bytes).map_err(|error| wrong(error.to_string()))?;
        if kind.schema_version == 1 {
            let why = "it is of Docker's first format, which nothing can be verified in";
            return Err(wrong(why.into()));
        }
        let known = [
            media_type::INDEX,
            media_type::MANIFEST,
            media_type::DOCKER_INDEX,
            media_type::DOCKER_MANIFEST,
        ];
        let looks = if kind.manifests.is_some() { media_type::INDEX } else { media_type::MANIFEST };
        let all = [kind.media_type.as_deref().unwrap_or_default(), said, looks];
        Ok(all.into_iter().find(|kind| known.contains(kind)).unwrap_or(looks).to_string())
    }

    /// The digest that a tag or digest leads to; none if it is not there, or if the registry does not
    /// say so.
    pub(super) fn digest_of(&self, reference: &str) -> Result<Option<Digest>, RegistryError> {
        let asked = retry(self.patience(), |_| {
            let request = self.request(Method::HEAD, &format!("manifests/{reference}"))?;
            let answer = self.send(&request.with("accept", ACCEPT), Payload::None)?;
            answer.successful()
        });
        match asked {
            Ok(answer) => {
                Ok(answer.header("docker-content-digest").and_then(|text| text.parse().ok()))
            }
            Err(error) if matches!(error.status(), Some(404 | 405)) => Ok(None),
            // A registry that hides what is not there may take it all the same.
            Err(error) if matches!(error.status(), Some(401 | 403)) => Ok(None),
            Err(error) => Err(self.error(error)),
        }
    }

    /// Puts a document to a digest or tag. Whether the registry understood what it refers to.
    pub(super) fn put_manifest(
        &self,
        reference: &str,
        media_type: &str,
        bytes: &[u8],
    ) -> Result<bool, RegistryError> {
        let expected = Digest::of(bytes);
        let put = retry(self.patience(), |_| {
            let request = self.request(Method::PUT, &format!("manifests/{reference}"))?;
            let answer =
                self.send(&request.with("content-type", media_type), Payload::Bytes(bytes))?;
            let answer = answer.successful().map_err(|error| self.without_secrets(error))?;
            let said = answer.header("docker-content-digest").unwrap_or_default();
            if said.parse().is_ok_and(|said: Digest| said != expected) {
                let why = format!("it has stored {said} where {expected} was sent");
                return Err(NetError::Answer { url: answer.url.clone(), why });
            }
            Ok(answer.header("oci-subject").is_some())
        });
        put.map_err(|error| self.error(error))
    }
}
