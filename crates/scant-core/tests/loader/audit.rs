//! `DT_AUDIT` and `DT_DEPAUDIT` of the program.

use crate::support::check;

#[test]
fn audit_libraries_come_first_each_with_a_namespace_of_its_own() {
    // liba.so is loaded once for the audit library, and once for the program.
    check(
        "/bin/app      elf x86_64 interp=/ld.so needed=liba.so audit=libaud.so
         /lib/libaud.so elf x86_64 needed=liba.so runpath=/other
         /other/liba.so elf x86_64
         /lib/liba.so  elf x86_64",
        "/bin/app",
        "libaud.so -> /lib/libaud.so (audits /bin/app; default /lib)
         liba.so -> /lib/liba.so (needed by /bin/app; default /lib)
         liba.so -> /other/liba.so (needed by /lib/libaud.so; RUNPATH /other)",
    );
}

#[test]
fn there_is_one_loader_in_all_namespaces_but_each_must_find_it() {
    let files =
        "/bin/app       elf x86_64 interp=/ld.so needed=ld-linux-x86-64.so.2 audit=libaud.so
                 /lib/libaud.so elf x86_64 needed=ld-linux-x86-64.so.2";
    check(
        files,
        "/bin/app",
        "libaud.so -> /lib/libaud.so (audits /bin/app; default /lib)
         ld-linux-x86-64.so.2 -> /ld.so (needed by /bin/app; path)
         ld-linux-x86-64.so.2 MISSING (needed by /lib/libaud.so)
         tried /lib/ld-linux-x86-64.so.2 (default /lib)
         tried /usr/lib/ld-linux-x86-64.so.2 (default /usr/lib)",
    );
    check(
        &format!("{files}\n/lib/ld-linux-x86-64.so.2 -> /ld.so"),
        "/bin/app",
        "libaud.so -> /lib/libaud.so (audits /bin/app; default /lib)
         ld-linux-x86-64.so.2 -> /ld.so (needed by /bin/app; path)
         ld-linux-x86-64.so.2 -> /lib/ld-linux-x86-64.so.2 (needed by /lib/libaud.so; default /lib)",
    );
}

#[test]
fn the_program_s_run_path_is_searched_for_audit_libraries() {
    check(
        "/bin/app      elf x86_64 interp=/ld.so audit=libx.so:/opt/liby.so depaudit=libz.so runpath=/a
         /a/libx.so    elf x86_64
         /a/libz.so    elf x86_64
         /opt/liby.so  elf x86_64",
        "/bin/app",
        "libx.so -> /a/libx.so (audits /bin/app; RUNPATH /a)
         /opt/liby.so -> /opt/liby.so (audits /bin/app; path)
         libz.so -> /a/libz.so (audits /bin/app; RUNPATH /a)",
    );
}

#[test]
fn audit_entries_of_libraries_are_not_looked_at() {
    check(
        "/bin/app      elf x86_64 interp=/ld.so needed=liba.so
         /lib/liba.so  elf x86_64 audit=libaud.so
         /lib/libaud.so elf x86_64",
        "/bin/app",
        "liba.so -> /lib/liba.so (needed by /bin/app; default /lib)",
    );
}
