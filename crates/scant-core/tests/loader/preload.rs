//! `LD_PRELOAD` and `/etc/ld.so.preload` with glibc.

use crate::support::{Case, check};

#[test]
fn preloaded_libraries_come_before_what_the_program_needs() {
    let files = r#"/bin/app      elf x86_64 interp=/ld.so needed=liba.so
                   /lib/liba.so  elf x86_64
                   /lib/libp.so  elf x86_64 needed=libd.so
                   /lib/libq.so  elf x86_64
                   /lib/libr.so  elf x86_64
                   /lib/libd.so  elf x86_64
                   /etc/ld.so.preload "/lib/libr.so\n""#;
    Case::new(files, "/bin/app").preload("libp.so:/lib/libq.so").check(
        "libp.so -> /lib/libp.so (LD_PRELOAD of /bin/app; default /lib)
         /lib/libq.so -> /lib/libq.so (LD_PRELOAD of /bin/app; path)
         /lib/libr.so -> /lib/libr.so (ld.so.preload of /bin/app; path)
         liba.so -> /lib/liba.so (needed by /bin/app; default /lib)
         libd.so -> /lib/libd.so (needed by /lib/libp.so; default /lib)",
    );
}

#[test]
fn preloaded_names_are_searched_for_on_behalf_of_the_program() {
    let files = "/bin/app   elf x86_64 interp=/ld.so runpath=/a
                 /a/libp.so elf x86_64";
    Case::new(files, "/bin/app")
        .preload("libp.so")
        .check("libp.so -> /a/libp.so (LD_PRELOAD of /bin/app; RUNPATH /a)");
}

#[test]
fn a_preloaded_library_answers_for_its_soname() {
    let files = "/bin/app     elf x86_64 interp=/ld.so needed=libx.so.1
                 /opt/fake.so elf x86_64 soname=libx.so.1
                 /lib/libx.so.1 elf x86_64";
    Case::new(files, "/bin/app").preload("/opt/fake.so").check(
        "/opt/fake.so -> /opt/fake.so (LD_PRELOAD of /bin/app; path)
         libx.so.1 -> /opt/fake.so (needed by /bin/app; path)",
    );
}

#[test]
fn the_preload_file_has_blanks_colons_lines_and_comments() {
    check(
        r##"/bin/app      elf x86_64 interp=/ld.so
           /lib/liba.so  elf x86_64
           /lib/libb.so  elf x86_64
           /lib/libc1.so elf x86_64
           /etc/ld.so.preload "# liba.so\nliba.so:libb.so # libx.so\n\tlibc1.so""##,
        "/bin/app",
        "liba.so -> /lib/liba.so (ld.so.preload of /bin/app; default /lib)
         libb.so -> /lib/libb.so (ld.so.preload of /bin/app; default /lib)
         libc1.so -> /lib/libc1.so (ld.so.preload of /bin/app; default /lib)",
    );
}

#[test]
fn the_preload_file_ends_at_a_nul_byte() {
    check(
        r#"/bin/app      elf x86_64 interp=/ld.so
           /lib/liba.so  elf x86_64
           /lib/libb.so  elf x86_64
           /etc/ld.so.preload "liba.so\0x libb.so""#,
        "/bin/app",
        "liba.so -> /lib/liba.so (ld.so.preload of /bin/app; default /lib)",
    );
}

#[test]
fn ld_preload_is_separated_by_blanks_and_colons() {
    let files = "/bin/app      elf x86_64 interp=/ld.so
                 /lib/liba.so  elf x86_64
                 /lib/libb.so  elf x86_64";
    Case::new(files, "/bin/app").preload(" liba.so  :libb.so:").check(
        "liba.so -> /lib/liba.so (LD_PRELOAD of /bin/app; default /lib)
         libb.so -> /lib/libb.so (LD_PRELOAD of /bin/app; default /lib)",
    );
}

/// The loader only says so and goes on, but whoever asked for it wants to know.
#[test]
fn a_missing_preloaded_library_is_reported() {
    Case::new("/bin/app elf x86_64 interp=/ld.so", "/bin/app").preload("/lib/libp.so").check(
        "/lib/libp.so MISSING (LD_PRELOAD of /bin/app)
         tried /lib/libp.so (path)",
    );
}
