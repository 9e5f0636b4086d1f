//! Where declared files go.

use crate::support::{MANIFEST, check};

const SYS: &str = "
    /usr/bin/app    elf x86_64 static
    /bin            -> usr/bin
    /bin2           -> usr/bin
    /etc/link.conf  -> real.conf
    /etc/real.conf  \"x\"
    /share/a/b      \"b\"
    /share/c        \"c\"
    ";

#[test]
fn without_a_destination_the_path_is_kept_with_its_links() {
    check(
        "
        binaries: [SYS/bin/app]
        data: [SYS/etc/link.conf]
        ",
        &[("SYS", SYS)],
        "
        /bin -> usr/bin              SYS       link on the way to /usr/bin/app
        /etc/                                  parent directory of /etc/link.conf
        /etc/link.conf -> real.conf  SYS       link on the way to /etc/real.conf
                                               and data:2
        /etc/real.conf               SYS 0644  data:2
        /usr/                                  parent directory of /usr/bin/app
        /usr/bin/                              parent directory of /usr/bin/app
        /usr/bin/app                 SYS 0755  binaries:1
        ",
    );
}

#[test]
fn a_destination_that_repeats_the_path_is_no_other_destination() {
    check(
        "
        binaries: [\"SYS/bin/app:/bin/app\"]
        ",
        &[("SYS", SYS)],
        "
        /bin -> usr/bin  SYS       link on the way to /usr/bin/app
        /usr/                      parent directory of /usr/bin/app
        /usr/bin/                  parent directory of /usr/bin/app
        /usr/bin/app     SYS 0755  binaries:1
        ",
    );
}

#[test]
fn another_destination_takes_the_file_itself_and_no_links() {
    check(
        "
        binaries: [\"SYS/bin/app:/sbin/app\"]
        data: [\"SYS/etc/link.conf:/etc/app.conf\"]
        ",
        &[("SYS", SYS)],
        "
        /etc/                                  parent directory of /etc/app.conf
        /etc/app.conf  SYS/etc/real.conf 0644  data:2
        /sbin/                                 parent directory of /sbin/app
        /sbin/app      SYS/usr/bin/app 0755    binaries:1
        ",
    );
}

#[test]
fn a_slash_at_the_end_puts_a_file_into_the_directory() {
    check(
        "
        binaries: [\"SYS/bin/app:/sbin/\"]
        data: [\"SYS/etc/link.conf:/conf/\", \"./x:/\"]
        ",
        &[("SYS", SYS), (MANIFEST, "/x \"\"")],
        "
        /conf/                                   parent directory of /conf/link.conf
        /conf/link.conf  SYS/etc/real.conf 0644  data:2
        /sbin/                                   parent directory of /sbin/app
        /sbin/app        SYS/usr/bin/app 0755    binaries:1
        /x               manifest 0644           data:2
        ",
    );
}

#[test]
fn a_slash_at_the_end_changes_nothing_for_a_directory() {
    check(
        "data: [\"SYS/share:/usr/share/\", \"SYS/share/:/opt/share\"]",
        &[("SYS", SYS)],
        "
        /opt/                               parent directory of /opt/share
        /opt/share/     SYS/share           data:1
        /opt/share/a/   SYS/share/a         data:1
        /opt/share/a/b  SYS/share/a/b 0644  data:1
        /opt/share/c    SYS/share/c 0644    data:1
        /usr/                               parent directory of /usr/share
        /usr/share/     SYS/share           data:1
        /usr/share/a/   SYS/share/a         data:1
        /usr/share/a/b  SYS/share/a/b 0644  data:1
        /usr/share/c    SYS/share/c 0644    data:1
        ",
    );
}

#[test]
fn a_destination_goes_through_declared_links() {
    check(
        "
        binaries: [\"SYS/bin/app:/sbin/app\"]
        symlinks: [\"usr/sbin:/sbin\"]
        ",
        &[("SYS", SYS)],
        "
        /sbin -> usr/sbin                        symlinks:2
                                                 and link on the way to /usr/sbin/app
        /usr/                                    parent directory of /usr/sbin/app
        /usr/sbin/                               parent directory of /usr/sbin/app
        /usr/sbin/app      SYS/usr/bin/app 0755  binaries:1
        ",
    );
}

#[test]
fn the_root_may_be_the_destination_of_a_directory() {
    check(
        "data: [\"SYS/share:/\"]",
        &[("SYS", SYS)],
        "
        /a/   SYS/share/a         data:1
        /a/b  SYS/share/a/b 0644  data:1
        /c    SYS/share/c 0644    data:1
        ",
    );
}

#[test]
fn a_whole_input_may_be_data() {
    check(
        "data: [SYS/]",
        &[("SYS", SYS)],
        "
        /bin -> usr/bin              SYS       data:1
        /bin2 -> usr/bin             SYS       data:1
        /etc/                        SYS       data:1
        /etc/link.conf -> real.conf  SYS       data:1
        /etc/real.conf               SYS 0644  data:1
                                               and target of the link /etc/link.conf
        /share/                      SYS       data:1
        /share/a/                    SYS       data:1
        /share/a/b                   SYS 0644  data:1
        /share/c                     SYS 0644  data:1
        /usr/                        SYS       data:1
        /usr/bin/                    SYS       data:1
        /usr/bin/app                 SYS 0755  data:1
        ",
    );
}

#[test]
fn the_root_takes_files_by_their_names() {
    check(
        "data: [{from: ./x, to: /.}]",
        &[(MANIFEST, "/x \"\"")],
        "
        /x  manifest 0644  data:1
        ",
    );
}

#[test]
fn files_beside_the_manifest_keep_nothing_of_their_place() {
    check(
        "data: [\"./a/../x:/etc/x\", \"y/z:/etc/z\", \"y:/etc/y\"]",
        &[(MANIFEST, "/x \"\"\n/y/z \"\"\n/a/")],
        "
        /etc/                        parent directory of /etc/x
        /etc/x    manifest/x 0644    data:1
        /etc/y/   manifest/y         data:1
        /etc/y/z  manifest/y/z 0644  data:1
        /etc/z    manifest/y/z 0644  data:1
        ",
    );
}

#[test]
fn a_program_reached_through_a_link_in_its_last_component_comes_with_it() {
    check(
        "binaries: [SYS/bin/sh]",
        &[("SYS", "/bin/sh -> dash\n/bin/dash elf x86_64 static")],
        "
        /bin/                      parent directory of /bin/dash
        /bin/dash        SYS 0755  binaries:1
        /bin/sh -> dash  SYS       link on the way to /bin/dash
                                   and binaries:1
        ",
    );
}
