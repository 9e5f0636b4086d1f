//! `$ORIGIN`, `$LIB` and `$PLATFORM` in run paths, names and variables.

use crate::support::{Case, check};

#[test]
fn origin_of_the_program_is_where_it_really_lies() {
    check(
        "/bin/app          -> ../opt/app/bin/app
         /opt/app/bin/app  elf x86_64 interp=/ld.so needed=libx.so runpath=$ORIGIN/../lib
         /opt/app/lib/libx.so elf x86_64",
        "/bin/app",
        "libx.so -> /opt/app/bin/../lib/libx.so (needed by /bin/app; RUNPATH $ORIGIN/../lib)",
    );
}

#[test]
fn origin_of_a_library_is_where_it_was_found() {
    check(
        "/bin/app         elf x86_64 interp=/ld.so needed=liba.so runpath=/link
         /link/liba.so    -> ../real/liba.so
         /real/liba.so    elf x86_64 needed=libx.so runpath=$ORIGIN
         /real/libx.so    elf x86_64
         /link/libx.so    elf x86_64",
        "/bin/app",
        "liba.so -> /link/liba.so (needed by /bin/app; RUNPATH /link)
         libx.so -> /link/libx.so (needed by /link/liba.so; RUNPATH $ORIGIN)",
    );
}

#[test]
fn tokens_have_braces_or_end_where_no_letter_follows() {
    check(
        "/opt/app        elf x86_64 interp=/ld.so needed=liba.so,libb.so runpath=${ORIGIN}x:$ORIGINx
         /optx/liba.so   elf x86_64
         /$ORIGINx/libb.so elf x86_64",
        "/opt/app",
        "liba.so -> /optx/liba.so (needed by /opt/app; RUNPATH ${ORIGIN}x)
         libb.so -> /$ORIGINx/libb.so (needed by /opt/app; RUNPATH $ORIGINx)",
    );
}

#[test]
fn lib_is_what_the_loader_was_built_with() {
    check(
        "/ld.so        loader glibc x86_64 debian
         /bin/app      elf x86_64 interp=/ld.so needed=libx.so runpath=/opt/$LIB
         /opt/lib/x86_64-linux-gnu/libx.so elf x86_64",
        "/bin/app",
        "libx.so -> /opt/lib/x86_64-linux-gnu/libx.so (needed by /bin/app; RUNPATH /opt/$LIB)",
    );
    check(
        "/ld.so        loader glibc x86_64 dirs=/lib64/,/usr/lib64/ lib=lib64
         /bin/app      elf x86_64 interp=/ld.so needed=libx.so runpath=/opt/${LIB}
         /opt/lib64/libx.so elf x86_64",
        "/bin/app",
        "libx.so -> /opt/lib64/libx.so (needed by /bin/app; RUNPATH /opt/${LIB})",
    );
}

#[test]
fn platform_depends_on_the_processor_so_every_value_counts() {
    check(
        "/bin/app            elf x86_64 interp=/ld.so needed=libx.so runpath=/p/$PLATFORM
         /p/haswell/libx.so  elf x86_64
         /p/x86_64/libx.so   elf x86_64",
        "/bin/app",
        "libx.so -> /p/x86_64/libx.so (needed by /bin/app; RUNPATH /p/$PLATFORM)
         libx.so -> /p/haswell/libx.so (needed by /bin/app; RUNPATH /p/$PLATFORM)",
    );
}

#[test]
fn what_one_platform_lacks_is_missing() {
    check(
        "/bin/app            elf x86_64 interp=/ld.so needed=libx.so runpath=/p/$PLATFORM
         /p/haswell/libx.so  elf x86_64",
        "/bin/app",
        "libx.so -> /p/haswell/libx.so (needed by /bin/app; RUNPATH /p/$PLATFORM)
         libx.so MISSING (needed by /bin/app)
         tried /p/x86_64/libx.so (RUNPATH /p/$PLATFORM)
         tried /lib/libx.so (default /lib)
         tried /usr/lib/libx.so (default /usr/lib)",
    );
}

#[test]
fn a_token_without_a_value_drops_its_element_alone() {
    check(
        "/lib/ld-linux-riscv64-lp64d.so.1  loader glibc riscv64
         /bin/app    elf riscv64 interp=/lib/ld-linux-riscv64-lp64d.so.1 needed=libx.so runpath=/p/$PLATFORM:/q
         /p/libx.so  elf riscv64
         /q/libx.so  elf riscv64",
        "/bin/app",
        "/lib/ld-linux-riscv64-lp64d.so.1 -> /lib/ld-linux-riscv64-lp64d.so.1 (interpreter of /bin/app)
         libx.so -> /q/libx.so (needed by /bin/app; RUNPATH /q)",
    );
}

#[test]
fn tokens_are_expanded_in_needed_names() {
    check(
        "/opt/bin/app      elf x86_64 interp=/ld.so needed=$ORIGIN/../lib/libx.so
         /opt/lib/libx.so  elf x86_64",
        "/opt/bin/app",
        "$ORIGIN/../lib/libx.so -> /opt/bin/../lib/libx.so (needed by /opt/bin/app; path)",
    );
}

#[test]
fn the_same_text_with_a_token_may_be_two_names() {
    check(
        "/bin/app    elf x86_64 interp=/ld.so needed=/a/liba.so,/b/libb.so
         /a/liba.so  elf x86_64 needed=$ORIGIN/libx.so
         /b/libb.so  elf x86_64 needed=$ORIGIN/libx.so
         /a/libx.so  elf x86_64
         /b/libx.so  elf x86_64",
        "/bin/app",
        "/a/liba.so -> /a/liba.so (needed by /bin/app; path)
         /b/libb.so -> /b/libb.so (needed by /bin/app; path)
         $ORIGIN/libx.so -> /a/libx.so (needed by /a/liba.so; path)
         $ORIGIN/libx.so -> /b/libx.so (needed by /b/libb.so; path)",
    );
}

#[test]
fn tokens_of_variables_are_relative_to_the_program() {
    let files = "/opt/bin/app      elf x86_64 interp=/ld.so needed=liba.so
                 /opt/lib/liba.so  elf x86_64 needed=libx.so
                 /opt/lib/libx.so  elf x86_64
                 /opt/lib/libp.so  elf x86_64";
    Case::new(files, "/opt/bin/app")
        .library_path("$ORIGIN/../lib")
        .preload("$ORIGIN/../lib/libp.so")
        .check(
            "$ORIGIN/../lib/libp.so -> /opt/bin/../lib/libp.so (LD_PRELOAD of /opt/bin/app; path)
             liba.so -> /opt/bin/../lib/liba.so (needed by /opt/bin/app; LD_LIBRARY_PATH $ORIGIN/../lib)
             libx.so -> /opt/bin/../lib/libx.so (needed by /opt/bin/../lib/liba.so; LD_LIBRARY_PATH $ORIGIN/../lib)",
        );
}
