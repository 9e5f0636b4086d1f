//! Something else where an output is to go: it is named, and stays as it is.

use std::fs;
use std::os::unix::fs::{FileTypeExt as _, symlink};

use crate::run::run;

use super::place::{Place, contents};

/// A place where something of every kind is in the way.
fn place() -> Place {
    let place = Place::new(3, 100);
    place.write("file", "a file");
    place.fill("full", 1, 10);
    fs::create_dir(place.file("other")).expect("it is ours");
    place.write("other/oci-layout", r#"{"imageLayoutVersion":"2.0.0"}"#);
    fs::create_dir(place.file("broken")).expect("it is ours");
    place.write("broken/oci-layout", r#"{"imageLayoutVersion":"1.0.0"}"#);
    place.write("broken/index.json", "{");
    symlink("nowhere", place.file("dangling")).expect("it is ours");
    run("mkfifo").arg(place.file("fifo")).ok();
    place
}

#[track_caller]
fn case(output: &str, expected: &str) {
    let place = place();
    let everything = || {
        fs::remove_file(place.file("fifo")).expect("it is there");
        let found = contents(place.path());
        run("mkfifo").arg(place.file("fifo")).ok();
        found
    };
    let before = everything();
    let ran = place.scant(&format!("build app.yml -q --no-cache -o {output}")).end();
    assert_eq!(place.seen(&ran), format!("exit 4\n--- stderr\nerror: {expected}\n"), "{output}");
    let kind = fs::symlink_metadata(place.file("fifo")).expect("it is there").file_type();
    assert!(kind.is_fifo() && everything() == before, "{output}: something has changed");
}

#[test]
fn what_is_in_the_way_of_a_layout() {
    let there = "is there already and is";
    case("oci:file", &format!("`file` {there} not a directory"));
    case("oci:fifo", &format!("`fifo` {there} not a directory"));
    case("oci:/dev/null", &format!("`/dev/null` {there} not a directory"));
    case("oci:other", &format!("`other` {there} not an OCI image layout: its version is 2.0.0"));
    case(
        "oci:full",
        &format!("`full` {there} not an OCI image layout: it has no `oci-layout` and is not empty"),
    );
    case("oci:dangling", &format!("`dangling` {there} a link that leads to no directory"));
    let why = "`index.json`: EOF while parsing an object at line 1 column 1";
    case("oci:broken", &format!("`broken` {there} not an OCI image layout: {why}"));
}

#[test]
fn what_is_in_the_way_of_an_archive() {
    for transport in ["oci-archive", "docker-archive", "tar"] {
        let case = |path: &str, found: &str| {
            let expected = format!("`{path}` is there already and is {found}");
            case(&format!("{transport}:{path}"), &expected);
        };
        case("full", "a directory, not a file");
        case("fifo", "a device, FIFO or socket, not a file");
        case("/dev/null", "a device, FIFO or socket, not a file");
        case("dangling", "a link that leads to no file");
    }
}

#[test]
fn what_is_in_the_way_of_files() {
    let hint = "\nhint: name another directory, or replace it with `--force`";
    case("rootfs:full", &format!("`full` is there already and is not empty{hint}"));
    for path in ["file", "fifo", "dangling", "/dev/null"] {
        let expected = format!("`{path}` is there already and is not a directory");
        case(&format!("rootfs:{path}"), &expected);
        case(&format!("rootfs:{path} --force"), &expected);
    }
}

#[test]
fn a_parent_that_is_missing() {
    for transport in ["oci", "oci-archive", "docker-archive", "rootfs", "tar"] {
        case(
            &format!("{transport}:no/such"),
            "`[PLACE]/no` cannot be written to: No such file or directory (os error 2)",
        );
    }
}
