//! `scant plan`.

use snapbox::str;

use crate::check::{check, check_manifest};
use crate::place::Place;

#[test]
fn the_tree_with_a_reason_for_each_path() {
    check(
        &Place::with_app(),
        "plan app.yaml",
        str![[r#"
exit 0
--- stdout
0755  0:0            /etc/                                parent directory of /etc/app.conf
0644  0:0      10 B  /etc/app.conf                        declared in `data` at line 7
0777  0:0            /lib64 -> usr/lib64                  link on the way to /usr/lib64/ld-linux-x86-64.so.2 (and 2 more)
0755  0:0            /usr/                                parent directory of /usr/bin/app
0755  0:0            /usr/bin/                            parent directory of /usr/bin/app
0755  0:0     720 B  /usr/bin/app                         declared in `binaries` at line 4: serves the site
0755  0:0            /usr/lib64/                          parent directory of /usr/lib64/ld-linux-x86-64.so.2
0755  0:0     880 B  /usr/lib64/ld-linux-x86-64.so.2      interpreter of /usr/bin/app
0755  0:0     528 B  /usr/lib64/libc.so.6                 needed by /usr/bin/app as libc.so.6, found in the loader's default directory /lib64 (and 1 more)
0777  0:0            /usr/lib64/libz.so.1 -> libz.so.1.3  link on the way to /usr/lib64/libz.so.1.3
0755  0:0     560 B  /usr/lib64/libz.so.1.3               needed by /usr/bin/app as libz.so.1, found in the loader's default directory /lib64
--- stderr
linux/amd64: 11 paths, 2.7 kB of files

"#]],
    );
}

#[test]
fn the_manifest_of_the_current_directory_is_the_default() {
    let place = Place::with_app();
    std::fs::rename(place.path().join("app.yaml"), place.path().join("scant.yaml")).unwrap();
    assert_eq!(place.run("plan").stdout, place.run("plan scant.yaml").stdout);
}

#[test]
fn a_plan_as_json() {
    let manifest = "\
inputs:
  ROOT: {backend: sysroot, path: root}
binaries: [ROOT/usr/bin/static]
symlinks: [/usr/bin/static:/init]
";
    check_manifest(
        "plan app.yaml --json",
        manifest,
        str![[r#"
exit 0
--- stdout
[
  {
    "mediaType": "application/vnd.scant.provenance.v1+json",
    "version": 1,
    "platform": "linux/amd64",
    "nodes": [
      {
        "path": "/init",
        "kind": "symlink",
        "target": "/usr/bin/static",
        "mode": "0777",
        "uid": 0,
        "gid": 0,
        "reasons": [
          {
            "why": "declared",
            "section": "symlinks",
            "line": 4
          }
        ]
      },
      {
        "path": "/usr",
        "kind": "directory",
        "mode": "0755",
        "uid": 0,
        "gid": 0,
        "reasons": [
          {
            "why": "parent",
            "of": "/usr/bin/static"
          }
        ]
      },
      {
        "path": "/usr/bin",
        "kind": "directory",
        "mode": "0755",
        "uid": 0,
        "gid": 0,
        "reasons": [
          {
            "why": "parent",
            "of": "/usr/bin/static"
          }
        ]
      },
      {
        "path": "/usr/bin/static",
        "kind": "file",
        "size": 249,
        "mode": "0755",
        "uid": 0,
        "gid": 0,
        "source": {
          "input": "ROOT",
          "path": "/usr/bin/static"
        },
        "reasons": [
          {
            "why": "declared",
            "section": "binaries",
            "line": 3
          }
        ]
      }
    ],
    "suggestions": []
  }
]
--- stderr
notice: neither `entrypoint` nor `cmd` is set: `docker run` needs a program then

"#]],
    );
}

#[test]
fn findings_go_to_stderr() {
    let manifest = "\
inputs:
  ROOT: {backend: sysroot, path: root}
binaries: [ROOT/usr/bin/static]
data:
  - {from: ROOT/etc/, to: /etc/, include: ['*.cfg']}
image:
  entrypoint: [/usr/bin/other]
";
    check_manifest(
        "plan app.yaml",
        manifest,
        str![[r#"
exit 0
--- stdout
0755  0:0            /etc/            declared in `data` at line 5
0755  0:0            /usr/            parent directory of /usr/bin/static
0755  0:0            /usr/bin/        parent directory of /usr/bin/static
0755  0:0     249 B  /usr/bin/static  declared in `binaries` at line 3
--- stderr
warning: nothing in `ROOT/etc` matches `*.cfg` (app.yaml:5)
warning: `/usr/bin/other` is started and is not in the image (app.yaml:7)
linux/amd64: 4 paths, 249 B of files

"#]],
    );
}

#[test]
fn a_plan_writes_nothing() {
    let place = Place::with_app();
    place.run("plan app.yaml");
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 2);
}

#[test]
fn a_summary_instead_of_every_path() {
    check(
        &Place::with_app().file("app.yaml", SUMMED),
        "plan --summary app.yaml",
        str![[r#"
exit 0
--- stdout
linux/amd64: 11 paths, 4 files, 5 directories, 2 links, 2.7 kB
by place:
    /usr/lib64    2.0 kB  5 paths
    /usr/bin       720 B  2 paths
    /lib64           0 B  1 path
    /usr             0 B  1 path
    /var             0 B  2 paths
by input:
    ROOT    2.7 kB  6 paths
by layer:
    ROOT    2.7 kB  9 paths
    rest       0 B  2 paths
--- stderr
notice: neither `entrypoint` nor `cmd` is set: `docker run` needs a program then

"#]],
    );
    check(
        &Place::with_app().file("app.yaml", SUMMED),
        "plan --summary --json app.yaml",
        str![[r#"
exit 0
--- stdout
[
  {
    "platform": "linux/amd64",
    "paths": 11,
    "size": 2688,
    "files": 4,
    "directories": 5,
    "links": 2,
    "top": [
      {
        "name": "/usr/lib64",
        "paths": 5,
        "size": 1968
      },
      {
        "name": "/usr/bin",
        "paths": 2,
        "size": 720
      },
      {
        "name": "/lib64",
        "paths": 1,
        "size": 0
      },
      {
        "name": "/usr",
        "paths": 1,
        "size": 0
      },
      {
        "name": "/var",
        "paths": 2,
        "size": 0
      }
    ],
    "inputs": [
      {
        "name": "ROOT",
        "paths": 6,
        "size": 2688
      }
    ],
    "layers": [
      {
        "name": "ROOT",
        "paths": 9,
        "size": 2688
      },
      {
        "name": "rest",
        "paths": 2,
        "size": 0
      }
    ],
    "suggestions": []
  }
]
--- stderr
notice: neither `entrypoint` nor `cmd` is set: `docker run` needs a program then

"#]],
    );
}

const SUMMED: &str = "\
inputs:
  ROOT: {backend: sysroot, path: root}
binaries: [ROOT/usr/bin/app]
directories: [/var/log]
layers: by-input
";

#[test]
fn an_image_is_no_manifest() {
    let place = Place::with_app().file("app.yaml", SUMMED);
    place.run("build app.yaml --no-cache -o oci-archive:img.tar");
    check(
        &place,
        "plan img.tar",
        str![[r#"
exit 2
--- stderr
error: `img.tar` is a tar archive, and a manifest is wanted
hint: `scant ls`, `why`, `check`, `verify`, `run` and `test` take images; `build`, `plan` and `trace` take the manifest that one is built from

"#]],
    );
    check(
        &place,
        "plan oci:dir",
        str![[r#"
exit 2
--- stderr
error: `oci:dir` is an image, and a manifest is wanted
hint: `scant ls`, `why`, `check`, `verify`, `run` and `test` take images; `build`, `plan` and `trace` take the manifest that one is built from

"#]],
    );
}

#[test]
fn a_file_of_rules_that_is_not_there_is_no_manifest() {
    let manifest = "input: {backend: sysroot, path: root}\nsuggestions: {rules: [./gone.yaml]}\n";
    check(
        &Place::with_app().file("app.yaml", manifest),
        "plan app.yaml",
        str![[r#"
exit 2
--- stderr
error: the file of suggestion rules `[PLACE]/gone.yaml` cannot be read: No such file or directory (os error 2)
hint: `suggestions: rules:` names files relative to the manifest

"#]],
    );
}

#[test]
fn one_platform_of_several_is_planned_and_built() {
    let place = Place::new("/")
        .file("two.yaml", "directories: [/tmp]\nplatforms: [linux/amd64, linux/arm64]\n");
    check(
        &place,
        "plan two.yaml --platform linux/arm64",
        str![[r#"
exit 0
--- stdout
0755  0:0            /tmp/  declared in `directories` at line 1
--- stderr
notice: neither `entrypoint` nor `cmd` is set: `docker run` needs a program then
linux/arm64: 1 path, 0 B of files

"#]],
    );
    check(
        &place,
        "plan two.yaml --platform linux/s390x",
        str![[r#"
exit 2
--- stderr
error: the manifest is not for that platform
hint: it is for linux/amd64, linux/arm64

"#]],
    );
    check(
        &place,
        "build two.yaml --platform linux/arm64 -o oci:one",
        str![[r#"
exit 0
--- stdout
oci:one:latest sha256:[DIGEST]
--- stderr
notice: neither `entrypoint` nor `cmd` is set: `docker run` needs a program then
linux/arm64: 1 path, 0 B of files, 86 B as a layer

"#]],
    );
    check(
        &place,
        "ls oci:one --json",
        str![[r#"
exit 0
--- stdout
[
  {
    "gid": 0,
    "kind": "directory",
    "layer": null,
    "mode": "0755",
    "path": "/tmp",
    "platform": "linux/arm64",
    "reasons": [
      {
        "line": 1,
        "section": "directories",
        "why": "declared"
      }
    ],
    "size": null,
    "source": null,
    "target": null,
    "uid": 0,
    "xattrs": []
  }
]

"#]],
    );
}
