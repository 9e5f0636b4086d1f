//! The order of loading, which decides who is asked first.

use crate::support::check;

#[test]
fn loading_is_breadth_first() {
    // Depth first, libz.so would be looked for on behalf of liba.so.
    check(
        "/bin/app     elf x86_64 interp=/ld.so needed=liba.so,libb.so rpath=/l
         /l/liba.so   elf x86_64 needed=libc1.so runpath=/l
         /l/libc1.so  elf x86_64 needed=libz.so runpath=/za
         /l/libb.so   elf x86_64 needed=libz.so runpath=/zb
         /za/libz.so  elf x86_64
         /zb/libz.so  elf x86_64",
        "/bin/app",
        "liba.so -> /l/liba.so (needed by /bin/app; RPATH /l)
         libb.so -> /l/libb.so (needed by /bin/app; RPATH /l)
         libc1.so -> /l/libc1.so (needed by /l/liba.so; RUNPATH /l)
         libz.so -> /zb/libz.so (needed by /l/libb.so; RUNPATH /zb)
         libz.so -> /zb/libz.so (needed by /l/libc1.so; RUNPATH /zb of /l/libb.so)",
    );
}

#[test]
fn needed_auxiliary_and_filter_entries_keep_their_order() {
    check(
        "/bin/app      elf x86_64 interp=/ld.so needed=liba.so filter=libf.so auxiliary=libx.so needed=libb.so
         /lib/liba.so  elf x86_64
         /lib/libb.so  elf x86_64
         /lib/libf.so  elf x86_64
         /lib/libx.so  elf x86_64",
        "/bin/app",
        "liba.so -> /lib/liba.so (needed by /bin/app; default /lib)
         libf.so -> /lib/libf.so (filter of /bin/app; default /lib)
         libx.so -> /lib/libx.so (auxiliary of /bin/app; default /lib)
         libb.so -> /lib/libb.so (needed by /bin/app; default /lib)",
    );
}

#[test]
fn what_a_filter_needs_comes_before_what_siblings_need() {
    check(
        "/bin/app     elf x86_64 interp=/ld.so needed=liba.so,libb.so rpath=/l
         /l/liba.so   elf x86_64 filter=libf.so
         /l/libf.so   elf x86_64 needed=libz.so runpath=/zf
         /l/libb.so   elf x86_64 needed=libz.so runpath=/zb
         /zf/libz.so  elf x86_64
         /zb/libz.so  elf x86_64",
        "/bin/app",
        "liba.so -> /l/liba.so (needed by /bin/app; RPATH /l)
         libb.so -> /l/libb.so (needed by /bin/app; RPATH /l)
         libf.so -> /l/libf.so (filter of /l/liba.so; RPATH /l of /bin/app)
         libz.so -> /zf/libz.so (needed by /l/libf.so; RUNPATH /zf)
         libz.so -> /zf/libz.so (needed by /l/libb.so; RUNPATH /zf of /l/libf.so)",
    );
}

#[test]
fn a_filter_that_waits_already_is_moved_forward() {
    check(
        "/bin/app     elf x86_64 interp=/ld.so needed=liba.so,libb.so,libf.so rpath=/l
         /l/liba.so   elf x86_64 filter=libf.so
         /l/libf.so   elf x86_64 needed=libz.so runpath=/zf
         /l/libb.so   elf x86_64 needed=libz.so runpath=/zb
         /zf/libz.so  elf x86_64
         /zb/libz.so  elf x86_64",
        "/bin/app",
        "liba.so -> /l/liba.so (needed by /bin/app; RPATH /l)
         libb.so -> /l/libb.so (needed by /bin/app; RPATH /l)
         libf.so -> /l/libf.so (needed by /bin/app; RPATH /l)
         libf.so -> /l/libf.so (filter of /l/liba.so; RPATH /l of /bin/app)
         libz.so -> /zf/libz.so (needed by /l/libf.so; RUNPATH /zf)
         libz.so -> /zf/libz.so (needed by /l/libb.so; RUNPATH /zf of /l/libf.so)",
    );
}

#[test]
fn a_missing_auxiliary_is_passed_over_and_a_missing_filter_is_not() {
    check(
        "/bin/app elf x86_64 interp=/ld.so auxiliary=libx.so filter=libf.so",
        "/bin/app",
        "libf.so MISSING (filter of /bin/app)
         tried /lib/libf.so (default /lib)
         tried /usr/lib/libf.so (default /usr/lib)",
    );
}

#[test]
fn an_auxiliary_that_is_no_library_is_passed_over() {
    check(
        r#"/bin/app       elf x86_64 interp=/ld.so auxiliary=libx.so,liby.so
           /lib/libx.so   "no library"
           /lib/liby.so   elf x86_64 exec"#,
        "/bin/app",
        "",
    );
}

#[test]
fn libraries_may_need_each_other() {
    check(
        "/bin/app      elf x86_64 interp=/ld.so needed=liba.so
         /lib/liba.so  elf x86_64 needed=libb.so
         /lib/libb.so  elf x86_64 needed=liba.so",
        "/bin/app",
        "liba.so -> /lib/liba.so (needed by /bin/app; default /lib)
         libb.so -> /lib/libb.so (needed by /lib/liba.so; default /lib)
         liba.so -> /lib/liba.so (needed by /lib/libb.so; default /lib)",
    );
}
