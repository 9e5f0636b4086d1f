//! Whose files are: the databases that a root file system may hold.

use std::collections::BTreeSet;

use scant_core::words::{Input, Record};
use scant_io::inputs::{DirectoryInput, Packages};

use crate::support::{path, tree};

#[test]
fn dpkg_and_apk_name_owners_also_by_paths_before_the_merged_usr() {
    let directory = tree(
        r#"
        /var/lib/dpkg/info/libc6:amd64.list  "/.\n/lib\n/lib/libc.so.6\n"
        /var/lib/dpkg/info/bash.list         "/.\n/bin\n/bin/bash\n/lib\n"
        /lib/apk/db/installed                "P:musl\nF:usr/lib\nR:libm.so\n"
        "#,
    );
    let input = DirectoryInput::open(directory.path(), Packages::default()).unwrap();
    let paths = ["/usr/lib/libc.so.6", "/bin/bash", "/usr/lib/libm.so", "/lib", "/etc/motd"];
    let found = input.packages(&paths.map(path).into_iter().collect::<BTreeSet<_>>());
    let shown: Vec<_> = found.iter().map(|(path, package)| format!("{path} {package}")).collect();
    assert_eq!(shown, ["/bin/bash bash", "/usr/lib/libc.so.6 libc6", "/usr/lib/libm.so musl"]);
}

/// What the packages of these names are called.
fn called(listing: &str, names: &[&str]) -> Vec<String> {
    let directory = tree(listing);
    let input = DirectoryInput::open(directory.path(), Packages::default()).unwrap();
    let names = names.iter().map(|name| name.to_string()).collect();
    let found = input.identities(&names).into_values();
    found.map(|identity| format!("{identity}; {}", identity.purl)).collect()
}

#[test]
fn databases_say_what_packages_are() {
    let listing = r#"
        /usr/lib/os-release             "ID=ubuntu\n"
        /var/lib/dpkg/status            "Package: libc6\nStatus: install ok installed\nVersion: 2.36-9\nArchitecture: amd64\nSource: glibc\n\nPackage: gone\nStatus: deinstall ok config-files\nVersion: 1\n"
        /var/lib/dpkg/status.d/bash     "Package: bash\nVersion: 5.2-1\n"
        /lib/apk/db/installed           "P:musl\nV:1.2.5-r0\nA:x86_64\n"
        "#;
    assert_eq!(
        called(listing, &["libc6", "gone", "bash", "musl", "none"]),
        [
            "bash 5.2-1; pkg:deb/ubuntu/bash@5.2-1",
            "libc6 2.36-9 amd64 (source glibc); pkg:deb/ubuntu/libc6@2.36-9?arch=amd64",
            "musl 1.2.5-r0 x86_64; pkg:apk/ubuntu/musl@1.2.5-r0?arch=x86_64",
        ]
    );
    assert_eq!(called("/etc/motd \"\"", &["bash"]), [""; 0]);
}

#[test]
fn digests_of_single_files_name_owners_too() {
    let directory = tree(
        r#"
        /var/lib/dpkg/status.d/bash          "Package: bash\nVersion: 5.2-1\n"
        /var/lib/dpkg/status.d/bash.md5sums  "d41d8cd98f00b204e9800998ecf8427e  bin/bash\n"
        "#,
    );
    let input = DirectoryInput::open(directory.path(), Packages::default()).unwrap();
    let found = input.packages(&BTreeSet::from([path("/usr/bin/bash"), path("/bin/sh")]));
    assert_eq!(found.into_iter().collect::<Vec<_>>(), [(path("/usr/bin/bash"), "bash".into())]);
    let control = "Package: bash\nVersion: 5.2-1\n".into();
    let md5sums = "d41d8cd98f00b204e9800998ecf8427e  bin/bash\n".into();
    let records = input.records(&["bash", "dash"].map(Into::into).into());
    assert_eq!(records, [("bash".into(), Record::Debian { control, md5sums })].into());
}

#[test]
fn names_that_lead_elsewhere_are_of_no_package() {
    let directory = tree(
        r#"
        /var/lib/dpkg/status             "Status: install ok installed\nVersion: 1\n\nPackage: ab\nStatus: install ok installed\nVersion: 1\nArchitecture: ../../x\n"
        /var/lib/dpkg/info/.list         "/usr/bin/a\n"
        /var/lib/dpkg/status.d/x         "Package: a/b\nVersion: 1\n"
        /var/lib/dpkg/status.d/x.md5sums "d41d8cd98f00b204e9800998ecf8427e  usr/bin/b\n"
        /lib/apk/db/installed            "F:usr/bin\nR:c\n\nV:1\nF:usr\n"
        "#,
    );
    let input = DirectoryInput::open(directory.path(), Packages::default()).unwrap();
    let paths = ["/usr/bin/a", "/usr/bin/b", "/usr/bin/c"].map(path);
    let mut names: BTreeSet<String> = input.packages(&paths.into()).into_values().collect();
    names.extend(["", "a/b", "ab"].map(String::from));
    assert_eq!(input.records(&names), [].into());
    assert_eq!(input.identities(&names), [].into());
}
