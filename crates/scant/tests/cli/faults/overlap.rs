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
error: `root/out` lies inside `[PLACE]/root`, from which input ROOT is read
hint: an input is only read; name a place outside of it with `-o`

"#]],
    );
    check_refused(
        &place,
        "build app.yaml -o tar:root/etc/app.conf",
        str![[r#"
exit 4
--- stderr
error: `root/etc/app.conf` lies inside `[PLACE]/root`, from which input ROOT is read
hint: an input is only read; name a place outside of it with `-o`

"#]],
    );
    check_refused(
        &place,
        "build app.yaml -o tar:root/../root/usr/x.tar",
        str![[r#"
exit 4
--- stderr
error: `root/../root/usr/x.tar` lies inside `[PLACE]/root`, from which input ROOT is read
hint: an input is only read; name a place outside of it with `-o`

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
error: `link/out` lies inside `[PLACE]/root`, from which input ROOT is read
hint: an input is only read; name a place outside of it with `-o`

"#]],
    );
    check_refused(
        &place,
        "build app.yaml -o oci-archive:app.tar",
        str![[r#"
exit 4
--- stderr
error: `app.tar` lies inside `[PLACE]/root`, from which input ROOT is read
hint: an input is only read; name a place outside of it with `-o`

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
error: `root` is `[PLACE]/root`, from which input ROOT is read
hint: an input is only read; name a place outside of it with `-o`

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
error: `holds` would replace what holds `[PLACE]/holds/root`, the input ROOT
hint: name another place with `-o`

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
error: `sub` would replace the directory that holds the manifest
hint: name another place with `-o`

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
