//! The packages of a listing: lines that begin with a word and not with a path.
//!
//! ```text
//! package tool             the paths that follow are of it
//! wants user web           and what else it wants
//! wants group log
//! wants directory /var/lib/web web:log 0750
//! script postinst          which nothing stands for
//! ```

use scant_core::words::{
    InstalledPackage, PackageIdentity, TreePath, Wanted, WantedAccount, WantedDirectory,
};

/// Packages, and the paths of each.
#[derive(Default)]
pub(crate) struct Packages {
    pub(crate) all: Vec<InstalledPackage>,
    pub(crate) paths: Vec<Vec<TreePath>>,
}

impl Packages {
    /// The packages of a listing, and the listing without what is said of them.
    pub(crate) fn parse(text: &str) -> (String, Self) {
        let (mut rest, mut packages) = (String::new(), Self::default());
        for line in text.lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            match (&words[..], packages.all.len()) {
                (["package", name], _) => packages.begin(name),
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

    fn begin(&mut self, name: &str) {
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
