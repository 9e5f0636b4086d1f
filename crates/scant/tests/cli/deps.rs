//! `scant deps`.

use snapbox::str;

use crate::check::check;
use crate::place::Place;

#[test]
fn a_closure_as_a_tree() {
    check(
        &Place::with_app(),
        "deps --root root /usr/bin/app",
        str![[r#"
exit 0
--- stdout
/usr/bin/app
    /lib64/ld-linux-x86-64.so.2 (interpreter)
    libz.so.1 => /lib64/libz.so.1 (found in the loader's default directory /lib64)
        libc.so.6 => /lib64/libc.so.6 (found in the loader's default directory /lib64)
    libc.so.6 => /lib64/libc.so.6 (found in the loader's default directory /lib64) (above)

"#]],
    );
}

#[test]
fn a_closure_as_a_list() {
    check(
        &Place::with_app(),
        "deps --root root --list usr/bin/app",
        str![[r#"
exit 0
--- stdout
/lib64
/usr/lib64/ld-linux-x86-64.so.2
/usr/lib64/libc.so.6
/usr/lib64/libz.so.1
/usr/lib64/libz.so.1.3

"#]],
    );
}

#[test]
fn what_is_missing_is_told_with_what_was_tried() {
    check(
        &Place::with_app(),
        "deps --root root /usr/bin/broken",
        str![[r#"
exit 1
--- stdout
/usr/bin/broken
    /lib64/ld-linux-x86-64.so.2 (interpreter)
    libgone.so.2 => MISSING
        tried /usr/bin/../app/libgone.so.2 (through RUNPATH $ORIGIN/../app of /usr/bin/broken): no such file or directory
        tried /lib64/libgone.so.2 (in the loader's default directory /lib64): no such file or directory
        tried /usr/lib64/libgone.so.2 (in the loader's default directory /usr/lib64): no such file or directory

"#]],
    );
}

#[test]
fn what_is_missing_stands_in_the_list() {
    check(
        &Place::with_app(),
        "deps --root root --list /usr/bin/broken /usr/bin/static",
        str![[r#"
exit 1
--- stdout
/lib64
/usr/lib64/ld-linux-x86-64.so.2
MISSING libgone.so.2

"#]],
    );
}

#[test]
fn a_closure_as_json() {
    check(
        &Place::with_app(),
        "deps --root root --json /usr/bin/broken",
        str![[r#"
exit 1
--- stdout
[
  {
    "edges": [
      {
        "by": "/usr/bin/broken",
        "how": {
          "rule": "path"
        },
        "name": "/lib64/ld-linux-x86-64.so.2",
        "relation": "interpreter",
        "to": "/lib64/ld-linux-x86-64.so.2"
      }
    ],
    "file": "/usr/bin/broken",
    "missing": [
      {
        "by": "/usr/bin/broken",
        "ended_at": null,
        "name": "libgone.so.2",
        "relation": "needed",
        "tried": [
          {
            "how": {
              "entry": "$ORIGIN/../app",
              "object": "/usr/bin/broken",
              "rule": "runpath"
            },
            "outcome": "no such file or directory",
            "path": "/usr/bin/../app/libgone.so.2"
          },
          {
            "how": {
              "directory": "/lib64",
              "rule": "default-directory"
            },
            "outcome": "no such file or directory",
            "path": "/lib64/libgone.so.2"
          },
          {
            "how": {
              "directory": "/usr/lib64",
              "rule": "default-directory"
            },
            "outcome": "no such file or directory",
            "path": "/usr/lib64/libgone.so.2"
          }
        ]
      }
    ],
    "missing_versions": [],
    "objects": [
      {
        "links": [],
        "path": "/usr/bin/broken",
        "real": "/usr/bin/broken"
      },
      {
        "links": [
          {
            "path": "/lib64",
            "target": "usr/lib64"
          }
        ],
        "path": "/lib64/ld-linux-x86-64.so.2",
        "real": "/usr/lib64/ld-linux-x86-64.so.2"
      }
    ],
    "suggestions": []
  }
]

"#]],
    );
}

#[test]
fn a_static_program_needs_nothing() {
    check(
        &Place::with_app(),
        "deps --root root /usr/bin/static",
        str![[r#"
exit 0
--- stdout
/usr/bin/static

"#]],
    );
}

#[test]
fn a_variable_changes_where_libraries_are_found() {
    let place = Place::new(
        "/ld.so         loader glibc x86_64 dirs=/lib/,/usr/lib/
         /opt/liba.so   elf x86_64 soname=liba.so
         /app           elf x86_64 interp=/ld.so needed=liba.so",
    );
    check(
        &place,
        "deps --root root --env LD_LIBRARY_PATH=/opt /app",
        str![[r#"
exit 0
--- stdout
/app
    /ld.so (interpreter)
    liba.so => /opt/liba.so (found through LD_LIBRARY_PATH /opt)

"#]],
    );
}

#[test]
fn a_variable_that_no_loader_looks_at() {
    check(
        &Place::with_app(),
        "deps --root root --env PATH=/bin /usr/bin/app",
        str![[r#"
exit 2
--- stderr
error: `--env PATH` changes nothing of what a loader finds
hint: loaders look at LD_LIBRARY_PATH and LD_PRELOAD

"#]],
    );
}

#[test]
fn a_variable_without_a_value() {
    check(
        &Place::with_app(),
        "deps --root root --env LD_PRELOAD /usr/bin/app",
        str![[r#"
exit 2
--- stderr
error: `--env LD_PRELOAD` is not of the form NAME=VALUE

"#]],
    );
}

#[test]
fn a_file_that_is_not_there() {
    check(
        &Place::with_app(),
        "deps --root root /usr/bin/nothing",
        str![[r#"
exit 3
--- stderr
error: `/usr/bin/nothing`: no such file or directory

"#]],
    );
}

#[test]
fn a_file_that_is_not_elf() {
    check(
        &Place::with_app(),
        "deps --root root /usr/bin/script",
        str![[r#"
exit 3
--- stderr
error: `/usr/bin/script`: not an ELF file
hint: it is a script for `/usr/bin/app`

"#]],
    );
}

#[test]
fn a_root_that_is_not_there() {
    check(
        &Place::with_app(),
        "deps --root nothing /usr/bin/app",
        str![[r#"
exit 3
--- stderr
error: `nothing` cannot be opened as a directory: No such file or directory (os error 2)

"#]],
    );
}

#[test]
fn a_chain_without_end_is_cut_off() {
    let listing: String = (0..5000)
        .map(|number| format!("/lib/l{number} elf x86_64 needed=/lib/l{}\n", number + 1))
        .collect();
    let output = Place::new(&listing).run("deps --root root /lib/l0");
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(stdout.lines().count(), 102);
    let last = "... (more than 100 levels; `--list` has all files)";
    assert_eq!(stdout.lines().last().map(str::trim), Some(last));
}

#[test]
fn a_program_of_that_name_is_named() {
    check(
        &Place::with_app(),
        "deps --root root app",
        str![[r#"
exit 3
--- stderr
error: `/app`: no such file or directory
hint: did you mean /usr/bin/app?

"#]],
    );
    check(
        &Place::with_app(),
        "init --root root bin/app",
        str![[r#"
exit 3
--- stderr
error: `/bin/app`: no such file or directory
hint: did you mean /usr/bin/app?

"#]],
    );
}
