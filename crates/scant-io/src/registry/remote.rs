//! A blob of a registry. It is not brought here before somebody reads it: what another repository has
//! already never is.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use scant_core::formats::image_reference::Name;
use scant_core::words::Digest;

use super::registries::{Traffic, lock};
use super::{Registries, RegistryError, Session, download, each};
use crate::blobs::Blob;
use crate::cache::Downloads;
use crate::image::Image;
use crate::scratch::Scratch;

/// A blob of a repository.
#[derive(Debug)]
pub(crate) struct RemoteBlob {
    session: Arc<Session>,
    digest: Digest,
    size: u64,
    downloads: Arc<Downloads>,
    traffic: Arc<Traffic>,
    file: Mutex<Option<PathBuf>>,
    shown: PathBuf,
    _keep: Option<Arc<Scratch>>,
}

impl RemoteBlob {
    /// A blob that a document of the repository names.
    pub(crate) fn new(
        registries: &Registries,
        session: &Arc<Session>,
        (digest, size): (Digest, u64),
    ) -> Result<Self, RegistryError> {
        let (downloads, keep) = registries.blobs()?;
        Ok(Self {
            session: session.clone(),
            digest,
            size,
            downloads,
            traffic: registries.traffic.clone(),
            file: Mutex::default(),
            shown: format!("docker://{}", session.place).into(),
            _keep: keep,
        })
    }

    /// Its file, which is brought first if need be.
    pub(crate) fn fetch(&self) -> Result<PathBuf, RegistryError> {
        let mut file = lock(&self.file);
        if let Some(path) = &*file {
            return Ok(path.clone());
        }
        self.traffic.expect(self.size);
        let found = (self.digest, self.size);
        let path = download::fetch(&self.session, &self.downloads, found, &self.traffic)?;
        Ok(file.insert(path).clone())
    }

    /// Where it is, for people.
    pub(crate) fn shown(&self) -> &Path {
        &self.shown
    }

    /// The repository of the same registry that it can be mounted from.
    pub(super) fn repository_at(&self, session: &Session) -> Option<&str> {
        let own = &self.session;
        own.server.base.is_same_server(&session.server.base).then_some(&*own.repository)
    }

    /// The same, where the session is not there yet.
    pub(super) fn repository_of(&self, target: &Name) -> Option<&str> {
        let own = &self.session;
        (own.server.registry == target.registry()).then_some(&*own.repository)
    }
}

/// Brings all blobs of an image that are elsewhere, several at a time, the largest first.
///
/// # Errors
/// When one cannot be had.
pub(crate) fn fetch_all(image: &Image) -> Result<(), RegistryError> {
    let mut all: Vec<Blob> = image.blobs().into_values().collect();
    all.retain(|blob| blob.remote().is_some());
    all.sort_by_key(|blob| std::cmp::Reverse(blob.size()));
    let fetch = |blob: &Blob| blob.remote().map_or(Ok(()), |remote| remote.fetch().map(drop));
    each(&all, fetch).map(drop)
}
