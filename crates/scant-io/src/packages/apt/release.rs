//! What an archive says that it has, once it is known who says so, and that it is said of now.

use scant_core::formats::debian::Release;
use scant_core::formats::lock::Place;
use scant_core::formats::openpgp::Cleartext;
use scant_core::rules::openpgp::{Trust, VerifyError, verify_detached, verify_inline};

use super::lists::Keys;
use super::place::{below, is_absent};
use super::{AptError, Archives};

/// Releases of Debian have some hundred kilobytes.
const LARGEST: u64 = 64 << 20;
/// Clocks differ a little.
const FUTURE: i64 = 600;

/// A release that is believed.
pub(super) struct Believed {
    /// The directory that its paths are below.
    pub(super) directory: Place,
    /// The file that says so.
    pub(super) url: Place,
    pub(super) release: Release,
    /// Whether it is an archive by itself, without components.
    pub(super) is_flat: bool,
}

impl Archives<'_> {
    /// The release of a suite.
    pub(super) fn release(
        &self,
        archive: &Place,
        suite: &str,
        keys: &Keys,
        may_be_over: bool,
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
        self.is_of_now(&url, &release, may_be_over)?;
        if !is_flat {
            is_of(&url, &release, suite)?;
        }
        Ok(Believed { directory, url, release, is_flat })
    }

    /// The bytes of a release that are signed, and where they are from.
    fn believed(&self, directory: &Place, keys: &Keys) -> Result<(Place, Vec<u8>), AptError> {
        let url = below(directory, "InRelease")?;
        if let Some(bytes) = self.if_there(&url)? {
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
        let bytes = self.bytes(&url, LARGEST)?;
        if let Keys::Trusted { keyring, only } = keys {
            let signatures = self.bytes(&below(directory, "Release.gpg")?, LARGEST)?;
            let trust = Trust { keyring, only: only.as_deref(), now: self.now };
            let verified = verify_detached(&bytes, &signatures, trust);
            verified.map_err(|error| AptError::Unsigned { url: url.clone(), error })?;
        }
        Ok((url, bytes))
    }

    /// What is there now; none if nothing is.
    fn if_there(&self, url: &Place) -> Result<Option<Vec<u8>>, AptError> {
        match self.bytes(url, LARGEST) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if is_absent(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether a release counts now: one that is old may be an attack.
    fn is_of_now(&self, url: &Place, release: &Release, may_be_over: bool) -> Result<(), AptError> {
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

/// Whether a release is that of a suite: that of another one is signed by the same key.
fn is_of(url: &Place, release: &Release, suite: &str) -> Result<(), AptError> {
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
