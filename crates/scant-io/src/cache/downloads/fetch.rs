//! Loads what is not there, several files at once.

use std::num::NonZeroUsize;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use scant_core::words::{Digest, Hasher};

use super::partial::Partial;
use super::server::{Plain, Server};
use super::transfer::Transfer;
use super::{Download, DownloadError, Downloaded, Downloads, Step, Stored, Watch};
use crate::net::Client;

/// How many files are loaded at once.
const AT_ONCE: NonZeroUsize = NonZeroUsize::new(4).expect("it is not 0");

/// Has several files fetched, some at once. The results are in the order of the downloads.
///
/// # Errors
/// All that went wrong; what went well is in the store all the same.
pub fn several(
    downloads: &[Download],
    fetch: impl Fn(&Download) -> Result<Downloaded, DownloadError> + Sync,
) -> Result<Vec<Downloaded>, Vec<DownloadError>> {
    let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE.get().min(downloads.len()) {
            scope.spawn(|| {
                while let number = next.fetch_add(1, Ordering::Relaxed)
                    && let Some(download) = downloads.get(number)
                {
                    let result = fetch(download);
                    done.lock().expect("nothing panics with it").push((number, result));
                }
            });
        }
    });
    let mut done = done.into_inner().expect("nothing panics with it");
    done.sort_by_key(|(number, _)| *number);
    let (mut found, mut errors) = (Vec::new(), Vec::new());
    for (_, result) in done {
        match result {
            Ok(one) => found.push(one),
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() { Ok(found) } else { Err(errors) }
}

impl Downloads {
    /// The file that is asked for: the one that is here, or else loaded, whole and verified.
    ///
    /// # Errors
    /// When it cannot be had, or is not what it must be. Nothing is kept of what is wrong; what is
    /// there of a file that broke off is where the next call goes on.
    pub fn fetch(
        &self,
        client: &Client,
        download: &Download,
        watch: Watch<'_>,
    ) -> Result<Downloaded, DownloadError> {
        self.fetch_from(&Plain { client, download }, download, watch)
    }

    /// The same from another kind of server.
    pub(crate) fn fetch_from(
        &self,
        server: &dyn Server,
        download: &Download,
        watch: Watch<'_>,
    ) -> Result<Downloaded, DownloadError> {
        let here = |found: Stored| Downloaded {
            path: found.path,
            digest: found.digest,
            size: found.size,
            url: download.url.clone(),
            was_there: true,
        };
        if let Some(found) = self.here(download) {
            return found.map(here);
        }
        if server.is_offline() {
            let (url, digest) = (download.url.clone(), download.digest);
            let vendor = self.vendor().map(Into::into);
            return Err(DownloadError::Offline { url, digest, vendor });
        }
        let directory = self.made("partial")?.join(key(server, download));
        let failed = |source| DownloadError::Store { path: directory.clone(), source };
        // Without a digest nothing tells whether what another process left is whole.
        let partial = Partial::lock(&directory, download.digest.is_some()).map_err(failed)?;
        // Whoever had the lock may have loaded it.
        if let Some(found) = self.here(download) {
            partial.remove();
            return found.map(here);
        }
        let mut transfer = Transfer { server, download, watch, partial, is_expected: false };
        let name = download.url.file_name();
        watch(Step::Begun(name));
        let ran = transfer.run();
        watch(Step::Ended(name));
        match ran {
            Ok((digest, url)) => {
                let stored = self.keep(&transfer.partial.path(), digest);
                transfer.partial.remove();
                let Stored { path, digest, size } = stored?;
                Ok(Downloaded { path, digest, size, url, was_there: false })
            }
            Err(error) => {
                let may_go_on = matches!(&error, DownloadError::Net(error) if error.is_transient());
                if !may_go_on || transfer.partial.validator().is_none() {
                    transfer.partial.remove();
                }
                Err(error)
            }
        }
    }

    /// What is here of the digest that is asked for; an error if that has another size.
    fn here(&self, download: &Download) -> Option<Result<Stored, DownloadError>> {
        let found = match self.stored(&download.digest?) {
            Ok(found) => found?,
            Err(error) => return Some(Err(error)),
        };
        let url = || download.url.clone();
        Some(match download.size {
            Some(expected) if expected != found.size => {
                let found = found.size;
                Err(DownloadError::WrongSize { url: url(), expected, found, is_more: false })
            }
            _ if found.size > download.limit => {
                Err(DownloadError::TooLarge { url: url(), limit: download.limit })
            }
            _ => Ok(found),
        })
    }
}

/// The name of what is there of a download. URLs may hold keys, so they are in no name.
fn key(server: &dyn Server, download: &Download) -> String {
    let mut hasher = Hasher::default();
    if !server.is_addressed_by_content() {
        hasher.update(download.url.to_string().as_bytes());
    }
    hasher.update(b"\n");
    hasher.update(download.digest.as_ref().map_or(&[][..], |digest: &Digest| digest.as_bytes()));
    hasher.finish().hex()
}
