//! Packages of a distribution, as what an input may be made of. Which packages go together, and how
//! they are read, is not said here.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Serialize};

use super::{InputError, Meta, TreePath};

/// What a package is called.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PackageIdentity {
    /// Its name.
    pub name: String,
    /// Its version, as its distribution writes it.
    pub version: String,
    /// Its architecture, by the name that its distribution uses; empty where it does not say.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub architecture: String,
    /// The source package that it was built from, where that has another name or version: `NAME`, or
    /// `NAME VERSION`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// What it says of its licence; empty where it does not say.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub license: String,
    /// Its package URL. [Specification](https://github.com/package-url/purl-spec).
    pub purl: String,
}

/// `nginx-light 1.22.1-9 amd64 (source nginx)`.
impl fmt::Display for PackageIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.version)?;
        if !self.architecture.is_empty() {
            write!(f, " {}", self.architecture)?;
        }
        self.source.as_ref().map_or(Ok(()), |source| write!(f, " (source {source})"))
    }
}

/// A package of which an image has something, as its provenance tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UsedPackage {
    /// What it is called.
    #[serde(flatten)]
    pub identity: PackageIdentity,
    /// The files of the input that say under which terms it may be used.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub license_files: Vec<TreePath>,
}

/// What a package manager keeps of a package that is installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// dpkg.
    Debian {
        /// The paragraph of its control file.
        control: String,
        /// The text of its `md5sums`.
        md5sums: String,
    },
    /// apk.
    Alpine {
        /// The lines of the database about it, without those about its files.
        fields: String,
        /// The SHA-1 of its files, and of the texts of its links.
        checksums: BTreeMap<TreePath, [u8; 20]>,
    },
}

/// A package that an input has all files of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstalledPackage {
    /// What it is called.
    pub identity: PackageIdentity,
    /// The files that an administrator may change, by what the package calls them.
    pub conffiles: Vec<TreePath>,
    /// What its scripts would have done that no file of the input stands for.
    pub wanted: Wanted,
}

/// What an image that has a whole package needs beside its files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Users and groups.
    pub accounts: Vec<WantedAccount>,
    /// Directories, perhaps of those users.
    pub directories: Vec<WantedDirectory>,
    /// The names of scripts that nothing stands for.
    pub uncovered: Vec<String>,
}

impl Wanted {
    /// Where something is made for it.
    pub fn paths(&self) -> Vec<TreePath> {
        let lists = ["/etc/passwd", "/etc/group"].map(TreePath::literal).into_iter();
        let lists = lists.filter(|_| !self.accounts.is_empty());
        lists.chain(self.directories.iter().map(|directory| directory.path.clone())).collect()
    }
}

/// A user with its group, or a group alone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum WantedAccount {
    /// A user.
    User {
        /// Its name.
        name: String,
        /// Its number; none if any that is free will do.
        uid: Option<u32>,
        /// The name of its group.
        group: String,
        /// Its home.
        home: String,
        /// Its shell.
        shell: String,
    },
    /// A group.
    Group {
        /// Its name.
        name: String,
        /// Its number; none if any that is free will do.
        gid: Option<u32>,
    },
}

/// What an account is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountKind {
    /// A user.
    User,
    /// A group.
    Group,
}

impl fmt::Display for AccountKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::User => "user",
            Self::Group => "group",
        })
    }
}

impl WantedAccount {
    /// Whether it makes an account of this kind and name.
    pub fn has(&self, kind: AccountKind, wanted: &str) -> bool {
        match (self, kind) {
            (Self::User { name, .. }, AccountKind::User)
            | (Self::User { group: name, .. } | Self::Group { name, .. }, AccountKind::Group) => {
                name == wanted
            }
            (Self::Group { .. }, AccountKind::User) => false,
        }
    }
}

/// A directory.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct WantedDirectory {
    /// Where.
    pub path: TreePath,
    /// Permission bits; none for what is usual, or what it has already.
    pub mode: Option<super::Mode>,
    /// The name or number of its user.
    pub user: String,
    /// The name or number of its group.
    pub group: String,
}

/// An input that is made of whole packages.
pub trait Packaged {
    /// The packages, sorted by name.
    fn all(&self) -> &[InstalledPackage];

    /// What a package manager would keep of the package of this number.
    fn record(&self, package: usize) -> Option<Record>;

    /// The paths in the input at which the package of this number has something, sorted; directories
    /// may be of several packages.
    ///
    /// # Errors
    /// When the package cannot be read.
    fn paths(&self, package: usize) -> Result<Vec<TreePath>, InputError>;

    /// Owner, mode and extended attributes of what is at a path, links not followed.
    ///
    /// # Errors
    /// When the package cannot be read.
    fn meta(&self, path: &TreePath) -> Result<Option<Meta>, InputError>;
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn what_a_package_is_called() {
        let mut identity = PackageIdentity {
            name: "nginx-light".into(),
            version: "1.22.1-9".into(),
            architecture: "amd64".into(),
            source: Some("nginx".into()),
            license: String::new(),
            purl: "pkg:deb/debian/nginx-light@1.22.1-9?arch=amd64".into(),
        };
        assert_eq!(identity.to_string(), "nginx-light 1.22.1-9 amd64 (source nginx)");
        identity.source = None;
        identity.architecture.clear();
        assert_eq!(identity.to_string(), "nginx-light 1.22.1-9");
    }
}
