//! A full disk: one message, exit code 4, nothing left behind, what was there before intact.

use snapbox::str;

use super::needs::with_mounts;
use crate::check::same;
use crate::place::Place;

/// A file system of 1 MiB, a small image on it, and one that does not fit.
const PREPARE: &str = "mkdir out && mount -t tmpfs -o size=1m none out || exit 99
    build() { $SCANT build -q $1.yaml --compression none -o $2 >stdout; }
    sums() { (cd out && find . -type f -exec sha256sum {} + | sort -k2; find . | sort); }
";

#[track_caller]
fn seen(script: &str) -> Option<String> {
    let place = Place::new("")
        .file("small", "x")
        .file("small.yaml", "data: [./small:/small]\n")
        .file("big.yaml", "data: [./big:/big]\n");
    let big = std::fs::File::create(place.path().join("big")).unwrap();
    big.set_len(2 << 20).unwrap();
    with_mounts(&place, &format!("{PREPARE}{script}"))
}

#[track_caller]
fn case(output: &str, expected: impl snapbox::IntoData) {
    let script = format!(
        "build big {output}; echo exit $?; find out -mindepth 1
        build small {output} || exit 98
        sums >before; build big '{output} --force'; echo again: exit $?
        sums >after; cmp before after && echo the old one is intact"
    );
    if let Some(seen) = seen(&script) {
        same(&seen, expected);
    }
}

#[test]
fn every_output_is_the_old_one_or_none() {
    for transport in ["oci", "oci-archive", "docker-archive", "rootfs", "tar"] {
        case(
            &format!("{transport}:out/x"),
            str![[r#"
exit 0
--- stdout
exit 4
again: exit 4
the old one is intact
--- stderr
error: cannot write to `[PLACE]/out`: No space left on device (os error 28)
error: cannot write to `[PLACE]/out`: No space left on device (os error 28)

"#]],
        );
    }
}

#[test]
fn files_while_layers_have_room() {
    // The first output decides where layers are written: only the second one's disk is full.
    let script = "build big 'oci:room -o rootfs:out/x'; echo exit $?; ls -A out; ls room";
    if let Some(seen) = seen(script) {
        same(
            &seen,
            str![[r#"
exit 0
--- stdout
exit 4
blobs
index.json
oci-layout
--- stderr
error: cannot write `out/x/big`: No space left on device (os error 28)

"#]],
        );
    }
}

#[test]
fn the_directory_for_temporary_files() {
    let script = "TMPDIR=$PWD/out build big docker-daemon:x:1; echo exit $?; ls -A out";
    if let Some(seen) = seen(script) {
        same(
            &seen,
            str![[r#"
exit 0
--- stdout
exit 4
--- stderr
error: cannot write to `[PLACE]/out`: No space left on device (os error 28)

"#]],
        );
    }
}

#[test]
fn standard_output() {
    let script = "$SCANT plan small.yaml >/dev/full; echo exit $?";
    if let Some(seen) = seen(script) {
        same(
            &seen,
            str![[r#"
exit 0
--- stdout
exit 4
--- stderr
notice: neither `entrypoint` nor `cmd` is set: `docker run` needs a program then
error: standard output: No space left on device (os error 28)

"#]],
        );
    }
}
