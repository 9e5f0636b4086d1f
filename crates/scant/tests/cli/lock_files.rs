//! `scant lock --files`: the files that are taken of directories, one by one.

use std::fs;

use snapbox::str;

use crate::check::{check, same};
use crate::place::Place;

const MANIFEST: &str = "\
inputs:
  TREES: {backend: sysroot, path: {linux/amd64: ./one, linux/arm64: ./two}}
data: [TREES/etc/, './scant.yaml:/manifest']
image: {cmd: [/etc/a]}
";

fn place() -> Place {
    let place = Place::with_app().file("scant.yaml", MANIFEST);
    for (name, text) in
        [("one/etc/a", "1"), ("one/etc/empty", ""), ("one/other", "-"), ("two/etc/a", "2")]
    {
        let path = place.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    place
}

fn write(place: &Place, name: &str, text: &str) {
    fs::write(place.path().join(name), text).unwrap();
}

#[test]
fn files_are_locked_for_each_platform() {
    let place = place();
    check(
        &place,
        "lock --files --check",
        str![[r#"
exit 1
--- stdout
~ TREES for linux/amd64: 2 files added
~ TREES for linux/arm64: 1 file added
--- stderr
scant.lock is not up to date

"#]],
    );
    check(
        &place,
        "lock --files",
        str![[r#"
exit 0
--- stdout
~ TREES for linux/amd64: 2 files added
~ TREES for linux/arm64: 1 file added
--- stderr
scant.lock is written

"#]],
    );
    let lock = fs::read_to_string(place.path().join("scant.lock")).unwrap();
    same(
        &lock,
        str![[r#"
{
  "inputs": {
    "TREES": {
      "files": {
        "linux/amd64": {
          "/etc/a": "sha256:6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b",
          "/etc/empty": "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        },
        "linux/arm64": {
          "/etc/a": "sha256:d4735e3a265e16eee03f59718b9b5d03019c07d8b6c51f90da3a666eec13ab35"
        }
      }
    }
  },
  "version": 1
}

"#]],
    );
    check(
        &place,
        "lock --files",
        str![[r#"
exit 0
--- stderr
scant.lock is up to date

"#]],
    );
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
        "build --locked --no-check -q -o oci:out",
        str![[r#"
exit 0
--- stdout
oci:out:latest sha256:[DIGEST]

"#]],
    );
}

#[test]
fn other_bytes_are_refused_before_anything_is_published() {
    let place = place();
    assert!(place.run("lock --files").status.success());
    write(&place, "one/etc/a", "3");
    write(&place, "two/etc/a", "more");
    write(&place, "one/other", "nobody takes it");
    check(
        &place,
        "build --no-check -o oci:out",
        str![[r#"
exit 3
--- stderr
warning: `/etc/a` is started and cannot be executed: its mode is 0644 (scant.yaml:4)
warning: `/etc/a` is started and cannot be executed: its mode is 0644 (scant.yaml:4)
error: input TREES: `/etc/a` is sha256:[DIGEST], but sha256:[DIGEST] is locked; `scant lock --files` takes what is there now
 --> scant.yaml:2:10
  |
2 |   TREES: {backend: sysroot, path: {linux/amd64: ./one, linux/arm64: ./two}}
  |          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

error: input TREES: `/etc/a` is sha256:[DIGEST], but sha256:[DIGEST] is locked; `scant lock --files` takes what is there now
 --> scant.yaml:2:10
  |
2 |   TREES: {backend: sysroot, path: {linux/amd64: ./one, linux/arm64: ./two}}
  |          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

"#]],
    );
    assert!(!place.path().join("out").exists());
    check(
        &place,
        "lock --files --check --json",
        str![[r#"
exit 1
--- stdout
{
  "changed": true,
  "changes": [],
  "files": [
    {
      "added": [],
      "changed": [
        "/etc/a"
      ],
      "input": "TREES",
      "platform": "linux/amd64",
      "removed": []
    },
    {
      "added": [],
      "changed": [
        "/etc/a"
      ],
      "input": "TREES",
      "platform": "linux/arm64",
      "removed": []
    }
  ],
  "lock": "scant.lock"
}

"#]],
    );
    check(
        &place,
        "lock --files",
        str![[r#"
exit 0
--- stdout
~ TREES for linux/amd64: 1 file changed
~ TREES for linux/arm64: 1 file changed
--- stderr
scant.lock is written

"#]],
    );
    check(
        &place,
        "build --no-check --locked -q -o oci:out",
        str![[r#"
exit 0
--- stdout
oci:out:latest sha256:[DIGEST]

"#]],
    );
}

#[test]
fn what_was_not_there_is_refused_where_all_must_be_locked() {
    let place = place();
    assert!(place.run("lock --files").status.success());
    write(&place, "one/etc/new", "new");
    fs::remove_file(place.path().join("two/etc/a")).unwrap();
    let build = "build --no-check -q -o oci:out --cache-dir cache";
    assert!(place.run(build).status.success());
    check(
        &place,
        build,
        str![[r#"
exit 0
--- stdout
oci:out:latest sha256:[DIGEST]

"#]],
    );
    check(
        &place,
        &format!("{build} --locked"),
        str![[r#"
exit 3
--- stderr
error: input TREES: `/etc/new` is not locked; `scant lock --files` locks it
 --> scant.yaml:2:10
  |
2 |   TREES: {backend: sysroot, path: {linux/amd64: ./one, linux/arm64: ./two}}
  |          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

"#]],
    );
    check(
        &place,
        "lock --files",
        str![[r#"
exit 0
--- stdout
~ TREES for linux/amd64: 1 file added
~ TREES for linux/arm64: 1 file removed
--- stderr
scant.lock is written

"#]],
    );
}

/// A build that was the same is not made again; one whose lock became another is.
#[test]
fn the_cache_does_not_hide_what_the_lock_says() {
    let place = place();
    let build = "build --no-check -q -o oci:out --cache-dir cache";
    assert!(place.run(build).status.success());
    assert!(place.run("lock --files").status.success());
    for _ in 0..2 {
        assert!(place.run(build).status.success());
    }
    let path = place.path().join("scant.lock");
    let lock = fs::read_to_string(&path).unwrap();
    // The digest of `1`, and another.
    let digest = "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b";
    assert!(lock.contains(digest), "{lock}");
    fs::write(&path, lock.replace(digest, &"0".repeat(64))).unwrap();
    check(
        &place,
        build,
        str![[r#"
exit 3
--- stderr
error: input TREES: `/etc/a` is sha256:[DIGEST], but sha256:[DIGEST] is locked; `scant lock --files` takes what is there now
 --> scant.yaml:2:10
  |
2 |   TREES: {backend: sysroot, path: {linux/amd64: ./one, linux/arm64: ./two}}
  |          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

"#]],
    );
}
