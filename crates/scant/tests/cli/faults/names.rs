//! Names that would change what a terminal shows, or are no text: escaped wherever they are shown.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;

use snapbox::str;

use crate::check::{check, same};
use crate::place::Place;

const MANIFEST: &str = "inputs:\n  ROOT: {backend: sysroot, path: root}\ndata: [ROOT/dir]\n";

/// A directory with a file of each such name.
fn place() -> Place {
    let names: &[&[u8]] = &[
        b"latin\xe9",
        b"new\nline",
        b"red\x1b[31m",
        b"bell\x07",
        "right\u{202e}left".as_bytes(),
        "csi\u{9b}31m".as_bytes(),
    ];
    with_names(names)
}

fn with_names(names: &[&[u8]]) -> Place {
    let place = Place::new("/dir/plain \"x\"\n").file("app.yaml", MANIFEST);
    for name in names {
        fs::write(place.path().join("root/dir").join(OsStr::from_bytes(name)), "x").unwrap();
    }
    place
}

#[test]
fn in_a_plan() {
    check(
        &place(),
        "plan app.yaml",
        str![[r#"
exit 0
--- stdout
0755  0:0            /dir/                   declared in `data` at line 3
0644  0:0       1 B  /dir/bell\u{7}          declared in `data` at line 3
0644  0:0       1 B  /dir/csi\u{9b}31m       declared in `data` at line 3
0644  0:0       1 B  /dir/latin\xe9          declared in `data` at line 3
0644  0:0       1 B  /dir/new\nline          declared in `data` at line 3
0644  0:0       1 B  /dir/plain              declared in `data` at line 3
0644  0:0       1 B  /dir/red\u{1b}[31m      declared in `data` at line 3
0644  0:0       1 B  /dir/right\u{202e}left  declared in `data` at line 3
--- stderr
notice: neither `entrypoint` nor `cmd` is set: `docker run` needs a program then
linux/amd64: 8 paths, 7 B of files

"#]],
    );
    check(
        &with_names(&[b"red\x1b\xe9"]),
        "plan --json app.yaml",
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
        "path": "/dir",
        "kind": "directory",
        "mode": "0755",
        "uid": 0,
        "gid": 0,
        "source": {
          "input": "ROOT",
          "path": "/dir"
        },
        "reasons": [
          {
            "why": "declared",
            "section": "data",
            "line": 3
          }
        ]
      },
      {
        "path": "/dir/plain",
        "kind": "file",
        "size": 1,
        "mode": "0644",
        "uid": 0,
        "gid": 0,
        "source": {
          "input": "ROOT",
          "path": "/dir/plain"
        },
        "reasons": [
          {
            "why": "declared",
            "section": "data",
            "line": 3
          }
        ]
      },
      {
        "path": "/dir/red\\u{1b}\\xe9",
        "kind": "file",
        "size": 1,
        "mode": "0644",
        "uid": 0,
        "gid": 0,
        "source": {
          "input": "ROOT",
          "path": "/dir/red\\u{1b}\\xe9"
        },
        "reasons": [
          {
            "why": "declared",
            "section": "data",
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
fn in_an_image() {
    let place = place();
    check(
        &place,
        "build -q app.yaml -o tar:app.tar -o oci-archive:app.oci",
        str![[r#"
exit 0
--- stdout
tar:app.tar sha256:[DIGEST]
oci-archive:app.oci:latest sha256:[DIGEST]

"#]],
    );
    check(
        &place,
        "ls app.oci",
        str![[r#"
exit 0
--- stdout
0755  0:0            /dir/                   declared in `data` at line 3
0644  0:0       1 B  /dir/bell\u{7}          declared in `data` at line 3
0644  0:0       1 B  /dir/csi\u{9b}31m       declared in `data` at line 3
0644  0:0       1 B  /dir/latin\xe9          declared in `data` at line 3
0644  0:0       1 B  /dir/new\nline          declared in `data` at line 3
0644  0:0       1 B  /dir/plain              declared in `data` at line 3
0644  0:0       1 B  /dir/red\u{1b}[31m      declared in `data` at line 3
0644  0:0       1 B  /dir/right\u{202e}left  declared in `data` at line 3

"#]],
    );
    let place = with_names(&["right\u{202e}left".as_bytes()]);
    place.run("build -q app.yaml -o oci-archive:app.oci");
    check(
        &place,
        "ls --json app.oci",
        str![[r#"
exit 0
--- stdout
[
  {
    "gid": 0,
    "kind": "directory",
    "layer": null,
    "mode": "0755",
    "path": "/dir",
    "platform": "linux/amd64",
    "reasons": [
      {
        "line": 3,
        "section": "data",
        "why": "declared"
      }
    ],
    "size": null,
    "source": {
      "input": "ROOT",
      "path": "/dir"
    },
    "target": null,
    "uid": 0,
    "xattrs": []
  },
  {
    "gid": 0,
    "kind": "file",
    "layer": null,
    "mode": "0644",
    "path": "/dir/plain",
    "platform": "linux/amd64",
    "reasons": [
      {
        "line": 3,
        "section": "data",
        "why": "declared"
      }
    ],
    "size": 1,
    "source": {
      "input": "ROOT",
      "path": "/dir/plain"
    },
    "target": null,
    "uid": 0,
    "xattrs": []
  },
  {
    "gid": 0,
    "kind": "file",
    "layer": null,
    "mode": "0644",
    "path": "/dir/right\\u{202e}left",
    "platform": "linux/amd64",
    "reasons": [
      {
        "line": 3,
        "section": "data",
        "why": "declared"
      }
    ],
    "size": 1,
    "source": {
      "input": "ROOT",
      "path": "/dir/right\\u{202e}left"
    },
    "target": null,
    "uid": 0,
    "xattrs": []
  }
]

"#]],
    );
}

#[test]
fn in_reasons() {
    let place = place();
    place.run("build -q app.yaml -o oci-archive:app.oci");
    let seen = |image: &str| {
        let mut why = place.scant(["why", image]);
        why.arg(OsStr::from_bytes(b"/dir/new\nline"));
        place.seen(&why.output().unwrap())
    };
    same(
        &seen("app.oci"),
        str![[r#"
exit 0
--- stdout
/dir/new\nline (file, 1 B, from ROOT/dir/new\nline)
    declared in `data` at line 3

"#]],
    );
    same(
        &seen("app.yaml"),
        str![[r#"
exit 0
--- stdout
/dir/new\nline (file, 1 B, from ROOT/dir/new\nline)
    declared in `data` at line 3

"#]],
    );
}

#[test]
fn in_errors() {
    let manifest = "inputs:\n  ROOT: {backend: sysroot, path: root}\ndata:\n  \
                    - \"ROOT/dir/red\\e[31m/x\"\n  - \"ROOT/no\\u202ething\"\n";
    check(
        &place().file("app.yaml", manifest),
        "plan app.yaml",
        str![[r#"
exit 3
--- stderr
error: input ROOT has no usable `/dir/red\u{1b}[31m/x`: `/dir/red\u{1b}[31m`: not a directory
 --> app.yaml:4:5
  |
4 |   - "ROOT/dir/red\e[31m/x"
  |     ^^^^^^^^^^^^^^^^^^^^^^

error: input ROOT has no `/no\u{202e}thing`
 --> app.yaml:5:5
  |
5 |   - "ROOT/no\u202ething"
  |     ^^^^^^^^^^^^^^^^^^^^

"#]],
    );
}

#[test]
fn in_arguments() {
    let place = place();
    let seen = |words: &[&[u8]]| {
        let mut scant = place.scant([]);
        scant.args(words.iter().map(|word| OsStr::from_bytes(word)));
        place.seen(&scant.output().unwrap())
    };
    same(
        &seen(&[b"plan", b"no\x1b[31m.yaml"]),
        str![[r#"
exit 2
--- stderr
error: the manifest `no\u{1b}[31m.yaml` cannot be read: No such file or directory (os error 2)

"#]],
    );
    same(
        &seen(&[b"plan", b"no\xe9.yaml"]),
        str![[r#"
exit 2
--- stderr
error: the manifest `no�.yaml` cannot be read: No such file or directory (os error 2)

"#]],
    );
    same(
        &seen(&[b"ls", b"no\x1b[31m.tar"]),
        str![[r#"
exit 3
--- stderr
error: cannot read `no\u{1b}[31m.tar`: No such file or directory (os error 2)

"#]],
    );
    same(
        &seen(&[b"why", b"app.yaml", b"/no\x1b[31m"]),
        str![[r#"
exit 1
--- stdout
/no\u{1b}[31m is not in the image: nothing declares it, and nothing in it needs it
    the nearest directory that is there is /

"#]],
    );
    same(
        &seen(&[b"build", b"app.yaml", b"-o", b"oci:no\x1b[31m/x"]),
        str![[r#"
exit 4
--- stderr
notice: neither `entrypoint` nor `cmd` is set: `docker run` needs a program then
error: `[PLACE]/no\u{1b}[31m` cannot be written to: No such file or directory (os error 2)

"#]],
    );
}
