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
mod files;
mod index;
mod lists;
mod place;
mod release;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use scant_core::formats::debian::{SNAPSHOT, Source, place_of_archive};
use scant_core::formats::lock::{self, Place};
use scant_core::formats::manifest::Apt;
use scant_core::rules::packages::debian::{Index, Packages, Pin, Terms};
use scant_core::words::Platform;

use super::fetch::Fetching;
use super::{Choice, Loader};
use crate::registry::each;

pub use error::AptError;
use index::ReadIndex;
use lists::Keys;
use place::below;

/// All that is needed to take packages from archives.
#[derive(Clone, Copy)]
pub struct Archives<'a> {
    /// Loads files of archives.
    pub loader: Loader<'a>,
    /// Where apt has its lists and keys on this machine, `/etc/apt`.
    pub apt: &'a Path,
    /// Where relative paths of files of keys start.
    pub directory: &'a Path,
    /// The directory for temporary files.
    pub temporary: &'a Path,
    /// The time now, in seconds since 1970.
    pub now: i64,
}

/// One thing that has lists of packages.
enum Wanted<'s> {
    /// Packages in no archive.
    Files(&'s str),
    /// A release of an archive, and who must have signed it.
    Suite { source: &'s Source, uri: String, suite: String, keys: Arc<Keys> },
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
        let mut wanted = Vec::new();
        for named in &named {
            let architectures = &named.source.architectures;
            if architectures.is_empty() || architectures.iter().any(|name| name == architecture) {
                self.wanted(named, architecture, apt.allow_unsigned, &mut wanted)?;
            }
        }
        let read = each(&wanted, |wanted| self.read(wanted, architecture))?;
        choose(apt, architecture, &read.into_iter().flatten().collect::<Vec<_>>())
    }

    /// All that one entry of a list means.
    fn wanted<'s>(
        &self,
        named: &'s Named,
        architecture: &str,
        allow_unsigned: bool,
        all: &mut Vec<Wanted<'s>>,
    ) -> Result<(), AptError> {
        let source = &named.source;
        all.extend(source.files.iter().map(|pattern| Wanted::Files(pattern)));
        if source.uris.is_empty() {
            return Ok(());
        }
        let with = |text: &String| text.replace("$(ARCH)", architecture);
        let keys = Arc::new(self.keys(named, allow_unsigned)?);
        for uri in source.uris.iter().map(with) {
            for suite in source.suites.iter().map(with) {
                let (uri, keys) = (uri.clone(), keys.clone());
                all.push(Wanted::Suite { source, uri, suite, keys });
            }
        }
        Ok(())
    }

    /// The lists of it.
    fn read(&self, wanted: &Wanted<'_>, architecture: &str) -> Result<Vec<ReadIndex>, AptError> {
        let (source, uri, suite, keys) = match wanted {
            Wanted::Files(pattern) => return Ok(vec![self.files(pattern)?]),
            Wanted::Suite { source, uri, suite, keys } => (source, uri, suite, keys),
        };
        let place = |uri: &str| place_of_archive(uri).map_err(|error| AptError::Uri { error });
        let release =
            |archive: &Place, may_be_over| self.release(archive, suite, keys, may_be_over);
        let of_snapshot = |template: &str, name| -> Result<_, AptError> {
            let archive = place(template.replace(SNAPSHOT, name).trim_end_matches('/'))?;
            // Nothing comes after a snapshot that somebody could hold back.
            let release = release(&archive, true)?;
            Ok((archive, release))
        };
        let (archive, release) = match &source.snapshot {
            None => {
                let archive = place(uri)?;
                let release = release(&archive, source.may_be_over)?;
                (archive, release)
            }
            Some(name) if uri.contains(SNAPSHOT) => of_snapshot(uri, name)?,
            Some(name) => {
                // apt asks the archive where its snapshots are, too.
                let now = release(&place(uri)?, source.may_be_over)?;
                let template = &now.release.snapshots;
                if !template.contains(SNAPSHOT) {
                    return Err(AptError::NoSnapshots { url: now.url });
                }
                of_snapshot(template, name)?
            }
        };
        let is_unsigned = matches!(**keys, Keys::Anybody);
        self.indexes(&archive, &release, &source.components, architecture, is_unsigned)
    }

    /// The files of packages, loaded if they are not here.
    ///
    /// # Errors
    /// All that cannot be had.
    pub fn fetch(&self, packages: &[lock::Package]) -> Result<Vec<PathBuf>, AptError> {
        let Self { loader, directory, .. } = *self;
        Fetching { loader, directory }.files(packages).map_err(AptError::Packages)
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
        url: read[error.index].place.clone(),
        why: error.to_string(),
    })?;
    let absent = packages.absent(&apt.packages);
    if !absent.is_empty() {
        return Err(AptError::Absent(absent));
    }
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
            place: match &from.archive {
                Some(archive) => below(archive, &package.filename)?,
                None => Place::File(package.filename.to_string()),
            },
            digest,
            size: package.size,
        });
    }
    all.sort();
    let mut indexes: Vec<_> = read.iter().map(|read| read.lock.clone()).collect();
    indexes.sort();
    indexes.dedup();
    let unsigned = read.iter().filter(|read| read.is_unsigned);
    let note = |read: &ReadIndex| format!("nobody has signed `{}`", read.place.shown());
    let mut notes: Vec<_> = unsigned.map(note).collect();
    notes.sort();
    notes.dedup();
    Ok(Choice { indexes, packages: all, notes })
}
