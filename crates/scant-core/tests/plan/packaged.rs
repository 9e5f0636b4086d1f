//! The packages of a listing: lines that begin with a word and not with a path.
//!
//! ```text
//! package tool             the paths that follow are of it
//! wants user web           and what else it wants
//! wants group log
//! wants directory /var/lib/web web:log 0750
//! script postinst          which nothing stands for
//! sum DIGEST /usr/bin/x    what `md5sums` says
//! apk tool                 as `package`, of the other kind
//! sum /usr/bin/x           that a file has a checksum
//! ```

use std::collections::BTreeMap;

use scant_core::words::{
    InstalledPackage, PackageIdentity, Record, TreePath, Wanted, WantedAccount, WantedDirectory,
};

/// Packages, and the paths of each.
#[derive(Default)]
pub(crate) struct Packages {
    pub(crate) all: Vec<InstalledPackage>,
    pub(crate) paths: Vec<Vec<TreePath>>,
    pub(crate) records: Vec<Record>,
}

impl Packages {
    /// The packages of a listing, and the listing without what is said of them.
    pub(crate) fn parse(text: &str) -> (String, Self) {
        let (mut rest, mut packages) = (String::new(), Self::default());
        for line in text.lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            match (&words[..], packages.all.len()) {
                (["package", name, version @ ..], _) => {
                    let version = version.first().unwrap_or(&"1");
                    let control =
                        format!("Package: {name}\nVersion: {version}\nArchitecture: amd64\n");
                    packages.begin(name, Record::Debian { control, md5sums: String::new() });
                }
                (["apk", name], _) => {
                    let fields = format!("P:{name}\nV:1\nA:x86_64\n");
                    packages.begin(name, Record::Alpine { fields, checksums: BTreeMap::new() });
                }
                (["conffile", path], count) => {
                    let path = TreePath::parse(*path).unwrap();
                    packages.all[count - 1].conffiles.push(path);
                }
                (["sum", words @ ..], count) => sum(&mut packages.records[count - 1], words),
                (["wants", ..] | ["script", ..], count) => {
                    want(&mut packages.all[count - 1].wanted, &words);
                }
                ([path, ..], 1..) => {
                    let path = TreePath::parse(*path).unwrap();
                    packages.paths.last_mut().unwrap().push(path);
                    rest += &format!("{line}\n");
                }
                _ => rest += &format!("{line}\n"),
            }
        }
        packages.paths.iter_mut().for_each(|paths| paths.sort());
        (rest, packages)
    }

    /// The last package that has a path.
    pub(crate) fn owner(&self, path: &TreePath) -> Option<&String> {
        let number = self.paths.iter().rposition(|paths| paths.contains(path))?;
        Some(&self.all[number].identity.name)
    }

    fn begin(&mut self, name: &str, record: Record) {
        let identity = PackageIdentity {
            name: name.into(),
            version: "1".into(),
            architecture: "amd64".into(),
            source: None,
            license: String::new(),
            purl: format!("pkg:deb/debian/{name}@1?arch=amd64"),
        };
        let (conffiles, wanted) = (Vec::new(), Wanted::default());
        self.all.push(InstalledPackage { identity, conffiles, wanted });
        self.paths.push(Vec::new());
        self.records.push(record);
    }
}

fn sum(record: &mut Record, words: &[&str]) {
    match (record, words) {
        (Record::Debian { md5sums, .. }, [digest, path]) => {
            *md5sums += &format!("{digest}  {}\n", &path[1..]);
        }
        (Record::Alpine { checksums, .. }, [path]) => {
            checksums.insert(TreePath::parse(*path).unwrap(), [0; 20]);
        }
        (_, words) => panic!("{words:?}"),
    }
}

fn want(wanted: &mut Wanted, words: &[&str]) {
    match words {
        ["wants", "user", name] => wanted.accounts.push(WantedAccount::User {
            name: (*name).into(),
            uid: None,
            group: (*name).into(),
            home: "/".into(),
            shell: "/bin/false".into(),
        }),
        ["wants", "group", name] => {
            wanted.accounts.push(WantedAccount::Group { name: (*name).into(), gid: None });
        }
        ["wants", "directory", path, owner, mode] => {
            let (user, group) = owner.split_once(':').unwrap();
            wanted.directories.push(WantedDirectory {
                path: TreePath::parse(*path).unwrap(),
                mode: Some(mode.parse().unwrap()),
                user: user.into(),
                group: group.into(),
            });
        }
        ["script", name] => wanted.uncovered.push((*name).into()),
        words => panic!("{words:?}"),
    }
}
