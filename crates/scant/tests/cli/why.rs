//! `scant why`.

use snapbox::str;

use crate::check::check;
use crate::place::Place;

#[test]
fn the_chain_ends_in_the_manifest() {
    check(
        &Place::with_app(),
        "why app.yaml /usr/lib64/libc.so.6",
        str![[r#"
exit 0
--- stdout
/usr/lib64/libc.so.6 (file, 528 B, from ROOT/usr/lib64/libc.so.6)
    needed by /usr/bin/app as libc.so.6, found in the loader's default directory /lib64
  /usr/bin/app (file, 720 B, from ROOT/usr/bin/app)
      declared in `binaries` at line 4: serves the site

"#]],
    );
}

#[test]
fn links_on_the_way_are_named() {
    check(
        &Place::with_app(),
        "why app.yaml /lib64/libz.so.1",
        str![[r#"
exit 0
--- stdout
/lib64 (link to usr/lib64, from ROOT/lib64)
/usr/lib64/libz.so.1 (link to libz.so.1.3, from ROOT/usr/lib64/libz.so.1)
/usr/lib64/libz.so.1.3 (file, 560 B, from ROOT/usr/lib64/libz.so.1.3)
    needed by /usr/bin/app as libz.so.1, found in the loader's default directory /lib64
  /usr/bin/app (file, 720 B, from ROOT/usr/bin/app)
      declared in `binaries` at line 4: serves the site

"#]],
    );
}

#[test]
fn all_reasons_of_a_path() {
    check(
        &Place::with_app(),
        "why app.yaml --all /usr/lib64/libc.so.6",
        str![[r#"
exit 0
--- stdout
/usr/lib64/libc.so.6 (file, 528 B, from ROOT/usr/lib64/libc.so.6)
    needed by /usr/bin/app as libc.so.6, found in the loader's default directory /lib64
    needed by /usr/lib64/libz.so.1.3 as libc.so.6, found in the loader's default directory /lib64

"#]],
    );
}

#[test]
fn a_built_image_says_the_same_as_its_manifest() {
    let place = Place::with_app();
    for output in ["oci:layout", "oci-archive:archive.tar", "docker-archive:docker.tar"] {
        assert!(place.run(&format!("build app.yaml -q -o {output}")).status.success());
    }
    let expected = place.run("why app.yaml /usr/bin/app");
    for image in ["oci:layout", "layout", "archive.tar", "docker-archive:docker.tar"] {
        let told = place.run(&format!("why {image} /usr/bin/app"));
        assert_eq!(place.seen(&told), place.seen(&expected), "{image}");
    }
}

#[test]
fn a_path_that_is_not_there() {
    check(
        &Place::with_app(),
        "why app.yaml /usr/bin/static",
        str![[r#"
exit 1
--- stdout
/usr/bin/static is not in the image: nothing declares it, and nothing in it needs it
    the nearest directory that is there is /usr/bin
    ROOT/usr/bin/static could be declared

"#]],
    );
}

#[test]
fn why_a_path_is_absent() {
    check(
        &Place::with_app(),
        "why --not app.yaml /lib64/libm.so.6",
        str![[r#"
exit 0
--- stdout
/lib64/libm.so.6 is not in the image: nothing declares it, and nothing in it needs it
    /lib64 is a link to usr/lib64
    so it would be /usr/lib64/libm.so.6
    the nearest directory that is there is /usr/lib64

"#]],
    );
}

#[test]
fn a_path_that_is_there_after_all() {
    check(
        &Place::with_app(),
        "why --not app.yaml /etc/app.conf",
        str![[r#"
exit 1
--- stdout
/etc/app.conf (file, 10 B, from ROOT/etc/app.conf)
    declared in `data` at line 7
--- stderr
/etc/app.conf is in the image

"#]],
    );
}

#[test]
fn a_chain_as_json() {
    check(
        &Place::with_app(),
        "why app.yaml --json /lib64/libz.so.1",
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
          "path": "/lib64",
          "reason": {
            "to": "/usr/lib64/ld-linux-x86-64.so.2",
            "why": "link"
          }
        },
        {
          "path": "/usr/lib64/ld-linux-x86-64.so.2",
          "reason": {
            "how": {
              "rule": "path"
            },
            "name": "/lib64/ld-linux-x86-64.so.2",
            "of": "/usr/bin/app",
            "relation": "interpreter",
            "why": "depends"
          }
        },
        {
          "path": "/usr/bin/app",
          "reason": {
            "line": 4,
            "reason": "serves the site",
            "section": "binaries",
            "why": "declared"
          }
        }
      ],
      "node": {
        "gid": 0,
        "kind": "symlink",
        "mode": "0777",
        "path": "/lib64",
        "reasons": [
          {
            "to": "/usr/lib64/ld-linux-x86-64.so.2",
            "why": "link"
          },
          {
            "to": "/usr/lib64/libz.so.1.3",
            "why": "link"
          },
          {
            "to": "/usr/lib64/libc.so.6",
            "why": "link"
          }
        ],
        "source": {
          "input": "ROOT",
          "path": "/lib64"
        },
        "target": "usr/lib64",
        "uid": 0
      },
      "package": null
    },
    {
      "chain": [
        {
          "path": "/usr/lib64/libz.so.1",
          "reason": {
            "to": "/usr/lib64/libz.so.1.3",
            "why": "link"
          }
        },
        {
          "path": "/usr/lib64/libz.so.1.3",
          "reason": {
            "how": {
              "directory": "/lib64",
              "rule": "default-directory"
            },
            "name": "libz.so.1",
            "of": "/usr/bin/app",
            "relation": "needed",
            "why": "depends"
          }
        },
        {
          "path": "/usr/bin/app",
          "reason": {
            "line": 4,
            "reason": "serves the site",
            "section": "binaries",
            "why": "declared"
          }
        }
      ],
      "node": {
        "gid": 0,
        "kind": "symlink",
        "mode": "0777",
        "path": "/usr/lib64/libz.so.1",
        "reasons": [
          {
            "to": "/usr/lib64/libz.so.1.3",
            "why": "link"
          }
        ],
        "source": {
          "input": "ROOT",
          "path": "/usr/lib64/libz.so.1"
        },
        "target": "libz.so.1.3",
        "uid": 0
      },
      "package": null
    },
    {
      "chain": [
        {
          "path": "/usr/lib64/libz.so.1.3",
          "reason": {
            "how": {
              "directory": "/lib64",
              "rule": "default-directory"
            },
            "name": "libz.so.1",
            "of": "/usr/bin/app",
            "relation": "needed",
            "why": "depends"
          }
        },
        {
          "path": "/usr/bin/app",
          "reason": {
            "line": 4,
            "reason": "serves the site",
            "section": "binaries",
            "why": "declared"
          }
        }
      ],
      "node": {
        "gid": 0,
        "kind": "file",
        "mode": "0755",
        "path": "/usr/lib64/libz.so.1.3",
        "reasons": [
          {
            "how": {
              "directory": "/lib64",
              "rule": "default-directory"
            },
            "name": "libz.so.1",
            "of": "/usr/bin/app",
            "relation": "needed",
            "why": "depends"
          }
        ],
        "size": 560,
        "source": {
          "input": "ROOT",
          "path": "/usr/lib64/libz.so.1.3"
        },
        "uid": 0
      },
      "package": null
    }
  ],
  "path": "/lib64/libz.so.1",
  "place": null,
  "platform": "linux/amd64",
  "present": true,
  "suggestions": []
}

"#]],
    );
}

#[test]
fn an_absence_as_json() {
    check(
        &Place::with_app(),
        "why app.yaml --json /usr/bin/static",
        str![[r#"
exit 1
--- stdout
{
  "elsewhere": [
    "ROOT/usr/bin/static"
  ],
  "nearest": "/usr/bin",
  "nodes": [],
  "path": "/usr/bin/static",
  "place": "/usr/bin/static",
  "platform": "linux/amd64",
  "present": false,
  "suggestions": []
}

"#]],
    );
}

#[test]
fn an_image_that_does_not_know() {
    let place = Place::with_app();
    place.run("build app.yaml -q -o tar:files.tar");
    check(
        &place,
        "why tar:files.tar /usr/bin/app",
        str![[r#"
exit 3
--- stderr
error: `tar:files.tar` does not say where its files come from
hint: layouts and archives that scant built do; for others, ask about the manifest

"#]],
    );
}

#[test]
fn a_platform_that_is_not_there() {
    check(
        &Place::with_app(),
        "why app.yaml --platform linux/arm64 /usr/bin/app",
        str![[r#"
exit 2
--- stderr
error: the manifest is not for that platform
hint: it is for linux/amd64

"#]],
    );
}

#[test]
fn the_root() {
    check(
        &Place::with_app(),
        "why app.yaml /",
        str![[r#"
exit 2
--- stderr
error: `/` is the root of every image
hint: `scant plan` and `scant ls` say why each path below it is there

"#]],
    );
}

#[test]
fn a_relative_path() {
    check(
        &Place::with_app(),
        "why app.yaml usr/bin/app",
        str![[r#"
exit 0
--- stdout
/usr/bin/app (file, 720 B, from ROOT/usr/bin/app)
    declared in `binaries` at line 4: serves the site

"#]],
    );
}

/// One root whose program is static, and one whose program has an interpreter.
fn two_platforms() -> Place {
    Place::new(
        "
        /a/usr/bin/app                elf x86_64 static
        /b/usr/bin/app                elf aarch64 interp=/lib/ld-linux-aarch64.so.1
        /b/lib/ld-linux-aarch64.so.1  loader glibc aarch64
        ",
    )
    .file(
        "two.yaml",
        "\
inputs:
  ROOT: {backend: sysroot, path: {linux/amd64: root/a, linux/arm64: root/b}}
binaries:
  - ROOT/usr/bin/app
",
    )
}

#[test]
fn the_platform_that_has_the_path_answers() {
    check(
        &two_platforms(),
        "why two.yaml /lib/ld-linux-aarch64.so.1",
        str![[r#"
exit 0
--- stdout
linux/arm64:
/lib/ld-linux-aarch64.so.1 (file, 800 B, from ROOT/lib/ld-linux-aarch64.so.1)
    interpreter of /usr/bin/app
  /usr/bin/app (file, 672 B, from ROOT/usr/bin/app)
      declared in `binaries` at line 4

"#]],
    );
}

#[test]
fn a_fault_of_one_platform_names_it() {
    let place = two_platforms();
    std::fs::remove_file(place.path().join("root/b/usr/bin/app")).unwrap();
    check(
        &place,
        "plan two.yaml",
        str![[r#"
exit 3
--- stderr
error: input ROOT has no `/usr/bin/app`
 --> two.yaml:4:5
  |
4 |   - ROOT/usr/bin/app
  |     ^^^^^^^^^^^^^^^^
  |
  = note: for linux/arm64

"#]],
    );
}

#[test]
fn all_reasons_of_a_directory_begin_with_what_the_manifest_says() {
    let place = Place::with_app().file(
        "declared.yaml",
        &crate::place::MANIFEST
            .replace("image:", "directories:\n  - {path: /usr/lib64, why: wanted}\nimage:"),
    );
    check(
        &place,
        "why declared.yaml --all /usr/lib64",
        str![[r#"
exit 0
--- stdout
/usr/lib64 (directory)
    declared in `directories` at line 9: wanted
    parent directory of 4 paths: /usr/lib64/ld-linux-x86-64.so.2, /usr/lib64/libc.so.6, /usr/lib64/libz.so.1 and 1 more

"#]],
    );
    check(
        &place,
        "why app.yaml --all /usr",
        str![[r#"
exit 0
--- stdout
/usr (directory)
    parent directory of 5 paths: /usr/bin/app, /usr/lib64/ld-linux-x86-64.so.2, /usr/lib64/libc.so.6 and 2 more

"#]],
    );
    check(
        &place,
        "why app.yaml --all /etc",
        str![[r#"
exit 0
--- stdout
/etc (directory)
    parent directory of /etc/app.conf

"#]],
    );
}
