//! Symbol versions, checked after everything is loaded.

use crate::support::check;

#[track_caller]
fn wants(verneed: &str, library: &str, missing: &str) {
    check(
        &format!(
            "/bin/app     elf x86_64 interp=/ld.so needed=libx.so.1 {verneed}
             /lib/libx.so.1 elf x86_64 soname=libx.so.1 {library}"
        ),
        "/bin/app",
        &format!("libx.so.1 -> /lib/libx.so.1 (needed by /bin/app; default /lib)\n{missing}"),
    );
}

#[test]
fn a_version_that_is_defined_is_there() {
    wants("verneed=libx.so.1:X_1,X_2", "verdef=X_1,X_2,X_3", "");
}

#[test]
fn a_version_that_is_not_defined_is_missing() {
    wants(
        "verneed=libx.so.1:X_1,X_3",
        "verdef=X_1,X_2",
        "VERSION X_3 of /lib/libx.so.1 MISSING (wanted by /bin/app)",
    );
}

#[test]
fn a_library_without_any_versions_is_accepted() {
    wants("verneed=libx.so.1:X_1", "", "");
}

#[test]
fn a_weak_version_may_be_missing() {
    wants("verneed-weak=libx.so.1:X_9", "verdef=X_1", "");
}

#[test]
fn the_search_is_not_repeated_for_a_better_library() {
    check(
        "/bin/app       elf x86_64 interp=/ld.so needed=libx.so.1 runpath=/old:/new verneed=libx.so.1:X_2
         /old/libx.so.1 elf x86_64 verdef=X_1
         /new/libx.so.1 elf x86_64 verdef=X_1,X_2",
        "/bin/app",
        "libx.so.1 -> /old/libx.so.1 (needed by /bin/app; RUNPATH /old)
         VERSION X_2 of /old/libx.so.1 MISSING (wanted by /bin/app)",
    );
}

#[test]
fn the_object_that_was_loaded_under_the_name_is_asked() {
    check(
        "/bin/app     elf x86_64 interp=/ld.so needed=libx.so,libuser.so
         /lib/libx.so elf x86_64 soname=libx.so.5 verdef=X_1
         /lib/libuser.so elf x86_64 needed=libx.so.5 verneed=libx.so.5:X_2",
        "/bin/app",
        "libx.so -> /lib/libx.so (needed by /bin/app; default /lib)
         libuser.so -> /lib/libuser.so (needed by /bin/app; default /lib)
         libx.so.5 -> /lib/libx.so (needed by /lib/libuser.so; default /lib)
         VERSION X_2 of /lib/libx.so MISSING (wanted by /lib/libuser.so)",
    );
}

#[test]
fn markers_of_the_c_library_are_versions_too() {
    wants(
        "verneed=libx.so.1:GLIBC_ABI_DT_RELR",
        "verdef=GLIBC_2.34",
        "VERSION GLIBC_ABI_DT_RELR of /lib/libx.so.1 MISSING (wanted by /bin/app)",
    );
}

#[test]
fn musl_checks_no_versions() {
    check(
        "/lib/ld-musl-x86_64.so.1 loader musl x86_64
         /bin/app     elf x86_64 interp=/lib/ld-musl-x86_64.so.1 needed=libx.so.1 verneed=libx.so.1:X_2
         /lib/libx.so.1 elf x86_64 verdef=X_1",
        "/bin/app",
        "/lib/ld-musl-x86_64.so.1 -> /lib/ld-musl-x86_64.so.1 (interpreter of /bin/app)
         libx.so.1 -> /lib/libx.so.1 (needed by /bin/app; default /lib)",
    );
}
