//! `scant test`, without commands: those need a sandbox, and are tested from end to end.

use snapbox::str;

use crate::check::check;
use crate::place::{MANIFEST, Place};

const TESTS: &str = "\
schemaVersion: 2.0.0
fileExistenceTests:
  - {name: program, path: /usr/bin/app, permissions: -rwxr-xr-x, uid: 0, isExecutableBy: any}
  - {name: library, path: /lib64/libz.so.1, isDirectory: false}
  - {name: no shell, path: /bin/sh, shouldExist: false}
fileContentTests:
  - {name: port, path: /etc/app.conf, expectedContents: ['(?m)^listen \\d+$'], excludedContents: [debug]}
metadataTest:
  entrypoint: [/usr/bin/app]
  cmd: []
";

const FAILING: &str = r#"{
	"schemaVersion": "1.0.0",
	"fileExistenceTests": [
		{"name": "no\u001b[31m configuration", "path": "/etc/app.conf", "shouldExist": false},
		{"name": "program", "path": "/usr/bin/app", "permissions": "drwxr-xr-x", "isDirectory": true}
	],
	"fileContentTests": [
		{"name": "<port> & \"host\"", "path": "/etc/app.conf", "expectedContents": ["^listen 443$", "80"]}
	],
	"licenseTests": [{"debian": true, "files": ["/etc/app.conf"]}]
}
"#;

/// A place with an image, and tests of which some fail.
pub(crate) fn place() -> Place {
    let place = Place::with_app().file("good.yaml", TESTS).file("bad.json", FAILING);
    let built = place.run("build app.yaml -q -o oci:image -o rootfs:rootfs");
    assert!(built.status.success(), "{}", place.seen(&built));
    place
}

#[test]
fn an_image_as_it_should_be() {
    check(
        &place(),
        "test oci:image --config good.yaml",
        str![[r#"
exit 0
--- stdout
ok   good.yaml:3 file program
ok   good.yaml:4 file library
ok   good.yaml:5 file no shell
ok   good.yaml:7 content port
ok   good.yaml:9 metadata
--- stderr
5 tests passed

"#]],
    );
}

#[test]
fn what_is_wrong_is_shown_below_the_test() {
    check(
        &place(),
        "test oci:image --config good.yaml --config bad.json",
        str![[r#"
exit 1
--- stdout
ok   good.yaml:3 file program
ok   good.yaml:4 file library
ok   good.yaml:5 file no shell
ok   good.yaml:7 content port
ok   good.yaml:9 metadata
FAIL bad.json:4 file no\u{1b}[31m configuration
     `/etc/app.conf` should not be there, but is a file
FAIL bad.json:5 file program
     `/usr/bin/app` is a file, not a directory
     the permissions of `/usr/bin/app` are `-rwxr-xr-x`, not `drwxr-xr-x`
FAIL bad.json:8 content <port> & "host"
     `/etc/app.conf` does not match `^listen 443$`
     `/etc/app.conf`:
       | listen 80
FAIL bad.json:10 license
     `/usr/share/doc` cannot be read: no such file or directory
--- stderr
4 of 9 tests failed

"#]],
    );
}

#[test]
fn only_what_failed() {
    check(
        &place(),
        "test image --quiet -c good.yaml -c bad.json --filter pro",
        str![[r#"
exit 1
--- stdout
FAIL bad.json:5 file program
     `/usr/bin/app` is a file, not a directory
     the permissions of `/usr/bin/app` are `-rwxr-xr-x`, not `drwxr-xr-x`

"#]],
    );
    check(
        &place(),
        "test image --quiet -c good.yaml",
        str![[r#"
exit 0

"#]],
    );
}

#[test]
fn files_without_an_image_have_no_metadata() {
    check(
        &place(),
        "test rootfs:rootfs -c good.yaml --quiet",
        str![[r#"
exit 1
--- stdout
FAIL good.yaml:9 metadata
     these are files without an image, which say nothing of how it is run

"#]],
    );
}

#[test]
fn a_directory_of_tests() {
    let place = place();
    let directory = place.path().join("tests");
    std::fs::create_dir(&directory).unwrap();
    std::fs::write(directory.join("b.yaml"), TESTS).unwrap();
    std::fs::write(directory.join("a.yml"), TESTS).unwrap();
    std::fs::write(directory.join("notes.txt"), "no tests").unwrap();
    check(
        &place,
        "test image -c tests --filter shell",
        str![[r#"
exit 0
--- stdout
ok   tests/a.yml:5 file no shell
ok   tests/b.yaml:5 file no shell
--- stderr
2 tests passed

"#]],
    );
    check(
        &place,
        "test image -c rootfs",
        str![[r#"
exit 2
--- stderr
error: `rootfs` holds no files of tests
hint: they end in .yaml, .yml or .json

"#]],
    );
}

#[test]
fn the_tests_of_a_manifest() {
    let own = "\
tests:
  - good.yaml
  - fileExistenceTests:
      - {name: own, path: /etc/app.conf, shouldExist: false}
";
    let place = place().file("tested.yaml", &[MANIFEST, own].concat());
    check(
        &place,
        "test tested.yaml",
        str![[r#"
exit 1
--- stdout
ok   good.yaml:3 file program
ok   good.yaml:4 file library
ok   good.yaml:5 file no shell
ok   good.yaml:7 content port
ok   good.yaml:9 metadata
FAIL tested.yaml:13 file own
     `/etc/app.conf` should not be there, but is a file
--- stderr
1 of 6 tests failed

"#]],
    );
    check(
        &place,
        "test tested.yaml --config good.yaml --filter library",
        str![[r#"
exit 0
--- stdout
ok   good.yaml:4 file library
ok   good.yaml:4 file library
--- stderr
2 tests passed

"#]],
    );
    check(
        &place,
        "build tested.yaml --test -o oci:tested",
        str![[r#"
exit 1
--- stderr
FAIL tested.yaml:13 file own
     `/etc/app.conf` should not be there, but is a file
1 of 6 tests failed: nothing is published

"#]],
    );
    assert!(!place.path().join("tested").exists(), "something was published");
}

#[test]
fn a_build_without_tests_and_one_with_bad_ones() {
    let place = place()
        .file("gone.yaml", &[MANIFEST, "tests: [tests/gone.yaml]\n"].concat())
        .file("faulty.yaml", &[MANIFEST, "tests: [{commandTests: [{name: a}]}]\n"].concat());
    check(
        &place,
        "build app.yaml --test -o oci:tested",
        str![[r#"
exit 2
--- stderr
error: `app.yaml` has no tests
hint: write `tests` into it, or leave out `--test`

"#]],
    );
    check(
        &place,
        "build gone.yaml --test -o oci:tested",
        str![[r#"
exit 2
--- stderr
error: the tests in `tests/gone.yaml` cannot be read: No such file or directory (os error 2)

"#]],
    );
    check(
        &place,
        "build faulty.yaml -o oci:tested",
        str![[r#"
exit 2
--- stderr
error: `command` is missing here
  --> faulty.yaml:10:26
   |
10 | tests: [{commandTests: [{name: a}]}]
   |                          ^^^^

"#]],
    );
}

#[test]
fn a_build_that_passes_its_tests() {
    let place = place().file("tested.yaml", &[MANIFEST, "tests: [good.yaml]\n"].concat());
    check(
        &place,
        "build tested.yaml --test -o oci:tested",
        str![[r#"
exit 0
--- stdout
oci:tested:latest sha256:[DIGEST]
--- stderr
5 tests passed
linux/amd64: 11 paths, 2.7 kB of files, 995 B as a layer

"#]],
    );
    check(
        &place,
        "build tested.yaml --test --quiet -o oci:quiet",
        str![[r#"
exit 0
--- stdout
oci:quiet:latest sha256:[DIGEST]

"#]],
    );
}

#[test]
fn all_faults_of_all_files_are_told() {
    let place = place()
        .file("one.yaml", "schemaVersion: 2.0.0\nfileExistenceTest: []\n")
        .file("two.yaml", "fileContentTests:\n- {name: a, path: /x, expectedContents: ['(']}\n");
    check(
        &place,
        "test image -c one.yaml -c good.yaml -c two.yaml",
        str![[r#"
exit 2
--- stderr
error: unknown key `fileExistenceTest`
 --> one.yaml:2:1
  |
2 | fileExistenceTest: []
  | ^^^^^^^^^^^^^^^^^
  |
  = help: did you mean `fileExistenceTests`? known keys here: `schemaVersion`, `globalEnvVars`, `commandTests`, `fileExistenceTests`, `fileContentTests`, `metadataTest`, `licenseTests`, `containerRunOptions`

error: `schemaVersion` is missing
 --> two.yaml:1:1
  |
1 | fileContentTests:
  | ^
  |
  = help: write `schemaVersion: 2.0.0`

error: `(` is not a regular expression: unclosed group
 --> two.yaml:2:42
  |
2 | - {name: a, path: /x, expectedContents: ['(']}
  |                                          ^^^

"#]],
    );
}

#[test]
fn nothing_to_test_is_no_success() {
    let place = place().file("none.yaml", "schemaVersion: 2.0.0\n");
    check(
        &place,
        "test image",
        str![[r#"
exit 2
--- stderr
error: there are no tests
hint: name a file of tests with `--config`, or write `tests` into the manifest

"#]],
    );
    check(
        &place,
        "test app.yaml",
        str![[r#"
exit 2
--- stderr
error: there are no tests
hint: name a file of tests with `--config`, or write `tests` into the manifest

"#]],
    );
    check(
        &place,
        "test image -c none.yaml",
        str![[r#"
exit 2
--- stderr
error: there are no tests
hint: name a file of tests with `--config`, or write `tests` into the manifest

"#]],
    );
    check(
        &place,
        "test image -c good.yaml --filter gone",
        str![[r#"
exit 2
--- stderr
error: no test has `gone` in its name

"#]],
    );
    check(
        &place,
        "test image -c gone.yaml",
        str![[r#"
exit 2
--- stderr
error: the tests in `gone.yaml` cannot be read: No such file or directory (os error 2)

"#]],
    );
}

#[test]
fn what_a_file_asks_for_in_vain_is_noted() {
    let place = place().file(
        "options.yaml",
        &[TESTS, "containerRunOptions: {privileged: true, network: host}\n"].concat(),
    );
    check(
        &place,
        "test image -c options.yaml --filter shell",
        str![[r#"
exit 0
--- stdout
ok   options.yaml:5 file no shell
--- stderr
note: options.yaml:11: `privileged` is not given: a sandbox never has more rights than you
note: options.yaml:11: no network is given by a file of tests; `--net host` gives it
1 test passed

"#]],
    );
}
