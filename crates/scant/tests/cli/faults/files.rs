//! Files of inputs that are not what is meant, or cannot be read.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use snapbox::str;

use super::needs::{as_nobody, make_device, make_fifo};
use crate::check::{check, check_manifest, same};
use crate::place::{Place, ROOT};

const HEAD: &str = "inputs:\n  ROOT: {backend: sysroot, path: root}\n";

#[track_caller]
fn check_listing(listing: &str, rest: &str, expected: impl snapbox::IntoData) {
    let place = Place::new(listing).file("app.yaml", &format!("{HEAD}{rest}"));
    check(&place, "plan app.yaml", expected);
}

#[test]
fn a_path_out_of_the_root() {
    let place = Place::new("/up -> ../../../../../etc/hostname\n/a \"\"\n");
    let manifest = format!("{HEAD}data:\n  - ROOT/up\n  - ROOT/../app.yaml\n");
    check(
        &place.file("app.yaml", &manifest),
        "plan app.yaml",
        str![[r#"
exit 2
--- stderr
error: `/../app.yaml` contains `..`
 --> app.yaml:5:5
  |
5 |   - ROOT/../app.yaml
  |     ^^^^^^^^^^^^^^^^

"#]],
    );
}

#[test]
fn links_in_a_circle() {
    check_listing(
        "/a -> b\n/b -> a\n/c -> c/d\n",
        "data: [ROOT/a, ROOT/c]\n",
        str![[r#"
exit 3
--- stderr
error: input ROOT has no usable `/a`: too many levels of symbolic links
 --> app.yaml:3:8
  |
3 | data: [ROOT/a, ROOT/c]
  |        ^^^^^^

error: input ROOT has no usable `/c`: too many levels of symbolic links
 --> app.yaml:3:16
  |
3 | data: [ROOT/a, ROOT/c]
  |                ^^^^^^

"#]],
    );
    let place = Place::new("").file("app.yaml", HEAD);
    symlink("root", place.path().join("root")).unwrap();
    check(
        &place,
        "plan app.yaml",
        str![[r#"
exit 3
--- stderr
error: input ROOT: `[PLACE]/root` cannot be opened as a directory: Too many levels of symbolic links (os error 40)
 --> app.yaml:2:9
  |
2 |   ROOT: {backend: sysroot, path: root}
  |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

"#]],
    );
}

#[test]
fn an_input_that_is_a_file() {
    let manifest = "inputs:\n  ROOT: {backend: sysroot, path: app.yaml}\n";
    check_manifest(
        "plan app.yaml",
        manifest,
        str![[r#"
exit 3
--- stderr
error: input ROOT: `[PLACE]/app.yaml` cannot be opened as a directory: Not a directory (os error 20)
 --> app.yaml:2:9
  |
2 |   ROOT: {backend: sysroot, path: app.yaml}
  |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

"#]],
    );
}

#[test]
fn fifos_and_sockets() {
    let place = Place::new("/a \"\"").file(
        "app.yaml",
        &format!("{HEAD}binaries: [ROOT/fifo]\ndata: [ROOT/fifo:/x, ROOT/socket]\n"),
    );
    make_fifo(&place.path().join("root/fifo"));
    let socket = place.path().join("root/socket");
    let _listener = std::os::unix::net::UnixListener::bind(socket).unwrap();
    check(
        &place,
        "plan app.yaml",
        str![[r#"
exit 2
--- stderr
error: `ROOT/fifo` is a FIFO, which is never copied
 --> app.yaml:3:12
  |
3 | binaries: [ROOT/fifo]
  |            ^^^^^^^^^
  |
  = help: runtimes make /dev, /proc and /sys themselves

error: `ROOT/fifo` is a FIFO, which is never copied
 --> app.yaml:4:8
  |
4 | data: [ROOT/fifo:/x, ROOT/socket]
  |        ^^^^^^^^^^^^
  |
  = help: runtimes make /dev, /proc and /sys themselves

error: `ROOT/socket` is a socket, which is never copied
 --> app.yaml:4:22
  |
4 | data: [ROOT/fifo:/x, ROOT/socket]
  |                      ^^^^^^^^^^^
  |
  = help: runtimes make /dev, /proc and /sys themselves

"#]],
    );
}

#[test]
fn devices() {
    let manifest = format!("{HEAD}binaries: [ROOT/null]\ndata: [ROOT/null:/x]\n");
    let place = Place::new("/a \"\"").file("app.yaml", &manifest);
    if make_device(&place.path().join("root/null")) {
        check(
            &place,
            "plan app.yaml",
            str![[r#"
exit 2
--- stderr
error: `ROOT/null` is a character device, which is never copied
 --> app.yaml:3:12
  |
3 | binaries: [ROOT/null]
  |            ^^^^^^^^^
  |
  = help: runtimes make /dev, /proc and /sys themselves

error: `ROOT/null` is a character device, which is never copied
 --> app.yaml:4:8
  |
4 | data: [ROOT/null:/x]
  |        ^^^^^^^^^^^^
  |
  = help: runtimes make /dev, /proc and /sys themselves

"#]],
        );
    }
}

#[test]
fn elf_files_that_are_cut_off() {
    check_listing(
        "/a hex=7f454c46\n/b elf x86_64 static cut=40\n/c elf x86_64 static cut=90\n",
        "binaries: [ROOT/a, ROOT/b, ROOT/c]\nplatforms: [linux/amd64]\n",
        str![[r#"
exit 3
--- stderr
error: `ROOT/a`: the ELF file is cut off inside its header
 --> app.yaml:3:12
  |
3 | binaries: [ROOT/a, ROOT/b, ROOT/c]
  |            ^^^^^^

error: `ROOT/b`: the ELF file is cut off inside its header
 --> app.yaml:3:20
  |
3 | binaries: [ROOT/a, ROOT/b, ROOT/c]
  |                    ^^^^^^

error: `ROOT/c`: damaged ELF file: the program header table lies outside the file
 --> app.yaml:3:28
  |
3 | binaries: [ROOT/a, ROOT/b, ROOT/c]
  |                            ^^^^^^

"#]],
    );
}

#[test]
fn an_elf_file_of_another_class_or_without_sense() {
    check_listing(
        "/a hex=7f454c46090101000000000000000000\n/b hex=7f454c4602010100ffffffffffffffff\n",
        "binaries: [ROOT/a, ROOT/b]\nplatforms: [linux/amd64]\n",
        str![[r#"
exit 3
--- stderr
error: `ROOT/a`: the ELF file is cut off inside its header
 --> app.yaml:3:12
  |
3 | binaries: [ROOT/a, ROOT/b]
  |            ^^^^^^

error: `ROOT/b`: the ELF file is cut off inside its header
 --> app.yaml:3:20
  |
3 | binaries: [ROOT/a, ROOT/b]
  |                    ^^^^^^

"#]],
    );
}

#[test]
fn a_library_of_another_architecture() {
    let listing = ROOT.replace(
        "/usr/lib64/libz.so.1.3           elf x86_64",
        "/usr/lib64/libz.so.1.3           elf aarch64",
    );
    check_listing(
        &listing,
        "binaries: [ROOT/usr/bin/app]\n",
        str![[r#"
exit 3
--- stderr
error: library `libz.so.1` was not found; needed by /usr/bin/app
 --> app.yaml:3:12
  |
3 | binaries: [ROOT/usr/bin/app]
  |            ^^^^^^^^^^^^^^^^
  |
  = note: tried, in this order:
          /lib64/libz.so.1 (in the loader's default directory /lib64): passed over, made for another machine (e_machine 183)
          /usr/lib64/libz.so.1 (in the loader's default directory /usr/lib64): passed over, made for another machine (e_machine 183)

"#]],
    );
}

#[test]
fn programs_for_two_platforms() {
    check_listing(
        "/a elf x86_64 static\n/b elf aarch64 static\n",
        "binaries: [ROOT/a, ROOT/b]\n",
        str![[r#"
exit 2
--- stderr
error: `ROOT/b` is made for linux/arm64, and the image is for linux/amd64
 --> app.yaml:3:20
  |
3 | binaries: [ROOT/a, ROOT/b]
  |                    ^^^^^^
  |
  = help: name the platform under `platforms`, and give the input a path for each platform

"#]],
    );
}

#[test]
fn a_link_over_a_directory_with_content() {
    check_listing(
        "/etc/app/conf \"x\"\n",
        "data: [ROOT/etc/app/conf]\nsymlinks:\n  - {link: /etc/app, target: /opt}\n",
        str![[r#"
exit 0
--- stdout
0755  0:0            /etc/             parent directory of /etc/app
0777  0:0            /etc/app -> /opt  declared in `symlinks` at line 5 (and 1 more)
0755  0:0            /opt/             parent directory of /opt/conf
0644  0:0       1 B  /opt/conf         declared in `data` at line 3
--- stderr
notice: neither `entrypoint` nor `cmd` is set: `docker run` needs a program then
linux/amd64: 4 paths, 1 B of files

"#]],
    );
}

#[test]
fn files_that_may_not_be_read() {
    let listing = "/app mode=0700 elf x86_64 static\n/conf mode=0600 \"x\"\n/sub/file \"x\"\n";
    let place = Place::new(listing)
        .file("app.yaml", &format!("{HEAD}binaries: [ROOT/app]\ndata: [ROOT/conf, ROOT/sub]\n"));
    let sub = place.path().join("root/sub");
    fs::set_permissions(sub, fs::Permissions::from_mode(0o700)).unwrap();
    if let Some(seen) = as_nobody(&place, "build -q app.yaml -o tar:/dev/full/x") {
        same(
            &seen,
            str![[r#"
exit 3
--- stderr
error: input ROOT has no usable `/app`: permission denied
 --> app.yaml:3:12
  |
3 | binaries: [ROOT/app]
  |            ^^^^^^^^

error: input ROOT has no usable `/conf`: permission denied
 --> app.yaml:4:8
  |
4 | data: [ROOT/conf, ROOT/sub]
  |        ^^^^^^^^^

error: input ROOT has no usable `/sub`: permission denied
 --> app.yaml:4:19
  |
4 | data: [ROOT/conf, ROOT/sub]
  |                   ^^^^^^^^

"#]],
        );
    }
}
