//! Many packages as one root, as dpkg would lay them over one another.

use std::path::PathBuf;

use scant_core::formats::debian::Package;
use scant_core::rules::packages::actions::{self, System};
use scant_core::words::TreePath;

use super::files::MERGED;
use super::{DebError, DebPackage};
use crate::inputs::ArchiveOptions;
use crate::packages::{Part, Union, UnionError, vendor};
use crate::registry::parallel;

/// Why packages cannot be one root.
#[derive(Debug, thiserror::Error)]
pub enum DebRootError {
    /// One of them cannot be read.
    #[error(transparent)]
    Package(#[from] DebError),
    /// They do not go together.
    #[error(transparent)]
    Union(#[from] UnionError),
}

/// Opens packages, each of them a file, as one root with what their scripts would have made.
///
/// # Errors
/// The first that is damaged, or all files that they cannot share.
pub fn root(paths: &[PathBuf], options: &ArchiveOptions) -> Result<Union, DebRootError> {
    let opened = parallel::each(paths, |path| {
        let opened = DebPackage::open(path, options)?;
        Ok::<_, DebError>((opened.package.clone(), opened.into_part(path, options)?))
    })?;
    let (packages, mut parts): (Vec<Package>, Vec<Part>) = opened.into_iter().unzip();
    if let Some(vendor) = parts.iter().find_map(|part| vendor(&*part.root)) {
        for (package, part) in packages.iter().zip(&mut parts) {
            part.identity = package.identity(&vendor);
        }
    }
    let union = Union::of(parts, &|a, b| replaces(&packages[a], &packages[b]))?;
    let usr = TreePath::literal("/usr");
    let link = |name: &str| (TreePath::root().join(name.as_bytes()), usr.join(name.as_bytes()));
    let links = MERGED.map(link);
    Ok(union.with_links(&links).with_actions(System::Deb, &actions::builtin())?)
}

/// [Debian Policy, 7.6](https://www.debian.org/doc/debian-policy/ch-relationships.html#overwriting-files-and-replacing-packages-replaces).
fn replaces(one: &Package, other: &Package) -> bool {
    one.replaces
        .iter()
        .any(|relation| relation.name == other.name && relation.allows(&other.version))
}
