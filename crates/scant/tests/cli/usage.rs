//! What is said about command lines that mean nothing.

use snapbox::str;

use crate::check::{check, same};
use crate::place::Place;

#[test]
fn no_manifest() {
    check(
        &Place::new("/"),
        "build",
        str![[r#"
exit 2
--- stderr
error: no manifest is named, and the current directory has no scant.yaml
hint: `scant init PROGRAM > scant.yaml` makes one

"#]],
    );
}

#[test]
fn a_manifest_that_is_not_there() {
    check(
        &Place::new("/"),
        "plan nothing.yaml",
        str![[r#"
exit 2
--- stderr
error: the manifest `nothing.yaml` cannot be read: No such file or directory (os error 2)

"#]],
    );
}

#[test]
fn a_directory_as_manifest() {
    check(
        &Place::new("/"),
        "plan root",
        str![[r#"
exit 2
--- stderr
error: the manifest `root` cannot be read: it is a directory
hint: a manifest is a file, or `-` for standard input

"#]],
    );
}

#[test]
fn an_empty_manifest() {
    check(
        &Place::new("/").file("empty.yaml", ""),
        "plan empty.yaml",
        str![[r#"
exit 2
--- stderr
error: the manifest is empty
 --> empty.yaml:1:1
  |
1 |
  | ^

"#]],
    );
}

#[test]
fn no_arguments() {
    check(
        &Place::new("/"),
        "",
        str![[r#"
exit 2
--- stderr
Builds minimal OCI container images from an empty root file system, and says why each file is there

Usage: scant <COMMAND>

Commands:
  init         Print a manifest for programs of this machine or of a root, or for a package
  import       Print a manifest that declares what a file of apko does
  build        Build an image from a manifest
  plan         Show the tree that would be built, with a reason for each path
  lock         Write down what the inputs of a manifest are now, for later builds to take the same
  why          Say why a path is in an image, back to a line of the manifest
  ls           List the files of an image with mode, owner, size and reason
  diff         Show what differs between two images, and why what is new is there
  run          Run the program of an image in a sandbox, without an engine and without root
  test         Test an image by files of container-structure-test, without a daemon
  verify       Verify an image from its bytes, and report all that is not as it says
  copy         Copy an image, for all its platforms, without changing it
  login        Keep a name and a password for a registry
  logout       Forget the name and the password for a registry
  check        Prove that an image starts, from its files alone
  trace        Find what a program asks for when it runs, and add what its manifest lacks
  deps         Show the libraries that programs need, and how each is found
  cache        Show how large the cache is, verify it, or make it smaller
  schema       Print the JSON schema of the manifest, for editors
  completions  Print a completion script for a shell
  man          Print the manual page, or write those of all commands
  help         Print this message or the help of the given subcommand(s)

Options:
  -h, --help     Print help
  -V, --version  Print version

"#]],
    );
}

#[test]
fn an_unknown_command() {
    check(
        &Place::new("/"),
        "biuld",
        str![[r#"
exit 2
--- stderr
error: unrecognized subcommand 'biuld'

  tip: a similar subcommand exists: 'build'

Usage: scant <COMMAND>

For more information, try '--help'.

"#]],
    );
}

#[test]
fn an_unknown_transport() {
    check(
        &Place::with_app(),
        "build app.yaml -o ftp:app",
        str![[r#"
exit 2
--- stderr
error: invalid value 'ftp:app' for '--output <OUTPUT>': `ftp` in `ftp:app` is no transport that scant knows: oci:, oci-archive:, docker-archive:, docker-daemon:, docker://, rootfs:, tar: (did you mean `docker://ftp:app` or `docker-daemon:ftp:app`? a path with a colon can be written `./ftp:app`)

For more information, try '--help'.

"#]],
    );
}

#[test]
fn an_output_without_transport() {
    check(
        &Place::with_app(),
        "build app.yaml -o app.tar",
        str![[r#"
exit 2
--- stderr
error: invalid value 'app.tar' for '--output <OUTPUT>': `app.tar` names no transport; one of oci:, oci-archive:, docker-archive:, docker-daemon:, docker://, rootfs:, tar: was expected, as in `oci:app.tar`

For more information, try '--help'.

"#]],
    );
}

#[test]
fn an_output_in_a_registry() {
    check(
        &Place::with_app(),
        "build app.yaml -o docker://127.0.0.1:1/app:1",
        str![[r#"
exit 4
--- stderr
error: `http://127.0.0.1:1/v2/` cannot be reached: io: Connection refused (os error 111)

"#]],
    );
}

#[test]
fn a_name_that_no_image_can_have() {
    check(
        &Place::with_app(),
        "build app.yaml -t App:1",
        str![[r#"
exit 2
--- stderr
error: invalid value 'App:1' for '--tag <NAME>': `App:1` is not the name of an image: the path must be in lower case

For more information, try '--help'.

"#]],
    );
}

#[test]
fn an_unknown_compression() {
    check(
        &Place::with_app(),
        "build app.yaml --compression xz",
        str![[r#"
exit 2
--- stderr
error: `xz` is not a compression: `none`, `gzip`, `gzip:0` to `gzip:9`, `zstd`, `zstd:1` to `zstd:19`

"#]],
    );
}

#[test]
fn an_unknown_platform() {
    check(
        &Place::with_app(),
        "ls oci:app --platform linux/x86",
        str![[r#"
exit 2
--- stderr
error: invalid value 'linux/x86' for '--platform <PLATFORM>': `linux/x86` is not a platform that scant knows: linux/amd64, linux/arm64, linux/arm/v7, linux/arm/v6, linux/arm/v5, linux/386, linux/loong64, linux/mips, linux/mipsle, linux/mips64, linux/mips64le, linux/ppc64, linux/ppc64le, linux/riscv64, linux/s390x

For more information, try '--help'.

"#]],
    );
}

#[test]
fn an_unknown_shell() {
    check(
        &Place::new("/"),
        "completions csh",
        str![[r#"
exit 2
--- stderr
error: invalid value 'csh' for '<SHELL>'
  [possible values: bash, elvish, fish, powershell, zsh]

  tip: a similar value exists: 'zsh'

For more information, try '--help'.

"#]],
    );
}

#[test]
fn a_date_that_is_none() {
    let place = Place::with_app();
    let mut command = place.scant(["build", "app.yaml"]);
    let output = command.env("SOURCE_DATE_EPOCH", "yesterday").output().unwrap();
    same(
        &place.seen(&output),
        str![[r#"
exit 2
--- stderr
error: SOURCE_DATE_EPOCH is `yesterday`, which is no date
hint: it counts the seconds since 1970-01-01: a whole number from 0 to 8589934591

"#]],
    );
    assert!(!place.path().join("app.tar").exists());
}

#[test]
fn an_image_from_a_registry() {
    check(
        &Place::new("/"),
        "ls docker://127.0.0.1:1/app:1",
        str![[r#"
exit 3
--- stderr
error: `http://127.0.0.1:1/v2/` cannot be reached: io: Connection refused (os error 111)

"#]],
    );
}
