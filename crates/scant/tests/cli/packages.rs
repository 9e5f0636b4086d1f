//! What commands say of packages.

use snapbox::str;

use crate::check::check;
use crate::place::{Place, ROOT};

/// A root whose files are of packages that dpkg has installed.
const DATABASE: &str = r#"
/var/lib/dpkg/status "Package: app\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.0-1\nSource: apps (1.0)\nDescription: an app\n\nPackage: zlib1g\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1:1.3\n"
/var/lib/dpkg/info/app.list "/.\n/usr\n/usr/bin\n/usr/bin/app\n/etc/app.conf\n"
/var/lib/dpkg/info/app.md5sums "0123456789abcdef0123456789abcdef  usr/bin/app\n"
/var/lib/dpkg/info/zlib1g:amd64.list "/.\n/usr/lib64\n/usr/lib64/libz.so.1\n/usr/lib64/libz.so.1.3\n"
/usr/share/doc/app/copyright "free\n"
/etc/debian_version "12.1\n"
/etc/os-release "ID=debian\nVERSION_ID=12\n"
"#;

fn place(more: &str) -> Place {
    let manifest = crate::place::MANIFEST;
    Place::new(&format!("{ROOT}{DATABASE}")).file("app.yaml", &format!("{manifest}{more}"))
}

fn built(more: &str, output: &str) -> Place {
    let place = place(more);
    let built = place.run(&format!("build app.yaml -q -o {output}"));
    assert!(built.status.success(), "{}", place.seen(&built));
    place
}

#[test]
fn why_names_a_package_in_full() {
    check(
        &place(""),
        "why app.yaml /usr/lib64/libz.so.1",
        str![[r#"
exit 0
--- stdout
/usr/lib64/libz.so.1 (link to libz.so.1.3, from ROOT/usr/lib64/libz.so.1, package zlib1g 1:1.3 amd64)
    pkg:deb/debian/zlib1g@1:1.3?arch=amd64
    link on the way to /usr/lib64/libz.so.1.3
  /usr/lib64/libz.so.1.3 (file, 560 B, from ROOT/usr/lib64/libz.so.1.3, package zlib1g 1:1.3 amd64)
      needed by /usr/bin/app as libz.so.1, found in the loader's default directory /lib64
    /usr/bin/app (file, 720 B, from ROOT/usr/bin/app, package app 1.0-1 amd64 (source apps 1.0))
        declared in `binaries` at line 4: serves the site
/usr/lib64/libz.so.1.3 (file, 560 B, from ROOT/usr/lib64/libz.so.1.3, package zlib1g 1:1.3 amd64)
    pkg:deb/debian/zlib1g@1:1.3?arch=amd64
    needed by /usr/bin/app as libz.so.1, found in the loader's default directory /lib64
  /usr/bin/app (file, 720 B, from ROOT/usr/bin/app, package app 1.0-1 amd64 (source apps 1.0))
      declared in `binaries` at line 4: serves the site

"#]],
    );
    check(
        &built("", "oci:image"),
        "why oci:image /etc/app.conf",
        str![[r#"
exit 0
--- stdout
/etc/app.conf (file, 10 B, from ROOT/etc/app.conf, package app 1.0-1 amd64 (source apps 1.0))
    pkg:deb/debian/app@1.0-1?arch=amd64, licence in ROOT/usr/share/doc/app/copyright
    declared in `data` at line 7

"#]],
    );
    check(
        &built("", "oci:image"),
        "why oci:image --json /etc/app.conf",
        str![[r#"
exit 0
--- stdout
{
  "elsewhere": [],
  "nearest": null,
  "nodes": [
    {
      "chain": [
        {
          "path": "/etc/app.conf",
          "reason": {
            "line": 7,
            "section": "data",
            "why": "declared"
          }
        }
      ],
      "node": {
        "gid": 0,
        "kind": "file",
        "mode": "0644",
        "path": "/etc/app.conf",
        "reasons": [
          {
            "line": 7,
            "section": "data",
            "why": "declared"
          }
        ],
        "size": 10,
        "source": {
          "input": "ROOT",
          "package": "app",
          "path": "/etc/app.conf"
        },
        "uid": 0
      },
      "package": {
        "architecture": "amd64",
        "licenseFiles": [
          "/usr/share/doc/app/copyright"
        ],
        "name": "app",
        "purl": "pkg:deb/debian/app@1.0-1?arch=amd64",
        "source": "apps 1.0",
        "version": "1.0-1"
      }
    }
  ],
  "path": "/etc/app.conf",
  "place": null,
  "platform": "linux/amd64",
  "present": true,
  "suggestions": []
}

"#]],
    );
}

#[test]
fn the_packages_of_a_manifest_and_of_its_image() {
    check(
        &place(""),
        "ls --packages app.yaml",
        str![[r#"
exit 0
--- stdout
ROOT  app           1.0-1  amd64  apps 1.0  2 files   730 B
ROOT  zlib1g        1:1.3  amd64            2 files   560 B
-     (no package)                          3 files  1.4 kB

"#]],
    );
    check(
        &built("", "oci:image"),
        "ls --packages oci:image",
        str![[r#"
exit 0
--- stdout
ROOT  app           1.0-1  amd64  apps 1.0  2 files   730 B
ROOT  zlib1g        1:1.3  amd64            2 files   560 B
-     (no package)                          3 files  1.4 kB

"#]],
    );
    check(
        &built("", "oci:image"),
        "ls --packages --json oci:image",
        str![[r#"
exit 0
--- stdout
[
  {
    "architecture": "amd64",
    "bytes": 730,
    "files": 2,
    "input": "ROOT",
    "license": "",
    "name": "app",
    "platform": "linux/amd64",
    "purl": "pkg:deb/debian/app@1.0-1?arch=amd64",
    "source": "apps 1.0",
    "version": "1.0-1"
  },
  {
    "architecture": "amd64",
    "bytes": 560,
    "files": 2,
    "input": "ROOT",
    "license": "",
    "name": "zlib1g",
    "platform": "linux/amd64",
    "purl": "pkg:deb/debian/zlib1g@1:1.3?arch=amd64",
    "source": null,
    "version": "1:1.3"
  },
  {
    "architecture": null,
    "bytes": 1408,
    "files": 3,
    "input": null,
    "license": null,
    "name": null,
    "platform": "linux/amd64",
    "purl": null,
    "source": null,
    "version": null
  }
]

"#]],
    );
}

#[test]
fn an_image_without_provenance_and_packages_says_so() {
    check(
        &built("", "tar:image.tar"),
        "ls --packages tar:image.tar",
        str![[r#"
exit 3
--- stderr
error: `tar:image.tar` does not say which packages its files are of: it has no provenance, and no database of dpkg or apk
hint: layouts and archives that scant built have provenance; for others, ask about the manifest

"#]],
    );
}

#[test]
fn a_database_tells_what_provenance_would() {
    let place = built("package-database: true\n", "tar:image.tar");
    check(
        &place,
        "ls tar:image.tar",
        str![[r#"
exit 0
--- stdout
0755  0:0            /etc/
0644  0:0      10 B  /etc/app.conf
0644  0:0       5 B  /etc/debian_version
0644  0:0      24 B  /etc/os-release
0777  0:0            /lib64 -> usr/lib64
0755  0:0            /usr/
0755  0:0            /usr/bin/
0755  0:0     720 B  /usr/bin/app
0755  0:0            /usr/lib64/
0755  0:0     880 B  /usr/lib64/ld-linux-x86-64.so.2
0755  0:0     528 B  /usr/lib64/libc.so.6
0777  0:0            /usr/lib64/libz.so.1 -> libz.so.1.3
0755  0:0     560 B  /usr/lib64/libz.so.1.3
0755  0:0            /usr/share/
0755  0:0            /usr/share/doc/
0755  0:0            /usr/share/doc/app/
0644  0:0       5 B  /usr/share/doc/app/copyright
0755  0:0            /var/
0755  0:0            /var/lib/
0755  0:0            /var/lib/dpkg/
0755  0:0            /var/lib/dpkg/status.d/
0644  0:0     116 B  /var/lib/dpkg/status.d/app
0644  0:0      93 B  /var/lib/dpkg/status.d/app.md5sums
0644  0:0      80 B  /var/lib/dpkg/status.d/zlib1g
0644  0:0      56 B  /var/lib/dpkg/status.d/zlib1g.md5sums

"#]],
    );
    check(
        &place,
        "ls --packages tar:image.tar",
        str![[r#"
exit 0
--- stdout
-  app           1.0-1  amd64  apps 1.0   2 files   730 B
-  zlib1g        1:1.3  amd64              1 file   560 B
-  (no package)                          11 files  1.8 kB

"#]],
    );
    check(
        &place,
        "why app.yaml /usr/share/doc/app/copyright",
        str![[r#"
exit 0
--- stdout
/usr/share/doc/app/copyright (file, 5 B, from ROOT/usr/share/doc/app/copyright)
    declared in `package-database` at line 10

"#]],
    );
    check(
        &place,
        "why app.yaml /var/lib/dpkg/status.d/app",
        str![[r#"
exit 0
--- stdout
/var/lib/dpkg/status.d/app (file, 116 B)
    made by scant: `package-database` asks for it

"#]],
    );
}

#[test]
fn layers_are_named_by_packages_alone() {
    check(
        &place("layers: by-package\n"),
        "plan --summary app.yaml",
        str![[r#"
exit 0
--- stdout
linux/amd64: 11 paths, 5 files, 4 directories, 2 links, 2.7 kB
by place:
    /usr/lib64    2.0 kB  5 paths
    /usr/bin       720 B  2 paths
    /etc            10 B  2 paths
    /lib64           0 B  1 path
    /usr             0 B  1 path
by input:
    ROOT    2.7 kB  7 paths
by layer:
    ROOT:app        730 B  5 paths
    ROOT:zlib1g     560 B  4 paths
    rest           1.4 kB  5 paths

"#]],
    );
}

#[test]
fn a_root_directory_has_packages_too() {
    check(
        &place(""),
        "ls --packages rootfs:root",
        str![[r#"
exit 0
--- stdout
-  app           1.0-1  amd64  apps 1.0   2 files   730 B
-  zlib1g        1:1.3  amd64             2 files   560 B
-  (no package)                          14 files  2.8 kB

"#]],
    );
}
