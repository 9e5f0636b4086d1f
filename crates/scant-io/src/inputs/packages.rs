//! Which package owns a file of an input, from the lists that package managers and Buildroot keep.

use std::sync::{Arc, OnceLock};

use scant_core::formats::package_lists::{self, Owners};
use scant_core::words::{Input, TreePath};

/// A list of packages is some megabytes at the most.
const LARGEST_LIST: u64 = 256 << 20;

/// The owners of an input's files, read when somebody first asks.
#[derive(Default)]
pub struct Packages {
    known: Option<Owners>,
    database: OnceLock<Owners>,
}

impl Packages {
    /// What a list that was read already says; the input's own database is not looked at.
    pub fn listed(owners: Owners) -> Self {
        Self { known: Some(owners), database: OnceLock::new() }
    }

    /// The package that owns `path`.
    pub(super) fn owner(&self, input: &dyn Input, path: &TreePath) -> Option<String> {
        let owners = match &self.known {
            Some(owners) => owners,
            None => self.database.get_or_init(|| read_databases(input)),
        };
        let aliased = || path.below(&TreePath::literal("/usr"));
        let owner = owners.get(path).or_else(|| owners.get(&aliased()?));
        owner.map(|package| package.to_string())
    }
}

/// The databases of dpkg and apk, where the input has them. What cannot be read owns nothing:
/// packages only add to what is said of a file.
fn read_databases(input: &dyn Input) -> Owners {
    let mut owners = Owners::default();
    let info = TreePath::literal("/var/lib/dpkg/info");
    for name in input.list(&info).unwrap_or_default() {
        let Some(package) = name.strip_suffix(b".list") else { continue };
        // `libc6:amd64.list`: the architecture is not part of the name.
        let package = package.split(|&b| b == b':').next().unwrap_or(package);
        let package: Arc<str> = String::from_utf8_lossy(package).into();
        let list = input.read(&info.join(&name), LARGEST_LIST).unwrap_or_default();
        package_lists::dpkg(&list, &package, &mut owners);
    }
    for installed in ["/lib/apk/db/installed", "/usr/lib/apk/db/installed"] {
        if let Ok(list) = input.read(&TreePath::literal(installed), LARGEST_LIST) {
            package_lists::apk(&list, &mut owners);
        }
    }
    owners
}
