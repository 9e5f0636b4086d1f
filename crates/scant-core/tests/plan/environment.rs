//! The image's own surroundings count: variables, working directory, preload file.

use crate::support::{check, check_faults, check_findings};

const SYS: &str = "
    /bin/app           elf x86_64 interp=/lib/ld.so needed=libz.so
    /bin/rel           elf x86_64 interp=/lib/ld.so needed=sub/librel.so
    /lib/ld.so         loader glibc x86_64
    /lib/libz.so       elf x86_64 soname=libz.so
    /opt/lib/libz.so   elf x86_64 soname=libz.so
    /lib/libpre.so     elf x86_64 soname=libpre.so
    /srv/sub/librel.so elf x86_64 soname=librel.so
    /etc/ld.so.preload \"libpre.so # always\\n\"
    ";

#[test]
fn ld_library_path_of_the_image_counts() {
    check(
        "
        binaries: [SYS/bin/app]
        image: {env: {LD_LIBRARY_PATH: /opt/lib}}
        ",
        &[("SYS", SYS)],
        "
        /bin/                       parent directory of /bin/app
        /bin/app          SYS 0755  binaries:1
        /lib/                       parent directory of /lib/ld.so
        /lib/ld.so        SYS 0755  interpreter of /bin/app
        /opt/                       parent directory of /opt/lib/libz.so
        /opt/lib/                   parent directory of /opt/lib/libz.so
        /opt/lib/libz.so  SYS 0755  needed by /bin/app as libz.so, found through LD_LIBRARY_PATH /opt/lib
        ",
    );
}

#[test]
fn ld_library_path_counts_not_for_what_gains_privileges() {
    check(
        "
        binaries: [{from: SYS/bin/app, mode: \"4755\"}]
        image: {env: {LD_LIBRARY_PATH: /opt/lib}}
        ",
        &[("SYS", SYS)],
        "
        /bin/                   parent directory of /bin/app
        /bin/app      SYS 4755  binaries:1
        /lib/                   parent directory of /lib/ld.so
        /lib/ld.so    SYS 0755  interpreter of /bin/app
        /lib/libz.so  SYS 0755  needed by /bin/app as libz.so, found in the loader's default directory /lib
        ",
    );
}

#[test]
fn ld_preload_of_the_image_counts() {
    check(
        "
        binaries: [SYS/bin/app]
        image: {env: {LD_PRELOAD: libpre.so}}
        ",
        &[("SYS", SYS)],
        "
        /bin/                     parent directory of /bin/app
        /bin/app        SYS 0755  binaries:1
        /lib/                     parent directory of /lib/ld.so
        /lib/ld.so      SYS 0755  interpreter of /bin/app
        /lib/libpre.so  SYS 0755  preloaded (LD_PRELOAD) for /bin/app as libpre.so, found in the loader's default directory /lib
        /lib/libz.so    SYS 0755  needed by /bin/app as libz.so, found in the loader's default directory /lib
        ",
    );
}

#[test]
fn a_preload_that_is_not_there_is_told_once() {
    check_findings(
        "
        binaries: [SYS/bin/app, {from: SYS/bin/app, to: /bin/app2}]
        image: {env: {LD_PRELOAD: libgone.so}}
        ",
        &[("SYS", SYS)],
        "
        1: warning: LD_PRELOAD names `libgone.so`, which was not found
        ",
    );
}

#[test]
fn relative_names_start_at_the_working_directory() {
    check(
        "
        binaries: [SYS/bin/rel]
        image: {workdir: /srv}
        ",
        &[("SYS", SYS)],
        "
        /bin/                         parent directory of /bin/rel
        /bin/rel            SYS 0755  binaries:1
        /lib/                         parent directory of /lib/ld.so
        /lib/ld.so          SYS 0755  interpreter of /bin/rel
        /srv/                         parent directory of /srv/sub/librel.so
        /srv/sub/                     parent directory of /srv/sub/librel.so
        /srv/sub/librel.so  SYS 0755  needed by /bin/rel as sub/librel.so, named by its path
        ",
    );
}

#[test]
fn relative_names_start_at_the_root_otherwise() {
    check_faults(
        "binaries: [SYS/bin/rel]",
        &[("SYS", SYS)],
        "
        1: library `sub/librel.so` was not found; needed by /bin/rel
            tried /sub/librel.so (named by its path): no such file or directory
        ",
    );
}

#[test]
fn a_preload_file_counts_when_it_is_declared() {
    check(
        "
        binaries: [SYS/bin/app]
        data: [SYS/etc/ld.so.preload]
        ",
        &[("SYS", SYS)],
        "
        /bin/                         parent directory of /bin/app
        /bin/app            SYS 0755  binaries:1
        /etc/                         parent directory of /etc/ld.so.preload
        /etc/ld.so.preload  SYS 0644  data:2
        /lib/                         parent directory of /lib/ld.so
        /lib/ld.so          SYS 0755  interpreter of /bin/app
        /lib/libpre.so      SYS 0755  preloaded (/etc/ld.so.preload) for /bin/app as libpre.so, found in the loader's default directory /lib
        /lib/libz.so        SYS 0755  needed by /bin/app as libz.so, found in the loader's default directory /lib
        ",
    );
}

#[test]
fn a_preload_file_of_the_input_counts_not() {
    check("binaries: [SYS/bin/app]", &[("SYS", SYS)], "
        /bin/                   parent directory of /bin/app
        /bin/app      SYS 0755  binaries:1
        /lib/                   parent directory of /lib/ld.so
        /lib/ld.so    SYS 0755  interpreter of /bin/app
        /lib/libz.so  SYS 0755  needed by /bin/app as libz.so, found in the loader's default directory /lib
        ");
}
