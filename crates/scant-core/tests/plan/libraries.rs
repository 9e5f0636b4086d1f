//! Libraries opened at run time, variants for processors, and the other C libraries.

use crate::support::{check, check_faults, check_findings};

const SYS: &str = "
    /usr/sbin/app            elf x86_64 interp=/lib/ld.so needed=libc.so.6
    /usr/bin/script          mode=0755 \"#!/usr/sbin/app\\n\"
    /usr/lib/app/modules/m.so elf x86_64 soname=m.so needed=libm.so
    /lib/ld.so               loader glibc x86_64
    /lib/libc.so.6           elf x86_64 soname=libc.so.6
    /lib/libm.so             elf x86_64 soname=libm.so
    /lib/libnss_dns.so.2     -> libnss.so
    /lib/libnss.so           elf x86_64 soname=libnss_dns.so.2 needed=libm.so
    ";

#[test]
fn libraries_are_opened_by_soname_and_by_path() {
    check(
        "
        binaries:
          - from: SYS/usr/sbin/app
            libraries: [libnss_dns.so.2, /usr/lib/app/modules/m.so]
        ",
        &[("SYS", SYS)],
        "
        /lib/                                        parent directory of /lib/ld.so
        /lib/ld.so                         SYS 0755  interpreter of /usr/sbin/app
        /lib/libc.so.6                     SYS 0755  needed by /usr/sbin/app as libc.so.6, found in the loader's default directory /lib
        /lib/libm.so                       SYS 0755  needed by /lib/libnss.so as libm.so, found in the loader's default directory /lib
                                                     and needed by /usr/lib/app/modules/m.so as libm.so, found in the loader's default directory /lib
        /lib/libnss.so                     SYS 0755  opened at run time by /usr/sbin/app as libnss_dns.so.2, found in the loader's default directory /lib
        /lib/libnss_dns.so.2 -> libnss.so  SYS       link on the way to /lib/libnss.so
        /usr/                                        parent directory of /usr/lib/app/modules/m.so
        /usr/lib/                                    parent directory of /usr/lib/app/modules/m.so
        /usr/lib/app/                                parent directory of /usr/lib/app/modules/m.so
        /usr/lib/app/modules/                        parent directory of /usr/lib/app/modules/m.so
        /usr/lib/app/modules/m.so          SYS 0755  opened at run time by /usr/sbin/app as /usr/lib/app/modules/m.so, named by its path
        /usr/sbin/                                   parent directory of /usr/sbin/app
        /usr/sbin/app                      SYS 0755  binaries:2
        ",
    );
}

#[test]
fn libraries_of_a_script_are_opened_by_its_interpreter() {
    check(
        "
        binaries:
          - {from: SYS/usr/bin/script, libraries: [libm.so]}
        ",
        &[("SYS", SYS)],
        "
        /lib/                      parent directory of /lib/ld.so
        /lib/ld.so       SYS 0755  interpreter of /usr/sbin/app
        /lib/libc.so.6   SYS 0755  needed by /usr/sbin/app as libc.so.6, found in the loader's default directory /lib
        /lib/libm.so     SYS 0755  opened at run time by /usr/sbin/app as libm.so, found in the loader's default directory /lib
        /usr/                      parent directory of /usr/bin/script
        /usr/bin/                  parent directory of /usr/bin/script
        /usr/bin/script  SYS 0755  binaries:2
        /usr/sbin/                 parent directory of /usr/sbin/app
        /usr/sbin/app    SYS 0755  interpreter of the script /usr/bin/script
        ",
    );
}

#[test]
fn a_library_that_is_not_there_to_be_opened_is_missing() {
    check_faults(
        "
        binaries:
          - {from: SYS/usr/sbin/app, libraries: [libgone.so.1]}
        ",
        &[("SYS", SYS)],
        "
        2: library `libgone.so.1` was not found; opened at run time by /usr/sbin/app
            tried /lib/libgone.so.1 (in the loader's default directory /lib): no such file or directory
            tried /usr/lib/libgone.so.1 (in the loader's default directory /usr/lib): no such file or directory
        ",
    );
}

const NOTES: &str = r#"
    /bin/app      elf x86_64 interp=/lib/ld.so needed=libx.so
    /bin/tool     elf x86_64 interp=/lib/ld.so needed=libx.so
    /lib/ld.so    loader glibc x86_64
    /lib/libx.so  elf x86_64 soname=libx.so dlopen="[{\"soname\":[\"libreq.so.2\",\"libreq.so.1\"],\"priority\":\"required\"},{\"soname\":[\"libmay.so.1\"],\"priority\":\"suggested\",\"feature\":\"tpm\",\"description\":\"support for TPMs\"}]"
    /lib/libreq.so.1 elf x86_64 soname=libreq.so.1
    /lib/libmay.so.1 elf x86_64 soname=libmay.so.1
    "#;

#[test]
fn required_dlopen_notes_are_closed_over() {
    check("binaries: [SYS/bin/app]", &[("SYS", NOTES)], "
        /bin/                       parent directory of /bin/app
        /bin/app          SYS 0755  binaries:1
        /lib/                       parent directory of /lib/ld.so
        /lib/ld.so        SYS 0755  interpreter of /bin/app
        /lib/libreq.so.1  SYS 0755  asked for by the dlopen note of /lib/libx.so as libreq.so.1, found in the loader's default directory /lib
        /lib/libx.so      SYS 0755  needed by /bin/app as libx.so, found in the loader's default directory /lib
        ");
}

#[test]
fn other_dlopen_notes_are_suggestions_told_once() {
    check_findings(
        "
        binaries:
          - SYS/bin/app
          - SYS/bin/tool
        ",
        &[("SYS", NOTES)],
        "
        2: suggestion: /lib/libx.so opens libmay.so.1 at run time (support for TPMs): suggested
            libraries: [libmay.so.1]
        ",
    );
}

#[test]
fn all_variants_for_newer_processors_are_taken() {
    check(
        "binaries: [SYS/bin/app]",
        &[(
            "SYS",
            "
            /bin/app       elf x86_64 interp=/lib/ld.so needed=libz.so
            /lib/ld.so     loader glibc x86_64
            /lib/libz.so   elf x86_64 soname=libz.so
            /lib/glibc-hwcaps/x86-64-v3/libz.so elf x86_64 soname=libz.so needed=libv3.so
            /lib/libv3.so  elf x86_64 soname=libv3.so
            ",
        )],
        "
        /bin/                                          parent directory of /bin/app
        /bin/app                             SYS 0755  binaries:1
        /lib/                                          parent directory of /lib/glibc-hwcaps/x86-64-v3/libz.so
        /lib/glibc-hwcaps/                             parent directory of /lib/glibc-hwcaps/x86-64-v3/libz.so
        /lib/glibc-hwcaps/x86-64-v3/                   parent directory of /lib/glibc-hwcaps/x86-64-v3/libz.so
        /lib/glibc-hwcaps/x86-64-v3/libz.so  SYS 0755  needed by /bin/app as libz.so, found in the loader's default directory /lib
        /lib/ld.so                           SYS 0755  interpreter of /bin/app
        /lib/libv3.so                        SYS 0755  needed by /lib/glibc-hwcaps/x86-64-v3/libz.so as libv3.so, found in the loader's default directory /lib
        /lib/libz.so                         SYS 0755  needed by /bin/app as libz.so, found in the loader's default directory /lib
        ",
    );
}

#[test]
fn musl_has_no_libc_but_its_loader() {
    check(
        "binaries: [SYS/bin/app]",
        &[(
            "SYS",
            "
            /bin/app                  elf x86_64 interp=/lib/ld-musl-x86_64.so.1 needed=libz.so.1,libc.so
            /lib/ld-musl-x86_64.so.1  -> libc.so
            /lib/libc.so              loader musl x86_64
            /usr/lib/libz.so.1        elf x86_64 soname=libz.so.1 needed=libc.so
            ",
        )],
        "
        /bin/                                          parent directory of /bin/app
        /bin/app                             SYS 0755  binaries:1
        /lib/                                          parent directory of /lib/ld-musl-x86_64.so.1
        /lib/ld-musl-x86_64.so.1 -> libc.so  SYS       link on the way to /lib/libc.so
        /lib/libc.so                         SYS 0755  interpreter of /bin/app
                                                       and needed by /bin/app as libc.so, which is the loader itself
                                                       and needed by /usr/lib/libz.so.1 as libc.so, which is the loader itself
        /usr/                                          parent directory of /usr/lib/libz.so.1
        /usr/lib/                                      parent directory of /usr/lib/libz.so.1
        /usr/lib/libz.so.1                   SYS 0755  needed by /bin/app as libz.so.1, found in the loader's default directory /usr/lib
        ",
    );
}

#[test]
fn the_path_file_of_musl_comes_when_something_was_found_through_it() {
    check(
        "binaries: [SYS/bin/app]",
        &[(
            "SYS",
            "
            /bin/app                  elf x86_64 interp=/lib/ld-musl-x86_64.so.1 needed=libz.so.1
            /lib/ld-musl-x86_64.so.1  loader musl x86_64
            /etc/ld-musl-x86_64.path  \"/lib:/opt/lib\\n\"
            /opt/lib/libz.so.1        elf x86_64 soname=libz.so.1
            ",
        )],
        "
        /bin/                               parent directory of /bin/app
        /bin/app                  SYS 0755  binaries:1
        /etc/                               parent directory of /etc/ld-musl-x86_64.path
        /etc/ld-musl-x86_64.path  SYS 0644  list of directories of the loader /lib/ld-musl-x86_64.so.1 as /etc/ld-musl-x86_64.path, named by its path
        /lib/                               parent directory of /lib/ld-musl-x86_64.so.1
        /lib/ld-musl-x86_64.so.1  SYS 0755  interpreter of /bin/app
        /opt/                               parent directory of /opt/lib/libz.so.1
        /opt/lib/                           parent directory of /opt/lib/libz.so.1
        /opt/lib/libz.so.1        SYS 0755  needed by /bin/app as libz.so.1, found in /opt/lib, listed in the loader's path file
        ",
    );
}

#[test]
fn uclibc_looks_beside_its_loader() {
    check(
        "binaries: [SYS/bin/app]",
        &[(
            "SYS",
            "
            /bin/app                   elf mips interp=/lib32/ld-uClibc.so.0 needed=libc.so.1
            /lib32/ld-uClibc.so.0      loader uclibc mips
            /lib32/libc.so.1           elf mips soname=libc.so.1
            ",
        )],
        "
        /bin/                            parent directory of /bin/app
        /bin/app               SYS 0755  binaries:1
        /lib32/                          parent directory of /lib32/ld-uClibc.so.0
        /lib32/ld-uClibc.so.0  SYS 0755  interpreter of /bin/app
        /lib32/libc.so.1       SYS 0755  needed by /bin/app as libc.so.1, found beside the loader
        ",
    );
}

#[test]
fn a_library_that_is_needed_by_two_names_has_both() {
    check(
        "binaries: [SYS/bin/app]",
        &[(
            "SYS",
            "
            /bin/app      elf x86_64 interp=/lib/ld.so needed=libz.so,libz.so.1,libhard.so
            /lib/ld.so    loader glibc x86_64
            /lib/libz.so  elf x86_64
            /lib/libz.so.1 -> libz.so
            /lib/libhard.so hardlink /lib/libz.so
            ",
        )],
        "
        /bin/                                parent directory of /bin/app
        /bin/app                   SYS 0755  binaries:1
        /lib/                                parent directory of /lib/ld.so
        /lib/ld.so                 SYS 0755  interpreter of /bin/app
        /lib/libhard.so            SYS 0755  needed by /bin/app as libhard.so, found in the loader's default directory /lib
        /lib/libz.so               SYS 0755  needed by /bin/app as libz.so, found in the loader's default directory /lib
                                             and needed by /bin/app as libz.so.1, found in the loader's default directory /lib
        /lib/libz.so.1 -> libz.so  SYS       link on the way to /lib/libz.so
        ",
    );
}
