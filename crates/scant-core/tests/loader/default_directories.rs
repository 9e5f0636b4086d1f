//! The directories compiled into glibc's loader, and how an object opts out of them.

use crate::support::check;

#[test]
fn the_default_directories_are_read_from_the_loader() {
    check(
        "/ld.so                         loader glibc x86_64 debian
         /bin/app                       elf x86_64 interp=/ld.so needed=libx.so,liby.so
         /lib64/libx.so                 elf x86_64
         /usr/lib/libx.so               elf x86_64
         /lib/x86_64-linux-gnu/liby.so  elf x86_64",
        "/bin/app",
        "libx.so -> /usr/lib/libx.so (needed by /bin/app; default /usr/lib)
         liby.so -> /lib/x86_64-linux-gnu/liby.so (needed by /bin/app; default /lib/x86_64-linux-gnu)",
    );
}

#[test]
fn a_loader_may_have_been_built_for_one_directory() {
    check(
        "/nix/store/g/lib/ld.so    loader glibc x86_64 dirs=/nix/store/g/lib/ cache=/nix/store/g/etc/ld.so.cache
         /bin/app                  elf x86_64 interp=/nix/store/g/lib/ld.so needed=libx.so,liby.so
         /nix/store/g/lib/libx.so  elf x86_64
         /lib/liby.so              elf x86_64",
        "/bin/app",
        "/nix/store/g/lib/ld.so -> /nix/store/g/lib/ld.so (interpreter of /bin/app)
         libx.so -> /nix/store/g/lib/libx.so (needed by /bin/app; default /nix/store/g/lib)
         liby.so MISSING (needed by /bin/app)
         tried /nix/store/g/lib/liby.so (default /nix/store/g/lib)",
    );
}

#[test]
fn without_a_loader_the_directories_are_those_upstream_builds() {
    check(
        "/bin/app          elf x86_64 interp=/lib64/ld-linux-x86-64.so.2 needed=libx.so,liby.so
         /usr/lib64/libx.so elf x86_64
         /lib/liby.so       elf x86_64",
        "/bin/app",
        "libx.so -> /usr/lib64/libx.so (needed by /bin/app; default /usr/lib64)
         /lib64/ld-linux-x86-64.so.2 MISSING (interpreter of /bin/app)
         tried /lib64/ld-linux-x86-64.so.2 (path)
         liby.so MISSING (needed by /bin/app)
         tried /lib64/liby.so (default /lib64)
         tried /usr/lib64/liby.so (default /usr/lib64)",
    );
}

#[test]
fn nodeflib_is_of_the_object_that_has_it() {
    check(
        "/bin/app      elf x86_64 interp=/ld.so needed=liba.so
         /lib/liba.so  elf x86_64 needed=libx.so,libb.so nodeflib runpath=/r
         /r/libb.so    elf x86_64 needed=liby.so
         /lib/libx.so  elf x86_64
         /lib/liby.so  elf x86_64",
        "/bin/app",
        "liba.so -> /lib/liba.so (needed by /bin/app; default /lib)
         libb.so -> /r/libb.so (needed by /lib/liba.so; RUNPATH /r)
         liby.so -> /lib/liby.so (needed by /r/libb.so; default /lib)
         libx.so MISSING (needed by /lib/liba.so)
         tried /r/libx.so (RUNPATH /r)",
    );
}

#[test]
fn nodeflib_hides_entries_of_the_cache_below_the_default_directories_only() {
    check(
        "/bin/app          elf x86_64 interp=/ld.so needed=libx.so,liby.so nodeflib
         /etc/ld.so.cache  cache new x86_64 libx.so=>/lib/libx.so liby.so=>/opt/liby.so
         /lib/libx.so      elf x86_64
         /opt/liby.so      elf x86_64",
        "/bin/app",
        "liby.so -> /opt/liby.so (needed by /bin/app; cache)
         libx.so MISSING (needed by /bin/app)",
    );
}
