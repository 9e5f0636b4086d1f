//! A library, or another file without an interpreter, as what is asked about.

use crate::support::{Case, check};

const LIBRARY: &str = "
    /lib/libx.so  elf x86_64 soname=libx.so needed=liby.so
    /lib/liby.so  elf x86_64 needed=libx.so,ld-linux-x86-64.so.2";

#[test]
fn a_library_answers_for_its_own_name() {
    Case::new(LIBRARY, "/lib/libx.so").loader("/ld.so").check(
        "liby.so -> /lib/liby.so (needed by /lib/libx.so; default /lib)
         libx.so -> /lib/libx.so (needed by /lib/liby.so; path)
         ld-linux-x86-64.so.2 -> /ld.so (needed by /lib/liby.so; the loader itself)",
    );
}

#[test]
fn a_library_is_found_again_as_a_file() {
    let files = "/opt/plugin.so elf x86_64 needed=libx.so
                 /lib/libx.so   elf x86_64 needed=libplugin.so
                 /lib/libplugin.so -> /opt/plugin.so";
    Case::new(files, "/opt/plugin.so").loader("/ld.so").check(
        "libx.so -> /lib/libx.so (needed by /opt/plugin.so; default /lib)
         libplugin.so -> /lib/libplugin.so (needed by /lib/libx.so; default /lib)",
    );
}

#[test]
fn the_loader_of_a_library_comes_along_only_if_something_needs_it() {
    let files = "/lib/libx.so elf x86_64 needed=liby.so
                 /lib/liby.so elf x86_64";
    Case::new(files, "/lib/libx.so").loader("/ld.so").check_that(
        |closure| {
            (0..closure.objects.len()).map(|n| closure.shown(n)).collect::<Vec<_>>().join(" ")
        },
        "/lib/libx.so /lib/liby.so",
    );
}

#[test]
fn without_a_loader_the_library_s_machine_decides() {
    check(
        "/opt/libx.so    elf aarch64 needed=liby.so
         /lib64/liby.so  elf aarch64",
        "/opt/libx.so",
        "liby.so -> /lib64/liby.so (needed by /opt/libx.so; default /lib64)",
    );
}

#[test]
fn musl_s_loader_is_the_c_library_of_a_library() {
    let files = "/lib/ld-musl-x86_64.so.1  loader musl x86_64
                 /lib/libc.musl-x86_64.so.1 -> ld-musl-x86_64.so.1
                 /usr/lib/libx.so elf x86_64 needed=libc.musl-x86_64.so.1,liby.so
                 /usr/lib/liby.so elf x86_64 needed=libc.so";
    Case::new(files, "/usr/lib/libx.so").loader("/lib/ld-musl-x86_64.so.1").check(
        "libc.musl-x86_64.so.1 -> /lib/ld-musl-x86_64.so.1 (needed by /usr/lib/libx.so; the loader itself)
         liby.so -> /usr/lib/liby.so (needed by /usr/lib/libx.so; default /usr/lib)
         libc.so -> /lib/ld-musl-x86_64.so.1 (needed by /usr/lib/liby.so; the loader itself)",
    );
}

#[test]
fn a_library_that_needs_nothing_needs_no_loader() {
    Case::new("/lib/libx.so elf x86_64", "/lib/libx.so").loader("/ld.so").check("");
}

#[test]
fn what_a_library_opens_at_run_time_is_searched_for_though_it_needs_nothing() {
    let files = r#"/lib/libx.so elf x86_64 dlopen="[{\"soname\":\"liby.so\",\"priority\":\"required\"}]"
                   /lib/liby.so elf x86_64"#;
    Case::new(files, "/lib/libx.so")
        .loader("/ld.so")
        .check("liby.so -> /lib/liby.so (note of /lib/libx.so; default /lib)");
}

#[test]
fn an_opened_library_is_searched_for_as_dlopen_would() {
    let files = "/bin/app     elf x86_64 interp=/ld.so runpath=/a
                 /a/liby.so   elf x86_64 needed=libz.so
                 /lib/libz.so elf x86_64";
    Case::new(files, "/bin/app").opens("liby.so").opens("/lib/libz.so").opens("libq.so").check(
        "liby.so -> /a/liby.so (opened by /bin/app; RUNPATH /a)
         libz.so -> /lib/libz.so (needed by /a/liby.so; default /lib)
         /lib/libz.so -> /lib/libz.so (opened by /bin/app; default /lib)
         libq.so MISSING (opened by /bin/app)
         tried /a/libq.so (RUNPATH /a)
         tried /lib/libq.so (default /lib)
         tried /usr/lib/libq.so (default /usr/lib)",
    );
}
