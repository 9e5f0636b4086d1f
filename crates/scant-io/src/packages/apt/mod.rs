//! Archives of Debian packages: who has signed what is in them, which packages are chosen, and the
//! packages themselves. Nothing is believed that a signature or a digest does not reach from a key
//! that is trusted, unless the user says so.
//!
//! ```text
//! InRelease, or Release and Release.gpg   release   signed by a key
//!   -SHA256-> Packages                    index     what there is
//!     -SHA256-> .deb                                chosen by scant_core::rules::packages
//! ```

mod error;
mod index;
mod lists;
mod release;

use std::path::{Path, PathBuf};

use scant_core::formats::debian::Source;
use scant_core::formats::lock;
use scant_core::formats::manifest::Apt;
use scant_core::rules::packages::debian::{Index, Packages, Pin, Terms};
use scant_core::words::{Platform, Url};

use super::Choice;
use super::fetch::Fetching;
use crate::cache::{Downloads, Watch};
use crate::net::Client;

pub use error::AptError;
use index::ReadIndex;

/// All that is needed to take packages from archives.
#[derive(Clone, Copy)]
pub struct Archives<'a> {
    /// Asks servers.
    pub client: &'a Client,
    /// Where what is loaded is kept.
    pub downloads: &'a Downloads,
    /// Where apt has its lists and keys on this machine, `/etc/apt`.
    pub apt: &'a Path,
    /// Where relative paths of files of keys start.
    pub directory: &'a Path,
    /// The directory for temporary files.
    pub temporary: &'a Path,
    /// The time now, in seconds since 1970.
    pub now: i64,
    /// Who is told what is loaded.
    pub watch: Watch<'a>,
}

/// Archives, and where they are named.
struct Named {
    source: Source,
    /// The file; none for the manifest.
    file: Option<PathBuf>,
}

impl Archives<'_> {
    /// Chooses the packages for a platform, from what archives have now.
    ///
    /// # Errors
    /// When an archive cannot be had or believed, or there is no choice.
    pub fn choose(&self, apt: &Apt, platform: Platform) -> Result<Choice, AptError> {
        let architecture =
            platform.architecture().debian().ok_or(AptError::Platform { platform })?;
        let named = match &apt.sources {
            Some(sources) => {
                sources.iter().map(|source| Named { source: source.clone(), file: None }).collect()
            }
            None => self.of_machine()?,
        };
        let mut read = Vec::new();
        for named in &named {
            let architectures = &named.source.architectures;
            if architectures.is_empty() || architectures.iter().any(|name| name == architecture) {
                self.read(named, architecture, apt.allow_unsigned, &mut read)?;
            }
        }
        choose(apt, architecture, &read)
    }

    /// Reads all that one entry of a list means.
    fn read(
        &self,
        named: &Named,
        architecture: &str,
        allow_unsigned: bool,
        read: &mut Vec<ReadIndex>,
    ) -> Result<(), AptError> {
        let with = |text: &str| text.replace("$(ARCH)", architecture);
        let keys = self.keys(named, allow_unsigned)?;
        for uri in &named.source.uris {
            let uri = with(uri);
            let archive: Url = uri.parse().map_err(|error| AptError::Uri { error })?;
            for suite in &named.source.suites {
                let suite = with(suite);
                let release = self.release(&archive, &suite, named, &keys)?;
                self.indexes(&archive, &release, &named.source.components, architecture, read)?;
            }
        }
        Ok(())
    }

    /// The files of packages, loaded if they are not here.
    ///
    /// # Errors
    /// All that cannot be had.
    pub fn fetch(&self, packages: &[lock::Package]) -> Result<Vec<PathBuf>, AptError> {
        let Self { client, downloads, directory, watch, .. } = *self;
        let fetching = Fetching { client, downloads, directory, watch };
        fetching.files(packages).map_err(AptError::Packages)
    }
}

/// Chooses from indexes that were read.
fn choose(apt: &Apt, architecture: &str, read: &[ReadIndex]) -> Result<Choice, AptError> {
    let pin = |pin: &scant_core::formats::manifest::AptPin| Pin {
        name: (&*pin.package).into(),
        version: (&*pin.version).into(),
        priority: pin.priority,
    };
    let pins: Vec<_> = apt.pins.iter().map(pin).collect();
    let terms = Terms { architecture, has_recommends: apt.has_recommends, pins: &pins };
    let indexes: Vec<_> =
        read.iter().map(|read| Index { text: &read.text, priority: read.priority }).collect();
    let packages = Packages::read(&indexes, &terms).map_err(|error| AptError::Index {
        url: read[error.index].url.clone(),
        why: error.to_string(),
    })?;
    let chosen = packages.choose(&apt.packages).map_err(AptError::Unsolvable)?;
    let mut all = Vec::new();
    for chosen in chosen {
        let (package, from) = (chosen.package, &read[chosen.index]);
        let name = || package.name.to_string();
        let digest = package.digest.ok_or_else(|| AptError::NoDigest { name: name() })?;
        all.push(lock::Package {
            name: name(),
            version: package.version.to_string(),
            architecture: package.architecture.to_string(),
            place: below(&from.archive, &package.filename)?.into(),
            digest,
            size: package.size,
        });
    }
    all.sort();
    let mut indexes: Vec<_> = read.iter().map(|read| read.lock.clone()).collect();
    indexes.sort();
    indexes.dedup();
    Ok(Choice { indexes, packages: all, notes: Vec::new() })
}

/// A path below an archive.
fn below(archive: &Url, path: &str) -> Result<Url, AptError> {
    use std::fmt::Write as _;
    let refused = || AptError::Path { archive: archive.clone(), path: path.to_string() };
    let path = path.trim_start_matches("./");
    if path.is_empty() || path.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return Err(refused());
    }
    let mut text = format!("{}/", archive.to_string().trim_end_matches('/'));
    for byte in path.bytes() {
        match byte {
            b'/' | b'+' | b'-' | b'.' | b'_' | b'~' | b':' => text.push(char::from(byte)),
            byte if byte.is_ascii_alphanumeric() => text.push(char::from(byte)),
            byte => write!(text, "%{byte:02X}").expect("a string can be written to"),
        }
    }
    text.parse().map_err(|_| refused())
}
