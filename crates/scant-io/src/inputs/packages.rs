//! Which package owns a file of an input, and what the package is, from the lists that package managers
//! and Buildroot keep.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use scant_core::formats::alpine;
use scant_core::formats::debian::control::Paragraph;
use scant_core::formats::debian::status;
use scant_core::formats::package_lists::{self, Owners};
use scant_core::words::{Digest, Input, PackageIdentity, Record, TreePath};

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
    pub fn owners(
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

    /// What packages are called in full.
    pub fn identities(
        &self,
        input: &dyn Input,
        names: &BTreeSet<String>,
    ) -> BTreeMap<String, PackageIdentity> {
        match self {
            Self::Databases => identities(input, names),
            Self::Buildroot(_) | Self::None => BTreeMap::new(),
        }
    }

    /// What is kept of packages.
    pub(super) fn records(
        &self,
        input: &dyn Input,
        names: &BTreeSet<String>,
    ) -> BTreeMap<String, Record> {
        match self {
            Self::Databases => records(input, names),
            Self::Buildroot(_) | Self::None => BTreeMap::new(),
        }
    }
}

/// Reads the databases. What cannot be read owns nothing: packages only add to what is said of a
/// file.
fn read_databases(input: &dyn Input, owners: &mut Owners) {
    let info = TreePath::literal(INFO);
    for name in input.list(&info).unwrap_or_default() {
        let Some(package) = name.strip_suffix(b".list") else { continue };
        // `libc6:amd64.list`: the architecture is not part of the name.
        let package = package.split(|&b| b == b':').next().unwrap_or(package);
        let package: Arc<str> = String::from_utf8_lossy(package).into();
        let list = input.read(&info.join(&name), LARGEST_LIST).unwrap_or_default();
        package_lists::dpkg(&list, &package, owners);
    }
    for (name, control) in files_of_packages(input) {
        let Some(package) = status::installed(&control).find_map(|one| one.get("Package")) else {
            continue;
        };
        let sums = text(input, &TreePath::literal(STATUS_D).join(&[&name, MD5SUMS].concat()));
        let paths = status::md5sums(&sums);
        package_lists::owned(paths.keys(), &package.into(), owners);
    }
    for database in apk_databases(input) {
        package_lists::apk(database.as_bytes(), owners);
    }
}

const INFO: &str = "/var/lib/dpkg/info";
const STATUS_D: &str = "/var/lib/dpkg/status.d";
const MD5SUMS: &[u8] = b".md5sums";

/// A file; nothing of one that cannot be read.
fn text(input: &dyn Input, path: &TreePath) -> String {
    let bytes = input.read(path, LARGEST_LIST).unwrap_or_default();
    String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// The files of `status.d`, one for each package, by their names.
fn files_of_packages(input: &dyn Input) -> Vec<(Box<[u8]>, String)> {
    let directory = TreePath::literal(STATUS_D);
    let names = input.list(&directory).unwrap_or_default().into_iter();
    let names = names.filter(|name| !name.ends_with(MD5SUMS));
    names.map(|name| (name.clone(), text(input, &directory.join(&name)))).collect()
}

/// What dpkg says of its packages.
fn dpkg_databases(input: &dyn Input) -> Vec<String> {
    let status = text(input, &TreePath::literal("/var/lib/dpkg/status"));
    let files = files_of_packages(input).into_iter().map(|(_, text)| text);
    [status].into_iter().chain(files).filter(|text| !text.is_empty()).collect()
}

fn apk_databases(input: &dyn Input) -> Vec<String> {
    let places = ["/lib/apk/db/installed", "/usr/lib/apk/db/installed"];
    let texts = places.map(|place| text(input, &TreePath::literal(place)));
    texts.into_iter().filter(|text| !text.is_empty()).collect()
}

/// What packages are called in full.
fn identities(input: &dyn Input, names: &BTreeSet<String>) -> BTreeMap<String, PackageIdentity> {
    let mut found = BTreeMap::new();
    let mut add = |identity: PackageIdentity| {
        if names.contains(&identity.name) {
            found.entry(identity.name.clone()).or_insert(identity);
        }
    };
    let vendor = crate::packages::vendor(input);
    for database in dpkg_databases(input) {
        let vendor = vendor.as_deref().unwrap_or("debian");
        status::installed(&database)
            .filter_map(|one| status::identity(one, vendor))
            .for_each(&mut add);
    }
    for database in apk_databases(input) {
        let vendor = vendor.as_deref().unwrap_or("alpine");
        let packages = alpine::installed::packages(&database);
        packages.filter_map(|one| one.identity(vendor)).for_each(&mut add);
    }
    found
}

/// What the databases keep of packages.
fn records(input: &dyn Input, names: &BTreeSet<String>) -> BTreeMap<String, Record> {
    let mut found = BTreeMap::new();
    for database in dpkg_databases(input) {
        for paragraph in status::installed(&database) {
            let Some(identity) = status::identity(paragraph, "") else { continue };
            if names.contains(&identity.name) && !found.contains_key(&identity.name) {
                let record = record_of_dpkg(input, paragraph, &identity);
                found.insert(identity.name, record);
            }
        }
    }
    for database in apk_databases(input) {
        for package in alpine::installed::packages(&database) {
            let Some(PackageIdentity { name, .. }) = package.identity("") else { continue };
            if names.contains(&name) && !found.contains_key(&name) {
                let (fields, checksums) = (package.fields(), package.checksums());
                found.insert(name, Record::Alpine { fields, checksums });
            }
        }
    }
    found
}

fn record_of_dpkg(
    input: &dyn Input,
    paragraph: Paragraph<'_>,
    identity: &PackageIdentity,
) -> Record {
    let PackageIdentity { name, architecture, .. } = identity;
    let of_architecture = format!("{name}:{architecture}");
    let places = [(INFO, name), (INFO, &of_architecture), (STATUS_D, name)];
    let sums = places.map(|(directory, name)| {
        let file = [name.as_bytes(), MD5SUMS].concat();
        text(input, &TreePath::literal(directory).join(&file))
    });
    Record::Debian { control: paragraph.text().into(), md5sums: sums.concat() }
}
