//! `scant init`.

use snapbox::str;

use crate::check::check;
use crate::place::Place;

#[test]
fn a_manifest_is_made_for_programs() {
    check(
        &Place::with_app(),
        "init --root root /usr/bin/app usr/bin/static",
        str![[r#"
exit 0
--- stdout
# Everything in the image is declared here or needed by what is; `scant plan` shows it all.
inputs:
  SYSROOT:
    backend: sysroot
    path: [PLACE]/root

binaries:
  - SYSROOT/usr/bin/app
    # brings its loader and libraries: 3 files, 2.0 kB
  - SYSROOT/usr/bin/static
    # static: needs no other file

# /etc/passwd and /etc/group; an image runs as root unless `image: user:` says otherwise.
accounts:
  users:
    - {name: root, uid: 0, gid: 0, home: /}
    - {name: nobody, uid: 65534, gid: 65534, home: /}

image:
  entrypoint: [/usr/bin/app]
  # user: nobody

"#]],
    );
}

#[test]
fn what_is_not_known_of_a_program_is_a_comment() {
    let place = Place::new(crate::place::ROOT);
    check(
        &place,
        "init --root root /usr/bin/broken /usr/bin/script",
        str![[r#"
exit 0
--- stdout
# Everything in the image is declared here or needed by what is; `scant plan` shows it all.
inputs:
  SYSROOT:
    backend: sysroot
    path: [PLACE]/root

binaries:
  - SYSROOT/usr/bin/broken
    # brings its loader: 1 file, 880 B
    # NOT FOUND: libgone.so.2
  - SYSROOT/usr/bin/script
    # a script: the interpreter of its first line comes along

# /etc/passwd and /etc/group; an image runs as root unless `image: user:` says otherwise.
accounts:
  users:
    - {name: root, uid: 0, gid: 0, home: /}
    - {name: nobody, uid: 65534, gid: 65534, home: /}

image:
  entrypoint: [/usr/bin/broken]
  # user: nobody

"#]],
    );
}

#[test]
fn a_made_manifest_builds() {
    let place = Place::with_app();
    let made = place.run("init --root root /usr/bin/app").stdout;
    std::fs::write(place.path().join("made.yaml"), made).unwrap();
    check(
        &place,
        "build made.yaml",
        str![[r#"
exit 0
--- stdout
oci-archive:made.tar:latest sha256:[DIGEST]
--- stderr
linux/amd64: 12 paths, 2.8 kB of files, 1.1 kB as a layer
written to oci-archive:made.tar:latest

"#]],
    );
}

#[test]
fn a_program_that_is_not_there() {
    check(
        &Place::with_app(),
        "init --root root /usr/bin/nothing",
        str![[r#"
exit 3
--- stderr
error: `/usr/bin/nothing`: no such file or directory

"#]],
    );
}

#[test]
fn a_file_that_is_no_program() {
    check(
        &Place::with_app(),
        "init --root root /etc/app.conf",
        str![[r#"
exit 3
--- stderr
error: `/etc/app.conf`: neither an ELF program nor a script

"#]],
    );
}
