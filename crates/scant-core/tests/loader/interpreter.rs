//! `PT_INTERP`, and programs that have none.

use crate::support::{Case, check};

#[test]
fn the_interpreter_is_opened_whether_or_not_anything_needs_it() {
    check(
        "/lib64/ld.so  -> ../usr/lib/ld.so
         /usr/lib/ld.so loader glibc x86_64
         /bin/app       elf x86_64 interp=/lib64/ld.so",
        "/bin/app",
        "/lib64/ld.so -> /lib64/ld.so (interpreter of /bin/app)",
    );
}

#[test]
fn a_missing_interpreter_is_reported_and_the_search_goes_on() {
    check(
        "/bin/app     elf aarch64 interp=/lib/ld-linux-aarch64.so.1 needed=libx.so
         /lib64/libx.so elf aarch64",
        "/bin/app",
        "libx.so -> /lib64/libx.so (needed by /bin/app; default /lib64)
         /lib/ld-linux-aarch64.so.1 MISSING (interpreter of /bin/app)
         tried /lib/ld-linux-aarch64.so.1 (path)",
    );
}

#[test]
fn an_interpreter_for_another_machine_is_refused() {
    check(
        "/lib/ld.so  loader glibc aarch64
         /bin/app    elf x86_64 interp=/lib/ld.so",
        "/bin/app",
        "/lib/ld.so MISSING (interpreter of /bin/app)
         stopped at /lib/ld.so: made for another machine (e_machine 183)",
    );
}

#[test]
fn an_interpreter_that_is_not_elf_is_refused() {
    check(
        r##"/lib/ld.so  "#!/bin/sh\n"
            /bin/app    elf x86_64 interp=/lib/ld.so"##,
        "/bin/app",
        "/lib/ld.so MISSING (interpreter of /bin/app)
         stopped at /lib/ld.so: not an ELF file",
    );
}

#[test]
fn a_relative_interpreter_starts_at_the_working_directory() {
    Case::new("/w/ld.so loader glibc x86_64\n/bin/app elf x86_64 interp=ld.so", "/bin/app")
        .directory("/w")
        .check("/w/ld.so -> /w/ld.so (interpreter of /bin/app)");
}

#[test]
fn an_interpreter_without_a_nul_at_its_end_is_refused_with_the_program() {
    check(
        "/bin/app elf x86_64 interp=/ld.so unterminated-interp",
        "/bin/app",
        "error: damaged ELF file: PT_INTERP does not end in a NUL byte",
    );
}

#[test]
fn an_empty_interpreter_is_refused_with_the_program() {
    check(
        r#"/bin/app elf x86_64 interp="""#,
        "/bin/app",
        "error: damaged ELF file: PT_INTERP is empty or longer than 4096 bytes",
    );
}

#[test]
fn the_interpreter_ends_at_its_first_nul() {
    check(r#"/bin/app elf x86_64 interp="/ld.so\0 and more""#, "/bin/app", "");
}

#[test]
fn a_program_with_program_headers_of_another_size_is_refused() {
    check(
        "/bin/app elf x86_64 interp=/ld.so phentsize=64",
        "/bin/app",
        "error: damaged ELF file: it has no program headers of the right size",
    );
}

#[test]
fn a_static_program_needs_nothing() {
    check("/bin/app elf x86_64 static", "/bin/app", "");
    check("/bin/app elf x86_64 static-pie", "/bin/app", "");
    Case::new("/bin/app elf x86_64 static\n/lib/libx.so elf x86_64", "/bin/app")
        .preload("libx.so")
        .loader("/ld.so")
        .check("");
}

#[test]
fn what_is_no_program_is_an_error() {
    check(r##"/bin/app "#!/bin/sh\n""##, "/bin/app", "error: not an ELF file");
    check("/bin/", "/bin", "error: `/bin`: not a regular file but a directory");
    check("/bin/", "/bin/app", "error: `/bin/app`: no such file or directory");
}
