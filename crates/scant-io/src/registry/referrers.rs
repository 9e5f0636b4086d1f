//! What refers to an image: asked of the registry, or of a tag where it does not know.
//! [Distribution specification, listing referrers](https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers).

use scant_core::formats::oci::{self, Descriptor, ImageIndex, ImageManifest, media_type};
use scant_core::words::Digest;
use ureq::http::Method;

use super::{MOST_DOCUMENT, Manifest, RegistryError, Session};
use crate::net::{NetError, retry};

/// More pages of referrers are not read.
const MOST_PAGES: usize = 16;

impl Session {
    /// The manifests that refer to `subject`, of one kind.
    pub(crate) fn referrers(
        &self,
        subject: Digest,
        artifact_type: &str,
    ) -> Result<Vec<Descriptor>, RegistryError> {
        let all = match self.listed(subject)? {
            Some(all) => all,
            None => self.tagged(subject)?.map(|index| index.manifests).unwrap_or_default(),
        };
        let is_wanted = |one: &Descriptor| one.artifact_type.as_deref() == Some(artifact_type);
        Ok(all.into_iter().filter(is_wanted).collect())
    }

    /// What the registry lists; none if it lists nothing of anybody.
    fn listed(&self, subject: Digest) -> Result<Option<Vec<Descriptor>>, RegistryError> {
        let mut found = Vec::new();
        let first = self.request(Method::GET, &format!("referrers/{subject}"));
        let mut request = first.map_err(|error| self.error(error))?;
        for _ in 0..MOST_PAGES {
            let got = retry(self.patience(), |_| {
                let answer = self.get(&request.clone().with("accept", media_type::INDEX))?;
                let next = answer.header("link").and_then(next_page).map(|next| {
                    let failed = |error| NetError::Redirect { url: request.url.clone(), error };
                    request.url.join(next).map_err(failed)
                });
                Ok((next.transpose()?, answer.read(MOST_DOCUMENT)?))
            });
            let (next, bytes) = match got {
                Ok(got) => got,
                // Those who do not know the page say so in many ways.
                Err(NetError::Status(_)) => return Ok(None),
                Err(error) => return Err(self.error(error)),
            };
            let Ok(index) = oci::decode::<ImageIndex>(&bytes) else { return Ok(None) };
            found.extend(index.manifests);
            match next {
                Some(next) => request.url = next,
                None => break,
            }
        }
        Ok(Some(found))
    }

    /// The index at the tag that stands for the list.
    fn tagged(&self, subject: Digest) -> Result<Option<ImageIndex>, RegistryError> {
        let Some(Manifest { bytes, .. }) = self.manifest(&tag(subject))? else { return Ok(None) };
        Ok(oci::decode(&bytes).ok())
    }

    /// Pushes a manifest that refers to another, and sees to it that it is found by that one.
    pub(super) fn put_referrer(&self, bytes: &[u8]) -> Result<(), RegistryError> {
        let wrong = |why: String| RegistryError::Document { place: self.place.clone(), why };
        let manifest: ImageManifest =
            oci::decode(bytes).map_err(|error| wrong(error.to_string()))?;
        let mut entry = Descriptor::of(media_type::MANIFEST, bytes);
        let digest = entry.digest;
        let is_understood = self.put_manifest(&digest.to_string(), media_type::MANIFEST, bytes)?;
        let Some(subject) = manifest.subject.filter(|_| !is_understood) else { return Ok(()) };
        // Some list referrers and do not say that they do.
        if self.listed(subject.digest)?.is_some() {
            return Ok(());
        }
        let tagged = self.tagged(subject.digest)?;
        let mut index = tagged.unwrap_or_else(|| ImageIndex::new(Vec::new()));
        if index.manifests.iter().any(|other| other.digest == digest) {
            return Ok(());
        }
        entry.artifact_type = manifest.artifact_type.or(Some(manifest.config.media_type));
        entry.annotations = manifest.annotations;
        index.manifests.push(entry);
        let bytes = oci::encode(&index);
        self.put_manifest(&tag(subject.digest), media_type::INDEX, &bytes).map(drop)
    }
}

/// The tag that stands for the list of what refers to a digest.
fn tag(subject: Digest) -> String {
    format!("sha256-{}", subject.hex())
}

/// The next page, of a header `Link: <URL>; rel="next"`.
fn next_page(header: &str) -> Option<&str> {
    let (url, rest) = header.trim().strip_prefix('<')?.split_once('>')?;
    rest.contains("next").then_some(url)
}
