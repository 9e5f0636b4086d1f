//! Outputs that are something else already, or cannot be written.

use std::fs;
use std::os::unix::fs::symlink;

use snapbox::str;

use super::needs::{as_nobody, make_device, make_fifo, with_mounts};
use crate::check::{check, same};
use crate::place::Place;

/// The outputs that are a file.
const FILES: [&str; 3] = ["oci-archive", "docker-archive", "tar"];

/// Compares what is said for each of these transports, and that nothing is left or changed.
#[track_caller]
fn check_each(place: &Place, transports: &[&str], target: &str, expected: impl snapbox::IntoData) {
    let before = names(place);
    let mut seen = String::new();
    for transport in transports {
        let output = place.run(&format!("build -q app.yaml -o {transport}:{target}"));
        seen += &place.seen(&output);
    }
    same(&seen, expected);
    assert_eq!(names(place), before);
}

fn names(place: &Place) -> Vec<std::ffi::OsString> {
    let names = fs::read_dir(place.path()).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}

#[test]
fn a_directory_where_an_archive_is_meant() {
    let place = Place::with_app();
    fs::create_dir(place.path().join("dir")).unwrap();
    check_each(
        &place,
        &FILES,
        "dir",
        str![[r#"
exit 4
--- stderr
error: `dir` is there already and is a directory, not a file
exit 4
--- stderr
error: `dir` is there already and is a directory, not a file
exit 4
--- stderr
error: `dir` is there already and is a directory, not a file

"#]],
    );
}

#[test]
fn a_file_where_a_directory_is_meant() {
    let place = Place::with_app().file("file", "precious");
    check_each(
        &place,
        &["oci", "rootfs"],
        "file",
        str![[r#"
exit 4
--- stderr
error: `file` is there already and is not a directory
exit 4
--- stderr
error: `file` is there already and is not a directory

"#]],
    );
    assert_eq!(fs::read_to_string(place.path().join("file")).unwrap(), "precious");
}

#[test]
fn a_layout_of_another_version() {
    let place = Place::with_app();
    fs::create_dir(place.path().join("dir")).unwrap();
    let place = place.file("dir/oci-layout", r#"{"imageLayoutVersion": "2.0.0"}"#);
    check_each(
        &place,
        &["oci"],
        "dir",
        str![[r#"
exit 4
--- stderr
error: `dir` is there already and is not an OCI image layout: its version is 2.0.0

"#]],
    );
    let place = place.file("dir/oci-layout", "[[[");
    check_each(
        &place,
        &["oci"],
        "dir",
        str![[r#"
exit 4
--- stderr
error: `dir` is there already and is not an OCI image layout: `oci-layout`: invalid type: sequence, expected a string at line 1 column 1

"#]],
    );
}

#[test]
fn a_layout_with_a_damaged_index() {
    let place = Place::with_app();
    fs::create_dir(place.path().join("dir")).unwrap();
    let place = place.file("dir/oci-layout", r#"{"imageLayoutVersion": "1.0.0"}"#);
    let place = place.file("dir/index.json", "{\"manifests\": 7}");
    check_each(
        &place,
        &["oci"],
        "dir",
        str![[r#"
exit 4
--- stderr
error: `dir` is there already and is not an OCI image layout: `index.json`: invalid type: integer `7`, expected a sequence at line 1 column 15

"#]],
    );
}

#[test]
fn a_foreign_directory_with_content() {
    let place = Place::with_app();
    fs::create_dir(place.path().join("dir")).unwrap();
    let place = place.file("dir/precious", "x");
    check_each(
        &place,
        &["oci", "rootfs"],
        "dir",
        str![[r#"
exit 4
--- stderr
error: `dir` is there already and is not an OCI image layout: it has no `oci-layout` and is not empty
exit 4
--- stderr
error: `dir` is there already and is not empty
hint: name another directory, or replace it with `--force`

"#]],
    );
}

#[test]
fn a_fifo_or_device() {
    let place = Place::with_app();
    make_fifo(&place.path().join("fifo"));
    check_each(
        &place,
        &["oci-archive", "docker-archive", "tar", "oci", "rootfs"],
        "fifo",
        str![[r#"
exit 4
--- stderr
error: `fifo` is there already and is a device, FIFO or socket, not a file
exit 4
--- stderr
error: `fifo` is there already and is a device, FIFO or socket, not a file
exit 4
--- stderr
error: `fifo` is there already and is a device, FIFO or socket, not a file
exit 4
--- stderr
error: `fifo` is there already and is not a directory
exit 4
--- stderr
error: `fifo` is there already and is not a directory

"#]],
    );
    if make_device(&place.path().join("null")) {
        check_each(
            &place,
            &["tar", "oci", "rootfs"],
            "null",
            str![[r#"
exit 4
--- stderr
error: `null` is there already and is a device, FIFO or socket, not a file
exit 4
--- stderr
error: `null` is there already and is not a directory
exit 4
--- stderr
error: `null` is there already and is not a directory

"#]],
        );
    }
}

#[test]
fn a_link_to_nothing() {
    let place = Place::with_app();
    symlink("nothing", place.path().join("link")).unwrap();
    check_each(
        &place,
        &["oci-archive", "docker-archive", "tar", "oci", "rootfs"],
        "link",
        str![[r#"
exit 4
--- stderr
error: `link` is there already and is a link that leads to no file
exit 4
--- stderr
error: `link` is there already and is a link that leads to no file
exit 4
--- stderr
error: `link` is there already and is a link that leads to no file
exit 4
--- stderr
error: `link` is there already and is a link that leads to no directory
exit 4
--- stderr
error: `link` is there already and is not a directory

"#]],
    );
}

#[test]
fn a_parent_that_is_missing() {
    let all = ["oci-archive", "docker-archive", "tar", "oci", "rootfs"];
    check_each(
        &Place::with_app(),
        &all,
        "no/where",
        str![[r#"
exit 4
--- stderr
error: `[PLACE]/no` cannot be written to: No such file or directory (os error 2)
exit 4
--- stderr
error: `[PLACE]/no` cannot be written to: No such file or directory (os error 2)
exit 4
--- stderr
error: `[PLACE]/no` cannot be written to: No such file or directory (os error 2)
exit 4
--- stderr
error: `[PLACE]/no` cannot be written to: No such file or directory (os error 2)
exit 4
--- stderr
error: `[PLACE]/no` cannot be written to: No such file or directory (os error 2)

"#]],
    );
}

#[test]
fn a_parent_that_is_a_file() {
    let all = ["oci-archive", "docker-archive", "tar", "oci", "rootfs"];
    check_each(
        &Place::with_app(),
        &all,
        "app.yaml/x",
        str![[r#"
exit 4
--- stderr
error: `[PLACE]/app.yaml` cannot be written to: not a directory
exit 4
--- stderr
error: `[PLACE]/app.yaml` cannot be written to: not a directory
exit 4
--- stderr
error: `[PLACE]/app.yaml` cannot be written to: not a directory
exit 4
--- stderr
error: `[PLACE]/app.yaml` cannot be written to: not a directory
exit 4
--- stderr
error: cannot write `app.yaml/x`: Not a directory (os error 20)

"#]],
    );
}

#[test]
fn a_directory_that_others_own() {
    let place = Place::with_app();
    if let Some(seen) = as_nobody(&place, "build -q app.yaml -o tar:app.tar") {
        same(
            &seen,
            str![[r#"
exit 4
--- stderr
error: `[PLACE]` cannot be written to: permission denied

"#]],
        );
    }
    if let Some(seen) = as_nobody(&place, "build -q app.yaml -o oci:app") {
        same(
            &seen,
            str![[r#"
exit 4
--- stderr
error: `[PLACE]` cannot be written to: permission denied

"#]],
        );
    }
}

#[test]
fn a_file_system_that_is_read_only() {
    let script = "mkdir out && mount -t tmpfs -o ro none out || exit 99
        for t in oci oci-archive docker-archive tar rootfs; do
            $SCANT build -q app.yaml -o $t:out/x; echo $t: exit $?
        done";
    if let Some(seen) = with_mounts(&Place::with_app(), script) {
        same(
            &seen,
            str![[r#"
exit 0
--- stdout
oci: exit 4
oci-archive: exit 4
docker-archive: exit 4
tar: exit 4
rootfs: exit 4
--- stderr
error: `[PLACE]/out` cannot be written to: read-only filesystem or storage medium
error: `[PLACE]/out` cannot be written to: read-only filesystem or storage medium
error: `[PLACE]/out` cannot be written to: read-only filesystem or storage medium
error: `[PLACE]/out` cannot be written to: read-only filesystem or storage medium
error: `[PLACE]/out` cannot be written to: read-only filesystem or storage medium

"#]],
        );
    }
}

#[test]
fn an_archive_for_docker_without_a_name() {
    let place = Place::with_app();
    check(
        &place,
        "build app.yaml -o docker-archive:app.tar",
        str![[r#"
exit 0
--- stdout
docker-archive:app.tar sha256:[DIGEST]
--- stderr
linux/amd64: 11 paths, 2.7 kB of files, 995 B as a layer
note: the image in `app.tar` has no name, so `docker load` shows it as `<none>`; `-t NAME` gives it one

"#]],
    );
    check(
        &place,
        "build -q app.yaml -o docker-archive:app.tar",
        str![[r#"
exit 0
--- stdout
docker-archive:app.tar sha256:[DIGEST]

"#]],
    );
    check(
        &place,
        "build app.yaml -t app:1 -o docker-archive:app.tar",
        str![[r#"
exit 0
--- stdout
docker-archive:app.tar:docker.io/library/app:1 sha256:[DIGEST]
--- stderr
linux/amd64: 11 paths, 2.7 kB of files, 995 B as a layer

"#]],
    );
}
