//! `scant run` on command lines that mean nothing, and on what cannot be run. What runs is tested
//! from end to end.

use snapbox::str;

use crate::check::check;
use crate::place::Place;

#[test]
fn nothing_to_run() {
    check(
        &Place::with_app(),
        "run",
        str![[r#"
exit 2
--- stderr
error: the following required arguments were not provided:
  <IMAGE|MANIFEST>

Usage: scant run <IMAGE|MANIFEST> [-- <ARGUMENT>...]

For more information, try '--help'.

"#]],
    );
    check(
        &Place::with_app(),
        "run rootfs:root",
        str![[r#"
exit 2
--- stderr
error: the image does not say what to run
hint: name a program after `--`, or with `--entrypoint`

"#]],
    );
}

#[test]
fn an_image_that_is_not_there() {
    check(
        &Place::new("/"),
        "run oci:gone",
        str![[r#"
exit 3
--- stderr
error: cannot read `gone`: No such file or directory (os error 2)

"#]],
    );
    check(
        &Place::new("/"),
        "run gone.yaml",
        str![[r#"
exit 2
--- stderr
error: the manifest `gone.yaml` cannot be read: No such file or directory (os error 2)

"#]],
    );
}

#[test]
fn an_image_of_other_platforms() {
    let place = Place::with_app();
    let built = place.run("build app.yaml -q -o oci:image");
    assert!(built.status.success(), "{}", place.seen(&built));
    check(
        &place,
        "run oci:image --platform linux/arm64",
        str![[r#"
exit 3
--- stderr
error: the image is not made for linux/arm64; there is: linux/amd64

"#]],
    );
}

#[test]
fn a_mount_that_does_not_say_where() {
    let place = Place::with_app();
    check(
        &place,
        "run rootfs:root --mount data -- /usr/bin/app",
        str![[r#"
exit 2
--- stderr
error: `--mount data` does not say what is mounted where
hint: SOURCE:TARGET, or SOURCE:TARGET:ro; TARGET starts with `/`

"#]],
    );
    check(
        &place,
        "run rootfs:root --mount data:relative -- /usr/bin/app",
        str![[r#"
exit 2
--- stderr
error: `--mount data:relative` does not say what is mounted where
hint: SOURCE:TARGET, or SOURCE:TARGET:ro; TARGET starts with `/`

"#]],
    );
    check(
        &place,
        "run rootfs:root --mount data:/data:rx -- /usr/bin/app",
        str![[r#"
exit 2
--- stderr
error: `--mount data:/data:rx` does not say what is mounted where
hint: SOURCE:TARGET, or SOURCE:TARGET:ro; TARGET starts with `/`

"#]],
    );
    check(
        &place,
        "run rootfs:root --mount :/data -- /usr/bin/app",
        str![[r#"
exit 2
--- stderr
error: `--mount :/data` does not say what is mounted where
hint: SOURCE:TARGET, or SOURCE:TARGET:ro; TARGET starts with `/`

"#]],
    );
}

#[test]
fn somebody_who_is_not_in_the_image() {
    check(
        &Place::with_app(),
        "run rootfs:root --user alice -- /usr/bin/app",
        str![[r#"
exit 2
--- stderr
error: the image's /etc/passwd has no user `alice`
hint: a number needs no entry: `--user 1000:1000`

"#]],
    );
}

#[test]
fn a_network_that_there_is_not() {
    check(
        &Place::with_app(),
        "run rootfs:root --net bridge -- /usr/bin/app",
        str![[r#"
exit 2
--- stderr
error: invalid value 'bridge' for '--net <NET>'
  [possible values: none, host]

For more information, try '--help'.

"#]],
    );
}
