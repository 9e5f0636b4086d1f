//! Repositories of Alpine's packages: what they have, which packages are chosen, and the packages
//! themselves. Nothing is believed that a signature or a digest does not reach from a key that is
//! given, unless the user says so.
//!
//! ```text
//! ARCHITECTURE/APKINDEX.tar.gz     index     signed by a key
//!   -SHA-1-> control of a package            chosen by scant_core::rules::packages
//!     -SHA-256-> its data
//! ```
//!
//! An index says no digest of a whole package. What is found out of one when it is loaded for the
//! first time, and was compared with the index, goes into locks.

mod error;
mod indexes;
mod keys;
mod load;

use std::path::{Path, PathBuf};

use scant_core::formats::lock;
use scant_core::formats::manifest::Apk;
use scant_core::rules::packages::alpine::{Packages, Question, Repository};
use scant_core::words::Platform;

use crate::inputs::{ArchiveOptions, Limits};
use crate::packages::fetch::Fetching;
use crate::packages::{Choice, Loader};
use crate::registry::parallel;

pub use error::ApkError;
use indexes::ReadIndex;

/// All that is needed to take packages from repositories.
#[derive(Clone, Copy)]
pub struct Repositories<'a> {
    /// Loads files of archives.
    pub loader: Loader<'a>,
    /// Where relative paths of repositories and keys start.
    pub directory: &'a Path,
    /// The directory for temporary files.
    pub temporary: &'a Path,
}

impl Repositories<'_> {
    /// Chooses the packages for a platform, from what repositories have now, and loads them: nothing
    /// else tells their digests.
    ///
    /// # Errors
    /// When a repository or package cannot be had or believed, or there is no choice.
    pub fn choose(&self, apk: &Apk, platform: Platform) -> Result<Choice, ApkError> {
        let architecture =
            platform.architecture().alpine().ok_or(ApkError::Platform { platform })?;
        let keys = self.keys(&apk.keys)?;
        let read = self.indexes(apk, architecture, platform, &keys)?;
        let (chosen, notes) = choose(apk, (architecture, platform), &read)?;
        let mut packages = self.load(&chosen, &keys)?;
        packages.sort();
        let mut indexes: Vec<_> = read.iter().map(|read| read.lock.clone()).collect();
        indexes.sort();
        indexes.dedup();
        Ok(Choice { indexes, packages, notes })
    }

    /// The files of packages, loaded if they are not here.
    ///
    /// # Errors
    /// All that cannot be had.
    pub fn fetch(&self, packages: &[lock::Package]) -> Result<Vec<PathBuf>, ApkError> {
        let Self { loader, directory, .. } = *self;
        Fetching { loader, directory }.files(packages).map_err(ApkError::Fetch)
    }

    fn options(&self) -> ArchiveOptions {
        ArchiveOptions {
            strip_components: 0,
            limits: Limits::default(),
            temporary: self.temporary.to_path_buf(),
        }
    }
}

/// A package that was chosen, and where it is.
struct Chosen<'a> {
    package: scant_core::formats::alpine::Package,
    place: lock::Place,
    from: &'a ReadIndex,
}

/// Chooses from indexes that were read.
fn choose<'a>(
    apk: &Apk,
    (architecture, platform): (&str, Platform),
    read: &'a [ReadIndex],
) -> Result<(Vec<Chosen<'a>>, Vec<String>), ApkError> {
    let repository = |read: &'a ReadIndex| Repository {
        packages: &read.index.packages,
        tag: read.tag.as_deref(),
    };
    let repositories: Vec<_> = read.iter().map(repository).collect();
    let packages = Packages::of(&repositories, architecture);
    let question = Question { wishes: &apk.packages, has_install_if: apk.has_install_if };
    let absent = packages.absent(&apk.packages, platform);
    if !absent.is_empty() {
        return Err(ApkError::Absent(absent));
    }
    let choice = packages.choose(&question);
    let choice = choice.map_err(|why| ApkError::Unsolvable { platform, why })?;
    let note = |one: &scant_core::rules::packages::alpine::LeftOut| {
        let reasons = one.why.reasons.replace('\n', "\n  ");
        format!("{} would come by itself, but is left out:\n  {reasons}", one.name)
    };
    let notes = choice.left_out.iter().map(note).collect();
    let mut all = Vec::new();
    for chosen in choice.packages {
        let (package, from) = (chosen.package, &read[chosen.repository]);
        let name = format!("{}-{}.apk", package.name, package.version.as_str());
        all.push(Chosen { place: from.base.file(architecture, &name)?, package, from });
    }
    Ok((all, notes))
}

/// Does something with each of `items`, several at a time. All errors are told.
fn each<T: Sync, R: Send>(
    items: &[T],
    act: impl Fn(&T) -> Result<R, ApkError> + Sync,
) -> Result<Vec<R>, ApkError> {
    let never_fails = |item: &T| Ok::<_, std::convert::Infallible>(act(item));
    let Ok(results) = parallel::each(items, never_fails);
    let (mut all, mut errors) = (Vec::new(), Vec::new());
    for result in results {
        match result {
            Ok(one) => all.push(one),
            Err(error) => errors.push(error),
        }
    }
    match (errors.pop(), errors.is_empty()) {
        (None, _) => Ok(all),
        (Some(error), true) => Err(error),
        (Some(last), false) => {
            errors.push(last);
            Err(ApkError::Several(errors))
        }
    }
}
