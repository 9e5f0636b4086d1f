//! Links on the way: those of the manifest are followed, those of an input come along.

use crate::support::{MANIFEST, check, check_faults, check_findings};

const SPLIT: &str = "
    /bin/app            elf x86_64 interp=/lib/ld.so needed=libz.so.1
    /lib/ld.so          loader glibc x86_64
    /lib/libz.so.1      -> libz.so.1.2
    /lib/libz.so.1.2    elf x86_64 soname=libz.so.1
    ";

const MERGED: &str = "
    /bin                    -> usr/bin
    /lib                    -> usr/lib
    /lib64                  -> usr/lib64
    /usr/bin/app            elf x86_64 interp=/lib64/ld.so needed=libz.so.1
    /usr/lib64/ld.so        loader glibc x86_64
    /usr/lib/libz.so.1      -> libz.so.1.2
    /usr/lib/libz.so.1.2    elf x86_64 soname=libz.so.1
    ";

#[test]
fn a_declared_directory_link_is_followed_when_placing() {
    check(
        "
        binaries: [SYS/bin/app]
        symlinks: [\"/usr/lib:/lib\"]
        ",
        &[("SYS", SPLIT)],
        "
        /bin/                                                        parent directory of /bin/app
        /bin/app                           SYS 0755                  binaries:1
        /lib -> /usr/lib                                             symlinks:2
                                                                     and link on the way to /usr/lib/ld.so
                                                                     and link on the way to /usr/lib/libz.so.1.2
        /usr/                                                        parent directory of /usr/lib/ld.so
        /usr/lib/                                                    parent directory of /usr/lib/ld.so
        /usr/lib/ld.so                     SYS/lib/ld.so 0755        interpreter of /bin/app
        /usr/lib/libz.so.1 -> libz.so.1.2  SYS/lib/libz.so.1         link on the way to /usr/lib/libz.so.1.2
        /usr/lib/libz.so.1.2               SYS/lib/libz.so.1.2 0755  needed by /bin/app as libz.so.1, found in the loader's default directory /lib
        ",
    );
}

#[test]
fn the_links_of_a_merged_input_come_along() {
    check("binaries: [SYS/bin/app]", &[("SYS", MERGED)], "
        /bin -> usr/bin                    SYS       link on the way to /usr/bin/app
        /lib -> usr/lib                    SYS       link on the way to /usr/lib/libz.so.1.2
        /lib64 -> usr/lib64                SYS       link on the way to /usr/lib64/ld.so
        /usr/                                        parent directory of /usr/bin/app
        /usr/bin/                                    parent directory of /usr/bin/app
        /usr/bin/app                       SYS 0755  binaries:1
        /usr/lib/                                    parent directory of /usr/lib/libz.so.1
        /usr/lib/libz.so.1 -> libz.so.1.2  SYS       link on the way to /usr/lib/libz.so.1.2
        /usr/lib/libz.so.1.2               SYS 0755  needed by /usr/bin/app as libz.so.1, found in the loader's default directory /lib
        /usr/lib64/                                  parent directory of /usr/lib64/ld.so
        /usr/lib64/ld.so                   SYS 0755  interpreter of /usr/bin/app
        ");
}

#[test]
fn links_of_an_input_that_nothing_goes_through_stay_behind() {
    check("binaries: [SYS/usr/bin/app]", &[("SYS", MERGED)], "
        /lib -> usr/lib                    SYS       link on the way to /usr/lib/libz.so.1.2
        /lib64 -> usr/lib64                SYS       link on the way to /usr/lib64/ld.so
        /usr/                                        parent directory of /usr/bin/app
        /usr/bin/                                    parent directory of /usr/bin/app
        /usr/bin/app                       SYS 0755  binaries:1
        /usr/lib/                                    parent directory of /usr/lib/libz.so.1
        /usr/lib/libz.so.1 -> libz.so.1.2  SYS       link on the way to /usr/lib/libz.so.1.2
        /usr/lib/libz.so.1.2               SYS 0755  needed by /usr/bin/app as libz.so.1, found in the loader's default directory /lib
        /usr/lib64/                                  parent directory of /usr/lib64/ld.so
        /usr/lib64/ld.so                   SYS 0755  interpreter of /usr/bin/app
        ");
}

#[test]
fn a_declared_link_may_spell_the_link_of_the_input_otherwise() {
    check(
        "
        binaries: [SYS/bin/app]
        symlinks: [\"/usr/lib:/lib\", \"/usr/bin:/bin\"]
        ",
        &[("SYS", MERGED)],
        "
        /bin -> /usr/bin                             symlinks:2
                                                     and link on the way to /usr/bin/app
        /lib -> /usr/lib                             symlinks:2
                                                     and link on the way to /usr/lib/libz.so.1.2
        /lib64 -> usr/lib64                SYS       link on the way to /usr/lib64/ld.so
        /usr/                                        parent directory of /usr/bin/app
        /usr/bin/                                    parent directory of /usr/bin/app
        /usr/bin/app                       SYS 0755  binaries:1
        /usr/lib/                                    parent directory of /usr/lib/libz.so.1
        /usr/lib/libz.so.1 -> libz.so.1.2  SYS       link on the way to /usr/lib/libz.so.1.2
        /usr/lib/libz.so.1.2               SYS 0755  needed by /usr/bin/app as libz.so.1, found in the loader's default directory /lib
        /usr/lib64/                                  parent directory of /usr/lib64/ld.so
        /usr/lib64/ld.so                   SYS 0755  interpreter of /usr/bin/app
        ",
    );
}

#[test]
fn a_real_directory_may_be_declared_where_the_input_has_a_link() {
    check(
        "
        binaries: [SYS/bin/app]
        directories: [/lib, /bin]
        ",
        &[("SYS", MERGED)],
        "
        /bin/                                                        directories:2
        /bin/app                       SYS/usr/bin/app 0755          binaries:1
        /lib/                                                        directories:2
        /lib/libz.so.1 -> libz.so.1.2  SYS/usr/lib/libz.so.1         link on the way to /lib/libz.so.1.2
        /lib/libz.so.1.2               SYS/usr/lib/libz.so.1.2 0755  needed by /bin/app as libz.so.1, found in the loader's default directory /lib
        /lib64 -> usr/lib64            SYS                           link on the way to /usr/lib64/ld.so
        /usr/                                                        parent directory of /usr/lib64/ld.so
        /usr/lib64/                                                  parent directory of /usr/lib64/ld.so
        /usr/lib64/ld.so               SYS 0755                      interpreter of /bin/app
        ",
    );
}

#[test]
fn a_chain_of_soname_links_comes_along_link_by_link() {
    check(
        "binaries: [SYS/bin/app]",
        &[(
            "SYS",
            "
            /bin/app             elf x86_64 interp=/lib/ld.so needed=libz.so
            /lib/ld.so           -> ld-2.41.so
            /lib/ld-2.41.so      loader glibc x86_64
            /lib/libz.so         -> /etc/alternatives/libz
            /etc/alternatives/libz -> ../../lib/libz.so.1
            /lib/libz.so.1       -> libz.so.1.2
            /lib/libz.so.1.2     elf x86_64 soname=libz.so.1
            ",
        )],
        "
        /bin/                                                    parent directory of /bin/app
        /bin/app                                       SYS 0755  binaries:1
        /etc/                                                    parent directory of /etc/alternatives/libz
        /etc/alternatives/                                       parent directory of /etc/alternatives/libz
        /etc/alternatives/libz -> ../../lib/libz.so.1  SYS       link on the way to /lib/libz.so.1.2
        /lib/                                                    parent directory of /lib/ld-2.41.so
        /lib/ld-2.41.so                                SYS 0755  interpreter of /bin/app
        /lib/ld.so -> ld-2.41.so                       SYS       link on the way to /lib/ld-2.41.so
        /lib/libz.so -> /etc/alternatives/libz         SYS       link on the way to /lib/libz.so.1.2
        /lib/libz.so.1 -> libz.so.1.2                  SYS       link on the way to /lib/libz.so.1.2
        /lib/libz.so.1.2                               SYS 0755  needed by /bin/app as libz.so, found in the loader's default directory /lib
        ",
    );
}

#[test]
fn a_link_that_would_leave_a_moved_directory_is_replaced_by_what_it_points_at() {
    check(
        "
        binaries: [SYS/bin/app]
        symlinks: [\"/opt/deep/lib:/lib\"]
        ",
        &[(
            "SYS",
            "
            /bin/app          elf x86_64 interp=/lib/ld.so needed=libz.so.1
            /lib/ld.so        loader glibc x86_64
            /lib/libz.so.1    -> ../vendor/libz.so.1
            /vendor/libz.so.1 elf x86_64 soname=libz.so.1
            ",
        )],
        "
        /bin/                                               parent directory of /bin/app
        /bin/app                 SYS 0755                   binaries:1
        /lib -> /opt/deep/lib                               symlinks:2
                                                            and link on the way to /opt/deep/lib/ld.so
                                                            and link on the way to /opt/deep/lib/libz.so.1
        /opt/                                               parent directory of /opt/deep/lib/ld.so
        /opt/deep/                                          parent directory of /opt/deep/lib/ld.so
        /opt/deep/lib/                                      parent directory of /opt/deep/lib/ld.so
        /opt/deep/lib/ld.so      SYS/lib/ld.so 0755         interpreter of /bin/app
        /opt/deep/lib/libz.so.1  SYS/vendor/libz.so.1 0755  needed by /bin/app as libz.so.1, found in the loader's default directory /lib
        ",
    );
}

#[test]
fn a_declared_link_is_where_the_loader_looks_too() {
    check(
        "
        binaries: [SYS/bin/app]
        symlinks: [\"/usr/lib:/lib\"]
        ",
        &[(
            "SYS",
            "
            /bin/app              elf x86_64 interp=/lib/ld.so needed=libz.so.1
            /usr/lib/ld.so        loader glibc x86_64 
            /usr/lib/libz.so.1    -> libz.so.1.2
            /usr/lib/libz.so.1.2  elf x86_64 soname=libz.so.1
            ",
        )],
        "
        /bin/                                        parent directory of /bin/app
        /bin/app                           SYS 0755  binaries:1
        /lib -> /usr/lib                             symlinks:2
        /usr/                                        parent directory of /usr/lib/ld.so
        /usr/lib/                                    parent directory of /usr/lib/ld.so
        /usr/lib/ld.so                     SYS 0755  interpreter of /bin/app
        /usr/lib/libz.so.1 -> libz.so.1.2  SYS       link on the way to /usr/lib/libz.so.1.2
        /usr/lib/libz.so.1.2               SYS 0755  needed by /bin/app as libz.so.1, found in the loader's default directory /lib
        ",
    );
}

#[test]
fn declared_links_lead_through_declared_links() {
    check(
        "
        data: [\"./x:/a/b/file\"]
        symlinks: [\"/one:/a\", \"/two:/one\"]
        ",
        &[(MANIFEST, "/x \"\"")],
        "
        /a -> /one                     symlinks:2
                                       and link on the way to /two/b/file
        /one -> /two                   symlinks:2
                                       and link on the way to /two/b/file
        /two/                          parent directory of /two/b/file
        /two/b/                        parent directory of /two/b/file
        /two/b/file   manifest/x 0644  data:1
        ",
    );
}

#[test]
fn a_link_below_a_declared_link_lands_where_that_leads() {
    check(
        "symlinks: [\"/usr/lib:/lib\", \"x.so:/lib/y.so\"]",
        &[],
        "
        /lib -> /usr/lib         symlinks:1
                                 and link on the way to /usr/lib/y.so
        /usr/                    parent directory of /usr/lib/y.so
        /usr/lib/                parent directory of /usr/lib/y.so
        /usr/lib/y.so -> x.so    symlinks:1
        ",
    );
}

#[test]
fn declared_links_in_a_circle_are_refused_where_something_goes_through() {
    check_faults(
        "
        data: [\"./x:/a/file\"]
        symlinks: [\"/b:/a\", \"/a:/b\"]
        ",
        &[(MANIFEST, "/x \"\"")],
        "
        1: `/a/file` cannot be placed: links of the image lead in a circle
        ",
    );
}

#[test]
fn links_of_an_input_in_a_circle_are_refused() {
    check_faults(
        "data: [SYS/a/file]",
        &[("SYS", "/a -> b\n/b -> a")],
        "
        1: input SYS has no usable `/a/file`: `/a`: too many levels of symbolic links
        ",
    );
}

#[test]
fn nothing_lies_below_a_file() {
    check_faults(
        "
        data:
          - ./x:/etc/conf
          - ./x:/etc/conf/more
          - ./x:/link/more
        symlinks:
          - /etc/conf:/link
        ",
        &[(MANIFEST, "/x \"\"")],
        "
        3: `/etc/conf/more` cannot be placed: `/etc/conf` is not a directory
        4: `/link/more` cannot be placed: `/etc/conf` is not a directory
        ",
    );
}

#[test]
fn two_roots_of_different_shape_meet_at_the_link() {
    check(
        "
        binaries:
          - ONE/bin/app
          - TWO/bin/tool
        ",
        &[
            ("ONE", MERGED),
            (
                "TWO",
                "
                /bin/tool         elf x86_64 interp=/lib64/ld.so needed=libtool.so
                /lib/libtool.so   elf x86_64 soname=libtool.so
                ",
            ),
        ],
        "
        /bin -> usr/bin                    ONE                      link on the way to /usr/bin/app
                                                                    and link on the way to /usr/bin/tool
        /lib -> usr/lib                    ONE                      link on the way to /usr/lib/libz.so.1.2
                                                                    and link on the way to /usr/lib/libtool.so
        /lib64 -> usr/lib64                ONE                      link on the way to /usr/lib64/ld.so
        /usr/                                                       parent directory of /usr/bin/app
        /usr/bin/                                                   parent directory of /usr/bin/app
        /usr/bin/app                       ONE 0755                 binaries:2
        /usr/bin/tool                      TWO/bin/tool 0755        binaries:3
        /usr/lib/                                                   parent directory of /usr/lib/libtool.so
        /usr/lib/libtool.so                TWO/lib/libtool.so 0755  needed by /usr/bin/tool as libtool.so, found in the loader's default directory /lib
        /usr/lib/libz.so.1 -> libz.so.1.2  ONE                      link on the way to /usr/lib/libz.so.1.2
        /usr/lib/libz.so.1.2               ONE 0755                 needed by /usr/bin/app as libz.so.1, found in the loader's default directory /lib
        /usr/lib64/                                                 parent directory of /usr/lib64/ld.so
        /usr/lib64/ld.so                   ONE 0755                 interpreter of /usr/bin/app
                                                                    and interpreter of /usr/bin/tool
        ",
    );
}

#[test]
fn a_declared_link_to_nothing_is_told() {
    check_findings(
        "
        binaries: [SYS/bin/app]
        symlinks:
          - /usr/bin/netcat:/usr/bin/nc
          - ../bin/app:/usr/app
          - /dev/stdout:/var/log/app.log
          - /proc/self/mounts:/etc/mtab
        ",
        &[("SYS", "/bin/app elf x86_64 static")],
        "
        3: warning: `/usr/bin/nc` points at `/usr/bin/netcat`, which is not in the image
        ",
    );
}

#[test]
fn a_declared_link_in_place_of_a_library_decides_what_the_loader_gets() {
    check(
        "
        binaries: [SYS/bin/app]
        symlinks: [\"libnew.so:/lib/libz.so.1\"]
        ",
        &[(
            "SYS",
            "
            /bin/app        elf x86_64 interp=/lib/ld.so needed=libz.so.1
            /lib/ld.so      loader glibc x86_64
            /lib/libz.so.1  elf x86_64 soname=libz.so.1
            /lib/libnew.so  elf x86_64 soname=libz.so.1
            ",
        )],
        "
        /bin/                                  parent directory of /bin/app
        /bin/app                     SYS 0755  binaries:1
        /lib/                                  parent directory of /lib/ld.so
        /lib/ld.so                   SYS 0755  interpreter of /bin/app
        /lib/libnew.so               SYS 0755  needed by /bin/app as libz.so.1, found in the loader's default directory /lib
        /lib/libz.so.1 -> libnew.so            symlinks:2
        ",
    );
}

#[test]
fn a_declared_link_in_place_of_a_library_must_lead_to_one() {
    check_faults(
        "
        binaries: [SYS/bin/app]
        symlinks: [\"libnew.so:/lib/libz.so.1\"]
        ",
        &[("SYS", SPLIT)],
        "
        1: library `libz.so.1` was not found; needed by /bin/app
            tried /lib/libz.so.1 (in the loader's default directory /lib): no such file or directory
            tried /usr/lib/libz.so.1 (in the loader's default directory /usr/lib): no such file or directory
        ",
    );
}

#[test]
fn a_file_and_a_link_that_are_declared_for_one_path_disagree() {
    check_faults(
        "
        binaries: [SYS/bin/sh]
        symlinks: [\"busybox:/bin/sh\"]
        ",
        &[("SYS", "/bin/sh elf x86_64 static")],
        "
        1 and 2: two declarations disagree on `/bin/sh`: a symbolic link to `busybox` or a file from SYS/bin/sh
        ",
    );
}

#[test]
fn a_declared_link_may_repeat_or_respell_the_link_of_the_input() {
    check(
        "
        binaries: [SYS/bin/sh, SYS/bin/ash]
        symlinks: [\"busybox:/bin/sh\", \"/bin/busybox:/bin/ash\"]
        ",
        &[("SYS", "/bin/busybox elf x86_64 static\n/bin/sh -> busybox\n/bin/ash -> busybox")],
        "
        /bin/                               parent directory of /bin/ash
        /bin/ash -> /bin/busybox            symlinks:2
                                            and link on the way to /bin/busybox
                                            and binaries:1
        /bin/busybox              SYS 0755  binaries:1
        /bin/sh -> busybox                  symlinks:2
                                            and link on the way to /bin/busybox
                                            and binaries:1
        ",
    );
}
