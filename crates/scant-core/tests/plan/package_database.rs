//! What scanners look for, where the manifest asks for it.

use std::fmt::Write as _;

use crate::support::{Listings, check, check_findings, compare, planned};

const DEBIAN: &str = r#"
    /lib -> usr/lib
    package base-files
    /usr/lib/os-release "ID=debian\n"
    /etc/os-release -> ../usr/lib/os-release
    /etc/debian_version "12.0\n"
    /usr/share/doc/base-files/copyright "base"
    package tool
    sum 0123456789ABCDEF0123456789abcdef /usr/bin/tool
    sum 11111111111111111111111111111111 /lib/tool/data
    sum 22222222222222222222222222222222 /usr/share/unused
    /usr/bin/tool "tool"
    /usr/bin/second -> tool
    /usr/lib/tool/ 
    /usr/lib/tool/data "data"
    /etc/tool.conf "message digest"
    /usr/share/unused "unused"
    /usr/share/doc/tool -> common
    package common
    /usr/share/doc/common/copyright "terms"
    package elsewhere
    /usr/share/elsewhere "nobody wants it"
    "#;

/// The files that scant makes, with what is in them.
#[track_caller]
fn check_made(manifest: &str, inputs: Listings<'_>, expected: &str) {
    let plan = planned(manifest, inputs);
    assert_eq!(crate::support::faults(&plan), "");
    let mut shown = String::new();
    for (path, content) in &plan.made {
        writeln!(shown, "{path}:\n{}", String::from_utf8_lossy(content)).unwrap();
    }
    compare(&shown, expected);
}

const TOOL: &str = "
data: [SYS/usr/bin/second, 'SYS/usr/lib/tool:/opt/tool', SYS/etc/tool.conf]
package-database: true
";

#[test]
fn dpkg_knows_what_is_there_by_the_paths_of_the_image() {
    check_made(
        TOOL,
        &[("SYS", DEBIAN)],
        "
        /var/lib/dpkg/status.d/base-files:
        Package: base-files
        Status: install ok installed
        Version: 1
        Architecture: amd64

        /var/lib/dpkg/status.d/base-files.md5sums:
        447e472ec9a77407097cbf98e8d6eec8  etc/debian_version
        0a42f0054a5d366e748297257a8f0f6d  usr/lib/os-release
        593616de15330c0fb2d55e55410bf994  usr/share/doc/base-files/copyright

        /var/lib/dpkg/status.d/common:
        Package: common
        Status: install ok installed
        Version: 1
        Architecture: amd64

        /var/lib/dpkg/status.d/common.md5sums:
        6f493bf6f3beb9d46a9c649d2f7ddd29  usr/share/doc/common/copyright

        /var/lib/dpkg/status.d/tool:
        Package: tool
        Status: install ok installed
        Version: 1
        Architecture: amd64

        /var/lib/dpkg/status.d/tool.md5sums:
        f96b697d7cb7938d525a2f31aaf161d0  etc/tool.conf
        11111111111111111111111111111111  opt/tool/data
        0123456789abcdef0123456789abcdef  usr/bin/tool
        ",
    );
}

#[test]
fn the_distribution_and_the_terms_come_with_it() {
    check(
        "data: [SYS/etc/tool.conf]\npackage-database: true",
        &[("SYS", DEBIAN)],
        "
        /etc/                                                parent directory of /etc/debian_version
        /etc/debian_version                        SYS 0644  package-database:2
        /etc/os-release -> ../usr/lib/os-release   SYS       link on the way to /usr/lib/os-release
        /etc/tool.conf                             SYS 0644  data:1
        /usr/                                                parent directory of /usr/lib/os-release
        /usr/lib/                                            parent directory of /usr/lib/os-release
        /usr/lib/os-release                        SYS 0644  package-database:2
        /usr/share/                                          parent directory of /usr/share/doc/base-files/copyright
        /usr/share/doc/                                      parent directory of /usr/share/doc/base-files/copyright
        /usr/share/doc/base-files/                           parent directory of /usr/share/doc/base-files/copyright
        /usr/share/doc/base-files/copyright        SYS 0644  package-database:2
        /usr/share/doc/common/                               parent directory of /usr/share/doc/common/copyright
        /usr/share/doc/common/copyright            SYS 0644  package-database:2
        /usr/share/doc/tool -> common              SYS       link on the way to /usr/share/doc/common/copyright
        /var/                                                parent directory of /var/lib/dpkg/status.d/base-files
        /var/lib/                                            parent directory of /var/lib/dpkg/status.d/base-files
        /var/lib/dpkg/                                       parent directory of /var/lib/dpkg/status.d/base-files
        /var/lib/dpkg/status.d/                              parent directory of /var/lib/dpkg/status.d/base-files
        /var/lib/dpkg/status.d/base-files          0644      made by scant: `package-database` asks for it
        /var/lib/dpkg/status.d/base-files.md5sums  0644      made by scant: `package-database` asks for it
        /var/lib/dpkg/status.d/common              0644      made by scant: `package-database` asks for it
        /var/lib/dpkg/status.d/common.md5sums      0644      made by scant: `package-database` asks for it
        /var/lib/dpkg/status.d/tool                0644      made by scant: `package-database` asks for it
        /var/lib/dpkg/status.d/tool.md5sums        0644      made by scant: `package-database` asks for it
        ",
    );
}

#[test]
fn apk_knows_what_is_there() {
    let listing = r#"
        apk alpine-release
        /etc/os-release "ID=alpine\n"
        /etc/alpine-release "3.20\n"
        apk tool
        sum /usr/bin/tool
        /usr/bin/tool mode=755 "tool"
        /usr/lib/tool "data"
        /usr/share/licenses/tool/COPYING "terms"
        "#;
    check_made(
        "data: [SYS/usr/bin]\ndirectories: [{path: /usr, mode: '0700'}]\npackage-database: true",
        &[("SYS", listing)],
        "
        /lib/apk/db/installed:
        P:alpine-release
        V:1
        A:x86_64
        F:etc
        R:alpine-release
        R:os-release

        P:tool
        V:1
        A:x86_64
        F:usr
        M:0:0:700
        F:usr/bin
        R:tool
        a:0:0:755
        Z:Q1AAAAAAAAAAAAAAAAAAAAAAAAAAA=
        F:usr/share
        F:usr/share/licenses
        F:usr/share/licenses/tool
        R:COPYING

        ",
    );
    let merged = format!("/lib -> usr/lib\n{listing}");
    let case = |more: &str, expected: &str| {
        let manifest = format!("data: [SYS/usr/bin/tool]\npackage-database: true\n{more}");
        let plan = planned(&manifest, &[("SYS", &merged)]);
        assert_eq!(plan.made.keys().next().unwrap().to_string(), expected);
    };
    case("", "/usr/lib/apk/db/installed");
    case("symlinks: ['/usr/lib:/lib']", "/usr/lib/apk/db/installed");
    case("directories: [/lib]", "/lib/apk/db/installed");
}

#[test]
fn two_inputs_may_have_the_same_package_or_another_version_of_it() {
    let a = "package tool 2\n/usr/lib/os-release \"a\"\n/usr/bin/tool \"a\"\npackage common\n/usr/lib/c \"c\"";
    let b = "package tool 3/4\n/usr/bin/tool \"b\"\npackage common\n/usr/lib/d \"d\"";
    check_made(
        "data: [A/usr/bin/tool, A/usr/lib/c, 'B/usr/bin/tool:/opt/tool', B/usr/lib/d]
package-database: true",
        &[("A", a), ("B", b)],
        "
        /var/lib/dpkg/status.d/common:
        Package: common
        Status: install ok installed
        Version: 1
        Architecture: amd64

        /var/lib/dpkg/status.d/common.md5sums:
        4a8a08f09d37b73795649038408b5f33  usr/lib/c
        8277e0910d750195b448797616e091ad  usr/lib/d

        /var/lib/dpkg/status.d/tool:
        Package: tool
        Status: install ok installed
        Version: 2
        Architecture: amd64

        /var/lib/dpkg/status.d/tool.md5sums:
        0cc175b9c0f1b6a831c399e269772661  usr/bin/tool
        0cc175b9c0f1b6a831c399e269772661  usr/lib/os-release

        /var/lib/dpkg/status.d/tool_3_4:
        Package: tool
        Status: install ok installed
        Version: 3/4
        Architecture: amd64

        /var/lib/dpkg/status.d/tool_3_4.md5sums:
        92eb5ffee6ae2fec3ad71c777531578f  opt/tool
        ",
    );
}

#[test]
fn what_is_declared_is_not_written_over() {
    check_findings(
        "data: [SYS/usr/bin/tool, 'SYS/etc/tool.conf:/var/lib/dpkg/status.d/tool', \
         'SYS/etc/tool.conf:/etc/os-release']\npackage-database: true",
        &[("SYS", DEBIAN)],
        "2: warning: `/var/lib/dpkg/status.d/tool` is declared, so scant does not write it",
    );
}

#[test]
fn what_scanners_will_miss_is_told() {
    let case = |input: &str, expected: &str| {
        let manifest = "data: [SYS/usr/bin/tool]\npackage-database: true";
        check_findings(manifest, &[("SYS", input)], expected);
    };
    let release = |package: &str| {
        format!(
            "2: warning: scanners will not know the distribution: SYS has no /usr/lib/os-release, \
             which comes with the package `{package}`"
        )
    };
    case("package tool\n/usr/bin/tool \"tool\"", &release("base-files"));
    case("apk tool\n/usr/bin/tool \"tool\"", &release("alpine-release"));
    case(
        "/usr/bin/tool \"tool\"",
        "2: warning: `package-database` has nothing to tell: no file of the image is of a package \
         that dpkg or apk would know",
    );
    check_findings(
        "data: [SYS/usr/bin/tool]\npackage-database: false",
        &[("SYS", "package tool\n/usr/bin/tool \"tool\"")],
        "",
    );
}
