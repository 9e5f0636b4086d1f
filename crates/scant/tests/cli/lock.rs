//! `scant lock`, and what other commands do with a lock.

use std::fs;
use std::process::Output;

use snapbox::{IntoData as _, str};

use crate::check::{check, same};
use crate::place::Place;

const MANIFEST: &str = "\
inputs:
  FILES: {backend: tar, path: ./files.tar}
  BASE: {backend: oci, image: 'oci-archive:base.tar'}
data: [FILES/etc/app.conf:/a, BASE/etc/app.conf:/b]
image: {cmd: [/a]}
";

/// A place with an archive and an image, and a manifest that takes of both.
fn place() -> Place {
    let place = Place::with_app().file("scant.yaml", MANIFEST);
    let output = place.run("build app.yaml -q -o tar:files.tar -o oci-archive:base.tar");
    assert!(output.status.success(), "{output:?}");
    place
}

#[track_caller]
fn succeed(output: Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_lock_is_written_and_up_to_date_then() {
    let place = place();
    check(
        &place,
        "lock --check",
        str![[r#"
exit 1
--- stdout
+ BASE sha256:[DIGEST]
+ FILES sha256:[DIGEST]
--- stderr
scant.lock is not up to date

"#]],
    );
    assert!(!place.path().join("scant.lock").exists());
    check(
        &place,
        "lock",
        str![[r#"
exit 0
--- stdout
+ BASE sha256:[DIGEST]
+ FILES sha256:[DIGEST]
--- stderr
scant.lock is written

"#]],
    );
    let lock = fs::read_to_string(place.path().join("scant.lock")).unwrap();
    check(
        &place,
        "lock",
        str![[r#"
exit 0
--- stderr
scant.lock is up to date

"#]],
    );
    check(
        &place,
        "lock --check --json",
        str![[r#"
exit 0
--- stdout
{
  "changed": false,
  "changes": [],
  "lock": "scant.lock"
}

"#]],
    );
    assert_eq!(fs::read_to_string(place.path().join("scant.lock")).unwrap(), lock);
    // How the manifest is written does not matter.
    let place = place.file("scant.yaml", &MANIFEST.replace('\n', "\r\n"));
    check(
        &place,
        "lock --check",
        str![[r#"
exit 0
--- stderr
scant.lock is up to date

"#]],
    );
    assert_eq!(lock.lines().count(), 24, "{lock}");
}

#[test]
fn what_is_locked_is_built_again_and_again() {
    let place = place();
    succeed(place.run("lock"));
    let first = succeed(place.run("build -q --locked --offline --no-check -o oci:out"));
    let again = succeed(place.run("build -q --locked --offline --no-check -o oci:out"));
    assert_eq!(first, again);
}

#[test]
fn other_bytes_than_those_locked_are_refused() {
    let place = place();
    succeed(place.run("lock"));
    let app = fs::read_to_string(place.path().join("app.yaml")).unwrap();
    let place = place.file("app.yaml", &app.replace("/etc/app.conf", "/etc/app.conf:/etc/other"));
    let place = place.file("other.yaml", "data: ['./app.yaml:/etc/app.conf']\n");
    succeed(place.run("build other.yaml -q --force -o tar:files.tar -o oci-archive:base.tar"));
    check(
        &place,
        "build --no-check",
        str![[r#"
exit 3
--- stderr
error: input FILES: `[PLACE]/./files.tar` is sha256:[DIGEST], but sha256:[DIGEST] is locked; `scant lock --update FILES` takes what is there now
 --> scant.yaml:2:10
  |
2 |   FILES: {backend: tar, path: ./files.tar}
  |          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

"#]],
    );
    check(
        &place,
        "lock --update FILES",
        str![[r#"
exit 0
--- stdout
~ FILES sha256:[DIGEST] -> sha256:[DIGEST]
--- stderr
scant.lock is written

"#]],
    );
    check(
        &place,
        "plan",
        str![[r#"
exit 3
--- stderr
error: input BASE: `oci-archive:base.tar` is sha256:[DIGEST], but sha256:[DIGEST] is locked; `scant lock --update BASE` takes what is there now
 --> scant.yaml:3:9
  |
3 |   BASE: {backend: oci, image: 'oci-archive:base.tar'}
  |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

"#]],
    );
    check(
        &place,
        "lock --update all",
        str![[r#"
exit 0
--- stdout
~ BASE sha256:[DIGEST] -> sha256:[DIGEST]
--- stderr
scant.lock is written

"#]],
    );
    succeed(place.run("build -q --no-check"));
    check(
        &place,
        "lock --update NAME",
        str![[r#"
exit 2
--- stderr
error: `NAME` is no input of scant.yaml that can be locked
hint: archives, files of the network, images and packages can

"#]],
    );
}

#[test]
fn what_is_not_locked_is_refused_where_that_is_asked_for() {
    let manifest = "\
inputs:
  BASE: {backend: oci, image: docker://registry.example.com/base:1}
data: [BASE/etc/app.conf]
";
    let place = Place::with_app().file("scant.yaml", manifest);
    check(
        &place,
        "build --locked",
        str![[r#"
exit 2
--- stderr
error: BASE is not locked
hint: there is no scant.lock, and only what is locked is taken (`--locked`, or CI is set): `scant lock` writes it, `--no-locked` does without

"#]],
    );
    let place = place.file("scant.lock", r#"{"version": 1, "inputs": {"OLD": {}}}"#);
    check(
        &place,
        "plan --locked",
        str![[r#"
exit 2
--- stderr
error: BASE is not locked
hint: `scant lock` adds to scant.lock what is lacking

"#]],
    );
    let mut command = place.scant(["plan", "--offline"]);
    let output = command.env("CI", "true").output().unwrap();
    same(
        &place.seen(&output),
        str![[r#"
exit 2
--- stderr
error: BASE is not locked
hint: `scant lock` adds to scant.lock what is lacking

"#]]
        .into_data(),
    );
    // What cannot become another needs no lock.
    let place = Place::with_app();
    let mut command = place.scant(["plan", "app.yaml"]);
    assert!(command.env("CI", "true").output().unwrap().status.success());
}

#[test]
fn a_lock_of_another_place_is_not_of_this_one() {
    let place = place();
    succeed(place.run("lock"));
    fs::copy(place.path().join("files.tar"), place.path().join("moved.tar")).unwrap();
    let place = place.file("scant.yaml", &MANIFEST.replace("./files.tar", "./moved.tar"));
    check(
        &place,
        "build --locked",
        str![[r#"
exit 2
--- stderr
error: FILES is `./moved.tar` but `./files.tar` is locked
hint: `scant lock` renews scant.lock, and what is the same stays

"#]],
    );
    check(
        &place,
        "build --no-check -q -o oci:out",
        str![[r#"
exit 0
--- stdout
oci:out:latest sha256:[DIGEST]

"#]],
    );
    check(
        &place,
        "lock --check",
        str![[r#"
exit 1
--- stdout
~ FILES sha256:[DIGEST] is now asked for as ./moved.tar
--- stderr
scant.lock is not up to date

"#]],
    );
    check(
        &place,
        "lock",
        str![[r#"
exit 0
--- stdout
~ FILES sha256:[DIGEST] is now asked for as ./moved.tar
--- stderr
scant.lock is written

"#]],
    );
}

#[test]
fn a_damaged_lock_is_told_at_its_place() {
    let place = place().file(
        "scant.lock",
        "{\"version\": 1, \"inputs\": {\n  \"BASE\": {\"pins\": {\"all\": {\"asked\": 5}}},\n  \"BASE\": {}\n}}\n",
    );
    check(
        &place,
        "build",
        str![[r#"
exit 2
--- stderr
error: expected a string, found a number
 --> scant.lock:2:38
  |
2 |   "BASE": {"pins": {"all": {"asked": 5}}},
  |                                      ^
  |
  = help: quote it: "5"

error: the key `BASE` is there twice
 --> scant.lock:3:3
  |
2 |   "BASE": {"pins": {"all": {"asked": 5}}},
  |   ------ first here
3 |   "BASE": {}
  |   ^^^^^^

"#]],
    );
    let place = place.file("scant.lock", "{\"version\": 7}\n");
    check(
        &place,
        "plan",
        str![[r#"
exit 2
--- stderr
error: a lock of version 7; this scant reads version 1
 --> scant.lock:1:13
  |
1 | {"version": 7}
  |             ^
  |
  = help: `scant lock --update all` writes it anew

"#]],
    );
    check(
        &place,
        "lock --update all",
        str![[r#"
exit 0
--- stdout
+ BASE sha256:[DIGEST]
+ FILES sha256:[DIGEST]
--- stderr
scant.lock is written

"#]],
    );
}

#[test]
fn a_manifest_of_another_name_has_a_lock_of_its_own() {
    let place = place();
    fs::rename(place.path().join("scant.yaml"), place.path().join("web.yaml")).unwrap();
    succeed(place.run("lock web.yaml"));
    assert!(place.path().join("web.lock").is_file());
    check(
        &place,
        "lock -",
        str![[r#"
exit 2
--- stderr
error: the manifest is empty
 --> -:1:1
  |
1 |
  | ^

"#]],
    );
}

/// Files of the network that were loaded before, by their digests.
const LOADED: [(&str, &str); 2] = [
    ("one", "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed"),
    ("two", "3fc4ccfe745870e2c0d99f71f30ff0656c8dedd41cc1d7d3d376b0dbe685e2f3"),
];

#[test]
fn files_of_the_network_are_taken_from_the_cache_for_each_platform() {
    let [(one, a), (two, b)] = LOADED;
    let manifest = format!(
        "\
inputs:
  TOOL:
    backend: http
    url: {{linux/amd64: 'https://example.com/x64', linux/arm64: 'https://example.com/arm'}}
    sha256: {{linux/amd64: {a}, linux/arm64: {b}}}
    name: tool
    executable: true
data: [TOOL/tool:/bin/tool]
image: {{cmd: [/bin/tool]}}
"
    );
    let place = Place::with_app().file("scant.yaml", &manifest);
    let run = |line: &str| {
        let mut command = place.scant(line.split_whitespace());
        command.env("XDG_CACHE_HOME", place.path().join("cache"));
        command.output().unwrap()
    };
    same(&place.seen(&run("plan --offline")), str![[r#"
exit 3
--- stderr
error: input TOOL: `https://example.com/x64` (sha256:[DIGEST]) is not in the cache, and this is an offline run; without `--offline` it is loaded, and kept for the next time; `scant cache` shows what is there
 --> scant.yaml:3:5
  |
3 |     backend: http
  |     ^^^^^^^^^^^^^

"#]].into_data());
    let store = place.path().join("cache/scant/downloads/sha256");
    fs::create_dir_all(&store).unwrap();
    fs::write(store.join(a), one).unwrap();
    fs::write(store.join(b), two).unwrap();
    same(
        &place.seen(&run("plan --offline")),
        str![[r#"
exit 0
--- stdout
linux/amd64:
0755  0:0            /bin/      parent directory of /bin/tool
0755  0:0       3 B  /bin/tool  declared in `data` at line 8
linux/arm64:
0755  0:0            /bin/      parent directory of /bin/tool
0755  0:0       3 B  /bin/tool  declared in `data` at line 8
--- stderr
linux/amd64: 2 paths, 3 B of files
linux/arm64: 2 paths, 3 B of files

"#]]
        .into_data(),
    );
    same(
        &place.seen(&run("lock --offline")),
        str![[r#"
exit 0
--- stdout
+ TOOL for linux/amd64 sha256:[DIGEST]
+ TOOL for linux/arm64 sha256:[DIGEST]
--- stderr
scant.lock is written

"#]]
        .into_data(),
    );
    same(
        &place.seen(&run("why scant.yaml /bin/tool --offline")),
        str![[r#"
exit 0
--- stdout
linux/amd64:
/bin/tool (file, 3 B, from TOOL/tool)
    TOOL (http, sha256:[DIGEST], https://example.com/x64)
    declared in `data` at line 8

"#]]
        .into_data(),
    );
    let build = "build --locked --offline --no-check -q -o oci:out";
    let first = succeed(run(build));
    assert_eq!(succeed(run(build)), first);
    assert_eq!(succeed(run(&format!("{build} --no-cache"))), first);
}

#[test]
fn what_an_input_is_goes_with_the_image() {
    let place = place();
    succeed(place.run("lock"));
    succeed(place.run("build -q --no-check -o oci:out"));
    check(
        &place,
        "why oci:out /a",
        str![[r#"
exit 0
--- stdout
/a (file, 10 B, from FILES/etc/app.conf)
    FILES (tar, sha256:[DIGEST])
    declared in `data` at line 4

"#]],
    );
    check(
        &place,
        "why oci:out /b",
        str![[r#"
exit 0
--- stdout
/b (file, 10 B, from BASE/etc/app.conf)
    BASE (oci, sha256:[DIGEST])
    declared in `data` at line 4

"#]],
    );
}
