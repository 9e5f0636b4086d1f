//! What is said about manifests that cannot be built: the place, what was tried, what to do.

use snapbox::str;

use crate::check::check_manifest;

const HEAD: &str = "inputs:\n  ROOT: {backend: sysroot, path: root}\n";

#[track_caller]
fn check(rest: &str, expected: impl snapbox::IntoData) {
    check_manifest("plan app.yaml", &format!("{HEAD}{rest}"), expected);
}

#[test]
fn an_unknown_key() {
    check(
        "binary:\n  - ROOT/usr/bin/app\n",
        str![[r#"
exit 2
--- stderr
error: unknown key `binary`
 --> app.yaml:3:1
  |
3 | binary:
  | ^^^^^^
  |
  = help: known keys here: `input`, `inputs`, `binaries`, `data`, `packages`, `directories`, `symlinks`, `hardlinks`, `accounts`, `image`, `platforms`, `ld-so-cache`, `package-database`, `layers`, `suggestions`, `checks`, `tests`

"#]],
    );
}

#[test]
fn an_unknown_key_in_an_entry() {
    check(
        "binaries:\n  - {from: ROOT/usr/bin/app, permissions: '0755'}\n",
        str![[r#"
exit 2
--- stderr
error: unknown key `permissions`
 --> app.yaml:4:30
  |
4 |   - {from: ROOT/usr/bin/app, permissions: '0755'}
  |                              ^^^^^^^^^^^
  |
  = help: known keys here: `from`, `to`, `mode`, `owner`, `capabilities`, `xattrs`, `libraries`, `why`

"#]],
    );
}

#[test]
fn a_key_that_stands_twice() {
    check(
        "data: [ROOT/etc/app.conf]\nbinaries: []\ndata: []\n",
        str![[r#"
exit 2
--- stderr
error: the key `data` is there twice
 --> app.yaml:5:1
  |
3 | data: [ROOT/etc/app.conf]
  | ---- first here
4 | binaries: []
5 | data: []
  | ^^^^

"#]],
    );
}

#[test]
fn a_wrong_type() {
    check(
        "directories: /tmp\n",
        str![[r#"
exit 2
--- stderr
error: expected a list, found a string
 --> app.yaml:3:14
  |
3 | directories: /tmp
  |              ^^^^
  |
  = help: a list of one item is written [/tmp]

"#]],
    );
}

#[test]
fn a_mode_that_is_no_text() {
    check(
        "directories:\n  - {path: /tmp, mode: 1777}\n",
        str![[r#"
exit 2
--- stderr
error: expected a string of octal digits, found a number
 --> app.yaml:4:24
  |
4 |   - {path: /tmp, mode: 1777}
  |                        ^^^^
  |
  = help: quote it: "1777"

"#]],
    );
}

#[test]
fn no_yaml() {
    check(
        "binaries: [ROOT/usr/bin/app\n",
        str![[r#"
exit 2
--- stderr
error: this `[` is never closed
 --> app.yaml:3:11
  |
3 | binaries: [ROOT/usr/bin/app
  |           ^

"#]],
    );
}

#[test]
fn an_unknown_input() {
    check(
        "binaries:\n  - SYSROOT/usr/bin/app\n",
        str![[r#"
exit 2
--- stderr
error: `SYSROOT` is not a declared input
 --> app.yaml:4:5
  |
4 |   - SYSROOT/usr/bin/app
  |     ^^^^^^^^^^^^^^^^^^^
  |
  = help: did you mean `ROOT`? declared inputs: `ROOT`; a file beside the manifest is written `./SYSROOT/usr/bin/app`

"#]],
    );
}

#[test]
fn an_input_that_is_not_there() {
    let manifest = "input: {backend: sysroot, path: nowhere}\nbinaries: [SYSROOT/bin/app]\n";
    check_manifest(
        "plan app.yaml",
        manifest,
        str![[r#"
exit 3
--- stderr
error: input SYSROOT: `[PLACE]/nowhere` cannot be opened as a directory: No such file or directory (os error 2)
 --> app.yaml:1:8
  |
1 | input: {backend: sysroot, path: nowhere}
  |        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

"#]],
    );
}

#[test]
fn a_file_that_is_not_there() {
    check(
        "binaries:\n  - ROOT/usr/bin/nothing\n",
        str![[r#"
exit 3
--- stderr
error: input ROOT has no `/usr/bin/nothing`
 --> app.yaml:4:5
  |
4 |   - ROOT/usr/bin/nothing
  |     ^^^^^^^^^^^^^^^^^^^^

"#]],
    );
}

#[test]
fn a_library_that_is_not_there() {
    check(
        "binaries:\n  - ROOT/usr/bin/broken\n",
        str![[r#"
exit 3
--- stderr
error: library `libgone.so.2` was not found; needed by /usr/bin/broken
 --> app.yaml:4:5
  |
4 |   - ROOT/usr/bin/broken
  |     ^^^^^^^^^^^^^^^^^^^
  |
  = note: tried, in this order:
          /usr/bin/../app/libgone.so.2 (through RUNPATH $ORIGIN/../app of /usr/bin/broken): no such file or directory
          /lib64/libgone.so.2 (in the loader's default directory /lib64): no such file or directory
          /usr/lib64/libgone.so.2 (in the loader's default directory /usr/lib64): no such file or directory

"#]],
    );
}

#[test]
fn two_declarations_that_disagree() {
    check(
        "binaries:\n  - ROOT/usr/bin/app:/app\ndata:\n  - ROOT/etc/app.conf:/app\n",
        str![[r#"
exit 2
--- stderr
error: two declarations disagree on `/app`: a file from ROOT/usr/bin/app or a file from ROOT/etc/app.conf
 --> app.yaml:6:5
  |
4 |   - ROOT/usr/bin/app:/app
  |   ----------------------- the other declaration
5 | data:
6 |   - ROOT/etc/app.conf:/app
  |     ^^^^^^^^^^^^^^^^^^^^^^

"#]],
    );
}

#[test]
fn a_file_that_is_no_program() {
    check(
        "binaries:\n  - ROOT/etc/app.conf\n",
        str![[r#"
exit 2
--- stderr
error: `ROOT/etc/app.conf` is neither an ELF program nor a script: it starts with neither ELF's magic number nor `#!`
 --> app.yaml:4:5
  |
4 |   - ROOT/etc/app.conf
  |     ^^^^^^^^^^^^^^^^^
  |
  = help: files that are not executed belong under `data`

"#]],
    );
}

#[test]
fn a_directory_where_a_program_is_meant() {
    check(
        "binaries:\n  - ROOT/usr/bin\n",
        str![[r#"
exit 2
--- stderr
error: `ROOT/usr/bin` is a directory, and a file is meant
 --> app.yaml:4:5
  |
4 |   - ROOT/usr/bin
  |     ^^^^^^^^^^^^
  |
  = help: directories with their contents belong under `data`

"#]],
    );
}

#[test]
fn all_faults_are_told_together() {
    check(
        "binaries:\n  - ROOT/usr/bin/nothing\n  - ROOT/usr/bin/broken\n",
        str![[r#"
exit 3
--- stderr
error: input ROOT has no `/usr/bin/nothing`
 --> app.yaml:4:5
  |
4 |   - ROOT/usr/bin/nothing
  |     ^^^^^^^^^^^^^^^^^^^^

error: library `libgone.so.2` was not found; needed by /usr/bin/broken
 --> app.yaml:5:5
  |
5 |   - ROOT/usr/bin/broken
  |     ^^^^^^^^^^^^^^^^^^^
  |
  = note: tried, in this order:
          /usr/bin/../app/libgone.so.2 (through RUNPATH $ORIGIN/../app of /usr/bin/broken): no such file or directory
          /lib64/libgone.so.2 (in the loader's default directory /lib64): no such file or directory
          /usr/lib64/libgone.so.2 (in the loader's default directory /usr/lib64): no such file or directory

"#]],
    );
}

#[test]
fn a_platform_that_the_program_is_not_made_for() {
    check(
        "binaries: [ROOT/usr/bin/app]\nplatforms: [linux/arm64]\n",
        str![[r#"
exit 2
--- stderr
error: `ROOT/usr/bin/app` is made for linux/amd64, and the image is for linux/arm64
 --> app.yaml:3:12
  |
3 | binaries: [ROOT/usr/bin/app]
  |            ^^^^^^^^^^^^^^^^
  |
  = help: name the platform under `platforms`, and give the input a path for each platform

"#]],
    );
}

#[test]
fn an_undeclared_user() {
    check(
        "binaries: [ROOT/usr/bin/app]\nimage: {user: www}\n",
        str![[r#"
exit 2
--- stderr
error: there is no user `www` in `accounts`
 --> app.yaml:4:15
  |
4 | image: {user: www}
  |               ^^^
  |
  = help: declare it in `accounts`, or write its number: no user is declared

"#]],
    );
}
