//! Which package owns a file of an input, from the lists that package managers and Buildroot keep.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use scant_core::formats::package_lists::{self, Owners};
use scant_core::words::{Digest, Input, TreePath};

/// A list of packages is some megabytes at the most.
const LARGEST_LIST: u64 = 256 << 20;

/// What an input knows of its packages.
#[derive(Clone, Debug, Default)]
pub enum Packages {
    /// The databases of dpkg and apk, where it has them.
    #[default]
    Databases,
    /// A list of Buildroot.
    Buildroot(Vec<u8>),
    /// Nothing.
    None,
}

impl Packages {
    /// What is known before the input is asked.
    pub(super) fn digest(&self) -> Digest {
        match self {
            Self::Databases => Digest::of(b"databases"),
            Self::Buildroot(list) => Digest::of(list),
            Self::None => Digest::of(b"none"),
        }
    }

    /// The packages that own these paths.
    pub(super) fn owners(
        &self,
        input: &dyn Input,
        paths: &BTreeSet<TreePath>,
    ) -> BTreeMap<TreePath, String> {
        // Databases older than the merged /usr name files by their old paths.
        let usr = TreePath::literal("/usr");
        let aliases: BTreeSet<TreePath> =
            paths.iter().filter_map(|path| path.below(&usr)).collect();
        let mut owners = Owners::of(paths.union(&aliases));
        match self {
            Self::Databases => read_databases(input, &mut owners),
            Self::Buildroot(list) => package_lists::buildroot(list, &mut owners),
            Self::None => {}
        }
        let owner = |path: &TreePath| {
            let package = owners.get(path).or_else(|| owners.get(&path.below(&usr)?))?;
            Some((path.clone(), package.to_string()))
        };
        paths.iter().filter_map(owner).collect()
    }
}

/// Reads the databases. What cannot be read owns nothing: packages only add to what is said of a
/// file.
fn read_databases(input: &dyn Input, owners: &mut Owners) {
    let info = TreePath::literal("/var/lib/dpkg/info");
    for name in input.list(&info).unwrap_or_default() {
        let Some(package) = name.strip_suffix(b".list") else { continue };
        // `libc6:amd64.list`: the architecture is not part of the name.
        let package = package.split(|&b| b == b':').next().unwrap_or(package);
        let package: Arc<str> = String::from_utf8_lossy(package).into();
        let list = input.read(&info.join(&name), LARGEST_LIST).unwrap_or_default();
        package_lists::dpkg(&list, &package, owners);
    }
    for installed in ["/lib/apk/db/installed", "/usr/lib/apk/db/installed"] {
        if let Ok(list) = input.read(&TreePath::literal(installed), LARGEST_LIST) {
            package_lists::apk(&list, owners);
        }
    }
}
