//! Loaders, libraries, versions, machines.

use crate::support::{check, report};

#[test]
fn a_missing_library_is_an_error_of_what_is_started_and_else_a_warning() {
    let app = "/bin/app elf x86_64 interp=/ld.so needed=libx.so.1";
    let text = |level: &str| {
        format!(
            "{level} missing-library: `libx.so.1` is nowhere that the image's loader looks
             needed by /bin/app
             tried /lib/libx.so.1: `/lib` is not there
             tried /usr/lib/libx.so.1: not there"
        )
        .replace("`/lib` is not there", "not there")
    };
    check("entrypoint /bin/app", app, &text("error"));
    check(
        "program /bin/app\ncmd /bin/true",
        &format!("{app}\n/bin/true elf x86_64 static"),
        &text("error"),
    );
    check("", app, &text("warning"));
    check("entrypoint /bin/app", &format!("{app}\n/lib/libx.so.1 elf x86_64"), "");
    check(
        "entrypoint /bin/app\nenv LD_LIBRARY_PATH=/opt",
        &format!("{app}\n/opt/libx.so.1 elf x86_64"),
        "",
    );
}

#[test]
fn a_missing_library_says_who_needs_it_and_who_has_it() {
    check(
        "entrypoint /bin/a\nsource /usr/lib/libx.so.1 elf x86_64\nplatform linux/amd64",
        "/bin/a elf x86_64 interp=/ld.so needed=libx.so.1
         /bin/b elf x86_64 interp=/ld.so needed=libx.so.1
         /opt/libx.so.1 elf x86_64",
        "error missing-library: `libx.so.1` is nowhere that the image's loader looks
         needed by /bin/a /bin/b
         tried /lib/libx.so.1: not there
         tried /usr/lib/libx.so.1: not there
         help: `/opt/libx.so.1` has that name: `LD_LIBRARY_PATH` or a run path may lead to `/opt`
         help: input SYS has one that will do, `/usr/lib/libx.so.1`",
    );
}

#[test]
fn a_plug_in_whose_program_may_have_loaded_what_it_needs_is_a_hint() {
    check(
        "",
        "/opt/plugin.so elf x86_64 needed=libcore.so
         /opt/core/libcore.so elf x86_64
         /lib/ld-linux-x86-64.so.2 loader glibc x86_64",
        "hint missing-library: `libcore.so` is nowhere that the image's loader looks
         needed by /opt/plugin.so
         tried /lib/libcore.so: not there
         tried /usr/lib/libcore.so: not there
         help: `/opt/core/libcore.so` has that name: `LD_LIBRARY_PATH` or a run path may lead to `/opt/core`",
    );
}

#[test]
fn a_version_that_the_library_does_not_have() {
    let files = "/bin/app elf x86_64 interp=/ld.so needed=libc.so.6 verneed=libc.so.6:GLIBC_2.4,GLIBC_2.38
                 /bin/bpp elf x86_64 interp=/ld.so needed=libc.so.6 verneed=libc.so.6:GLIBC_2.38
                 /lib/libc.so.6 elf x86_64 soname=libc.so.6 verdef=GLIBC_2.4,GLIBC_2.36,GLIBC_2.9,GLIBC_PRIVATE";
    check(
        "entrypoint /bin/app",
        files,
        "error missing-version: symbol version `GLIBC_2.38` is wanted, and `/lib/libc.so.6` has nothing newer than `GLIBC_2.36`
         wanted by /bin/app /bin/bpp
         help: take `libc.so.6` from the system the program was built on, or build the program on a system that has `GLIBC_2.36`",
    );
    check(
        "entrypoint /bin/app
         platform linux/amd64
         source /usr/lib/x86_64-linux-gnu/libc.so.6 elf x86_64 soname=libc.so.6 verdef=GLIBC_2.38",
        files,
        "error missing-version: symbol version `GLIBC_2.38` is wanted, and `/lib/libc.so.6` has nothing newer than `GLIBC_2.36`
         wanted by /bin/app /bin/bpp
         help: input SYS has one that will do, `/usr/lib/x86_64-linux-gnu/libc.so.6`",
    );
    let glibc = report("entrypoint /bin/app", files).glibc;
    assert_eq!((glibc.needed().as_deref(), glibc.found().as_deref()), (Some("2.38"), Some("2.36")));
}

#[test]
fn the_interpreter() {
    let app = "/bin/app elf x86_64 interp=/lib64/ld.so";
    check(
        "entrypoint /bin/app",
        app,
        "error missing-interpreter: `/lib64/ld.so`, which programs name as their loader, is not in the image
         named by /bin/app
         tried /lib64/ld.so: not there
         help: add the loader, or link the program statically",
    );
    check(
        "entrypoint /bin/app",
        &format!("{app}\n/lib64/ld.so loader glibc aarch64"),
        "error missing-interpreter: `/lib64/ld.so`, which programs name as their loader, cannot start them: made for another machine (e_machine 183)
         named by /bin/app
         help: add the loader, or link the program statically
         warning foreign-machine: these files are made for 64-bit ARM, not for linux/amd64
         at /lib64/ld.so",
    );
    check(
        "entrypoint /bin/app",
        &format!("{app}\n/lib/ld-musl-x86_64.so.1 loader musl x86_64"),
        "error missing-interpreter: `/lib64/ld.so`, which programs name as their loader, is not in the image
         named by /bin/app
         tried /lib64/ld.so: not there
         help: the image has the loader `/lib/ld-musl-x86_64.so.1`: build the program for its C library, or link it statically",
    );
}

#[test]
fn other_machines() {
    check(
        "entrypoint /bin/app\nplatform linux/amd64",
        "/bin/app elf aarch64 static
         /lib/libx.so elf aarch64
         /lib/liby.so elf x86_64",
        "error foreign-machine: `/bin/app` is made for 64-bit ARM, and the image is for linux/amd64
         help: take the file from a system for linux/amd64
         warning foreign-machine: these files are made for 64-bit ARM, not for linux/amd64
         at /lib/libx.so",
    );
    // Files that say nothing of their platform are taken for that of most.
    check(
        "",
        "/bin/a elf x86_64 static
         /bin/b elf x86_64 static
         /bin/c elf aarch64 static",
        "warning foreign-machine: these files are made for 64-bit ARM, not for linux/amd64
         at /bin/c",
    );
}

#[test]
fn damaged_files() {
    check(
        "entrypoint /bin/app",
        "/bin/app elf x86_64 interp=/ld.so cut=100\n/lib/x.so elf x86_64 cut=30",
        "error damaged-elf: `/bin/app`: damaged ELF file: the program header table lies outside the file
         warning damaged-elf: `/lib/x.so`: the file is too short to be ELF",
    );
}
