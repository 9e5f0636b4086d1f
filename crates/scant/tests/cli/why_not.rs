//! `scant why --not`: what would bring a path.

use snapbox::str;

use crate::check::check;
use crate::place::Place;

/// A program that cancels threads, in a root whose `/lib64` is a link.
fn with_suggestions() -> Place {
    Place::new(
        "
        /lib64                           -> usr/lib64
        /usr/lib64/ld-linux-x86-64.so.2  loader glibc x86_64 dirs=/lib64/,/usr/lib64/
        /usr/lib64/libc.so.6             elf x86_64 soname=libc.so.6 verdef=GLIBC_2.36
        /usr/lib64/libgcc_s.so.1         elf x86_64 soname=libgcc_s.so.1 needed=libdeep.so.1
        /usr/lib64/libdeep.so.1          -> libdeep.so.1.2
        /usr/lib64/libdeep.so.1.2        elf x86_64 soname=libdeep.so.1
        /usr/bin/app                     elf x86_64 interp=/lib64/ld-linux-x86-64.so.2 needed=libc.so.6 imports=pthread_cancel
        ",
    )
    .file(
        "app.yaml",
        "\
inputs:
  ROOT: {backend: sysroot, path: root}
binaries: [ROOT/usr/bin/app]
",
    )
}

#[test]
fn the_suggestion_that_brings_a_path_is_named_with_its_line() {
    check(
        &with_suggestions(),
        "why --not app.yaml /lib64/libgcc_s.so.1",
        str![[r#"
exit 0
--- stdout
/lib64/libgcc_s.so.1 is not in the image: nothing declares it, and nothing in it needs it
    /lib64 is a link to usr/lib64
    so it would be /usr/lib64/libgcc_s.so.1
    the nearest directory that is there is /usr/lib64
    the suggestion glibc.libgcc_s (required) for /usr/bin/app brings it: glibc opens libgcc_s to cancel threads and for backtraces, and aborts without it
    ROOT/lib64/libgcc_s.so.1 could be declared
to accept a suggestion, add it to the manifest:
    suggestions:
      accept:
        - glibc.libgcc_s  # required: glibc opens libgcc_s to cancel threads and for backtraces, and aborts without it

"#]],
    );
}

#[test]
fn so_is_one_that_brings_what_needs_it() {
    check(
        &with_suggestions(),
        "why --not app.yaml /usr/lib64/libdeep.so.1.2",
        str![[r#"
exit 0
--- stdout
/usr/lib64/libdeep.so.1.2 is not in the image: nothing declares it, and nothing in it needs it
    the nearest directory that is there is /usr/lib64
    the suggestion glibc.libgcc_s (required) for /usr/bin/app brings it: glibc opens libgcc_s to cancel threads and for backtraces, and aborts without it
    ROOT/usr/lib64/libdeep.so.1.2 could be declared
to accept a suggestion, add it to the manifest:
    suggestions:
      accept:
        - glibc.libgcc_s  # required: glibc opens libgcc_s to cancel threads and for backtraces, and aborts without it

"#]],
    );
}

/// Declares what `why --not` advises, and asks again.
#[track_caller]
fn advice(listing: &str, manifest: &str, path: &str, expected: &str) {
    let place = Place::new(listing).file("app.yaml", manifest);
    let told = String::from_utf8(place.run(&format!("why --not app.yaml {path}")).stdout).unwrap();
    let advised: Vec<_> =
        told.lines().filter_map(|line| line.trim().strip_suffix(" could be declared")).collect();
    assert_eq!(advised.join(" "), expected, "{told}");
    let place = place.file("app.yaml", &format!("{manifest}data: [{expected}]\n"));
    let output = place.run(&format!("why app.yaml {path}"));
    assert!(output.status.success(), "{}", place.seen(&output));
}

const ADVISED: &str = "\
inputs:
  ROOT: {backend: sysroot, path: root}
platforms: [linux/amd64]
directories: [/opt]
symlinks: [{link: /app, target: /opt/app-1}]
";

#[test]
fn what_could_be_declared_brings_the_path() {
    let libraries = "
        /usr/lib64/libz.so.1    -> libz.so.1.3
        /usr/lib64/libz.so.1.3  \"z\"
        /lib                    -> usr/lib64
    ";
    advice(libraries, ADVISED, "/lib/libz.so.1", "ROOT/lib/libz.so.1");
    advice(libraries, ADVISED, "/usr/lib64/libz.so.1", "ROOT/usr/lib64/libz.so.1");
    advice("/opt/app-1/motd \"hi\"", ADVISED, "/app/motd", "ROOT/opt/app-1/motd");
    advice("/app/motd \"hi\"", ADVISED, "/app/motd", "ROOT/app/motd");
}
