//! How files of archives are loaded: asked of servers as the user, and kept.

use scant_core::words::Url;

use crate::cache::{Authorization, Download, DownloadError, Downloaded, Downloads, Watch};
use crate::net::{Client, Credentials};

/// Loads files of archives.
#[derive(Clone, Copy)]
pub struct Loader<'a> {
    /// Asks servers.
    pub client: &'a Client,
    /// Where what is loaded is kept.
    pub downloads: &'a Downloads,
    /// Who the user is to servers.
    pub credentials: &'a Credentials,
    /// Who is told what is loaded.
    pub watch: Watch<'a>,
}

impl Loader<'_> {
    /// Loads a file, if it is not here.
    pub(super) fn fetch(&self, download: Download) -> Result<Downloaded, DownloadError> {
        self.downloads.fetch(self.client, &self.authorized(download), self.watch)
    }

    /// Loads files, several at a time. They come in their order.
    pub(super) fn fetch_all(
        &self,
        downloads: Vec<Download>,
    ) -> Result<Vec<Downloaded>, Vec<DownloadError>> {
        let downloads: Vec<_> = downloads.into_iter().map(|one| self.authorized(one)).collect();
        self.downloads.fetch_all(self.client, &downloads, self.watch)
    }

    fn authorized(&self, download: Download) -> Download {
        Download { authorization: self.authorization(&download.url), ..download }
    }

    /// Archives are often asked without encryption, for what is in them is signed. A password is not
    /// sent so.
    fn authorization(&self, url: &Url) -> Option<Authorization> {
        let is_secret = url.is_https() || url.is_loopback();
        let authorization = self.credentials.authorization(url).filter(|_| is_secret);
        authorization.map(Authorization)
    }
}
