//! A blob to a file of the downloads. What was broken off is gone on with, by this run or another.

use std::path::PathBuf;

use scant_core::words::Digest;
use ureq::http::Method;

use super::registries::Traffic;
use super::{RegistryError, Session};
use crate::cache::{Download, DownloadError, Downloads, Server, Step};
use crate::net::{NetError, Patience, Response};

/// A blob at the repository that has it.
struct BlobServer<'a> {
    session: &'a Session,
    digest: Digest,
}

/// The file of a blob, which is brought there if it is not there yet.
pub(super) fn fetch(
    session: &Session,
    downloads: &Downloads,
    (digest, size): (Digest, u64),
    traffic: &Traffic,
) -> Result<PathBuf, RegistryError> {
    let server = BlobServer { session, digest };
    let request = session.request(Method::GET, &server.path())?;
    let download = Download {
        url: request.url,
        digest: Some(digest),
        size: Some(size),
        authorization: None,
        limit: size,
        verify: request.verify,
    };
    let step = |step: Step<'_>| match step {
        Step::Begun(_) | Step::Ended(_) | Step::Expected(_) => {}
        Step::Received(count) => traffic.add(count),
        Step::Lost(count) => traffic.lose(count),
    };
    match downloads.fetch_from(&server, &download, &step) {
        Ok(found) => {
            if found.was_there {
                traffic.add(size);
            }
            Ok(found.path)
        }
        Err(DownloadError::Net(error)) => Err(session.error(error)),
        Err(DownloadError::WrongDigest { expected, found, .. }) => {
            let (place, found) = (session.place.clone(), found.to_string());
            Err(RegistryError::Digest { place, expected, found })
        }
        Err(error) => Err(error.into()),
    }
}

impl BlobServer<'_> {
    fn path(&self) -> String {
        format!("blobs/{}", self.digest)
    }
}

impl Server for BlobServer<'_> {
    fn ask(&self, headers: &[(&'static str, &str)]) -> Result<Response, NetError> {
        let mut request = self.session.request(Method::GET, &self.path())?;
        for (name, value) in headers {
            request = request.with(name, value);
        }
        self.session.get(&request)
    }

    fn patience(&self) -> Patience {
        *self.session.patience()
    }

    fn is_offline(&self) -> bool {
        self.session.server.client.settings().is_offline
    }

    fn is_addressed_by_content(&self) -> bool {
        true
    }
}
