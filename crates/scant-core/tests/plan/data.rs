//! Data: files, and directories with what is in them.

use crate::support::{check, check_faults, check_findings};

const SHARE: &str = "
    /usr/share/zoneinfo/Europe/Berlin   \"b\"
    /usr/share/zoneinfo/Europe/Paris    \"p\"
    /usr/share/zoneinfo/Asia/Tokyo      \"t\"
    /usr/share/zoneinfo/Asia/India/Goa  \"g\"
    /usr/share/zoneinfo/empty/
    /usr/share/zoneinfo/zone.tab        \"z\"
    ";

#[test]
fn a_directory_comes_with_all_that_is_in_it() {
    check(
        "data: [SYS/usr/share/zoneinfo]",
        &[("SYS", SHARE)],
        "
        /usr/                                         parent directory of /usr/share/zoneinfo
        /usr/share/                                   parent directory of /usr/share/zoneinfo
        /usr/share/zoneinfo/                SYS       data:1
        /usr/share/zoneinfo/Asia/           SYS       data:1
        /usr/share/zoneinfo/Asia/India/     SYS       data:1
        /usr/share/zoneinfo/Asia/India/Goa  SYS 0644  data:1
        /usr/share/zoneinfo/Asia/Tokyo      SYS 0644  data:1
        /usr/share/zoneinfo/Europe/         SYS       data:1
        /usr/share/zoneinfo/Europe/Berlin   SYS 0644  data:1
        /usr/share/zoneinfo/Europe/Paris    SYS 0644  data:1
        /usr/share/zoneinfo/empty/          SYS       data:1
        /usr/share/zoneinfo/zone.tab        SYS 0644  data:1
        ",
    );
}

#[test]
fn only_what_is_included_comes() {
    check(
        "
        data:
          - {from: SYS/usr/share/zoneinfo/, to: /tz/, include: [\"Europe/**\", \"*.tab\"], directory-mode: \"0750\"}
        ",
        &[("SYS", SHARE)],
        "
        /tz/               SYS/usr/share/zoneinfo 0750                data:2
        /tz/Europe/        SYS/usr/share/zoneinfo/Europe 0750         data:2
        /tz/Europe/Berlin  SYS/usr/share/zoneinfo/Europe/Berlin 0644  data:2
        /tz/Europe/Paris   SYS/usr/share/zoneinfo/Europe/Paris 0644   data:2
        /tz/zone.tab       SYS/usr/share/zoneinfo/zone.tab 0644       data:2
        ",
    );
}

#[test]
fn what_is_excluded_stays_behind_with_all_that_is_in_it() {
    check(
        "
        data:
          - {from: SYS/usr/share/zoneinfo/, to: /tz/, exclude: [\"Asia/\", \"**/Paris\", empty]}
        ",
        &[("SYS", SHARE)],
        "
        /tz/               SYS/usr/share/zoneinfo                     data:2
        /tz/Europe/        SYS/usr/share/zoneinfo/Europe              data:2
        /tz/Europe/Berlin  SYS/usr/share/zoneinfo/Europe/Berlin 0644  data:2
        /tz/zone.tab       SYS/usr/share/zoneinfo/zone.tab 0644       data:2
        ",
    );
}

#[test]
fn exclusion_comes_before_inclusion() {
    check(
        "
        data:
          - {from: SYS/usr/share/zoneinfo/, to: /tz/, include: [\"Asia/**\"], exclude: [\"**/India\"]}
        ",
        &[("SYS", SHARE)],
        "
        /tz/            SYS/usr/share/zoneinfo                  data:2
        /tz/Asia/       SYS/usr/share/zoneinfo/Asia             data:2
        /tz/Asia/Tokyo  SYS/usr/share/zoneinfo/Asia/Tokyo 0644  data:2
        ",
    );
}

#[test]
fn globs_that_match_nothing_are_told() {
    check_findings(
        "
        data:
          - {from: SYS/usr/share/zoneinfo/, include: [\"Africa/**\"]}
          - {from: SYS/usr/share/zoneinfo/, to: /tz/, include: [\"Europe/**\", \"America/**\"]}
        ",
        &[("SYS", SHARE)],
        "
        2: warning: nothing in `SYS/usr/share/zoneinfo` matches `Africa/**`
        3: warning: nothing in `SYS/usr/share/zoneinfo` matches `America/**`
        ",
    );
}

#[test]
fn a_directory_reached_through_links_lands_where_they_lead() {
    check(
        "data: [SYS/lib/conf]",
        &[("SYS", "/lib -> usr/lib\n/usr/lib/conf -> conf.d\n/usr/lib/conf.d/a \"a\"")],
        "
        /lib -> usr/lib          SYS       link on the way to /usr/lib/conf.d
        /usr/                              parent directory of /usr/lib/conf
        /usr/lib/                          parent directory of /usr/lib/conf
        /usr/lib/conf -> conf.d  SYS       link on the way to /usr/lib/conf.d
        /usr/lib/conf.d/         SYS       data:1
        /usr/lib/conf.d/a        SYS 0644  data:1
        ",
    );
}

#[test]
fn a_linked_directory_with_another_destination_is_copied() {
    check(
        "data: [\"SYS/lib/conf:/conf\"]",
        &[("SYS", "/lib -> usr/lib\n/usr/lib/conf -> conf.d\n/usr/lib/conf.d/a \"a\"")],
        "
        /conf/   SYS/usr/lib/conf.d         data:1
        /conf/a  SYS/usr/lib/conf.d/a 0644  data:1
        ",
    );
}

#[test]
fn special_files_in_a_directory_are_left_out_with_a_notice() {
    let input = [("SYS", "/var/spool/queue fifo\n/var/spool/a \"a\"")];
    check(
        "data: [SYS/var/spool]",
        &input,
        "
        /var/                   parent directory of /var/spool
        /var/spool/   SYS       data:1
        /var/spool/a  SYS 0644  data:1
        ",
    );
    check_findings(
        "data: [SYS/var/spool]",
        &input,
        "
        1: notice: `SYS/var/spool/queue` is a FIFO and was left out
        ",
    );
}

#[test]
fn nested_declarations_agree() {
    check(
        "
        data:
          - SYS/usr/share/zoneinfo/Asia
          - SYS/usr/share/zoneinfo/Asia/India
          - SYS/usr/share/zoneinfo/Asia/Tokyo
        ",
        &[("SYS", SHARE)],
        "
        /usr/                                         parent directory of /usr/share/zoneinfo/Asia
        /usr/share/                                   parent directory of /usr/share/zoneinfo/Asia
        /usr/share/zoneinfo/                          parent directory of /usr/share/zoneinfo/Asia
        /usr/share/zoneinfo/Asia/           SYS       data:2
        /usr/share/zoneinfo/Asia/India/     SYS       data:2
                                                      and data:3
        /usr/share/zoneinfo/Asia/India/Goa  SYS 0644  data:2
                                                      and data:3
        /usr/share/zoneinfo/Asia/Tokyo      SYS 0644  data:2
                                                      and data:4
        ",
    );
}

#[test]
fn data_goes_through_a_declared_link_inside_the_directory() {
    check(
        "
        data: [\"SYS/usr:/usr\"]
        symlinks: [\"/opt/share:/usr/share\"]
        ",
        &[("SYS", "/usr/share/doc/a \"a\"\n/usr/b \"b\"")],
        "
        /opt/                                               parent directory of /opt/share
        /opt/share/               SYS/usr/share             data:1
        /opt/share/doc/           SYS/usr/share/doc         data:1
        /opt/share/doc/a          SYS/usr/share/doc/a 0644  data:1
        /usr/                     SYS                       data:1
        /usr/b                    SYS 0644                  data:1
        /usr/share -> /opt/share                            symlinks:2
                                                            and link on the way to /opt/share
        ",
    );
}

#[test]
fn unreadable_parts_are_all_told() {
    check_faults(
        "data: [SYS/srv]",
        &[("SYS", "/srv/a/ mode=0000\n/srv/b/ mode=0000\n/srv/c mode=0000 \"\"\n/srv/d \"\"")],
        "
        1: input SYS has no usable `/srv/c`: permission denied
        1: input SYS has no usable `/srv/a`: permission denied
        1: input SYS has no usable `/srv/b`: permission denied
        ",
    );
}

#[test]
fn names_that_remove_files_in_a_layer_are_refused() {
    check_faults(
        "data: [SYS/srv]",
        &[("SYS", "/srv/.wh.a \"\"\n/srv/b/.wh..wh..opq \"\"")],
        "
        1: no layer can hold `/srv/.wh.a`: a name with `.wh.` in front removes a file
        1: no layer can hold `/srv/b/.wh..wh..opq`: a name with `.wh.` in front removes a file
        ",
    );
}

#[test]
fn a_deep_tree_is_walked() {
    let path: String = (0..100).map(|level| format!("/d{level}")).collect();
    let listing = format!("{path}/file \"\"");
    let manifest = "data: [{from: SYS/d0, include: [\"**/file\"]}]";
    assert_eq!(crate::support::planned(manifest, &[("SYS", &listing)]).tree.len(), 101);
}
