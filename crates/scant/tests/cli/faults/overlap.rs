//! Outputs that would change what they are built from.

use std::fs;
use std::os::unix::fs::symlink;

use snapbox::str;

use crate::check::check;
use crate::place::Place;

/// Nothing is written.
#[track_caller]
fn check_refused(place: &Place, line: &str, expected: impl snapbox::IntoData) {
    let all = || {
        let output = place.program("find", [".", "-ls"]).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let before = all();
    check(place, line, expected);
    assert_eq!(all(), before);
}

#[test]
fn an_output_inside_an_input() {
    let place = Place::with_app();
    check_refused(
        &place,
        "build app.yaml -o oci:root/out",
        str![[r#"
exit 4
--- stderr
error: `oci:root/out` lies in `[PLACE]/root`, the directory of the input `ROOT`: an input is only read
hint: name a place outside of it

"#]],
    );
    check_refused(
        &place,
        "build app.yaml -o tar:root/etc/app.conf",
        str![[r#"
exit 4
--- stderr
error: `tar:root/etc/app.conf` would replace `[PLACE]/root/etc/app.conf`, which the image takes (`ROOT/etc/app.conf` in line 7)
hint: name a place that the image is not made of

"#]],
    );
    check_refused(
        &place,
        "build app.yaml -o tar:root/../root/usr/x.tar",
        str![[r#"
exit 4
--- stderr
error: `tar:root/../root/usr/x.tar` lies in `[PLACE]/root`, the directory of the input `ROOT`: an input is only read
hint: name a place outside of it

"#]],
    );
}

#[test]
fn an_output_inside_an_input_through_links() {
    let place = Place::with_app();
    symlink("root/usr", place.path().join("link")).unwrap();
    symlink("root/etc/app.conf", place.path().join("app.tar")).unwrap();
    check_refused(
        &place,
        "build app.yaml -o oci:link/out",
        str![[r#"
exit 4
--- stderr
error: `oci:link/out` lies in `[PLACE]/root`, the directory of the input `ROOT`: an input is only read
hint: name a place outside of it

"#]],
    );
    check_refused(
        &place,
        "build app.yaml -o oci-archive:app.tar",
        str![[r#"
exit 4
--- stderr
error: `oci-archive:app.tar` would replace `[PLACE]/root/etc/app.conf`, which the image takes (`ROOT/etc/app.conf` in line 7)
hint: name a place that the image is not made of

"#]],
    );
}

#[test]
fn an_input_itself_is_not_replaced() {
    let place = Place::with_app();
    check_refused(
        &place,
        "build app.yaml -o rootfs:root --force",
        str![[r#"
exit 4
--- stderr
error: `rootfs:root` would replace `[PLACE]/root`, the directory of the input `ROOT`
hint: name a place that the image is not made of

"#]],
    );
}

#[test]
fn what_holds_an_input_is_not_replaced() {
    let place = Place::with_app();
    fs::create_dir(place.path().join("holds")).unwrap();
    fs::rename(place.path().join("root"), place.path().join("holds/root")).unwrap();
    let manifest = crate::place::MANIFEST.replace("path: root", "path: holds/root");
    let place = place.file("app.yaml", &manifest);
    check_refused(
        &place,
        "build app.yaml -o rootfs:holds --force",
        str![[r#"
exit 4
--- stderr
error: `rootfs:holds` would replace `[PLACE]/holds/root`, the directory of the input `ROOT`
hint: name a place that the image is not made of

"#]],
    );
}

#[test]
fn the_directory_of_the_manifest_is_not_replaced() {
    let place = Place::new("").file("file", "x");
    fs::create_dir(place.path().join("sub")).unwrap();
    let place = place.file("sub/app.yaml", "data: [../file:/file]\n");
    check_refused(
        &place,
        "build sub/app.yaml -o rootfs:sub --force",
        str![[r#"
exit 4
--- stderr
notice: neither `entrypoint` nor `cmd` is set: `docker run` needs a program then
error: `rootfs:sub` would replace `[PLACE]/sub/app.yaml`, the manifest
hint: name a place that the image is not made of

"#]],
    );
}

#[test]
fn outputs_may_lie_beside_the_files_of_a_manifest() {
    let place = Place::new("").file("file", "x").file("app.yaml", "data: [./file:/file]\n");
    check(
        &place,
        "build -q app.yaml -o rootfs:files -o tar:app.tar",
        str![[r#"
exit 0
--- stdout
rootfs:files sha256:[DIGEST]
tar:app.tar sha256:[DIGEST]

"#]],
    );
}
