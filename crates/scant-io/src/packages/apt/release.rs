//! What an archive says that it has, once it is known who says so, and that it is said of now.

use std::fs;

use scant_core::formats::debian::Release;
use scant_core::formats::openpgp::Cleartext;
use scant_core::rules::openpgp::{Trust, VerifyError, verify_detached, verify_inline};
use scant_core::words::Url;

use super::lists::Keys;
use super::{AptError, Archives, Named, below};
use crate::cache::{Download, DownloadError};
use crate::net::{NetError, Verify};

/// Releases of Debian have some hundred kilobytes.
const LARGEST: u64 = 64 << 20;
/// Clocks differ a little.
const FUTURE: i64 = 600;

/// A release that is believed.
pub(super) struct Believed {
    /// The directory that its paths are below.
    pub(super) directory: Url,
    /// The file that says so.
    pub(super) url: Url,
    pub(super) release: Release,
    /// Whether it is an archive by itself, without components.
    pub(super) is_flat: bool,
}

impl Archives<'_> {
    /// The release of a suite.
    pub(super) fn release(
        &self,
        archive: &Url,
        suite: &str,
        named: &Named,
        keys: &Keys,
    ) -> Result<Believed, AptError> {
        let is_flat = suite.ends_with('/');
        let suite = suite.trim_matches('/').trim_start_matches("./");
        let directory = match (is_flat, suite) {
            (true, "" | ".") => archive.clone(),
            (true, suite) => below(archive, suite)?,
            (false, suite) => below(archive, &format!("dists/{suite}"))?,
        };
        let (url, bytes) = self.believed(&directory, keys)?;
        let text = String::from_utf8(bytes).map_err(|_| AptError::Text { url: url.clone() })?;
        let release =
            Release::parse(&text).map_err(|error| AptError::Release { url: url.clone(), error })?;
        self.is_of_now(&url, &release, named.source.may_be_over)?;
        if !is_flat {
            is_of(&url, &release, suite)?;
        }
        Ok(Believed { directory, url, release, is_flat })
    }

    /// The bytes of a release that are signed, and where they are from.
    fn believed(&self, directory: &Url, keys: &Keys) -> Result<(Url, Vec<u8>), AptError> {
        let url = below(directory, "InRelease")?;
        if let Some(bytes) = self.loaded(&url)? {
            let text = match keys {
                Keys::Trusted { keyring, only } => {
                    let trust = Trust { keyring, only: only.as_deref(), now: self.now };
                    verify_inline(&bytes, trust).map(|verified| verified.text)
                }
                Keys::Anybody => {
                    let parsed = Cleartext::parse(&bytes).map_err(VerifyError::from);
                    parsed.map(|cleartext| cleartext.text)
                }
            };
            return match text {
                Ok(text) => Ok((url, text)),
                Err(error) => Err(AptError::Unsigned { url, error }),
            };
        }
        let url = below(directory, "Release")?;
        let bytes = self.needed(&url)?;
        if let Keys::Trusted { keyring, only } = keys {
            let signatures = self.needed(&below(directory, "Release.gpg")?)?;
            let trust = Trust { keyring, only: only.as_deref(), now: self.now };
            let verified = verify_detached(&bytes, &signatures, trust);
            verified.map_err(|error| AptError::Unsigned { url: url.clone(), error })?;
        }
        Ok((url, bytes))
    }

    /// What is there now; none if nothing is.
    fn loaded(&self, url: &Url) -> Result<Option<Vec<u8>>, AptError> {
        match self.needed(url) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(AptError::Download(error)) if is_absent(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn needed(&self, url: &Url) -> Result<Vec<u8>, AptError> {
        let download = Download {
            url: url.clone(),
            digest: None,
            size: None,
            authorization: None,
            limit: LARGEST,
            verify: Verify::Content,
        };
        let loaded = self.downloads.fetch(self.client, &download, self.watch)?;
        fs::read(&loaded.path).map_err(|source| AptError::Read { path: loaded.path, source })
    }

    /// Whether a release counts now: one that is old may be an attack.
    fn is_of_now(&self, url: &Url, release: &Release, may_be_over: bool) -> Result<(), AptError> {
        let (url, now) = (url.clone(), self.now);
        match (release.valid_until, release.date) {
            (Some(valid_until), _) if valid_until < now && !may_be_over => {
                Err(AptError::Over { url, valid_until, now })
            }
            (_, Some(date)) if date > now.saturating_add(FUTURE) => {
                Err(AptError::NotYet { url, date, now })
            }
            _ => Ok(()),
        }
    }
}

/// Whether nothing is there.
pub(super) fn is_absent(error: &DownloadError) -> bool {
    matches!(error, DownloadError::Net(NetError::Status(status)) if matches!(status.status, 404 | 410))
}

/// Whether a release is that of a suite: that of another one is signed by the same key.
fn is_of(url: &Url, release: &Release, suite: &str) -> Result<(), AptError> {
    // Names of suites may have more parts, of which releases say only the first.
    let first = |text: &str| text.split('/').next().unwrap_or(text).to_string();
    let names = [&release.suite, &release.codename];
    let says_nothing = names.iter().all(|name| name.is_empty());
    if says_nothing || names.iter().any(|name| **name == suite || first(name) == first(suite)) {
        return Ok(());
    }
    Err(AptError::OtherSuite {
        url: url.clone(),
        suite: suite.to_string(),
        found: release.suite.clone(),
        codename: release.codename.clone(),
    })
}
