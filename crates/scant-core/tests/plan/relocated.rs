//! Programs that lie elsewhere in the image than in their input.

use crate::support::{MANIFEST, check, check_faults};

const SYS: &str = "
    /build/out/bin/app       elf x86_64 interp=/lib/ld.so runpath=$ORIGIN/../lib needed=libown.so,libc.so.6
    /build/out/lib/libown.so -> libown.so.1
    /build/out/lib/libown.so.1 elf x86_64 soname=libown.so runpath=$ORIGIN/more needed=libmore.so
    /build/out/lib/more/libmore.so elf x86_64 soname=libmore.so
    /lib/ld.so               loader glibc x86_64
    /lib/libc.so.6           elf x86_64 soname=libc.so.6
    ";

#[test]
fn libraries_beside_a_moved_program_land_where_the_loader_will_look() {
    check("binaries: [\"SYS/build/out/bin/app:/opt/app/bin/app\"]", &[("SYS", SYS)], "
        /lib/                                                                 parent directory of /lib/ld.so
        /lib/ld.so                    SYS 0755                                interpreter of /opt/app/bin/app
        /lib/libc.so.6                SYS 0755                                needed by /opt/app/bin/app as libc.so.6, found in the loader's default directory /lib
        /opt/                                                                 parent directory of /opt/app/bin/app
        /opt/app/                                                             parent directory of /opt/app/bin/app
        /opt/app/bin/                                                         parent directory of /opt/app/bin/app
        /opt/app/bin/app              SYS/build/out/bin/app 0755              binaries:1
        /opt/app/lib/                                                         parent directory of /opt/app/lib/libown.so
        /opt/app/lib/libown.so        SYS/build/out/lib/libown.so.1 0755      needed by /opt/app/bin/app as libown.so, found through RUNPATH $ORIGIN/../lib of /opt/app/bin/app
        /opt/app/lib/more/                                                    parent directory of /opt/app/lib/more/libmore.so
        /opt/app/lib/more/libmore.so  SYS/build/out/lib/more/libmore.so 0755  needed by /opt/app/lib/libown.so as libmore.so, found through RUNPATH $ORIGIN/more of /opt/app/lib/libown.so
        ");
}

#[test]
fn libraries_of_a_moved_program_are_taken_from_data_first() {
    check(
        "
        binaries: [\"SYS/build/out/bin/app:/opt/app/bin/app\"]
        data: [\"SYS/build/out/lib:/opt/app/lib\"]
        ",
        &[("SYS", SYS)],
        "
        /lib/                                                                          parent directory of /lib/ld.so
        /lib/ld.so                             SYS 0755                                interpreter of /opt/app/bin/app
        /lib/libc.so.6                         SYS 0755                                needed by /opt/app/bin/app as libc.so.6, found in the loader's default directory /lib
        /opt/                                                                          parent directory of /opt/app/bin/app
        /opt/app/                                                                      parent directory of /opt/app/bin/app
        /opt/app/bin/                                                                  parent directory of /opt/app/bin/app
        /opt/app/bin/app                       SYS/build/out/bin/app 0755              binaries:1
        /opt/app/lib/                          SYS/build/out/lib                       data:2
        /opt/app/lib/libown.so -> libown.so.1  SYS/build/out/lib/libown.so             data:2
                                                                                       and link on the way to /opt/app/lib/libown.so.1
        /opt/app/lib/libown.so.1               SYS/build/out/lib/libown.so.1 0755      data:2
                                                                                       and needed by /opt/app/bin/app as libown.so, found through RUNPATH $ORIGIN/../lib of /opt/app/bin/app
                                                                                       and target of the link /opt/app/lib/libown.so
        /opt/app/lib/more/                     SYS/build/out/lib/more                  data:2
        /opt/app/lib/more/libmore.so           SYS/build/out/lib/more/libmore.so 0755  data:2
                                                                                       and needed by /opt/app/lib/libown.so.1 as libmore.so, found through RUNPATH $ORIGIN/more of /opt/app/lib/libown.so.1
        ",
    );
}

#[test]
fn a_program_beside_the_manifest_finds_what_lies_beside_it() {
    check(
        "binaries: [\"./out/app:/app\"]",
        &[
            ("SYS", "/lib/ld.so loader glibc x86_64\n/lib/libc.so.6 elf x86_64 soname=libc.so.6"),
            (
                MANIFEST,
                "
                /out/app elf x86_64 interp=/lib/ld.so runpath=$ORIGIN needed=libown.so,libc.so.6
                /out/libown.so elf x86_64 soname=libown.so
                ",
            ),
        ],
        "
        /app            manifest/out/app 0755        binaries:1
        /lib/                                        parent directory of /lib/ld.so
        /lib/ld.so      SYS 0755                     interpreter of /app
        /lib/libc.so.6  SYS 0755                     needed by /app as libc.so.6, found in the loader's default directory /lib
        /libown.so      manifest/out/libown.so 0755  needed by /app as libown.so, found through RUNPATH $ORIGIN of /app
        ",
    );
}

#[test]
fn a_run_path_without_origin_names_the_same_directory_everywhere() {
    check(
        "binaries: [\"SYS/build/app:/app\"]",
        &[(
            "SYS",
            "
            /build/app        elf x86_64 interp=/lib/ld.so rpath=/opt/lib needed=libown.so
            /opt/lib/libown.so elf x86_64 soname=libown.so
            /lib/ld.so        loader glibc x86_64
            ",
        )],
        "
        /app                SYS/build/app 0755  binaries:1
        /lib/                                   parent directory of /lib/ld.so
        /lib/ld.so          SYS 0755            interpreter of /app
        /opt/                                   parent directory of /opt/lib/libown.so
        /opt/lib/                               parent directory of /opt/lib/libown.so
        /opt/lib/libown.so  SYS 0755            needed by /app as libown.so, found through RPATH /opt/lib of /app
        ",
    );
}

#[test]
fn what_a_moved_program_misses_is_told_by_the_paths_of_the_image() {
    check_faults(
        "binaries: [\"SYS/build/app:/app\"]",
        &[(
            "SYS",
            "
            /build/app   elf x86_64 interp=/lib/ld.so runpath=$ORIGIN/lib needed=libown.so
            /lib/ld.so   loader glibc x86_64
            ",
        )],
        "
        1: library `libown.so` was not found; needed by /app
            tried //lib/libown.so (through RUNPATH $ORIGIN/lib of /app): no such file or directory
            tried /lib/libown.so (in the loader's default directory /lib): no such file or directory
            tried /usr/lib/libown.so (in the loader's default directory /usr/lib): no such file or directory
        ",
    );
}
