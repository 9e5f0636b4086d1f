//! Outputs that lie in what the image takes, or would replace it.

use std::os::unix::fs::symlink;

use super::place::{Place, contents};

/// A build that is refused with this message, before anything is written.
#[track_caller]
fn refused(words: &str, expected: &str) {
    let place = place();
    let before = contents(place.path());
    let ran = place.scant(&format!("build app.yml -q {words}")).end();
    assert_eq!(place.seen(&ran), format!("exit 4\n--- stderr\nerror: {expected}\n"), "{words}");
    assert!(contents(place.path()) == before, "{words}: something was written");
}

fn place() -> Place {
    let place = Place::new(3, 10);
    place.fill("root/etc", 2, 10);
    let manifest = "input: {backend: sysroot, path: root}\n\
                    data:\n  - ./files:/files\n  - SYSROOT/etc/d0/f0\n";
    place.write("app.yml", manifest);
    symlink("files", place.file("link")).expect("the directory is ours");
    place
}

const INSIDE: &str = "lies in `[PLACE]/files`, which the image takes (`./files` in line 3): the next \
                      image would hold it as well\nhint: name a place outside of that directory, or \
                      leave it out there with `exclude`";

#[test]
fn an_output_in_a_directory_that_is_taken_is_refused() {
    for output in
        ["oci:files/o", "oci-archive:link/a.tar", "tar:root/../files/d0/t", "rootfs:files/r"]
    {
        refused(&format!("--no-cache -o {output}"), &format!("`{output}` {INSIDE}"));
    }
    refused(
        "--cache-dir files/cache -o oci:o",
        &format!("the cache in `[PLACE]/files/cache` {INSIDE}"),
    );
}

#[test]
fn an_output_in_the_place_of_an_input_is_refused() {
    let case = |output: &str, what: &str| {
        let hint = "hint: name a place that the image is not made of";
        let expected = format!("`{output}` would replace `[PLACE]/{what}\n{hint}");
        refused(&format!("--no-cache --force -o {output}"), &expected);
        refused(&format!("--no-cache -o {output}"), &expected);
    };
    case("rootfs:root", "root`, the directory of the input `SYSROOT`");
    case("rootfs:root/../root/.", "root`, the directory of the input `SYSROOT`");
    case("rootfs:root/..", "app.yml`, the manifest");
    case("tar:app.yml", "app.yml`, the manifest");
    case("rootfs:files", "files`, which the image takes (`./files` in line 3)");
    case(
        "rootfs:root/etc",
        "root/etc/d0/f0`, which the image takes (`SYSROOT/etc/d0/f0` in line 4)",
    );
    case(
        "oci-archive:root/etc/d0/f0",
        "root/etc/d0/f0`, which the image takes (`SYSROOT/etc/d0/f0` in line 4)",
    );
}

#[test]
fn an_output_in_an_input_is_refused() {
    let expected = "`oci:root/out` lies in `[PLACE]/root`, the directory of the input `SYSROOT`: an \
                    input is only read\nhint: name a place outside of it";
    refused("--no-cache -o oci:root/out", expected);
}

#[test]
fn outputs_that_are_excluded_are_fine() {
    let place = place();
    place.write("app.yml", "data:\n  - {from: ., to: /all, exclude: [\"*.tar\"]}\n");
    place.scant("build app.yml -q --no-cache -o tar:excluded.tar").ok();
}
