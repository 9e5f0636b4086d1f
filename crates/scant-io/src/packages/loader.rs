//! How files of archives are loaded: asked of servers as the user, and kept.

use scant_core::words::Url;

use crate::cache::{Authorization, Download, DownloadError, Downloaded, Downloads, Watch, several};
use crate::net::Client;

/// Loads files of archives.
#[derive(Clone, Copy)]
pub struct Loader<'a> {
    /// Asks servers.
    pub client: &'a Client,
    /// Where what is loaded is kept.
    pub downloads: &'a Downloads,
    /// What proves to a server who asks: wanted when something is to be loaded. The reason, if that
    /// cannot be found out.
    pub authorize: &'a (dyn Fn(&Url) -> Result<Option<Authorization>, String> + Sync),
    /// Who is told what is loaded.
    pub watch: Watch<'a>,
}

impl Loader<'_> {
    /// Loads a file, if it is not here.
    pub(super) fn fetch(&self, download: Download) -> Result<Downloaded, DownloadError> {
        self.downloads.fetch(self.client, &self.authorized(download)?, self.watch)
    }

    /// Loads files, several at a time. They come in their order.
    pub(super) fn fetch_all(
        &self,
        downloads: &[Download],
    ) -> Result<Vec<Downloaded>, Vec<DownloadError>> {
        several(downloads, |download| self.fetch(download.clone()))
    }

    fn authorized(&self, download: Download) -> Result<Download, DownloadError> {
        let is_here = |digest| self.downloads.find(digest, download.size).is_some();
        // Archives are often asked without encryption, for what is in them is signed; a password is
        // not sent so.
        let is_asked = download.url.is_private() && !self.client.settings().is_offline;
        if !is_asked || download.digest.as_ref().is_some_and(is_here) {
            return Ok(download);
        }
        let authorization = (self.authorize)(&download.url).map_err(DownloadError::Credentials)?;
        Ok(Download { authorization, ..download })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::Settings;

    #[test]
    fn a_password_is_sent_where_nobody_listens() {
        let client = Client::new(Settings::default()).unwrap();
        let directory = tempfile::tempdir().unwrap();
        let downloads = Downloads::new(directory.path());
        let authorize = &|_: &Url| Ok(Some(Authorization("x".into())));
        let loader = Loader { client: &client, downloads: &downloads, authorize, watch: &|_| {} };
        let case = |url: &str, expected: bool| {
            let made = loader.authorized(Download::of(url.parse().unwrap(), 1)).unwrap();
            assert_eq!(made.authorization.is_some(), expected, "{url}");
        };
        case("https://example.com/a", true);
        case("http://example.com/a", false);
        case("http://127.0.0.1:8080/a", true);
    }

    #[test]
    fn for_what_is_here_nobody_is_asked_who_they_are() {
        let client = Client::new(Settings::default()).unwrap();
        let directory = tempfile::tempdir().unwrap();
        let downloads = Downloads::new(directory.path());
        let stored = downloads.insert(&mut &b"x"[..], None).unwrap();
        let authorize = &|_: &Url| Err("no".to_string());
        let loader = Loader { client: &client, downloads: &downloads, authorize, watch: &|_| {} };
        let url: Url = "https://example.com/a".parse().unwrap();
        let here = Download { digest: Some(stored.digest), ..Download::of(url.clone(), 1) };
        assert!(loader.fetch(here).is_ok_and(|found| found.was_there));
        assert_eq!(loader.fetch(Download::of(url, 1)).unwrap_err().to_string(), "no");
    }
}
