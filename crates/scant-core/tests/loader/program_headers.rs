//! Files are read by their program headers, as loaders read them.

use crate::support::check;

#[track_caller]
fn is_read(words: &str) {
    check(
        &format!(
            "/bin/app     elf x86_64 interp=/ld.so needed=libx.so
             /lib/libx.so elf x86_64 soname=libx.so needed=liby.so {words}
             /lib/liby.so elf x86_64"
        ),
        "/bin/app",
        "libx.so -> /lib/libx.so (needed by /bin/app; default /lib)
         liby.so -> /lib/liby.so (needed by /lib/libx.so; default /lib)",
    );
}

#[test]
fn section_headers_may_be_absent_or_garbage() {
    is_read("");
    is_read("sections=real");
    is_read("sections=garbage");
}

#[test]
fn the_dynamic_section_is_found_by_its_address() {
    is_read("dynamic-offset=0");
    is_read("dynamic-offset=0xffffffff");
}

#[test]
fn unknown_tags_are_passed_over() {
    is_read("tag:0x6ffffef0=7 tag:0x7fffffff0=9");
}

#[test]
fn entries_after_the_end_do_not_count() {
    check(
        "/bin/app     elf x86_64 interp=/ld.so needed=libx.so tag:0=0 needed=liby.so
         /lib/libx.so elf x86_64",
        "/bin/app",
        "error: damaged ELF file: the dynamic section has no string table",
    );
}

#[test]
fn a_name_outside_the_file_makes_it_damaged() {
    check(
        "/bin/app elf x86_64 interp=/ld.so tag:1=0xffffffff",
        "/bin/app",
        "error: damaged ELF file: a needed name has no end",
    );
}
