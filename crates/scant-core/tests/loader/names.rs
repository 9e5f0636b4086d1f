//! When a name needs no search: it is loaded already, under this name or as this file.

use crate::support::{Case, check};

#[test]
fn a_soname_answers_for_a_name_that_no_file_has() {
    check(
        "/bin/app     elf x86_64 interp=/ld.so needed=libx.so,libx.so.5
         /lib/libx.so elf x86_64 soname=libx.so.5",
        "/bin/app",
        "libx.so -> /lib/libx.so (needed by /bin/app; default /lib)
         libx.so.5 -> /lib/libx.so (needed by /bin/app; default /lib)",
    );
}

#[test]
fn a_soname_answers_only_once_its_file_is_loaded() {
    check(
        "/bin/app     elf x86_64 interp=/ld.so needed=libx.so.5,libx.so
         /lib/libx.so elf x86_64 soname=libx.so.5",
        "/bin/app",
        "libx.so -> /lib/libx.so (needed by /bin/app; default /lib)
         libx.so.5 MISSING (needed by /bin/app)
         tried /lib/libx.so.5 (default /lib)
         tried /usr/lib/libx.so.5 (default /usr/lib)",
    );
}

#[test]
fn the_loader_answers_for_its_soname_wherever_it_lies() {
    check(
        "/opt/my-loader  loader glibc x86_64
         /bin/app        elf x86_64 interp=/opt/my-loader needed=ld-linux-x86-64.so.2",
        "/bin/app",
        "/opt/my-loader -> /opt/my-loader (interpreter of /bin/app)
         ld-linux-x86-64.so.2 -> /opt/my-loader (needed by /bin/app; path)",
    );
}

#[test]
fn a_path_that_was_opened_answers_for_itself() {
    check(
        "/bin/app   elf x86_64 interp=/ld.so needed=libx.so,/a/libx.so runpath=/a
         /a/libx.so elf x86_64",
        "/bin/app",
        "libx.so -> /a/libx.so (needed by /bin/app; RUNPATH /a)
         /a/libx.so -> /a/libx.so (needed by /bin/app; RUNPATH /a)",
    );
}

#[test]
fn a_second_path_of_the_same_file_must_exist_but_is_not_loaded_again() {
    // Loaded again, /b/liby.so would be wanted from beside the second path.
    for second in ["-> /a/libx.so", "hardlink /a/libx.so"] {
        let files = format!(
            "/bin/app     elf x86_64 interp=/ld.so needed=libx.so,libother.so,libuser.so runpath=/a:/b
             /a/libx.so   elf x86_64 needed=liby.so runpath=$ORIGIN
             /a/liby.so   elf x86_64
             /b/liby.so   elf x86_64
             /b/libuser.so  elf x86_64 needed=libother.so
             /b/libother.so {second}"
        );
        check(
            &files,
            "/bin/app",
            "libx.so -> /a/libx.so (needed by /bin/app; RUNPATH /a)
             libother.so -> /b/libother.so (needed by /bin/app; RUNPATH /b)
             libuser.so -> /b/libuser.so (needed by /bin/app; RUNPATH /b)
             liby.so -> /a/liby.so (needed by /a/libx.so; RUNPATH $ORIGIN)
             libother.so -> /a/libx.so (needed by /b/libuser.so; RUNPATH /a of /bin/app)",
        );
    }
}

#[test]
fn the_file_of_the_loader_under_another_name_is_a_library() {
    check(
        "/bin/app       elf x86_64 interp=/ld.so needed=libalias.so
         /lib/libalias.so -> /ld.so",
        "/bin/app",
        "libalias.so -> /lib/libalias.so (needed by /bin/app; default /lib)",
    );
}

#[test]
fn a_program_that_needs_itself_is_no_library() {
    check(
        "/bin/app elf x86_64 interp=/ld.so needed=app runpath=/bin",
        "/bin/app",
        "app MISSING (needed by /bin/app)
         stopped at /bin/app: a program cannot be loaded as a library",
    );
}

#[test]
fn a_name_with_a_slash_is_opened_as_it_is() {
    let files = "/bin/app       elf x86_64 interp=/ld.so needed=sub/libx.so,/none/liby.so
                 /w/sub/libx.so elf x86_64
                 /lib/liby.so   elf x86_64";
    Case::new(files, "/bin/app").directory("/w").check(
        "sub/libx.so -> /w/sub/libx.so (needed by /bin/app; path)
         /none/liby.so MISSING (needed by /bin/app)
         tried /none/liby.so (path)",
    );
}

#[test]
fn the_same_relative_name_is_one_name() {
    check(
        "/bin/app       elf x86_64 interp=/ld.so needed=./libx.so
         /libx.so       elf x86_64 needed=./libx.so",
        "/bin/app",
        "./libx.so -> /./libx.so (needed by /bin/app; path)
         ./libx.so -> /./libx.so (needed by /./libx.so; path)",
    );
}
