//! Many packages as one root, as apk would lay them over one another.

use std::path::PathBuf;

use scant_core::rules::packages::actions::{self, System};

use super::replaces::replaces;
use super::{ApkFault, ApkPackage, Demand, Expected};
use crate::inputs::ArchiveOptions;
use crate::packages::{Union, UnionError};
use crate::registry::parallel;

/// Why packages cannot be one root.
#[derive(Debug, thiserror::Error)]
pub enum ApkRootError {
    /// One of them cannot be read.
    #[error("the package `{}`: {fault}", path.display())]
    Package {
        /// The package.
        path: PathBuf,
        /// What is wrong with it.
        fault: Box<ApkFault>,
    },
    /// They do not go together.
    #[error(transparent)]
    Union(#[from] UnionError),
}

/// Opens packages, each of them a file that is known to be what it must be, as one root with what
/// their scripts would have made. `vendor` is whose packages they are, where they do not say so
/// themselves.
///
/// # Errors
/// The first that is damaged, or all files that they cannot share.
pub fn root(
    paths: &[PathBuf],
    vendor: &str,
    options: &ArchiveOptions,
) -> Result<Union, ApkRootError> {
    let expected = Expected { listed: None, keys: &[], demand: Demand::Nothing, vendor };
    let mut packages = parallel::each(paths, |path| {
        let opened = ApkPackage::open(path, &expected, options);
        opened.map_err(|fault| ApkRootError::Package { path: path.clone(), fault: fault.into() })
    })?;
    if let Some(vendor) = packages.iter().find_map(|package| crate::packages::vendor(package)) {
        packages.iter_mut().for_each(|package| package.call_vendor(&vendor));
    }
    let infos: Vec<_> = packages.iter().map(|package| package.info.clone()).collect();
    let parts = packages.into_iter().map(Into::into).collect();
    let union = Union::of(parts, &|a, b| replaces(&infos[a], &infos[b]))?;
    Ok(union.with_actions(System::Apk, &actions::builtin())?)
}
