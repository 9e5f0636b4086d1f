//! `scant run` on command lines that mean nothing, and on what cannot be run. What runs is tested
//! from end to end.

use snapbox::str;

use crate::check::{check, same};
use crate::place::Place;

#[test]
fn nothing_to_run() {
    check(
        &Place::with_app(),
        "run",
        str![[r#"
exit 125
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
exit 125
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
exit 125
--- stderr
error: cannot read `gone`: No such file or directory (os error 2)

"#]],
    );
    check(
        &Place::new("/"),
        "run gone.yaml",
        str![[r#"
exit 125
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
exit 125
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
exit 125
--- stderr
error: `--mount data` does not say what is mounted where
hint: SOURCE:TARGET, or SOURCE:TARGET:ro; TARGET starts with `/`

"#]],
    );
    check(
        &place,
        "run rootfs:root --mount data:relative -- /usr/bin/app",
        str![[r#"
exit 125
--- stderr
error: `--mount data:relative` does not say what is mounted where
hint: SOURCE:TARGET, or SOURCE:TARGET:ro; TARGET starts with `/`

"#]],
    );
    check(
        &place,
        "run rootfs:root --mount data:/data:rx -- /usr/bin/app",
        str![[r#"
exit 125
--- stderr
error: `--mount data:/data:rx` does not say what is mounted where
hint: SOURCE:TARGET, or SOURCE:TARGET:ro; TARGET starts with `/`

"#]],
    );
    check(
        &place,
        "run rootfs:root --mount :/data -- /usr/bin/app",
        str![[r#"
exit 125
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
exit 125
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
exit 125
--- stderr
error: invalid value 'bridge' for '--net <NET>'
  [possible values: none, host]

For more information, try '--help'.

"#]],
    );
}

#[test]
fn a_variable_without_a_name() {
    let place = Place::with_app();
    check(
        &place,
        "run rootfs:root --env =x -- /usr/bin/app",
        str![[r#"
exit 125
--- stderr
error: `--env =x` has no name
hint: NAME=VALUE, or NAME for the value that it has here

"#]],
    );
    check(
        &place,
        "run rootfs:root --env= -- /usr/bin/app",
        str![[r#"
exit 125
--- stderr
error: `--env ` has no name
hint: NAME=VALUE, or NAME for the value that it has here

"#]],
    );
    let line = ["run", "rootfs:root", "--env", "A B=1", "--", "/usr/bin/app"];
    let output = place.scant(line).output().unwrap();
    same(
        &place.seen(&output),
        str![[r#"
exit 125
--- stderr
error: `--env A B=1` has a space or control character in its name
hint: NAME=VALUE, or NAME for the value that it has here

"#]],
    );
}

#[test]
fn a_bundle_that_cannot_be_made_has_the_codes_of_all_commands() {
    let place = Place::with_app().file("damaged.tar", "no archive\n");
    check(
        &place,
        "run oci:gone --bundle b",
        str![[r#"
exit 3
--- stderr
error: cannot read `gone`: No such file or directory (os error 2)

"#]],
    );
    check(
        &place,
        "run tar:damaged.tar --bundle b -- /app",
        str![[r#"
exit 3
--- stderr
error: `damaged.tar` is not an archive that can be read: the archive ends within a header

"#]],
    );
    check(
        &place,
        "run tar:damaged.tar -- /app",
        str![[r#"
exit 125
--- stderr
error: `damaged.tar` is not an archive that can be read: the archive ends within a header

"#]],
    );
    check(
        &place,
        "run rootfs:root --bundle root -- /usr/bin/app",
        str![[r#"
exit 4
--- stderr
error: `[PLACE]/root` is there already and is not empty

"#]],
    );
}

#[test]
fn limits_that_are_none() {
    let place = Place::with_app();
    check(
        &place,
        "run rootfs:root --tmpfs-size 10x",
        str![[r#"
exit 125
--- stderr
error: invalid value '10x' for '--tmpfs-size <SIZE>': a number of bytes, or one with k, m or g after it

For more information, try '--help'.

"#]],
    );
    check(
        &place,
        "run rootfs:root --tmpfs-size 0",
        str![[r#"
exit 125
--- stderr
error: invalid value '0' for '--tmpfs-size <SIZE>': it is 1m at least, and less than 2^60

For more information, try '--help'.

"#]],
    );
    check(
        &place,
        "run rootfs:root --tmpfs-size 17179869184g",
        str![[r#"
exit 125
--- stderr
error: invalid value '17179869184g' for '--tmpfs-size <SIZE>': a number of bytes, or one with k, m or g after it

For more information, try '--help'.

"#]],
    );
    check(
        &place,
        "run rootfs:root --tmpfs-size 1\u{212a}",
        str![[r#"
exit 125
--- stderr
error: invalid value '1K' for '--tmpfs-size <SIZE>': a number of bytes, or one with k, m or g after it

For more information, try '--help'.

"#]],
    );
    check(
        &place,
        "run rootfs:root --pids-limit 300",
        str![[r#"
exit 125
--- stderr
error: invalid value '300' for '--pids-limit <NUMBER>': 300 is not in 301..=4194304

For more information, try '--help'.

"#]],
    );
}
